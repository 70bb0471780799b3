// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>

#include "memdyn/dynamics/step_control.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn::watch {

/// Event detection within a step. A function of state and time is evaluated along the dense output at Chebyshev points
/// and interpolated by a polynomial of degree 8; the last coefficients estimate the interpolation error. The function
/// is positive at the start of the step. To be found: whether it becomes negative, and its first root.
inline constexpr std::size_t nodes = 9;

/// The shares of the step at which watched functions are evaluated: (1 - cos(j π/8))/2, both ends included.
inline constexpr std::array<double, nodes> share = {0.0, 0.038060233744356631, 0.14644660940672621, 0.30865828381745508,
                                                    0.5, 0.69134171618254492,  0.85355339059327373, 0.96193976625564337,
                                                    1.0};

/// The error estimate of a step that is much too long can be small by chance. Therefore a step that is longer than the
/// one before by more than the factor bold(), as every first step is, is accepted only if the drift along its dense
/// output, at these shares of the step, differs from the slope of the dense output by at most `most_departure` units of
/// the tolerance. The shares lie in the widest gap between the stages of dopri5.
inline constexpr std::array<double, 2> confirming = {0.4, 0.6};
inline constexpr double most_departure = 30.0;
/// If the larger tolerance is above `loose`, such chance is more frequent, and every step is checked, at both shares.
/// Otherwise only steps that have grown by the factor `grown` are checked, at the first share.
inline constexpr double loose = 1e-7, grown = 1.2;
[[nodiscard]] constexpr std::span<const double> confirm_at(double tolerance) {
  return {confirming.data(), tolerance > loose ? confirming.size() : 1};
}
/// A step that has grown by more than this factor is bold; 0: every step is. A step of rosenbrock4 (`stiff`) is
/// compared with one of half the length, which is expensive; therefore only steps that have grown are.
[[nodiscard]] constexpr double bold(double tolerance, bool stiff) { return tolerance > loose && !stiff ? 0.0 : grown; }
/// A Taylor series has no evaluation within its step: a bold step is checked at all these shares.
inline constexpr std::span<const double> inside = std::span(share).subspan(1, nodes - 2);
/// The error of a dense output whose order is lower than that of its step is estimated as `curve_of_slope` times the
/// largest difference between drift and slope at these two shares. At 0, 1/2 and 1 a quintic through ends and middle
/// has no error, so these shares would show nothing.
inline constexpr std::array<double, 2> doubt_at = {0.1, 0.9};
inline constexpr double curve_of_slope = 0.2;
/// True if a step from s to s + h, in a piece that ends at `end`, is so short that a shorter one resolves nothing.
[[nodiscard]] constexpr bool is_shortest(double s, double h, double end) {
  return h <= 1e-12 * (s + h) || h <= step_control::least_of_piece * end;
}
/// Share of the range of a variable: a move that may be rounding.
inline constexpr double negligible = 1e-16;
/// Share of the range of a variable: the sign of a drift at a bound that moves it by no more until the end of the piece
/// may be rounding.
inline constexpr double undecided = 1e-12;
/// More successive switches without time between them are an error.
inline constexpr double most_events_in_place = 100;
/// Relative rounding error of the drive, which shows in a guard that is a difference from the drive.
inline constexpr double rounding_of_drive = 1e-14;
/// A root is located if the function is below this share of its change within the tolerance.
inline constexpr double located = 1e-3;
inline constexpr int most_corrections = 8;
/// The smallest change of the share of a step of length h from s that changes the time.
[[nodiscard]] constexpr double digits_of_share(double s, double h) { return 0x1p-52 * (1.0 + s / h); }

/// The uncertainty of a root of this slope, located in a step of length h from s, as a share of the step: functions
/// that become negative up to then switch at the same time.
[[nodiscard]] inline double leeway(double slack, double slope, double s, double h) {
  const double left_open = slope < 0 ? located * slack / -slope : 0.0;
  return (left_open < located ? left_open : located) + 4.0 * digits_of_share(s, h);
}

/// Share of the first coefficients (1 to 4): if the last four are larger, the coefficients fall slowly.
inline constexpr double slow = 0.02;

