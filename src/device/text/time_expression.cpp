// SPDX-License-Identifier: MIT
#include "device/text/time_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numbers>
#include <utility>

#include "device/text/expression.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/scalar/series.hpp"

namespace memdyn {
namespace {

/// An expression with the values of its parameters and the signs of its switches, or the value of one of them.
class Frozen final : public SmoothFunction {
 public:
  /// @param numbers a place for t, and the parameters
  Frozen(std::shared_ptr<const Formula> formula, std::vector<double> numbers, Regime<double> signs,
         std::optional<std::size_t> of_switch)
      : formula_(std::move(formula)), numbers_(std::move(numbers)), signs_(std::move(signs)), of_switch_(of_switch) {}

  [[nodiscard]] double value(double t) const override {
    std::vector<double> numbers = numbers_;
    numbers[0] = t;
    return of<double>(numbers);
  }
  void expand(double t, double unit, std::span<double> c) const override { fill<double>(t, unit, c); }
  void enclose(const Interval& t, double unit, std::span<Interval> c) const override { fill<Interval>(t, unit, c); }

 private:
  template <class T>
  [[nodiscard]] T of(const std::vector<T>& numbers) const {
    const std::span<const bool> signs(signs_.data(), signs_.size());
    return of_switch_ ? formula_->switch_at<T>(*of_switch_, numbers, signs) : formula_->at<T>(numbers, signs);
  }
  /// Fills c by the recurrences of series. @tparam B double, or an interval
  template <class B>
  void fill(const B& t, double unit, std::span<B> c) const {
    static thread_local std::size_t order = 0;  // of a tape that is kept, because its memory costs more than its use
    static thread_local std::unique_ptr<SeriesTape<B>> tape;
    if (tape == nullptr || c.size() > order + 1) {
      order = std::max<std::size_t>(16, c.size() - 1);
      tape = std::make_unique<SeriesTape<B>>(order);
    }
    tape->clear();
    const typename SeriesTape<B>::InUse in_use(*tape);
    std::vector<B> time(order + 1, B(0.0));
    time[0] = t;
    time[1] = B(unit);
    std::vector<Series<B>> numbers(numbers_.begin(), numbers_.end());
    numbers[0] = Series<B>::of(time.data());
    const Series<B> all = of<Series<B>>(numbers);
    for (std::size_t n = 1; n < c.size(); ++n) tape->run(n);
    for (std::size_t n = 0; n < c.size(); ++n) c[n] = all[n];
  }

