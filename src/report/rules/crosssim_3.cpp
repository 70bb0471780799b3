// SPDX-License-Identifier: MIT
// CrossSim 3: a Python class for the conductances to which a device can be programmed. Pulses do not exist there.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "report/rules/rule.hpp"

namespace memdyn::rules {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_levels = 20'000;

constexpr std::string_view python = R"(# A device of CrossSim 3. It is registered by importing this file:
#   import memdyn_device
#   params.xbar.device.programming_error.enable = True
#   params.xbar.device.programming_error.model = "MemdynDevice"
#   params.xbar.device.Rmin, params.xbar.device.Rmax = memdyn_device.resistances
import json
import pathlib

from simulator.backend import ComputeBackend
from simulator.devices.idevice import EmptyDevice

xp = ComputeBackend()
_device = json.loads(pathlib.Path(__file__).with_name("device.json").read_text())
resistances = _device["resistance_lowest_ohm"], _device["resistance_highest_ohm"]


class MemdynDevice(EmptyDevice):
    """A device that pulses up bring from its lowest conductance to that nearest to the one that is wanted. Each element
    of a matrix is one of the devices that were drawn. Conductances are shares of the highest one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.reachable = [xp.asarray(one) for one in _device["reachable"]]

    def programming_error(self, input_):
        device = xp.random.randint(0, len(self.reachable), size=input_.shape)
        programmed = input_.copy()
        for number, reachable in enumerate(self.reachable):
            mine = device == number
            wanted = input_[mine]
            above = xp.clip(xp.searchsorted(reachable, wanted), 1, len(reachable) - 1)
            low, high = reachable[above - 1], reachable[above]
            programmed[mine] = xp.where(wanted - low < high - wanted, low, high)
        return programmed

    def drift_error(self, input_, time):
        return self.programming_error(input_)

    def read_noise(self, input_):
        return input_
)";

/// The conductances after 0, 1, 2, ... pulses up from the lowest node, by straight lines between the nodes.
std::vector<double> levels(std::span<const double> conductance, std::span<const double> change) {
  constexpr double least_step = 1e-6;  // of the range: a shorter one ends the series
  const double low = conductance.front();
  const double range = conductance.back() - low;
  const auto sections = static_cast<double>(conductance.size() - 1);
  std::vector<double> all{low};
  while (all.size() < most_levels) {
    const double place = (all.back() - low) / range * sections;
    const auto k = std::min(static_cast<std::size_t>(place), conductance.size() - 2);
    const double step = std::lerp(change[k], change[k + 1], place - static_cast<double>(k));
    if (!(step > least_step * range)) break;
    all.push_back(std::min(all.back() + step, conductance.back()));
  }
  return all;
}

std::vector<Exported> write_class(const Measured& device, std::vector<std::string>& notes) {
  if (device.forgets) cannot_hold("crosssim-3", "the device forgets at rest");
  if (!(device.lowest() > 0)) cannot_hold("crosssim-3", "the lowest conductance is not positive");
  const double highest = device.conductance.back();
  const std::size_t nodes = device.conductance.size();
  const auto nominal = levels(device.conductance, device.change[up]);
  if (nominal.size() < 2) cannot_hold("crosssim-3", "a pulse up from the lowest conductance changes nothing");
  std::vector<std::vector<double>> reachable;
  for (std::size_t n = 0; n < device.samples; ++n) {
    const auto own = std::span(device.sample_conductance).subspan(n * nodes, nodes);
    if (!(own.front() < own.back())) continue;
    reachable.push_back(levels(own, std::span(device.sample_change).subspan(n * 2 * nodes, nodes)));
    if (reachable.back().size() < 2) reachable.pop_back();
  }
  if (reachable.empty()) reachable.push_back(nominal);
  double wrong = 0;  // against the integrated series
  for (std::size_t k = 0; k < std::min(nominal.size(), device.series[up].size()); ++k)
    wrong = std::max(wrong, std::abs(nominal[k] - device.series[up][k]) / device.range());
  double gap = 0;
  for (std::size_t k = 1; k < nominal.size(); ++k) gap = std::max(gap, nominal[k] - nominal[k - 1]);
  notes.push_back(fmt::format(
      "{} conductances can be reached, up to {:.4g} of the range; they differ from the integrated series by "
      "at most {:.2g} of the range",
      nominal.size(), (nominal.back() - device.lowest()) / device.range(), wrong));
  notes.push_back(
      fmt::format("a conductance between them is missed by at most {:.2g} of the range", gap / 2 / device.range()));
  notes.emplace_back("CrossSim 3 has no pulses: how a pulse down, or from another state, changes the device is lost");
  if (nominal.size() == most_levels)
    notes.push_back(fmt::format("the series ends after {} pulses, before the highest conductance", most_levels - 1));
  for (auto& one : reachable)
    for (double& conductance : one) conductance /= highest;
  Json all{{"resistance_lowest_ohm", 1 / highest}, {"resistance_highest_ohm", 1 / device.lowest()}};
  all["reachable"] = reachable;
  return {{"memdyn_device.py", std::string(python)}, {"device.json", all.dump() + '\n'}};
}

}  // namespace

const Format crosssim_3{"crosssim-3", "CrossSim 3, a class for programming errors", write_class, nullptr};

}  // namespace memdyn::rules
