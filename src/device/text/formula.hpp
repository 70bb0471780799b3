// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "device/text/units.hpp"
#include "memdyn/device/text/text_model.hpp"

namespace memdyn {

/// An expression of named numbers, in the language of devices written as text. Its switches are not guards, but values
/// of which it takes the sign: when(x, a, b), step(x), abs(x), min(a, b), max(a, b).
class Formula {
 public:
  /// @param key names the expression in messages
  /// @param names the numbers that it may use
  /// @param units one for each name if units are checked; else empty
  /// @param varying the first so many names vary, as time does: the sign of a switch that depends on them is frozen
  /// @throws ExpressionError naming the position of the error
  Formula(const std::string& key, const std::string& text, const std::vector<std::string>& names,
          const std::vector<Unit>& units = {}, std::size_t varying = 0);
  /// @param numbers one for each name
  /// @param signs whether each switch is positive
  template <class T>
  [[nodiscard]] T at(std::span<const T> numbers, std::span<const Mask<T>> signs = {}) const {
    return all_at(numbers, signs)[result_];
  }
  /// The number of switches that depend on names that vary.
  [[nodiscard]] std::size_t switches() const { return switches_.size(); }
  /// The value whose sign is that of switch k. It depends on the signs of the switches before it.
  template <class T>
  [[nodiscard]] T switch_at(std::size_t k, std::span<const T> numbers, std::span<const Mask<T>> signs) const {
    return all_at(numbers, signs)[switches_[k]];
  }
  [[nodiscard]] double operator()(std::span<const double> numbers) const { return at<double>(numbers); }
  /// True if it uses none of the names.
  [[nodiscard]] bool constant() const { return places_.empty(); }
  /// The unit of the result; any() if units are not checked.
  [[nodiscard]] const Unit& unit() const { return unit_; }

 private:
  /// The values of all nodes.
  template <class T>
  [[nodiscard]] std::vector<T> all_at(std::span<const T> numbers, std::span<const Mask<T>> signs) const {
    std::vector<T> values(values_.begin(), values_.end());
    for (const auto& [node, name] : places_) values[node] = numbers[name];
    detail::run<T>(instructions_, {values.data()}, values.data(), signs);
    return values;
  }

  std::vector<double> values_;  ///< of all nodes; each call sets those of names and operations
  std::vector<std::pair<std::size_t, std::size_t>> places_;  ///< node and name
  std::vector<TextProgram::Instruction> instructions_;
  std::vector<std::size_t> switches_;  ///< nodes
  std::size_t result_ = 0;
  Unit unit_;
};

}  // namespace memdyn
