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
           : slot.kind == Slot::group   ? self.groups[slot.part].numbers[slot.index]
           : slot.kind == Slot::channel ? self.channels[slot.part].numbers[slot.index]
                                        : self.waveform[slot.part].numbers[slot.index];
  }

 public:
  std::vector<double> parameters;  ///< numeric parameters of the device, in the order of its fields
  std::vector<double> gamma;
  std::vector<double> source;  ///< series resistance, magnitudes of the negative and the positive limit
  std::vector<WaveformPart> waveform;
  std::vector<WaveformGroup> groups;      ///< of `waveform`
  std::vector<WaveformChannel> channels;  ///< likewise

  explicit SweepNumbers(const Scenario& scenario);
  /// Sets a number under all its keys.
  void set(const SweptNumber& number, double value) {
    for (const Slot& slot : number.slots) find(*this, slot) = value;
  }
  /// Sets a number, under all its keys, to what it is in `other`.
  void take(const SweptNumber& number, const SweepNumbers& other) {
    for (const Slot& slot : number.slots) find(*this, slot) = other.at(slot);
  }
  [[nodiscard]] double at(const Slot& slot) const { return find(*this, slot); }
  /// The drive with these numbers. @throws InputError
  [[nodiscard]] Waveform drive() const { return waveform_of(waveform, groups, channels); }
};

/// The unit of a numeric parameter in the notation of UDUNITS.
[[nodiscard]] std::string units_of(const AnyDevice::Number& number);
/// All numbers that a sweep can change, with their keys.
[[nodiscard]] std::map<std::string, Slot> sweep_slots(const Scenario& scenario);
/// A key as sweep_slots() names it: "waveform.amplitude" of the only part is "waveform[0].amplitude", and
/// "initial.NAME" of a variable "initial.gamma[INDEX]".
[[nodiscard]] std::string slot_key(const std::string& key, const Scenario& scenario);
/// The source of a scenario with these numbers; limits that are equal in the scenario stay equal.
/// @throws InputError if the resistance is 0 but that of the scenario is not
[[nodiscard]] Source source_of(const Scenario& scenario, const SweepNumbers& numbers);
/// Sets the numbers of a grid point. @throws InputError if a derived number is not finite
void set_grid_point(const SweepPlan& plan, std::uint64_t point, SweepNumbers& numbers);
/// Sets the numbers of a trajectory: those of its grid point, and the variations drawn around them.
/// @param nominal the numbers of the scenario
/// @throws InputError from Variation::draw, and if a derived number is not finite
void draw_trajectory(const SweepPlan& plan, std::uint64_t trajectory, const SweepNumbers& nominal,
                     SweepNumbers& numbers);

}  // namespace memdyn
