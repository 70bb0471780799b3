// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "memdyn/core/instruction_set.hpp"
#include "memdyn/device/any_device.hpp"

namespace memdyn::app {

/// Each command adds itself to the program: one file a command.
void add_simulate(CLI::App& program);
void add_sweep(CLI::App& program);
void add_train(CLI::App& program);
void add_reproduce(CLI::App& program);
void add_plot(CLI::App& program);
void add_devices(CLI::App& program);
void add_check(CLI::App& program);
void add_gallery(CLI::App& program);

/// Ctrl-C, or SIGTERM, sets a flag; a second one ends the program at once.
void catch_signals();
/// Which of them came; 0 for none.
[[nodiscard]] int interrupted();

/// A progress line on stderr, on a terminal only, at most ten times a second. Throws Interrupted after Ctrl-C.
[[nodiscard]] std::function<void(double)> progress_line(const std::string& what);

/// Prints a warning on stderr.
void warn(const std::string& warning);
/// Prints on stderr what the device's user should know.
void warn(const AnyDevice& device);

/// A name that is neither one of the models that the command takes nor a file's.
/// @throws InputError that names the nearest model
[[noreturn]] void refuse_device(const std::string& command, const std::string& name,
                                const std::set<std::string>& models);

/// What is wrong with the arguments of the program, and the nearest command or option.
[[nodiscard]] std::string usage_error(const CLI::App& program, const CLI::ParseError& error);

/// Sets the last part of --help: examples, one a line, and the exit statuses.
void add_examples(CLI::App& command, const std::string& examples);

/// Adds `--instruction-set` to a command.
void add_instruction_set(CLI::App& command, std::optional<InstructionSet>& set);

}  // namespace memdyn::app
