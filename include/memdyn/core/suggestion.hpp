// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

namespace memdyn {

/// The nearest of some names by Levenshtein's distance, as `; did you mean "x"?`, or nothing if none is near.
[[nodiscard]] std::string suggestion(const std::string& given, const std::set<std::string>& names);

}  // namespace memdyn
