// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The generalised memristor of Yakopcic: a current of hyperbolic sine, an exponential drift beyond a threshold, slowed
/// near each end.
///
/// Yakopcic et al. 2011 (doi:10.1109/LED.2011.2163292) and 2013 (doi:10.1109/TCAD.2013.2252057):
///
///   I     = a1 x sinh(b V) where V >= 0, a2 x sinh(b V) where V < 0
///   dx/dt = eta g(V) f(x)
///   g     = A_p (exp(V) - exp(V_p))      V > V_p       (voltages in the exponents in V)
///         = -A_n (exp(-V) - exp(V_n))    V < -V_n,     else 0
///   f     = exp(-alpha_p (x - x_p)) (1 + (x_p - x)/(1 - x_p))  where x >= x_p, else 1     eta V >= 0
///         = exp(alpha_n (x + x_n - 1)) x/(1 - x_n)             where x <= 1 - x_n, else 1  eta V < 0
///
/// eta = 1, or -1 where `reversed`: positive voltages then lower x. At x = 0 no voltage drives a current.
/// Guards: V - V_p, -V - V_n (in the voltage), x - x_p, 1 - x_n - x (in the state). The factor of the current changes
/// at V = 0, where current and drift vanish. Bounds: 0..1, which the drift never crosses. Smoothness: analytic within
/// every regime, continuous across them.
template <class P>
class YakopcicOf {
 public:
  template <class T>
  using With = YakopcicOf<T>;
  static constexpr std::string_view name = "yakopcic";
  static constexpr std::string_view summary =
      "Yakopcic: a current of hyperbolic sine, an exponential drift beyond a threshold, slowed near each end\n\n"
      "  I = a x sinh(b V), a = a1 where V >= 0, a2 where V < 0\n"
      "  dx/dt = eta g(V) f(x)\n"
      "  g = A_p (exp(V) - exp(V_p)) where V > V_p, -A_n (exp(-V) - exp(V_n)) where V < -V_n, else 0\n"
      "  f = exp(-alpha_p (x - x_p)) (1 - x)/(1 - x_p) where x >= x_p        upwards, else 1\n"
      "    = exp(alpha_n (x + x_n - 1)) x/(1 - x_n)    where x <= 1 - x_n    downwards, else 1\n\n"
      "Yakopcic et al. 2011, doi:10.1109/LED.2011.2163292; 2013, doi:10.1109/TCAD.2013.2252057";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = true;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P a1 = 0.17;
    P a2 = 0.17;
    P b = 0.05;
    P V_p = 0.16;
    P V_n = 0.15;
    P A_p = 4000.0;
    P A_n = 4000.0;
    P x_p = 0.3;
    P x_n = 0.5;
    P alpha_p = 1.0;
    P alpha_n = 5.0;
    bool reversed = false;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"a1", "A", 1e-15, 1e3, true, "current of x = 1 under positive voltages, per sinh(b V)"}, p.a1);
      visit(Field{"a2", "A", 1e-15, 1e3, true, "the same under negative voltages"}, p.a2);
      visit(Field{"b", "1/V", 1e-4, 1e3, true, "curvature of the current"}, p.b);
      visit(Field{"V_p", "V", 0, 100, true, "positive threshold"}, p.V_p);
      visit(Field{"V_n", "V", 0, 100, true, "size of the negative threshold"}, p.V_n);
      visit(Field{"A_p", "1/s", 1e-9, 1e12, true, "drift scale under positive voltages"}, p.A_p);
      visit(Field{"A_n", "1/s", 1e-9, 1e12, true, "drift scale under negative voltages"}, p.A_n);
      visit(Field{"x_p", "", 0, 0.999, true, "where upward drift begins to slow"}, p.x_p);
      visit(Field{"x_n", "", 0, 0.999, true, "1 - x_n: where downward drift begins to slow"}, p.x_n);
      visit(Field{"alpha_p", "", 0, 1e3, true, "rate of the upward slowing"}, p.alpha_p);
      visit(Field{"alpha_n", "", 0, 1e3, true, "rate of the downward slowing"}, p.alpha_n);
      visit(Field{"reversed", "", 0, 0, true, "eta = -1: positive voltages lower x"}, p.reversed);
    }
  };

  /// @throws InputError naming key, value and range
  explicit YakopcicOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  YakopcicOf() : YakopcicOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    return {{.reversed = true}, {.V_p = 0.0, .V_n = 0.0}, {.x_p = 0.0, .x_n = 0.0}, {.alpha_p = 0.0, .alpha_n = 0.0}};
  }
  [[nodiscard]] static Properties properties() {
    return {.passive = {}, .pinched = lacks("at x = 0 no voltage drives a current")};
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "x"; }
  [[nodiscard]] static const char* unit() { return "1"; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& gamma, const T& voltage) const {
    const T a = select<>(voltage >= T(0.0), T(p_.a1), T(p_.a2));
    return a * T(gamma[0] * hyperbolic_sine(T(p_.b * voltage)));
  }
  template <class T, class R>
  [[nodiscard]] T rate(std::size_t /*i*/, const T& voltage, const R& regime) const {
    const T e = exponential(select<>(regime[0], voltage, T(-voltage)));
    const T g =
        select<>(regime[0], T(p_.A_p * (e - exp_V_p_)), select<>(regime[1], T(-p_.A_n * (e - exp_V_n_)), T(0.0)));
    return p_.reversed ? T(-g) : g;
  }
  template <class Gamma, class R>
  [[nodiscard]] auto shape(std::size_t /*i*/, const Gamma& gamma, const R& regime) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const auto up = p_.reversed ? regime[1] : regime[0];
    const T& x = gamma[0];
    const T slowed = exponential(select<>(up, T(-p_.alpha_p * (x - p_.x_p)), T(p_.alpha_n * (x - edge_))));
    const T upward = select<>(regime[2], T(slowed * ((1.0 - x) * per_upper_)), T(1.0));
    const T downward = select<>(regime[3], T(slowed * (x * per_lower_)), T(1.0));
    return select<>(up, upward, downward);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& voltage, const R& regime) const {
    return rate(i, voltage, regime) * shape(i, gamma, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const -> typename R::value_type {
    return regime[0] || regime[1];
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 4; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& gamma, const T& voltage) const {
    switch (k) {
      case 0:
        return T(voltage - p_.V_p);
      case 1:
        return T(-voltage - p_.V_n);
      case 2:
        return T(gamma[0] - p_.x_p);
      default:
        return T(edge_ - gamma[0]);
    }
  }
  [[nodiscard]] P drive_level(std::size_t k) const {
    if (k > 1) return P(std::numeric_limits<double>::quiet_NaN());
    return k == 0 ? p_.V_p : P(-p_.V_n);
  }
  [[nodiscard]] static P lower(std::size_t /*i*/) { return P(0.0); }
  [[nodiscard]] static P upper(std::size_t /*i*/) { return P(1.0); }
  [[nodiscard]] static P scale(std::size_t /*i*/) { return P(1.0); }

 private:
  Parameters p_;
  P exp_V_p_ = exponential(p_.V_p);
  P exp_V_n_ = exponential(p_.V_n);
  P edge_ = 1.0 - p_.x_n;  ///< below it downward drift is slowed
  P per_upper_ = 1.0 / (1.0 - p_.x_p);
  P per_lower_ = 1.0 / edge_;
};
using Yakopcic = YakopcicOf<double>;

}  // namespace memdyn
