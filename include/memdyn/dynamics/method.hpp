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
#include <span>
#include <variant>
#include <vector>

#include "memdyn/dynamics/dense_step.hpp"
#include "memdyn/dynamics/options.hpp"

namespace memdyn {

namespace stepper {

namespace odeint = boost::numeric::odeint;
/// The odeint algebra of a state: a number or a pack as a whole, a std::array or std::vector of them by element.
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

/// Number j of a state: its element, or the state itself if that is a number or a pack.
template <class State>
[[nodiscard]] auto& element(State& state, std::size_t j) {
  if constexpr (requires {
                  state[0];
                  state.begin();
                }) {
    return state[j];
  } else {
    return state;
  }
}

/// One end of a step: a state and its derivative.
template <class State>
struct End {
  const State& x;
  const State& dxdt;
};

/// odeint's pairs with one interface: `step` goes from (x, dx/dt) at t to `out` and its derivative at t + h, with the
/// embedded error estimate, which shrinks as h^control_order. Time is a double or a pack; with a pack each lane has a
/// time and a step of its own.
///
/// `dense` gives the first numbers of the state throughout the last step, as quintics. If `dense_to_order` is true,
/// their error is of the order of the error estimate, so the dense output is exact for every trajectory that the pair
/// integrates exactly.
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
  static constexpr bool dense_to_order = true;
  /// odeint's dense output, of order 4 and degree 5.
  template <class Out>
  void dense(const End<State>& begin, const End<State>& end, Time h, Out&& out) {
    origin_ = begin.x;  // for the size
    for (std::size_t j = 0; j < out.size(); ++j) element(origin_, j) = std::decay_t<decltype(element(origin_, j))>(0.0);
    early_ = late_ = origin_;
    // from state 0 over a unit of time: the change of the state divided by the length of the step
    odeint_.calc_state(Time(early), early_, origin_, begin.dxdt, Time(0.0), end.x, end.dxdt, Time(1.0));
    odeint_.calc_state(Time(late), late_, origin_, begin.dxdt, Time(0.0), end.x, end.dxdt, Time(1.0));
    for (std::size_t j = 0; j < out.size(); ++j) {
      const auto& x0 = element(begin.x, j);
      using T = std::decay_t<decltype(x0)>;
      const T rise0 = h * element(begin.dxdt, j);
      const T& x1 = element(end.x, j);
      const T rise1 = h * element(end.dxdt, j);
      const auto cubic = quintic(T(0.0), rise0, T(x1 - x0), rise1, T(0.0), T(0.0));
      const T at_early = (h * element(early_, j) - value_at(cubic, T(early))) * T(1 / (early * early * late * late));
      const T at_late = (h * element(late_, j) - value_at(cubic, T(late))) * T(1 / (early * early * late * late));
      const T skew = (at_late - at_early) * T(1 / (late - early));
      out[j] = quintic(x0, rise0, x1, rise1, T(at_early - T(early) * skew), skew);
    }
  }

 private:
  static constexpr double early = 0.25, late = 0.75;  ///< shares of the step that determine the quintic
  State origin_{}, early_{}, late_{};
  odeint::runge_kutta_dopri5<State, Time, State, Time, Algebra<State>, Operations, odeint::always_resizer> odeint_;
};

/// A pair of order Order(Order - 1) given by its tableau, because odeint has no class for it.
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
  static constexpr bool dense_to_order = Order <= 3;
  /// The cubic with the values and slopes at both ends.
  template <class Out>
  void dense(const End<State>& begin, const End<State>& end, Time h, Out&& out) {
    for (std::size_t j = 0; j < out.size(); ++j) {
      using T = std::decay_t<decltype(out[j][0])>;
      out[j] = quintic(element(begin.x, j), T(h * element(begin.dxdt, j)), element(end.x, j),
                       T(h * element(end.dxdt, j)), T(0.0), T(0.0));
    }
  }

