// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace memdyn {

inline constexpr unsigned most_threads = 1024;  ///< of a run

/// Memory that this process can still take [bytes]: the least of what the machine, its control group, and the limit on
/// the address space of the process leave.
[[nodiscard]] double available_memory();

/// Free space [bytes] of the file system to which a file at this path would be written; infinity if it cannot be
/// determined, for example because the folder does not exist.
[[nodiscard]] double available_disk(const std::filesystem::path& file);

/// A number of bytes in words: "1.5 GB".
[[nodiscard]] std::string bytes_in_words(double bytes);

}  // namespace memdyn
