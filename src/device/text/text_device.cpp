// SPDX-License-Identifier: MIT
#include "memdyn/device/text/text_device.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/suggestion.hpp"
#include "device/text/expression.hpp"

namespace memdyn {
namespace {

using expression::Graph;
using expression::has_second;
using expression::Id;
using expression::Leaf;
using expression::Node;
using Op = TextProgram::Op;
using Operand = TextProgram::Operand;

/// Checks a description and compiles it.
class Compiler {
 public:
  explicit Compiler(const TextDescription& given) : given_(given) {}

  TextEquations compile() {
    check_names();
    read_units();
    out_.name = given_.name;
    out_.control = given_.control;
    out_.port = given_.port;
    out_.parameters = given_.parameters.size();
    for (const auto& one : given_.parameters) out_.parameter_names.push_back(one.name);
    for (const auto& one : given_.variables) out_.variable_names.push_back(one.name);
    for (const auto& one : given_.guards) out_.guard_names.push_back(one.name);
    for (std::size_t p = 0; p < given_.parameters.size(); ++p)
      slots_[graph_.leaf(Leaf::parameter, static_cast<std::uint32_t>(p))] = static_cast<std::uint16_t>(p);
    for (const auto& one : given_.unknowns) out_.unknown_names.push_back(one.name);
    for (const auto& one : given_.guards) guards_.push_back(guard(one));
    const auto port = port_value();
    unknowns_[0] = unknowns(Context::drift);
    unknowns_[1] = unknowns(Context::port);
    std::vector<Id> drifts, lowers, uppers, scales;
    for (std::size_t i = 0; i < given_.variables.size(); ++i) {
      const auto& one = given_.variables[i];
      const auto key = fmt::format("variable[{}].", i);
      const Unit& unit = variable_units_[i];
      lowers.push_back(bound(key + "lower", one.lower, -infinity, unit));
      uppers.push_back(bound(key + "upper", one.upper, infinity, unit));
      scales.push_back(one.scale.empty() ? graph_.binary(Op::subtract, uppers[i], lowers[i])
                                         : bound(key + "scale", one.scale, 1.0, unit));
      context_ = Context::drift;
      drifts.push_back(in_unit(key + "drift", parse(key + "drift", one.drift), unit.over(unit_of("s"))));
    }
    context_ = Context::drift;
    for (const auto& one : given_.lets) (void)value_of(one.name);  // checks lets that no expression uses
    std::vector<std::optional<Factors>> factors;
    factors.reserve(drifts.size());
    for (const Id drift : drifts) factors.push_back(factored(drift));
    out_.factored = std::ranges::all_of(factors, [](const auto& one) { return one.has_value(); });
    std::vector<std::optional<Id>> levels;
    for (const Id guard : guards_) levels.push_back(level(guard));

    std::vector<Id> roots{port};
    for (std::size_t i = 0; i < drifts.size(); ++i) {
      roots.insert(roots.end(), {lowers[i], uppers[i], scales[i], drifts[i]});
      if (out_.factored) {
        drifts[i] = graph_.binary(Op::multiply, factors[i]->rate, factors[i]->shape);
        roots.insert(roots.end(), {drifts[i], factors[i]->rate, factors[i]->shape});
      }
    }
    for (std::size_t k = 0; k < guards_.size(); ++k) {
      roots.push_back(guards_[k]);
      if (levels[k]) roots.push_back(*levels[k]);
    }
    for (const auto& table : unknowns_)
      for (const Sought& one : table) roots.insert(roots.end(), {one.equation, one.lower, one.upper});
    place_constants(roots);
    for (const auto& [id, place] : written_)
      if (const auto slot = slots_.find(id); slot != slots_.end())
        out_.written.push_back({slot->second, place.first, place.second});

    out_.frozen_unknowns = unknown_programs(unknowns_[0]);
    out_.present_unknowns = unknown_programs(unknowns_[1]);
    out_.port_value = program(port, "port", unknowns_[1]);
    for (std::size_t i = 0; i < drifts.size(); ++i) {
      const auto key = fmt::format("variable[{}].drift", i);
      TextEquations::Variable variable{.lower = slots_.at(lowers[i]),
                                       .upper = slots_.at(uppers[i]),
                                       .scale = slots_.at(scales[i]),
                                       .drift = program(drifts[i], key, unknowns_[0]),
                                       .rate = {},
                                       .shape = {},
                                       .moves = moves(drifts[i])};
      if (out_.factored) {
        variable.rate = program(factors[i]->rate, key, unknowns_[0]);
        variable.shape = program(factors[i]->shape, key, unknowns_[0]);
      }
      out_.variables.push_back(std::move(variable));
    }
    for (std::size_t k = 0; k < guards_.size(); ++k)
      out_.guards.push_back({.value = program(guards_[k], "guards." + given_.guards[k].name, unknowns_[1]),
                             .level = levels[k] ? slots_.at(*levels[k]) : -1});
    return std::move(out_);
  }

