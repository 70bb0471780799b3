// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>

#include "memdyn/dynamics/step_control.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn::watch {

/// How a function of state and time is watched throughout a step. It is evaluated along the dense output of the step
/// at Chebyshev's points, and interpolated there by a polynomial of degree 8. The last coefficients estimate how far
/// the polynomial may be off. It is positive when the step begins; the question is whether, and where first, it becomes
/// negative.
inline constexpr std::size_t nodes = 9;

/// The shares of the step at which watched functions are evaluated: (1 - cos(j π/8))/2, both ends included.
inline constexpr std::array<double, nodes> share = {0.0, 0.038060233744356631, 0.14644660940672621, 0.30865828381745508,
                                                    0.5, 0.69134171618254492,  0.85355339059327373, 0.96193976625564337,
                                                    1.0};

/// The error estimate of a step that is much too long can be small by chance. A step that is longer than the one before
/// by the factor of bold(), as the first is, is accepted only if the drift along its dense output, at these shares of
/// it, departs from the slope there by no more than so many units of the tolerance. They lie where the stages of dopri5
/// leave the widest gap.
inline constexpr std::array<double, 2> confirming = {0.4, 0.6};
inline constexpr double most_departure = 30.0;
/// Where the larger of the tolerances is looser than this, chance is more frequent: every step is looked at, at both
/// shares. Otherwise those that have grown by this factor alone are, at the first share.
inline constexpr double loose = 1e-7, grown = 1.2;
[[nodiscard]] constexpr std::span<const double> confirm_at(double tolerance) {
  return {confirming.data(), tolerance > loose ? confirming.size() : 1};
}
/// The factor by which a step has grown if it is bold; 0: every step is. A step of rosenbrock4 (`stiff`) is compared
/// with one of half the length, which is dear: there only those that have grown are.
[[nodiscard]] constexpr double bold(double tolerance, bool stiff) { return tolerance > loose && !stiff ? 0.0 : grown; }
/// A Taylor series knows nothing of what lies within its step: a bold one is looked at in all these.
inline constexpr std::span<const double> inside = std::span(share).subspan(1, nodes - 2);
/// A dense output of lower order than its step is in doubt: by `curve_of_slope` times the largest difference of drift
/// and slope at these two shares. At 0, 1/2 and 1 a quintic through ends and middle has no error, so they would show
/// nothing.
inline constexpr std::array<double, 2> doubt_at = {0.1, 0.9};
inline constexpr double curve_of_slope = 0.2;
/// Whether a step from s to s + h, in a piece that ends at `end`, is so short that a shorter one resolves nothing.
[[nodiscard]] constexpr bool is_shortest(double s, double h, double end) {
  return h <= 1e-12 * (s + h) || h <= step_control::least_of_piece * end;
}
/// Of a variable's range: a move that rounding alone can make.
inline constexpr double negligible = 1e-16;
/// Of a variable's range: a drift at a bound that moves it by no more until the piece ends has no sign but rounding.
inline constexpr double undecided = 1e-12;
/// So many switches one upon the other, without time that passes, are an error.
inline constexpr double most_events_in_place = 100;
/// Of the drive: by so much rounding may change it, which a guard that is a difference from it shows.
inline constexpr double rounding_of_drive = 1e-14;
/// Of what the tolerance makes of a function: so small is its value where its zero is found.
inline constexpr double located = 1e-3;
inline constexpr int most_corrections = 8;
/// By how much the share of a step of length h that begins at s has to differ for time to differ.
[[nodiscard]] constexpr double digits_of_share(double s, double h) { return 0x1p-52 * (1.0 + s / h); }

/// A zero of this slope that was found in a step of length h from s may be so much later, as a share of the step: what
/// becomes negative until then does so at the same time.
[[nodiscard]] inline double leeway(double slack, double slope, double s, double h) {
  const double left_open = slope < 0 ? located * slack / -slope : 0.0;
  return (left_open < located ? left_open : located) + 4.0 * digits_of_share(s, h);
}

/// Of the first four coefficients: where the last four are not less, they fall slowly.
inline constexpr double slow = 0.02;

