// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
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
  struct Kind {
    std::string role;
    AnyDevice nominal;
    const SweepPlan* draws = nullptr;  ///< null if the devices of this role are alike
  };
  [[nodiscard]] const Kind& kind_of(std::size_t index) const;
  /// The numbers of a device whose role has some that are drawn.
  [[nodiscard]] SweepNumbers numbers(const Kind& kind, std::uint64_t realization, std::size_t index) const;

  const TrainingPlan& plan_;
  std::vector<Kind> kinds_;
  std::vector<std::uint8_t> kind_of_device_;  ///< index in kinds_ of each device
};

}  // namespace memdyn
