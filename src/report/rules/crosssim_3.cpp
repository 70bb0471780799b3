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
            above = xp.searchsorted(reachable, wanted)
            low = reachable[xp.clip(above - 1, 0, len(reachable) - 1)]
            high = reachable[xp.clip(above, 0, len(reachable) - 1)]
            programmed[mine] = xp.where(wanted - low < high - wanted, low, high)
        return programmed

    def drift_error(self, input_, time):
        return self.programming_error(input_)

    def read_noise(self, input_):
        return input_
)";

/// The conductances after 0, 1, 2, ... pulses up from the lowest node, by straight lines between the nodes, which are
/// equidistant. They end at the highest node, and where a pulse changes nothing that counts.
std::vector<double> levels(std::span<const double> conductance, std::span<const double> change) {
  constexpr double least_step = 1e-9, least_rest = 1e-6;  // of the range
  const double low = conductance.front();
  const double range = conductance.back() - low;
  const auto sections = static_cast<double>(conductance.size() - 1);
  std::vector<double> all{low};
  while (all.size() < most_levels && all.back() < conductance.back() - least_rest * range) {
    const double place = (all.back() - low) / range * sections;
    const auto k = std::min(static_cast<std::size_t>(place), conductance.size() - 2);
    const double step = std::lerp(change[k], change[k + 1], place - static_cast<double>(k));
    if (!(step > least_step * range)) break;
    all.push_back(std::min(all.back() + step, conductance.back()));
  }
  return all;
}

/// The largest distance of a conductance between two others from all that can be reached.
double largest_miss(const std::vector<double>& reachable, double lowest, double highest) {
  double miss = std::max(reachable.front() - lowest, highest - reachable.back());
  for (std::size_t k = 1; k < reachable.size(); ++k) miss = std::max(miss, (reachable[k] - reachable[k - 1]) / 2);
  return miss;
}

std::vector<Exported> write_class(const Measured& device, std::vector<std::string>& notes) {
  if (device.forgets) cannot_hold("crosssim-3", "the device forgets at rest");
  const double highest = device.conductance.back();
  const std::size_t nodes = device.conductance.size();
  const auto nominal = levels(device.conductance, device.change[up]);
  if (nominal.size() < 2) cannot_hold("crosssim-3", "a pulse up from the lowest conductance changes nothing");
  std::vector<std::vector<double>> reachable;
  std::size_t fixed = 0;  // devices that a pulse up does not move from their lowest conductance
  for (std::size_t n = 0; n < device.samples; ++n) {
    const auto own = std::span(device.sample_conductance).subspan(n * nodes, nodes);
    if (!(own.front() < own.back())) continue;
    reachable.push_back(levels(own, std::span(device.sample_change).subspan(n * 2 * nodes, nodes)));
    if (reachable.back().size() == 1) ++fixed;
  }
  if (reachable.empty()) reachable.push_back(nominal);
  double lowest = device.lowest();
  for (const auto& one : reachable) lowest = std::min(lowest, one.front());
  if (!(lowest > 0)) cannot_hold("crosssim-3", "the lowest conductance is not positive");
  double wrong = 0;  // against the integrated series
  for (std::size_t k = 0; k < std::min(nominal.size(), device.series[up].size()); ++k)
    wrong = std::max(wrong, std::abs(nominal[k] - device.series[up][k]) / device.range());
  notes.push_back(fmt::format(
      "{} conductances can be reached, up to {:.4g} of the range; they differ from the integrated series by "
      "at most {:.2g} of the range",
      nominal.size(), (nominal.back() - device.lowest()) / device.range(), wrong));
  notes.push_back(fmt::format("a conductance in the range is missed by at most {:.2g} of it",
                              largest_miss(nominal, device.lowest(), highest) / device.range()));
  if (device.samples > 0) {
    double miss = 0;
    for (const auto& one : reachable) miss = std::max(miss, largest_miss(one, device.lowest(), highest));
    notes.push_back(
        fmt::format("of the {} devices that were drawn, {} are moved by no pulse up, {} were refused; the worst "
                    "one misses a conductance by {:.2g} of the range",
                    device.samples, fixed, device.samples - reachable.size(), miss / device.range()));
  }
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
