// SPDX-License-Identifier: MIT
#include "study/text_definition.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "memdyn/device/text_device.hpp"

namespace memdyn {
namespace {

/// A section of expressions, in the order of the file.
std::vector<TextDescription::Named> read_named_expressions(TomlSection& section) {
  std::vector<TextDescription::Named> all;
  for (const auto& key : section.keys()) all.push_back({key, section.text(key)});
  return all;
}

TextDescription::Parameter read_parameter(TomlSection& section, const std::string& name) {
  TextDescription::Parameter one;
  one.name = name;
  if (!section.is_table(name)) {
    one.value = section.number(name);
    return one;
  }
  (void)section.has(name);
  TomlSection own = section.section(name);
  one.value = own.number("value");
  one.unit = own.text("unit", "");
  one.meaning = own.text("meaning", "");
  if (own.has("range")) {
    const auto range = own.numbers("range");
    if (range.size() != 2 || !(range[0] <= range[1])) own.refuse("range", "must be two numbers, the lower one first");
    one.low = range[0];
    one.high = range[1];
  }
  own.finish();
  return one;
}

/// A number, or an expression of parameters.
std::string read_bound(TomlSection& section, const std::string& key) {
  if (!section.has(key)) return "";
  if (section.is_text(key)) return section.text(key);
  const double value = section.number(key);
  if (!std::isfinite(value)) section.refuse(key, "must be finite; leave it out where there is no bound");
  return fmt::format("{:.17g}", value);
}

TextDescription::Claim read_claim(TomlSection& section, const std::string& key) {
  if (!section.has(key)) return {};
  if (section.is_text(key)) return {false, section.text(key)};
  if (!section.flag(key, true)) section.refuse(key, "must be true, or say in quotes why not");
  return {};
}

}  // namespace

AnyDevice read_text_device(TomlSection& file, TomlSection* own) {
  TextDescription device;
  std::map<std::string, TomlSection> sections;  // of expressions
  device.name = file.text("name", file.stem());
  if (device.name.empty()) file.refuse("name", "must not be empty");
  const auto control = file.text("control");
  if (control != "current" && control != "voltage") file.refuse("control", "must be \"current\" or \"voltage\"");
  device.control = control == "current" ? Quantity::current : Quantity::voltage;
  device.typical_input = file.number("typical_input", std::nan(""));
  if (!(std::isnan(device.typical_input) || (device.typical_input > 0.0 && std::isfinite(device.typical_input))))
    file.refuse("typical_input", "must be a finite number above 0");
  if (file.has("parameters")) {
    TomlSection section = file.section("parameters");
    for (const auto& name : section.keys()) device.parameters.push_back(read_parameter(section, name));
    section.finish();
  }
  for (const auto& [key, list] : {std::pair{"let", &device.lets}, {"guards", &device.guards}})
    if (file.has(key)) {
      TomlSection section = file.section(key);
      *list = read_named_expressions(section);
      section.finish();
      sections.emplace(key, section);
    }
  for (TomlSection& section : file.sections("variable")) {
    device.variables.push_back({.name = section.text("name"),
                                .unit = section.text("unit", "1"),
                                .lower = read_bound(section, "lower"),
                                .upper = read_bound(section, "upper"),
                                .scale = read_bound(section, "scale"),
                                .drift = section.text("drift")});
    section.finish();
    sections.emplace(fmt::format("variable[{}]", device.variables.size() - 1), section);
  }
  TomlSection port = file.section("port");
  const std::vector<std::string> kinds{"memristance", "voltage", "current"};
  std::size_t given = 0;
  for (std::size_t k = 0; k < kinds.size(); ++k)
    if (port.has(kinds[k])) {
      device.port = static_cast<TextEquations::Port>(k);
      device.port_expression = port.text(kinds[k]);
      ++given;
    }
  port.finish();
  if (given != 1) file.refuse("port", "must be one of memristance, voltage, current");
  sections.emplace("port", port);
  if (file.has("properties")) {
    TomlSection section = file.section("properties");
    device.passive = read_claim(section, "passive");
    device.pinched = read_claim(section, "pinched");
    device.leaves_bounds = read_claim(section, "leaves_bounds");
    device.grows = read_claim(section, "grows");
    device.fades = section.flag("fades", false);
    device.smoothness =
        static_cast<int>(std::min<std::uint64_t>(section.count("smoothness", Properties::smooth), Properties::smooth));
    section.finish();
  }
  if (own != nullptr) {
    for (auto& one : device.parameters) one.value = own->number(one.name, one.value);
    own->finish();
  }
  const TomlSection& last = own != nullptr ? *own : file;
  try {
    return AnyDevice(std::make_shared<TextDevice>(device));
  } catch (const ExpressionError& error) {
    const auto dot = error.key().find('.');
    const auto& section = sections.at(error.key().substr(0, dot));
    throw InputError(fmt::format("{}: {}: {}", section.where(error.key().substr(dot + 1), error.offset()), error.key(),
                                 error.remark()));
  } catch (const InputError&) {
    last.located([] { throw; });
    throw;
  }
}

}  // namespace memdyn