/// Of its value where the step begins: a function that is no larger where it switches has come there continuously.
inline constexpr double continuous = 1e-6;

/// Along a part of a step in which no variable moves by more of its range a function is taken for as smooth as a
/// polynomial of degree 8 can be; and the most parts of a step.
inline constexpr double most_move = 1.0 / 32;
inline constexpr double most_parts_of_step = 64;

/// Values of one function at the nodes.
template <class T>
using Values = std::array<T, nodes>;

namespace detail {
/// Values at the nodes to coefficients of T_k(2θ - 1): weights of the discrete cosine transform.
inline constexpr auto transform = [] {
  constexpr double cosines[] = {1.0, 0.92387953251128674, 0.70710678118654757, 0.38268343236508977, 0.0};  // of m π/8
  std::array<std::array<double, nodes>, nodes> weights{};
  for (std::size_t k = 0; k < nodes; ++k)
    for (std::size_t j = 0; j < nodes; ++j) {
      std::size_t m = (nodes - 1 - j) * k % 16;
      if (m > 8) m = 16 - m;
      const double cosine = m <= 4 ? cosines[m] : -cosines[8 - m];
      const auto end = [](std::size_t index) { return index == 0 || index == nodes - 1 ? 0.5 : 1.0; };
      weights[k][j] = 0.25 * end(k) * end(j) * cosine;
    }
  return weights;
}();
}  // namespace detail

/// c_k of Σ c_k T_k(2θ - 1) through the values at the nodes.
template <class T>
[[nodiscard]] Values<T> coefficients(const Values<T>& values) {
  Values<T> out;
  for (std::size_t k = 0; k < nodes; ++k) {
    T sum(0.0);
    for (std::size_t j = 0; j < nodes; ++j) sum += T(detail::transform[k][j]) * values[j];
    out[k] = sum;
  }
  return out;
}

/// By how much the interpolating polynomial may be off. The last two coefficients decide, so that neither an even nor
/// an odd function hides from it; twice their size, as what comes after them may add up to as much. Those of a kink
/// fall so slowly that two of them can vanish together: where they do, the two before them count five times.
template <class T>
[[nodiscard]] T remainder(const Values<T>& coefficients) {
  using std::abs;
  T early(0.0);
  for (std::size_t k = 1; k < 5; ++k) early += abs(coefficients[k]);
  const T late = abs(coefficients[5]) + abs(coefficients[6]);
  const T last = abs(coefficients[7]) + abs(coefficients[8]);
  return select(late + last > T(slow) * early, T(2.0) * last + T(5.0) * late, T(2.0) * last);
}

/// The lanes in which a function cannot become negative: the sum of the coefficients' sizes bounds what it departs from
/// its mean.
/// @param doubt by how much the values themselves may be off
template <class T>
[[nodiscard]] Mask<T> stays_positive(const Values<T>& values, const T& doubt) {
  using std::abs;
  const Values<T> c = coefficients(values);
  T departure = remainder(c) + doubt;
  for (std::size_t k = 1; k < nodes; ++k) departure += abs(c[k]);
  return values[0] >= T(0.0) && c[0] >= departure;
}

inline constexpr double not_on_surface = -1.0;

/// What the values of one function show.
struct Finding {
  enum Kind {
    clear,      ///< it stays positive
    crossing,   ///< it becomes negative at `share`
    unresolved  ///< it comes so close to zero that only a shorter step can decide
  } kind = clear;
  double share = 1.0;  ///< of the step
  double slope = 0.0;  ///< of the function, a share, where it crosses: negative
};

/// What the tolerance of the integration makes of a function, >= 0, at a share of the step.
using Slack = std::function<double(double share)>;

/// @param values at the nodes; unresolved if one is not a number
/// @param slack whether the function dips below zero by less is not asked; looked at where it comes close
/// @param doubt by how much the values themselves may be off
/// @param surface the step begins on the surface, to this: a value there of that size counts as zero, and the function
/// is to rise from it; negative where the step does not begin there
[[nodiscard]] Finding examine(const Values<double>& values, const Slack& slack, double doubt,
                              double surface = not_on_surface);

}  // namespace memdyn::watch
