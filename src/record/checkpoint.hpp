// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

/// Where a training that may be killed keeps what it needs beside its results: in one group of the result file, which
/// stays there, since removing it would change the structure of a file that is whole. Checkpoints go in turn to one of
/// two slots, and `mark` is the number of the last one that is whole.
namespace memdyn::checkpoint {

inline constexpr const char* group = "provenance/checkpoint";
inline constexpr std::size_t slots = 2;
inline constexpr double no_slot = 255;  ///< the mark before the first checkpoint
inline constexpr std::string_view mark = "slot";

/// The name, within the group, of an array of a slot.
inline std::string in_slot(std::size_t slot, std::string_view name) { return fmt::format("{}/{}", slot, name); }
/// The path of an array of the group.
inline std::string path(std::string_view name) { return fmt::format("{}/{}", group, name); }

}  // namespace memdyn::checkpoint
