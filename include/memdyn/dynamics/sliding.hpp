// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// Compares two guards that are zero in a state: 1 if they are zero along one surface and increase together, -1 if one
/// increases as the other decreases, 0 if their surfaces cross.
/// @param device has scales
/// @param first, second derivatives with respect to each variable [unit of the guard / unit of the variable], then time
/// @param pace how fast the state moves [ranges / s]: the scale of time
template <class D, class T>
[[nodiscard]] T same_surface(const D& device, const std::vector<T>& first, const std::vector<T>& second,
                             const T& pace) {
  using std::abs;
  // Angle between the normals. Located states are off the surface by a thousandth of a tolerance, which turns the
  // normal of a guard that is the other times a function of the state by about as much.
  constexpr double alike = 1e-4;
  const auto weight = [&](std::size_t i) {
    return i < device.size() ? T(device.scale(i)) : T(select(pace > T(0.0), T(1.0) / pace, T(0.0)));
  };
  const auto product = [&](const auto& one, const auto& other) {
    T sum(0.0);
    for (std::size_t i = 0; i < first.size(); ++i) sum += one(i) * weight(i) * other(i) * weight(i);
    return sum;
  };
  const auto a = [&](std::size_t i) { return first[i]; };
  const auto b = [&](std::size_t i) { return second[i]; };
  const T ratio = product(a, b) / product(a, a);
  const auto rest = [&](std::size_t i) { return T(second[i] - ratio * first[i]); };
  const Mask<T> same = abs(ratio) > T(0.0) && product(rest, rest) <= T(alike * alike) * product(b, b);
  return select(same, select(ratio > T(0.0), T(1.0), T(-1.0)), T(0.0));
}

/// The lanes in which the derivatives of a guard vanish where it is zero, so that same_surface() cannot decide: they
/// are small beside its change over a finite distance.
/// @param slopes its derivatives with respect to each variable
/// @param value value(i, distance): the guard with variable i moved by that distance [unit of the variable]
template <class T, class D, class Value>
[[nodiscard]] Mask<T> derivatives_vanish(const D& device, const std::vector<T>& slopes, const Value& value) {
  using std::abs;
  using std::max;
  constexpr double distance = 1e-3;  // of a range
  constexpr double small = 1e-2;     // for a power of the surface the ratio is 1e-3 or less, for a regular one it is 1
  T linear(0.0);
  T change(0.0);
  for (std::size_t i = 0; i < device.size(); ++i) {
    const T step = T(device.scale(i)) * T(distance);
    linear = max(linear, T(abs(slopes[i]) * step));
    for (const double way : {-1.0, 1.0}) change = max(change, T(abs(value(i, T(T(way) * step)))));
  }
  return linear <= T(small) * change;
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

  /// How fast the state moves on either side [ranges / s].
  template <class D>
  [[nodiscard]] T pace(const D& device) const {
    using std::abs;
    using std::max;
    T fastest(0.0);
    for (const auto& side : velocity)
      for (std::size_t i = 0; i < device.size(); ++i) fastest = max(fastest, T(abs(side[i]) / T(device.scale(i))));
    return fastest;
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
