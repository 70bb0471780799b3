// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

#include "memdyn/run/training.hpp"

namespace memdyn {

/// Writes the axes that trainings have in common: gate (the task), realization and epoch. @throws IoError
void create_training_axes(ResultFile& file, const TrainingPlan& plan);

/// Whether networks are read beside their training, by a second learner: for accuracies, predictions, or errors at
/// fixed weights.
[[nodiscard]] bool are_read(const TrainingPlan& plan);

/// The empty arrays of what a plan records after each epoch: `weights` and `gamma` (one value per internal
/// variable), and `accuracy_training` and `accuracy_held_out`.
/// @param variables number of internal variables
[[nodiscard]] std::vector<EpochRecord> epoch_records(const TrainingPlan& plan, std::size_t variables);
/// The number of values that a plan records after each epoch of a realization.
[[nodiscard]] double recorded_per_epoch(const TrainingPlan& plan, double weights);

/// Creates the arrays and their axis `variable`.
/// @param variables names of the internal variables of all devices
/// @param unit of these variables
void create_epoch_records(ResultFile& file, const TrainingResult& result, const std::vector<std::string>& variables,
                          const std::string& unit);
/// The place of the values of an epoch, from 0. @param run task times realizations plus realization
[[nodiscard]] std::span<double> place(EpochRecord& record, std::size_t run, std::size_t epochs, std::size_t epoch);
/// Takes over the epochs of all runs that an earlier run has finished. @throws IoError
void resume_epoch_records(const ResultReader& left, TrainingResult& result);

/// The share of rows classified correctly: the largest output belongs to the largest target; for a single output, both
/// are on the same side of 0.5. NaN without rows.
/// @param outputs row x n_out
[[nodiscard]] double accuracy_of(std::span<const double> outputs, const Dataset& rows);

}  // namespace memdyn
