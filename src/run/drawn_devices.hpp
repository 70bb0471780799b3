// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "learn/learner.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "scenario/sweep_numbers.hpp"

namespace memdyn {

/// The devices of a training whose parameters are drawn: each device of each realization has its own. What is drawn
/// depends on the seed, the realization and the index of the device alone.
class DrawnDevices {
 public:
  explicit DrawnDevices(const TrainingPlan& plan);

  [[nodiscard]] bool any() const { return !plan_.spreads.empty(); }
  /// A device of a realization. @param index of its weight; 0 for a single layer, which is one device
  /// @throws InputError if the model does not allow what was drawn
  [[nodiscard]] AnyDevice device(std::uint64_t realization, std::size_t index) const;
  /// Gives all devices of a realization to a lane of a learner.
  void give(Learner& learner, std::size_t lane, std::uint64_t realization) const;

  /// Creates an array for each drawn number, ROLE_NAME (realization x weight), NaN for the devices of another role, and
  /// fills it; of a single layer (realization). @throws IoError, InputError as device()
  void write(ResultFile& file) const;
  /// Draws all devices. @throws InputError as device()
  void check() const;

 private:
  struct Role {
    std::string name;
    AnyDevice nominal;
    const DeviceSpread* spread = nullptr;   ///< null if the devices of this role are alike
    std::optional<SweepNumbers> numbers{};  ///< of the nominal device, if they differ
  };
  [[nodiscard]] const Role& role_of(std::size_t index) const { return roles_[role_of_device_.at(index)]; }
  /// The numbers of a device whose role has some that are drawn.
  [[nodiscard]] SweepNumbers numbers(const Role& role, std::uint64_t realization, std::size_t index) const;

  const TrainingPlan& plan_;
  std::vector<Role> roles_;
  std::vector<std::size_t> role_of_device_;
};

}  // namespace memdyn
