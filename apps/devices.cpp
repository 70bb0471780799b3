// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "device/text/equations_text.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace memdyn::app {
namespace {

using Row = std::vector<std::string>;

/// Prints rows in aligned columns; the last column is not padded.
void print_table(std::vector<Row> rows) {
  for (Row& row : rows)
    for (std::string& cell : row) cell = in_message(cell);
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c + 1 < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size() + 2);
  }
  for (const Row& row : rows) {
    for (std::size_t c = 0; c + 1 < row.size(); ++c) fmt::print("{:<{}}", row[c], widths[c]);
    fmt::print("{}\n", row.back());
  }
}

/// Prints a name, and a text wrapped at 120 columns.
void print_wrapped(const std::string& name, const std::string& text) {
  constexpr std::size_t indent = 9;
  std::string line = fmt::format("{:<{}}", name, indent);
  bool empty = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    if (!empty && line.size() + 1 + end - at > 120) {
      fmt::print("{}\n", line);
      line = std::string(indent, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + in_message(text.substr(at, end - at));
    empty = false;
    at = end + 1;
  }
  fmt::print("{}\n", line);
}

std::string guards_of(const Model<double>& model) {
  std::vector<double> levels;
  for (const double level : model.levels)
    if (!std::isnan(level)) levels.push_back(level + 0.0);  // not -0
  std::ranges::sort(levels);
  std::string text = model.levels.empty() ? "none" : fmt::format("{}", model.levels.size());
  if (!levels.empty())
    text += fmt::format(": at {:.12g} {} of the {} alone", fmt::join(levels, ", "), unit_of(model.control),
                        name_of(model.control));
  if (const std::size_t others = model.levels.size() - levels.size(); others > 0)
    text += levels.empty() ? ": depend on the state" : fmt::format("; {} depend on the state", others);
  return text;
}

/// Prints variables, guards and claimed properties.
void describe_dynamics(const AnyDevice& device) {
  const Model<double>& model = device.model();
  const Properties all = device.properties();
  fmt::print("controlled by its {} [{}]\n\n", name_of(device.control()), unit_of(device.control()));
  const auto names = device.variable_names();
  const auto units = device.variable_units();
  std::vector<Row> variables{{"variable", "unit", "range"}};
  bool bounded = false;
  for (std::size_t i = 0; i < device.size(); ++i) {
    bounded = bounded || std::isfinite(model.lower[i]) || std::isfinite(model.upper[i]);
    variables.push_back({names[i], units[i], fmt::format("{} to {}", model.lower[i], model.upper[i])});
  }
  if (device.size() > 0) {
    print_table(variables);
    fmt::print("\n");
  }
  const auto claim = [](const Property& one) {
    return one.holds ? std::string("yes") : fmt::format("no: {}", one.why);
  };
  print_table(
      {{"guards", guards_of(model)},
       {"bounds", !bounded ? "none"
                  : all.leaves_bounds.holds
                      ? "hard; a state leaves a bound when its drift turns inward"
                      : fmt::format("hard; a state can stay at a bound: {}", all.leaves_bounds.why)},
       {"smooth", all.smoothness == Properties::smooth ? "all derivatives of the drift are continuous within a regime"
                  : all.smoothness == 0
                      ? "the drift is continuous within a regime, its derivatives may be discontinuous"
                      : fmt::format("{} derivatives of the drift are continuous within a regime", all.smoothness)},
       {"passive", claim(all.passive)},
       {"pinched", claim(all.pinched)},
       {"V grows with I", claim(all.grows)},
       {"volatile", all.fades ? "yes: the state moves at zero input" : "no"},
       {"typical input", fmt::format("{:.6g} {}", device.typical_input(), unit_of(device.control()))}});
}

std::string range_of(double low, double high, bool low_included) {
  return fmt::format("in {}{:.12g}, {:.12g}]", low_included ? '[' : '(', low, high);
}

void describe(const CatalogueEntry& model) {
  fmt::print("{}\n\n{}\n\n", model.name, model.summary);
  describe_dynamics(model.device());
  std::vector<Row> rows{{"parameter", "unit", "default", "meaning"}};
  for (const auto& [field, value] : model.parameters) {
    rows.push_back({field.key, field.unit, text_of(value), field.meaning});
    if (std::holds_alternative<double>(value) || std::holds_alternative<std::vector<double>>(value))
      rows.back()[3] += "; " + range_of(field.low, field.high, field.low_included);
  }
  fmt::print("\n");
  print_table(rows);
}

void describe_parameters(const TextDescription& device) {
  std::vector<Row> rows{{"parameter", "unit", "value", "meaning"}};
  for (const auto& one : device.parameters)
    rows.push_back(
        {one.name, one.unit, fmt::format("{}", one.value),
         fmt::format("{}{}{}", one.meaning, one.meaning.empty() ? "" : "; ", range_of(one.low, one.high, true))});
  if (rows.size() > 1) print_table(rows);
  fmt::print("\nunits: {}\n", device.has_units() ? "checked" : "not checked, because not every parameter has a unit");
}

void describe(const AnyDevice& device) {
  const auto* text = device.definition<TextDevice>();
  if (text != nullptr) fmt::print("{}\n", equations_text(text->description()));
  describe_dynamics(device);
  fmt::print("\n");
  std::vector<Row> rows{{"parameter", "unit", "value"}};
  if (text != nullptr) {
    describe_parameters(text->description());
  } else {
    for (const auto& one : device.numbers()) rows.push_back({one.key, one.unit, fmt::format("{}", one.value)});
    print_table(rows);
  }
}

/// Describes the device of a device file, or all devices of a scenario.
void describe_file(const std::string& name, const std::vector<std::string>& settings) {
  const auto devices = devices_of(name, settings);
  const auto words = words_of_parameter_set(name);
  const auto print_words = [&] {
    for (const auto& [key, said] : words) print_wrapped(key, said);
    if (!words.empty()) fmt::print("\n");
  };
  if (devices.front().role.empty()) {
    fmt::print("{}\n\n", in_message(devices.front().device.name()));
    print_words();
    return describe(devices.front().device);
  }
  print_words();
  for (const auto& [role, device] : devices) {
    fmt::print("{}[{}] {}\n\n", role == devices.front().role ? "" : "\n", role, in_message(device.name()));
    describe(device);
  }
}

}  // namespace

