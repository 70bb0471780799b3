// SPDX-License-Identifier: MIT
#include "memdyn/run/table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "run/doubts.hpp"
#include "runs.hpp"

namespace memdyn::app {

namespace {

struct Arguments {
  std::string scenario, output;
  std::vector<std::string> settings;
  bool keep = false, dry = false;
};

void print(const Tabulated& done, const TablePlan& plan, const std::string& output) {
  const PulseTable& table = done.table;
  const double range = table.conductance.back() - table.conductance.front();
  fmt::print("{}: {}\n{} nodes from {:.4g} to {:.4g} S, read at {} V, in {:.2f} s\n", in_message(output),
             in_message(plan.sweep.scenario.title), table.conductance.size(), table.conductance.front(),
             table.conductance.back(), plan.read_voltage, done.seconds);
  const std::size_t middle = table.conductance.size() / 2;
  for (const auto polarity : {PulseTable::up, PulseTable::down})
    fmt::print("a pulse {} changes the middle one by {:.4g} of the range\n", polarity == PulseTable::up ? "up" : "down",
               (table.conductance_after[polarity][middle] - table.conductance[middle]) / range);
  fmt::print("numerical error of a change: {}\n",
             std::isnan(done.numerical_error) ? "not known, because no tighter tolerance is left to compare with"
                                              : fmt::format("{:.1e} of the range", done.numerical_error / range));
  for (const auto& warning : doubts_of(plan)) warn(warning);
}

std::string in_words(const RuleReport& rule, std::size_t polarity) {
  std::string words;
  for (std::size_t i = 0; i < rule.parameters.size(); ++i)
    words += fmt::format("{}{} = {:.4g} ± {:.1g}", i > 0 ? ", " : "", rule.parameters[i], rule.values[polarity][i],
                         rule.deviations[polarity][i]);
  return words;
}

/// The table of rules. @param numerical_error of a change, as a share of the range
void print(const std::vector<RuleReport>& rules, double numerical_error) {
  fmt::print("\nerrors as shares of the range: of one pulse, and of the conductance during a sequence of pulses\n");
  fmt::print("{:<12} {:>9} {:>9} {:>10} {:>12} {:>9}\n", "rule", "largest", "rms", "after 100", "after 10 000",
             "at most");
  for (const RuleReport& rule : rules)
    fmt::print("{:<12} {:>9.2g} {:>9.2g} {:>10.2g} {:>12.2g} {:>9.2g}\n", rule.name, rule.largest, rule.rms,
               std::abs(rule.after_100), std::abs(rule.after_10000), rule.largest_in_sequence);
  fmt::print("\nfitted for weights w in -1 .. 1, a pulse up (one down: its mirror image)\n");
  for (const RuleReport& rule : rules)
    fmt::print("{:<12} {}\n  up:   {}\n  down: {}\n", rule.name, rule.formula, in_words(rule, PulseTable::up),
               in_words(rule, PulseTable::down));
  constexpr double noticeable = 0.01;
  for (const RuleReport& rule : rules)
    if (numerical_error > noticeable * rule.largest)
      fmt::print(
          "the numerical error of a change is more than 1 % of the error of the rule {}: to tell them apart, "
          "tighten the tolerance in [integrate]\n",
          rule.name);
}

CLI::App* add(CLI::App& program, const char* name, const char* purpose, const std::shared_ptr<Arguments>& given) {
  auto* command = program.add_subcommand(name, purpose);
  command->add_option("scenario", given->scenario, "scenario file (TOML) with [table]")->required();
  command->add_option("-o,--output", given->output, "table file to write (HDF5)")->required();
  add_settings(*command, given->settings);
  add_keep(*command, given->keep);
  add_dry_run(*command, given->dry);
  return command;
}

}  // namespace

void run_table(const TablePlan& plan, const std::string& output) {
  warn(plan.sweep.scenario.device);
  print(tabulate(plan, output, progress_line("tabulating")), plan, output);
}

void run_validation(const TablePlan& plan, const std::string& output) {
  warn(plan.sweep.scenario.device);
  const auto done = validate(plan, output, progress_line("tabulating"));
  print(done, plan, output);
  print(done.rules, done.numerical_error / (done.table.conductance.back() - done.table.conductance.front()));
}

void add_table(CLI::App& program) {
  auto given = std::make_shared<Arguments>();
  auto* command = add(program, "table",
                      "tabulate what one pulse does to the conductance of a device, wherever it starts from", given);
  add_examples(
      *command,
      "  memdyn table data/scenarios/table_vteam.toml -o vteam_table.h5\n"
      "  memdyn plot vteam_table.h5 -o vteam_table.svg                the changes, and series of equal pulses\n"
      "  memdyn export vteam_table.h5 --format aihwkit -o vteam       for a training simulator");
  command->callback([given] {
    refuse_to_replace(given->output, given->keep);
    const auto plan = read_table(given->scenario, given->settings);
    if (given->dry) return dry_run_of(plan, given->output);
    run_table(plan, given->output);
  });
}

void add_validate(CLI::App& program) {
  auto given = std::make_shared<Arguments>();
  auto* command =
      add(program, "validate", "hold the update rules of training simulators against the integrated device", given);
  add_examples(*command,
               "  memdyn validate data/scenarios/table_vteam.toml -o vteam_rules.h5    the table of rules\n"
               "  memdyn plot vteam_rules.h5 -o vteam_rules.svg                        their errors over the pulses\n"
               "The file is one of \"memdyn table\" with what each rule predicts.");
  command->callback([given] {
    refuse_to_replace(given->output, given->keep);
    const auto plan = read_table(given->scenario, given->settings);
    if (given->dry) return dry_run_of(plan, given->output);
    run_validation(plan, given->output);
  });
}

}  // namespace memdyn::app
