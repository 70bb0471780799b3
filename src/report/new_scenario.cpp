// SPDX-License-Identifier: MIT
#include "report/new_scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/message.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/report/gallery.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace memdyn {
namespace {

/// A text as a string of TOML.
std::string in_quotes(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') result += '\\';
    result += code < 0x20 || code == 0x7f ? fmt::format("\\u{:04x}", code) : std::string(1, c);
  }
  return result + '"';
}

/// A number with few digits, as a person would write it.
double rounded(double number) {
  const auto text = fmt::format("{:.2e}", number);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The parameters of a model, each as a comment that sets its default.
std::string parameters_of(const CatalogueEntry& model) {
  std::string text =
      "\n[device.parameters]  # the defaults of the model; to change one, remove its # at the beginning\n";
  for (const auto& [field, value] : model.parameters) {
    std::string shown = text_of(value);
    if (const auto* word = std::get_if<std::string>(&value)) shown = in_quotes(*word);
    if (shown.empty() || std::holds_alternative<std::optional<bool>>(value)) continue;
    text += fmt::format("# {} = {}  # [{}] {}\n", field.key, shown, field.unit, field.meaning);
  }
  return text;
}

std::string device_section(const std::string& name, const CatalogueEntry* model, const std::filesystem::path& output) {
  if (model != nullptr)
    return fmt::format("[device]  # \"memdyn devices {0}\" prints its equations\nmodel = {1}\n{2}", name,
                       in_quotes(name), parameters_of(*model));
  const auto folder = std::filesystem::absolute(output).parent_path();
  const auto file = std::filesystem::proximate(std::filesystem::absolute(name), folder);
  return fmt::format(
      "[device]  # \"memdyn devices\" with this file prints equations, parameters and sources\nfile = {}\n",
      in_quotes(file.string()));
}

std::string initial_section(const AnyDevice& device, const std::vector<double>& start) {
  const auto names = device.variable_names();
  const auto units = device.variable_units();
  const auto& model = device.model();
  std::string text = "[initial]  # one number for each internal variable\ngamma = [\n";
  for (std::size_t i = 0; i < start.size(); ++i)
    text += fmt::format("  {:.6g},  # {} [{}], {:g} to {:g}\n", start[i], in_message(names[i]), in_message(units[i]),
                        model.lower[i], model.upper[i]);
  return text + "]\n";
}

std::string drive_section(const Fingerprint& measured) {
  const bool voltage = measured.source.quantity == Quantity::voltage;
  std::string text = fmt::format("[drive]\nquantity = \"{}\"  # or \"{}\"\n", name_of(measured.source.quantity),
                                 voltage ? "current" : "voltage");
  text += measured.source.series_resistance > 0
              ? fmt::format("series_resistance = {:g}  # [Ohm]; without it the current diverges\n",
                            rounded(measured.source.series_resistance))
              : "# series_resistance = 100.0  # [Ohm]\n";
  return text + fmt::format("# compliance = {}  # the largest {}\n", voltage ? "1e-3" : "10.0",
                            voltage ? "current [A]" : "voltage [V]");
}

std::string waveform_section(const Fingerprint& measured) {
  const char* unit = unit_of(measured.source.quantity);
  const double period = 1 / measured.frequency;
  return fmt::format(
      "[[waveform]]  # several follow one another; data/scenarios/README.md lists the kinds\n"
      "kind = \"sine_burst\"\n"
      "amplitude = {0:g}  # [{1}]\n"
      "frequency = {2:g}  # [Hz]: moves the state through half of its range; the loop closes at higher ones\n"
      "cycles = 2\n\n"
      "# [[waveform]]  # then a pulse\n"
      "# kind = \"pulse\"\n"
      "# amplitude = {0:g}  # [{1}]\n"
      "# width = {3:g}  # [s], between its edges\n"
      "# rise = {4:g}  # [s]\n"
      "# fall = {4:g}  # [s]\n",
      rounded(measured.amplitude), unit, rounded(measured.frequency), rounded(period / 4), rounded(period / 100));
}

}  // namespace

std::string new_scenario(const std::string& name, const std::filesystem::path& output, const Progress& progress) {
  const CatalogueEntry* model = find_model(name);
  const AnyDevice device = model != nullptr ? model->device() : read_parameter_set(name);
  if ((model != nullptr && model->element) || device.size() == 0)
    throw InputError("new", "device", name, "is not a memristor by itself; name a model of one, or a device file");
  const Fingerprint measured = fingerprint(name, device, progress);
  if (!measured.failure.empty() || !(measured.frequency > 0))
    throw InputError("new", "device", name,
                     "has no drive under which its state moves and that can be integrated" +
                         (measured.failure.empty() ? "" : ": " + measured.failure));
  const std::string title = std::string(device.name()) + " under a sine";
  return fmt::format(
      "# Run it:  memdyn simulate {0} -o {1}.h5\n"
      "# See it:  memdyn plot {1}.h5 -o {1}.svg --view loop\n"
      "title = {2}\n\n{3}\n{4}\n{5}\n{6}\n"
      "# [integrate]\n# method = \"auto\"\n# relative = 1e-9  # tolerance\n\n"
      "# [record]  # without it: each step, and rows where a line between steps would leave the curve\n# interval = "
      "{7:g}  # [s]\n",
      in_message(output.filename().string()), in_message(output.stem().string()), in_quotes(title),
      device_section(name, model, output), initial_section(device, measured.start), drive_section(measured),
      waveform_section(measured), rounded(0.01 / measured.frequency));
}

}  // namespace memdyn
