// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

namespace memdyn {

/// The names that are nearest to `given` by Levenshtein distance, as `; did you mean "x"?`; empty if none is near. Case
/// only breaks ties. The last part of a dotted name is compared too ("tau" is near "device.parameters.tau").
[[nodiscard]] std::string suggestion(const std::string& given, const std::set<std::string>& names);

}  // namespace memdyn
