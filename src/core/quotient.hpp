// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

namespace memdyn {

/// a/b as a memristance V/I or a conductance I/V is recorded: NaN where b is 0.
[[nodiscard]] inline double quotient(double a, double b) {
  return b == 0.0 ? std::numeric_limits<double>::quiet_NaN() : a / b;
}

}  // namespace memdyn
