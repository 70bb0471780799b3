// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <exception>
#include <string>
#include <vector>

#include "memdyn/assess/reproduction.hpp"
#include "memdyn/learn/node_activation.hpp"
#include "memdyn/record/result_file.hpp"

namespace memdyn {

/// A function to approximate: its values on a grid, and the learning rate of the trainings.
struct ApproximationTarget {
  std::string name;
  Dataset table;
  double learning_rate;
};
/// "sine": 0.5 + 0.4 sin(2πx), and "step": 0.1 where x < 0, else 0.9, at 101 points on [-1, 1]; "franke": the function
/// of Franke 1979 (exp. 1) at 11 x 11 points on [0, 1]².
[[nodiscard]] std::vector<ApproximationTarget> approximation_targets();

/// Trainings that put the claim of Silva et al. 2020 to the test that networks of memristors are universal function
/// approximators: for each target, each activation of the hidden nodes, each activation of the output node and each
/// width of one hidden layer, and for two hidden layers of square nodes.
struct UniversalityPlan {
  std::vector<std::size_t> hidden{2, 4, 8, 16, 32};  ///< widths, rising
  std::vector<std::size_t> deep{8, 8};               ///< widths of the two hidden layers
  std::size_t realizations = 8;
  std::size_t epochs = 20000;
  std::uint64_t seed = 1;
  unsigned threads = 0;  ///< 0: all cores; the results do not depend on it
  InstructionSet set = default_instruction_set();
  bool twin = false;  ///< train the discrete twins instead of integrating

  static constexpr NodeActivation activations[] = {NodeActivation::square, NodeActivation::rectified};
  static constexpr NodeActivation outputs[] = {NodeActivation::square, NodeActivation::linear};
  /// The activation of the output node in `total_error`.
  static constexpr std::size_t linear_output = 1;
  /// The epochs in `total_error`: a hundred, evenly spaced, or all if there are fewer.
  [[nodiscard]] std::vector<std::uint64_t> evaluated() const;
};

/// Errors are ½ Σ (T - O)² over the points, with the weights at the end of an epoch. Arrays are row-major; NaN if a
/// training was not finished.
struct UniversalityResult {
  std::vector<double> total_error;  ///< target x activation x hidden x realization x evaluated epoch; linear output
  std::vector<double> final_error;  ///< target x activation x output x hidden x realization, after the last epoch
  std::vector<double> deep_error;   ///< target x output x realization: square nodes in two hidden layers
  std::vector<double> floor;        ///< target x activation x output: polynomial_floor() of degree 2; NaN: no floor
  std::vector<double> deep_floor;   ///< target x output: polynomial_floor() of degree 4
  std::array<Calibration, std::size(UniversalityPlan::outputs)> calibration;  ///< of networks with each output node
  double pulses = 0;
  double seconds = 0;
  std::exception_ptr failure;  ///< as TrainingResult::failure
};

/// Runs the trainings and writes each result to `file` when it is known; then concludes the file. An error, or an
/// exception thrown by `progress`, is returned as UniversalityResult::failure.
[[nodiscard]] UniversalityResult test_universality(const UniversalityPlan& plan, const Progress& progress,
                                                   ResultFile& file);

/// The calibration reports; median errors after the last epoch against width, and the floors, as a table.
[[nodiscard]] std::string describe(const UniversalityPlan& plan, const UniversalityResult& result);

/// The claims that these results can decide; those about rectified nodes need trainings of the default length.
[[nodiscard]] std::vector<Claim> claims(const UniversalityPlan& plan, const UniversalityResult& result);

}  // namespace memdyn
