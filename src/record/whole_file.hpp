// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace memdyn {

/// Writes a file under a temporary name in the same folder and renames it to `path`. After a failure an older file is
/// unchanged, and no temporary file is left. Symbolic links are followed, and the new file has the mode of the one that
/// it replaces. @throws IoError; also if `path` is a folder, a device or a file without read and write permission
void write_whole(const std::filesystem::path& path, std::string_view bytes);

}  // namespace memdyn