 private:
  enum class Context { guard, port, bound, drift };
  struct Factors {
    Id rate, shape;
  };
  struct Sought {
    Id equation, lower, upper;
  };

  void check_names() {
    std::set<std::string> taken{input_name()};
    const auto take = [&](const std::string& name, const std::string& key) {
      const auto letter = [](unsigned char c) { return std::isalpha(c) != 0 || c == '_'; };
      if (name.empty() || !letter(static_cast<unsigned char>(name.front())) ||
          !std::ranges::all_of(name, [&](unsigned char c) { return letter(c) || std::isdigit(c) != 0; }))
        throw DescriptionError(given_.name, key, fmt::format("\"{}\"", name),
                               "must consist of letters, digits and underscores, and not begin with a digit");
      if (expression::is_reserved(name))
        throw DescriptionError(given_.name, key, fmt::format("\"{}\"", name),
                               "is a word of the language; choose another name");
      if (!taken.insert(name).second)
        throw DescriptionError(given_.name, key, fmt::format("\"{}\"", name),
                               name == input_name() ? "is the name of the input; choose another name"
                                                    : "is the name of something else already; choose another name");
    };
    for (const auto& one : given_.parameters) take(one.name, "parameters." + one.name);
    for (std::size_t i = 0; i < given_.variables.size(); ++i)
      take(given_.variables[i].name, fmt::format("variable[{}].name", i));
    for (std::size_t k = 0; k < given_.unknowns.size(); ++k)
      take(given_.unknowns[k].name, fmt::format("algebraic[{}].name", k));
    for (const auto& one : given_.lets) take(one.name, "let." + one.name);
    for (const auto& one : given_.guards) take(one.name, "guards." + one.name);
    for (const auto& [what, count] : {std::pair{"parameters", given_.parameters.size()},
                                      {"variable", given_.variables.size()},
                                      {"guards", given_.guards.size()},
                                      {"let", given_.lets.size()}})
      if (count > most)
        throw DescriptionError(given_.name, what, fmt::format("{} of them", count),
                               fmt::format("at most {} are allowed", most));
    if (given_.unknowns.size() > TextEquations::most_unknowns)
      throw DescriptionError(given_.name, "algebraic", fmt::format("{} of them", given_.unknowns.size()),
                             fmt::format("at most {} are allowed", TextEquations::most_unknowns));
    if (given_.port ==
        (given_.control == Quantity::current ? TextEquations::Port::current : TextEquations::Port::voltage))
      throw DescriptionError(given_.name, "port", std::string(name_of(given_.control)),
                             fmt::format("is the input of a device controlled by it; give {} or memristance",
                                         given_.control == Quantity::current ? "voltage" : "current"));
  }
  [[nodiscard]] std::string input_name() const { return given_.control == Quantity::current ? "i" : "v"; }
  [[nodiscard]] std::string port_key() const {
    constexpr const char* keys[] = {"port.memristance", "port.voltage", "port.current"};
    return keys[static_cast<int>(given_.port)];
  }

