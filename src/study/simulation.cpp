// SPDX-License-Identifier: MIT
#include "memdyn/study/simulation.hpp"

#include "memdyn/record/table.hpp"
#include "study/toml_section.hpp"

namespace memdyn {
namespace {

Waveform read_part(TomlSection& section) {
  const auto kind = section.text("kind");
  const auto shape = [&] {
    return PulseShape{section.number("amplitude"), section.number("width"), section.number("rise", 0),
                      section.number("fall", 0), section.number("base", 0)};
  };
  if (kind == "constant") return Waveform({Constant{section.number("duration"), section.number("value")}});
  if (kind == "ramp") return Waveform({Ramp{section.number("duration"), section.number("from"), section.number("to")}});
  if (kind == "sine")
    return Waveform({Sine{section.number("duration"), section.number("amplitude"), section.number("frequency"),
                          section.number("phase", 0), section.number("offset", 0)}});
  if (kind == "exponential")
    return Waveform(
        {Exponential{section.number("duration"), section.number("from"), section.number("to"), section.number("tau")}});
  if (kind == "pulse") return pulse(shape());
  if (kind == "pulse_train") return pulse_train(shape(), section.number("period"), section.count("count", 1));
  if (kind == "triangle_sweep")
    return triangle_sweep(section.number("amplitude"), section.number("period"), section.count("count", 1));
  if (kind == "sine_burst")
    return sine_burst(section.number("amplitude"), section.number("frequency"), section.number("cycles"));
  if (kind == "csv") return waveform_from_csv(section.path("file"));
  const std::set<std::string> kinds{"constant",    "ramp",           "sine",       "exponential", "pulse",
                                    "pulse_train", "triangle_sweep", "sine_burst", "csv"};
  section.refuse("kind", fmt::format("must be one of {}{}", fmt::join(kinds, ", "), suggestion(kind, kinds)));
}

Waveform read_waveform(TomlSection& root) {
  std::vector<Segment> all;
  for (auto& section : root.sections("waveform")) {
    const Waveform part = section.located(
        [&] { return read_part(section).scale(section.number("scale", 1)).repeat(section.count("repeat", 1)); });
    section.finish();
    all.insert(all.end(), part.segments().begin(), part.segments().end());
  }
  return Waveform(std::move(all));
}

}  // namespace

IntegrationOptions read_options(TomlSection& root) {
  IntegrationOptions options;
  if (!root.has("integrate")) return options;
  auto section = root.section("integrate");
  const auto method = section.text("method", std::string(name_of(options.method)));
  const auto* found = std::find(std::begin(method_names), std::end(method_names), method);
  if (found == std::end(method_names))
    section.refuse("method", fmt::format("must be one of {}{}", fmt::join(method_names, ", "),
                                         suggestion(method, {std::begin(method_names), std::end(method_names)})));
  options.method = static_cast<Method>(found - std::begin(method_names));
  options.relative = section.number("relative", options.relative);
  options.absolute = section.number("absolute", options.absolute);
  section.finish();
  section.located([&] { options.validate(); });
  return options;
}

Simulation read_simulation(const std::filesystem::path& scenario) {
  TomlSection root(scenario);
  auto device_section = root.section("device");
  auto initial = root.section("initial");
  Simulation simulation{.title = root.text("title", scenario.stem().string()),
                        .text = read_text(scenario),
                        .device = read_device(device_section),
                        .gamma = initial.numbers("gamma"),
                        .drive = read_waveform(root),
                        .options = read_options(root)};
  initial.finish();
  if (root.has("record")) {
    auto record = root.section("record");
    simulation.record_interval = record.number("interval", 0);
    simulation.record_steps = record.flag("steps", !record.has("interval"));
    if (!(simulation.record_interval >= 0)) record.refuse("interval", "must be above 0 s");
    record.finish();
  }
  root.finish();
  initial.located([&] {
    std::visit([&]<class D>(const D& device) { Integrator<D>(device, simulation.options).check(simulation.gamma); },
               simulation.device);
  });
  return simulation;
}

Statistics simulate(const Simulation& simulation, const std::filesystem::path& output, const Progress& progress) {
  return std::visit(
      [&]<class D>(const D& device) {
        using Kind = ResultFile::Kind;
        ResultFile file(output, {simulation.title, simulation.text, {}});
        file.attribute("model", std::string(D::name));
        std::vector<std::string> names;
        for (std::size_t i = 0; i < device.size(); ++i) names.push_back(device.variable_name(i));
        file.axis("variable", names, {"1", "internal variable"});
        GrowingTable table(file, "",
                           {{"time", Kind::real, {"s", "time"}},
                            {"current", Kind::real, {"A", "current"}},
                            {"voltage", Kind::real, {"V", "voltage"}},
                            {"memristance", Kind::real, {"ohm", "memristance V/I"}},
                            {"gamma", Kind::real, {device.unit(), "internal variables"}, "variable", device.size()},
                            {"regime", Kind::integer, {"1", "regime, one bit a guard"}},
                            {"event", Kind::code, {"1", "why the row was recorded"}}});
        file.meanings("event", event_names);
        Integrator<D> integrator(device, simulation.options);
        auto gamma = simulation.gamma;
        const double whole = simulation.drive.duration();
        Recording recording{[&](const Sample& sample) {
                              const double voltage = device.voltage(sample.gamma, sample.current);
                              double bits = 0;
                              for (std::size_t k = 0; k < sample.regime.size(); ++k)
                                bits += sample.regime[k] ? std::ldexp(1.0, static_cast<int>(k)) : 0.0;
                              table.put(sample.time);
                              table.put(sample.current);
                              table.put(voltage);
                              table.put(sample.current == 0 ? std::nan("") : voltage / sample.current);
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
      },
      simulation.device);
}

}  // namespace memdyn
