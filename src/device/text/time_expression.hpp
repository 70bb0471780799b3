// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/text/formula.hpp"
#include "drive/sum.hpp"
#include "memdyn/device/device.hpp"

namespace memdyn {

/// An expression of the time t and of parameters: a waveform in the language of devices written as text.
class TimeExpression {
 public:
  struct Parameter {
    std::string name;
    double value = 0.0;  ///< [unit]
    std::string unit;    ///< empty if none is given
  };
  /// Units are checked if there are parameters and all have one: t is in seconds, and the value must be in `unit`.
  /// @throws ExpressionError naming the position of an error in the text; InputError about the name or the unit of a
  /// parameter, whose key is "parameters.NAME"
  TimeExpression(const std::string& text, const std::vector<Parameter>& parameters, const std::string& unit);

  /// Most segments of one waveform.
  static constexpr std::size_t most_segments = 100'000;
  /// The waveform with these parameters, cut where a switch (abs, min, max, step, when) changes its sign.
  /// @throws InputError naming the time if it, or its rate, is not finite, or if there are too many segments
  [[nodiscard]] std::vector<Segment> segments(double duration, std::span<const double> parameters) const;
  /// The number of these segments.
  [[nodiscard]] std::size_t count(double duration, std::span<const double> parameters) const;

 private:
  using Signs = Regime<double>;
  /// The smooth function of time of the whole expression, or of a switch (see Formula), while all switches have these
  /// signs. @param numbers a place for t, and the parameters
  [[nodiscard]] std::shared_ptr<const SmoothFunction> frozen(const std::vector<double>& numbers, const Signs& signs,
                                                             std::optional<std::size_t> of_switch = {}) const;
  /// The signs of the first n switches between two times [s] between which they keep them; those of the others are
  /// negative.
  [[nodiscard]] Signs signs_between(double begin, double end, const std::vector<double>& numbers, std::size_t n) const;
  /// The ends of the segments [s], 0 first.
  [[nodiscard]] std::vector<double> cuts(double duration, const std::vector<double>& numbers) const;

  std::shared_ptr<const Formula> formula_;
};

}  // namespace memdyn