void add_devices(CLI::App& program) {
  auto* command = program.add_subcommand("devices", "list the device models, or describe one");
  auto name = std::make_shared<std::string>();
  auto settings = std::make_shared<std::vector<std::string>>();
  command->add_option("name", *name, "a model, a device file or a scenario; all models if none")->type_name("DEVICE");
  add_settings(*command, *settings);
  add_examples(
      *command,
      "  memdyn devices                                               all models, a line each\n"
      "  memdyn devices hp-drift                                      equations, parameters, units and ranges of one\n"
      "  memdyn devices data/devices/strukov_2008.toml                a published parameter set and its source\n"
      "  memdyn devices data/devices/text/volatile.toml               a device written as text\n"
      "  memdyn devices data/scenarios/complementary_switch.toml      the devices in a scenario");
  command->callback([name, settings] {
    require_file("devices", *settings, std::filesystem::exists(*name));
    std::vector<Row> rows{{"model", "variables", "description"}};
    bool found = name->empty();
    std::set<std::string> models;
    for (const CatalogueEntry& model : catalogue()) {
      models.emplace(model.name);
      if (name->empty()) {
        rows.push_back({std::string(model.name), fmt::format("{}", model.device().size()),
                        std::string(model.summary.substr(0, model.summary.find('\n')))});
      } else if (model.name == *name) {
        describe(model);
        found = true;
      }
    }
    if (name->empty()) print_table(rows);
    if (!found && std::filesystem::exists(*name)) {
      describe_file(*name, *settings);
      found = true;
    }
    if (!found) refuse_device("devices", *name, models);
  });
}

}  // namespace memdyn::app
