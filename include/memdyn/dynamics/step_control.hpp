// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "memdyn/scalar/lanes.hpp"

/// Step-size control, shared by all integrators. In local time [s] and, for packs, lane by lane: s is the start of a
/// step, h its length, `end` the end of its piece.
namespace memdyn::step_control {

/// In units of the tolerance: a larger error estimate, or NaN, shortens a step as this one does.
inline constexpr double most_error = 1e10;
/// Times whose relative difference is smaller count as equal: twice the rounding of a double.
inline constexpr double digits_of_time = 4e-16;
/// No step is shorter than this share of its piece.
inline constexpr double least_of_piece = 1e-18;
/// After so many steps that move nothing, each cut because the drift ahead is not finite, a state counts as stuck.
inline constexpr int most_stuck = 100;
/// Longer ones, as a share of their piece, bring a run to its end all the same.
inline constexpr double longest_stuck = 1e-6;
/// Share of a range: a state that moves by more within digits_of_time diverges.
inline constexpr double most_move_in_digits = 1e-6;

/// True if the step ends its piece, or would leave less than 1e-12 of its length.
template <class T>
[[nodiscard]] Mask<T> is_last(const T& s, const T& h, const T& end) {
  return s + h * T(1 + 1e-12) >= end;
}

/// True if a rejected step is too short to be tried again.
template <class T>
[[nodiscard]] Mask<T> is_exhausted(const T& s, const T& h, const T& end) {
  using std::abs;
  return h <= T(digits_of_time) * abs(s) || h <= T(least_of_piece) * end;
}

/// True if a step of this length counts as no time between two switches.
template <class T>
[[nodiscard]] Mask<T> is_in_place(const T& length, const T& end) {
  return length <= T(1e-14) * end;
}

/// The ratio of the next step length to the one that was tried.
/// @param size error estimate in units of the tolerance; may be NaN
/// @param order the error grows with this power of the length
template <class T>
[[nodiscard]] T change(const T& size, const Mask<T>& accepted, int order) {
  using std::max;
  using std::min;
  // the usual limits of a change (Hairer, Norsett and Wanner 1993, II.4); rough_power of packs is up to 13 % too large,
  // and the safety factor covers that
  constexpr double least_error = 1e-10, safety = 0.87, least = 0.2, most = 5.0;
  const T bounded = select(size < T(most_error), max(size, T(least_error)), T(most_error));
  const T ideal = T(safety) * rough_power(bounded, -1.0 / order);
  return select(accepted, min(T(most), ideal), max(T(least), min(ideal, T(1.0))));
}

}  // namespace memdyn::step_control
