// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "run/doubts.hpp"
#include "runs.hpp"

namespace memdyn::app {

namespace {
/// Prints where each variable has begun and ended, and its range.
void print_state(const Scenario& simulation, const std::vector<double>& end) {
  const AnyDevice& device = simulation.device;
  const auto& model = device.model();
  for (std::size_t i = 0; i < end.size(); ++i)
    fmt::print("{}: {:.6g} -> {} (range {:.6g}..{:.6g})\n", in_message(device.variable_names()[i]), simulation.gamma[i],
               in_message(with_unit(end[i], device.variable_units()[i])), model.lower[i], model.upper[i]);
}
}  // namespace

void run_simulation(const Scenario& simulation, const std::string& output) {
  warn(simulation);
  const Simulated run = simulate(simulation, output, progress_line("simulating"));
  const Statistics& done = run.statistics;
  fmt::print("{}: {} s of {}\n", in_message(output), simulation.drive->duration(), in_message(simulation.title));
  fmt::print("steps accepted {}, rejected {}; evaluations {}, of the Jacobian {}\n", done.accepted, done.rejected,
             done.evaluations, done.jacobians);
  fmt::print("time events {}, state events {}, bounds reached {}, released {}\n", done.time_events, done.state_events,
             done.bounds_reached, done.bounds_released);
  if (done.series > 0) fmt::print("Taylor series took {} of {} steps\n", done.series, done.accepted);
  if (done.stiff > 0)
    fmt::print("rosenbrock4 took {} of {} steps{}\n", done.stiff, done.accepted,
               std::isnan(done.stiff_from)
                   ? ""
                   : fmt::format(": stability limited the steps of dopri5 from t = {:.6g} s on", done.stiff_from));
  print_state(simulation, run.gamma);
  for (const auto& warning : doubts_of(simulation, run)) warn(warning);
}

void add_simulate(CLI::App& program) {
  struct Arguments {
    std::string scenario, output;
    std::vector<std::string> settings;
    bool keep = false, dry = false;
  };
  auto* command =
      program.add_subcommand("simulate", "integrate one device, or one circuit of devices, under a waveform");
  auto given = std::make_shared<Arguments>();
  command->add_option("scenario", given->scenario, "scenario file (TOML)")->required();
  command->add_option("-o,--output", given->output, "trajectory file to write (HDF5)")->required();
  add_settings(*command, given->settings);
  add_keep(*command, given->keep);
  add_dry_run(*command, given->dry);
  add_examples(
      *command,
      "  memdyn simulate data/scenarios/hp_sine.toml -o hp.h5             a sine through HP's device; writes hp.h5\n"
      "  memdyn plot hp.h5 -o hp.svg                                      current, voltage and state over time\n"
      "  memdyn plot hp.h5 -o loop.svg --view loop                        the I-V loop\n"
      "  memdyn simulate data/scenarios/compliance_set.toml -o set.h5     a current compliance\n"
      "  memdyn simulate data/scenarios/strachan_loop.toml -o strachan.h5 a device written as text\n"
      "  memdyn simulate data/scenarios/hp_sine.toml -o fast.h5 --set waveform.frequency=10\n"
      "                                                                   the same with another frequency\n"
      "The keys of a scenario are listed in data/scenarios/README.md.");
  command->callback([given] {
    refuse_to_replace(given->output, given->keep);
    const auto scenario = read_simulation(given->scenario, given->settings);
    if (given->dry) return dry_run_of(scenario, given->output);
    run_simulation(scenario, given->output);
  });
}

}  // namespace memdyn::app
