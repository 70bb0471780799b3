// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "memdyn/dynamics/lane_source.hpp"
#include "memdyn/scenario/sweep_plan.hpp"

namespace memdyn {

/// A trajectory at one time.
struct SweepSample {
  double current = std::numeric_limits<double>::quiet_NaN();  ///< [A]
  double voltage = std::numeric_limits<double>::quiet_NaN();  ///< [V]
  std::vector<double> gamma{};                                ///< one value per variable
};

/// The difference of a simulated and a measured quantity over the measured times.
struct MeasuredError {
  double rms;      ///< root mean square of the difference [unit of the quantity]
  double log_rms;  ///< root mean square of log10 |simulated / measured|, where the measured value is not 0
  double area;     ///< integral of the absolute difference, linear between the times [unit of the quantity times s]
};
/// @param simulated, measured one value per time
[[nodiscard]] MeasuredError measured_error(const SweepMeasurement& measured, std::span<const double> simulated);

/// The outcome of a trajectory, and what follows from its final state.
struct SweepOutcome {
  const LaneOutcome& lane;
  const Level& level;
  double current = std::numeric_limits<double>::quiet_NaN();  ///< at the end of the drive, if requested [A]
  double voltage = std::numeric_limits<double>::quiet_NaN();  ///< likewise [V]
  double read_voltage = std::numeric_limits<double>::quiet_NaN();
  double read_current = std::numeric_limits<double>::quiet_NaN();  ///< in the final state at the read voltage [A]
  std::span<const PartPort<double>> parts{};                       ///< at the end of the drive, if requested
  std::span<const SweepSample> at_times{};                         ///< at reduce.times, as far as the drive reaches
  std::optional<MeasuredError> measured_error{};                   ///< none if the drive ends before the measurement
};

/// A quantity that is recorded for each trajectory.
struct SweepQuantity {
  /// The axes besides those of the sweep.
  enum Along { trajectory, variable, passage, part, time, time_variable };
  /// What has to be computed for it, as bits.
  enum Needs : unsigned {
    nothing = 0,
    integrals = 1,
    level = 2,
    every_passage = 4,
    extremes = 8,
    port = 16,
    read = 32,
    parts = 64,
    times = 128,
    transition = 256,
    measured = 512,
    part_integrals = 1024
  };

  const char* name;
  const char* units;  ///< in the notation of UDUNITS; empty: the unit of the internal variables; "measured", and "s
                      ///< measured": the unit of the measured quantity, and that times s
  const char* long_name;
  unsigned needs;
  void (*write)(const SweepOutcome& outcome, std::size_t width, double* to);
  Along along = trajectory;
  bool usual = false;  ///< recorded if the scenario does not name its quantities
};
[[nodiscard]] const std::vector<SweepQuantity>& sweep_quantity_table();
/// The unit of a quantity in the notation of UDUNITS.
[[nodiscard]] std::string unit_of(const SweepQuantity& quantity, const SweepPlan& plan);
/// The unit of a quantity that Level::variable numbers.
[[nodiscard]] std::string unit_of_level(int quantity, const AnyDevice& device);
/// The number of values of a quantity in a trajectory.
[[nodiscard]] std::size_t width_of(const SweepQuantity& quantity, const SweepPlan& plan);

}  // namespace memdyn
