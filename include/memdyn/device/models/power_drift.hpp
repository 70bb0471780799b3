// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The drift and the memristance that TEAM and VTEAM share, Kvatinsky et al. 2013 (doi:10.1109/TCSI.2012.2215714) and
/// 2015 (doi:10.1109/TCSII.2015.2433536), in the input u, a current or a voltage:
///
///   dx/dt = k_off (u/u_off - 1)^alpha_off f_off(x)   u > u_off > 0
///         = k_on  (u/u_on  - 1)^alpha_on  f_on(x)    u < u_on < 0
///         = 0                                        between
///   f_off = exp(-exp((x - a_off)/w_c)), f_on = exp(-exp(-(x - a_on)/w_c)) where `windowed`, else 1
///   R = R_on (R_off/R_on)^y, or R_on + (R_off - R_on) y where `linear`;  y = (x - lower)/(upper - lower)
///
/// Guards: u - u_off, u_on - u.
template <class P>
class PowerDriftOf {
 public:
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  [[nodiscard]] Properties properties() const {
    const auto shut = [this](double beyond) { return law_.windowed && beyond > shut_window * law_.w_c; };
    if (shut(law_.a_on - law_.upper) || shut(law_.lower - law_.a_off)) return {.leaves_bounds = held_by_window};
    if (law_.k_on == 0.0 || law_.k_off == 0.0)
      return {.leaves_bounds = lacks("it drifts one way only: k_on or k_off is 0")};
    return {};
  }
  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static const char* unit() { return "m"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const T y = T(gamma[0] - law_.lower) * per_range_;
    if (law_.linear) return T(law_.R_on + (law_.R_off - law_.R_on) * y);
    return T(law_.R_on * exponential(T(lambda_ * y)));
  }

  /// The power law of the input [m/s], to be multiplied by the window of the state. One evaluation serves both signs.
  /// Between the thresholds the base of the power is 1, and the result is discarded.
  template <class T, class R>
  [[nodiscard]] T rate(std::size_t /*i*/, const T& u, const R& regime) const {
    const auto pick = [&](const P& off, const P& on) {
      if constexpr (std::is_same_v<typename R::value_type, bool>) {
        return regime[0] ? off : on;  // the exponent of a dual number must be a plain number
      } else {
        return select<>(regime[0], T(off), T(on));
      }
    };
    const T beyond = select<>(regime[0], T(u * per_u_off_ - 1.0), select<>(regime[1], T(u * per_u_on_ - 1.0), T(1.0)));
    const T speed = pick(law_.k_off, law_.k_on) * power(not_negative(beyond), pick(law_.alpha_off, law_.alpha_on));
    return select<>(regime[0], speed, select<>(regime[1], speed, T(0.0)));
  }
  template <class Gamma, class R>
  [[nodiscard]] auto shape(std::size_t /*i*/, const Gamma& gamma, const R& regime) const {
    using T = std::decay_t<decltype(gamma[0])>;
    if (!law_.windowed) return T(1.0);
    const T away = select<>(regime[0], T(gamma[0] - law_.a_off), T(law_.a_on - gamma[0]));
    return double_exponential(T(away * per_w_c_));
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& u, const R& regime) const {
    return rate(i, u, regime) * shape(i, gamma, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const -> typename R::value_type {
    return regime[0] || regime[1];
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 2; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& u) const {
    return k == 0 ? T(u - law_.u_off) : T(law_.u_on - u);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return k == 0 ? law_.u_off : law_.u_on; }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return law_.lower; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return law_.upper; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return law_.upper - law_.lower; }

 protected:
  struct Law {
    P R_on, R_off;
    bool linear;
    P lower, upper;
    P u_on, u_off;
    P k_on, k_off;
    P alpha_on, alpha_off;
    bool windowed;
    P a_on, a_off, w_c;
  };
  /// The arguments must have been validated. @throws InputError naming `lower_key` and `upper_key` if the bounds are
  /// not in order
  PowerDriftOf(std::string_view name, const char* lower_key, const char* upper_key, const Law& law) : law_(law) {
    if constexpr (std::is_same_v<P, double>)
      if (law_.lower >= law_.upper)
        throw InputError(std::string(name), lower_key, fmt::format("{} m", law_.lower),
                         fmt::format("must be below {} = {} m", upper_key, law_.upper));
  }

 private:
  Law law_;
  P per_range_ = 1.0 / (law_.upper - law_.lower);
  P per_w_c_ = 1.0 / law_.w_c;
  P per_u_off_ = 1.0 / law_.u_off;
  P per_u_on_ = 1.0 / law_.u_on;
  P lambda_ = logarithm(P(law_.R_off / law_.R_on));
};

}  // namespace memdyn
