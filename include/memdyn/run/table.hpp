// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/table_plan.hpp"

namespace memdyn {

/// The change of the conductance by one pulse, for one device.
struct PulseTable {
  enum Polarity : std::size_t { up, down };

  std::vector<double> state;        ///< of each node, from the lowest conductance to the highest
  std::vector<double> conductance;  ///< before the pulse [S]
  /// After it, by polarity. The conductance is that at the end of the pulse.
  std::array<std::vector<double>, 2> state_after, conductance_after;
  std::array<std::vector<bool>, 2> cut;  ///< a bound of the state has cut the change
};

/// Integrates one pulse of each polarity from each node, for the device of the scenario. The nodes are equidistant in
/// the conductance I/V at the read voltage. Reading moves nothing.
/// @throws InputError if the device has more than one variable, if its conductance neither rises nor falls with the
/// state throughout, or if pulses up lower it
/// @throws NumericalError
[[nodiscard]] PulseTable pulse_table(const TablePlan& plan);

/// A rule of training simulators for the change of a weight by one pulse, fitted to a device, and its errors. The
/// weight is -1 at the lowest conductance of the table and 1 at the highest; errors are shares of that range.
struct RuleReport {
  std::string name, formula;            ///< the formula of a pulse up; one down is its mirror image
  std::vector<std::string> parameters;  ///< their names
  std::array<std::vector<double>, 2> values,
      deviations;               ///< by polarity; standard deviations, from what the fit leaves
  double largest = 0, rms = 0;  ///< over one pulse from each node
  double after_100 = 0,
         after_10000 = 0;  ///< of the conductance, after these pulses of the sequence; NaN if it is shorter
  double largest_in_sequence = 0;
};

/// What tabulate() found, for a summary.
struct Tabulated {
  PulseTable table;
  std::vector<RuleReport> rules;  ///< of validate() only
  double numerical_error;  ///< largest difference of a change to that at a hundredth of the tolerances [S]; NaN if none
                           ///< tighter exist
  double seconds;          ///< wall time [s]
};

/// Writes a table file (include/memdyn/record/README.md): the table of the device, those of the devices that are drawn,
/// the conductance during a series of equal pulses up and then down, and during a sequence of runs of pulses of either
/// polarity.
/// @throws as pulse_table(); IoError; whatever `progress` throws
[[nodiscard]] Tabulated tabulate(const TablePlan& plan, const std::filesystem::path& output, const Progress& progress);
/// The same, with the rules of training simulators: fitted by least squares to the changes, both polarities each for
/// itself, and held against the integrated device over single pulses and over the sequence.
/// @throws InputError also if nearly all pulses end at a bound
[[nodiscard]] Tabulated validate(const TablePlan& plan, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
