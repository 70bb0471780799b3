// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace memdyn {

/// The kind of a file that is not regular, in words: "a folder".
[[nodiscard]] const char* kind_of(mode_t mode);

/// The whole text of a regular file. @throws IoError if it is not a regular file, cannot be read, or is too large for
/// the memory that is available; Interrupted
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

}  // namespace memdyn
