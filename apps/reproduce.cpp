// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <tuple>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/assess/universality.hpp"
#include "memdyn/report/plot.hpp"
#include "run/run_inputs.hpp"
#include "runs.hpp"

namespace memdyn::app {
namespace {

struct Arguments {
  std::string output;
  std::string only;  ///< "1", "2" or "universality"; empty for 1 and 2
  std::optional<std::size_t> realizations, epochs;
  Figure figure;  ///< other choices
  unsigned threads = 0;
  OutputTarget::Left left = OutputTarget::Left::replaced;
  bool no_plots = false, check = false, keep = false, dry = false;
  std::optional<InstructionSet> set;
};

}  // namespace

TrainingPlan plan_of(const Figure& figure) {
  TrainingPlan plan = figure_plan(figure.number, reading(figure.reading));
  plan.realizations = figure.realizations;
  plan.epochs = figure.epochs;
  plan.seed = figure.seed;
  plan.twin = figure.twin;
  plan.sizes = {{"", "--realizations", fmt::format("{}", plan.realizations), static_cast<double>(plan.realizations)},
                {"", "--epochs", fmt::format("{}", plan.epochs), static_cast<double>(plan.epochs)}};
  if (figure.reading != "canonical") plan.title += ", reading " + figure.reading;
  if (figure.twin) plan.title += ", discrete twin";
  plan.text =
      fmt::format("memdyn reproduce --figure {} --realizations {} --epochs {} --seed {} --reading {}{}", figure.number,
                  figure.realizations, figure.epochs, figure.seed, figure.reading, figure.twin ? " --twin" : "");
  return plan;
}

UniversalityResult run_universality(const UniversalityPlan& plan, const std::filesystem::path& output) {
  RunInputs inputs{.command = "reproduce"};
  inputs.options = {{"figure", std::string(universality)},
                    {"realizations", static_cast<double>(plan.realizations)},
                    {"epochs", static_cast<double>(plan.epochs)},
                    {"instruction_set", std::string(name_of(plan.set))},
                    {"twin", std::string(plan.twin ? "yes" : "no")}};
  const std::string text =
      fmt::format("memdyn reproduce --figure {} --realizations {} --epochs {} --seed {}{}", universality,
                  plan.realizations, plan.epochs, plan.seed, plan.twin ? " --twin" : "");
  const std::string title =
      std::string("Approximation by networks of memristors") + (plan.twin ? ", discrete twin" : "");
  ResultFile file(OutputTarget(output), {title, text, plan.seed, false, inputs});
  auto result = test_universality(plan, progress_line(universality), file);
  fmt::print("{}: {} realizations x {} epochs, {:.0f} million pulses in {:.1f} s\n", in_message(file.place().string()),
             plan.realizations, plan.epochs, result.pulses / 1e6, result.seconds);
  if (result.failure) std::rethrow_exception(result.failure);
  fmt::print("{}", describe(plan, result));
  return result;
}

TrainingResult run_figure(const Figure& figure, const TrainingPlan& plan, OutputTarget target) {
  require_trainable(plan, target.part());
  RunInputs inputs = inputs_of(plan);
  inputs.command = "reproduce";
  inputs.options.emplace_back("figure", static_cast<double>(figure.number));
  ResultFile file(std::move(target), {plan.title, plan.text, plan.seed, true, inputs});
  auto result = train(plan, progress_line(fmt::format("figure {}", figure.number)), &file);
  write_training(file, plan, result);
  fmt::print("{}: {} realizations x {} epochs, {:.1f} million pulses in {:.1f} s\n{}",
             in_message(file.place().string()), plan.realizations, plan.epochs, result.pulses / 1e6, result.seconds,
             describe(result.calibration));
  fmt::print("  {:<6}{:>14}{:>14}{:>14}{:>14}\n", "gate", "mean E first", "mean E last", "median last", "solved (E<1)");
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    const auto last = errors_at(plan, result, task, plan.epochs);
    if (last.empty()) continue;
    fmt::print("  {:<6}{:>14.4g}{:>14.4g}{:>14.4g}{:>10}/{}\n", plan.tasks[task].name,
               mean(errors_at(plan, result, task, 1)), mean(last), median(last),
               std::ranges::count_if(last, [](double e) { return e < 1; }), plan.realizations);
  }
  return result;
}

