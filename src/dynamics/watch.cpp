// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/watch.hpp"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

namespace memdyn::watch {
namespace {

/// The largest error of a function, in units of the tolerance, with which its sign is decided close to zero.
constexpr double most_doubt = 10.0;
/// Share of the largest value: rounding of the values, and of the conversion to Bernstein coefficients, which
/// multiplies it by 200.
constexpr double rounding = 1e-13;
/// Share of the largest value: a polynomial with a larger error does not locate a root.
constexpr double coarse = 0.02;

/// Share of the step: a shorter part in which a polynomial comes close to zero is not divided, but judged as a whole.
constexpr double shortest_part = 1e-9;

/// The least tolerance of a function. Smaller numbers mean nothing in a device, and close to the smallest double they
/// have too few digits for a polynomial.
constexpr double smallest = 1e-290;

/// The largest number of parts of a step that are examined; if they do not decide, the step is unresolved.
constexpr int most_parts = 1000;

/// T_k(2θ - 1) in Bernstein polynomials of degree 8: (-1)^(k - j) C(2k, 2j)/C(k, j), raised from degree k.
const auto bernstein_of_chebyshev = [] {
  std::array<Values<double>, nodes> table{};
  const auto binomial = [](std::size_t n, std::size_t k) {
    double value = 1.0;
    for (std::size_t i = 0; i < k; ++i) value = value * static_cast<double>(n - i) / static_cast<double>(i + 1);
    return value;
  };
  for (std::size_t k = 0; k < nodes; ++k) {
    Values<double>& b = table[k];
    for (std::size_t j = 0; j <= k; ++j)
      b[j] = ((k - j) % 2 == 0 ? 1.0 : -1.0) * binomial(2 * k, 2 * j) / binomial(k, j);
    for (std::size_t degree = k; degree + 1 < nodes; ++degree)
      for (std::size_t j = degree + 1; j > 0; --j) {
        const double share_before = static_cast<double>(j) / static_cast<double>(degree + 1);
        b[j] = share_before * b[j - 1] + (1 - share_before) * (j <= degree ? b[j] : 0.0);
      }
  }
  return table;
}();

/// A polynomial of degree 8 on a part of the step, given by its Bernstein coefficients, whose hull contains it.
struct Part {
  double from, to;
  Values<double> b;

  explicit Part(const Values<double>& chebyshev) : from(0.0), to(1.0), b{} {
    for (std::size_t k = 0; k < nodes; ++k)
      for (std::size_t j = 0; j < nodes; ++j) b[j] += chebyshev[k] * bernstein_of_chebyshev[k][j];
  }
  [[nodiscard]] double least() const { return *std::ranges::min_element(b); }
  [[nodiscard]] double largest() const { return *std::ranges::max_element(b); }
  /// True if it ends negative after at most one sign change of the coefficients, hence with at most one root.
  [[nodiscard]] bool falls() const {
    const auto negative = std::ranges::find_if(b, [](double one) { return one < 0; });
    return b.back() < 0 && std::all_of(negative, b.end(), [](double one) { return one <= 0; });
  }
  /// Splits the part at a share of it, by de Casteljau's algorithm.
  [[nodiscard]] std::array<Part, 2> split(double at) const {
    Part left = *this;
    Part right = *this;
    left.to = right.from = from + at * (to - from);
    for (std::size_t level = 1; level < nodes; ++level) {
      for (std::size_t j = 0; j + level < nodes; ++j) right.b[j] += at * (right.b[j + 1] - right.b[j]);
      left.b[level] = right.b.front();
    }
    return {left, right};
  }
  /// The value at a share of this part.
  [[nodiscard]] double operator()(double at) const { return split(at)[1].b.front(); }
};

/// The values with the zero at the start divided out: they are positive while the function is.
Values<double> divided(const Values<double>& values) {
  Values<double> out;
  for (std::size_t j = 1; j < nodes; ++j) out[j] = (values[j] - values[0]) / share[j];
  const Values<double> c = coefficients(values);
  out[0] = 0.0;  // the slope at θ = 0: T_k'(-1) = (-1)^(k+1) k²
  for (std::size_t k = 1; k < nodes; ++k) {
    const auto order = static_cast<double>(k);
    out[0] += (k % 2 == 1 ? 2.0 : -2.0) * order * order * c[k];
  }
  return out;
}

/// The root in a part that starts positive and ends negative; the start of the part if it does not start positive.
Finding crossing(const Part& part, bool leaves) {
  double at = 0.0;
  if (part.b.front() > 0 && part.b.back() < 0) {
    std::uintmax_t iterations = 100;
    const auto root = boost::math::tools::toms748_solve(part, 0.0, 1.0, part.b.front(), part.b.back(),
                                                        boost::math::tools::eps_tolerance<double>(50), iterations);
    at = root.second;
  }
  const Part after = part.split(at)[1];
  const double theta = part.from + at * (part.to - part.from);
  const double length = part.to - part.from;
  constexpr double degree = nodes - 1;
  const double slope =
      at < 1.0 ? degree * (after.b[1] - after.b[0]) / (length * (1 - at)) : degree * (part.b[8] - part.b[7]) / length;
  return {Finding::crossing, theta,
          std::min(leaves ? after.b.front() + theta * slope : slope, -std::numeric_limits<double>::min())};
}

/// Decides about a function by parts of its polynomial: a part that stays above `off` is positive.
struct Judgement {
  bool leaves;  ///< the zero at the start is divided out of the polynomial
  const Slack& slack;
  double off;      ///< bound of the error of the polynomial
  double largest;  ///< largest size of the values
  int parts = 0;   ///< number of parts examined

