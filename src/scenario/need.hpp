// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/scenario/scenario.hpp"

namespace memdyn {

/// What a run needs, estimated before it starts. Numbers are lower bounds, except that of the memory.
struct Need {
  std::string what;   ///< what takes it, for messages: "1e+12 trajectories"
  double memory = 0;  ///< at one time [bytes]
  double disk = 0;    ///< of the part file [bytes]
  double steps = 0;   ///< steps of an integration, or pulses of a training
};

/// More steps than a run can ever take: 1e8 steps per second for three years.
inline constexpr double most_steps_of_a_run = 1e16;

/// Refuses a run that needs more than there is.
/// @param keys the numbers that set the size of the run; the message names the one with the largest factor
/// @param part the file that the run will write; empty if it writes none
/// @throws InputError with the estimate, what there is, and the remedy
void require_room(const Need& need, const std::vector<SizeKey>& keys, const std::filesystem::path& part = {});

}  // namespace memdyn
