// SPDX-License-Identifier: MIT
#include "scenario/text_definition.hpp"

#include <algorithm>
#include <cmath>

#include "memdyn/device/text/text_device.hpp"

namespace memdyn {
namespace {

/// Reads a section of expressions, in the order of the file.
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
  TomlSection own = section.section(name);
  own.only({"value", "unit", "meaning", "range"});
  one.value = own.number("value");
  one.unit = own.text("unit", "");
  one.meaning = own.text("meaning", "");
  if (own.has("range")) {
    const auto range = own.numbers_or_infinities("range");
    if (range.size() != 2 || !(range[0] <= range[1])) own.refuse("range", "must be two numbers, the lower one first");
    one.low = range[0];
    one.high = range[1];
  }
  return one;
}

/// Reads a number or an expression of parameters; empty if the key is missing.
std::string read_bound(TomlSection& section, const std::string& key) {
  if (!section.has(key)) return "";
  if (section.is_text(key)) return section.text(key);
  const double value = section.number_or_infinity(key);
  if (!std::isfinite(value)) section.refuse(key, "must be finite; omit the key if there is no bound");
  return fmt::format("{:.17g}", value);
}

TextDescription::Claim read_claim(TomlSection& section, const std::string& key) {
  if (!section.has(key)) return {};
  if (section.is_text(key)) return {false, section.text(key)};
  if (!section.flag(key, true)) section.refuse(key, "must be true, or a string with the reason why not");
  return {};
}

/// The place in the file of a part of a description: that of the key ("variable[0].lower"), or of the table that lacks
/// it.
std::string where(const TomlSection& file, std::string key, std::size_t offset) {
  TomlSection section = file;
  for (auto dot = key.find('.'); dot != std::string::npos; dot = key.find('.')) {
    const auto table = key.substr(0, dot);
    if (const auto bracket = table.find('['); bracket != std::string::npos) {
      section = section.sections(table.substr(0, bracket)).at(std::stoul(table.substr(bracket + 1)));
    } else if (section.is_table(table)) {
      section = section.section(table);
    } else {
      return section.where(table, offset);
    }
    key.erase(0, dot + 1);
  }
  return section.where(key, offset);
}

/// The place of an error that overriding numbers caused: that of the number, or of the table of the numbers.
std::string where(const TomlSection& own, const std::string& key) {
  const auto name = key.substr(key.find('.') + 1);
  return own.where(key.starts_with("parameters.") && own.has(name) ? name : "");
}

/// Runs `make` and prefixes the message of a DescriptionError with its place.
template <class Make, class Where>
auto located(const Make& make, const Where& where) {
  try {
    return make();
  } catch (const DescriptionError& error) {
    const std::string place = where(error);
    throw InputError(place + ": " + error.text(), {place, error.key(), error.value()});
  }
}

void read_equations(TomlSection& file, TextDescription& device) {
  for (const auto& [key, list] : {std::pair{"let", &device.lets}, {"guards", &device.guards}})
    if (file.has(key)) {
      TomlSection section = file.section(key);
      *list = read_named_expressions(section);
    }
  for (TomlSection& section : file.has("variable") ? file.sections("variable") : std::vector<TomlSection>{})
    device.variables.push_back({.name = section.text("name"),
                                .unit = section.text("unit", "1"),
                                .lower = read_bound(section, "lower"),
                                .upper = read_bound(section, "upper"),
                                .scale = read_bound(section, "scale"),
                                .drift = section.text("drift")});
  if (file.has("algebraic"))
    for (TomlSection& section : file.sections("algebraic"))
      device.unknowns.push_back({.name = section.text("name"),
                                 .unit = section.text("unit", "1"),
                                 .equation = section.text("equation"),
                                 .lower = read_bound(section, "lower"),
                                 .upper = read_bound(section, "upper")});
  TomlSection port = file.section("port");
  const std::vector<std::string> kinds{"memristance", "voltage", "current"};
  std::size_t given = 0;
  for (std::size_t k = 0; k < kinds.size(); ++k)
    if (port.has(kinds[k])) {
      device.port = static_cast<TextEquations::Port>(k);
      device.port_expression = port.text(kinds[k]);
      ++given;
    }
  if (given != 1) file.refuse("port", "must have exactly one of memristance, voltage, current");
}

void read_properties(TomlSection& section, TextDescription& device) {
  device.passive = read_claim(section, "passive");
  device.pinched = read_claim(section, "pinched");
  device.leaves_bounds = read_claim(section, "leaves_bounds");
  device.grows = read_claim(section, "grows");
  device.fades = section.flag("fades", false);
  device.smoothness =
      static_cast<int>(std::min<std::uint64_t>(section.count("smoothness", Properties::smooth), Properties::smooth));
}

}  // namespace

TomlSection::Keys text_device_keys() {
  return {"name",
          "control",
          "typical_input",
          "parameters.*",
          "let.*",
          "guards.*",
          "variable.name",
          "variable.unit",
          "variable.lower",
          "variable.upper",
          "variable.scale",
          "variable.drift",
          "algebraic.name",
          "algebraic.unit",
          "algebraic.equation",
          "algebraic.lower",
          "algebraic.upper",
          "port.memristance",
          "port.voltage",
          "port.current",
          "properties.passive",
          "properties.pinched",
          "properties.leaves_bounds",
          "properties.grows",
          "properties.fades",
          "properties.smoothness"};
}

AnyDevice read_text_device(TomlSection& file, TomlSection* own) {
  TextDescription device;
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
  }
  read_equations(file, device);
  if (file.has("properties")) {
    TomlSection section = file.section("properties");
    read_properties(section, device);
  }
  AnyDevice as_written =
      located([&] { return AnyDevice(std::make_shared<TextDevice>(device)); },
              [&](const DescriptionError& error) { return where(file, error.key(), error.offset()); });
  if (own == nullptr) return as_written;
  TomlSection::Keys names;
  for (const auto& one : device.parameters) names.push_back(one.name);
  own->only(names);
  std::vector<double> numbers;
  for (const auto& one : device.parameters) numbers.push_back(own->number(one.name, one.value));
  return located([&] { return as_written.with(numbers); },
                 [&](const DescriptionError& error) { return where(*own, error.key()); });
}

}  // namespace memdyn