namespace {

/// Prints claims. @returns whether all hold; none if there are no claims
std::optional<bool> print(const std::vector<Claim>& claims) {
  if (claims.empty()) return {};
  std::size_t width = 0;
  for (const auto& claim : claims) width = std::max(width, claim.statement.size());
  fmt::print("\n{:<{}}{:>9}{:>13}\n", "claim", width, "wanted", "measured");
  for (const auto& claim : claims)
    fmt::print("{:<{}}{:>9}{:>13.4g}  {}\n", claim.statement, width, claim.wanted, claim.measured,
               claim.holds ? "holds" : "FAILS");
  return std::ranges::all_of(claims, &Claim::holds);
}

/// Draws result files, which have the extension .h5.
void draw(const std::vector<std::filesystem::path>& stems) {
  fmt::print("\n");
  for (const auto& stem : stems)
    for (const char* ending : {".svg", ".png"}) {
      plot(stem.string() + ".h5", stem.string() + ending, {}, progress_line("drawing"));
      fmt::print("{}\n", in_message(stem.string() + ending));
    }
}

void reproduce_universality(const Arguments& given, const std::filesystem::path& folder) {
  if (given.figure.reading != "canonical")
    throw InputError("", "reading", given.figure.reading, "has no effect on the figure universality; leave it out");
  if (given.left == OutputTarget::Left::resumed)
    throw InputError("", "resume", "true", "is not possible for the figure universality; run it without --resume");
  UniversalityPlan plan;
  plan.realizations = given.realizations.value_or(plan.realizations);
  plan.epochs = given.epochs.value_or(plan.epochs);
  plan.seed = given.figure.seed;
  plan.threads = given.threads;
  plan.twin = given.figure.twin;
  if (given.set) plan.set = *given.set;
  const std::filesystem::path stem = folder / universality;
  refuse_to_replace(stem.string() + ".h5", given.keep);
  if (given.dry) return dry_run_of_universality(plan, stem.string() + ".h5");
  const auto result = run_universality(plan, stem.string() + ".h5");
  const auto good = print(claims(plan, result));
  if (!given.no_plots) draw({stem});
  if (given.check && good == false) throw Error("a claim does not hold");
}

/// The figures that are wanted, and that the reading has an effect on. @throws InputError if there is none
std::vector<int> wanted_figures(const Arguments& given) {
  const Reading& chosen = reading(given.figure.reading);
  std::vector<int> numbers;
  for (int number : {1, 2}) {
    if (!given.only.empty() && given.only != std::to_string(number)) continue;
    if (number == 1 ? chosen.single_layer : chosen.multilayer) numbers.push_back(number);
  }
  if (numbers.empty())
    throw InputError("", "reading", chosen.name, fmt::format("has no effect on figure {}", given.only));
  return numbers;
}

std::pair<Figure, TrainingPlan> planned(const Arguments& given, int number) {
  Figure figure = given.figure;
  figure.number = number;
  figure.realizations = given.realizations.value_or(figure.realizations);
  figure.epochs = given.epochs.value_or(figure.epochs);
  TrainingPlan plan = plan_of(figure);
  plan.threads = given.threads;
  if (given.set) plan.set = *given.set;
  return {figure, plan};
}

std::filesystem::path file_of(const std::filesystem::path& folder, int number) {
  return folder / fmt::format("figure{}.h5", number);
}

void reproduce_figures(const Arguments& given, const std::filesystem::path& folder) {
  TrainingPlan plan;
  std::optional<TrainingResult> results[2];
  std::vector<std::filesystem::path> pictures;
  std::map<int, OutputTarget> targets;  // check all of them before the first figure is computed
  for (const int number : wanted_figures(given)) {
    const auto output = file_of(folder, number);
    refuse_to_replace(output, given.keep);
    targets.emplace(number, OutputTarget(output, given.left));
  }
  for (auto& [number, target] : targets) {
    Figure figure;
    std::tie(figure, plan) = planned(given, number);
    auto& result = results[number - 1];
    result = run_figure(figure, plan, std::move(target));
    if (result->failure) std::rethrow_exception(result->failure);
    pictures.push_back(folder / fmt::format("figure{}", number));
  }
  const auto good = print(claims(plan, results[0], results[1]));
  if (!given.no_plots) draw(pictures);
  if (given.check && good == false) throw Error("a claim does not hold");
  if (given.check && !good)
    throw InputError("", "check", "true", "no claim can be decided with so few epochs; increase --epochs");
}

void reproduce(const Arguments& given) {
  const std::filesystem::path folder = given.output;
  if (given.dry && given.only != universality) {
    for (const int number : wanted_figures(given)) {
      refuse_to_replace(file_of(folder, number), given.keep);
      dry_run_of_figure(planned(given, number).second, file_of(folder, number).string());
    }
    return;
  }
  if (given.dry) return reproduce_universality(given, folder);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw IoError(in_message(folder.string()) + ": cannot be created: " + failed.message());
  if (given.only == universality) {
    reproduce_universality(given, folder);
  } else {
    reproduce_figures(given, folder);
  }
}

}  // namespace

