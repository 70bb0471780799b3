// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "learn/learner.hpp"
#include "memdyn/run/training.hpp"

namespace memdyn {

/// The outputs of the networks in all lanes of a learner. Reads may move devices: each row is read from the state in
/// which the learner is, and afterwards it is in that state again.
/// @param inputs of each lane, row x n_in, all with the same number of rows
/// @return for each lane, row x n_out
/// @throws Interrupted, NumericalError
[[nodiscard]] std::vector<std::vector<double>> outputs_of(Learner& learner, std::span<const std::vector<double>> inputs,
                                                          std::size_t n_in, std::size_t n_out);

/// ½ Σ (T - O)² over all rows and outputs.
[[nodiscard]] double total_error_of(std::span<const double> outputs, std::span<const double> targets);

/// For each output the root of the mean of (T - O)² over the rows, in the unit of the targets before they were scaled.
[[nodiscard]] std::vector<double> rms_of(std::span<const double> outputs, std::span<const double> targets,
                                         std::size_t n_out, const Scaling& scaling);

/// For each input `points` equidistant values from its smallest to its largest in a table.
[[nodiscard]] std::vector<std::vector<double>> grid_axes(const Dataset& table, std::size_t points);
/// The points of the grid that these axes span, row x n_in; the last input varies fastest.
[[nodiscard]] std::vector<double> grid_rows(const std::vector<std::vector<double>>& axes);

/// Creates the coordinates and the arrays of a regression.
void create_regression(ResultFile& file, const TrainingPlan& plan);

}  // namespace memdyn
