// SPDX-License-Identifier: MIT
#include "memdyn/run/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "core/quotient.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "record/table.hpp"
#include "run/estimate.hpp"
#include "run/run_inputs.hpp"

namespace memdyn {
namespace {

/// The attribute `rows`: which rows were recorded.
std::string words_of(const Recording& recording) {
  if (recording.lines) {
    const double sparse_from = recording.lines->sparse_from();
    return std::isnan(sparse_from) ? std::string(rows_of_lines)
                                   : fmt::format("{}; from {:.6g} s on, steps alone", rows_of_lines, sparse_from);
  }
  if (!(recording.interval > 0)) return recording.steps ? "steps" : "none";
  return fmt::format("{}every {:.6g} s", recording.steps ? "steps, and " : "", recording.interval);
}

/// Writes attributes and coordinates.
void write_head(ResultFile& file, const Scenario& scenario, const std::vector<std::string>& guards) {
  file.attribute("model", std::string(scenario.device.name()));
  file.attribute("drive_quantity", std::string(name_of(scenario.source.quantity)));
  file.attribute("series_resistance", scenario.source.series_resistance);
  file.attribute("compliance_negative", scenario.source.compliance[0]);
  file.attribute("compliance_positive", scenario.source.compliance[1]);
  file.axis("variable", scenario.device.variable_names(), {"1", "internal variable"});
  file.words("variable_unit", scenario.device.variable_units(), "variable", {"1", "unit of the variable"});
  if (!guards.empty()) file.axis("guard", guards, {"1", "guard"});
  if (const auto parts = part_names(scenario.device); !parts.empty())
    file.axis("part", parts, {"1", "part of the circuit"});
}

std::vector<Column> columns_of(const Scenario& scenario, std::size_t guards) {
  using Kind = ResultFile::Kind;
  std::vector<Column> columns{
      {"time", Kind::real, {"s", "time"}},
      {"drive", Kind::real, {unit_of(scenario.source.quantity), "quantity prescribed by the source"}},
      {"current", Kind::real, {"A", "current"}},
      {"voltage", Kind::real, {"V", "voltage"}},
      {"memristance", Kind::real, {"ohm", "memristance V/I"}}};
  if (const std::size_t variables = scenario.device.size(); variables > 0)
    columns.push_back({"gamma", Kind::real, {scenario.device.unit(), "internal variables"}, "variable", variables});
  columns.push_back({"event", Kind::code, {"1", "why the row was recorded"}});
  if (guards > 0) columns.push_back({"regime", Kind::code, {"1", "signs of the guards"}, "guard", guards});
  if (const std::size_t parts = scenario.device.model().parts; parts > 0) {
    columns.push_back({"part_voltage", Kind::real, {"V", "voltage across each part"}, "part", parts});
    columns.push_back({"part_current", Kind::real, {"A", "current through each part"}, "part", parts});
  }
  return columns;
}

/// Keeps the largest current and power.
void note_largest(Simulated& done, const Sample& row) {
  const double current = std::abs(row.current);
  const double power = std::abs(row.current * row.voltage);
  if (std::isfinite(current)) done.largest_current = std::max(done.largest_current, current);
  if (std::isfinite(power)) done.largest_power = std::max(done.largest_power, power);
}

/// Puts voltages and currents of all parts into a row.
/// @param ports one for each part
void put_parts(GrowingTable& table, const Model<double>& model, const Sample& sample,
               std::vector<PartPort<double>>& ports) {
  if (ports.empty()) return;
  const double input = model.control == Quantity::current ? sample.current : sample.voltage;
  model.ports(sample.port_gamma.data(), input, ports.data());
  table.put_all(std::views::transform(ports, &PartPort<double>::voltage));
  table.put_all(std::views::transform(ports, &PartPort<double>::current));
}

}  // namespace

Simulated simulate(const Scenario& scenario, const std::filesystem::path& output, const Progress& progress) {
  const DrivenDevice device = driven(scenario.device, scenario.source);
  Integrator<DrivenDevice> integrator(device, scenario.options);
  const auto guards = device.guard_names();
  OutputTarget target(output);
  require_room(need_of(scenario), scenario.sizes, target.part());
  ResultFile file(std::move(target), {scenario.title, scenario.text, {}, false, inputs_of(scenario)});
  write_head(file, scenario, guards);
  GrowingTable table(file, "", columns_of(scenario, guards.size()));
  file.meanings("event", event_names);
  if (!guards.empty()) file.meanings("regime", std::span(sign_names).first(2));
  auto gamma = scenario.gamma;
  Simulated done;
  const double whole = scenario.drive->duration();
  std::vector<PartPort<double>> ports(device.model().parts);
  Recording recording = scenario.recording;
  recording.emit = [&](const Sample& sample) {
    note_largest(done, sample);
    for (const double number : {sample.time, sample.drive, sample.current, sample.voltage}) table.put(number);
    table.put(quotient(sample.voltage, sample.current));
    if (!sample.gamma.empty()) table.put_all(sample.gamma);
    table.put(static_cast<double>(sample.event));
    if (!guards.empty()) table.put_all(sample.regime);
    put_parts(table, device.model(), sample, ports);
    table.end_row();
    progress(sample.time / whole);
  };
  recording.under_way = [&](double time) {
    table.keep_up();
    progress(time / whole);
  };
  file.attribute("rows", words_of(recording));
  try {
    file.begin_appending();
    integrator.advance(gamma, *scenario.drive, 0, &recording);
    table.flush();
    file.end_appending();
    file.attribute("rows", words_of(recording));
  } catch (...) {
    table.save_rest();
    file.conclude(std::current_exception());
    throw;
  }
  file.conclude();
  done.statistics = integrator.statistics();
  if (recording.lines) done.sparse_from = recording.lines->sparse_from();
  done.gamma = std::move(gamma);
  return done;
}

}  // namespace memdyn
