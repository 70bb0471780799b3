// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "learn/learner.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "memdyn/scenario/table_plan.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "scenario/need.hpp"
#include "scenario/rule_study_plan.hpp"

// What runs need before they start, for require_room(). Sizes are doubles, since a product of counts can exceed every
// integer.
namespace memdyn {

[[nodiscard]] Need need_of(const Scenario& scenario);
/// That of the scenario under another drive.
[[nodiscard]] Need need_of(const Scenario& scenario, const Waveform& drive);
[[nodiscard]] Need need_of(const TablePlan& plan);

/// @param times points of the common time grid; 0 for none
[[nodiscard]] Need need_of(const SweepPlan& plan, std::size_t threads, double times);

/// What the lanes of a training hold. It depends only on the whole plan, so that the result of a realization does not
/// depend on which ones are recorded.
[[nodiscard]] LanesHold hold(const TrainingPlan& plan);
/// Most packs of realizations that a thread trains at a time; more no longer fit into the first-level cache.
inline constexpr std::size_t most_packs_of_group = 8;
[[nodiscard]] Need need_of(const TrainingPlan& plan, std::size_t threads);
[[nodiscard]] Need need_of(const RuleStudyPlan& plan);

}  // namespace memdyn
