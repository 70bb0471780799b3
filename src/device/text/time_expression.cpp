// SPDX-License-Identifier: MIT
#include "device/text/time_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "device/text/expression.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/scalar/series.hpp"

namespace memdyn {
namespace {

/// An expression with the values of its parameters.
class Valued final : public SmoothFunction {
 public:
  /// @param numbers a place for t, and the parameters
  Valued(std::shared_ptr<const Formula> formula, std::vector<double> numbers)
      : formula_(std::move(formula)), numbers_(std::move(numbers)) {}

  [[nodiscard]] double value(double t) const override {
    std::vector<double> numbers = numbers_;
    numbers[0] = t;
    return (*formula_)(numbers);
  }
  void expand(double t, double unit, std::span<double> c) const override { fill<double>(t, unit, c); }
  void enclose(const Interval& t, double unit, std::span<Interval> c) const override { fill<Interval>(t, unit, c); }

 private:
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
    const Series<B> all = formula_->at<Series<B>>(numbers);
    for (std::size_t n = 1; n < c.size(); ++n) tape->run(n);
    for (std::size_t n = 0; n < c.size(); ++n) c[n] = all[n];
  }

  std::shared_ptr<const Formula> formula_;
  std::vector<double> numbers_;
};

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

Segment TimeExpression::segment(double duration, std::span<const double> parameters) const {
  if (!(duration > 0 && duration <= Waveform::largest))
    throw InputError("waveform", "duration", fmt::format("{}", duration), "must be above 0 and at most 1e15");
  std::vector<double> numbers{0.0};
  numbers.insert(numbers.end(), parameters.begin(), parameters.end());
  std::vector<SumOfTerms::Function> functions{{std::make_shared<const Valued>(formula_, std::move(numbers))}};
  return Sum{duration, std::make_shared<const SumOfTerms>(duration, std::vector<Segment>{}, std::move(functions))};
}

}  // namespace memdyn
