// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// TEAM, the threshold adaptive memristor: a power law of the current beyond a threshold, slowed near each end by a
/// double exponential.
///
/// Kvatinsky et al. 2013 (doi:10.1109/TCSI.2012.2215714), Eq. 14 (drift), 15-17 (voltage), 18-19 (windows):
///
///   dx/dt = k_off (I/I_off - 1)^alpha_off exp(-exp((x - a_off)/w_c))    I > I_off > 0
///         = k_on  (I/I_on  - 1)^alpha_on  exp(-exp(-(x - a_on)/w_c))    I < I_on < 0
///         = 0                                                          between
///   V = R_on exp(lambda y) I, lambda = ln(R_off/R_on), or (R_on + (R_off - R_on) y) I where `linear`
///   y = (x - x_on)/(x_off - x_on)
///
/// The defaults are of the order of the fits in that paper, and none of them. Guards: I - I_off, I_on - I (in the
/// current alone). Bounds: hard, x_on..x_off. Smoothness: analytic inside of every regime, continuous across them.
template <class P>
class TeamOf {
 public:
  template <class T>
  using With = TeamOf<T>;
  static constexpr std::string_view name = "team";
  static constexpr std::string_view summary =
      "TEAM: a power law of the current beyond a threshold, slowed near each end\n\n"
      "  dx/dt = k_off (I/I_off - 1)^alpha_off exp(-exp((x - a_off)/w_c))   where I > I_off\n"
      "        = k_on (I/I_on - 1)^alpha_on exp(-exp(-(x - a_on)/w_c))      where I < I_on, else 0\n"
      "  V = R_on (R_off/R_on)^y I, or linear in y;  y = (x - x_on)/(x_off - x_on)\n\n"
      "Kvatinsky et al. 2013, doi:10.1109/TCSI.2012.2215714";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P R_on = 50.0;
    P R_off = 1000.0;
    P x_on = 0.0;
    P x_off = 3e-9;
    P k_on = -1e-3;
    P k_off = 1e-3;
    P I_on = -1e-4;
    P I_off = 1e-4;
    P alpha_on = 3.0;
    P alpha_off = 3.0;
    P a_on = 0.6e-9;
    P a_off = 2.4e-9;
    P w_c = 0.1e-9;
    bool linear = false;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 0, 1e15, false, "memristance at x_on"}, p.R_on);
      visit(Field{"R_off", "Ohm", 0, 1e15, false, "memristance at x_off"}, p.R_off);
      visit(Field{"x_on", "m", -1e-3, 1e-3, true, "lower bound of the internal variable"}, p.x_on);
      visit(Field{"x_off", "m", -1e-3, 1e-3, true, "upper bound"}, p.x_off);
      visit(Field{"k_on", "m/s", -1e6, 0, true, "drift scale under negative currents, not positive"}, p.k_on);
      visit(Field{"k_off", "m/s", 0, 1e6, true, "drift scale under positive currents"}, p.k_off);
      visit(Field{"I_on", "A", -1e3, -1e-15, true, "negative threshold"}, p.I_on);
      visit(Field{"I_off", "A", 0, 1e3, false, "positive threshold"}, p.I_off);
      visit(Field{"alpha_on", "", 1, 100, true, "exponent under negative currents"}, p.alpha_on);
      visit(Field{"alpha_off", "", 1, 100, true, "exponent under positive currents"}, p.alpha_off);
      visit(Field{"a_on", "m", -1e-3, 1e-3, true, "where drift towards x_on slows"}, p.a_on);
      visit(Field{"a_off", "m", -1e-3, 1e-3, true, "where drift towards x_off slows"}, p.a_off);
      visit(Field{"w_c", "m", 0, 1e-3, false, "width of the slowing"}, p.w_c);
      visit(Field{"linear", "", 0, 0, true, "memristance linear in x instead of exponential"}, p.linear);
    }
  };

  /// @throws InputError naming key, value and range
  explicit TeamOf(const Parameters& p) : p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>)
      if (p_.x_on >= p_.x_off)
        throw InputError(std::string(name), "x_on", fmt::format("{} m", p_.x_on),
                         fmt::format("must be below x_off = {} m", p_.x_off));
  }
  TeamOf() : TeamOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "x"; }
  [[nodiscard]] static const char* unit() { return "m"; }

  [[nodiscard]] static Properties properties() { return {}; }
  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const T y = T(gamma[0] - p_.x_on) * per_range_;
    if (p_.linear) return T(p_.R_on + (p_.R_off - p_.R_on) * y);
    return T(p_.R_on * exponential(T(lambda_ * y)));
  }

  /// [m/s] of the current, times the window of the state: one of each serves both signs. Where neither regime holds the
  /// base of the power is 1, and the result dropped.
  template <class T, class R>
  [[nodiscard]] T rate(std::size_t /*i*/, const T& current, const R& regime) const {
    const auto pick = [&](const P& off, const P& on) {
      if constexpr (std::is_same_v<typename R::value_type, bool>) {
        return regime[0] ? off : on;  // a dual number takes no dual exponent
      } else {
        return select<>(regime[0], T(off), T(on));
      }
    };
    const T beyond =
        select<>(regime[0], T(current * per_I_off_ - 1.0), select<>(regime[1], T(current * per_I_on_ - 1.0), T(1.0)));
    // at a threshold itself rounding may leave it below 0, where a power is not a number
    const T base = select<>(beyond > T(0.0), beyond, T(0.0));
    const T speed = pick(p_.k_off, p_.k_on) * power(base, pick(p_.alpha_off, p_.alpha_on));
    return select<>(regime[0], speed, select<>(regime[1], speed, T(0.0)));
  }
  template <class Gamma, class R>
  [[nodiscard]] auto shape(std::size_t /*i*/, const Gamma& gamma, const R& regime) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const T away = select<>(regime[0], T(gamma[0] - p_.a_off), T(p_.a_on - gamma[0]));
    return double_exponential(T(away * per_w_c_));
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& current, const R& regime) const {
    return rate(i, current, regime) * shape(i, gamma, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const -> typename R::value_type {
    return regime[0] || regime[1];
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 2; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& current) const {
    return k == 0 ? T(current - p_.I_off) : T(p_.I_on - current);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return k == 0 ? p_.I_off : p_.I_on; }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.x_on; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.x_off; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.x_off - p_.x_on; }

 private:
  Parameters p_;
  P per_range_ = 1.0 / (p_.x_off - p_.x_on);
  P per_w_c_ = 1.0 / p_.w_c;
  P per_I_off_ = 1.0 / p_.I_off;
  P per_I_on_ = 1.0 / p_.I_on;
  P lambda_ = logarithm(P(p_.R_off / p_.R_on));
};
using Team = TeamOf<double>;

}  // namespace memdyn
