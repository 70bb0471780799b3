// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace memdyn {

/// A closed interval that holds the exact result of an operation on any numbers of its operands. Every operation rounds
/// to nearest and then widens its result by the largest error of the operation, so that the rounding mode of the
/// processor stays as it is. The result is `nowhere` (NaN) if it is not finite, or not defined for some of the numbers.
/// It serves as a scalar of series (scalar/series.hpp).
struct Interval {
  double low = 0.0, high = 0.0;

  Interval() = default;
  Interval(double number) : low(number), high(number) {}  // NOLINT(google-explicit-constructor): a number is one
  Interval(double from, double to) : low(from), high(to) {}
  [[nodiscard]] static Interval nowhere() { return {std::nan(""), std::nan("")}; }
  /// From `from` to `to`, widened by a relative error.
  [[nodiscard]] static Interval widened(double from, double to, double error) {
    constexpr double least = std::numeric_limits<double>::denorm_min();
    const Interval all{from - error * std::abs(from) - least, to + error * std::abs(to) + least};
    return all.finite() ? all : nowhere();
  }
  static constexpr double of_arithmetic = std::numeric_limits<double>::epsilon();  ///< error of + - * / and √
  static constexpr double of_functions = 8 * of_arithmetic;                        ///< of functions of the C library

  [[nodiscard]] bool finite() const { return std::isfinite(low) && std::isfinite(high); }
  [[nodiscard]] bool has_zero() const { return !(low > 0.0 || high < 0.0); }
  /// Largest and smallest magnitude.
  [[nodiscard]] double most() const { return std::max(std::abs(low), std::abs(high)); }
  [[nodiscard]] double least() const { return has_zero() ? 0.0 : std::min(std::abs(low), std::abs(high)); }
  [[nodiscard]] double width() const { return high - low; }

  friend Interval operator-(const Interval& a) { return {-a.high, -a.low}; }
  friend Interval operator+(const Interval& a, const Interval& b) {
    return widened(a.low + b.low, a.high + b.high, of_arithmetic);
  }
  friend Interval operator-(const Interval& a, const Interval& b) { return a + -b; }
  friend Interval operator*(const Interval& a, const Interval& b) {
    if (!a.finite() || !b.finite()) return nowhere();
    const auto [from, to] = std::minmax({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
    return widened(from, to, of_arithmetic);
  }
  friend Interval operator/(const Interval& a, const Interval& b) {
    if (!a.finite() || !b.finite() || b.has_zero()) return nowhere();
    const auto [from, to] = std::minmax({a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high});
    return widened(from, to, of_arithmetic);
  }
  Interval& operator+=(const Interval& other) { return *this = *this + other; }
  Interval& operator*=(const Interval& other) { return *this = *this * other; }
  /// Comparisons hold if they hold for all numbers.
  friend bool operator<(const Interval& a, const Interval& b) { return a.high < b.low; }
  friend bool operator>(const Interval& a, const Interval& b) { return a.low > b.high; }
  friend bool operator<=(const Interval& a, const Interval& b) { return a.high <= b.low; }
  friend bool operator>=(const Interval& a, const Interval& b) { return a.low >= b.high; }
  friend bool operator==(const Interval& a, const Interval& b) { return a.low == b.high && a.high == b.low; }

  [[nodiscard]] friend Interval abs(const Interval& x) { return {x.least(), x.most()}; }
  [[nodiscard]] friend Interval fused(const Interval& a, const Interval& b, const Interval& c) { return a * b + c; }

  [[nodiscard]] friend Interval exp(const Interval& x) {
    return grown(x, [](double one) { return std::exp(one); });
  }
  [[nodiscard]] friend Interval log(const Interval& x) {
    return x.low > 0.0 ? grown(x, [](double one) { return std::log(one); }) : Interval::nowhere();
  }
  [[nodiscard]] friend Interval sqrt(const Interval& x) {
    return x.low >= 0.0 ? grown(x, [](double one) { return std::sqrt(one); }) : Interval::nowhere();
  }
  [[nodiscard]] friend Interval sinh(const Interval& x) {
    return grown(x, [](double one) { return std::sinh(one); });
  }
  [[nodiscard]] friend Interval tanh(const Interval& x) {
    return grown(x, [](double one) { return std::tanh(one); });
  }
  [[nodiscard]] friend Interval cosh(const Interval& x) {
    const Interval size = abs(x);
    return grown(size, [](double one) { return std::cosh(one); });
  }
  [[nodiscard]] friend Interval atan(const Interval& x) {
    return grown(x, [](double one) { return std::atan(one); });
  }
  [[nodiscard]] friend Interval asin(const Interval& x) {
    return abs(x).high <= 1.0 ? grown(x, [](double one) { return std::asin(one); }) : Interval::nowhere();
  }
  [[nodiscard]] friend Interval acos(const Interval& x) { return Interval(0.5 * std::numbers::pi) - asin(x); }
  /// x^y for a number y, which must be whole if x can be negative.
  [[nodiscard]] friend Interval pow(const Interval& x, const Interval& y) {
    const double exponent = y.low;
    const bool whole = exponent == std::floor(exponent);
    if (!x.finite() || exponent != y.high || (x.low < 0.0 && !whole) || (exponent < 0.0 && x.has_zero()))
      return Interval::nowhere();
    const Interval base = whole && std::fmod(exponent, 2.0) == 0.0 ? abs(x) : x;
    const auto [from, to] = std::minmax({std::pow(base.low, exponent), std::pow(base.high, exponent)});
    return Interval::widened(from, to, Interval::of_functions);
  }
  [[nodiscard]] friend Interval sin(const Interval& x) { return turned(x, std::sin(x.low), std::sin(x.high), 0.5); }
  [[nodiscard]] friend Interval cos(const Interval& x) { return turned(x, std::cos(x.low), std::cos(x.high), 0.0); }

 private:
  /// The image under a function that grows.
  template <class Function>
  [[nodiscard]] static Interval grown(const Interval& x, const Function& f) {
    return x.finite() ? Interval::widened(f(x.low), f(x.high), Interval::of_functions) : Interval::nowhere();
  }
  /// The hull of the values of a sine at both ends, and of its extrema between them.
  /// @param first where its maxima are, in units of π: 0.5 for the sine, 0 for the cosine
  [[nodiscard]] static Interval turned(const Interval& x, double at_low, double at_high, double first) {
    if (!x.finite()) return Interval::nowhere();
    Interval all = Interval::widened(std::min(at_low, at_high), std::max(at_low, at_high), Interval::of_functions);
    const double slack = Interval::of_functions * (x.most() + 1.0);
    const double from = std::ceil(x.low / std::numbers::pi - first - slack);
    const double to = std::floor(x.high / std::numbers::pi - first + slack);
    const auto turns = [&](bool even) {
      if (from > to) return false;
      return to > from || (std::fmod(from, 2.0) == 0.0) == even;
    };
    return {turns(false) ? -1.0 : std::max(all.low, -1.0), turns(true) ? 1.0 : std::min(all.high, 1.0)};
  }
};

}  // namespace memdyn
