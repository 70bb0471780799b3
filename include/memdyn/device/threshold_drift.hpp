// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/device.hpp"

namespace memdyn {

/// The thresholded drift that the node and the synapse memristor share, Silva et al. 2020, Eq. 8 and 18, mirrored for
/// negative currents: γ̇ = (cI - I_γ) θ(cI - I_γ) + (cI + I_γ) θ(-cI - I_γ) [m/s], c = μ_V R_on / D [m/(A s)].
/// Written as c (I ∓ I_γ/c), so that I = I0 ± I_γ/c loses no digits. Guards: I - I_γ/c and -I - I_γ/c.
struct ThresholdDrift {
  double rate;               ///< c [m/(A s)]
  double threshold_current;  ///< I_γ/c [A]
  bool mirrored;             ///< false: one-sided, as printed

  template <class T>
  [[nodiscard]] T drift(const T& current, const Regime<T>& regime) const {
    const T negative = mirrored ? T(rate * (current + threshold_current)) : T(0.0);
    return select<>(regime[0], T(rate * (current - threshold_current)), select<>(regime[1], negative, T(0.0)));
  }
  template <class R>
  [[nodiscard]] auto moves(const R& regime) const -> typename R::value_type {
    return mirrored ? regime[0] || regime[1] : regime[0];
  }
  template <class T>
  [[nodiscard]] T guard(std::size_t k, const T& current) const {
    return k == 0 ? T(current - threshold_current) : T(-current - threshold_current);
  }
  [[nodiscard]] double drive_level(std::size_t k) const { return k == 0 ? threshold_current : -threshold_current; }
};

}  // namespace memdyn
