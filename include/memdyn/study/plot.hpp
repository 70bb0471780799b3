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
///  - a sweep: a quantity over its axes: a heat map for two, a line for one (with samples: the median, and the 10th to
///    90th percentile as a band), a histogram for samples alone
enum class View { overview, loop, transient };
/// @throws IoError if the file cannot be read, lacks what the view needs, or gnuplot is missing or fails
/// @param quantity of a sweep; empty for the first of switching_time, loop_area, gamma_final
void plot(const std::filesystem::path& result, const std::filesystem::path& picture, View view = View::overview,
          const std::string& quantity = {});

}  // namespace memdyn
