// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace memdyn {

/// Longest value within a message, and longest message [bytes].
inline constexpr std::size_t longest_value = 256;
inline constexpr std::size_t longest_message = 2000;

/// Makes a value from a file, an argument or a file name safe to print in a message: UTF-8 in which control characters,
/// bidirectional marks and bytes that are not UTF-8 appear as escapes (`\n`, `\x1b`, `\u202e`). In a text longer than
/// `most` bytes the number of bytes given replaces the middle. The function is idempotent.
[[nodiscard]] std::string in_message(std::string_view value, std::size_t most = longest_value);

}  // namespace memdyn
