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

/// Why a moment of a trajectory was recorded.
enum class Event : std::uint8_t {
  step,            ///< an accepted step
  sample,          ///< a point of the uniform grid
  segment,         ///< begin or end of a segment of the drive
  time_event,      ///< the drive passed a threshold
  state_event,     ///< a guard that depends on the state changed sign
  bound_reached,   ///< a variable was pinned to its bound
  bound_released,  ///< its drift turned inward
  compliance,      ///< the source came to a limit of its compliance, or left it
  sliding_begins,  ///< both sides of a guard lead back to it: the state keeps it at zero
  sliding_ends,    ///< one side no longer does
  between,         ///< what straight lines between the other rows would not show
};
inline constexpr std::string_view event_names[] = {"step",           "sample",        "segment",        "time_event",
                                                   "state_event",    "bound_reached", "bound_released", "compliance",
                                                   "sliding_begins", "sliding_ends",  "between"};

/// The sign of a guard, as a file states it. Only trainings have the last one: the guard of a kind of device of which
/// none is pulsed.
enum class Sign : std::uint8_t { not_positive, positive, not_pulsed };
inline constexpr std::string_view sign_names[] = {"not_positive", "positive", "not_pulsed"};

/// One moment of a trajectory; `gamma` and `regime` are valid during the call only. At a switch the regime is the one
/// that begins.
struct Sample {
  double time;                    ///< [s]
  double drive;                   ///< what the source prescribes, [A] or [V]
  double voltage;                 ///< over the device [V]
  double current;                 ///< through the device [A]
  std::span<const double> gamma;  ///< one value a variable
  const Regime<double>& regime;
  Event event;
};

/// What to record and where to. An exception thrown by `emit` ends the run.
struct Recording {
  std::function<void(const Sample&)> emit;
  bool steps = true;      ///< every accepted step and event
  double interval = 0.0;  ///< [s]; every multiple of it from t = 0 as well; 0 for none
  /// With `steps` and no `interval`: rows between them, of drive, voltage, current and the variables.
  std::optional<StraightLines> lines{};
  std::uint64_t sample = 0;  ///< index of the next point of the uniform grid
  /// Called with the time [s] after so many steps, whether or not there are rows; what it throws ends the run.
  std::function<void(double)> under_way{};
  static constexpr std::uint64_t steps_between = 256;
};

/// What an integration took.
struct Statistics {
  std::uint64_t accepted = 0;     ///< steps
  std::uint64_t rejected = 0;     ///< steps repeated because of their error estimate
  std::uint64_t stiff = 0;        ///< accepted steps that were made by rosenbrock4
  std::uint64_t series = 0;       ///< accepted steps that were made by taylor
  std::uint64_t evaluations = 0;  ///< of the right-hand side
  std::uint64_t jacobians = 0;    ///< evaluations of its derivatives
  std::uint64_t time_events = 0;
  std::uint64_t state_events = 0;  ///< those of the source's compliance included
  std::uint64_t bounds_reached = 0;
  std::uint64_t bounds_released = 0;
  double absorbed_from = std::nan("");  ///< when a bound was first seen to have absorbed a variable [s]; NaN if never
  std::size_t absorbed = 0;             ///< which
  double stiff_from = std::nan("");     ///< where `auto` first handed over to rosenbrock4 [s]; NaN if nowhere
};

}  // namespace memdyn
