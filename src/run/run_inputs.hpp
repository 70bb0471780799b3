// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/record/result_file.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "memdyn/scenario/table_plan.hpp"
#include "memdyn/scenario/training_plan.hpp"

// What a result file keeps of its run, beside the scenario: see RunInputs.
namespace memdyn {

[[nodiscard]] RunInputs inputs_of(const Scenario& simulation);
[[nodiscard]] RunInputs inputs_of(const SweepPlan& plan);
[[nodiscard]] RunInputs inputs_of(const TrainingPlan& plan);
/// @param command "table" or "validate"
[[nodiscard]] RunInputs inputs_of(const TablePlan& plan, const std::string& command);

}  // namespace memdyn