 protected:
  using A = typename Odeint::coef_a_type;
  using B = typename Odeint::coef_b_type;
  using C = typename Odeint::coef_c_type;
  /// @param difference difference between the weights of both solutions
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

/// Heun's method with Euler's method embedded, order 2(1): for a drift that is constant throughout a step.
template <class State, class Time = double>
class HeunEuler : public ByTableau<2, 2, State, Time> {
  using Base = ByTableau<2, 2, State, Time>;

 public:
  HeunEuler() : Base(typename Base::A(boost::array<Time, 1>{{1.0}}), {{0.5, 0.5}}, {{-0.5, 0.5}}, {{0.0, 1.0}}) {}
};

/// Fehlberg's method of order 8, with an error estimate by step halving. The embedded estimate, 41/840 h (k1 + k11 -
/// k12 - k13), vanishes if the drift depends on time alone, as the drift of a device does that depends on the current
/// alone. Therefore a step consists of two halves, and its error estimate is the difference from one step of the whole
/// length: some 2^8 times the error of the result.
template <class State, class Time = double>
class Fehlberg {
 public:
  static constexpr int control_order = 8;
  static constexpr int evaluations = 38;
  template <class System>
  void step(const System& f, const State& x, const State& dxdt, Time t, State& out, State& dxdt_out, Time h,
            State& error) {
    middle_ = middle_slope_ = whole_ = x;  // for the sizes
    single(f, x, dxdt, t, middle_, h / 2, error);
    f(middle_, middle_slope_, t + h / 2);
    single(f, middle_, middle_slope_, t + h / 2, out, h / 2, error);
    single(f, x, dxdt, t, whole_, h, error);
    if constexpr (requires { out.begin(); }) {
      for (std::size_t j = 0; j < out.size(); ++j) error[j] = whole_[j] - out[j];
    } else {
      error = whole_ - out;
    }
    f(out, dxdt_out, t + h);
  }
  static constexpr bool dense_to_order = false;
  /// The quintic with the values and slopes at both ends and in the middle.
  template <class Out>
  void dense(const End<State>& begin, const End<State>& end, Time h, Out&& out) {
    for (std::size_t j = 0; j < out.size(); ++j) {
      using T = std::decay_t<decltype(out[j][0])>;
      const T rise0 = h * element(begin.dxdt, j);
      const T rise1 = h * element(end.dxdt, j);
      const auto cubic = quintic(element(begin.x, j), rise0, element(end.x, j), rise1, T(0.0), T(0.0));
      const T lift = T(16.0) * (element(middle_, j) - value_at(cubic, T(0.5)));
      const T skew = T(16.0) * (h * element(middle_slope_, j) - slope_at(cubic, T(0.5)));
      out[j] = quintic(element(begin.x, j), rise0, element(end.x, j), rise1, T(lift - T(0.5) * skew), skew);
    }
  }

 private:
  /// One step of thirteen stages; not inlined, so that the code exists once.
  template <class System>
  [[gnu::noinline]] void single(const System& f, const State& x, const State& dxdt, const Time& t, State& out,
                                const Time& h, State& error) {
    odeint_.do_step_impl(f, x, dxdt, t, out, h, error);
  }

  State middle_{}, middle_slope_{}, whole_{};
  odeint::runge_kutta_fehlberg78<State, Time, State, Time, Algebra<State>, Operations, odeint::always_resizer> odeint_;
};

/// The right-hand side for Any: an object, and a function that is called with it. Valid during the lifetime of the
/// object.
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

/// One of the pairs, chosen at run time; compiled once per type of state, independent of the device.
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
  [[nodiscard]] bool dense_to_order() const {
    return std::visit([]<class Stepper>(const Stepper&) { return Stepper::dense_to_order; }, one_);
  }
  template <class T>
  [[gnu::noinline]] void dense(const End<State>& begin, const End<State>& end, const Time& h,
                               std::span<Quintic<T>> out) {
    std::visit([&](auto& stepper) { stepper.dense(begin, end, h, out); }, one_);
  }

 private:
  std::variant<DormandPrince<State, Time>, BogackiShampine<State, Time>, Fehlberg<State, Time>> one_;
};

}  // namespace stepper
}  // namespace memdyn
