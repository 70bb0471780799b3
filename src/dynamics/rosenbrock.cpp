// SPDX-License-Identifier: MIT
// Compiled as C++17: before Boost 1.76 uBLAS uses members of allocators that C++20 has removed.
// The checks of uBLAS are off, because they throw if a matrix is singular; the result is NaN instead.
#define BOOST_UBLAS_NDEBUG 1
#include "memdyn/dynamics/rosenbrock.hpp"

#include <algorithm>
#include <boost/numeric/odeint/stepper/rosenbrock4.hpp>
#include <boost/numeric/odeint/util/ublas_wrapper.hpp>
#include <utility>

namespace memdyn::stepper {

namespace {
using Vector = boost::numeric::ublas::vector<double>;
using Matrix = boost::numeric::ublas::matrix<double>;
}  // namespace

struct Rosenbrock4::Odeint {
  std::size_t size = 0;
  boost::numeric::odeint::rosenbrock4<double, Rodas4P2> stepper;
  Vector x, out, error;
};

Rosenbrock4::Rosenbrock4() = default;
Rosenbrock4::~Rosenbrock4() = default;
Rosenbrock4::Rosenbrock4(Rosenbrock4&&) noexcept = default;
Rosenbrock4& Rosenbrock4::operator=(Rosenbrock4&&) noexcept = default;

void Rosenbrock4::step(const PlainRates& rates, std::size_t n, const double* x, const Linearised& begin, double t,
                       double* out, double h, double* error) {
  if (!odeint_ || odeint_->size != n) {  // odeint's stepper sets its size only once
    odeint_ = std::make_unique<Odeint>();
    odeint_->size = n;
    for (Vector* vector : {&odeint_->x, &odeint_->out, &odeint_->error}) vector->resize(n);
  }
  std::copy_n(x, n, odeint_->x.begin());
  bool known = true;  // the first stage evaluates f at the start, which is given
  const auto evaluate = [&](const Vector& at, Vector& dxdt, double time) {
    if (known) {
      std::copy_n(begin.dxdt, n, dxdt.begin());
    } else {
      rates.evaluate(rates.object, &at[0], &dxdt[0], time);
    }
    known = false;
  };
  const auto differentiate = [&](const Vector&, Matrix& jacobian, double, Vector& by_time) {
    std::copy_n(begin.jacobian, n * n, jacobian.data().begin());
    std::copy_n(begin.by_time, n, by_time.begin());
  };
  odeint_->stepper.do_step(std::make_pair(evaluate, differentiate), odeint_->x, t, odeint_->out, h, odeint_->error);
  std::copy(odeint_->out.begin(), odeint_->out.end(), out);
  std::copy(odeint_->error.begin(), odeint_->error.end(), error);
}

void Rosenbrock4::dense(double* bend, double* twist) {
  Odeint& made = *odeint_;
  made.stepper.prepare_dense_output();
  const Vector zero = boost::numeric::ublas::zero_vector<double>(made.size);
  const auto curve = [&](double theta) -> Vector {  // bend + θ twist
    made.stepper.calc_state(theta, made.out, zero, 0.0, zero, 1.0);
    return made.out / (theta * (1 - theta));
  };
  const Vector early = curve(0.25);
  const Vector late = curve(0.75);
  for (std::size_t j = 0; j < made.size; ++j) {
    twist[j] = 2 * (late[j] - early[j]);
    bend[j] = early[j] - 0.25 * twist[j];
  }
}

}  // namespace memdyn::stepper
