// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>

#include "memdyn/dynamics/options.hpp"

namespace memdyn {

/// The options with a hundredth of the tolerances, against which the error of an integration is measured; none if these
/// are as tight as double precision admits already.
inline std::optional<IntegrationOptions> tighter(const IntegrationOptions& given) {
  constexpr double share = 0.01;
  constexpr double least = 1e-14;
  IntegrationOptions options = given;
  for (double* tolerance : {&options.relative, &options.absolute})
    *tolerance = std::min(*tolerance, std::max(share * *tolerance, least));
  if (options.relative == given.relative && options.absolute == given.absolute) return {};
  return options;
}

}  // namespace memdyn
