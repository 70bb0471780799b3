// SPDX-License-Identifier: MIT
#pragma once

#include "scenario/toml_section.hpp"

namespace memdyn {

/// The keys of a device written as text (data/devices/README.md explains them), without the descriptive ones.
[[nodiscard]] TomlSection::Keys text_device_keys();
/// Reads a device written as text; `own`, if not null, overrides values of its parameters. @throws InputError naming
/// file, line, column, name and remedy
[[nodiscard]] AnyDevice read_text_device(TomlSection& file, TomlSection* own);

}  // namespace memdyn
