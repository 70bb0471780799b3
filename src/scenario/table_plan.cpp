// SPDX-License-Identifier: MIT
#include "memdyn/scenario/table_plan.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "core/csv_table.hpp"
#include "learn/step_rules.hpp"
#include "scenario/read_scenario.hpp"

namespace memdyn {
namespace {

TomlSection::Keys table_keys() {
  TomlSection::Keys keys = variation_keys();
  keys.insert(keys.end(), {"title",
                           "device.*",
                           "drive.quantity",
                           "drive.series_resistance",
                           "drive.compliance",
                           "integrate.method",
                           "integrate.relative",
                           "integrate.absolute",
                           "table.read_voltage",
                           "table.up",
                           "table.down",
                           "table.width",
                           "table.rise",
                           "table.fall",
                           "table.states",
                           "table.nodes",
                           "table.pulses",
                           "table.sequence",
                           "table.polarities",
                           "map.amplitude",
                           "map.width",
                           "map.edge",
                           "map.states",
                           "map.read",
                           "map.rest",
                           "rule.name",
                           "rule.formula",
                           "rule.up",
                           "rule.down",
                           "rule.file"});
  return keys;
}

constexpr std::size_t longest_sequence = 10'000'000;

std::size_t number_of(TomlSection& table, const std::string& key, std::size_t otherwise, std::size_t least,
                      std::size_t most) {
  const auto count = table.count(key, otherwise);
  if (count < least || count > most) table.refuse(key, fmt::format("must be in {} .. {}", least, most));
  return count;
}

void read_pulses(TomlSection& table, TablePlan& plan) {
  const auto drive = [&](const char* key, double value) {
    if (!(value != 0 && std::abs(value) <= Waveform::largest))
      table.refuse(key, "must not be 0, and at most 1e15 in magnitude");
    return value;
  };
  const auto time = [&](const char* key, double otherwise) {
    const double value = table.number(key, otherwise);
    if (!(value >= 0 && value <= Waveform::largest)) table.refuse(key, "must be in [0, 1e15] s");
    return value;
  };
  const double amplitude = drive("up", table.number("up"));
  plan.up = {.amplitude = amplitude, .width = table.number("width"), .rise = time("rise", 0), .fall = time("fall", 0)};
  if (!(plan.up.width > 0 && plan.up.width <= Waveform::largest)) table.refuse("width", "must be in (0, 1e15] s");
  plan.down = plan.up;
  plan.down.amplitude = drive("down", table.number("down", -amplitude));
}

void read_states(TomlSection& table, TablePlan& plan) {
  const auto& model = plan.sweep.scenario.device.model();
  if (!table.has("states")) {
    if (!std::isfinite(model.lower[0]) || !std::isfinite(model.upper[0]))
      table.refuse("states",
                   "is needed, because the variable has no bound: give the states between which the table "
                   "extends, [one, other]");
    return;
  }
  const auto states = table.numbers("states");
  if (states.size() != 2 || states[0] == states[1]) table.refuse("states", "must be two different numbers");
  for (const double state : states)
    if (!(state >= model.lower[0] && state <= model.upper[0]))
      table.refuse("states", fmt::format("must be in [{}, {}]", model.lower[0], model.upper[0]));
  plan.states = {states[0], states[1]};
}

/// Reads a sequence of pulses of one's own: a column of +1 and -1.
void read_polarities(TomlSection& table, TablePlan& plan) {
  if (!table.has("polarities")) return;
  const auto file = table.file("polarities");
  const CsvTable csv = read_csv(file.text, file.shown);
  if (csv.columns != 1) table.refuse("polarities", fmt::format("must have one column, not {}", csv.columns));
  for (std::size_t row = 0; row < csv.values.size(); ++row) {
    const std::string value = fmt::format("{}", csv.values[row]);
    const std::string place = fmt::format("{}:{}", file.shown, csv.lines[row]);
    if (std::abs(csv.values[row]) != 1)
      throw InputError(fmt::format("{}: {} is neither 1, for a pulse up, nor -1, for one down", place, value),
                       {place, "table.polarities", value});
    plan.polarities.push_back(static_cast<std::int8_t>(csv.values[row]));
  }
  if (plan.polarities.empty() || plan.polarities.size() > longest_sequence)
    table.refuse(
        "polarities",
        fmt::format("must have 1 to {} rows of 1 or -1 (a first row without a number is a heading)", longest_sequence));
}

/// Numbers that ascend. @param least the first may be this, or must be above it
std::vector<double> ascending(TomlSection& map, const std::string& key, double least, bool above,
                              std::vector<double> otherwise) {
  if (!map.has(key)) return otherwise;
  const auto values = map.numbers(key);
  if (values.empty() || std::ranges::adjacent_find(values, std::greater_equal()) != values.end() ||
      values.front() < least || (above && values.front() == least) || values.back() > Waveform::largest)
    map.refuse(key, fmt::format("must be ascending numbers, {} {}, at most 1e15", above ? "above" : "from", least));
  return values;
}

void read_map(TomlSection& root, TablePlan& plan) {
  if (!root.has("map")) return;
  auto section = root.section("map");
  PulseMap& map = plan.map.emplace();
  map.amplitudes = ascending(section, "amplitude", 0, true, map.amplitudes);
  map.widths = ascending(section, "width", 0, true, {plan.up.width});
  map.edges = ascending(section, "edge", 0, false, map.edges);
  for (const auto& [key, time] : {std::pair{"read", &map.read}, {"rest", &map.rest}}) {
    *time = section.number(key, *time);
    if (!(*time >= 0 && *time <= Waveform::largest)) section.refuse(key, "must be in [0, 1e15] s");
  }
  constexpr std::size_t most = 10'001;
  map.states = number_of(section, "states", map.states, 2, most);
  if (section.has("states")) plan.sweep.scenario.sizes.push_back(section.size_key("states", section.number("states")));
}

/// Reads the table of a rule: conductance, change by a pulse up, change by one down.
void read_table_of(TomlSection& section, GivenRule& rule) {
  const auto file = section.file("file");
  const CsvTable csv = read_csv(file.text, file.shown);
  constexpr std::size_t columns = 3;
  if (csv.columns != columns || csv.values.size() < 2 * columns)
    section.refuse("file",
                   "must have three columns, the conductance and its changes by a pulse up and one down [S], and "
                   "two rows or more");
  for (std::size_t row = 0; row < csv.lines.size(); ++row) {
    const double* values = &csv.values[row * columns];
    if (row > 0 && values[0] <= rule.conductance.back()) {
      const std::string place = fmt::format("{}:{}", file.shown, csv.lines[row]);
      throw InputError(fmt::format("{}: the conductance {} S is not above that of the row before", place, values[0]),
                       {place, "rule.file", fmt::format("{}", values[0])});
    }
    rule.conductance.push_back(values[0]);
    for (const std::size_t polarity : {0, 1}) rule.change[polarity].push_back(values[1 + polarity]);
  }
}

void read_rules(TomlSection& root, TablePlan& plan) {
  if (!root.has("rule")) return;
  std::set<std::string> formulas, names;
  for (const StepRule& rule : step_formulas()) formulas.emplace(rule.name);
  names = formulas;
  names.emplace(table_rule_name);
  for (auto& section : root.sections("rule")) {
    GivenRule& rule = plan.rules.emplace_back();
    if (section.has("formula") && section.has("file"))
      section.refuse("formula", "must not be given beside \"file\": a rule is a formula or a table");
    if (!section.has("formula") && !section.has("file"))
      throw InputError(section.where("") + ": a [[rule]] needs \"formula\", or \"file\" with its table");
    if (section.has("file")) {
      read_table_of(section, rule);
      rule.name = section.text("name", std::filesystem::path(section.text("file")).stem().string());
      for (const char* key : {"up", "down"})
        if (section.has(key)) section.refuse(key, "are the parameters of a formula, and this rule is a file");
    } else {
      rule.formula = section.text("formula");
      const auto found = std::ranges::find(step_formulas(), rule.formula, &StepRule::name);
      if (found == step_formulas().end())
        section.refuse("formula",
                       fmt::format("must be {}{}", fmt::join(formulas, ", "), suggestion(rule.formula, formulas)));
      for (const auto& [polarity, key] : {std::pair{0, "up"}, {1, "down"}}) {
        rule.parameters[polarity] = section.numbers(key);
        if (rule.parameters[polarity].size() != found->parameters.size())
          section.refuse(key, fmt::format("must have the parameters of \"{}\": [{}]", rule.formula,
                                          fmt::join(found->parameters, ", ")));
        if (rule.parameters[polarity][0] < 0)
          section.refuse(key, "must begin with the length of a step, 0 or more, for either direction of the pulse");
      }
      rule.name = section.text("name", "given " + rule.formula);
    }
    constexpr std::size_t most_of_name = 40;
    if (rule.name.empty() || rule.name.size() > most_of_name || in_message(rule.name) != rule.name)
      section.refuse("name", fmt::format("must be 1 to {} bytes, without control characters", most_of_name));
    if (!names.insert(rule.name).second)
      throw InputError(section.where("name"), "rule.name", '"' + rule.name + '"',
                       "is the name of another rule; give each one of its own");
  }
}

}  // namespace

TablePlan read_table(const std::filesystem::path& path, const std::vector<std::string>& settings) {
  return read_table(TomlSection(path, settings));
}

TablePlan read_table(TomlSection root) {
  refuse_other_files(root, {"table", "vary"});
  root.only(table_keys());
  auto device = root.section("device");
  TablePlan plan{.sweep = plan_of_device(read_device(device), read_options(root)), .states = {}};
  Scenario& scenario = plan.sweep.scenario;
  scenario.title = root.text("title", root.stem());
  scenario.text = root.text_of_file();
  if (scenario.device.size() != 1)
    throw InputError(
        root.shown(), "device", std::string(scenario.device.name()),
        fmt::format("has {} internal variables, so that its conductance alone does not decide what a pulse "
                    "does; a table needs a device of one variable",
                    scenario.device.size()));
  scenario.source = read_source(root, scenario.device);
  (void)driven(scenario.device, scenario.source).admitted(scenario.options.method);
  auto table = root.section("table");
  plan.read_voltage = table.number("read_voltage", plan.read_voltage);
  if (!(plan.read_voltage != 0 && std::abs(plan.read_voltage) <= Waveform::largest))
    table.refuse("read_voltage", "must not be 0 V");
  read_pulses(table, plan);
  read_states(table, plan);
  read_map(root, plan);
  read_rules(root, plan);
  plan.nodes = number_of(table, "nodes", plan.nodes, 3, 10'001);
  plan.pulses = number_of(table, "pulses", plan.pulses, 2, 1'000'000);
  plan.sequence = number_of(table, "sequence", plan.sequence, 1, longest_sequence);
  read_polarities(table, plan);
  for (const char* key : {"nodes", "pulses", "sequence"})
    if (table.has(key)) scenario.sizes.push_back(table.size_key(key, table.number(key)));
  read_variations(root, plan.sweep);
  scenario.file = root.name();
  scenario.inputs = root.inputs();
  if (plan.sweep.variations.empty()) plan.sweep.samples = 0;
  return plan;
}

}  // namespace memdyn
