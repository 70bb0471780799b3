// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/core/input_text.hpp"
#include "memdyn/core/instruction_set.hpp"
#include "memdyn/device/parameters.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/learn/dataset.hpp"
#include "memdyn/learn/network.hpp"
#include "memdyn/scenario/size_key.hpp"
#include "memdyn/scenario/sweep_plan.hpp"

namespace memdyn {

/// A task to learn: `draw` > 0 rows drawn from the table for each realization, as in Silva et al. 2020; or, for
/// `draw` = 0, the table itself, of which a fraction is held out (a different one for each realization).
struct LearningTask {
  std::string name;
  Dataset table;
  std::size_t draw = 100;
  double learning_rate = 0.1;
  double held_out = 0.0;             ///< fraction in [0, 1)
  bool standardize = false;          ///< scale inputs to mean 0 and standard deviation 1 over the rows that are learnt
  bool standardize_targets = false;  ///< the same for targets; needs `regression`
  /// The targets are numbers to be approximated, not classes: the training ends with RegressionResult in place of the
  /// accuracy. A plan with such a task has no other.
  bool regression = false;
};

/// Parameters that are drawn for each device of one role in each realization.
struct DeviceSpread {
  std::string role;  ///< "synapse" or "node"; "device" for a single layer
  SweepPlan draws;   ///< its scenario has the nominal device; its `variations`, `derived` and `seed` are used

  /// The numbers that differ.
  [[nodiscard]] std::vector<SweptNumber> numbers() const {
    std::vector<SweptNumber> all(draws.variations.begin(), draws.variations.end());
    all.insert(all.end(), draws.derived.begin(), draws.derived.end());
    return all;
  }
};

struct TrainingPlan {
  std::string title;
  std::string text;  ///< text of the scenario, or the command; stored in the result file
  std::vector<LearningTask> tasks;
  Network network;
  IntegrationOptions options;
  std::size_t realizations = 100;
  std::size_t epochs = 1000;
  std::uint64_t seed = 1;
  unsigned threads = 0;  ///< 0: all cores; the results do not depend on it
  InstructionSet set = default_instruction_set();
  bool twin = false;   ///< train the discrete twin instead of integrating
  double nudge = 0.0;  ///< relative change of the first initial weight, to measure how training amplifies it
  std::vector<std::uint64_t> record_realizations, record_epochs;  ///< trajectories to record; epochs from 1, rising
  double record_from = 0.0;      ///< rows of these trajectories from this time since the training began [s], >= 0
  double record_to = infinity;   ///< up to this time [s], > record_from
  double record_interval = 0.0;  ///< on a uniform grid [s]; 0: at every step and event. Not for the twin
  bool record_weights = false;   ///< record all weights after each epoch
  bool record_accuracy = false;  ///< record the accuracies after each epoch; needs classes
  std::vector<std::uint64_t> evaluate_epochs;  ///< ends of epochs for TrainingResult::fixed_error; from 1, rising
  std::size_t grid = 0;                        ///< regression: points per input of the grid of predictions; 0: no grid
  bool strict = false;                         ///< a calibration that is not clean is an error
  std::vector<DeviceSpread> spreads{};         ///< not empty if Network::devices_vary
  std::string file;                  ///< name of the scenario file, without its folder; empty if there is none
  std::vector<InputText> inputs;     ///< the files that the scenario names
  std::vector<SizeKey> sizes;        ///< the numbers that set the size of the run
  std::vector<std::string> notes{};  ///< what was recognised in the files, for the user
};

/// The number of points of the grid of predictions, which can exceed every integer; 0 for no grid.
[[nodiscard]] double points_of_grid(const TrainingPlan& plan);

/// Reads a scenario (data/scenarios/README.md lists its keys).
/// @param settings see read_simulation()
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] TrainingPlan read_training(const std::filesystem::path& scenario,
                                         const std::vector<std::string>& settings = {});

}  // namespace memdyn
