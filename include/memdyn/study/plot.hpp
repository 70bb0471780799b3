// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace memdyn {

/// Draws what a result file holds, through gnuplot; the kind of picture follows from the name's ending (.svg, .png):
///  - a training: mean total error against epoch, one curve a gate, the 10th to 90th percentile as a band
///  - a simulation: drive, voltage and internal variables against time, changes of regime marked
///  - a simulation, `loop`: voltage against current
///  - a training, `transient`: the trajectories that it recorded
enum class View { overview, loop, transient };
/// @throws IoError if the file cannot be read, lacks what the view needs, or gnuplot is missing or fails
void plot(const std::filesystem::path& result, const std::filesystem::path& picture, View view = View::overview);

}  // namespace memdyn
