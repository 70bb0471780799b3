// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "command.hpp"
#include "core/input_texts.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/version.hpp"
#include "report/stored_run.hpp"
#include "runs.hpp"
#include "scenario/read_scenario.hpp"

namespace memdyn::app {
namespace {

struct Arguments {
  std::string result, output;
  std::optional<unsigned> threads;
  std::optional<InstructionSet> set;
  bool keep = false, dry = false;
};

/// "hp.h5" -> "hp.rerun.h5"
std::string beside(const std::filesystem::path& result) {
  auto name = result.stem();
  name += ".rerun";
  name += result.extension();
  return (result.parent_path() / name).string();
}

/// The instruction set of the stored run, unless another one is chosen. @throws InputError if this program or processor
/// does not have it
InstructionSet set_of(const StoredRun& stored, const Arguments& given) {
  if (given.set) return *given.set;
  try {
    return instruction_set("inputs/instruction_set", stored.option("instruction_set"));
  } catch (InputError& error) {
    error.add("; choose one with --instruction-set, which may change the last digits");
    throw;
  }
}

void repeat_figure(const StoredRun& stored, const Arguments& given) {
  Figure figure{.number = static_cast<int>(stored.count("figure", 1, 2)),
                .reading = stored.option("reading"),
                .realizations = stored.count("realizations", 1, most_of_a_figure),
                .epochs = stored.count("epochs", 1, most_of_a_figure),
                .seed = stored.count("seed", 0, std::numeric_limits<std::uint64_t>::max()),
                .twin = stored.option("twin") == "yes"};
  auto plan = plan_of(figure);
  plan.set = set_of(stored, given);
  if (given.threads) plan.threads = *given.threads;
  if (given.dry) return dry_run_of_figure(plan, given.output);
  const auto result = run_figure(figure, plan, OutputTarget(given.output));
  if (result.failure) std::rethrow_exception(result.failure);
}

void repeat_universality(const StoredRun& stored, const Arguments& given) {
  UniversalityPlan plan;
  plan.realizations = stored.count("realizations", 1, most_of_a_figure);
  plan.epochs = stored.count("epochs", 1, most_of_a_figure);
  plan.seed = stored.count("seed", 0, std::numeric_limits<std::uint64_t>::max());
  plan.twin = stored.option("twin") == "yes";
  plan.set = set_of(stored, given);
  if (given.threads) plan.threads = *given.threads;
  if (given.dry) return dry_run_of_universality(plan, given.output);
  (void)run_universality(plan, given.output);
}

void repeat(const StoredRun& stored, const Arguments& given) {
  if (stored.command == "reproduce")
    return stored.option("figure") == universality ? repeat_universality(stored, given) : repeat_figure(stored, given);
  std::vector<InputText> texts{{stored.file, stored.scenario}};
  texts.insert(texts.end(), stored.texts.begin(), stored.texts.end());
  TomlSection root(std::make_shared<InputTexts>(given.result, texts), stored.file);
  const auto run_or_report = [&](const auto& plan, const auto& run) {
    return given.dry ? dry_run_of(plan, given.output) : run(plan, given.output);
  };
  if (stored.command == "simulate") return run_or_report(read_simulation(std::move(root)), run_simulation);
  const auto read_tabulated = [&](bool orders) {
    auto plan = read_table(std::move(root));
    plan.orders = orders;
    plan.sweep.threads = given.threads.value_or(plan.sweep.threads);
    return plan;
  };
  if (stored.command == "table") return run_or_report(read_tabulated(false), run_table);
  const auto set = [&](auto& plan) {
    plan.set = set_of(stored, given);
    if (given.threads) plan.threads = *given.threads;
  };
  if (stored.command == "validate" && is_rule_study(root)) {
    auto plan = read_rule_study(std::move(root));
    for_each_training(plan, set);
    return run_or_report(plan, run_study);
  }
  if (stored.command == "validate") return run_or_report(read_tabulated(true), run_validation);
  if (stored.command == "sweep") {
    auto plan = read_sweep(std::move(root));
    set(plan);
    return given.dry ? dry_run_of(plan, given.output) : run_sweep(plan, given.output);
  }
  if (stored.command == "train") {
    auto plan = read_training(std::move(root));
    set(plan);
    return given.dry ? dry_run_of(plan, given.output) : run_training(plan, given.output, false);
  }
  throw IoError(fmt::format("{}: was written by the command \"{}\", which this version does not have", stored.result,
                            in_message(stored.command)));
}

void rerun(Arguments given) {
  if (given.output.empty()) given.output = beside(given.result);
  refuse_scenario("rerun", given.result);
  refuse_to_replace(given.output, given.keep);
  const StoredRun stored = stored_run(given.result, progress_line("reading"));
  if (std::error_code absent; std::filesystem::equivalent(given.result, given.output, absent))
    throw InputError("rerun", "--output", given.output, "is the result itself; choose another name");
  const auto own = fmt::format("memdyn {}, commit {}, {}", version(), commit(), build());
  if (stored.origin != own)
    warn(fmt::format("{} is of another build ({}); the last digits may differ in this one ({})", stored.result,
                     stored.origin, own));
  repeat(stored, given);
  if (given.dry) return;
  fmt::print("\"memdyn diff {} {}\" compares both\n", stored.result, in_message(given.output));
}

}  // namespace

void add_rerun(CLI::App& program) {
  auto* command = program.add_subcommand(
      "rerun", "do the run of a result file again, from the file alone: it keeps the scenario and all files it names");
  auto given = std::make_shared<Arguments>();
  command->add_option("result", given->result, "result file (HDF5)")->required();
  command->add_option("-o,--output", given->output, "result file to write; default: NAME.rerun.h5 beside NAME.h5");
  add_threads(*command, given->threads);
  add_instruction_set(*command, given->set);
  add_keep(*command, given->keep);
  add_dry_run(*command, given->dry);
  add_examples(
      *command,
      "  memdyn rerun hp.h5                       writes hp.rerun.h5\n"
      "  memdyn rerun hp.h5 -o again.h5           the same into again.h5\n"
      "With the same build and instruction set \"memdyn diff\" finds both equal to the last bit. No file is read but\n"
      "the result: device files, data sets and waveforms that have been edited since then do not matter.");
  command->callback([given] { rerun(*given); });
}

}  // namespace memdyn::app
