// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "memdyn/scenario/sweep_plan.hpp"

namespace memdyn {

/// The numbers of a scenario that a sweep can change.
class SweepNumbers {
  template <class Self>
  static auto& find(Self& self, const Slot& slot) {
    return slot.kind == Slot::parameter ? self.parameters[slot.index]
           : slot.kind == Slot::initial ? self.gamma[slot.index]
           : slot.kind == Slot::source  ? self.source[slot.index]
                                        : self.waveform[slot.part].numbers[slot.index];
  }

 public:
  std::vector<double> parameters;  ///< of the device, in the order of its fields
  std::vector<double> gamma;
  std::vector<double> source;  ///< series resistance, negative and positive limit
  std::vector<WaveformPart> waveform;

  explicit SweepNumbers(const Scenario& scenario);
  [[nodiscard]] double& at(const Slot& slot) { return find(*this, slot); }
  [[nodiscard]] double at(const Slot& slot) const { return find(*this, slot); }
};

/// Every number that a sweep can change, by its key.
[[nodiscard]] std::map<std::string, Slot> sweep_slots(const Scenario& scenario);
/// The source of a scenario with these numbers; equal limits stay equal.
/// @throws InputError for a resistance of 0 where the scenario has one
[[nodiscard]] Source source_of(const Scenario& scenario, const SweepNumbers& numbers);
/// Sets the numbers of a point of the grid.
void set_grid_point(const SweepPlan& plan, std::uint64_t point, SweepNumbers& numbers);
/// Sets the numbers of a trajectory: of its point of the grid, and what is drawn around them. `nominal`: the
/// scenario's.
/// @throws InputError from Variation::draw
void draw_trajectory(const SweepPlan& plan, std::uint64_t trajectory, const SweepNumbers& nominal,
                     SweepNumbers& numbers);

/// Something that is recorded of each trajectory.
struct SweepQuantity {
  const char* name;
  const char* units;  ///< empty: those of the internal variables
  const char* long_name;
  bool per_variable;
  bool needs_integrals;
  void (*write)(const LaneOutcome& outcome, std::size_t variables, double* to);
};
[[nodiscard]] const std::vector<SweepQuantity>& sweep_quantity_table();

}  // namespace memdyn
