// SPDX-License-Identifier: MIT
#include "memdyn/study/simulation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/table.hpp"
#include "study/scenario.hpp"

namespace memdyn {
namespace {
constexpr double most_rows = 1e9;  // of a time grid: beyond, a mistyped interval is likelier than a use
}

Simulation read_simulation(const std::filesystem::path& path) {
  TomlSection root(path);
  refuse_other_files(root, {"initial", "waveform"});
  root.only(scenario_keys());
  Scenario scenario = read_scenario(root, path);
  Waveform drive = waveform_of(scenario.waveform);
  if (scenario.recording.interval > 0 && drive.duration() / scenario.recording.interval > most_rows)
    root.section("record").refuse("interval", fmt::format("gives {:.3g} rows, and must give at most 1e9",
                                                          drive.duration() / scenario.recording.interval));
  return {.title = std::move(scenario.title),
          .text = std::move(scenario.text),
          .device = std::move(scenario.device),
          .gamma = std::move(scenario.gamma),
          .source = scenario.source,
          .drive = std::move(drive),
          .options = scenario.options,
          .recording = std::move(scenario.recording)};
}

namespace {

/// What the rows are, in words.
std::string words_of(const Recording& recording) {
  if (recording.lines) {
    const double sparse_from = recording.lines->sparse_from();
    return std::isnan(sparse_from) ? std::string(rows_of_lines)
                                   : fmt::format("{}; from {:.6g} s on, steps alone", rows_of_lines, sparse_from);
  }
  if (!(recording.interval > 0)) return recording.steps ? "steps" : "none";
  return fmt::format("{}every {:.6g} s", recording.steps ? "steps, and " : "", recording.interval);
}

/// Attributes and coordinates.
void write_head(ResultFile& file, const Simulation& simulation, const std::vector<std::string>& guards) {
  file.attribute("model", std::string(simulation.device.name()));
  file.attribute("drive_quantity", std::string(name_of(simulation.source.quantity)));
  file.attribute("series_resistance", simulation.source.series_resistance);
  file.attribute("compliance_negative", simulation.source.compliance[0]);
  file.attribute("compliance_positive", simulation.source.compliance[1]);
  file.axis("variable", simulation.device.variable_names(), {"1", "internal variable"});
  file.words("variable_unit", simulation.device.variable_units(), "variable", {"1", "unit of the variable"});
  if (!guards.empty()) file.axis("guard", guards, {"1", "guard"});
}

std::vector<Column> columns_of(const Simulation& simulation, std::size_t guards) {
  using Kind = ResultFile::Kind;
  std::vector<Column> columns{
      {"time", Kind::real, {"s", "time"}},
      {"drive", Kind::real, {unit_of(simulation.source.quantity), "what the source prescribes"}},
      {"current", Kind::real, {"A", "current"}},
      {"voltage", Kind::real, {"V", "voltage"}},
      {"memristance", Kind::real, {"ohm", "memristance V/I"}},
      {"gamma", Kind::real, {simulation.device.unit(), "internal variables"}, "variable", simulation.device.size()},
      {"event", Kind::code, {"1", "why the row was recorded"}}};
  if (guards > 0) columns.push_back({"regime", Kind::code, {"1", "signs of the guards"}, "guard", guards});
  return columns;
}

}  // namespace

Simulated simulate(const Simulation& simulation, const std::filesystem::path& output, const Progress& progress) {
  const DrivenDevice device = driven(simulation.device, simulation.source);
  Integrator<DrivenDevice> integrator(device, simulation.options);
  const auto guards = device.guard_names();
  ResultFile file(output, {simulation.title, simulation.text, {}});
  write_head(file, simulation, guards);
  GrowingTable table(file, "", columns_of(simulation, guards.size()));
  file.meanings("event", event_names);
  if (!guards.empty()) file.meanings("regime", std::span(sign_names).first(2));
  auto gamma = simulation.gamma;
  const double whole = simulation.drive.duration();
  Recording recording = simulation.recording;
  recording.emit = [&](const Sample& sample) {
    for (const double number : {sample.time, sample.drive, sample.current, sample.voltage}) table.put(number);
    table.put(sample.current == 0 ? std::nan("") : sample.voltage / sample.current);
    table.put_all(sample.gamma);
    table.put(static_cast<double>(sample.event));
    if (!guards.empty()) table.put_all(sample.regime);
    table.end_row();
    progress(sample.time / whole);
  };
  recording.under_way = [&](double time) { progress(time / whole); };
  file.attribute("rows", words_of(recording));
  try {
    integrator.advance(gamma, simulation.drive, 0, &recording);
    table.flush();
    file.attribute("rows", words_of(recording));
  } catch (...) {
    file.conclude(std::current_exception());
    throw;
  }
  file.conclude();
  return {integrator.statistics(), recording.lines ? recording.lines->sparse_from() : std::nan("")};
}

}  // namespace memdyn
