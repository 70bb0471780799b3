// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "memdyn/core/instruction_set.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/learn/calibration.hpp"
#include "memdyn/learn/dataset.hpp"
#include "memdyn/learn/network.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/study/simulation.hpp"

namespace memdyn {

/// What is learnt: `draw` > 0 rows drawn from the table for each realization, as the paper does, or the table itself,
/// of which a share is held out (another one for each realization).
struct LearningTask {
  std::string name;
  Dataset table;
  std::size_t draw = 100;
  double learning_rate = 0.1;
  double held_out = 0.0;     ///< in [0, 1)
  bool standardize = false;  ///< inputs to mean 0, deviation 1 over the rows that are learnt
};

/// The networks of the paper's figures under a reading, with parameter sets that suit it.
[[nodiscard]] Network paper_network(bool multilayer, const Reading& reading);

struct TrainingPlan {
  std::string title;
  std::string text;  ///< scenario or command, for the file
  std::vector<LearningTask> tasks;
  Network network;
  IntegrationOptions options;
  std::size_t realizations = 100;
  std::size_t epochs = 1000;
  std::uint64_t seed = 1;
  unsigned threads = 0;  ///< 0: all cores; the results do not depend on it
  InstructionSet set = default_instruction_set();
  bool twin = false;   ///< the discrete twin instead of integration
  double nudge = 0.0;  ///< relative change of the first initial weight, to measure how training amplifies
  std::vector<std::uint64_t> record_realizations, record_epochs;  ///< trajectories to keep; epochs from 1
  bool strict = false;                                            ///< a calibration that is not clean is an error
};

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

/// Reads a scenario (data/scenarios/README.md lists its keys).
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] TrainingPlan read_training(const std::filesystem::path& scenario);

/// Trains every realization of every task. Trajectories, where the plan asks for them, go to `file`.
/// Throws nothing of its own: what went wrong, or what `progress` threw, is in the result as `failure`.
[[nodiscard]] TrainingResult train(const TrainingPlan& plan, const Progress& progress, ResultFile* file = nullptr);

/// total_error (gate x realization x epoch), weight_initial, weight_final (gate x realization x weight), accuracy, the
/// coordinates, and the calibration as attributes; and concludes the file. @throws IoError
void write_training(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result);
/// The calibration report, in words.
[[nodiscard]] std::string describe(const Calibration& calibration);

}  // namespace memdyn
