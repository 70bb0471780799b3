// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <boost/numeric/odeint/algebra/array_algebra.hpp>
#include <boost/numeric/odeint/algebra/default_operations.hpp>
#include <boost/numeric/odeint/algebra/range_algebra.hpp>
#include <boost/numeric/odeint/algebra/vector_space_algebra.hpp>
#include <boost/numeric/odeint/stepper/explicit_error_generic_rk.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <variant>
#include <vector>

#include "memdyn/dynamics/options.hpp"

namespace memdyn {

namespace stepper {

namespace odeint = boost::numeric::odeint;
/// How odeint walks over a state: a number or a pack as it is, a std::array or std::vector of them by element.
template <class State>
struct AlgebraOf {
  using Type = odeint::vector_space_algebra;
};
template <class T, std::size_t N>
struct AlgebraOf<std::array<T, N>> {
  using Type = odeint::array_algebra;
};
template <class T>
struct AlgebraOf<std::vector<T>> {
  using Type = odeint::range_algebra;
};
template <class State>
using Algebra = typename AlgebraOf<State>::Type;
using Operations = odeint::default_operations;  // always_resizer: the number of moving variables changes

/// One step of odeint's pairs in one form: from (x, dx/dt) at t to `out` and its derivative at t + h, and the embedded
/// estimate of the error. `control_order`: the error estimate of a step shrinks as h to this power. Time is a double,
/// or a pack: then each lane has a time and a step of its own.
template <class State, class Time = double>
class DormandPrince {
 public:
  static constexpr int control_order = 5;
  static constexpr int evaluations = 6;
  template <class System>
  void step(const System& f, const State& x, const State& dxdt, Time t, State& out, State& dxdt_out, Time h,
            State& error) {
    odeint_.do_step_impl(f, x, dxdt, t, out, dxdt_out, h, error);
  }

 private:
  odeint::runge_kutta_dopri5<State, Time, State, Time, Algebra<State>, Operations, odeint::always_resizer> odeint_;
};

/// A pair of order Order(Order - 1) that odeint has no class for, by its tableau.
template <std::size_t Stages, std::size_t Order, class State, class Time>
class ByTableau {
  using Odeint = odeint::explicit_error_generic_rk<Stages, Order, Order, Order - 1, State, Time, State, Time,
                                                   Algebra<State>, Operations, odeint::always_resizer>;

 public:
  static constexpr int control_order = Order;
  static constexpr int evaluations = Stages;
  template <class System>
  void step(const System& f, const State& x, const State& dxdt, Time t, State& out, State& dxdt_out, Time h,
            State& error) {
    odeint_.do_step_impl(f, x, dxdt, t, out, h, error);
    f(out, dxdt_out, t + h);
  }

 protected:
  using A = typename Odeint::coef_a_type;
  using B = typename Odeint::coef_b_type;
  using C = typename Odeint::coef_c_type;
  /// @param difference of the weights of both solutions
  ByTableau(const A& a, const B& weights, const B& difference, const C& nodes)
      : odeint_(a, weights, difference, nodes) {}

 private:
  Odeint odeint_;
};

/// Bogacki and Shampine 1989 (doi:10.1016/0893-9659(89)90079-7)
template <class State, class Time = double>
class BogackiShampine : public ByTableau<4, 3, State, Time> {
  using Base = ByTableau<4, 3, State, Time>;

 public:
  BogackiShampine()
      : Base(typename Base::A(boost::array<Time, 1>{{1.0 / 2}}, boost::array<Time, 2>{{0.0, 3.0 / 4}},
                              boost::array<Time, 3>{{2.0 / 9, 1.0 / 3, 4.0 / 9}}),
             {{2.0 / 9, 1.0 / 3, 4.0 / 9, 0.0}}, {{2.0 / 9 - 7.0 / 24, 1.0 / 3 - 1.0 / 4, 4.0 / 9 - 1.0 / 3, -1.0 / 8}},
             {{0.0, 1.0 / 2, 3.0 / 4, 1.0}}) {}
};

/// Heun's method with Euler's inside, order 2(1): for a drift that is constant throughout a step.
template <class State, class Time = double>
class HeunEuler : public ByTableau<2, 2, State, Time> {
  using Base = ByTableau<2, 2, State, Time>;

