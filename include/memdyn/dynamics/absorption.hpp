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
/// Of the range: so near to a bound a drift that does not vanish there is about what it is at the bound.
inline constexpr double nearby = 1e-3;
/// Of the drift there: a drift at the bound itself that is no more is rounding.
inline constexpr double vanishing = 1e-12;
/// Of the range: what a double resolves next to a bound.
inline constexpr double resolved = 1e-15;

/// Where the drift of variable i under an input brings it back from a little inside of a bound, and vanishes at it.
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

/// Where a bound has absorbed variable i: its drift vanishes at the bound, and the variable is so close to it that the
/// drift which brings it back is a matter of rounding.
///  - Under the input `u` itself, once it brings the variable back: closer than what a step may be wrong by.
///  - Under an input of the other sign, which may come: closer than what a double resolves.
/// @param gamma what is integrated @param regime of the model under `u`
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
