// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "memdyn/core/instruction_set.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/lane_source.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace memdyn {

/// A number of a scenario that a sweep can change.
struct Slot {
  enum Kind { parameter, initial, source, waveform, group, channel } kind;
  std::size_t part;   ///< index of the [[waveform]], of the group or of the channel
  std::size_t index;  ///< index among the numbers of the device, state, source, waveform, group or channel
  std::string units;  ///< in the notation of UDUNITS

  [[nodiscard]] bool of_drive() const { return kind == waveform || kind == group || kind == channel; }
};

/// A number that a sweep changes, wherever it occurs in the scenario.
struct SweptNumber {
  std::vector<std::string> keys;  ///< as in the scenario, "device.parameters.I_off"
  std::vector<Slot> slots;        ///< one per key, all in the same unit
  std::string name;               ///< of its axis or dataset in the result file

  [[nodiscard]] const Slot& slot() const { return slots.front(); }
  /// The keys as one text.
  [[nodiscard]] std::string label() const;
};

/// An axis of the grid: the values of a number.
struct SweepAxis : SweptNumber {
  std::vector<double> values;
};

/// A number that follows from numbers of the axes and of the variations.
struct DerivedNumber : SweptNumber {
  std::vector<Slot> from;  ///< the numbers on which it may depend
  std::function<double(std::span<const double>)> value;
};

/// Monte-Carlo variability of a number. normal: `centre` is the mean, `spread` the standard deviation; lognormal:
/// `centre` is the median, `spread` the standard deviation of the logarithm; uniform: `centre` +- `spread`. A spread is
/// `relative` to |centre|, or absolute. Draws outside [low, high] are repeated, which truncates the distribution.
/// resample and in_order take the numbers of a column of a file: those of a row drawn at random, which is one row for
/// all variations from the same file, so that numbers that belong together stay together; or row n for sample n.
struct Variation : SweptNumber {
  enum Distribution { normal, lognormal, uniform, resample, in_order } distribution = normal;
  bool own_centre = true;  ///< `centre` is given; else the centre is the value in the scenario or on a grid axis
  double centre = 0.0;
  double spread = 0.0;
  bool relative = false;
  double low = -infinity, high = infinity;
  std::vector<double> column{};  ///< of resample and in_order
  std::string file{};            ///< that has the column

  [[nodiscard]] bool of_column() const { return distribution == resample || distribution == in_order; }
  /// A number of another distribution than resample and in_order.
  /// @param around the number without variation
  /// @throws InputError if 1000 draws are all outside of [low, high]
  [[nodiscard]] double draw(RandomStream& random, double around) const;
};

/// Measured values to which each trajectory is compared.
struct SweepMeasurement {
  int quantity = Level::none;  ///< as Level::variable; `none`: there is no measurement
  std::vector<double> times;   ///< of the trajectory [s], >= 0, not falling
  std::vector<double> values;  ///< one per time, in the unit of the quantity
};

/// A scenario over a grid of axes, with `samples` samples at each grid point. Trajectories are numbered in row-major
/// order of (axes ..., sample).
struct SweepPlan {
  Scenario scenario;
  std::vector<SweepAxis> axes;
  std::vector<Variation> variations;
  std::vector<DerivedNumber> derived{};
  std::uint64_t samples = 1;
  std::uint64_t seed = 1;
  double most_steps = 1e6;  ///< largest number of steps of one trajectory
  unsigned threads = 0;     ///< 0: all cores; the results do not depend on it
  InstructionSet set = default_instruction_set();
  std::vector<std::string> quantities;  ///< the recorded quantities; see sweep_quantities()
  Level level;                          ///< whose passages are recorded
  double read_voltage = 0.0;            ///< at which the final state is read [V]
  bool record_parts = false;            ///< record voltages and currents of parts on the time grid
  std::vector<double> times{};          ///< at which states are recorded, rising, >= 0 [s]
  Transition transition{};              ///< between whose levels a rise and a fall are timed
  SweepMeasurement measured{};          ///< to which trajectories are compared

  [[nodiscard]] std::uint64_t grid_points() const;
  [[nodiscard]] std::uint64_t trajectories() const { return grid_points() * samples; }
};

/// The names of all quantities that a sweep can record, in the order of the file.
[[nodiscard]] std::vector<std::string> sweep_quantities();

/// Reads a scenario (data/scenarios/README.md lists its keys). Every point of the grid is checked.
/// @param settings see read_simulation()
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] SweepPlan read_sweep(const std::filesystem::path& scenario,
                                   const std::vector<std::string>& settings = {});

}  // namespace memdyn
