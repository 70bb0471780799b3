// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/study/scenario.hpp"
#include "study/toml_section.hpp"

namespace memdyn {

/// The source of [drive]; the model's own quantity if there is none. @throws InputError
[[nodiscard]] Source read_source(TomlSection& root, const AnyDevice& device);
/// `threads` of [run]; 0, for all cores, if there is none. @throws InputError
[[nodiscard]] unsigned read_threads(TomlSection& run);
/// The keys of a scenario of `simulate`, for TomlSection::only(); data/scenarios/README.md explains them.
[[nodiscard]] TomlSection::Keys scenario_keys();
/// What `simulate` takes of a file. @throws InputError naming file, line, key, value and remedy
[[nodiscard]] Scenario read_scenario(TomlSection& root, const std::filesystem::path& path);

}  // namespace memdyn
