// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/device.hpp"

namespace memdyn {

/// The thresholded drift that the node and the synapse memristor share, Silva et al. 2020, Eq. 8 and 18, mirrored for
/// negative currents: γ̇ = (cI - I_γ) θ(cI - I_γ) + (cI + I_γ) θ(-cI - I_γ) [m/s], c = μ_V R_on / D [m/(A s)].
/// It is evaluated as c (I ∓ I_γ/c) to avoid cancellation at I = I0 ± I_γ/c. Guards: I - I_γ/c and -I - I_γ/c.
template <class P>
class ThresholdDriftOf {
 public:
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = false;

  [[nodiscard]] P rate() const { return rate_; }                            ///< c [m/(A s)]
  [[nodiscard]] P threshold_current() const { return threshold_current_; }  ///< I_γ/c [A]

  [[nodiscard]] Properties properties() const {
    if (mirrored_) return {};
    return {.leaves_bounds = lacks("negative currents do not move it: mirrored is false")};
  }
  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "gamma"; }
  [[nodiscard]] static const char* unit() { return "m"; }

  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& current, const R& regime) const {
    const T negative = mirrored_ ? T(rate_ * (current + threshold_current_)) : T(0.0);
    return select<>(regime[0], T(rate_ * (current - threshold_current_)), select<>(regime[1], negative, T(0.0)));
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const -> typename R::value_type {
    return mirrored_ ? regime[0] || regime[1] : regime[0];
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 2; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& current) const {
    return k == 0 ? T(current - threshold_current_) : T(-current - threshold_current_);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return k == 0 ? threshold_current_ : -threshold_current_; }

 protected:
  /// The arguments must have been validated; `velocity` is I_γ [m/s].
  ThresholdDriftOf(const P& rate, const P& velocity, bool mirrored)
      : rate_(rate), threshold_current_(velocity / rate), mirrored_(mirrored) {}

 private:
  P rate_;
  P threshold_current_;
  bool mirrored_;
};
using ThresholdDrift = ThresholdDriftOf<double>;

}  // namespace memdyn
