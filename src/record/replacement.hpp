// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>

/// Rules for every file that is written beside its target and then renamed to it.
namespace memdyn {

/// The file that a path leads to through symbolic links; it need not exist. @throws IoError after 40 links
[[nodiscard]] std::filesystem::path followed(const std::filesystem::path& path);

/// The file that a new one at this path would replace, if any.
/// @throws IoError if it is not a regular file that may be read and written, or if the path cannot be followed
[[nodiscard]] std::optional<struct stat> older_at(const std::filesystem::path& path);

/// Gives an open file the owner, where that is permitted, and the mode of the file that it is to replace.
void adopt(int descriptor, const struct stat& older);

/// Writes an open file through to the disk, so that a full or failing disk is noticed before the file takes its place.
/// @returns the number of the error, 0 for none
[[nodiscard]] int sync_to_disk(int descriptor);

/// A file that is not a regular one, in words.
[[nodiscard]] const char* kind_of(mode_t mode);

/// @param why the number of the error @throws IoError always
[[noreturn]] void cannot_create(const std::filesystem::path& path, int why);

}  // namespace memdyn