  /// Reads the units; they are checked if all parameters have one.
  void read_units() {
    units_ = given_.has_units();
    const auto read = [&](const std::string& key, const std::string& text) {
      try {
        return unit_of(text);
      } catch (const InputError& error) {
        throw DescriptionError(given_.name, key, '"' + text + '"', error.what());
      }
    };
    for (const auto& one : given_.parameters)
      parameter_units_.push_back(read("parameters." + one.name + ".unit", one.unit));
    for (std::size_t i = 0; i < given_.variables.size(); ++i)
      variable_units_.push_back(read(fmt::format("variable[{}].unit", i), given_.variables[i].unit));
    for (std::size_t k = 0; k < given_.unknowns.size(); ++k)
      unknown_units_.push_back(read(fmt::format("algebraic[{}].unit", k), given_.unknowns[k].unit));
  }
  [[nodiscard]] Unit unit_of(const std::string& text) const { return units_ ? Unit(text) : Unit(); }
  /// Checks the unit of a value. @throws ExpressionError if it is not `wanted`
  [[nodiscard]] static Id in_unit(const std::string& key, const expression::Value& value, const Unit& wanted) {
    if (!value.unit.same(wanted)) {
      const double times = value.unit.in(wanted);
      throw ExpressionError(key, 0,
                            fmt::format("is in {}, but must be in {}{}", value.unit.text(), wanted.text(),
                                        std::isnan(times) ? "" : fmt::format(": multiply by {:.6g}", times)));
    }
    return value.id;
  }

  expression::Value parse(const std::string& key, const std::string& text) {
    const expression::Names names{
        .value = [this](const std::string& name) { return value_of(name); },
        .when = [this, &key](const std::string& name, Id a, Id b) { return choice(key, name, a, b); },
        .guard_of = [this](Id id) -> std::optional<std::string> {
          const auto found = std::ranges::find(guards_, id);
          if (found == guards_.end()) return std::nullopt;
          return given_.guards[static_cast<std::size_t>(found - guards_.begin())].name;
        },
        .constant = [this, &key](Id id, std::size_t offset) { written_.try_emplace(id, std::pair(key, offset)); },
        .values =
            [this] {
              std::vector<std::string> all{input_name(), "pi"};
              for (const auto& one : given_.parameters) all.push_back(one.name);
              for (const auto& one : given_.variables) all.push_back(one.name);
              for (const auto& one : given_.unknowns) all.push_back(one.name);
              for (const auto& one : given_.lets) all.push_back(one.name);
              return all;
            },
        .guards =
            [this] {
              std::vector<std::string> all;
              for (const auto& one : given_.guards) all.push_back(one.name);
              return all;
            },
        .units = units_};
    return expression::parse(graph_, key, text, names);
  }
  std::optional<expression::Value> value_of(const std::string& name) {
    using expression::Value;
    const auto place = [&](const auto& all) {
      const auto found = std::ranges::find_if(all, [&](const auto& one) { return one.name == name; });
      return found == all.end() ? std::nullopt
                                : std::optional(static_cast<std::uint32_t>(std::distance(all.begin(), found)));
    };
    if (const auto p = place(given_.parameters)) return Value{graph_.leaf(Leaf::parameter, *p), parameter_units_[*p]};
    if (name == input_name())
      return Value{graph_.leaf(Leaf::input, 0), unit_of(given_.control == Quantity::current ? "A" : "V")};
    if (const auto i = place(given_.variables)) return Value{graph_.leaf(Leaf::variable, *i), variable_units_[*i]};
    if (const auto k = place(given_.unknowns)) return Value{graph_.leaf(Leaf::unknown, *k), unknown_units_[*k]};
    if (const auto l = place(given_.lets)) {
      const auto& let = given_.lets[*l];
      const auto key = "let." + let.name;
      if (!open_.insert(name).second)
        throw ExpressionError(key, 0, "is defined by itself, directly or through other lets");
      if (open_.size() > deepest_lets)
        throw ExpressionError(key, 0, fmt::format("lets refer to one another more than {} deep", deepest_lets));
      auto known = lets_.find({context_ == Context::drift, name});
      if (known == lets_.end())
        known = lets_.emplace(std::pair(context_ == Context::drift, name), parse(key, let.expression)).first;
      open_.erase(name);
      return known->second;
    }
    return std::nullopt;
  }
  /// The value of when(name, a, b). In a drift the regime gives the guard's sign; the port has no regime and uses the
  /// present sign.
  Id choice(const std::string& key, const std::string& name, Id a, Id b) {
    const auto found = std::ranges::find(given_.guards, name, &TextDescription::Named::name);
    const auto k = static_cast<std::uint32_t>(found - given_.guards.begin());
    if (context_ == Context::drift) return graph_.when(k, a, b);
    if (context_ == Context::port) return graph_.choose(guards_[k], a, b);
    throw ExpressionError(key, 0,
                          context_ == Context::guard ? "a guard must be smooth: it cannot contain when(...)"
                                                     : "a bound must not depend on guards: remove when(...)");
  }

