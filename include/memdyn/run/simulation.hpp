// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "memdyn/scenario/scenario.hpp"

namespace memdyn {

/// The attribute `rows` of a file whose rows show the trajectory as it is, by straight lines from one to the next.
inline constexpr std::string_view rows_of_lines = "steps, and what straight lines between them would not show";

/// What a run took, and from when on [s] its rows were the steps alone, as there were too many others; NaN if never.
struct Simulated {
  Statistics statistics;
  double sparse_from;
};

/// Told the share that is done, in [0, 1]; may throw Interrupted to end the run.
using Progress = std::function<void(double)>;

/// Runs it into a trajectory file: time, drive, current, voltage, memristance (NaN at I = 0), gamma (time x variable),
/// event, regime (time x guard), and what was recorded as the attribute `rows`. It takes the place of an older one when
/// the run is finished; what a run recorded that ends early is beside it, and the error names the file
/// (ResultFile::conclude).
/// @throws IoError, NumericalError, and whatever `progress` throws
Simulated simulate(const Scenario& scenario, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
