// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "device/text/units.hpp"
#include "memdyn/device/text/text_device.hpp"

namespace memdyn::expression {

/// What an expression is made of: an operation, or a leaf.
enum class Leaf : std::uint8_t { none, number, parameter, variable, input };
using Op = TextProgram::Op;
using Id = std::uint32_t;
/// It takes a second operand, b.
[[nodiscard]] constexpr bool has_second(Op op) {
  return op <= Op::rounded_difference || op == Op::power || op >= Op::when;
}

struct Node {
  Leaf leaf = Leaf::none;
  Op op = Op::add;
  std::uint32_t index = 0;  ///< of a parameter, a variable, a guard
  Id a = 0, b = 0, c = 0;
  double value = 0.0;  ///< of a number
  bool of_state = false, of_input = false, of_regime = false;

  [[nodiscard]] bool constant() const { return !of_state && !of_input && !of_regime; }
};

/// Operations on nodes, each of which exists once; numbers are folded as they come. Operands stand before what is made
/// of them.
class Graph {
 public:
  static constexpr std::size_t most_nodes = 20000;

  [[nodiscard]] const Node& operator[](Id id) const { return nodes_[id]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] bool is(Id id, double number) const {
    return nodes_[id].leaf == Leaf::number && nodes_[id].value == number;
  }
  Id number(double value);
  Id leaf(Leaf kind, std::uint32_t index);
  Id unary(Op op, Id a);
  Id binary(Op op, Id a, Id b);
  Id power(Id a, Id b);
  Id root(Id a);  ///< √a
  Id when(std::uint32_t guard, Id a, Id b);
  Id choose(Id sign, Id a, Id b);

 private:
  Id add(Node node);
  /// The same with its sums and differences rounded, for a root or a power.
  Id rounded(Id id);
  std::vector<Node> nodes_;
  std::map<std::tuple<Leaf, Op, std::uint32_t, Id, Id, Id, std::uint64_t>, Id> known_;
  std::map<Id, Id> rounded_;
};

/// What an expression comes to, and in which unit.
struct Value {
  Id id = 0;
  Unit unit{};
};

/// What the names of an expression mean.
struct Names {
  /// Of a parameter, a variable, the input or a let; nothing if there is none. Throws where it must not be used.
  std::function<std::optional<Value>(const std::string&)> value;
  /// Of when(guard, a, b).
  std::function<Id(const std::string& guard, Id a, Id b)> when;
  /// Notes a part of an expression that parameters alone determine, and the place of it, in characters.
  std::function<void(Id, std::size_t offset)> constant;
  std::function<std::vector<std::string>()> values, guards;  ///< all of them, for suggestions
  bool units = false;                                        ///< numbers are pure numbers, not of any unit
};

inline constexpr std::size_t longest = 10000;  ///< characters of an expression
inline constexpr int deepest = 40;             ///< of brackets and signs in one another

/// @throws ExpressionError about `key`, also where a part without parameters is not a finite number
Value parse(Graph& graph, const std::string& key, const std::string& text, const Names& names);

/// What is wrong with a constant of this value, `when` included.
[[nodiscard]] std::string not_finite(double value, const char* when);

/// Names that an expression knows by itself.
[[nodiscard]] bool is_reserved(std::string_view name);

}  // namespace memdyn::expression
