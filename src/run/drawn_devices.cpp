// SPDX-License-Identifier: MIT
#include "run/drawn_devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/message.hpp"
#include "learn/roles.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {

DrawnDevices::DrawnDevices(const TrainingPlan& plan) : plan_(plan), role_of_device_(roles_of_devices(plan.network)) {
  for (const auto& [name, nominal] : devices_of(plan.network)) {
    Role role{name, nominal};
    if (const auto spread = std::ranges::find(plan.spreads, name, &DeviceSpread::role); spread != plan.spreads.end()) {
      role.spread = &*spread;
      role.numbers.emplace(spread->draws.scenario);
    }
    roles_.push_back(std::move(role));
  }
}

SweepNumbers DrawnDevices::numbers(const Role& role, std::uint64_t realization, std::size_t index) const {
  SweepNumbers numbers = *role.numbers;
  draw_trajectory(role.spread->draws, realization * role_of_device_.size() + index, *role.numbers, numbers);
  return numbers;
}

AnyDevice DrawnDevices::device(std::uint64_t realization, std::size_t index) const {
  const Role& role = role_of(index);
  if (role.spread == nullptr) return role.nominal;
  try {
    AnyDevice own = role.nominal.with(numbers(role, realization, index).parameters);
    if (own.properties().fades != role.nominal.properties().fades)
      throw InputError(std::string(own.name()), "[[vary]]", "",
                       "makes a device volatile, and others not: give low or high, so that all are alike in this");
    return own;
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {} {} of realization {}: {}", in_message(plan_.file), role.name, index,
                                 realization, error.what()),
                     {.place = plan_.file, .key = error.key(), .value = error.value()});
  }
}

void DrawnDevices::give(Learner& learner, std::size_t lane, std::uint64_t realization) const {
  for (std::size_t i = 0; any() && i < role_of_device_.size(); ++i) {
    stop_if_interrupted();
    learner.set_device(lane, i, device(realization, i));
  }
}

void DrawnDevices::check() const {
  for (std::uint64_t realization = 0; any() && realization < plan_.realizations; ++realization)
    for (std::size_t i = 0; i < role_of_device_.size(); ++i) {
      stop_if_interrupted();
      (void)device(realization, i);
    }
}

void DrawnDevices::write(ResultFile& file) const {
  const std::vector<std::string> axes = plan_.network.kind == NetworkKind::single_layer
                                            ? std::vector<std::string>{"realization"}
                                            : std::vector<std::string>{"realization", "weight"};
  const std::size_t devices = role_of_device_.size();
  for (const DeviceSpread& spread : plan_.spreads) {
    const auto drawn = spread.numbers();
    const auto name = [&](const SweptNumber& number) { return spread.role + "_" + number.name; };
    for (const SweptNumber& number : drawn)
      file.open_array(name(number), ResultFile::Kind::real, axes,
                      {number.slot().units, fmt::format("drawn number of each device: {}", number.label())},
                      std::nan(""));
    std::vector<std::vector<double>> values(drawn.size(), std::vector<double>(devices, std::nan("")));
    for (std::uint64_t realization = 0; realization < plan_.realizations; ++realization) {
      for (std::size_t i = 0; i < devices; ++i) {
        stop_if_interrupted();
        if (role_of(i).spread != &spread) continue;
        const SweepNumbers own = numbers(role_of(i), realization, i);
        for (std::size_t k = 0; k < drawn.size(); ++k) values[k][i] = own.at(drawn[k].slot());
      }
      for (std::size_t k = 0; k < drawn.size(); ++k) file.put(name(drawn[k]), realization * devices, values[k]);
    }
  }
}

}  // namespace memdyn
