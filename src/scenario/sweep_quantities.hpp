// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "memdyn/dynamics/lane_source.hpp"

namespace memdyn {

/// The outcome of a trajectory, and what follows from its final state.
struct SweepOutcome {
  const LaneOutcome& lane;
  const Level& level;
  double current = std::numeric_limits<double>::quiet_NaN();  ///< at the end of the drive, if requested [A]
  double voltage = std::numeric_limits<double>::quiet_NaN();  ///< likewise [V]
  double read_voltage = std::numeric_limits<double>::quiet_NaN();
  double read_current = std::numeric_limits<double>::quiet_NaN();  ///< in the final state at the read voltage [A]
  std::span<const PartPort<double>> parts{};                       ///< at the end of the drive, if requested
};

/// A quantity that is recorded for each trajectory.
struct SweepQuantity {
  enum Along { trajectory, variable, passage, part };  ///< the axis besides those of the sweep
  /// What has to be computed for it, as bits.
  enum Needs : unsigned {
    nothing = 0,
    integrals = 1,
    level = 2,
    every_passage = 4,
    extremes = 8,
    port = 16,
    read = 32,
    parts = 64
  };

  const char* name;
  const char* units;  ///< in the notation of UDUNITS; empty: the unit of the internal variables
  const char* long_name;
  unsigned needs;
  void (*write)(const SweepOutcome& outcome, std::size_t width, double* to);
  Along along = trajectory;
  bool usual = false;  ///< recorded if the scenario does not name its quantities
};
[[nodiscard]] const std::vector<SweepQuantity>& sweep_quantity_table();

}  // namespace memdyn
