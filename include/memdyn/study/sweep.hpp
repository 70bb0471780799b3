// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "memdyn/core/instruction_set.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/lane_source.hpp"
#include "memdyn/study/scenario.hpp"
#include "memdyn/study/simulation.hpp"

namespace memdyn {

/// A number of a scenario that a sweep can change.
struct Slot {
  enum Kind { parameter, initial, source, waveform } kind;
  std::size_t part;   ///< which waveform
  std::size_t index;  ///< of the number: of the device's, the state's, the source's, the waveform's
  std::string units;  ///< UDUNITS
};

/// A grid axis: the values that a number takes.
struct SweepAxis {
  std::string key;   ///< as in the scenario, "device.parameters.I_off"
  std::string name;  ///< of the axis in the file
  Slot slot;
  std::vector<double> values;
};

/// Monte-Carlo variability of a number. normal: `centre` is the mean, `spread` the deviation; lognormal: `centre` is
/// the median, `spread` the deviation of the logarithm; uniform: `centre` +- `spread`. A spread is `relative` to
/// |centre|, or absolute. Draws outside of [low, high] are drawn again: the distribution is truncated there.
struct Variation {
  enum Distribution { normal, lognormal, uniform } distribution = normal;
  std::string key, name;
  Slot slot{};
  bool own_centre = true;  ///< `centre` is given; else it is what the scenario, or a grid axis, says
  double centre = 0.0;
  double spread = 0.0;
  bool relative = false;
  double low = -infinity, high = infinity;

  /// @param around the number without variation
  /// @throws InputError if 1000 draws are all outside of [low, high]
  [[nodiscard]] double draw(RandomStream& random, double around) const;
};

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

/// A scenario, over a grid of axes, so many samples at each point of it. Trajectories are numbered in row-major order
/// of (axes ..., sample).
struct SweepPlan {
  Scenario scenario;
  std::vector<SweepAxis> axes;
  std::vector<Variation> variations;
  std::uint64_t samples = 1;
  std::uint64_t seed = 1;
  double most_steps = 1e6;  ///< of one trajectory
  unsigned threads = 0;     ///< 0: all cores; the results do not depend on it
  InstructionSet set = default_instruction_set();
  std::vector<std::string> quantities;  ///< that are recorded; see sweep_quantities()
  Level level;                          ///< whose first passage is timed

  [[nodiscard]] std::uint64_t grid_points() const;
  [[nodiscard]] std::uint64_t trajectories() const { return grid_points() * samples; }
};

/// The names of all quantities that a sweep can record, in the order of the file.
[[nodiscard]] std::vector<std::string> sweep_quantities();

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

/// Reads a scenario (data/scenarios/README.md lists its keys). Every point of the grid is checked.
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] SweepPlan read_sweep(const std::filesystem::path& scenario);

/// Runs it into a result file. A trajectory that fails is recorded as such, and the others go on. Memory does not
/// depend on the number of trajectories. The file takes the place of an older one when the sweep is finished; what a
/// sweep finished that ends early is beside it, as the report says.
/// @throws InputError for a time grid of more than 1e8 points
/// @throws IoError if the file cannot be created; later failures are in the report
SweepReport sweep(const SweepPlan& plan, const std::filesystem::path& output, const Progress& progress);

}  // namespace memdyn
