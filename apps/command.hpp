// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "memdyn/core/instruction_set.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/record/output_target.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/training_plan.hpp"

namespace memdyn::app {

/// Functions that add a command to the program, one file per command.
void add_simulate(CLI::App& program);
void add_sweep(CLI::App& program);
void add_train(CLI::App& program);
void add_table(CLI::App& program);
void add_validate(CLI::App& program);
void add_reproduce(CLI::App& program);
void add_plot(CLI::App& program);
void add_info(CLI::App& program);
void add_diff(CLI::App& program);
void add_export(CLI::App& program);
void add_devices(CLI::App& program);
void add_check(CLI::App& program);
void add_gallery(CLI::App& program);
void add_recover(CLI::App& program);
void add_rerun(CLI::App& program);
void add_new(CLI::App& program);
/// These describe all commands that have been added.
void add_completion(CLI::App& program);
void add_manual(CLI::App& program);

/// Installs handlers for SIGINT (Ctrl-C) and SIGTERM that set a flag; a second signal ends the program at once.
/// SIGXFSZ is ignored.
void catch_signals();
/// The signal that was received; 0 if none was.
[[nodiscard]] int interrupted();

/// Returns a function that prints a progress line on stderr at most ten times a second, only if stderr is a terminal.
/// The function throws Interrupted after SIGINT or SIGTERM.
[[nodiscard]] std::function<void(double)> progress_line(const std::string& what);

/// Prints a warning on stderr.
void warn(const std::string& warning);
/// Prints the warnings about a device on stderr.
void warn(const AnyDevice& device);
/// Prints notes on stderr: what a file leaves open, and what was recognised in it.
void show(const std::vector<std::string>& notes);
/// Prints the notes and the warnings about a scenario on stderr.
void warn(const Scenario& scenario);
/// The same about a training.
void warn(const TrainingPlan& plan);

/// Refuses a name that is neither a model that the command accepts nor a file.
/// @throws InputError suggesting the nearest model
[[noreturn]] void refuse_device(const std::string& command, const std::string& name,
                                const std::set<std::string>& models);

/// Refuses a scenario, or a device, that is given to a command which takes result files.
/// @throws InputError naming the command that runs it; does nothing for other files
void refuse_scenario(const std::string& command, const std::filesystem::path& file);

/// The message about invalid command-line arguments, with the nearest command or option.
[[nodiscard]] std::string usage_error(const CLI::App& program, const CLI::ParseError& error);

/// Sets the last part of --help: examples, one a line, and the exit statuses.
void add_examples(CLI::App& command, const std::string& examples);
/// The same for a command that uses the statuses 0 and 1 in its own way.
void add_examples(CLI::App& command, const std::string& examples, const std::string& statuses);

/// Adds `--resume` to a command.
void add_resume(CLI::App& command, OutputTarget::Left& left);

/// Adds `--set KEY=VALUE`, which replaces keys of a scenario, to a command.
void add_settings(CLI::App& command, std::vector<std::string>& settings);
/// @throws InputError if there are settings, but no file whose keys they could set
void require_file(const std::string& command, const std::vector<std::string>& settings, bool is_file);

/// Adds `--instruction-set` to a command.
void add_instruction_set(CLI::App& command, std::optional<InstructionSet>& set);

}  // namespace memdyn::app
