// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "device/text/units.hpp"
#include "memdyn/device/text/text_model.hpp"

namespace memdyn {

/// An expression of named numbers, in the language of devices written as text, without guards.
class Formula {
 public:
  /// @param key names the expression in messages
  /// @param names the numbers that it may use
  /// @param units one for each name if units are checked; else empty
  /// @param varying the first so many names vary smoothly, as time does: no abs() of them
  /// @throws ExpressionError naming the position of the error
  Formula(const std::string& key, const std::string& text, const std::vector<std::string>& names,
          const std::vector<Unit>& units = {}, std::size_t varying = 0);
  /// @param numbers one for each name
  template <class T>
  [[nodiscard]] T at(std::span<const T> numbers) const {
    std::vector<T> values(values_.begin(), values_.end());
    for (const auto& [node, name] : places_) values[node] = numbers[name];
    detail::run<T>(instructions_, {values.data()}, values.data(), {});
    return values[result_];
  }
  [[nodiscard]] double operator()(std::span<const double> numbers) const { return at<double>(numbers); }
  /// True if it uses none of the names.
  [[nodiscard]] bool constant() const { return places_.empty(); }
  /// The unit of the result; any() if units are not checked.
  [[nodiscard]] const Unit& unit() const { return unit_; }

 private:
  std::vector<double> values_;  ///< of all nodes; each call sets those of names and operations
  std::vector<std::pair<std::size_t, std::size_t>> places_;  ///< node and name
  std::vector<TextProgram::Instruction> instructions_;
  std::size_t result_ = 0;
  Unit unit_;
};

}  // namespace memdyn