  Id guard(const TextDescription::Named& one) {
    context_ = Context::guard;
    const auto key = "guards." + one.name;
    const Id value = parse(key, one.expression).id;
    if (graph_[value].constant())
      throw ExpressionError(key, 0, "depends on neither the state nor the input, so its sign never changes");
    return value;
  }
  Id port_value() {
    context_ = Context::port;
    constexpr const char* units[] = {"ohm", "V", "A"};
    const Id value =
        in_unit(port_key(), parse(port_key(), given_.port_expression), unit_of(units[static_cast<int>(given_.port)]));
    out_.ohmic = given_.port == TextEquations::Port::memristance && !graph_[value].of_input;
    return value;
  }
  /// Parses a bound. A single number is taken in the unit of what is bounded.
  Id limit(const std::string& key, const std::string& text, const Unit& unit) {
    const auto found = parse(key, text);
    return graph_[found.id].leaf == Leaf::number ? found.id : in_unit(key, found, unit);
  }
  Id bound(const std::string& key, const std::string& text, double otherwise, const Unit& unit) {
    if (text.empty()) return graph_.number(otherwise);
    context_ = Context::bound;
    const Id value = limit(key, text, unit);
    if (!graph_[value].constant())
      throw ExpressionError(key, 0, "must be a number or an expression of parameters alone");
    return value;
  }

