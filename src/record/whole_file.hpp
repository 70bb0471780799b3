// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace memdyn {

/// Writes a file as a whole: under another name in the same folder, which then takes the place of `path`. After a
/// failure what was there before is as it was, and nothing is left beside it. A symbolic link is written through, and
/// the new file has the mode of the one that it replaces. @throws IoError; also for a folder, a device or a file that
/// may not be read and written
void write_whole(const std::filesystem::path& path, std::string_view bytes);

}  // namespace memdyn
