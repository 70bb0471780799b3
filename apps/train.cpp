// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "run/run_inputs.hpp"
#include "runs.hpp"

namespace memdyn::app {
namespace {

/// Prints the root mean square errors of a regression, a line for each output.
/// @param errors realization x output; NaN for realizations that were not finished
void print_rms(const char* rows, const Dataset& table, const std::vector<double>& errors) {
  for (std::size_t k = 0; k < table.n_out; ++k) {
    std::vector<double> all;
    for (std::size_t i = k; i < errors.size(); i += table.n_out)
      if (!std::isnan(errors[i])) all.push_back(errors[i]);
    if (all.empty()) continue;
    const auto [low, high] = std::ranges::minmax(all);
    fmt::print("root mean square error of {}, rows {}: {:.4g} (median), {:.4g} to {:.4g} over realizations\n",
               table.names.empty() ? fmt::format("output {}", k + 1) : in_message(table.names[table.n_in + k]), rows,
               median(all), low, high);
  }
}

}  // namespace

void run_training(const TrainingPlan& plan, const std::string& output, bool strict, OutputTarget::Left left) {
  warn(plan);
  OutputTarget target(output, left);
  require_trainable(plan, target.part());
  ResultFile file(std::move(target), {plan.title, plan.text, plan.seed, true, inputs_of(plan)});
  const auto result = train(plan, progress_line("training"), &file);
  write_training(file, plan, result);
  const auto last = errors_at(plan, result, 0, plan.epochs);
  fmt::print("{}: {}\n{} of {} realizations x {} epochs, {:.1f} million pulses in {:.1f} s\n",
             in_message(file.place().string()), in_message(plan.title), last.size(), plan.realizations, plan.epochs,
             result.pulses / 1e6, result.seconds);
  if (left == OutputTarget::Left::resumed)
    fmt::print("{} epochs, over all realizations, were finished by the run that was resumed\n", result.resumed);
  if (!last.empty())
    fmt::print("total error of an epoch: first {:.4g}, last {:.4g} (mean), {:.4g} (median)\n",
               mean(errors_at(plan, result, 0, 1)), mean(last), median(last));
  std::vector<double> accuracy;
  for (double a : result.accuracy)
    if (!std::isnan(a)) accuracy.push_back(a);
  if (!accuracy.empty())
    fmt::print("held-out rows classified correctly: {:.1f} % (mean), {:.1f} to {:.1f} % over realizations\n",
               100 * mean(accuracy), 100 * *std::ranges::min_element(accuracy),
               100 * *std::ranges::max_element(accuracy));
  print_rms("learnt", plan.tasks[0].table, result.regression.rms_training);
  print_rms("held out", plan.tasks[0].table, result.regression.rms_held_out);
  fmt::print("{}", describe(result.calibration));
  if (result.failure) std::rethrow_exception(result.failure);
  if (strict && !result.calibration.clean())
    throw Error(fmt::format("{} (see the calibration above)", result.calibration.thresholds_respected()
                                                                  ? "some pulses did not have the intended effect"
                                                                  : "reads exceed the thresholds of devices: the "
                                                                    "thresholds are too close for this training"));
}

void add_train(CLI::App& program) {
  struct Arguments {
    std::string scenario, output;
    std::vector<std::string> settings;
    std::optional<unsigned> threads;
    bool strict = false, keep = false, dry = false;
    OutputTarget::Left left = OutputTarget::Left::replaced;
    std::optional<InstructionSet> set;
  };
  auto* command =
      program.add_subcommand("train", "train a perceptron made of memristors; every update is an integrated pulse");
  auto given = std::make_shared<Arguments>();
  command->add_option("scenario", given->scenario, "scenario file (TOML)")->required();
  command->add_option("-o,--output", given->output, "result file to write (HDF5)")->required();
  add_threads(*command, given->threads);
  add_instruction_set(*command, given->set);
  add_resume(*command, given->left);
  add_keep(*command, given->keep);
  add_dry_run(*command, given->dry);
  add_settings(*command, given->settings);
  command->add_flag("--strict", given->strict, "end with exit status 3 if the calibration report counts any violation");
  add_examples(
      *command,
      "  memdyn train data/scenarios/slp_or.toml -o or.h5            one layer learns OR\n"
      "  memdyn train data/scenarios/mlp_xor.toml -o xor.h5          two layers learn XOR; two epochs are recorded\n"
      "  memdyn plot xor.h5 -o update.svg --view transient           the first recorded update\n"
      "  memdyn train data/scenarios/mlp_iris.toml -o iris.h5        data from a CSV file\n"
      "  memdyn train data/scenarios/mlp_sine.toml -o sine.h5        a regression by rectified nodes\n"
      "  memdyn train data/scenarios/crossbar_or.toml -o c.h5        a VTEAM device for each weight\n"
      "  memdyn train data/scenarios/mlp_iris.toml -o iris.h5 --resume    after Ctrl-C or a kill");
  command->callback([given] {
    refuse_to_replace(given->output, given->keep);
    auto plan = read_training(given->scenario, given->settings);
    if (given->threads) plan.threads = *given->threads;
    if (given->set) plan.set = *given->set;
    if (given->dry) return dry_run_of(plan, given->output, given->left);
    run_training(plan, given->output, given->strict || plan.strict, given->left);
  });
}

}  // namespace memdyn::app
