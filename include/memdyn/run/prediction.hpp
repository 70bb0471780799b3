// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "memdyn/scenario/training_plan.hpp"

namespace memdyn {

/// The outputs of a trained network for new rows. All reads are integrated, as in a training.
/// @param plan its network, method and twin are used
/// @param weights of one realization, as TrainingResult::weight_final
/// @param inputs row x input, scaled as the rows that were learnt
/// @param realization to which the weights belong; it decides which devices are drawn, and the errors of the generator
/// @return row x output
/// @throws InputError if the number of weights, or of inputs, is not that of the network, or one is not finite;
/// NumericalError, Interrupted
[[nodiscard]] std::vector<double> predict(const TrainingPlan& plan, std::span<const double> weights,
                                          const std::vector<double>& inputs, std::uint64_t realization = 0);

}  // namespace memdyn
