// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/report/plot.hpp"

namespace memdyn::app {
namespace {

struct Arguments {
  std::string output, reading = "canonical";
  int figure = 0;
  std::size_t realizations = 100, epochs = 1000;
  std::uint64_t seed = 1;
  unsigned threads = 0;
  OutputTarget::Left left = OutputTarget::Left::replaced;
  bool no_plots = false, check = false, twin = false;
  std::optional<InstructionSet> set;
};

void reproduce(const Arguments& given) {
  const std::filesystem::path folder = given.output;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw IoError(in_message(folder.string()) + ": cannot be created: " + failed.message());
  const Reading& chosen = reading(given.reading);
  TrainingPlan plan;
  std::optional<TrainingResult> results[2];
  std::vector<std::filesystem::path> pictures;
  std::map<int, OutputTarget> targets;  // check all of them before the first figure is computed
  for (int figure : {1, 2}) {
    if (given.figure != 0 && given.figure != figure) continue;
    if (!(figure == 1 ? chosen.single_layer : chosen.multilayer)) continue;
    targets.emplace(figure, OutputTarget(folder / fmt::format("figure{}.h5", figure), given.left));
  }
  for (auto& [figure, target] : targets) {
    plan = figure_plan(figure, chosen);
    plan.realizations = given.realizations;
    plan.epochs = given.epochs;
    plan.seed = given.seed;
    plan.threads = given.threads;
    if (given.set) plan.set = *given.set;
    plan.twin = given.twin;
    if (given.reading != "canonical") plan.title += ", reading " + given.reading;
    if (given.twin) plan.title += ", discrete twin";
    plan.text =
        fmt::format("memdyn reproduce --figure {} --realizations {} --epochs {} --seed {} --reading {}{}", figure,
                    given.realizations, given.epochs, given.seed, given.reading, given.twin ? " --twin" : "");
    ResultFile file(std::move(target), {plan.title, plan.text, plan.seed, true});
    auto& result = results[figure - 1];
    result = train(plan, progress_line(fmt::format("figure {}", figure)), &file);
    write_training(file, plan, *result);
    fmt::print("{}: {} realizations x {} epochs, {:.1f} million pulses in {:.1f} s\n{}",
               in_message(file.place().string()), plan.realizations, plan.epochs, result->pulses / 1e6, result->seconds,
               describe(result->calibration));
    fmt::print("  {:<6}{:>14}{:>14}{:>14}{:>14}\n", "gate", "mean E first", "mean E last", "median last",
               "solved (E<1)");
    for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
      const auto last = errors_at(plan, *result, task, plan.epochs);
      if (last.empty()) continue;
      fmt::print("  {:<6}{:>14.4g}{:>14.4g}{:>14.4g}{:>10}/{}\n", plan.tasks[task].name,
                 mean(errors_at(plan, *result, task, 1)), mean(last), median(last),
                 std::ranges::count_if(last, [](double e) { return e < 1; }), plan.realizations);
    }
    if (result->failure) std::rethrow_exception(result->failure);
    pictures.push_back(folder / fmt::format("figure{}", figure));
  }
  if (pictures.empty())
    throw InputError("", "reading", given.reading, fmt::format("has no effect on figure {}", given.figure));
  bool good = true;
  const auto table = claims(plan, results[0], results[1]);
  if (!table.empty()) fmt::print("\n{:<68}{:>9}{:>13}\n", "claim", "wanted", "measured");
  for (const auto& claim : table) {
    fmt::print("{:<68}{:>9}{:>13.4g}  {}\n", claim.statement, claim.wanted, claim.measured,
               claim.holds ? "holds" : "FAILS");
    good = good && claim.holds;
  }
  if (!given.no_plots) {
    fmt::print("\n");
    for (const auto& stem : pictures)
      for (const char* ending : {".svg", ".png"}) {
        plot(stem.string() + ".h5", stem.string() + ending, {}, progress_line("drawing"));
        fmt::print("{}\n", in_message(stem.string() + ending));
      }
  }
  if (given.check && !good) throw Error("a claim does not hold");
  if (given.check && table.empty())
    throw InputError("", "check", "true", "no claim can be decided with so few epochs; increase --epochs");
}

}  // namespace

void add_reproduce(CLI::App& program) {
  auto* command =
      program.add_subcommand("reproduce", "compute figures 1 and 2 of Silva et al. 2020 by integrating their devices");
  auto given = std::make_shared<Arguments>();
  command->add_option("-o,--output", given->output, "folder for files and pictures")->required();
  command->add_option("--figure", given->figure, "1 or 2; both if not given")->check(CLI::Range(1, 2));
  command->add_option("--realizations", given->realizations, "trainings for each gate")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  command->add_option("--epochs", given->epochs, "epochs of each training")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  command->add_option("--seed", given->seed, "seed of the random numbers")->capture_default_str();
  command->add_option("--threads", given->threads, "number of threads; 0: all cores; the results do not depend on it")
      ->capture_default_str();
  command->add_option("--reading", given->reading, "which reading of the paper's equations to use")
      ->capture_default_str();
  add_instruction_set(*command, given->set);
  add_resume(*command, given->left);
  command->add_flag("--twin", given->twin, "closed-form updates instead of integration (the discrete twin)");
  command->add_flag("--no-plots", given->no_plots, "write result files only, no pictures");
  command->add_flag("--check", given->check, "end with exit status 3 if a claim of the paper is not met");
  add_examples(*command,
               "  memdyn reproduce -o figures                                     both figures, as in the paper\n"
               "  memdyn reproduce -o quick --figure 1 --realizations 10          figure 1 from fewer realizations\n"
               "  memdyn reproduce -o twin --twin                                 the same with closed-form updates\n"
               "  memdyn reproduce -o printed --reading eq8-printed --figure 2    equation 8 as it is printed\n"
               "The readings are listed in include/memdyn/learn/README.md.");
  command->callback([given] { reproduce(*given); });
}

}  // namespace memdyn::app
