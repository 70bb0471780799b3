// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "memdyn/scenario/table_plan.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "scenario/toml_section.hpp"

namespace memdyn {

/// Reads the source from [drive]; without [drive] it prescribes the model's own input. @throws InputError
[[nodiscard]] Source read_source(TomlSection& root, const AnyDevice& device);
/// The number of segments of a waveform of these parts and groups, at most.
[[nodiscard]] double segments_of(std::span<const WaveformPart> parts, std::span<const WaveformGroup> groups);
/// Reads `threads` of [run]; the default 0 means all cores. @throws InputError
[[nodiscard]] unsigned read_threads(TomlSection& run);
/// Refuses a file for another command.
/// @param known the tables of this command
/// @throws InputError naming a table that belongs to another command, and that command
void refuse_other_files(const TomlSection& root, const std::vector<std::string_view>& known);
/// The value of `key` or `keys` of a [[sweep]] or [[vary]]: at least one. @throws InputError also if both are given
[[nodiscard]] std::vector<std::string> keys_of(TomlSection& section);
/// Which of the two is given.
[[nodiscard]] inline const char* key_or_keys(const TomlSection& section) {
  return section.has("keys") ? "keys" : "key";
}
/// The keys of [[vary]].
[[nodiscard]] TomlSection::Keys vary_keys();
/// These, and `samples`, `seed` and `threads` of [run].
[[nodiscard]] TomlSection::Keys variation_keys();
/// Reads those keys: variations of the device and its source. @throws InputError also for other numbers
void read_variations(TomlSection& root, SweepPlan& plan);
/// Reads the [[vary]] tables of the devices of one role in a network, whose keys begin with it: "synapse.parameters.D".
/// Those with a `value` follow from the numbers that are drawn.
/// @param plan its scenario has the device
/// @throws InputError also for other numbers, and for distribution = "in_order"
void read_variations(TomlSection& root, SweepPlan& plan, const std::string& role);
/// The keys of a scenario of `simulate`, for TomlSection::only(); data/scenarios/README.md explains them.
[[nodiscard]] TomlSection::Keys scenario_keys();
/// Reads the keys of scenario_keys(). @throws InputError naming file, line, key, value and remedy
[[nodiscard]] Scenario read_scenario(TomlSection& root);

/// The plan of a sweep of nothing but a device: no drive, no axis.
[[nodiscard]] SweepPlan plan_of_device(const AnyDevice& device, const IntegrationOptions& options);

/// Reads the scenario of a command, as the functions of these names that are given a path.
[[nodiscard]] Scenario read_simulation(TomlSection root);
[[nodiscard]] SweepPlan read_sweep(TomlSection root);
/// @param studied the file may have the section [study] of `memdyn validate`, which is not read
[[nodiscard]] TrainingPlan read_training(TomlSection root, bool studied = false);
[[nodiscard]] TablePlan read_table(TomlSection root);

}  // namespace memdyn