/// Share of the value at the start of the step: a function that is no larger at its switch has reached zero
/// continuously.
inline constexpr double continuous = 1e-6;

/// Within a part of a step in which no variable moves by more than `most_move` of its range, a function is assumed to
/// be as smooth as a polynomial of degree 8. `most_parts_of_step` limits the number of parts.
inline constexpr double most_move = 1.0 / 32;
inline constexpr double most_parts_of_step = 64;

/// Values of one function at the nodes.
template <class T>
using Values = std::array<T, nodes>;

namespace detail {
/// Weights of the discrete cosine transform, from values at the nodes to coefficients of T_k(2θ - 1).
inline constexpr auto transform = [] {
  constexpr double cosines[] = {1.0, 0.92387953251128674, 0.70710678118654757, 0.38268343236508977, 0.0};  // cos(m π/8)
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

/// Σ c_k T_k(2θ - 1), by Clenshaw's recurrence.
template <class T>
[[nodiscard]] T sum_at(const Values<T>& c, const T& theta) {
  const T x = T(2.0) * theta - T(1.0);
  T next(0.0), after(0.0);
  for (std::size_t k = nodes; k-- > 1;) {
    const T here = c[k] + T(2.0) * x * next - after;
    after = next;
    next = here;
  }
  return c[0] + x * next - after;
}
/// The coefficients of the derivative with respect to θ.
template <class T>
[[nodiscard]] Values<T> derivative(const Values<T>& c) {
  Values<T> out;
  out.fill(T(0.0));
  for (std::size_t k = nodes - 1; k-- > 0;)
    out[k] = (k + 2 < nodes ? out[k + 2] : T(0.0)) + T(4.0 * static_cast<double>(k + 1)) * c[k + 1];
  out[0] *= T(0.5);
  return out;
}

/// Estimates the error of the interpolating polynomial. It uses the last two coefficients, because one of them vanishes
/// in an even or odd function, and doubles them, because the terms left out may add up to as much. The coefficients of
/// a kink fall so slowly that two of them can vanish together: if they fall slowly, the two before are added five
/// times.
template <class T>
[[nodiscard]] T remainder(const Values<T>& coefficients) {
  using std::abs;
  T early(0.0);
  for (std::size_t k = 1; k < 5; ++k) early += abs(coefficients[k]);
  const T late = abs(coefficients[5]) + abs(coefficients[6]);
  const T last = abs(coefficients[7]) + abs(coefficients[8]);
  return select(late + last > T(slow) * early, T(2.0) * last + T(5.0) * late, T(2.0) * last);
}

/// The lanes in which a function cannot become negative: the sum of the sizes of the coefficients bounds its departure
/// from its mean.
/// @param doubt bound of the error of the values themselves
template <class T>
[[nodiscard]] Mask<T> stays_positive(const Values<T>& values, const T& doubt) {
  using std::abs;
  const Values<T> c = coefficients(values);
  T departure = remainder(c) + doubt;
  for (std::size_t k = 1; k < nodes; ++k) departure += abs(c[k]);
  return values[0] >= T(0.0) && c[0] >= departure;
}

inline constexpr double not_on_surface = -1.0;

/// The result of event detection for one function.
struct Finding {
  enum Kind {
    clear,      ///< it stays positive
    crossing,   ///< its first root is at `share`
    unresolved  ///< it comes so close to zero that a shorter step must decide
  } kind = clear;
  double share = 1.0;  ///< of the step
  double slope = 0.0;  ///< of the function at its root, per share of the step: negative
};

/// The change of a function within the tolerance of the integration, >= 0, at a share of the step.
using Slack = std::function<double(double share)>;

/// Finds the first root of a function in a step.
/// @param values values at the nodes; the result is unresolved if one is not finite
/// @param slack a dip below zero by less is ignored; evaluated only where the function comes close to zero
/// @param doubt bound of the error of the values themselves
/// @param surface if not negative, the step starts on the surface of the function: a start value up to this size counts
/// as zero, from which the function is to rise; negative if the step does not start there
[[nodiscard]] Finding examine(const Values<double>& values, const Slack& slack, double doubt,
                              double surface = not_on_surface);

}  // namespace memdyn::watch
