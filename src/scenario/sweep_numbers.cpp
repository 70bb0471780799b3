// SPDX-License-Identifier: MIT
#include "scenario/sweep_numbers.hpp"

#include <cmath>
#include <ranges>

namespace memdyn {

SweepNumbers::SweepNumbers(const Scenario& scenario)
    : gamma(scenario.gamma),
      source{scenario.source.series_resistance, scenario.source.compliance[0], scenario.source.compliance[1]},
      waveform(scenario.parts) {
  for (const auto& number : scenario.device.numbers()) parameters.push_back(number.value);
}

std::string units_of(const AnyDevice::Number& number) {
  const std::string unit = number.unit;
  return unit.empty() ? "1" : unit == "Ohm" ? "ohm" : unit;
}

std::map<std::string, Slot> sweep_slots(const Scenario& scenario) {
  std::map<std::string, Slot> slots;
  std::size_t index = 0;
  for (const auto& number : scenario.device.numbers()) {
    slots["device.parameters." + number.key] = {Slot::parameter, 0, index++, units_of(number)};
  }
  for (std::size_t i = 0; i < scenario.device.size(); ++i)
    slots[fmt::format("initial.gamma[{}]", i)] = {Slot::initial, 0, i, scenario.device.variable_units()[i]};
  const auto& [quantity, resistance, compliance] = scenario.source;
  const char* limited = unit_of(quantity == Quantity::voltage ? Quantity::current : Quantity::voltage);
  if (resistance > 0.0) slots["drive.series_resistance"] = {Slot::source, 0, 0, "ohm"};
  if (std::isfinite(compliance[1]) && compliance[0] == compliance[1]) {
    slots["drive.compliance"] = {Slot::source, 0, 2, limited};
  } else {
    for (const std::size_t side : {0, 1})
      if (std::isfinite(compliance[side]))
        slots[fmt::format("drive.compliance[{}]", side)] = {Slot::source, 0, 1 + side, limited};
  }
  for (std::size_t part = 0; part < scenario.parts.size(); ++part) {
    const auto keys = scenario.parts[part].keys();
    for (std::size_t i = 0; i < keys.size(); ++i)
      slots[fmt::format("waveform[{}].{}", part, keys[i])] = {Slot::waveform, part, i,
                                                              WaveformPart::unit(keys[i], scenario.source.quantity)};
  }
  return slots;
}

Source source_of(const Scenario& scenario, const SweepNumbers& numbers) {
  Source source = scenario.source;
  if (source.series_resistance > 0.0 && !(numbers.source[0] > 0.0))
    throw InputError("drive", "series_resistance", fmt::format("{}", numbers.source[0]),
                     "must be above 0 Ohm in a sweep");
  const bool alike = source.compliance[0] == source.compliance[1];
  source.series_resistance = numbers.source[0];
  source.compliance = {numbers.source[alike ? 2 : 1], numbers.source[2]};
  return source;
}

void set_grid_point(const SweepPlan& plan, std::uint64_t point, SweepNumbers& numbers) {
  for (const auto& axis : std::views::reverse(plan.axes)) {
    numbers.at(axis.slot) = axis.values[point % axis.values.size()];
    point /= axis.values.size();
  }
}

void draw_trajectory(const SweepPlan& plan, std::uint64_t trajectory, const SweepNumbers& nominal,
                     SweepNumbers& numbers) {
  for (const auto& variation : plan.variations) numbers.at(variation.slot) = nominal.at(variation.slot);
  set_grid_point(plan, trajectory / plan.samples, numbers);
  RandomStream random(plan.seed, trajectory, Purpose::variation);
  for (const auto& variation : plan.variations) {
    double& number = numbers.at(variation.slot);
    number = variation.draw(random, number);
  }
}

const std::vector<SweepQuantity>& sweep_quantity_table() {
  static const auto known = [](double number) { return std::isfinite(number) ? number : std::nan(""); };
  using Outcome = LaneOutcome;
  using N = std::size_t;
  static const std::vector<SweepQuantity> table{
      {"gamma_final", "", "final internal variables", true, false,
       [](const Outcome& o, N n, double* to) { std::copy_n(o.gamma, n, to); }},
      {"gamma_lowest", "", "lowest internal variables", true, false,
       [](const Outcome& o, N n, double* to) { std::copy_n(o.lowest, n, to); }},
      {"gamma_highest", "", "highest internal variables", true, false,
       [](const Outcome& o, N n, double* to) { std::copy_n(o.highest, n, to); }},
      {"memristance_lowest", "ohm", "lowest memristance V/I", false, true,
       [](const Outcome& o, N, double* to) { *to = known(o.memristance_low); }},
      {"memristance_highest", "ohm", "highest memristance V/I", false, true,
       [](const Outcome& o, N, double* to) { *to = known(o.memristance_high); }},
      {"charge", "C", "charge", false, true, [](const Outcome& o, N, double* to) { *to = o.integrals[charge]; }},
      {"flux", "Wb", "flux, the integral of the voltage", false, true,
       [](const Outcome& o, N, double* to) { *to = o.integrals[flux]; }},
      {"energy", "J", "energy absorbed", false, true,
       [](const Outcome& o, N, double* to) { *to = o.integrals[energy]; }},
      {"loop_area_positive", "W", "integral of V dI over positive drives", false, true,
       [](const Outcome& o, N, double* to) { *to = o.integrals[area_positive]; }},
      {"loop_area_negative", "W", "integral of V dI over negative drives", false, true,
       [](const Outcome& o, N, double* to) { *to = o.integrals[area_negative]; }},
      {"loop_area", "W", "area of both lobes of the I-V loop", false, true,
       [](const Outcome& o, N, double* to) {
         *to = std::abs(o.integrals[area_positive]) + std::abs(o.integrals[area_negative]);
       }},
      {"switching_time", "s", "time of the first passage of the level", false, false,
       [](const Outcome& o, N, double* to) { *to = o.switched; }},
      {"steps_accepted", "1", "accepted steps", false, false,
       [](const Outcome& o, N, double* to) { *to = o.accepted; }},
      {"steps_rejected", "1", "rejected steps", false, false,
       [](const Outcome& o, N, double* to) { *to = o.rejected; }},
      {"events", "1", "time events, state events, bounds reached and released", false, false,
       [](const Outcome& o, N, double* to) { *to = o.events; }}};
  return table;
}

}  // namespace memdyn
