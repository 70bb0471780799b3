// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/sweep_plan.hpp"

namespace memdyn {

/// Final status of a trajectory. `refused`: a drawn value was outside what the device, state or waveform accepts.
/// `absorbed`: it was integrated to its end, but a bound absorbed a variable on the way, so its results must not be
/// trusted.
enum class SweepStatus : std::uint8_t {
  done,
  not_finite,
  tolerance,
  switches_in_place,
  no_solution,
  runs_away,
  step_limit,
  refused,
  not_run,
  absorbed
};
inline constexpr std::string_view sweep_status_names[] = {
    "done",      "not_finite", "tolerance", "switches_in_place", "no_solution",
    "runs_away", "step_limit", "refused",   "not_run",           "absorbed"};
// The first values are those of LaneFailure.
static_assert(static_cast<int>(SweepStatus::step_limit) == static_cast<int>(LaneFailure::step_limit) &&
              static_cast<int>(SweepStatus::tolerance) == static_cast<int>(LaneFailure::tolerance));

struct SweepReport {
  std::uint64_t trajectories = 0;                                        ///< number requested
  std::array<std::uint64_t, std::size(sweep_status_names)> of_status{};  ///< by SweepStatus
  double seconds = 0;                                                    ///< wall time [s]
  std::string first_failure;       ///< message of the failed trajectory with the lowest number; empty if none failed
  std::uint64_t first_failed = 0;  ///< the number of that trajectory
  std::exception_ptr failure;      ///< why the sweep ended early (Interrupted, IoError)
  std::filesystem::path place;     ///< file with the results: the output, or a file beside it if the sweep ended early
  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] std::uint64_t absorbed() const { return of_status[static_cast<std::size_t>(SweepStatus::absorbed)]; }
};

/// Runs a sweep and writes a result file. A failed trajectory is recorded as such, and the others continue. Memory use
/// does not depend on the number of trajectories. The file replaces an older one when the sweep is finished. If the
/// sweep ends early, the finished trajectories are in a file beside it (SweepReport::place).
/// @throws InputError for a time grid of more than 1e8 points
/// @throws IoError if the file cannot be created; later failures are in the report
SweepReport sweep(const SweepPlan& plan, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
