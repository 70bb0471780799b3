// SPDX-License-Identifier: MIT
// Compiled as C++17: before Boost 1.76 uBLAS uses what C++20 has taken out of the allocators.
#include "memdyn/dynamics/rosenbrock.hpp"

#include <algorithm>
#include <boost/numeric/odeint/stepper/rosenbrock4.hpp>
#include <boost/numeric/odeint/util/ublas_wrapper.hpp>
#include <utility>

namespace memdyn::stepper {

namespace {
using Vector = boost::numeric::ublas::vector<double>;
using Matrix = boost::numeric::ublas::matrix<double>;

/// RODAS's, of which odeint has d4 with the wrong sign (Boost 1.74 to 1.83): of order 1 where f depends on time.
struct Coefficients : boost::numeric::odeint::default_rosenbrock_coefficients<double> {
  const double d4 = -0.3620000000000023e-01;
};
}  // namespace

struct Rosenbrock4::Odeint {
  std::size_t size = 0;
  boost::numeric::odeint::rosenbrock4<double, Coefficients> stepper;
  Vector x, out, error;
};

Rosenbrock4::Rosenbrock4() = default;
Rosenbrock4::~Rosenbrock4() = default;
Rosenbrock4::Rosenbrock4(Rosenbrock4&&) noexcept = default;
Rosenbrock4& Rosenbrock4::operator=(Rosenbrock4&&) noexcept = default;

void Rosenbrock4::step(const StiffRates& rates, std::size_t n, const double* x, double t, double* out, double h,
                       double* error) {
  if (!odeint_ || odeint_->size != n) {  // odeint's sizes itself once only
    odeint_ = std::make_unique<Odeint>();
    odeint_->size = n;
    for (Vector* vector : {&odeint_->x, &odeint_->out, &odeint_->error}) vector->resize(n);
  }
  std::copy_n(x, n, odeint_->x.begin());
  const auto evaluate = [&](const Vector& at, Vector& dxdt, double time) {
    rates.evaluate(rates.object, &at[0], &dxdt[0], time);
  };
  const auto differentiate = [&](const Vector& at, Matrix& jacobian, double time, Vector& by_time) {
    rates.differentiate(rates.object, &at[0], time, &jacobian.data()[0], &by_time[0]);
  };
  odeint_->stepper.do_step(std::make_pair(evaluate, differentiate), odeint_->x, t, odeint_->out, h, odeint_->error);
  std::copy(odeint_->out.begin(), odeint_->out.end(), out);
  std::copy(odeint_->error.begin(), odeint_->error.end(), error);
}

}  // namespace memdyn::stepper
