// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/run/table.hpp"

namespace memdyn {

/// The drift of a state [unit of the variable / s] under a constant drive, and the signs of the guards there.
struct Plateau {
  double drift = 0;
  Regime<double> regime;
};
[[nodiscard]] Plateau plateau(const DrivenDevice& device, double state, double drive);

/// What one pulse does, and by what cause. In units of the variable.
struct PulseError {
  double change = 0;                               ///< integrated, from before the read to after the rest
  double rule = 0;                                 ///< what the rule predicts
  std::array<double, cause_names.size()> parts{};  ///< of change - rule, by cause
  double uncertainty = 0;                          ///< of `change`

  [[nodiscard]] double error() const { return change - rule; }
  /// The largest part of the error.
  [[nodiscard]] Cause cause() const;
};

/// Integrates the pulses of the plan's map from states between two, in threads, and writes them with their errors.
/// @throws IoError, InputError; whatever `progress` throws
[[nodiscard]] MapReport write_map(ResultFile& file, const TablePlan& plan, const std::array<double, 2>& ends,
                                  const Progress& progress);

}  // namespace memdyn
