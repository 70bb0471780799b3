// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "memdyn/learn/calibration.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/training_plan.hpp"

namespace memdyn {

/// Arrays are task x realization (x ...), row-major; NaN if a realization was not finished.
struct TrainingResult {
  std::size_t weights = 0;
  std::vector<double> total_error;     ///< task x realization x epoch: ½ Σ (T - O)²
  std::vector<double> weight_initial;  ///< task x realization x weight
  std::vector<double> weight_final;
  std::vector<double> accuracy;  ///< task x realization: fraction of held-out rows classified correctly
  Calibration calibration;
  double pulses = 0;
  double updates = 0;  ///< pulses that were updates
  double kappa = 0;    ///< κ of the nodes [V/A²]
  double seconds = 0;  ///< wall time [s]
  double resumed = 0;  ///< epochs, over all tasks and realizations, that an earlier run had finished
  /// Why the training ended early (Interrupted, NumericalError, IoError); the finished realizations are included.
  std::exception_ptr failure;
};

/// Trains every realization of every task. If a new `file` is given, its arrays are created, recorded trajectories are
/// written to it, and once a second what recover() needs if the process is killed. An error, or an exception thrown by
/// `progress`, is not thrown but returned as TrainingResult::failure.
///
/// If the target of the file is resumed (OutputTarget::Left::resumed), each realization goes on after the last epoch
/// that an earlier run of the same training has saved. The result is the same, to the last bit, as that of a training
/// that was not interrupted, on any number of threads.
/// @throws InputError if the training needs more memory or disk space than there is; `file` is then removed
/// @throws IoError if the arrays cannot be created, or the earlier run was another training
[[nodiscard]] TrainingResult train(const TrainingPlan& plan, const Progress& progress, ResultFile* file = nullptr);

/// Writes total_error (gate x realization x epoch), weight_initial, weight_final (gate x realization x weight),
/// accuracy, the coordinates, and the calibration as attributes; then concludes the file. @throws IoError
void write_training(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result);
/// The calibration report as text.
[[nodiscard]] std::string describe(const Calibration& calibration);

}  // namespace memdyn
