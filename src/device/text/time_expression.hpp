// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/text/formula.hpp"
#include "drive/sum.hpp"

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

  /// The waveform with these parameters. @throws InputError naming the time if it, or its rate, is not finite
  [[nodiscard]] Segment segment(double duration, std::span<const double> parameters) const;

 private:
  std::shared_ptr<const Formula> formula_;
};

}  // namespace memdyn
