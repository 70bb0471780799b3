// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "memdyn/device/device.hpp"
#include "memdyn/dynamics/straight_lines.hpp"

namespace memdyn {

/// The reason for which a row of a trajectory was recorded.
enum class Event : std::uint8_t {
  step,            ///< an accepted step
  sample,          ///< a point of the uniform grid
  segment,         ///< start or end of a segment of the drive
  time_event,      ///< the drive passed a threshold
  state_event,     ///< a guard that depends on the state changed sign
  bound_reached,   ///< a variable was pinned to its bound
  bound_released,  ///< a variable left its bound: its drift turned inward
  compliance,      ///< the source reached or left a limit of its compliance
  sliding_begins,  ///< both sides of a guard lead back to it: the state keeps it at zero
  sliding_ends,    ///< one side no longer does
  between,         ///< a row that straight lines between the others need
};
inline constexpr std::string_view event_names[] = {"step",           "sample",        "segment",        "time_event",
                                                   "state_event",    "bound_reached", "bound_released", "compliance",
                                                   "sliding_begins", "sliding_ends",  "between"};

/// The sign of a guard in a result file. `not_pulsed` occurs in trainings only: no device of the kind that has this
/// guard is pulsed.
enum class Sign : std::uint8_t { not_positive, positive, not_pulsed };
inline constexpr std::string_view sign_names[] = {"not_positive", "positive", "not_pulsed"};

/// One moment of a trajectory; what the spans and `regime` refer to is valid during the call only. At an event `regime`
/// is the new regime.
struct Sample {
  double time;                    ///< [s]
  double drive;                   ///< value that the source prescribes, [A] or [V]
  double voltage;                 ///< across the device [V]
  double current;                 ///< through the device [A]
  std::span<const double> gamma;  ///< one value per variable
  const Regime<double>& regime;
  Event event;
  /// The state in which voltage and current were evaluated: `gamma`, or, where they jump, a state just ahead.
  std::span<const double> port_gamma;
};

/// The rows to record, and the function that receives them. An exception thrown by `emit` ends the run.
struct Recording {
  std::function<void(const Sample&)> emit;
  bool steps = true;      ///< record every accepted step and event
  double interval = 0.0;  ///< record every multiple of it, from t = 0 [s]; 0 for none
  /// Adds rows between those of the steps until straight lines show drive, voltage, current and the variables. Used
  /// only with `steps` and without `interval`.
  std::optional<StraightLines> lines{};
  std::uint64_t sample = 0;  ///< index of the next point of the uniform grid
  /// Called with the time [s] after every `steps_between` steps, with or without rows; an exception thrown by it ends
  /// the run.
  std::function<void(double)> under_way{};
  static constexpr std::uint64_t steps_between = 256;
};

/// Counts of an integration.
struct Statistics {
  std::uint64_t accepted = 0;     ///< steps
  std::uint64_t rejected = 0;     ///< steps that were repeated, event location excepted
  std::uint64_t stiff = 0;        ///< accepted steps of rosenbrock4
  std::uint64_t series = 0;       ///< accepted steps along Taylor series
  std::uint64_t evaluations = 0;  ///< of the right-hand side
  std::uint64_t jacobians = 0;    ///< evaluations of its derivatives
  std::uint64_t time_events = 0;
  std::uint64_t state_events = 0;  ///< including those of the compliance
  std::uint64_t bounds_reached = 0;
  std::uint64_t bounds_released = 0;
  double absorbed_from = std::nan("");  ///< when a bound was first found to have absorbed a variable [s]; NaN if never
  std::size_t absorbed = 0;             ///< index of that variable
  double stiff_from = std::nan("");     ///< when `auto` first changed to rosenbrock4 [s]; NaN if never
};

}  // namespace memdyn
