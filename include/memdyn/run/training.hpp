// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/learn/calibration.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/training_plan.hpp"

namespace memdyn {

/// The results of a regression with the weights at the end of the training, in the unit of the targets. Arrays are
/// row-major; NaN if a realization was not finished. The grid has TrainingPlan::grid points from the smallest to the
/// largest value of each input; the last input varies fastest.
struct RegressionResult {
  std::vector<double> rms_training;  ///< realization x output: root mean square error on the rows that were learnt
  std::vector<double> rms_held_out;  ///< on the rows that were held out
  std::vector<double> prediction;    ///< realization x output x point of the grid
};

/// Values that are recorded after each epoch: task x realization x epoch x width, row-major; NaN for epochs that were
/// not finished.
struct EpochRecord {
  std::string name;
  std::size_t width = 1;
  std::vector<double> values;
};

/// Arrays are task x realization (x ...), row-major; NaN if a realization was not finished.
struct TrainingResult {
  std::size_t weights = 0;
  std::vector<double> total_error;     ///< task x realization x epoch: ½ Σ (T - O)²
  std::vector<double> weight_initial;  ///< task x realization x weight
  std::vector<double> weight_final;
  std::vector<double> accuracy;  ///< task x realization: fraction of held-out rows classified correctly
  /// task x realization x TrainingPlan::evaluate_epochs: ½ Σ (T - O)² over the rows that are learnt, with the weights
  /// at the end of that epoch. (An element of `total_error` is summed while the weights change.)
  std::vector<double> fixed_error;
  std::vector<EpochRecord> records;  ///< as TrainingPlan::record_weights and record_accuracy request
  RegressionResult regression;       ///< empty without a regression
  Calibration calibration;
  double pulses = 0;
  double updates = 0;  ///< pulses that were updates
  double kappa = 0;    ///< κ of the nodes [V/A²]
  double seconds = 0;  ///< wall time [s]
  double resumed = 0;  ///< epochs, over all tasks and realizations, that an earlier run had finished
  /// Why the training ended early (Interrupted, NumericalError, IoError); the finished realizations are included.
  std::exception_ptr failure;
};

/// Checks whether a training can begin, before its file replaces the part of an earlier run.
/// @param part the file that it will write; empty if it writes none
/// @throws InputError if it needs more than there is, or its network is not valid
void require_trainable(const TrainingPlan& plan, const std::filesystem::path& part);
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
/// Creates the attributes of write_summary(): NaN, or an empty text. @throws IoError
void create_summary(ResultFile& file, const TrainingPlan& plan);
/// Writes the calibration report and the number of pulses as attributes. @throws IoError
void write_summary(ResultFile& file, const Calibration& calibration, double pulses);
/// The calibration report as text.
[[nodiscard]] std::string describe(const Calibration& calibration);

}  // namespace memdyn