  /// The equations and bounds of the unknowns: for drifts, or for the port and guards.
  std::vector<Sought> unknowns(Context context) {
    std::vector<Sought> all;
    for (std::size_t k = 0; k < given_.unknowns.size(); ++k) {
      const auto& one = given_.unknowns[k];
      const auto key = fmt::format("algebraic[{}].", k);
      context_ = context;
      const Id equation = parse(key + "equation", one.equation).id;
      if (!unknowns_in({equation}).contains(k))
        throw ExpressionError(key + "equation", 0, "does not depend on " + one.name);
      const auto end = [&](const std::string& name, const std::string& text) {
        if (text.empty())
          throw DescriptionError(given_.name, key + name, "none",
                                 "must be given: the equation is solved between lower and upper");
        const Id value = limit(key + name, text, unknown_units_[k]);
        for (const std::size_t other : unknowns_in({value}))
          if (other >= k)
            throw ExpressionError(key + name, 0,
                                  fmt::format("depends on {}: a bound may depend only on the unknowns before it",
                                              given_.unknowns[other].name));
        return value;
      };
      const Id lower = end("lower", one.lower);
      all.push_back({equation, lower, end("upper", one.upper)});
    }
    return all;
  }
  /// The unknowns that nodes depend on, in ascending order.
  [[nodiscard]] std::set<std::size_t> unknowns_in(const std::vector<Id>& roots) const {
    std::set<std::size_t> all;
    if (given_.unknowns.empty()) return all;
    const auto needed = reached(roots);
    for (Id id = 0; id < graph_.size(); ++id)
      if (needed[id] && graph_[id].leaf == Leaf::unknown) all.insert(graph_[id].index);
    return all;
  }
  /// The unknowns from `first` on that must be solved for to evaluate a node, in ascending order.
  [[nodiscard]] std::vector<std::uint16_t> needs(Id root, const std::vector<Sought>& table, std::size_t first) const {
    std::set<std::size_t> all;
    std::vector<Id> open{root};
    while (!open.empty()) {
      const auto found = unknowns_in(open);
      open.clear();
      for (const std::size_t k : found)
        if (k >= first && all.insert(k).second)
          open.insert(open.end(), {table[k].equation, table[k].lower, table[k].upper});
    }
    return {all.begin(), all.end()};
  }
  std::vector<TextEquations::Unknown> unknown_programs(const std::vector<Sought>& table) const {
    std::vector<TextEquations::Unknown> all(table.size());
    std::vector<std::size_t> depths(table.size(), 1);
    for (std::size_t k = table.size(); k-- > 0;) {
      const auto key = fmt::format("algebraic[{}].", k);
      all[k] = {program(table[k].equation, key + "equation", table, k + 1),
                program(table[k].lower, key + "lower", table), program(table[k].upper, key + "upper", table)};
      for (const auto inner : all[k].equation.needs) depths[k] = std::max(depths[k], depths[inner] + 1);
      if (depths[k] > TextEquations::deepest_unknowns)
        throw ExpressionError(key + "equation", 0,
                              fmt::format("more than {} equations would be solved within one another: {} and unknowns "
                                          "after it; write some of them as lets",
                                          TextEquations::deepest_unknowns, given_.unknowns[k].name));
    }
    return all;
  }

  /// The drift as a rate, which does not depend on the state, times a shape, which does not depend on the input;
  /// nothing if that is impossible. If a branch is zero, its shape is set to 1, so that a branch not taken cannot turn
  /// the product into NaN.
  std::optional<Factors> factored(Id root) {
    const Id one = graph_.number(1.0);
    bottom_up(root, factors_, [&](Id id) -> std::optional<Factors> {
      const Node node = graph_[id];
      if (!node.of_state) return Factors{id, one};
      const auto a = node.leaf == Leaf::none ? factors_[node.a] : std::nullopt;
      if (node.leaf == Leaf::none && node.op == Op::negate && a)
        return Factors{graph_.unary(Op::negate, a->rate), a->shape};
      if (node.leaf == Leaf::none && (node.op == Op::multiply || node.op == Op::divide || node.op == Op::when))
        if (const auto b = factors_[node.b]; a && b)
          return node.op == Op::when
                     ? Factors{graph_.when(node.index, a->rate, b->rate), graph_.when(node.index, a->shape, b->shape)}
                     : Factors{graph_.binary(node.op, a->rate, b->rate), graph_.binary(node.op, a->shape, b->shape)};
      return node.of_input ? std::nullopt : std::optional(Factors{one, id});
    });
    return factors_.at(root);
  }
  /// Fills `known` for `root` and all nodes that it depends on, operands first. Each shared node is visited once.
  template <class Known, class Make>
  void bottom_up(Id root, Known& known, const Make& make) {
    const auto needed = reached({root});
    for (Id id = 0; id <= root; ++id)
      if (needed[id] && !known.contains(id)) known[id] = make(id);
  }

