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

/// Kind of a node of an expression: a leaf, or `none` for an operation.
enum class Leaf : std::uint8_t { none, number, parameter, variable, input, unknown };
using Op = TextProgram::Op;
using Id = std::uint32_t;
/// True if an operation has a second operand, b.
[[nodiscard]] constexpr bool has_second(Op op) {
  return op <= Op::rounded_difference || op == Op::power || op >= Op::when;
}

struct Node {
  Leaf leaf = Leaf::none;
  Op op = Op::add;
  std::uint32_t index = 0;  ///< index of a parameter, a variable, an unknown or a guard
  Id a = 0, b = 0, c = 0;
  double value = 0.0;  ///< value of a number
  bool of_state = false, of_input = false, of_regime = false;

  [[nodiscard]] bool constant() const { return !of_state && !of_input && !of_regime; }
};

/// A directed acyclic graph of expressions. Equal nodes exist only once, constants are folded, and operands precede the
/// operations that use them.
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
  /// |a| of a constant.
  Id size(Id a) { return choose(a, a, unary(Op::negate, a)); }

 private:
  Id add(Node node);
  /// The expression with its sums and differences rounded (Op::rounded_sum), as the argument of a root or a power.
  Id rounded(Id id);
  std::vector<Node> nodes_;
  std::map<std::tuple<Leaf, Op, std::uint32_t, Id, Id, Id, std::uint64_t>, Id> known_;
  std::map<Id, Id> rounded_;
};

/// The result of an expression and its unit.
struct Value {
  Id id = 0;
  Unit unit{};
};

/// The meaning of the names in an expression.
struct Names {
  /// The value of a parameter, a variable, the input, an unknown or a let; nothing if the name is unknown. Throws
  /// ExpressionError if the name must not be used.
  std::function<std::optional<Value>(const std::string&)> value;
  /// The value of when(guard, a, b).
  std::function<Id(const std::string& guard, Id a, Id b)> when;
  /// a where the value `sign` is positive, else b. Null if a switch must be a guard that has a name; else when, step,
  /// abs, min and max take values.
  std::function<Id(Id sign, Id a, Id b)> choose{};
  /// The name of a guard that is this value; nothing if there is none.
  std::function<std::optional<std::string>(Id)> guard_of;
  /// Called for each part of an expression that depends on parameters alone, with its position in characters.
  std::function<void(Id, std::size_t offset)> constant;
  std::function<std::vector<std::string>()> values, guards;  ///< all names, for suggestions
  bool units = false;                                        ///< units are checked: a number is a pure number
};

inline constexpr std::size_t longest = 10000;  ///< largest length of an expression in characters
inline constexpr int deepest = 40;             ///< deepest nesting of brackets and signs

/// Parses an expression and adds it to the graph.
/// @throws ExpressionError about `key`; also if a constant that does not depend on parameters is not finite
Value parse(Graph& graph, const std::string& key, const std::string& text, const Names& names);

/// The message about a constant with this value; `when` is appended to the value.
[[nodiscard]] std::string not_finite(double value, const char* when);

/// True for names that the language of expressions defines or reserves.
[[nodiscard]] bool is_reserved(std::string_view name);

}  // namespace memdyn::expression
