// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// What a child process uses to send its results.
struct Sender {
  std::function<void(std::string_view)> send;  ///< any bytes; the receiver gets them in this order
  Progress progress;                           ///< to be called at least once in `longest_silence` of computing
};

/// Computing time of the child between two calls of `progress` after which it counts as caught in a loop [s].
inline constexpr long longest_silence = 30;
/// Most memory of the child [bytes].
inline constexpr std::size_t most_memory = std::size_t{4} << 30;

/// Reads files in a child process, because libhdf5 crashes, loops or takes all memory on some damaged files. Exceptions
/// of `read` are thrown here with their message and exit status. If the child crashes, or exceeds a limit, an IoError
/// names the files. The child is a copy of this process (fork); other threads may use HDF5 meanwhile.
/// @param files as named in messages
/// @param read runs in the child, and sends what it finds
/// @param take receives that in this process
/// @param progress is called ten times a second; if it throws, the child is killed
void isolated(const std::string& files, const std::function<void(const Sender&)>& read,
              const std::function<void(std::string_view)>& take, const Progress& progress);

/// The same for a result that fits into memory.
[[nodiscard]] std::string isolated(const std::string& files, const std::function<std::string(const Progress&)>& read,
                                   const Progress& progress);

}  // namespace memdyn
