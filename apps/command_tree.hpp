// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace memdyn::app {

/// An option or an argument of a command, as `--help` shows it.
struct OptionInfo {
  std::vector<std::string> names{};  ///< "-o", "--output"; of an argument its name alone
  std::string value{};               ///< name of its value ("FILE"); empty for a flag
  std::string description{};
  std::vector<std::string> words{};  ///< the values that it takes; empty if there are others
  bool positional = false, required = false, repeated = false;
  bool file = false;  ///< its value is the name of a file

  /// The long name if there is one, else the first.
  [[nodiscard]] const std::string& name() const { return names.back(); }
};

/// A command, or the program itself.
struct CommandInfo {
  std::string name{}, description{}, footer{};
  std::vector<OptionInfo> options{};
  std::vector<CommandInfo> commands{};
};

/// The definitions of a program, from which the shells' completions and the manual page are written.
[[nodiscard]] CommandInfo describe(CLI::App& program);

/// The completion of a shell: bash, zsh or fish.
[[nodiscard]] std::string bash_completion(const CommandInfo& program);
[[nodiscard]] std::string zsh_completion(const CommandInfo& program);
[[nodiscard]] std::string fish_completion(const CommandInfo& program);

/// The manual page, for man(1), in the macros of man(7).
[[nodiscard]] std::string manual_page(const CommandInfo& program);

}  // namespace memdyn::app
