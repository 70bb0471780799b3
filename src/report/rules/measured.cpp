// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "memdyn/core/error.hpp"
#include "report/result_info.hpp"
#include "report/rules/rule.hpp"

namespace memdyn::rules {

Measured read_measured(const ResultReader& file) {
  if (kind_of(file) != ResultKind::table)
    throw IoError(file.name() + ": is not a table of \"memdyn table\", which this format needs");
  const std::size_t nodes = file.length("node");
  const std::size_t steps = file.length("step");
  Measured device;
  device.title = file.text("/", "title");
  device.forgets = file.text("/", "forgets") == "yes";
  device.conductance = file.numbers("conductance", {nodes});
  const auto change = file.numbers("conductance_change", {2, nodes});
  const auto bound = file.numbers("cut_by_bound", {2, nodes});
  for (const auto polarity : {up, down})
    for (std::size_t k = 0; k < nodes; ++k) {
      device.change[polarity].push_back(change[polarity * nodes + k]);
      device.cut[polarity].push_back(bound[polarity * nodes + k] != 0);
    }
  const std::size_t pulses = file.length("pulse");
  device.series = {file.numbers("potentiation", {pulses}), file.numbers("depression", {pulses})};
  for (const double sign : file.numbers("sequence_polarity", {steps})) device.sequence_up.push_back(sign > 0);
  device.sequence = file.numbers("sequence_conductance", {steps});
  const auto start = file.attribute("/", "sequence_start");
  if (const auto* number = std::get_if<std::vector<double>>(&start); number != nullptr && number->size() == 1)
    device.sequence_start = number->front();
  if (file.has("sample")) {
    device.samples = file.length("sample");
    device.sample_conductance = file.numbers("sample_conductance", {device.samples, nodes});
    device.sample_change = file.numbers("sample_conductance_change", {device.samples, 2, nodes});
  }
  const auto finite = [](const std::vector<double>& values) {
    return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
  };
  const bool numbers = finite(device.conductance) && finite(change) && finite(device.series[up]) &&
                       finite(device.series[down]) && finite(device.sequence) && std::isfinite(device.sequence_start);
  const bool rising = numbers && std::ranges::is_sorted(device.conductance) && device.range() > 0;
  if (nodes < 3 || pulses < 3 || steps == 0 || !rising)
    throw IoError(file.name() + ": is damaged: a table needs rising conductances, pulses and a sequence");
  return device;
}

}  // namespace memdyn::rules
