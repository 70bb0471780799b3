// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// VTEAM, the voltage threshold adaptive memristor: TEAM's counterpart with a voltage for its input.
///
/// Kvatinsky et al. 2015 (doi:10.1109/TCSII.2015.2433536), Eq. 3 (drift), 5 (current):
///
///   dw/dt = k_off (V/V_off - 1)^alpha_off f_off(w)    V > V_off > 0
///         = k_on  (V/V_on  - 1)^alpha_on  f_on(w)     V < V_on < 0
///         = 0                                         between
///   I = V / (R_on + (R_off - R_on) y), or V exp(-lambda y) / R_on, lambda = ln(R_off/R_on), unless `linear`
///   y = (w - w_on)/(w_off - w_on)
///
/// f_off, f_on: 1 for `window` "rectangular", and for "kvatinsky" TEAM's exp(-exp((w - a_off)/w_c)) and
/// exp(-exp(-(w - a_on)/w_c)) (Kvatinsky et al. 2013, doi:10.1109/TCSI.2012.2215714, Eq. 18-19).
/// Guards: V - V_off, V_on - V (in the voltage alone). Bounds: hard, w_on..w_off.
/// Smoothness: analytic inside of every regime, continuous across them.
template <class P>
class VteamOf {
 public:
  template <class T>
  using With = VteamOf<T>;
  static constexpr std::string_view name = "vteam";
  static constexpr std::string_view summary =
      "VTEAM: a power law of the voltage beyond a threshold\n\n"
      "  dw/dt = k_off (V/V_off - 1)^alpha_off f_off(w)   where V > V_off\n"
      "        = k_on (V/V_on - 1)^alpha_on f_on(w)       where V < V_on, else 0\n"
      "  I = V / (R_on + (R_off - R_on) y), or exponential in y;  y = (w - w_on)/(w_off - w_on)\n\n"
      "Kvatinsky et al. 2015, doi:10.1109/TCSII.2015.2433536";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P R_on = 50.0;
    P R_off = 1000.0;
    P w_on = 0.0;
    P w_off = 3e-9;
    P k_on = -10.0;
    P k_off = 5e-4;
    P V_on = -0.2;
    P V_off = 0.02;
    P alpha_on = 3.0;
    P alpha_off = 1.0;
    std::string window = "rectangular";
    P a_on = 0.6e-9;
    P a_off = 2.4e-9;
    P w_c = 0.1e-9;
    bool linear = true;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 0, 1e15, false, "memristance at w_on"}, p.R_on);
      visit(Field{"R_off", "Ohm", 0, 1e15, false, "memristance at w_off"}, p.R_off);
      visit(Field{"w_on", "m", -1e-3, 1e-3, true, "lower bound of the internal variable"}, p.w_on);
      visit(Field{"w_off", "m", -1e-3, 1e-3, true, "upper bound"}, p.w_off);
      visit(Field{"k_on", "m/s", -1e6, 0, true, "drift scale under negative voltages, not positive"}, p.k_on);
      visit(Field{"k_off", "m/s", 0, 1e6, true, "drift scale under positive voltages"}, p.k_off);
      visit(Field{"V_on", "V", -1e3, -1e-9, true, "negative threshold"}, p.V_on);
      visit(Field{"V_off", "V", 0, 1e3, false, "positive threshold"}, p.V_off);
      visit(Field{"alpha_on", "", 1, 100, true, "exponent under negative voltages"}, p.alpha_on);
      visit(Field{"alpha_off", "", 1, 100, true, "exponent under positive voltages"}, p.alpha_off);
      visit(Field{"window", "", 0, 0, true, "rectangular or kvatinsky"}, p.window);
      visit(Field{"a_on", "m", -1e-3, 1e-3, true, "where drift towards w_on slows"}, p.a_on);
      visit(Field{"a_off", "m", -1e-3, 1e-3, true, "where drift towards w_off slows"}, p.a_off);
      visit(Field{"w_c", "m", 0, 1e-3, false, "width of the slowing"}, p.w_c);
      visit(Field{"linear", "", 0, 0, true, "memristance linear in w instead of exponential"}, p.linear);
    }
  };

  /// @throws InputError naming key, value and range
  explicit VteamOf(const Parameters& p)
      : p_(validated<P>(name, p)), kvatinsky_(one_of(name, "window", p.window, {"rectangular", "kvatinsky"}) == 1) {
    if constexpr (std::is_same_v<P, double>)
      if (p_.w_on >= p_.w_off)
        throw InputError(std::string(name), "w_on", fmt::format("{} m", p_.w_on),
                         fmt::format("must be below w_off = {} m", p_.w_off));
  }
  VteamOf() : VteamOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() { return {}; }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "w"; }
  [[nodiscard]] static const char* unit() { return "m"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const T y = T(gamma[0] - p_.w_on) * per_range_;
    if (p_.linear) return T(p_.R_on + (p_.R_off - p_.R_on) * y);
    return T(p_.R_on * exponential(T(lambda_ * y)));
  }

  template <class T, class R>
  [[nodiscard]] T rate(std::size_t /*i*/, const T& voltage, const R& regime) const {
    const T positive = raised(T(voltage * per_V_off_ - 1.0), p_.alpha_off);
    const T negative = raised(T(voltage * per_V_on_ - 1.0), p_.alpha_on);
    return select<>(regime[0], T(p_.k_off * positive), select<>(regime[1], T(p_.k_on * negative), T(0.0)));
  }
  template <class Gamma, class R>
  [[nodiscard]] auto shape(std::size_t /*i*/, const Gamma& gamma, const R& regime) const {
    using T = std::decay_t<decltype(gamma[0])>;
    if (!kvatinsky_) return T(1.0);
    const T away = select<>(regime[0], T(gamma[0] - p_.a_off), T(p_.a_on - gamma[0]));
    return double_exponential(T(away * per_w_c_));
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& voltage, const R& regime) const {
    return rate(i, voltage, regime) * shape(i, gamma, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const -> typename R::value_type {
    return regime[0] || regime[1];
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 2; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& voltage) const {
    return k == 0 ? T(voltage - p_.V_off) : T(p_.V_on - voltage);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return k == 0 ? p_.V_off : p_.V_on; }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.w_on; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.w_off; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.w_off - p_.w_on; }

 private:
  /// Beyond the threshold; at it rounding may leave the base below 0, where a power is not a number.
  template <class T>
  static T raised(const T& beyond, const P& alpha) {
    return power(select<>(beyond > T(0.0), beyond, T(0.0)), alpha);
  }
  Parameters p_;
  bool kvatinsky_;
  P per_range_ = 1.0 / (p_.w_off - p_.w_on);
  P per_w_c_ = 1.0 / p_.w_c;
  P per_V_off_ = 1.0 / p_.V_off;
  P per_V_on_ = 1.0 / p_.V_on;
  P lambda_ = logarithm(P(p_.R_off / p_.R_on));
};
using Vteam = VteamOf<double>;

}  // namespace memdyn