  /// The input at which a guard changes sign, if the guard is linear in the input and does not depend on the state.
  std::optional<Id> level(Id guard) {
    if (graph_[guard].of_state) return std::nullopt;
    const auto line = linear(guard);
    if (!line) return std::nullopt;
    return graph_.binary(Op::divide, graph_.unary(Op::negate, line->offset), line->slope);
  }
  struct Line {
    Id slope, offset;
  };
  std::optional<Line> linear(Id root) {
    const Id zero = graph_.number(0.0);
    bottom_up(root, lines_, [&](Id id) -> std::optional<Line> {
      const Node node = graph_[id];
      if (node.constant()) return Line{zero, id};
      if (node.leaf == Leaf::input) return Line{graph_.number(1.0), zero};
      if (node.leaf != Leaf::none) return std::nullopt;
      const auto a = lines_[node.a];
      if (node.op == Op::negate && a)
        return Line{graph_.unary(Op::negate, a->slope), graph_.unary(Op::negate, a->offset)};
      if (node.op > Op::divide) return std::nullopt;
      const auto b = lines_[node.b];
      if (!a || !b) return std::nullopt;
      if (node.op == Op::add || node.op == Op::subtract)
        return Line{graph_.binary(node.op, a->slope, b->slope), graph_.binary(node.op, a->offset, b->offset)};
      if (graph_[node.b].constant())
        return Line{graph_.binary(node.op, a->slope, node.b), graph_.binary(node.op, a->offset, node.b)};
      if (node.op == Op::multiply && graph_[node.a].constant())
        return Line{graph_.binary(node.op, node.a, b->slope), graph_.binary(node.op, node.a, b->offset)};
      return std::nullopt;
    });
    return lines_.at(root);
  }

  template <class Use>
  void for_operands(const Node& node, const Use& use) const {
    if (node.leaf != Leaf::none) return;
    use(node.a);
    if (has_second(node.op)) use(node.b);
    if (node.op == Op::choose) use(node.c);
  }
  /// Marks `roots` and all nodes that they depend on.
  [[nodiscard]] std::vector<bool> reached(const std::vector<Id>& roots) const {
    std::vector<bool> all(graph_.size(), false);
    for (const Id root : roots) all[root] = true;
    for (std::size_t id = graph_.size(); id-- > 0;)
      if (all[id]) for_operands(graph_[static_cast<Id>(id)], [&](Id operand) { all[operand] = true; });
    return all;
  }

  void place_constants(const std::vector<Id>& roots) {
    const auto needed = reached(roots);
    std::size_t next = out_.parameters;
    const auto place = [&](Id id) {
      if (next > 0xffff) throw InputError(given_.name, "expressions", "too many constants", "simplify them");
      slots_[id] = static_cast<std::uint16_t>(next++);
    };
    for (Id id = 0; id < graph_.size(); ++id)
      if (needed[id] && graph_[id].leaf == Leaf::number) {
        place(id);
        out_.literals.push_back(graph_[id].value);
      }
    for (Id id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_[id];
      if (!needed[id] || node.leaf != Leaf::none || !node.constant()) continue;
      place(id);
      TextProgram::Instruction one{.op = node.op, .out = slots_[id], .guard = 0, .a = {}, .b = {}, .c = {}};
      one.a = {TextProgram::constants, slots_.at(node.a)};
      if (has_second(node.op)) one.b = {TextProgram::constants, slots_.at(node.b)};
      if (node.op == Op::choose) one.c = {TextProgram::constants, slots_.at(node.c)};
      out_.constants.push_back(one);
    }
    out_.constant_count = next;
  }

