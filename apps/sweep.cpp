// SPDX-License-Identifier: MIT
#include "memdyn/run/sweep.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "command.hpp"
#include "core/message.hpp"
#include "run/doubts.hpp"
#include "runs.hpp"

namespace memdyn::app {

void run_sweep(const SweepPlan& plan, const std::string& output, OutputTarget::Left left) {
  warn(plan.scenario);
  const auto report = sweep(plan, output, progress_line("sweeping"), left);
  const auto done = report.of_status[static_cast<std::size_t>(Failure::none)];
  fmt::print("{}: {}\n{} of {} trajectories in {:.2f} s ({:.3g} per second, {})\n", in_message(report.place.string()),
             in_message(plan.scenario.title), done, report.trajectories, report.seconds,
             static_cast<double>(report.trajectories - report.resumed) / report.seconds, name_of(plan.set));
  if (left == OutputTarget::Left::resumed)
    fmt::print("{} of them were finished by the run that was resumed\n", report.resumed);
  for (std::size_t status = 1; status < std::size(status_names); ++status)
    if (report.of_status[status] > 0) fmt::print("{}: {}\n", status_names[status], report.of_status[status]);
  for (const auto& warning : doubts_of(plan, report)) warn(warning);
  if (report.failure) std::rethrow_exception(report.failure);
  if (report.failed() > 0)
    throw Error(fmt::format("{} of {} trajectories failed; the first is trajectory {}: {}", report.failed(),
                            report.trajectories, report.first_failed, report.first_failure));
}

void add_sweep(CLI::App& program) {
  struct Arguments {
    std::string scenario, output;
    std::vector<std::string> settings;
    bool keep = false, dry = false;
    std::optional<unsigned> threads;
    std::optional<InstructionSet> set;
    OutputTarget::Left left = OutputTarget::Left::replaced;
  };
  auto* command = program.add_subcommand(
      "sweep", "integrate one device for a grid of parameters, or for parameters drawn at random, on all cores");
  auto given = std::make_shared<Arguments>();
  command->add_option("scenario", given->scenario, "scenario file (TOML)")->required();
  command->add_option("-o,--output", given->output, "result file to write (HDF5)")->required();
  add_threads(*command, given->threads);
  add_instruction_set(*command, given->set);
  add_resume(*command, given->left);
  add_keep(*command, given->keep);
  add_dry_run(*command, given->dry);
  add_settings(*command, given->settings);
  add_examples(
      *command,
      "  memdyn sweep data/scenarios/sweep_hp_frequency.toml -o loops.h5            a grid: amplitude x frequency\n"
      "  memdyn plot loops.h5 -o area.png --quantity loop_area\n"
      "  memdyn sweep data/scenarios/sweep_team_variability.toml -o switching.h5    20 000 devices that vary\n"
      "  memdyn plot switching.h5 -o switching.svg --quantity switching_time\n"
      "  memdyn sweep data/scenarios/sweep_team_variability.toml -o switching.h5 --resume    after Ctrl-C or a kill\n"
      "A sweep scenario is one of \"memdyn simulate\" with [[sweep]] and [[vary]] tables (data/scenarios/README.md).");
  command->callback([given] {
    refuse_to_replace(given->output, given->keep);
    auto plan = read_sweep(given->scenario, given->settings);
    if (given->threads) plan.threads = *given->threads;
    if (given->set) plan.set = *given->set;
    if (given->dry) return dry_run_of(plan, given->output, given->left);
    run_sweep(plan, given->output, given->left);
  });
}

}  // namespace memdyn::app
