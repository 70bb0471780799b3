// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

#include "memdyn/device/text/text_model.hpp"

namespace memdyn {

/// An expression of named numbers, in the language of devices written as text, without guards and units.
class Formula {
 public:
  /// @param key names the expression in messages
  /// @param names the numbers that it may use
  /// @throws ExpressionError naming the position of the error
  Formula(const std::string& key, const std::string& text, const std::vector<std::string>& names);
  /// @param numbers one for each name
  [[nodiscard]] double operator()(std::span<const double> numbers) const;
  /// True if it uses none of the names.
  [[nodiscard]] bool constant() const { return places_.empty(); }

 private:
  std::vector<double> values_;  ///< of all nodes; each call sets those of names and operations
  std::vector<std::pair<std::size_t, std::size_t>> places_;  ///< node and name
  std::vector<TextProgram::Instruction> instructions_;
  std::size_t result_ = 0;
};

}  // namespace memdyn
