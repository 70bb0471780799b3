// SPDX-License-Identifier: MIT
#include "run/drawn_devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/message.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {

DrawnDevices::DrawnDevices(const TrainingPlan& plan) : plan_(plan) {
  const Network& network = plan.network;
  const auto add = [&](const char* role, const AnyDevice& nominal) {
    const auto spread = std::ranges::find(plan.spreads, role, &DeviceSpread::role);
    kinds_.push_back({role, nominal, spread == plan.spreads.end() ? nullptr : &spread->draws});
  };
  if (network.kind == NetworkKind::single_layer) {
    add("device", network.window);
    kind_of_device_ = {0};
    return;
  }
  const bool multilayer = network.kind == NetworkKind::multilayer;
  add("synapse", multilayer ? AnyDevice(network.synapse) : network.crossbar.device);
  if (multilayer) add("node", network.node);
  const auto sizes = network.sizes();
  for (std::size_t l = 1; l < sizes.size(); ++l) {
    kind_of_device_.insert(kind_of_device_.end(), sizes[l - 1] * sizes[l], 0);
    kind_of_device_.insert(kind_of_device_.end(), sizes[l], multilayer ? 1 : 0);
  }
}

const DrawnDevices::Kind& DrawnDevices::kind_of(std::size_t index) const { return kinds_[kind_of_device_.at(index)]; }

SweepNumbers DrawnDevices::numbers(const Kind& kind, std::uint64_t realization, std::size_t index) const {
  const SweepNumbers nominal(kind.draws->scenario);
  SweepNumbers numbers = nominal;
  draw_trajectory(*kind.draws, realization * kind_of_device_.size() + index, nominal, numbers);
  return numbers;
}

AnyDevice DrawnDevices::device(std::uint64_t realization, std::size_t index) const {
  const Kind& kind = kind_of(index);
  if (kind.draws == nullptr) return kind.nominal;
  try {
    AnyDevice own = kind.nominal.with(numbers(kind, realization, index).parameters);
    if (own.properties().fades != kind.nominal.properties().fades)
      throw InputError(std::string(own.name()), "[[vary]]", "",
                       "makes a device volatile, and others not: give low or high, so that all are alike in this");
    return own;
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {} {} of realization {}: {}", in_message(plan_.file), kind.role, index,
                                 realization, error.what()));
  }
}

void DrawnDevices::give(Learner& learner, std::size_t lane, std::uint64_t realization) const {
  for (std::size_t i = 0; any() && i < kind_of_device_.size(); ++i) {
    stop_if_interrupted();
    learner.set_device(lane, i, device(realization, i));
  }
}

void DrawnDevices::check() const {
  for (std::uint64_t realization = 0; any() && realization < plan_.realizations; ++realization)
    for (std::size_t i = 0; i < kind_of_device_.size(); ++i) {
      stop_if_interrupted();
      (void)device(realization, i);
    }
}

void DrawnDevices::write(ResultFile& file) const {
  const std::vector<std::string> axes = plan_.network.kind == NetworkKind::single_layer
                                            ? std::vector<std::string>{"realization"}
                                            : std::vector<std::string>{"realization", "weight"};
  std::vector<double> values(kind_of_device_.size());
  for (const DeviceSpread& spread : plan_.spreads)
    for (const SweptNumber& number : spread.numbers()) {
      const std::string name = spread.role + "_" + number.name;
      file.open_array(name, ResultFile::Kind::real, axes,
                      {number.slot().units, fmt::format("drawn number of each device: {}", number.label())},
                      std::nan(""));
      for (std::uint64_t realization = 0; realization < plan_.realizations; ++realization) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          stop_if_interrupted();
          const Kind& kind = kind_of(i);
          values[i] = kind.draws == &spread.draws ? numbers(kind, realization, i).at(number.slot()) : std::nan("");
        }
        file.put(name, realization * values.size(), values);
      }
    }
}

}  // namespace memdyn
