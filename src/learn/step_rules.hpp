// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace memdyn {

/// The changes that single pulses make to a weight, which is linear in the conductance and in [-1, 1].
struct WeightSteps {
  std::vector<double> weight;                 ///< before the pulse, rising
  std::array<std::vector<double>, 2> change;  ///< by one pulse up, down
  std::array<std::vector<bool>, 2> cut;       ///< a bound of the state cuts the change
};

/// A rule by which training simulators change a weight per pulse. Its parameters are the same in number for both
/// polarities.
struct StepRule {
  static constexpr std::size_t most_parameters = 3;
  static constexpr double least_of_second = -1000;

  std::string_view name;
  std::string_view formula;  ///< of a pulse up; one down is its mirror image
  std::span<const std::string_view> parameters;
  /// The length of a step, which can be infinite or, against the direction of the pulse, negative, from the distance
  /// `w` to the middle in the direction of the pulse: the weight for a pulse up, its negative for one down.
  double (*length)(double w, const double* parameters);
  /// The largest value of the second parameter; infinite for none. If there is one, the least is least_of_second, which
  /// leaves steps that grow as an exponential alone.
  double most_of_second = std::numeric_limits<double>::infinity();
};

/// The formulas: constant, linear, soft-bounds, power and exponential steps (aihwkit 1.1).
[[nodiscard]] std::span<const StepRule> step_formulas();
/// The name of the rule that is the table of changes itself, with straight lines between its nodes.
inline constexpr std::string_view table_rule_name = "table";

/// A rule for a device: a formula, or a table of changes with straight lines between its nodes.
struct DeviceRule {
  std::string name;
  const StepRule* rule = nullptr;      ///< null for a table
  std::optional<WeightSteps> table{};  ///< if there is no formula; its weights can be any that rise
  std::array<std::vector<double>, 2> parameters;
  /// Standard deviation of each, from what the fit leaves; infinite if the changes do not determine the parameter.
  std::array<std::vector<double>, 2> deviations;

  /// The weight after a pulse, cut to [-1, 1].
  [[nodiscard]] double after(double weight, std::size_t polarity) const;
};

/// All formulas, fitted by least squares over all nodes whose change no bound cuts, each polarity for itself; and the
/// table. @throws InputError if there are fewer such nodes than parameters
[[nodiscard]] std::vector<DeviceRule> fit_rules(const WeightSteps& steps);

}  // namespace memdyn