 public:
  HeunEuler() : Base(typename Base::A(boost::array<Time, 1>{{1.0}}), {{0.5, 0.5}}, {{-0.5, 0.5}}, {{0.0, 1.0}}) {}
};

/// Fehlberg's own estimate, 41/840 h (k1 + k11 - k12 - k13), vanishes where the drift depends on time alone, as under a
/// current-controlled drift. The error is therefore taken from two half steps.
template <class State, class Time = double>
class Fehlberg {
 public:
  static constexpr int control_order = 8;
  static constexpr int evaluations = 38;
  template <class System>
  void step(const System& f, const State& x, const State& dxdt, Time t, State& out, State& dxdt_out, Time h,
            State& error) {
    middle_ = halves_ = x;  // their sizes
    single(f, x, dxdt, t, middle_, h / 2, error);
    f(middle_, dxdt_out, t + h / 2);
    single(f, middle_, dxdt_out, t + h / 2, halves_, h / 2, error);
    single(f, x, dxdt, t, out, h, error);
    if constexpr (requires { out.begin(); }) {
      for (std::size_t j = 0; j < out.size(); ++j) error[j] = out[j] - halves_[j];
    } else {
      error = out - halves_;
    }
    f(out, dxdt_out, t + h);
  }

 private:
  /// One copy of the thirteen stages.
  template <class System>
  [[gnu::noinline]] void single(const System& f, const State& x, const State& dxdt, const Time& t, State& out,
                                const Time& h, State& error) {
    odeint_.do_step_impl(f, x, dxdt, t, out, h, error);
  }

  State middle_{}, halves_{};
  odeint::runge_kutta_fehlberg78<State, Time, State, Time, Algebra<State>, Operations, odeint::always_resizer> odeint_;
};

/// The right-hand side that Any steps: an object, and a function that is told of it. Good while the object is.
template <class State, class Time = double>
struct Rates {
  const void* object;
  void (*evaluate)(const void* object, const State& now, State& dxdt, const Time& at);
  void operator()(const State& now, State& dxdt, const Time& at) const { evaluate(object, now, dxdt, at); }
};

template <class State, class Time, class Function>
[[nodiscard]] Rates<State, Time> rates_of(const Function& function) {
  return {&function, [](const void* object, const State& now, State& dxdt, const Time& at) {
            (*static_cast<const Function*>(object))(now, dxdt, at);
          }};
}

/// One of the pairs, chosen at run time; compiled once for a kind of state, whatever the device.
template <class State, class Time = double>
class Any {
 public:
  explicit Any(Method method) {
    if (method == Method::bogacki_shampine32) {
      one_.template emplace<1>();
    } else if (method == Method::fehlberg78) {
      one_.template emplace<2>();
    }
  }
  [[nodiscard]] int control_order() const {
    return std::visit([]<class Stepper>(const Stepper&) { return Stepper::control_order; }, one_);
  }
  [[nodiscard]] int evaluations() const {
    return std::visit([]<class Stepper>(const Stepper&) { return Stepper::evaluations; }, one_);
  }
  [[gnu::noinline]] void step(const Rates<State, Time>& rates, const State& x, const State& dxdt, const Time& t,
                              State& out, State& dxdt_out, const Time& h, State& error) {
    std::visit([&](auto& stepper) { stepper.step(rates, x, dxdt, t, out, dxdt_out, h, error); }, one_);
  }

 private:
  std::variant<DormandPrince<State, Time>, BogackiShampine<State, Time>, Fehlberg<State, Time>> one_;
};

}  // namespace stepper
}  // namespace memdyn
