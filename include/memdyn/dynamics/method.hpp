// SPDX-License-Identifier: MIT
#pragma once

#include <boost/numeric/odeint/algebra/default_operations.hpp>
#include <boost/numeric/odeint/algebra/range_algebra.hpp>
#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/stepper/explicit_error_generic_rk.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace memdyn {

/// The embedded Runge-Kutta pairs, by name:
///  - "dopri5": Dormand and Prince 1980, order 5(4)
///  - "bogacki-shampine32": Bogacki and Shampine 1989, order 3(2)
///  - "fehlberg78": Fehlberg 1968, order 8, its error by half steps
enum class Method { dopri5, bogacki_shampine32, fehlberg78 };
inline constexpr std::string_view method_names[] = {"dopri5", "bogacki-shampine32", "fehlberg78"};
[[nodiscard]] constexpr std::string_view name_of(Method method) { return method_names[static_cast<int>(method)]; }

namespace stepper {

namespace odeint = boost::numeric::odeint;
template <class State>
using Algebra = std::conditional_t<std::is_class_v<State>, odeint::range_algebra, odeint::vector_space_algebra>;
using Operations = odeint::default_operations;  // always_resizer: the number of moving variables changes

/// One step of odeint's pairs in one form: from (x, dx/dt) at t to `out` and its derivative at t + h, and the embedded
/// estimate of the error. `control_order`: the error estimate of a step shrinks as h to this power.
template <class State>
class DormandPrince {
 public:
  static constexpr int control_order = 5;
  static constexpr int evaluations = 6;
  template <class System>
  void step(const System& f, const State& x, const State& dxdt, double t, State& out, State& dxdt_out, double h,
            State& error) {
    odeint_.do_step_impl(f, x, dxdt, t, out, dxdt_out, h, error);
  }

 private:
  odeint::runge_kutta_dopri5<State, double, State, double, Algebra<State>, Operations, odeint::always_resizer> odeint_;
};

template <class State>
class BogackiShampine {
 public:
  static constexpr int control_order = 3;
  static constexpr int evaluations = 4;
  template <class System>
  void step(const System& f, const State& x, const State& dxdt, double t, State& out, State& dxdt_out, double h,
            State& error) {
    odeint_.do_step_impl(f, x, dxdt, t, out, h, error);
    f(out, dxdt_out, t + h);
  }

 private:
  using Odeint = odeint::explicit_error_generic_rk<4, 3, 3, 2, State, double, State, double, Algebra<State>, Operations,
                                                   odeint::always_resizer>;
  // Bogacki and Shampine 1989 (doi:10.1016/0893-9659(89)90079-7); the last row is the difference of both solutions
  using A = typename Odeint::coef_a_type;
  using B = typename Odeint::coef_b_type;
  using C = typename Odeint::coef_c_type;
  Odeint odeint_{A(boost::array<double, 1>{{1.0 / 2}}, boost::array<double, 2>{{0.0, 3.0 / 4}},
                   boost::array<double, 3>{{2.0 / 9, 1.0 / 3, 4.0 / 9}}),
                 B{{2.0 / 9, 1.0 / 3, 4.0 / 9, 0.0}},
                 B{{2.0 / 9 - 7.0 / 24, 1.0 / 3 - 1.0 / 4, 4.0 / 9 - 1.0 / 3, -1.0 / 8}},
                 C{{0.0, 1.0 / 2, 3.0 / 4, 1.0}}};
};

/// Fehlberg's own estimate, 41/840 h (k1 + k11 - k12 - k13), vanishes where the drift depends on time alone, as under a
/// current-controlled drift. The error is therefore taken from two half steps.
template <class State>
class Fehlberg {
 public:
  static constexpr int control_order = 8;
  static constexpr int evaluations = 38;
  template <class System>
  void step(const System& f, const State& x, const State& dxdt, double t, State& out, State& dxdt_out, double h,
            State& error) {
    middle_ = halves_ = x;  // their sizes
    odeint_.do_step_impl(f, x, dxdt, t, middle_, h / 2, error);
    f(middle_, dxdt_out, t + h / 2);
    odeint_.do_step_impl(f, middle_, dxdt_out, t + h / 2, halves_, h / 2, error);
    odeint_.do_step_impl(f, x, dxdt, t, out, h, error);
    if constexpr (std::is_class_v<State>) {
      for (std::size_t j = 0; j < out.size(); ++j) error[j] = out[j] - halves_[j];
    } else {
      error = out - halves_;
    }
    f(out, dxdt_out, t + h);
  }

 private:
  State middle_{}, halves_{};
  odeint::runge_kutta_fehlberg78<State, double, State, double, Algebra<State>, Operations, odeint::always_resizer>
      odeint_;
};

}  // namespace stepper
}  // namespace memdyn
