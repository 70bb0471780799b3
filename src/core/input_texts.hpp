// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/core/input_text.hpp"

namespace memdyn {

/// The texts of a scenario and of all files that it names, directly or through other files. Each is read once. Names
/// are relative to the folder of the scenario, or absolute.
class InputTexts {
 public:
  /// Reads files. @param folder of the scenario
  explicit InputTexts(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// Knows these texts alone, and opens no file. @param result the result file that holds them
  InputTexts(std::filesystem::path result, const std::vector<InputText>& stored)
      : result_(std::move(result)), texts_(stored.begin(), stored.end()) {}

  /// The text of a file; valid as long as this object. @throws IoError if it cannot be read, or is not stored
  [[nodiscard]] const std::string& text(const std::filesystem::path& name);
  /// Adds the text of a file that exists in memory only.
  void add(InputText text) { texts_.push_back(std::move(text)); }
  /// Replaces the text of a file that has been read.
  void replace(const std::filesystem::path& name, std::string text);
  /// The name of a file in messages, not yet escaped: with the folder of the scenario, or the result that holds it.
  [[nodiscard]] std::string shown(const std::filesystem::path& name) const;
  /// All texts but that of one file, in the order in which they were read.
  [[nodiscard]] std::vector<InputText> others(const std::filesystem::path& name) const;

 private:
  std::filesystem::path folder_, result_;  ///< one of them is empty
  std::deque<InputText> texts_;            ///< a deque, so that references stay valid
};

}  // namespace memdyn
