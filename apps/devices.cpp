// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "command.hpp"
#include "memdyn/device/models.hpp"
#include "memdyn/device/text_device.hpp"
#include "memdyn/study/scenario.hpp"

namespace memdyn::app {
namespace {

template <class D>
void describe() {
  fmt::print("{}\n\n{}\n\n{:<15}{:<11}{:<22}{}\n", D::name, D::summary, "parameter", "unit", "default", "meaning");
  typename D::Parameters parameters;
  D::Parameters::fields(parameters, []<class Value>(const Field& field, const Value& value) {
    std::string text;
    if constexpr (std::is_same_v<Value, std::vector<double>>) {
      text = fmt::format("[{}]", fmt::join(value, ", "));
    } else {
      text = fmt::format("{}", value);
    }
    fmt::print("{:<15}{:<11}{:<22}{}", field.key, field.unit, text, field.meaning);
    if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::vector<double>>)
      fmt::print("; in {}{}, {}]", field.low_included ? '[' : '(', field.low, field.high);
    fmt::print("\n");
  });
}

void describe(const TextDescription& device) {
  const auto input = device.control == Quantity::current ? "i" : "v";
  constexpr const char* ports[] = {"memristance", "voltage", "current"};
  fmt::print("{}\n\ncontrolled by its {}, {} [{}]\n\n", device.name, name_of(device.control), input,
             unit_of(device.control));
  for (const auto& one : device.variables) {
    fmt::print("  d{}/dt = {}\n", one.name, one.drift);
    fmt::print("    {} in {}..{} {}\n", one.name, one.lower.empty() ? "-inf" : one.lower,
               one.upper.empty() ? "inf" : one.upper, one.unit);
  }
  fmt::print("  {} = {}\n", ports[static_cast<int>(device.port)], device.port_expression);
  for (const auto& [title, list] : {std::pair{"let", &device.lets}, {"guard", &device.guards}})
    for (const auto& one : *list) fmt::print("  {} {} = {}\n", title, one.name, one.expression);
  if (!device.parameters.empty()) fmt::print("\n{:<15}{:<14}{:<12}{}\n", "parameter", "unit", "value", "meaning");
  for (const auto& one : device.parameters)
    fmt::print("{:<15}{:<14}{:<12}{}{}in [{}, {}]\n", one.name, one.unit, one.value, one.meaning,
               one.meaning.empty() ? "" : "; ", one.low, one.high);
  fmt::print("\nunits: {}\n", device.has_units() ? "checked" : "not checked, as not every parameter has one");
}

void describe(const AnyDevice& device) {
  fmt::print("{}, controlled by its {}\n\n{:<24}{:<8}range\n", device.name(), name_of(device.control()), "variable",
             "unit");
  const auto names = device.variable_names();
  const auto units = device.variable_units();
  for (std::size_t i = 0; i < device.size(); ++i)
    fmt::print("{:<24}{:<8}{} to {}\n", names[i], units[i], device.model().lower[i], device.model().upper[i]);
  fmt::print("\n{:<24}{:<14}{}\n", "parameter", "unit", "value");
  for (const auto& one : device.numbers()) fmt::print("{:<24}{:<14}{}\n", one.key, one.unit, one.value);
}

}  // namespace

void add_devices(CLI::App& program) {
  auto* command = program.add_subcommand("devices", "list the device models, or describe one");
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "model, or file of a device, to describe");
  command->callback([name] {
    if (name->empty()) fmt::print("{:<18}{:<11}{}\n", "model", "variables", "what it is");
    bool found = name->empty();
    const auto look = [&]<class D>() {
      if (name->empty()) {
        fmt::print("{:<18}{:<11}{}\n", D::name, D().size(), D::summary.substr(0, D::summary.find('\n')));
      } else if (D::name == *name) {
        describe<D>();
        found = true;
      }
    };
    for_each_model_and_element(look);
    if (!found && std::filesystem::exists(*name)) {
      const AnyDevice device = read_parameter_set(*name);
      if (const auto* text = device.definition<TextDevice>()) {
        describe(text->description());
      } else {
        describe(device);
      }
      found = true;
    }
    if (!found)
      throw InputError("devices", "name", *name, "is neither a model (\"memdyn devices\" lists them) nor a file");
  });
}

}  // namespace memdyn::app
