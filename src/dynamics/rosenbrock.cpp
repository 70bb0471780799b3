// SPDX-License-Identifier: MIT
// Compiled as C++17: before Boost 1.76 uBLAS uses what C++20 has taken out of the allocators.
// Without its checks, which throw where a matrix is singular; what is not a number then says so.
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

/// Where odeint's own have a wrong digit besides: d4 has the wrong sign (Boost 1.74 to 1.83), which makes the method
/// one of order 1 where f depends on time.
struct Rodas4P2 {
  static constexpr unsigned short stepper_order = 4;
  static constexpr unsigned short error_order = 3;
  const double gamma = 0.25;
  const double d1 = 0.25, d2 = -0.5, d3 = -0.189532918363016, d4 = 0.085612108792769;
  const double c2 = 0.75, c3 = 0.321448134013046, c4 = 0.519745732277726;
  const double a21 = 3.0;
  const double a31 = 0.906377755268814, a32 = -0.189707390391685;
  const double a41 = 3.758617027739064, a42 = 1.161741776019525, a43 = -0.849258085312803;
  const double a51 = 7.089566927282776, a52 = 4.573591406461604, a53 = -8.423496976860259, a54 = -0.959280113459775;
  const double c21 = -12.0;
  const double c31 = -6.354581592719008, c32 = 0.338972550544623;
  const double c41 = -8.575016317114033, c42 = -7.606483992117508, c43 = 12.22499765012482;
  const double c51 = -5.888975457523102, c52 = -8.157396617841821, c53 = 24.805546872612922, c54 = 12.790401512796979;
  const double c61 = -4.408651676063871, c62 = -6.692003137674639, c63 = 24.625568527593117, c64 = 16.627521966636085,
               c65 = -5.714285714285718;
  // of the dense output
  const double d21 = -5.323528268423303, d22 = -10.042123754867493, d23 = 17.175254928256965, d24 = -5.079931171878093,
               d25 = -0.016185991706112;
  const double d31 = 6.984505741529879, d32 = 6.914061169603662, d33 = -0.849178943070653, d34 = 18.104410789349338,
               d35 = -3.516963011559032;
};
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
  if (!odeint_ || odeint_->size != n) {  // odeint's sizes itself once only
    odeint_ = std::make_unique<Odeint>();
    odeint_->size = n;
    for (Vector* vector : {&odeint_->x, &odeint_->out, &odeint_->error}) vector->resize(n);
  }
  std::copy_n(x, n, odeint_->x.begin());
  bool known = true;  // the first stage asks for what is known
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
