// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// Views of a result file that plot() draws with gnuplot:
///  - a training: mean total error against epoch, one curve per gate, the 10th to 90th percentile as a band
///  - a simulation: drive, voltage and internal variables against time, with changes of regime marked
///  - a simulation, `loop`: voltage against current
///  - a simulation of a circuit, `parts`: voltages and currents of its parts against time
///  - quantities along time of any file, chosen by their names: against time or against each other, of several files or
///    of the trajectories of a sweep over one another
///  - a training, `transient`: the first update that it recorded
///  - a regression of one or two inputs, `prediction`: targets, and predictions on a grid
///  - a table with a map of pulses, `map`: the error of the rule "drift times width", and its causes
///  - a table of `memdyn validate`, `orders`: the errors of rules against the number of pulses, for each order of them
///  - a test of universality: error against width for each target
///  - a sweep: a quantity over its axes: a heat map for two axes, a line for one (with samples: the median, and the
///    10th to 90th percentile as a band), a histogram for samples alone, a slice for more axes
enum class View : std::uint8_t { overview, loop, transient, prediction, parts, map, orders };
inline constexpr std::string_view view_names[] = {"overview", "loop", "transient", "prediction",
                                                  "parts",    "map",  "orders"};
struct PlotOptions {
  View view = View::overview;
  /// For a sweep: the dataset. If empty: switching_time, loop_area or gamma_final, the first that exists, else the
  /// first dataset.
  std::string quantity{};
  std::string variable{};  ///< the internal variable, if the quantity has one value per variable; if empty: the first
  std::string part{};      ///< the part of the circuit, if the quantity has one value per part; if empty: the first
  /// Quantities along time: a dataset ("current"), `memristance`, `conductance`, `power`, an internal variable by its
  /// name, or "DATASET[LABEL]". If both are empty: the picture that belongs to the view.
  std::string x{};  ///< if empty: time
  /// If empty: current, voltage and the internal variables. Quantities of one unit share a panel.
  std::vector<std::string> y{};
  /// Logarithmic axes, of magnitudes.
  bool log_x = false, log_y = false;
  /// The span of time that is drawn [s].
  double from = -std::numeric_limits<double>::infinity(), to = std::numeric_limits<double>::infinity();
  /// Fixes axes of a sweep, each at its value nearest to the given number. If more than two axes remain, the leading
  /// ones are fixed at their first value.
  std::vector<std::pair<std::string, double>> at{};
};
/// Draws a result file; the extension of `picture` (.svg, .png, .pdf) selects the format. Texts from the file are drawn
/// verbatim, line breaks included: nothing in them is interpreted as markup or as a command. An older picture is
/// replaced only when the new one is complete.
/// @throws IoError if the file cannot be read, lacks data for the view, or holds arrays that are empty or inconsistent;
/// if gnuplot is missing or fails; or if the picture cannot be written
/// @throws InputError naming the option that does not fit the file
/// @throws whatever `progress` throws; it is called with 0, ten times a second, while gnuplot runs
void plot(
    const std::filesystem::path& result, const std::filesystem::path& picture, const PlotOptions& options = {},
    const Progress& progress = [](double) {});
/// The same for several files of one kind, whose curves are drawn over one another with a legend: simulations,
/// trainings, and any files if options.x or options.y is given.
void plot(
    const std::vector<std::filesystem::path>& results, const std::filesystem::path& picture,
    const PlotOptions& options = {}, const Progress& progress = [](double) {});

}  // namespace memdyn
