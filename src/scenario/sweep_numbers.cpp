// SPDX-License-Identifier: MIT
#include "scenario/sweep_numbers.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>

namespace memdyn {

SweepNumbers::SweepNumbers(const Scenario& scenario)
    : gamma(scenario.gamma),
      source{scenario.source.series_resistance, scenario.source.compliance[0], scenario.source.compliance[1]},
      waveform(scenario.parts),
      groups(scenario.groups),
      channels(scenario.channels) {
  for (const auto& number : scenario.device.numbers()) parameters.push_back(number.value);
}

std::string units_of(const AnyDevice::Number& number) {
  const std::string unit = number.unit;
  return unit.empty() ? "1" : unit == "Ohm" ? "ohm" : unit;
}

std::string slot_key(const std::string& key, const Scenario& scenario) {
  constexpr std::string_view waveform = "waveform.", initial = "initial.";
  if (key.starts_with(waveform) && scenario.parts.size() == 1) return "waveform[0]." + key.substr(waveform.size());
  if (!key.starts_with(initial)) return key;
  const auto variables = scenario.device.variable_names();
  const auto named = std::ranges::find(variables, key.substr(initial.size()));
  return named == variables.end() ? key : fmt::format("initial.gamma[{}]", named - variables.begin());
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
    const WaveformPart& own = scenario.parts[part];
    const auto keys = own.keys();
    for (std::size_t i = 0; i < keys.size(); ++i)
      slots[fmt::format("waveform[{}].{}", part, keys[i])] = {Slot::waveform, part, i, own.unit(keys[i], quantity)};
  }
  const auto named = [&](const char* table, Slot::Kind kind, const auto& all) {
    for (std::size_t part = 0; part < all.size(); ++part)
      for (std::size_t i = 0; i < all[part].keys.size(); ++i)
        slots[fmt::format("{}.{}.{}", table, all[part].name, all[part].keys[i])] = {kind, part, i,
                                                                                    unit_of_key(all[part].keys[i])};
  };
  named("group", Slot::group, scenario.groups);
  named("channel", Slot::channel, scenario.channels);
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

namespace {

void set_axes(const SweepPlan& plan, std::uint64_t point, SweepNumbers& numbers) {
  for (const auto& axis : std::views::reverse(plan.axes)) {
    numbers.set(axis, axis.values[point % axis.values.size()]);
    point /= axis.values.size();
  }
}

void derive(const SweepPlan& plan, SweepNumbers& numbers) {
  for (const auto& derived : plan.derived) {
    std::vector<double> from;
    for (const Slot& slot : derived.from) from.push_back(numbers.at(slot));
    const double value = derived.value(from);
    if (!std::isfinite(value))
      throw InputError("value", derived.label(), fmt::format("{}", value),
                       "must be finite; its expression is not for these numbers");
    numbers.set(derived, value);
  }
}

}  // namespace

void set_grid_point(const SweepPlan& plan, std::uint64_t point, SweepNumbers& numbers) {
  set_axes(plan, point, numbers);
  derive(plan, numbers);
}

void draw_trajectory(const SweepPlan& plan, std::uint64_t trajectory, const SweepNumbers& nominal,
                     SweepNumbers& numbers) {
  for (const auto& variation : plan.variations) numbers.take(variation, nominal);
  set_axes(plan, trajectory / plan.samples, numbers);
  RandomStream random(plan.seed, trajectory, Purpose::variation);
  std::map<std::string, std::size_t> rows;  // drawn from each file
  const auto drawn = [&](const Variation& one) {
    if (!one.of_column()) return one.draw(random, numbers.at(one.slot()));
    if (one.distribution == Variation::in_order) return one.column[trajectory % plan.samples];
    const auto row = rows.find(one.file);
    return one.column[row != rows.end() ? row->second : rows[one.file] = random.below(one.column.size())];
  };
  for (const auto& variation : plan.variations) numbers.set(variation, drawn(variation));
  derive(plan, numbers);
}

}  // namespace memdyn
