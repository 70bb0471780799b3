// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string_view>

// Functions for files that are written beside their target and then renamed to it.
namespace memdyn {

/// The path with symbolic links resolved; the file need not exist. @throws IoError after 40 links
[[nodiscard]] std::filesystem::path followed(const std::filesystem::path& path);

/// Status of the file that a new file at this path would replace, if there is one.
/// @throws IoError if it is not a regular file with read and write permission, or if the path cannot be followed
[[nodiscard]] std::optional<struct stat> older_at(const std::filesystem::path& path);

/// Gives an open file the mode and, if permitted, the owner of the file that it will replace.
void adopt(int descriptor, const struct stat& older);

/// Synchronizes an open file with the disk, so that a full or failing disk is detected before the file is renamed.
/// @returns errno, 0 for success
[[nodiscard]] int sync_to_disk(int descriptor);

/// Synchronizes the folder of a file with the disk, as far as possible, so that a renamed file keeps its name.
void sync_folder_of(const std::filesystem::path& path);

/// Content of a part until its run begins to write it. It identifies the part as Memdyn's if the run is killed before.
inline constexpr std::string_view claim = "memdyn result, not begun\n";
[[nodiscard]] bool is_claim(int descriptor);

/// Whether a program that wrote this HDF5 file was killed (or is alive): the superblock then has flags that closing the
/// file clears.
[[nodiscard]] bool is_left_open(int descriptor);

/// @param why errno @throws IoError always
[[noreturn]] void cannot_create(const std::filesystem::path& path, int why);

}  // namespace memdyn
