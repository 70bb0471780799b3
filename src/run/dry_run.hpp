// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <filesystem>
#include <string>

#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "memdyn/scenario/table_plan.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "scenario/need.hpp"
#include "scenario/rule_study_plan.hpp"

// What a run would take, without running it: the checks that come before it, the estimate of its size, and of its time
// from a sample that is integrated for at most a second. No file is written.
namespace memdyn {

struct DryRun {
  Need need;
  double seconds = std::nan("");  ///< of the whole run; NaN if not known
  std::string basis{};            ///< what the time was estimated from, or why it is not known
};

/// Longest time that is spent on a sample [s].
inline constexpr double longest_sample = 1.0;

/// What a sweep needs, with the common time grid of its trajectories if it records them.
/// @throws InputError if that is more than there is
[[nodiscard]] Need require_sweepable(const SweepPlan& plan, const std::filesystem::path& part);

/// Each checks as the run itself would before it starts.
/// @param part the file that the run would write first; empty if there is none
/// @throws InputError if the run would need more than there is; Interrupted
[[nodiscard]] DryRun dry_run(const Scenario& scenario, const std::filesystem::path& part);
[[nodiscard]] DryRun dry_run(const SweepPlan& plan, const std::filesystem::path& part);
[[nodiscard]] DryRun dry_run(const TrainingPlan& plan, const std::filesystem::path& part);
[[nodiscard]] DryRun dry_run(const TablePlan& plan, const std::filesystem::path& part);
[[nodiscard]] DryRun dry_run(const RuleStudyPlan& plan, const std::filesystem::path& part);

}  // namespace memdyn
