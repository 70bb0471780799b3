// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// Result of another program.
struct Finished {
  int exit_status = 0;  ///< exit status; 128 + the signal number if a signal ended the program
  std::string output{}, errors{};
};

/// Runs a program, found by PATH, without a shell: `command` is its argument vector, `input` its standard input. The
/// program runs in its own process group. Its environment contains only the variables needed to find libraries and
/// fonts, none that configures it. `progress` is called with 0 ten times a second; if it throws, the program is killed.
/// @throws IoError if it is not installed or cannot be started; whatever `progress` throws
[[nodiscard]] Finished run(const std::vector<std::string>& command, const std::string& input, const Progress& progress);

}  // namespace memdyn
