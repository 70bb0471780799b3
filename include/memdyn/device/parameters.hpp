// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "memdyn/core/error.hpp"

namespace memdyn {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// Documentation of a parameter: its name in files, unit, admissible range [low, high] and meaning. `low` itself is
/// admissible only if `low_included`.
struct Field {
  const char* key;
  const char* unit;
  double low;
  double high;
  bool low_included;
  const char* meaning;
};

/// A boolean parameter, or one that can also be left to the model (std::optional).
template <class Value>
inline constexpr bool is_choice = std::is_same_v<Value, bool> || std::is_same_v<Value, std::optional<bool>>;

/// The value of a parameter of any type.
using ParameterValue = std::variant<double, bool, std::optional<bool>, std::string, std::vector<double>>;

/// A parameter's value as text.
template <class Value>
[[nodiscard]] std::string text_of(const Value& value) {
  if constexpr (std::is_same_v<Value, ParameterValue>) {
    return std::visit([](const auto& one) { return text_of(one); }, value);
  } else if constexpr (std::is_same_v<Value, std::optional<bool>>) {
    return value ? fmt::format("{}", *value) : "automatic";
  } else {
    return fmt::format("{}", value);
  }
}

namespace detail {
inline void check(const std::string& where, const Field& field, double value) {
  const bool inside =
      std::isfinite(value) && (field.low_included ? value >= field.low : value > field.low) && value <= field.high;
  if (!inside)
    throw InputError(where, field.key, fmt::format("{} {}", value, field.unit),
                     fmt::format("must be finite and in {}{:.12g}, {:.12g}] {} ({})", field.low_included ? '[' : '(',
                                 field.low, field.high, field.unit, field.meaning));
}
}  // namespace detail

/// Returns `parameters` after checking every number against its range. Only doubles are checked: parameters in lanes
/// are copied from doubles that were.
/// @throws InputError naming key, value and admissible range
template <class P, class Parameters>
const Parameters& validated(std::string_view model, const Parameters& parameters) {
  if constexpr (std::is_same_v<P, double>) {
    const std::string where(model);
    Parameters::fields(parameters, [&](const Field& field, const auto& value) {
      using Value = std::decay_t<decltype(value)>;
      if constexpr (std::is_same_v<Value, double>) {
        detail::check(where, field, value);
      } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
        if (value.empty()) throw InputError(where, field.key, "[]", "needs at least one number");
        for (double number : value) detail::check(where, field, number);
      }
    });
  }
  return parameters;
}

/// The index of `word` in `words`. @throws InputError listing `words` if it is not among them
inline std::size_t one_of(std::string_view model, const char* key, const std::string& word,
                          std::initializer_list<std::string_view> words) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end())
    throw InputError(std::string(model), key, fmt::format("\"{}\"", word),
                     fmt::format("must be one of {}", fmt::join(words, ", ")));
  return static_cast<std::size_t>(found - words.begin());
}

/// Converts parameters to another scalar type, with the same value in every lane.
template <class To, class From>
To spread(const From& from) {
  std::vector<ParameterValue> values;
  From::fields(from, [&](const Field&, const auto& value) { values.emplace_back(value); });
  To to;
  auto next = values.begin();
  To::fields(to, [&]<class Value>(const Field&, Value& value) {
    if constexpr (is_choice<Value> || std::is_same_v<Value, std::string>) {
      value = std::get<Value>(*next++);
    } else if constexpr (requires { value.begin(); }) {
      const auto& numbers = std::get<std::vector<double>>(*next++);
      value.assign(numbers.begin(), numbers.end());
    } else {
      value = std::get<double>(*next++);
    }
  });
  return to;
}

/// Calls `use` with every numeric parameter, in the order of the fields.
template <class Parameters, class Use>
void for_each_number(Parameters& parameters, const Use& use) {
  std::remove_const_t<Parameters>::fields(parameters, [&]<class Value>(const Field&, Value& value) {
    using Plain = std::remove_const_t<Value>;
    if constexpr (requires { value.begin(); } && !std::is_same_v<Plain, std::string>) {
      for (auto& number : value) use(number);
    } else if constexpr (!is_choice<Plain> && !std::is_same_v<Plain, std::string>) {
      use(value);
    }
  });
}

}  // namespace memdyn
