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

/// What has become of a trajectory: `refused` where device, state or waveform do not admit what was drawn, `absorbed`
/// where it was integrated to its end, but a bound has absorbed a variable on the way: what it records is not to be
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
/// The first of them are those of lanes.
static_assert(static_cast<int>(SweepStatus::step_limit) == static_cast<int>(LaneFailure::step_limit) &&
              static_cast<int>(SweepStatus::tolerance) == static_cast<int>(LaneFailure::tolerance));

struct SweepReport {
  std::uint64_t trajectories = 0;                                        ///< asked for
  std::array<std::uint64_t, std::size(sweep_status_names)> of_status{};  ///< by SweepStatus
  double seconds = 0;                                                    ///< of wall time
  std::string first_failure;       ///< in words, of the lowest number; empty if there was none
  std::uint64_t first_failed = 0;  ///< its number
  std::exception_ptr failure;      ///< why the sweep ended early (Interrupted, IoError)
  std::filesystem::path place;     ///< where the results are: the output, or a file beside it if the sweep ended early
  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] std::uint64_t absorbed() const { return of_status[static_cast<std::size_t>(SweepStatus::absorbed)]; }
};

/// Runs it into a result file. A trajectory that fails is recorded as such, and the others go on. Memory does not
/// depend on the number of trajectories. The file takes the place of an older one when the sweep is finished; what a
/// sweep finished that ends early is beside it, as the report says.
/// @throws InputError for a time grid of more than 1e8 points
/// @throws IoError if the file cannot be created; later failures are in the report
SweepReport sweep(const SweepPlan& plan, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
