// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// Decides whether two guards that are zero in a state are zero along one surface: 1 if they grow together, -1 if one
/// grows as the other falls, 0 if their surfaces cross.
/// @param device has scales
/// @param first, second derivatives of the guards with respect to each variable [unit of the guard / unit of the
/// variable], then time
template <class D, class T>
[[nodiscard]] T same_surface(const D& device, const std::vector<T>& first, const std::vector<T>& second) {
  using std::abs;
  constexpr double rounding = 1e-6;  // share of a derivative: far above the rounding of its sums
  T both(0.0);
  T own(0.0);
  for (std::size_t i = 0; i < device.size(); ++i) {
    const T weighted = first[i] * T(device.scale(i));
    both += weighted * second[i] * T(device.scale(i));
    own += weighted * weighted;
  }
  const T ratio = both / own;
  Mask<T> same = abs(ratio) > T(0.0);
  for (std::size_t i = 0; i < first.size(); ++i) {
    const T expected = ratio * first[i];
    same = same && abs(second[i] - expected) <= T(rounding) * (abs(second[i]) + abs(expected));
  }
  return select(same, select(ratio > T(0.0), T(1.0), T(-1.0)), T(0.0));
}

/// The drifts on both sides of a guard along which a state may slide. During sliding the drift is their convex
/// combination that keeps the guard at zero (Filippov 1988). Side 0 is where the guard is negative, side 1 where it is
/// positive.
template <class T>
struct Sides {
  std::array<std::vector<T>, 2> free;      ///< the drift of each variable, whether a bound holds it or not
  std::array<std::vector<T>, 2> velocity;  ///< the same, but zero for variables pinned to a bound
  std::array<T, 2> rate{T(0.0), T(0.0)};   ///< dg/dt of the guard on each side [its unit / s]

  /// True if both sides lead to the guard.
  [[nodiscard]] Mask<T> attract() const { return rate[0] > T(0.0) && rate[1] < T(0.0); }
  /// The weight of side 1 in the combination, 0 to 1; meaningful only if attract().
  [[nodiscard]] T share() const {
    using std::max;
    using std::min;
    return min(max(T(rate[0] / (rate[0] - rate[1])), T(0.0)), T(1.0));
  }
  /// The drift of variable i during sliding, whether a bound holds it or not; and its velocity, zero if it is pinned.
  [[nodiscard]] T drift_along(std::size_t i, const T& share) const { return combined(free, i, share); }
  [[nodiscard]] T velocity_along(std::size_t i, const T& share) const { return combined(velocity, i, share); }
  /// @returns the change of variable i that sets a guard of value g to zero, to first order, along the difference of
  /// both velocities
  [[nodiscard]] T way_back(std::size_t i, const T& g) const {
    return g / (rate[0] - rate[1]) * (velocity[1][i] - velocity[0][i]);
  }

  /// The lanes in which voltage or current jumps at the guard, so that no combination of both sides has one value of
  /// each; meaningful only if attract().
  /// @param device has scales and bounds
  /// @param at a state on the guard
  /// @param port port(side, state, voltage, current) sets voltage and current in a state beside the guard
  template <class D, class State, class Port>
  [[nodiscard]] Mask<T> port_jumps(const D& device, const State& at, const Port& port) const {
    using std::abs;
    using std::max;
    using std::min;
    constexpr double beside = 1e-9;     // share of the ranges
    constexpr double most_jump = 1e-5;  // relative, of voltage and current
    T steepest(0.0);                    // ranges
    for (std::size_t i = 0; i < device.size(); ++i)
      steepest = max(steepest, T(abs(velocity[0][i] - velocity[1][i]) / T(device.scale(i))));
    std::array<T, 2> voltage{T(0.0), T(0.0)};
    std::array<T, 2> current{T(0.0), T(0.0)};
    for (const std::size_t side : {0, 1}) {
      State there = at;
      const T ahead = T(side == 1 ? beside : -beside) / steepest;
      for (std::size_t i = 0; i < device.size(); ++i)
        there[i] =
            min(T(device.upper(i)), max(T(device.lower(i)), T(there[i] + ahead * (velocity[0][i] - velocity[1][i]))));
      port(side, there, voltage[side], current[side]);
    }
    Mask<T> jumps(false);
    for (const auto& [one, other] : {voltage, current})
      jumps = jumps || !(abs(one - other) <= T(most_jump) * max(T(abs(one)), T(abs(other))));
    return jumps;
  }

 private:
  [[nodiscard]] static T combined(const std::array<std::vector<T>, 2>& both, std::size_t i, const T& share) {
    return (T(1.0) - share) * both[0][i] + share * both[1][i];
  }
};

}  // namespace memdyn
