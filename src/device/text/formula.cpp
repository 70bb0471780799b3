// SPDX-License-Identifier: MIT
#include "device/text/formula.hpp"

#include <algorithm>

#include "device/text/expression.hpp"

namespace memdyn {

Formula::Formula(const std::string& key, const std::string& text, const std::vector<std::string>& names,
                 const std::vector<Unit>& units, std::size_t varying) {
  using expression::Leaf;
  expression::Graph graph;
  const expression::Names known{.value = [&](const std::string& name) -> std::optional<expression::Value> {
                                  const auto found = std::ranges::find(names, name);
                                  if (found == names.end()) return std::nullopt;
                                  const auto index = static_cast<std::uint32_t>(found - names.begin());
                                  const auto kind = index < varying ? Leaf::variable : Leaf::parameter;
                                  return expression::Value{graph.leaf(kind, index),
                                                           units.empty() ? Unit() : units[index]};
                                },
                                .when = {},
                                .choose =
                                    [&](expression::Id sign, expression::Id a, expression::Id b) {
                                      if (graph[sign].constant()) return graph.choose(sign, a, b);
                                      const auto known = std::ranges::find(switches_, sign);
                                      const auto index = static_cast<std::uint32_t>(known - switches_.begin());
                                      if (known == switches_.end()) switches_.push_back(sign);
                                      return graph.when(index, a, b);
                                    },
                                .guard_of = [](expression::Id) { return std::nullopt; },
                                .constant = [](expression::Id, std::size_t) {},
                                .values = [&] { return names; },
                                .guards = [] { return std::vector<std::string>{}; },
                                .units = !units.empty()};
  const auto [root, unit] = expression::parse(graph, key, text, known);
  constexpr std::size_t most = 0x10000;  // an operand has 16 bits
  if (graph.size() > most) throw ExpressionError(key, 0, "has too many parts; simplify it");
  const auto constant = [](expression::Id id) {
    return TextProgram::Operand{TextProgram::constants, static_cast<std::uint16_t>(id)};
  };
  for (expression::Id id = 0; id < graph.size(); ++id) {
    const expression::Node& node = graph[id];
    values_.push_back(node.value);
    if (node.leaf == Leaf::parameter || node.leaf == Leaf::variable) places_.emplace_back(id, node.index);
    if (node.leaf != Leaf::none) continue;
    instructions_.push_back({.op = node.op,
                             .out = static_cast<std::uint16_t>(id),
                             .guard = static_cast<std::uint16_t>(node.op == TextProgram::Op::when ? node.index : 0),
                             .a = constant(node.a),
                             .b = constant(node.b),
                             .c = constant(node.c)});
  }
  result_ = root;
  unit_ = unit;
}

}  // namespace memdyn
