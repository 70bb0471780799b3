// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace memdyn {

/// A number as JSON has none for: infinite ones are texts, NaN is null.
inline nlohmann::ordered_json json_number(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return std::isnan(value) ? nlohmann::ordered_json() : nlohmann::ordered_json(value);
}

}  // namespace memdyn