  [[nodiscard]] double size(double value, double theta) const { return leaves ? theta * value : value; }
  [[nodiscard]] bool locates() const { return off <= coarse * largest; }
  [[nodiscard]] Finding found(const Part& part) const {
    return locates() ? crossing(part, leaves) : Finding{Finding::unresolved};
  }
  /// Decides about a part in which the polynomial is almost constant, or that is too short to be divided.
  [[nodiscard]] Finding of_whole(const Part& part) const {
    const double tolerance = slack(0.5 * (part.from + part.to));
    const double least = part.least();
    const bool resolved = size(off, part.to) <= most_doubt * tolerance;
    if (leaves) {  // a return to zero must exceed the errors of the curves close to the start
      if (size(-least - off, part.to) > most_doubt * tolerance) return found(part);
      return {size(off - least, part.to) > most_doubt * tolerance ? Finding::unresolved : Finding::clear};
    }
    if (!resolved && -least <= off) return {Finding::unresolved};
    return least < -tolerance ? found(part) : Finding{};
  }
  [[nodiscard]] bool falls(const Part& part) const {
    if (!part.falls()) return false;
    const double below = -part.b.back();
    if (leaves) return size(below - off, part.to) > most_doubt * slack(part.to);
    return (std::abs(part.b.front()) > off && below > off) || off <= most_doubt * slack(part.to);
  }
  [[nodiscard]] bool is_no_matter(const Part& part, double least) const {
    return leaves && size(off - least, part.to) <= most_doubt * std::min(slack(part.from), slack(part.to));
  }
  [[nodiscard]] Finding of(const Part& part) {
    const double least = part.least();
    const double most = part.largest();
    if (least >= off || is_no_matter(part, least)) return {};
    if (++parts > most_parts) return {Finding::unresolved};
    if (falls(part)) return found(part);
    const bool close = most < off && least > -off;
    if (close || most - least < 0.5 * off || part.to - part.from < shortest_part) return of_whole(part);
    const auto [left, right] = part.split(0.5);
    const Finding first = of(left);
    return first.kind == Finding::clear ? of(right) : first;
  }
};

/// The behaviour of a function after a start value that its polynomial does not resolve from zero.
struct Beginning {
  double until;  ///< share of the step up to which it certainly rises
  bool falls;    ///< it certainly falls through zero
  double slope;
};
Beginning beginning_of(const Values<double>& values, double doubt) {
  const Values<double> quotient = divided(values);
  const Values<double> c = coefficients(quotient);
  double largest = 0.0;
  for (const double value : quotient) largest = std::max(largest, std::abs(value));
  const double off = remainder(c) + doubt + rounding * largest;
  for (Part part(c); part.to > shortest_part; part = part.split(0.5)[0]) {
    if (part.least() > off) return {part.to, false, part.b.front()};
    if (part.largest() < -off) return {0.0, values[0] < part.to * (-part.largest() - off), part.b.front()};
  }
  return {0.0, false, 0.0};
}

}  // namespace

Finding examine(const Values<double>& values, const Slack& given, double doubt, double surface) {
  const Slack slack = [&](double theta) { return std::max(given(theta), smallest); };
  double largest = 0.0;
  for (const double value : values) {
    if (!std::isfinite(value)) return {Finding::unresolved};
    largest = std::max(largest, std::abs(value));
  }
  if (surface < 0 && stays_positive(values, doubt)) return {};
  const double at_begin = surface >= 0 ? 2 * (slack(0.0) + rounding * largest) : 0.0;
  const bool leaves = surface >= 0 && values[0] <= surface + at_begin;  // else it has left the surface already
  if (values[0] < (leaves ? -surface - at_begin : 0.0)) return {Finding::crossing, 0.0};
  const Values<double> c = coefficients(leaves ? divided(values) : values);
  const Slack from_surface = [&](double theta) { return slack(theta) + surface; };
  Judgement judgement{leaves, leaves ? from_surface : slack, remainder(c) + doubt + rounding * largest, largest};
  if (leaves || values[0] > judgement.off) return judgement.of(Part(c));
  const Beginning begin = beginning_of(values, doubt);
  if (begin.falls) return {Finding::crossing, std::min(values[0] / -begin.slope, 1.0), begin.slope};
  return begin.until == 1.0 ? Finding{} : judgement.of(Part(c).split(begin.until)[1]);
}

}  // namespace memdyn::watch
