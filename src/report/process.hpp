// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// What another program left.
struct Finished {
  int exit_status = 0;  ///< 128 + the number of the signal that ended it
  std::string output{}, errors{};
};

/// Runs a program, found by PATH, without a shell: `command` is its argument vector, `input` its standard input. It
/// gets a process group of its own, and of the environment only what finds its libraries and fonts: no variable that
/// sets it up. If `progress` throws (it is called ten times a second, with 0), the program is killed.
/// @throws IoError if it is not installed or cannot be started; whatever `progress` throws
[[nodiscard]] Finished run(const std::vector<std::string>& command, const std::string& input, const Progress& progress);

}  // namespace memdyn
