// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/dynamics/recording.hpp"

namespace memdyn {

/// One device under one waveform.
struct Simulation {
  std::string title;
  std::string text;  ///< the scenario itself
  AnyDevice device;
  std::vector<double> gamma;  ///< initial state, one value a variable
  Source source;
  Waveform drive;
  IntegrationOptions options;
  Recording recording;  ///< what to record; where to is known when it runs
};

/// Reads a scenario (data/scenarios/README.md lists its keys).
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] Simulation read_simulation(const std::filesystem::path& scenario);

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
Simulated simulate(const Simulation& simulation, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
