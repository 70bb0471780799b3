// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "memdyn/drive/waveform.hpp"
#include "memdyn/scenario/sweep_plan.hpp"

namespace memdyn {

/// Pulses of several shapes, for a map of the errors of the rule "drift times width".
struct PulseMap {
  std::vector<double> amplitudes{1};  ///< over those of the table's pulses; > 0, ascending
  std::vector<double> widths;         ///< of the plateau [s]; > 0, ascending
  std::vector<double> edges{0};       ///< of both edges [s]; >= 0, ascending
  std::size_t states = 16;            ///< equidistant in the state, both ends of the table included; >= 2
  double read = 0;                    ///< duration of a read before the pulse, at the read voltage [s]
  double rest = 0;                    ///< zero drive after the pulse [s]
};

/// A rule for the change by one pulse that is given, and not fitted: a formula, or a table.
struct GivenRule {
  std::string name;
  std::string formula{};  ///< name of one of the formulas that are fitted, too; empty for a table
  std::array<std::vector<double>, 2> parameters{};  ///< of the formula, for pulses up and down
  std::vector<double> conductance{};                ///< of the table, rising [S]
  std::array<std::vector<double>, 2> change{};      ///< there, by a pulse up and one down [S]
};

/// What one pulse does to the conductance of a device of one internal variable, wherever it starts from.
struct TablePlan {
  /// The device under its source, the options of the integration, the variations of its parameters, `samples` devices
  /// that are drawn, seed and threads. Nothing else of it is used.
  SweepPlan sweep;
  double read_voltage = 0.1;  ///< across device and series resistance, where the conductance is read [V]
  PulseShape up{}, down{};    ///< pulses towards a higher, and towards a lower conductance
  std::optional<std::array<double, 2>> states;  ///< the table extends from one to the other; none: between the bounds
  std::size_t nodes = 63;                       ///< equidistant in conductance, both ends included
  std::size_t pulses = 100;                     ///< of a series of equal pulses, up and then down
  std::size_t sequence = 10'000;                ///< pulses of each sequence against which a rule is tested
  std::vector<std::int8_t> polarities{};        ///< +1 (up) or -1 of each pulse of a sequence of one's own
  /// Sequences in other orders than runs up and down are integrated, too; validate() does so whatever it says.
  bool orders = false;
  std::optional<PulseMap> map{};
  std::vector<GivenRule> rules{};  ///< beside those that are fitted; of validate() only
};

/// Reads a scenario of `memdyn table` (data/scenarios/README.md lists its keys).
/// @param settings see read_simulation()
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] TablePlan read_table(const std::filesystem::path& scenario,
                                   const std::vector<std::string>& settings = {});

}  // namespace memdyn
