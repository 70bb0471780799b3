// SPDX-License-Identifier: MIT
#pragma once

#include "study/toml_section.hpp"

namespace memdyn {

/// A device written as text (data/devices/README.md lists the keys); `own` overrides numbers of its parameters. The
/// file is not finished. @throws InputError naming file, line, column, name and remedy
[[nodiscard]] AnyDevice read_text_device(TomlSection& file, TomlSection* own);

}  // namespace memdyn
