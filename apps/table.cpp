// SPDX-License-Identifier: MIT
#include "memdyn/run/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "run/doubts.hpp"
#include "run/rule_study.hpp"
#include "runs.hpp"
#include "scenario/read_scenario.hpp"

namespace memdyn::app {

namespace {

struct Arguments {
  std::string scenario, output;
  std::vector<std::string> settings;
  bool keep = false, dry = false;
  std::optional<unsigned> threads;
  std::optional<InstructionSet> set;  ///< of the trainings of a study
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
  const double symmetry = (symmetry_point(table) - table.conductance.front()) / range;
  fmt::print("symmetry point, to which alternating pulses lead: {}\n",
             std::isnan(symmetry) ? "none" : fmt::format("at {:.4g} of the range", symmetry));
  fmt::print("numerical error of a change: {}\n",
             std::isnan(done.numerical_error) ? "not known, because no tighter tolerance is left to compare with"
                                              : fmt::format("{:.1e} of the range", done.numerical_error / range));
  for (const auto& warning : doubts_of(plan)) warn(warning);
}

std::string in_words(const RuleReport& rule, std::size_t polarity) {
  std::string words;
  for (std::size_t i = 0; i < rule.parameters.size(); ++i)
    words += fmt::format(
        "{}{} = {:.4g}{}", i > 0 ? ", " : "", rule.parameters[i], rule.values[polarity][i],
        std::isnan(rule.deviations[polarity][i]) ? "" : fmt::format(" ± {:.1g}", rule.deviations[polarity][i]));
  return words;
}

/// An error, or "-" if it is not known.
std::string error_in_words(double error) { return std::isnan(error) ? "-" : fmt::format("{:.2g}", std::abs(error)); }

/// The errors while pulses follow one another in each order.
void print_orders(const std::vector<RuleReport>& rules, std::size_t width) {
  fmt::print("\nlargest error in the first tenth of the pulses, and in all of them, by their order\n{:<{}}", "rule",
             width);
  for (const auto& order : rules.front().orders) fmt::print(" {:>18}", order.name);
  fmt::print("\n");
  for (const RuleReport& rule : rules) {
    fmt::print("{:<{}}", in_message(rule.name), width);
    for (const auto& order : rule.orders) fmt::print(" {:>8} {:>9.2g}", error_in_words(order.early), order.largest);
    fmt::print("\n");
  }
}

/// The table of rules. @param numerical_error of a change, as a share of the range
void print(const std::vector<RuleReport>& rules, double numerical_error) {
  std::size_t width = 12;
  for (const RuleReport& rule : rules) width = std::max(width, in_message(rule.name).size());
  fmt::print("\nerrors as shares of the range: of one pulse, and of the conductance during a sequence of pulses\n");
  fmt::print("{:<{}} {:>9} {:>9} {:>10} {:>12} {:>9}\n", "rule", width, "largest", "rms", "after 100", "after 10 000",
             "at most");
  for (const RuleReport& rule : rules)
    fmt::print("{:<{}} {:>9} {:>9} {:>10} {:>12} {:>9.2g}\n", in_message(rule.name), width,
               error_in_words(rule.largest), error_in_words(rule.rms), error_in_words(rule.after_100),
               error_in_words(rule.after_10000), rule.orders.front().largest);
  if (!rules.empty()) print_orders(rules, width);
  fmt::print("\nfor weights w in -1 .. 1, a pulse up (one down: its mirror image)\n");
  for (const RuleReport& rule : rules) {
    fmt::print("{:<{}} {}\n", in_message(rule.name), width, rule.formula);
    if (rule.parameters.empty()) continue;
    fmt::print("  up:   {}\n  down: {}\n", in_words(rule, PulseTable::up), in_words(rule, PulseTable::down));
  }
  constexpr double noticeable = 0.01;
  for (const RuleReport& rule : rules)
    if (numerical_error > noticeable * rule.largest)
      fmt::print(
          "the numerical error of a change is more than 1 % of the error of the rule {}: to tell them apart, "
          "tighten the tolerance in [integrate]\n",
          in_message(rule.name));
}

/// The map of pulses: how often the rule holds, why it does not, and the worst pulse of each shape.
void print(const MapReport& map) {
  const auto percent = [&](std::size_t pulses) {
    return fmt::format("{:.3g} %", 100 * static_cast<double>(pulses) / static_cast<double>(map.pulses));
  };
  fmt::print("\nmap of {} pulses: the rule \"drift times width\" is right to 1 % for {}\n", map.pulses,
             percent(map.within));
  fmt::print("largest part of the error:");
  const char* separator = " ";
  for (std::size_t cause = 0; cause < cause_names.size(); ++cause) {
    if (map.of_cause[cause] == 0) continue;
    fmt::print("{}{} {}", separator, cause_names[cause], percent(map.of_cause[cause]));
    separator = ", ";
  }
  fmt::print("\n");
  if (map.unresolved > 0)
    fmt::print(
        "the uncertainty of the integration is more than 1 % of the error for {}: to tell them apart, tighten the "
        "tolerance in [integrate]\n",
        percent(map.unresolved));
  if (map.order.pairs > 0)
    fmt::print(
        "the part \"state\", where it is below 10 % of what the rule predicts, grows with the width to the power\n"
        "{:.3g} ({:.3g} to {:.3g} for the middle 80 % of {} pairs of widths)\n",
        map.order.exponent, map.order.low, map.order.high, map.order.pairs);
  constexpr std::size_t most = 40;
  if (map.shapes.size() > most) return;
  fmt::print("worst pulse of each shape that no bound cuts, error over what the rule predicts\n");
  fmt::print("{:>10} {:>12} {:>12} {:>10}  cause\n", "amplitude", "width [s]", "edges [s]", "error");
  for (const auto& shape : map.shapes)
    fmt::print("{:>10} {:>12.4g} {:>12.4g} {:>10}  {}\n", fmt::format("x {:g}", shape.amplitude), shape.width,
               shape.edge, std::isfinite(shape.relative) ? fmt::format("{:.2g}", shape.relative) : "-",
               cause_names[static_cast<std::size_t>(shape.cause)]);
}

std::string in_words(const Share& share) {
  return fmt::format("{:.0f} % ({:.0f} to {:.0f})", 100 * share.share, 100 * share.low, 100 * share.high);
}

void print_row(const std::string& name, const StudiedTask& task, bool is_rule) {
  fmt::print("  {:<14}{:>21}{:>21}{:>13.2g}{:>9}\n", name, in_words(task.succeeded),
             is_rule ? "" : in_words(task.predicted), task.divergence,
             std::isnan(task.epochs) ? "-" : fmt::format("{:.4g}", task.epochs));
}

/// One sentence on how far the rule can be trusted.
std::string sentence(const RuleLimit& limit, const RuleStudyPlan& plan) {
  const auto at = [&](std::size_t v) {
    return fmt::format("{:g}{}", plan.values[v], plan.unit == "1" ? "" : " " + in_message(plan.unit));
  };
  const std::string share = fmt::format("{:g} %", 100 * plan.share);
  std::string text =
      limit.last ? fmt::format("the rule predicts the outcome of at least {} of the trainings up to {} = {}", share,
                               plan.key, at(*limit.last))
                 : fmt::format("the rule predicts the outcome of fewer than {} of the trainings already at {} = {}",
                               share, plan.key, at(0));
  text += limit.certain ? fmt::format("; with 95 % confidence up to {}", at(*limit.certain))
                        : "; with 95 % confidence at none of the values (train more realizations)";
  return text + (limit.violated ? fmt::format(", and no longer at {}", at(*limit.violated)) : "");
}

void print(const RuleStudyResult& done, const RuleStudyPlan& plan, const std::string& output) {
  const TrainingPlan& training = plan.rule;
  fmt::print("{}: {}\n{} trainings of {} epochs for each value, {:.3g} million pulses in {:.3g} s\n",
             in_message(output), in_message(training.title), training.realizations, training.epochs, done.pulses / 1e6,
             done.seconds);
  fmt::print("shares with 95 % confidence; weights: difference from the rule's at the end, over their change\n");
  for (std::size_t task = 0; task < training.tasks.size(); ++task) {
    const std::string name = in_message(training.tasks[task].name);
    fmt::print("\n{}\n  {:<14}{:>21}{:>21}{:>13}{:>9}\n", name, in_message(plan.key), "succeed", "predicted", "weights",
               "epochs");
    print_row("rule", done.rule[task], true);
    print_row("its value", done.reference[task], false);
    for (std::size_t v = 0; v < plan.values.size(); ++v)
      print_row(fmt::format("{:g}", plan.values[v]), done.values[v][task], false);
    fmt::print("{}: {}\n", name, in_message(sentence(done.limits[task], plan)));
  }
}

/// Reads the scenario, and runs it.
void read_and_validate(const Arguments& given) {
  refuse_to_replace(given.output, given.keep);
  TomlSection root(given.scenario, given.settings);
  const auto run_or_report = [&](const auto& plan, const auto& run) {
    return given.dry ? dry_run_of(plan, given.output) : run(plan, given.output);
  };
  if (is_rule_study(root)) {
    auto plan = read_rule_study(std::move(root));
    for_each_training(plan, [&](TrainingPlan& one) {
      one.threads = given.threads.value_or(one.threads);
      one.set = given.set.value_or(one.set);
    });
    return run_or_report(plan, run_study);
  }
  if (given.set)
    throw InputError("validate", "--instruction-set", std::string(name_of(*given.set)),
                     "is for trainings ([study]); tables of pulses do without");
  auto plan = read_table(std::move(root));
  plan.orders = true;
  plan.sweep.threads = given.threads.value_or(plan.sweep.threads);
  run_or_report(plan, run_validation);
}

CLI::App* add(CLI::App& program, const char* name, const char* purpose, const char* scenario,
              const std::shared_ptr<Arguments>& given) {
  auto* command = program.add_subcommand(name, purpose);
  command->add_option("scenario", given->scenario, scenario)->required();
  command->add_option("-o,--output", given->output, "result file to write (HDF5)")->required();
  add_threads(*command, given->threads);
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
  if (done.map) print(*done.map);
}

void run_study(const RuleStudyPlan& plan, const std::string& output) {
  warn(plan.rule);
  print(study_rule(plan, output, progress_line("training")), plan, output);
}

void add_table(CLI::App& program) {
  auto given = std::make_shared<Arguments>();
  auto* command =
      add(program, "table", "tabulate what one pulse does to the conductance of a device, wherever it starts from",
          "scenario file (TOML) with [table]", given);
  add_examples(
      *command,
      "  memdyn table data/scenarios/table_vteam.toml -o vteam_table.h5\n"
      "  memdyn plot vteam_table.h5 -o vteam_table.svg                the changes, and series of equal pulses\n"
      "  memdyn export vteam_table.h5 --format aihwkit -o vteam       for a training simulator");
  command->callback([given] {
    refuse_to_replace(given->output, given->keep);
    auto plan = read_table(given->scenario, given->settings);
    plan.sweep.threads = given->threads.value_or(plan.sweep.threads);
    if (given->dry) return dry_run_of(plan, given->output);
    run_table(plan, given->output);
  });
}

void add_validate(CLI::App& program) {
  auto given = std::make_shared<Arguments>();
  auto* command =
      add(program, "validate", "hold update rules against the integrated device: pulse by pulse, or in trainings",
          "scenario file (TOML) with [table], or of a training with [study]", given);
  add_instruction_set(*command, given->set);
  add_examples(
      *command,
      "  memdyn validate data/scenarios/table_vteam.toml -o vteam_rules.h5    the table of rules\n"
      "  memdyn plot vteam_rules.h5 -o vteam_rules.svg                        their errors over the pulses\n"
      "  memdyn validate data/scenarios/rules/slp_offset.toml -o offset.h5      trainings by the rule and integrated\n"
      "The file is one of \"memdyn table\" with what each rule predicts, or a study of trainings.");
  command->callback([given] { read_and_validate(*given); });
}

}  // namespace memdyn::app
