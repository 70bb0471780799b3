// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
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
  double largest = 0, rms = 0;  ///< over one pulse from each node; NaN for the table, whose nodes these are
  double after_100 = 0,
         after_10000 = 0;  ///< of the conductance, after these pulses of the sequence; NaN if it is shorter
  /// Its errors, in magnitude, while pulses follow one another in some order.
  struct Order {
    std::string name;
    double early = std::numeric_limits<double>::quiet_NaN();  ///< largest in the first tenth of the pulses; NaN if
                                                              ///< there are fewer than 10
    double largest = 0;                                       ///< largest of all
  };
  std::vector<Order> orders{};  ///< the first is the sequence of the table
};

/// Why a pulse moves a device by another amount than the rule "drift of the state before the pulse, under its plateau,
/// times its width" predicts. Each step of the integration counts for one cause; their parts add up to the error.
enum class Cause : std::uint8_t {
  none,    ///< the error is within the uncertainty of the integration
  state,   ///< on the plateau the drift changes with the state
  bound,   ///< on the plateau a bound of the state was reached
  guard,   ///< on the plateau a guard that depends on the state changed its sign
  edges,   ///< what the edges move, where the guards have the signs that they have on the plateau
  window,  ///< what the edges move where the guards have other signs
  read,    ///< what the read before the pulse moves
  rest,    ///< what the device moves at rest after the pulse
  failed,  ///< the pulse could not be integrated
};
inline constexpr std::array<std::string_view, 9> cause_names = {"none",   "state", "bound", "guard", "edges",
                                                                "window", "read",  "rest",  "failed"};

/// What a map of pulses found, for a summary.
struct MapReport {
  /// The worst pulse of one shape over all states and both polarities, those aside that a bound cuts.
  struct Shape {
    double amplitude, width, edge;
    double relative;  ///< error over what the rule predicts; infinite if that is 0, or the integration failed
    Cause cause;
  };
  std::size_t pulses = 0;
  std::array<std::size_t, cause_names.size()> of_cause{};  ///< pulses, by the largest part of their error
  std::size_t within = 0;      ///< pulses whose error is at most 1 % of what the rule predicts
  std::size_t unresolved = 0;  ///< pulses whose uncertainty is more than 1 % of their error, `none` excepted
  std::vector<Shape> shapes;
  /// How the part `state` of the error grows with the width, where it is at most 10 % of what the rule predicts and the
  /// integration resolves it: the exponents between neighbouring widths, their median, and the range of their middle
  /// 80 %. NaN without any.
  struct Order {
    double exponent = std::numeric_limits<double>::quiet_NaN(), low = exponent, high = exponent;
    std::size_t pairs = 0;
  } order;
};

/// The lowest conductance to which pulses of alternating polarity lead: there a pulse up and one down cancel each
/// other, below it both together raise the conductance, and above it they lower it; between nodes their sum is linear
/// [S]. NaN if there is none, as in a device whose pulses cancel each other everywhere.
[[nodiscard]] double symmetry_point(const PulseTable& table);

/// What tabulate() found, for a summary.
struct Tabulated {
  PulseTable table;
  std::vector<RuleReport> rules;  ///< of validate() only
  std::optional<MapReport> map;   ///< of validate() only, if the scenario has [map]
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
/// itself, and held against the integrated device over single pulses, over the sequence, and over pulses in other
/// orders: all up, all down, alternating, at random, and TablePlan::polarities. With a map of pulses, the
/// rule "drift times width" is held against pulses of each of its shapes.
/// @throws InputError also if nearly all pulses end at a bound
[[nodiscard]] Tabulated validate(const TablePlan& plan, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
