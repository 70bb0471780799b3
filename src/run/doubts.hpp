// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/table_plan.hpp"

namespace memdyn {

/// Warnings that a user should read before trusting the results of a simulation: a variable that a bound has absorbed;
/// rows that are sparse; a current or a power beyond any that a memristor bears (1e3 A, 1e6 W), because a parameter or
/// the drive is probably in another unit. Devices in normalised units are exempt from the last: those that take more
/// than 1 A at their typical input, in the middle of their ranges.
[[nodiscard]] std::vector<std::string> doubts_of(const Scenario& scenario, const Simulated& done);
/// The same of a sweep, about bounds that absorb and about currents and powers.
[[nodiscard]] std::vector<std::string> doubts_of(const SweepPlan& plan, const SweepReport& done);
/// The same for a table: a device that forgets at rest.
[[nodiscard]] std::vector<std::string> doubts_of(const TablePlan& plan);

}  // namespace memdyn
