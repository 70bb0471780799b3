// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <utility>

#include "memdyn/core/error.hpp"
#include "memdyn/dynamics/method.hpp"

namespace memdyn {

/// How exact. The local error of a step is held below relative·|γ_i| + absolute·scale(i) in every variable.
struct IntegrationOptions {
  Method method = Method::dopri5;
  double relative = 1e-9;   ///< in (0, 1)
  double absolute = 1e-12;  ///< of the variable's range; in (0, 1)
  /// @throws InputError naming key, value and range
  void validate() const {
    for (auto [key, given] : {std::pair{"relative", relative}, std::pair{"absolute", absolute}})
      if (!(given > 0 && given < 1)) throw InputError("tolerance", key, fmt::format("{}", given), "must be in (0, 1)");
  }
};

}  // namespace memdyn
