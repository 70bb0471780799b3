// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "core/machine.hpp"
#include "memdyn/assess/universality.hpp"
#include "memdyn/learn/reading.hpp"
#include "memdyn/record/output_target.hpp"
#include "memdyn/run/training.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "memdyn/scenario/table_plan.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "scenario/rule_study_plan.hpp"

// Runs, with what they print. `memdyn rerun` repeats each of them.
namespace memdyn::app {

/// Adds the option --threads. @param threads an unsigned, or an optional one
template <class Threads>
void add_threads(CLI::App& command, Threads& threads) {
  command.add_option("--threads", threads, "number of threads; 0: all cores; the results do not depend on it")
      ->check(CLI::Range(0U, most_threads));
}

void run_simulation(const Scenario& scenario, const std::string& output);
/// @throws Error if a trajectory has failed
void run_sweep(const SweepPlan& plan, const std::string& output,
               OutputTarget::Left left = OutputTarget::Left::replaced);
/// @param strict violations in the calibration report are an error
void run_training(const TrainingPlan& plan, const std::string& output, bool strict,
                  OutputTarget::Left left = OutputTarget::Left::replaced);

void run_table(const TablePlan& plan, const std::string& output);
void run_validation(const TablePlan& plan, const std::string& output);
void run_study(const RuleStudyPlan& plan, const std::string& output);

/// The training of one figure of the paper, with its title and its text.
struct Figure {
  int number = 1;
  std::string reading = "canonical";
  std::size_t realizations = 100, epochs = 1000;
  std::uint64_t seed = 1;
  bool twin = false;
};
inline constexpr std::size_t most_of_a_figure = 1'000'000;  ///< realizations, and epochs
[[nodiscard]] TrainingPlan plan_of(const Figure& figure);
TrainingResult run_figure(const Figure& figure, const TrainingPlan& plan, OutputTarget target);

inline constexpr const char* universality = "universality";  ///< the figure of that name
/// @throws whatever ended the run early
UniversalityResult run_universality(const UniversalityPlan& plan, const std::filesystem::path& output);

/// Adds `--dry-run` to a command.
void add_dry_run(CLI::App& command, bool& dry);
/// Prints what a run would do and take, without running it. @throws what the run would throw before it starts
void dry_run_of(const Scenario& scenario, const std::string& output);
void dry_run_of(const SweepPlan& plan, const std::string& output,
                OutputTarget::Left left = OutputTarget::Left::replaced);
void dry_run_of(const TrainingPlan& plan, const std::string& output,
                OutputTarget::Left left = OutputTarget::Left::replaced);
void dry_run_of(const TablePlan& plan, const std::string& output);
void dry_run_of(const RuleStudyPlan& plan, const std::string& output);
/// The same for a figure of the paper, whose folder need not exist.
void dry_run_of_figure(const TrainingPlan& plan, const std::string& output);

void dry_run_of_universality(const UniversalityPlan& plan, const std::string& output);

/// Adds `--keep` to a command that writes results.
void add_keep(CLI::App& command, bool& keep);
/// @throws IoError if `keep` and there is a result at this path
void refuse_to_replace(const std::filesystem::path& output, bool keep);

}  // namespace memdyn::app