void add_reproduce(CLI::App& program) {
  auto* command = program.add_subcommand(
      "reproduce", "compute the figures of Silva et al. 2020, and test its claim of universality");
  auto given = std::make_shared<Arguments>();
  command->add_option("-o,--output", given->output, "folder for files and pictures")->required();
  command->add_option("--figure", given->only, "1, 2 or universality; 1 and 2 if not given")
      ->check(CLI::IsMember({"1", "2", universality}))
      ->type_name("FIGURE");
  command
      ->add_option("--realizations", given->realizations,
                   "trainings of each network for each gate or target; by default 100, or 8 for universality")
      ->check(CLI::Range(std::size_t{1}, most_of_a_figure));
  command->add_option("--epochs", given->epochs, "epochs of each training; by default 1000, or 20000 for universality")
      ->check(CLI::Range(std::size_t{1}, most_of_a_figure));
  command->add_option("--seed", given->figure.seed, "seed of the random numbers")->capture_default_str();
  add_threads(*command, given->threads);
  command->add_option("--reading", given->figure.reading, "which reading of the paper's equations to use")
      ->type_name("NAME")
      ->capture_default_str();
  add_instruction_set(*command, given->set);
  add_resume(*command, given->left);
  add_keep(*command, given->keep);
  add_dry_run(*command, given->dry);
  command->add_flag("--twin", given->figure.twin, "closed-form updates instead of integration (the discrete twin)");
  command->add_flag("--no-plots", given->no_plots, "write result files only, no pictures");
  command->add_flag("--check", given->check, "end with exit status 3 if a claim of the paper is not met");
  add_examples(
      *command,
      "  memdyn reproduce -o figures                                     both figures, as in the paper\n"
      "  memdyn reproduce -o quick --figure 1 --realizations 10          figure 1 from fewer realizations\n"
      "  memdyn reproduce -o twin --twin                                 the same with closed-form updates\n"
      "  memdyn reproduce -o printed --reading eq8-printed --figure 2    equation 8 as it is printed\n"
      "  memdyn reproduce -o figures --figure universality               error against width, two activations\n"
      "The readings are listed in include/memdyn/learn/README.md.");
  command->callback([given] { reproduce(*given); });
}

}  // namespace memdyn::app
