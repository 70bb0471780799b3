// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace memdyn {

/// The lines of a text, without their ends.
[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);

/// The lines in which two texts differ, each as "- 3: line of a" or "+ 4: line of b", by a longest common subsequence.
[[nodiscard]] std::vector<std::string> line_differences(const std::string& a, const std::string& b);

}  // namespace memdyn
