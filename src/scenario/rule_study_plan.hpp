// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/scenario/training_plan.hpp"
#include "scenario/toml_section.hpp"

namespace memdyn {

/// Trainings by an update rule, and by integration while one number of the scenario departs from what the rule assumes.
struct RuleStudyPlan {
  TrainingPlan rule;                     ///< the discrete twin, with the number as the rule assumes it
  TrainingPlan reference;                ///< the same trainings, integrated
  std::vector<TrainingPlan> integrated;  ///< for each of `values`
  std::string key;                       ///< of the number: "network.fall"
  std::string unit = "1";                ///< of the number
  std::vector<double> values;            ///< all different, in the order in which they depart from the rule
  double solved = 1.0;  ///< a training has succeeded if the total error of its last epoch is lower; > 0
  double share = 0.9;   ///< of trainings whose outcome the rule must predict, in (0, 1)

  /// How often all realizations are trained: by the rule, with its value, and with each of the others.
  [[nodiscard]] std::size_t trainings() const { return values.size() + 2; }
};

/// Applies `change` to the plans of all trainings.
template <class Change>
void for_each_training(RuleStudyPlan& plan, const Change& change) {
  change(plan.rule);
  change(plan.reference);
  for (auto& one : plan.integrated) change(one);
}

/// True if `memdyn validate` trains for this scenario, instead of tabulating pulses.
[[nodiscard]] bool is_rule_study(const TomlSection& root);
/// Reads a scenario of a training with the section [study] (data/scenarios/README.md lists its keys).
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] RuleStudyPlan read_rule_study(TomlSection root);

}  // namespace memdyn
