// SPDX-License-Identifier: MIT
#include "drive/sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/scalar/root.hpp"

namespace memdyn {
namespace {

/// Order of the Taylor polynomials whose remainder is bounded: stretches of about a quarter of a period of a sine.
constexpr std::size_t order = 8;
/// Magnitudes of the Taylor coefficients of a sum within a stretch, as parts of (half its length)^k: those around its
/// middle, and as the last one the bound of the remainder.
using Sizes = std::array<double, order + 2>;

/// Upper bound of the derivative of order k within the stretch, times (half its length)^k.
double derivative(const Sizes& sizes, std::size_t k) {
  double bound = 0;
  for (std::size_t n = k; n < sizes.size(); ++n) {
    double factor = 1;
    for (std::size_t i = 0; i < k; ++i) factor *= static_cast<double>(n - i);
    bound += factor * sizes[n];
  }
  return bound;
}

/// The longest step, as an eighth of the period of a sine whose successive derivatives have the same ratio.
double longest_of(const Sizes& sizes, double half) {
  constexpr double negligible = 1e-9;  // of the sum: the tightest tolerance that is usual
  double ratio = 0;
  for (std::size_t k = 1; k <= 3; ++k)
    if (const double next = derivative(sizes, k + 1); next > negligible * derivative(sizes, 0))
      ratio = std::max(ratio, next / derivative(sizes, k));
  return ratio > 0 ? 0.25 * std::numbers::pi * half / ratio : std::numeric_limits<double>::infinity();
}

}  // namespace

SumOfTerms::SumOfTerms(double duration, std::vector<Segment> segments, std::vector<Function> functions)
    : duration_(duration), segments_(std::move(segments)), functions_(std::move(functions)) {
  find_stretches();
}

double SumOfTerms::value(double s) const {
  double sum = 0;
  for (const auto& one : segments_) sum += memdyn::value(one, s);
  for (const auto& one : functions_) sum += one.factor * one.of->value(one.start + std::clamp(s, 0.0, duration_));
  return sum;
}
double SumOfTerms::rate(double s) const {
  std::array<double, 2> c{};
  expand(s, 1.0, c);
  return c[1];
}
void SumOfTerms::expand(double s, double unit, std::span<double> c) const {
  std::vector<double> own(c.size());
  std::ranges::fill(c, 0.0);
  const auto add = [&](double factor) {
    for (std::size_t k = 0; k < c.size(); ++k) c[k] += factor * own[k];
  };
  for (const auto& one : segments_) {
    memdyn::expand(one, s, unit, own);
    add(1.0);
  }
  for (const auto& one : functions_) {
    one.of->expand(one.start + std::clamp(s, 0.0, duration_), unit, own);
    add(one.factor);
  }
}
void SumOfTerms::enclose(const Interval& s, double unit, std::span<Interval> c) const {
  std::array<Interval, order + 2> own;
  std::ranges::fill(c, Interval(0.0));
  const auto add = [&](double factor) {
    for (std::size_t k = 0; k < c.size(); ++k) c[k] += Interval(factor) * own[k];
  };
  for (const auto& one : segments_) {
    memdyn::enclose(one, s, unit, std::span(own).first(c.size()));
    add(1.0);
  }
  for (const auto& one : functions_) {
    one.of->enclose(Interval(one.start) + s, unit, std::span(own).first(c.size()));
    add(one.factor);
  }
}

const Stretch& SumOfTerms::stretch_after(double s) const {
  const auto found = std::ranges::upper_bound(stretches_, s, {}, &Stretch::end);
  return found == stretches_.end() ? stretches_.back() : *found;
}

std::shared_ptr<const SumOfTerms> SumOfTerms::part(double begin, double end) const {
  std::vector<Segment> segments;
  for (const auto& one : segments_) segments.push_back(part_of(one, begin, end));
  std::vector<Function> functions = functions_;
  for (auto& one : functions) one.start += begin;
  return std::make_shared<const SumOfTerms>(end - begin, std::move(segments), std::move(functions));
}

void SumOfTerms::refuse(double s, const char* what) const {
  const double start = functions_.empty() ? 0.0 : functions_.front().start;
  throw InputError("waveform", "expression", fmt::format("at t = {:.9g} s", start + s), what);
}

void SumOfTerms::find_stretches() {
  constexpr double least = 1e-13;  // of the duration: above the resolution of time
  constexpr int samples = 64;
  for (int n = 0; n <= samples; ++n)
    if (const double size = std::abs(value(duration_ * n / samples)); std::isfinite(size))
      scale_ = std::max(scale_, size);
  double width = duration_;
  for (double s = 0; s < duration_;) {
    stop_if_interrupted();
    double end = s + width < duration_ ? s + width : duration_;
    while (!add_stretches(s, end)) {
      width = 0.5 * (end - s);
      end = s + width;
      if (width > least * duration_ && end > s) continue;
      refuse(s,
             "is not finite there, or its derivative is not, or it changes within 1e-13 of the duration; split the "
             "waveform at this time");
    }
    if (largest_ > Waveform::largest) refuse(s, "must be between -1e15 and 1e15");
    if (stretches_.size() > most_stretches)
      refuse(s, "has more than 1e6 extrema and inflections before; use a shorter duration");
    width = 2 * (end - s);
    s = end;
  }
}

bool SumOfTerms::add_stretches(double from, double to) {
  const double half = 0.5 * (to - from);
  std::array<Interval, order + 2> middle, whole;
  enclose(Interval(from + half), half, std::span(middle).first(order + 1));
  enclose(Interval(from, to), half, whole);
  middle.back() = whole.back();
  if (!middle[0].finite() || !whole[0].finite()) return false;
  constexpr double digits = 16 * std::numeric_limits<double>::epsilon();
  constexpr double most_digits = 1e-9;  // of a value by cancellation; a value that is known less well is not accepted
  constexpr double nothing = 1e-290;    // what is smaller counts as 0
  const double size = std::max({middle[0].most(), scale_, nothing});
  const double rounding = digits * size + std::min(4 * middle[0].width(), most_digits * size);
  if (whole[0].width() <= rounding) {  // constant
    largest_ = std::max(largest_, whole[0].most());
    stretches_.push_back({to, false, std::numeric_limits<double>::infinity()});
    return true;
  }
  Sizes sizes;
  double varies = 0;  // bound of the change from the middle
  double others = 0;  // of the rate, without its first term
  double bends = 0;   // of its derivative, likewise
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    if (!middle[k].finite()) return false;
    const auto n = static_cast<double>(k);
    sizes[k] = middle[k].most();
    if (k >= 1) varies += sizes[k];
    if (k >= 2) others += n * sizes[k];
    if (k >= 3) bends += n * (n - 1) * sizes[k];
  }
  const bool one_way = middle[1].least() > others;
  if (varies > rounding && !one_way && !(2 * middle[2].least() > bends)) return false;
  largest_ = std::max(largest_, sizes[0] + varies);
  const double longest = longest_of(sizes, half);
  bool turn = false;
  if (!one_way) {
    const int before = direction(from);
    const int after = direction(to);
    Bracket<double> bracket{from, rate(from), to, rate(to)};
    if (before * after < 0 && (bracket.fa < 0.0) != (bracket.fb < 0.0)) {
      narrow(bracket, true, [&](double s) { return rate(s); }, std::numeric_limits<double>::min());
      const double at = std::abs(bracket.fa) < std::abs(bracket.fb) ? bracket.a : bracket.b;
      if (at > from && at < to) stretches_.push_back({at, true, longest});
    }
    // an extremum at the end, but no inflection: beyond it the sum goes back
    constexpr double beyond = 1e-6;  // of the stretch
    turn =
        after == 0 && before != 0 && to < duration_ && before * direction(std::min(duration_, to + beyond * half)) < 0;
  }
  stretches_.push_back({to, turn, longest});
  return true;
}

int SumOfTerms::direction(double s) const {
  constexpr double digits = 2 * std::numeric_limits<double>::epsilon();  // to which an extremum is known
  Interval c[2];
  enclose({std::max(0.0, s * (1 - digits)), std::min(duration_, s * (1 + digits))}, duration_, c);
  return c[1].low > 0.0 ? 1 : c[1].high < 0.0 ? -1 : 0;
}

}  // namespace memdyn