  /// The program that computes a node from constants, variables, input, unknowns and regime.
  /// @param first unknowns before this are known when it runs
  TextProgram program(Id root, const std::string& key, const std::vector<Sought>& table, std::size_t first = 0) const {
    TextProgram made;
    made.needs = needs(root, table, first);
    std::map<Id, std::uint16_t> held;  // register of each node in use
    const auto operand = [&](Id id) -> Operand {
      const Node& node = graph_[id];
      if (node.constant()) return {TextProgram::constants, slots_.at(id)};
      if (node.leaf == Leaf::variable) return {TextProgram::variables, static_cast<std::uint16_t>(node.index)};
      if (node.leaf == Leaf::input) return {TextProgram::input, 0};
      if (node.leaf == Leaf::unknown) return {TextProgram::unknowns, static_cast<std::uint16_t>(node.index)};
      return {TextProgram::registers, held.at(id)};
    };
    const auto computed = [&](Id id) { return graph_[id].leaf == Leaf::none && !graph_[id].constant(); };
    const auto needed = reached({root});
    std::map<Id, Id> last;  // last node that uses each node
    for (Id id = 0; id <= root; ++id)
      if (needed[id] && computed(id)) for_operands(graph_[id], [&](Id used) { last[used] = id; });
    std::vector<std::uint16_t> free;
    for (std::size_t r = TextProgram::most_registers; r-- > 0;) free.push_back(static_cast<std::uint16_t>(r));
    for (Id id = 0; id <= root; ++id) {
      if (!needed[id] || !computed(id)) continue;
      const Node& node = graph_[id];
      TextProgram::Instruction one{
          .op = node.op, .out = 0, .guard = static_cast<std::uint16_t>(node.index), .a = {}, .b = {}, .c = {}};
      one.a = operand(node.a);
      if (has_second(node.op)) one.b = operand(node.b);
      if (node.op == Op::choose) one.c = operand(node.c);
      for_operands(node, [&](Id used) {
        if (const auto found = held.find(used); found != held.end() && last.at(used) == id) {
          free.push_back(found->second);
          held.erase(found);
        }
      });
      if (free.empty())
        throw ExpressionError(
            key, 0,
            fmt::format("needs more than {} intermediate values at once; simplify it", TextProgram::most_registers));
      one.out = free.back();
      free.pop_back();
      held[id] = one.out;
      made.instructions.push_back(one);
    }
    made.result = operand(root);
    return made;
  }

  /// Whether a drift can differ from zero, depending on the regime. If that is not clear the answer is yes, which only
  /// costs integrating a zero drift.
  std::size_t moves(Id root) {
    bottom_up(root, moves_, [&](Id id) {
      const Node& node = graph_[id];
      if (node.leaf != Leaf::none)
        return node.leaf == Leaf::number && node.value == 0.0 ? TextEquations::never : TextEquations::always;
      if (node.op == Op::negate || node.op == Op::divide) return moves_[node.a];
      if (node.op == Op::multiply) return moves_[node.a] == TextEquations::always ? moves_[node.b] : moves_[node.a];
      if (node.op != Op::when) return TextEquations::always;
      const auto yes = moves_[node.a];
      const auto no = moves_[node.b];
      if (yes == no) return yes;
      if (out_.moves.size() == TextEquations::most_moves) return TextEquations::always;
      out_.moves.push_back({node.index, yes, no});
      return out_.moves.size() - 1;
    });
    return moves_.at(root);
  }

