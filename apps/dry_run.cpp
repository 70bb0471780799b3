// SPDX-License-Identifier: MIT
#include "run/dry_run.hpp"

#include <fmt/format.h>

#include "command.hpp"
#include "core/machine.hpp"
#include "core/message.hpp"
#include "memdyn/record/output_target.hpp"
#include "runs.hpp"

namespace memdyn::app {
namespace {

std::string time_in_words(double seconds) {
  constexpr double minute = 60, hour = 3600, day = 86400;
  if (seconds < 0.01) return "less than 0.01 s";
  if (seconds < 2 * minute) return fmt::format("about {:.2g} s", seconds);
  if (seconds < 2 * hour) return fmt::format("about {:.2g} min", seconds / minute);
  return seconds < 2 * day ? fmt::format("about {:.2g} h", seconds / hour)
                           : fmt::format("about {:.3g} days", seconds / day);
}

/// @param steps what the steps of the run are called
void print(const DryRun& dry, const std::string& title, const std::string& output, const char* steps) {
  fmt::print("{}: would be written; nothing was run\n{}: {}\n", in_message(output), in_message(title), dry.need.what);
  fmt::print("{}: at least {:.3g}\n", steps, dry.need.steps);
  if (dry.need.memory > 0)
    fmt::print("memory: about {}, {} are available\n", bytes_in_words(dry.need.memory),
               bytes_in_words(available_memory()));
  const double disk = available_disk(output);
  fmt::print("disk: at least {}{}\n", bytes_in_words(dry.need.disk),
             std::isfinite(disk) ? fmt::format(", {} are free", bytes_in_words(disk)) : "");
  fmt::print("time: {}\n", std::isnan(dry.seconds) ? dry.basis : time_in_words(dry.seconds) + ", " + dry.basis);
}

/// @param left what becomes of the part of an earlier run, which the output is checked for
template <class Plan>
void report(const Plan& plan, const std::string& title, const std::string& output, const char* steps,
            OutputTarget::Left left = OutputTarget::Left::replaced) {
  const OutputTarget target(output, left);  // refuses what the run would refuse, and leaves nothing
  print(dry_run(plan, target.part()), title, output, steps);
}

}  // namespace

void add_dry_run(CLI::App& command, bool& dry) {
  command.add_flag("--dry-run", dry,
                   "read and check everything, print what would run with its estimated size and time, and stop");
}

void dry_run_of(const Scenario& scenario, const std::string& output) {
  warn(scenario);
  report(scenario, scenario.title, output, "steps");
}

void dry_run_of(const SweepPlan& plan, const std::string& output, OutputTarget::Left left) {
  warn(plan.scenario);
  report(plan, plan.scenario.title, output, "steps", left);
}

void dry_run_of(const TrainingPlan& plan, const std::string& output, OutputTarget::Left left) {
  warn(plan);
  report(plan, plan.title, output, "pulses", left);
}

void dry_run_of(const TablePlan& plan, const std::string& output) {
  warn(plan.sweep.scenario.device);
  report(plan, plan.sweep.scenario.title, output, "pulses");
}

void dry_run_of(const RuleStudyPlan& plan, const std::string& output) {
  warn(plan.rule);
  report(plan, plan.rule.title, output, "pulses");
}

void dry_run_of_figure(const TrainingPlan& plan, const std::string& output) {
  print(dry_run(plan, ""), plan.title, output, "pulses");
}

void dry_run_of_universality(const UniversalityPlan& plan, const std::string& output) {
  fmt::print("{}: would be written; nothing was run\n", in_message(output));
  fmt::print("{} realizations x {} epochs for each of {} targets, {} to {} hidden nodes and two activations\n",
             plan.realizations, plan.epochs, approximation_targets().size(), plan.hidden.front(), plan.hidden.back());
  fmt::print("time: not known, because the networks differ in size; a sample would be as long as a training\n");
}

}  // namespace memdyn::app
