// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// Draws what a result file holds, through gnuplot; the kind of picture follows from the name's ending (.svg, .png):
///  - a training: mean total error against epoch, one curve a gate, the 10th to 90th percentile as a band
///  - a simulation: drive, voltage and internal variables against time, changes of regime marked
///  - a simulation, `loop`: voltage against current
///  - a training, `transient`: the trajectories that it recorded
///  - a sweep: a quantity over its axes: a heat map for two, a line for one (with samples: the median, and the 10th to
///    90th percentile as a band), a histogram for samples alone; of more axes a slice
enum class View { overview, loop, transient };
struct PlotOptions {
  View view = View::overview;
  /// Of a sweep: the dataset; empty for the first of switching_time, loop_area, gamma_final and of all others.
  std::string quantity{};
  std::string variable{};  ///< of a quantity that each internal variable has; empty for the first
  /// Axes of a sweep and where to cut them, at the nearest of their values. Where more than two axes are left, the
  /// first of them are cut at their first value.
  std::vector<std::pair<std::string, double>> at{};
};
/// Texts from the file are drawn as they are, also on several lines; nothing in them is markup or a command. The
/// picture replaces an older one when it is whole.
/// @throws IoError if the file cannot be read, lacks what the view needs, holds arrays that do not fit together or have
/// no values, if gnuplot is missing or fails, or the picture cannot be written
/// @throws InputError naming the option that does not fit the file
/// @throws whatever `progress` throws; it is called with 0, ten times a second, while gnuplot runs
void plot(
    const std::filesystem::path& result, const std::filesystem::path& picture, const PlotOptions& options = {},
    const Progress& progress = [](double) {});

}  // namespace memdyn
