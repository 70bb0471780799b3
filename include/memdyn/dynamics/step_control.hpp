// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "memdyn/scalar/lanes.hpp"

/// How long steps are, by the rules of every integrator: s is where a step begins, h its length, `end` where its piece
/// ends, all in local time and, for packs, lane by lane.
namespace memdyn::step_control {

/// In units of what is tolerated: a larger error, or one that is not a number, shortens a step as this one does.
inline constexpr double most_error = 1e10;
/// Two times that differ by less, relatively, count as equal: twice the rounding of a double.
inline constexpr double digits_of_time = 4e-16;
/// No step is shorter than this share of its piece.
inline constexpr double least_of_piece = 1e-18;
/// Of a range: a state that moves by more within the digits of time runs away.
inline constexpr double most_move_in_digits = 1e-6;

/// Whether the step ends its piece: it does if less than 1e-12 of its length would be left.
template <class T>
[[nodiscard]] Mask<T> is_last(const T& s, const T& h, const T& end) {
  return s + h * T(1 + 1e-12) >= end;
}

/// Whether a rejected step has become too short to be tried again.
template <class T>
[[nodiscard]] Mask<T> is_exhausted(const T& s, const T& h, const T& end) {
  using std::abs;
  return h <= T(digits_of_time) * abs(s) || h <= T(least_of_piece) * end;
}

/// Whether no time has passed in a step of this length, as far as switches one upon the other are concerned.
template <class T>
[[nodiscard]] Mask<T> is_in_place(const T& length, const T& end) {
  return length <= T(1e-14) * end;
}

/// The length of the next step over that of the one that was tried.
/// @param size of its error, in units of what is tolerated; may be NaN
/// @param order the error grows as the length to this power
template <class T>
[[nodiscard]] T change(const T& size, const Mask<T>& accepted, int order) {
  using std::max;
  using std::min;
  // the usual limits of a change (Hairer, Norsett and Wanner 1993, II.4); rough_power of packs is up to 13 % too large,
  // which the safety covers
  constexpr double least_error = 1e-10, safety = 0.87, least = 0.2, most = 5.0;
  const T bounded = select(size < T(most_error), max(size, T(least_error)), T(most_error));
  const T ideal = T(safety) * rough_power(bounded, -1.0 / order);
  return select(accepted, min(T(most), ideal), max(T(least), min(ideal, T(1.0))));
}

}  // namespace memdyn::step_control
