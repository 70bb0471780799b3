// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "memdyn/core/error.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/device/text/text_model.hpp"

namespace memdyn {

/// A part of a device description is not valid. key() names it: "variable[0].lower", "parameters.tau".
class DescriptionError : public InputError {
 public:
  /// Message "device: key = value: remedy".
  DescriptionError(const std::string& device, const std::string& key, const std::string& value,
                   const std::string& remedy)
      : InputError(device, key, value, remedy), text_(key + " = " + value + ": " + remedy) {}
  /// The message without the device, for a caller that adds file and line instead.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Position of the error in the value, in characters.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

 protected:
  DescriptionError(const std::string& key, std::size_t offset, const std::string& what)
      : InputError(fmt::format("{}, character {}: {}", key, offset + 1, what), {.key = key}),
        text_(key + ": " + what),
        offset_(offset) {}

 private:
  std::string text_;
  std::size_t offset_ = 0;
};

/// An expression is not valid. key() names it ("variable[0].drift", "let.base"), offset() is the position in it.
class ExpressionError : public DescriptionError {
 public:
  ExpressionError(const std::string& key, std::size_t offset, const std::string& what)
      : DescriptionError(key, offset, what) {}
};

/// The content of a device file; data/devices/README.md documents the keys and the language of the expressions.
struct TextDescription {
  struct Parameter {
    std::string name;
    double value = 0.0;                       ///< [unit]
    std::string unit;                         ///< empty if none is given
    double low = -infinity, high = infinity;  ///< admissible range, both ends included [unit]
    std::string meaning;
  };
  struct Named {
    std::string name, expression;
  };
  struct Variable {
    std::string name;
    std::string unit;
    std::string lower, upper;  ///< expressions of parameters [unit]; empty if there is no bound
    std::string scale;         ///< expression of parameters [unit]; if empty: upper - lower
    std::string drift;         ///< expression [unit/s]
  };
  /// An unknown that is the root of its equation, which must change its sign between the bounds.
  struct Unknown {
    std::string name;
    std::string unit;
    std::string equation;      ///< expression, 0 at the solution, in any unit
    std::string lower, upper;  ///< expressions of parameters, variables, input and the unknowns before it [unit]
  };
  std::string name;
  Quantity control = Quantity::current;
  std::vector<Parameter> parameters;
  std::vector<Named> lets;
  std::vector<Named> guards;
  std::vector<Variable> variables;
  std::vector<Unknown> unknowns;
  TextEquations::Port port = TextEquations::Port::memristance;
  std::string port_expression;  ///< expression [Ohm], [V] or [A]
  struct Claim {
    bool holds = true;
    std::string why;  ///< the reason if it does not hold
  };
  Claim passive, pinched, leaves_bounds, grows;
  bool fades = false;
  int smoothness = Properties::smooth;
  double typical_input = std::nan("");  ///< [A] or [V]

  /// True if there are parameters and all have units; then the units of all expressions are checked.
  [[nodiscard]] bool has_units() const;
};

/// A device written as text: equations over parameters, compiled into a program that runs over every scalar.
class TextDevice final : public AnyDevice::Definition {
 public:
  static constexpr std::string_view own_kind = "text";

  /// @throws DescriptionError naming key, value and remedy
  explicit TextDevice(TextDescription description);
  [[nodiscard]] const TextDescription& description() const { return *description_; }
  [[nodiscard]] const std::shared_ptr<const TextEquations>& equations() const { return equations_; }
  /// The values of the parameters.
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

  [[nodiscard]] std::string_view kind() const override { return own_kind; }
  [[nodiscard]] std::string_view name() const override { return description_->name; }
  [[nodiscard]] std::vector<std::string> variable_names() const override;
  [[nodiscard]] std::vector<std::string> variable_units() const override;
  [[nodiscard]] std::vector<std::string> guard_names() const override;
  [[nodiscard]] Properties properties() const override;
  [[nodiscard]] double typical_input() const override { return description_->typical_input; }
  [[nodiscard]] std::vector<AnyDevice::Number> numbers() const override;
  [[nodiscard]] AnyDevice with(const std::vector<double>& numbers) const override;

 private:
  TextDevice(std::shared_ptr<const TextDescription> description, std::shared_ptr<const TextEquations> equations,
             std::vector<double> values);

  std::shared_ptr<const TextDescription> description_;
  std::shared_ptr<const TextEquations> equations_;
  std::vector<double> values_;
};

}  // namespace memdyn
