// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "memdyn/core/input_text.hpp"
#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// A run as its result file keeps it (RunInputs). Nothing in it is checked yet: the file may be hostile.
struct StoredRun {
  std::string command, file, scenario;
  std::vector<InputText> texts;
  std::map<std::string, std::string> options;  ///< numbers in words that give every digit
  std::string origin;                          ///< software, commit and build

  /// The text of an option. @throws IoError if there is none
  [[nodiscard]] const std::string& option(const std::string& name) const;
  /// A whole number from `low` to `high`. @throws IoError if the option is none
  [[nodiscard]] std::uint64_t count(const std::string& name, std::uint64_t low, std::uint64_t high) const;
  std::string result;  ///< name of the file, escaped for messages
};

/// Reads in a child process. @throws IoError if the file cannot be read, or keeps no run
[[nodiscard]] StoredRun stored_run(const std::filesystem::path& result, const Progress& progress);

}  // namespace memdyn
