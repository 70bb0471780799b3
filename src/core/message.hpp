// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace memdyn {

/// The most bytes that a message shows of one value, and that it has in all.
inline constexpr std::size_t longest_value = 256;
inline constexpr std::size_t longest_message = 2000;

/// A value from a file, an argument or a file name, as a message may show it: UTF-8 in which control characters, marks
/// that turn the direction of writing, and bytes that are not UTF-8 appear as escapes (`\n`, `\x1b`, `\u202e`). Beyond
/// `most` bytes the middle is left out, and the number of bytes that were given takes its place. A second pass changes
/// nothing.
[[nodiscard]] std::string in_message(std::string_view value, std::size_t most = longest_value);

}  // namespace memdyn