  std::shared_ptr<const Formula> formula_;
  std::vector<double> numbers_;
  Regime<double> signs_;
  std::optional<std::size_t> of_switch_;
};

/// A place for t, and the parameters. @throws InputError about the duration
std::vector<double> numbers_for(double duration, std::span<const double> parameters) {
  if (!(duration > 0 && duration <= Waveform::largest))
    throw InputError("waveform", "duration", fmt::format("{}", duration), "must be above 0 and at most 1e15");
  std::vector<double> numbers{0.0};
  numbers.insert(numbers.end(), parameters.begin(), parameters.end());
  return numbers;
}

/// A function of time from `begin` to `end` [s].
Segment segment_of(std::shared_ptr<const SmoothFunction> function, double begin, double end) {
  return Sum{end - begin, std::make_shared<const SumOfTerms>(
                              end - begin, std::vector<Segment>{},
                              std::vector<SumOfTerms::Function>{{.of = std::move(function), .start = begin}})};
}

}  // namespace

TimeExpression::TimeExpression(const std::string& text, const std::vector<Parameter>& parameters,
                               const std::string& unit) {
  std::vector<std::string> names{"t"};
  for (const auto& one : parameters) {
    const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    const bool begins = !one.name.empty() && std::isdigit(static_cast<unsigned char>(one.name.front())) == 0;
    if (!begins || !std::ranges::all_of(one.name, plain) || one.name == "t" || expression::is_reserved(one.name))
      throw InputError("waveform", "parameters." + one.name, fmt::format("{}", one.value),
                       "needs another name, of letters, digits and underscores; t is the time, and functions keep "
                       "their names");
    names.push_back(one.name);
  }
  std::vector<Unit> units;
  for (const auto& one : parameters) {
    if (one.unit.empty()) continue;
    if (units.empty()) units.emplace_back("s");  // of t
    try {
      units.emplace_back(one.unit);
    } catch (const InputError& error) {
      throw InputError("waveform", "parameters." + one.name, one.unit, error.what());
    }
  }
  if (units.size() <= parameters.size()) units.clear();  // not all have one
  formula_ = std::make_shared<const Formula>("expression", text, names, units, 1);
  const Unit wanted = units.empty() ? Unit() : Unit(unit);
  if (!units.empty() && !formula_->unit().same(wanted)) {
    const double times = formula_->unit().in(wanted);
    throw ExpressionError("expression", 0,
                          fmt::format("must be in {}, not in {}{}", unit, formula_->unit().text(),
                                      std::isnan(times) ? "" : fmt::format(": one is {:.6g} times the other", times)));
  }
}

std::shared_ptr<const SmoothFunction> TimeExpression::frozen(const std::vector<double>& numbers, const Signs& signs,
                                                             std::optional<std::size_t> of_switch) const {
  return std::make_shared<const Frozen>(formula_, numbers, signs, of_switch);
}

TimeExpression::Signs TimeExpression::signs_between(double begin, double end, const std::vector<double>& numbers,
                                                    std::size_t n) const {
  constexpr int samples = 16;  // a switch may touch 0 at some of them
  Signs signs;
  signs.resize(formula_->switches(), false);
  for (std::size_t k = 0; k < n; ++k) {
    const auto of_switch = frozen(numbers, signs, k);
    double farthest = 0.0;
    for (int i = 1; i <= samples; ++i) {
      const double share = i * std::numbers::phi - std::floor(i * std::numbers::phi);  // no period is a multiple of it
      const double value = of_switch->value(begin + share * (end - begin));
      if (std::abs(value) > std::abs(farthest)) farthest = value;
    }
    signs[k] = farthest > 0.0;
  }
  return signs;
}

std::vector<double> TimeExpression::cuts(double duration, const std::vector<double>& numbers) const {
  constexpr double resolved = 1e-14;  // of the duration: two cuts that are closer are one
  std::vector<double> cuts{0.0, duration};
  for (std::size_t k = 0; k < formula_->switches(); ++k) {
    std::vector<double> finer{0.0};
    for (std::size_t n = 1; n < cuts.size(); ++n) {
      stop_if_interrupted();
      const double begin = cuts[n - 1];
      const double end = cuts[n];
      const Signs signs = signs_between(begin, end, numbers, k);
      const Segment sign = segment_of(frozen(numbers, signs, k), begin, end);
      for (double s = next_crossing(sign, 0.0, 0.0); s < end - begin; s = next_crossing(sign, 0.0, s)) {
        const double cut = begin + s;
        if (cut - finer.back() > resolved * duration && end - cut > resolved * duration) finer.push_back(cut);
        if (finer.size() > most_segments)
          throw InputError("waveform", "expression", fmt::format("at t = {:.9g} s", cut),
                           fmt::format("has {} kinks and jumps before; use a shorter duration", most_segments));
      }
      finer.push_back(end);
    }
    cuts = std::move(finer);
  }
  return cuts;
}

std::vector<Segment> TimeExpression::segments(double duration, std::span<const double> parameters) const {
  const auto numbers = numbers_for(duration, parameters);
  const auto ends = cuts(duration, numbers);
  std::vector<Segment> all;
  for (std::size_t n = 1; n < ends.size(); ++n) {
    const double begin = ends[n - 1];
    const Signs signs = signs_between(begin, ends[n], numbers, formula_->switches());
    all.push_back(segment_of(frozen(numbers, signs), begin, ends[n]));
  }
  return all;
}

std::size_t TimeExpression::count(double duration, std::span<const double> parameters) const {
  return formula_->switches() == 0 ? 1 : cuts(duration, numbers_for(duration, parameters)).size() - 1;
}

}  // namespace memdyn
