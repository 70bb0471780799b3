// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "memdyn/run/training.hpp"

namespace memdyn {

/// The training behind figure 1 (single layer) or figure 2 (multilayer) of Silva et al. 2020: OR, AND and XOR, 100
/// drawn samples, η = 0.1 (0.01 for XOR in the multilayer perceptron).
[[nodiscard]] TrainingPlan figure_plan(int figure, const Reading& reading);

/// A claim about the figures, and the measured value that supports or refutes it.
struct Claim {
  std::string statement;
  std::string wanted;
  double measured;
  bool holds;
};
/// The claims that these results can decide; a claim about an epoch needs a training of that length. Either result may
/// be missing.
[[nodiscard]] std::vector<Claim> claims(const TrainingPlan& plan, const std::optional<TrainingResult>& figure1,
                                        const std::optional<TrainingResult>& figure2);

/// Total errors of task `task` at `epoch` (from 1), one per finished realization.
[[nodiscard]] std::vector<double> errors_at(const TrainingPlan& plan, const TrainingResult& result, std::size_t task,
                                            std::size_t epoch);
[[nodiscard]] double mean(const std::vector<double>& values);
[[nodiscard]] double median(std::vector<double> values);

}  // namespace memdyn