  static constexpr std::size_t most = 1000;
  static constexpr std::size_t deepest_lets = 16;
  const TextDescription& given_;
  TextEquations out_;
  Graph graph_;
  Context context_ = Context::drift;
  std::vector<Id> guards_;
  bool units_ = false;  ///< units are checked
  std::vector<Unit> parameter_units_, variable_units_, unknown_units_;
  std::array<std::vector<Sought>, 2> unknowns_;                     ///< of drifts; of the port and guards
  std::map<std::pair<bool, std::string>, expression::Value> lets_;  // keyed by (used in a drift, name)
  std::set<std::string> open_;
  std::map<Id, std::pair<std::string, std::size_t>> written_;  // constants, and their first position
  std::map<Id, std::uint16_t> slots_;
  std::map<Id, std::optional<Factors>> factors_;
  std::map<Id, std::optional<Line>> lines_;
  std::map<Id, std::size_t> moves_;
};

}  // namespace

TextDevice::TextDevice(TextDescription description)
    : TextDevice(std::make_shared<TextDescription>(description),
                 std::make_shared<TextEquations>(Compiler(description).compile()), [&] {
                   std::vector<double> values;
                   for (const auto& one : description.parameters) values.push_back(one.value);
                   return values;
                 }()) {}

TextDevice::TextDevice(std::shared_ptr<const TextDescription> description,
                       std::shared_ptr<const TextEquations> equations, std::vector<double> values)
    : description_(std::move(description)), equations_(std::move(equations)), values_(std::move(values)) {
  const std::string where(description_->name);
  for (std::size_t p = 0; p < values_.size(); ++p) {
    const auto& one = description_->parameters[p];
    if (!(std::isfinite(values_[p]) && values_[p] >= one.low && values_[p] <= one.high))
      throw DescriptionError(where, "parameters." + one.name, fmt::format("{} {}", values_[p], one.unit),
                             fmt::format("must be finite and in [{:.12g}, {:.12g}] {}", one.low, one.high, one.unit));
  }
  auto own = std::make_shared<TextModel<double>>(equations_, values_.data());
  for (const auto& one : equations_->written)
    if (const double value = own->constant(one.constant); !std::isfinite(value))
      throw ExpressionError(one.key, one.offset, expression::not_finite(value, " with these parameters"));
  for (std::size_t i = 0; i < own->scale.size(); ++i) {
    if (!(own->lower[i] < own->upper[i]))
      throw DescriptionError(where, fmt::format("variable[{}].lower", i), fmt::format("{}", own->lower[i]),
                             fmt::format("must be below upper = {}", own->upper[i]));
    if (!(own->scale[i] > 0.0 && std::isfinite(own->scale[i])))
      throw DescriptionError(where, fmt::format("variable[{}].scale", i), fmt::format("{}", own->scale[i]),
                             "must be finite and above 0; if a bound is infinite, scale must be given");
  }
  for (std::size_t k = 0; k < own->levels.size(); ++k)
    if (equations_->guards[k].level >= 0 && !std::isfinite(own->levels[k]))
      throw DescriptionError(where, "guards." + description_->guards[k].name,
                             fmt::format("at the level {}", own->levels[k]),
                             "must change its sign at a finite input with these parameters");
  model = std::move(own);
}

bool TextDescription::has_units() const {
  return !parameters.empty() && std::ranges::none_of(parameters, [](const auto& one) { return one.unit.empty(); });
}

std::vector<std::string> TextDevice::variable_names() const {
  std::vector<std::string> all;
  for (const auto& one : description_->variables) all.push_back(one.name);
  return all;
}

std::vector<std::string> TextDevice::variable_units() const {
  std::vector<std::string> all;
  for (const auto& one : description_->variables) all.push_back(one.unit);
  return all;
}

std::vector<std::string> TextDevice::guard_names() const {
  std::vector<std::string> all;
  for (const auto& one : description_->guards) all.push_back(one.name);
  return all;
}

Properties TextDevice::properties() const {
  const auto property = [](const TextDescription::Claim& claim) {
    return claim.holds ? Property{} : lacks(claim.why.c_str());
  };
  return {.passive = property(description_->passive),
          .pinched = property(description_->pinched),
          .leaves_bounds = property(description_->leaves_bounds),
          .grows = property(description_->grows),
          .fades = description_->fades,
          .smoothness = description_->smoothness};
}

std::vector<AnyDevice::Number> TextDevice::numbers() const {
  std::vector<AnyDevice::Number> all;
  for (std::size_t p = 0; p < values_.size(); ++p)
    all.push_back({description_->parameters[p].name, description_->parameters[p].unit, values_[p]});
  return all;
}

AnyDevice TextDevice::with(const std::vector<double>& numbers) const {
  return AnyDevice(std::shared_ptr<const TextDevice>(new TextDevice(description_, equations_, numbers)));
}

}  // namespace memdyn
