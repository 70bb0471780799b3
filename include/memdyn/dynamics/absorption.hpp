// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"
#include "memdyn/dynamics/options.hpp"

namespace memdyn {

namespace detail {
/// Share of the range: at this distance from a bound, a drift that does not vanish at the bound is about the same.
inline constexpr double nearby = 1e-3;
/// Share of the drift at that distance: a drift at the bound itself that is no larger is rounding.
inline constexpr double vanishing = 1e-12;
/// Share of the range: the resolution of a double next to a bound.
inline constexpr double resolved = 1e-15;

/// The lanes in which the drift of variable i under an input vanishes at a bound and, close to the bound, points away
/// from it.
template <class D, class T, class R>
[[nodiscard]] Mask<T> vanishes_inward(const D& device, std::size_t i, std::vector<T> state, double side, const T& u,
                                      const R& regime) {
  using std::abs;
  const T bound(side > 0.0 ? device.upper(i) : device.lower(i));
  const Mask<T> bounded = abs(bound) < T(infinity);
  state[i] = bound;
  const T at_bound = T(-side) * device.drift(i, state, u, regime);
  state[i] = select<>(bounded, T(bound - T(nearby * side) * T(device.scale(i))), T(0.0));
  const T inside = T(-side) * device.drift(i, state, u, regime);
  return device.moves(i, regime) && inside > T(0.0) && abs(at_bound) <= T(vanishing) * inside;
}
}  // namespace detail

/// The lanes in which a bound has absorbed variable i: the drift vanishes at the bound, and the variable is so close to
/// it that rounding decides about its way back. There are two cases:
///  - The input `u` drives the variable away from the bound: the distance is below the tolerated error of a step.
///  - The input -u, which may come, drives it away: the distance is below the resolution of a double.
/// @param gamma the state, in the coordinates that are integrated
/// @param regime regime of the model under `u`
template <class D, class T, class Gamma, class R>
[[nodiscard]] Mask<T> is_absorbed(const D& device, std::size_t i, const Gamma& gamma, const T& u, const R& regime,
                                  const IntegrationOptions& options) {
  using std::abs;
  Mask<T> absorbed(false);
  for (const double side : {-1.0, 1.0}) {
    const T bound(side > 0.0 ? device.upper(i) : device.lower(i));
    const T distance = select<>(abs(bound) < T(infinity), T(T(side) * (bound - gamma[i])),
                                T(select<>(bound == gamma[i], T(0.0), T(infinity))));
    const T scale(device.scale(i));
    const T tolerated = options.tolerated(scale, T(abs(gamma[i])));
    const Mask<T> close = distance <= T(0.0) || distance < tolerated;
    if (!any(close)) continue;
    const Mask<T> on_it = distance <= T(0.0) || (close && distance <= T(detail::resolved) * scale);
    const std::vector<T> state(&gamma[0], &gamma[0] + device.size());
    absorbed = absorbed || (close && detail::vanishes_inward(device, i, state, side, u, regime));
    if (!any(on_it)) continue;
    R turned = regime;
    evaluate_regime(device, state, T(-u), turned);
    absorbed = absorbed || (on_it && detail::vanishes_inward(device, i, state, side, T(-u), turned));
  }
  return absorbed;
}

}  // namespace memdyn
