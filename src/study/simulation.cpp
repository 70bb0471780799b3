// SPDX-License-Identifier: MIT
#include "memdyn/study/simulation.hpp"

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
  for (const char* key : {"sweep", "vary", "reduce"})
    if (root.has(key)) root.refuse(key, "is a table of \"memdyn sweep\", which this file is for");
  root.only(scenario_keys());
  Scenario scenario = read_scenario(root, path);
  Waveform drive = waveform_of(scenario.waveform);
  if (scenario.record_interval > 0 && drive.duration() / scenario.record_interval > most_rows)
    root.section("record").refuse("interval", fmt::format("gives {:.3g} rows, and must give at most 1e9",
                                                          drive.duration() / scenario.record_interval));
  return {.title = std::move(scenario.title),
          .text = std::move(scenario.text),
          .device = std::move(scenario.device),
          .gamma = std::move(scenario.gamma),
          .source = scenario.source,
          .drive = std::move(drive),
          .options = scenario.options,
          .record_steps = scenario.record_steps,
          .record_interval = scenario.record_interval};
}

Statistics simulate(const Simulation& simulation, const std::filesystem::path& output, const Progress& progress) {
  using Kind = ResultFile::Kind;
  ResultFile file(output, {simulation.title, simulation.text, {}});
  file.attribute("model", std::string(simulation.device.name()));
  file.attribute("drive_quantity", std::string(name_of(simulation.source.quantity)));
  file.attribute("series_resistance", simulation.source.series_resistance);
  file.attribute("compliance_negative", simulation.source.compliance[0]);
  file.attribute("compliance_positive", simulation.source.compliance[1]);
  file.axis("variable", simulation.device.variable_names(), {"1", "internal variable"});
  file.words("variable_unit", simulation.device.variable_units(), "variable", {"1", "unit of the variable"});
  GrowingTable table(
      file, "",
      {{"time", Kind::real, {"s", "time"}},
       {"drive", Kind::real, {unit_of(simulation.source.quantity), "what the source prescribes"}},
       {"current", Kind::real, {"A", "current"}},
       {"voltage", Kind::real, {"V", "voltage"}},
       {"memristance", Kind::real, {"ohm", "memristance V/I"}},
       {"gamma", Kind::real, {simulation.device.unit(), "internal variables"}, "variable", simulation.device.size()},
       {"regime", Kind::integer, {"1", "regime, one bit a guard"}},
       {"event", Kind::code, {"1", "why the row was recorded"}}});
  file.meanings("event", event_names);
  Integrator<DrivenDevice> integrator(driven(simulation.device, simulation.source), simulation.options);
  auto gamma = simulation.gamma;
  const double whole = simulation.drive.duration();
  Recording recording{[&](const Sample& sample) {
                        double bits = 0;
                        for (std::size_t k = 0; k < sample.regime.size(); ++k)
                          bits += sample.regime[k] ? std::ldexp(1.0, static_cast<int>(k)) : 0.0;
                        for (const double number : {sample.time, sample.drive, sample.current, sample.voltage})
                          table.put(number);
                        table.put(sample.current == 0 ? std::nan("") : sample.voltage / sample.current);
                        table.put_all(sample.gamma);
                        table.put(bits);
                        table.put(static_cast<double>(sample.event));
                        table.end_row();
                        progress(sample.time / whole);
                      },
                      simulation.record_steps, simulation.record_interval};
  integrator.advance(gamma, simulation.drive, 0, &recording);
  table.flush();
  return integrator.statistics();
}

}  // namespace memdyn
