// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "memdyn/scenario/scenario.hpp"

namespace memdyn {

/// Value of the attribute `rows` of a file in which straight lines between the rows represent the trajectory.
inline constexpr std::string_view rows_of_lines = "steps, and what straight lines between them would not show";

/// What a simulation says of itself besides its file.
struct Simulated {
  Statistics statistics{};
  /// Time [s] from which only steps were recorded, as there were too many other rows; NaN if none.
  double sparse_from = std::nan("");
  std::vector<double> gamma{};                        ///< final state
  double largest_current = 0.0, largest_power = 0.0;  ///< magnitudes at the device, over the rows [A], [W]
};

/// Called with the fraction of the work that is done, in [0, 1]; may throw Interrupted to end the run.
using Progress = std::function<void(double)>;

/// Runs a simulation and writes a trajectory file: time, drive, current, voltage, memristance (NaN at I = 0), gamma
/// (time x variable), event, regime (time x guard); the attribute `rows` describes which rows were recorded. The file
/// replaces an older one when the run is finished. If the run ends early, its rows are in a file beside it, which the
/// error names (ResultFile::conclude).
/// @throws InputError if it needs more disk space than there is
/// @throws IoError, NumericalError, and whatever `progress` throws
Simulated simulate(const Scenario& scenario, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
