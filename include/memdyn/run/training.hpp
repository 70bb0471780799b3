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

/// Arrays task x realization (x ...), row-major; NaN where a run was not finished.
struct TrainingResult {
  std::size_t weights = 0;
  std::vector<double> total_error;     ///< task x realization x epoch: ½ Σ (T - O)²
  std::vector<double> weight_initial;  ///< task x realization x weight
  std::vector<double> weight_final;
  std::vector<double> accuracy;  ///< task x realization: share of held-out rows answered rightly
  Calibration calibration;
  double pulses = 0;
  double updates = 0;  ///< of those
  double kappa = 0;    ///< of the nodes [V/A²]
  double seconds = 0;  ///< of wall time
  /// Why it ended early (Interrupted, NumericalError, IoError); the runs that were finished are here all the same.
  std::exception_ptr failure;
};

/// Trains every realization of every task. Trajectories, where the plan asks for them, go to `file`.
/// Throws nothing of its own: what went wrong, or what `progress` threw, is in the result as `failure`.
[[nodiscard]] TrainingResult train(const TrainingPlan& plan, const Progress& progress, ResultFile* file = nullptr);

/// total_error (gate x realization x epoch), weight_initial, weight_final (gate x realization x weight), accuracy, the
/// coordinates, and the calibration as attributes; and concludes the file. @throws IoError
void write_training(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result);
/// The calibration report, in words.
[[nodiscard]] std::string describe(const Calibration& calibration);

}  // namespace memdyn
