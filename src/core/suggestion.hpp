// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

namespace memdyn {

/// The nearest of some names by Levenshtein's distance, as `; did you mean "x"?`, or nothing if none is near. Case
/// counts among equals only; of a name with dots the last part is compared too ("tau" is near "device.parameters.tau").
[[nodiscard]] std::string suggestion(const std::string& given, const std::set<std::string>& names);

}  // namespace memdyn
