// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "memdyn/core/error.hpp"

namespace memdyn {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// What is said of a parameter: its name in files, unit, admissible open or closed range, and meaning.
/// `low` itself is admissible only where `low_included`.
struct Field {
  const char* key;
  const char* unit;
  double low;
  double high;
  bool low_included;
  const char* meaning;
};

namespace detail {
inline void check(const std::string& where, const Field& field, double value) {
  const bool inside =
      std::isfinite(value) && (field.low_included ? value >= field.low : value > field.low) && value <= field.high;
  if (!inside)
    throw InputError(where, field.key, fmt::format("{} {}", value, field.unit),
                     fmt::format("must be finite and in {}{}, {}] {} ({})", field.low_included ? '[' : '(', field.low,
                                 field.high, field.unit, field.meaning));
}
}  // namespace detail

/// The same parameters, every number checked against its range.
/// @throws InputError naming key, value and admissible range
template <class Parameters>
const Parameters& validated(const std::string& where, const Parameters& parameters) {
  Parameters::fields(parameters, [&](const Field& field, const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, double>) {
      detail::check(where, field, value);
    } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
      if (value.empty()) throw InputError(where, field.key, "[]", "needs at least one number");
      for (double number : value) detail::check(where, field, number);
    }
  });
  return parameters;
}

}  // namespace memdyn
