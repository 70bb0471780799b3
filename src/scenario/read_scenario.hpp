// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "memdyn/scenario/scenario.hpp"
#include "scenario/toml_section.hpp"

namespace memdyn {

/// The source of [drive]; the model's own quantity if there is none. @throws InputError
[[nodiscard]] Source read_source(TomlSection& root, const AnyDevice& device);
/// `threads` of [run]; 0, for all cores, if there is none. @throws InputError
[[nodiscard]] unsigned read_threads(TomlSection& run);
/// Refuses a file that another command is for, by the first of its tables that tells.
/// @param known tables of this one's
/// @throws InputError
void refuse_other_files(const TomlSection& root, const std::vector<std::string_view>& known);
/// The keys of a scenario of `simulate`, for TomlSection::only(); data/scenarios/README.md explains them.
[[nodiscard]] TomlSection::Keys scenario_keys();
/// What `simulate` takes of a file. @throws InputError naming file, line, key, value and remedy
[[nodiscard]] Scenario read_scenario(TomlSection& root, const std::filesystem::path& path);

}  // namespace memdyn
