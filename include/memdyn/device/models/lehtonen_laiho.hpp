// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// Nonlinear ion drift with a power of the voltage; a tunnelling current in parallel with a diode current.
///
/// Lehtonen and Laiho 2010 (doi:10.1109/CNNA.2010.5430304), with the current of Yang et al. 2008
/// (doi:10.1038/nnano.2008.160); Kvatinsky et al. 2013 (doi:10.1109/TCSI.2012.2215714) review it:
///
///   dw/dt = a f(w) V^m                                          m odd, w in w_min..w_max within 0..1
///   I = (w^n + leak) beta sinh(alpha V) + chi (exp(gamma V) - 1)
///
/// f = 1 for `window` "rectangular", 1 - (2w - 1)^2p for "joglekar" (p an integer). `leak` is 0 in the published
/// equation; the authors' SPICE listing adds that term. The unit of a, 1/(V^m s), depends on m.
/// Guards: none. Bounds: hard, w_min..w_max; with Joglekar's window a bound at 0 or 1 is absorbing.
/// Smoothness: analytic.
template <class P>
class LehtonenLaihoOf {
 public:
  template <class T>
  using With = LehtonenLaihoOf<T>;
  static constexpr std::string_view name = "lehtonen-laiho";
  static constexpr std::string_view summary =
      "nonlinear ion drift: a power of the voltage, tunnelling beside a diode\n\n"
      "  dw/dt = a f(w) V^m      f: rectangular or joglekar\n"
      "  I = (w^n + leak) beta sinh(alpha V) + chi (exp(gamma V) - 1)\n\n"
      "Lehtonen and Laiho 2010, doi:10.1109/CNNA.2010.5430304";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P a = 1.0;
    P m = 5.0;
    P n = 2.0;
    P alpha = 2.0;
    P beta = 0.9e-6;
    P gamma = 4.0;
    P chi = 1e-10;
    P leak = 0.0;
    std::string window = "rectangular";
    P p = 1.0;
    P w_min = 0.0;
    P w_max = 1.0;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"a", "1/(V^m s)", 1e-4, 1e8, true, "drift scale"}, p.a);
      visit(Field{"m", "", 1, 99, true, "odd exponent of the voltage"}, p.m);
      visit(Field{"n", "", 1, 100, true, "exponent of the state in the current"}, p.n);
      visit(Field{"alpha", "1/V", 1e-2, 1e3, true, "exponent of the tunnelling current"}, p.alpha);
      visit(Field{"beta", "A", 1e-15, 1, true, "scale of the tunnelling current"}, p.beta);
      visit(Field{"gamma", "1/V", 1e-2, 1e3, true, "exponent of the diode's current"}, p.gamma);
      visit(Field{"chi", "A", 0, 1e-2, true, "scale of the diode's current"}, p.chi);
      visit(Field{"leak", "", 0, 1, true, "share of the tunnelling current at w = 0"}, p.leak);
      visit(Field{"window", "", 0, 0, true, "rectangular or joglekar"}, p.window);
      visit(Field{"p", "", 1, 1000, true, "whole exponent of joglekar"}, p.p);
      visit(Field{"w_min", "", 0, 1, true, "lower bound of the internal variable"}, p.w_min);
      visit(Field{"w_max", "", 0, 1, true, "upper bound"}, p.w_max);
    }
  };

  /// @throws InputError naming key, value and range
  explicit LehtonenLaihoOf(const Parameters& p)
      : p_(validated<P>(name, p)), joglekar_(one_of(name, "window", p.window, {"rectangular", "joglekar"}) == 1) {
    if constexpr (std::is_same_v<P, double>) {
      if (std::fmod(p_.m, 2.0) != 1.0)
        throw InputError(std::string(name), "m", fmt::format("{}", p_.m), "must be an odd whole number in 1..99");
      if (p_.p != std::floor(p_.p))
        throw InputError(std::string(name), "p", fmt::format("{}", p_.p), "must be a whole number in 1..1000");
      if (p_.w_min >= p_.w_max)
        throw InputError(std::string(name), "w_min", fmt::format("{}", p_.w_min),
                         fmt::format("must be below w_max = {}", p_.w_max));
    }
    for (std::size_t l = 0; l < lanes<P>; ++l) squares_ = std::max(squares_, static_cast<int>(lane(p_.m, l)) / 2);
  }
  LehtonenLaihoOf() : LehtonenLaihoOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    return {{.m = 1.0},
            {.leak = 0.1},
            {.window = "joglekar"},
            {.window = "joglekar", .p = 2.0},
            {.window = "joglekar", .p = 7.0},
            {.window = "joglekar", .p = 2.0, .w_min = 0.01, .w_max = 0.99}};
  }
  [[nodiscard]] Properties properties() const {
    Properties all;
    if constexpr (std::is_same_v<P, double>) {
      if (joglekar_ && (p_.w_min == 0.0 || p_.w_max == 1.0))
        all.leaves_bounds = lacks("Joglekar's window vanishes at 0 and at 1, which absorb");
      if (p_.chi == 0.0 && p_.leak == 0.0 && p_.w_min == 0.0)
        all.pinched = lacks("at w = 0 no voltage drives a current");
    }
    return all;
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "w"; }
  [[nodiscard]] static const char* unit() { return "1"; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& gamma, const T& voltage) const {
    const T w = select<>(gamma[0] > T(0.0), T(gamma[0]), T(0.0));  // a trial step can overshoot to w < 0: no power
    const T tunnelling = T(p_.beta * hyperbolic_sine(T(p_.alpha * voltage)));
    const T half = T(0.5 * p_.gamma * voltage);
    const T diode = T(2.0 * p_.chi * exponential(half) * hyperbolic_sine(half));  // exp(2h) - 1 near h = 0 too
    return T((power(w, p_.n) + p_.leak) * tunnelling + diode);
  }

  /// a V^m [1/s]
  template <class T, class R>
  [[nodiscard]] T rate(std::size_t /*i*/, const T& voltage, const R& /*regime*/) const {
    const T square = T(voltage * voltage);
    T raised = T(p_.a * voltage);
    for (int k = 0; k < squares_; ++k) {
      if constexpr (std::is_same_v<P, double>) {
        raised = T(raised * square);
      } else {
        raised = select<>(T(2.0 * k + 1.0) < T(p_.m), T(raised * square), raised);
      }
    }
    return raised;
  }
  template <class Gamma, class R>
  [[nodiscard]] auto shape(std::size_t /*i*/, const Gamma& gamma, const R& /*regime*/) const {
    using T = std::decay_t<decltype(gamma[0])>;
    if (!joglekar_) return T(1.0);
    const T off_centre = T(2.0 * gamma[0] - 1.0);
    return T(1.0 - power(T(off_centre * off_centre), p_.p));
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& voltage, const R& regime) const {
    return rate(i, voltage, regime) * shape(i, gamma, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 0; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& voltage) const {
    return voltage;
  }
  [[nodiscard]] P drive_level(std::size_t /*k*/) const { return P(0.0); }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.w_min; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.w_max; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.w_max - p_.w_min; }

 private:
  Parameters p_;
  bool joglekar_;
  int squares_ = 0;  ///< (m - 1)/2, the largest over the lanes
};
using LehtonenLaiho = LehtonenLaihoOf<double>;

}  // namespace memdyn
