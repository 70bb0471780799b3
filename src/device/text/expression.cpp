// SPDX-License-Identifier: MIT
#include "device/text/expression.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/limit_depth.hpp>

#include "core/suggestion.hpp"

namespace memdyn::expression {

Id Graph::add(Node node) {
  const bool is_leaf = node.leaf != Leaf::none;
  if (!is_leaf) {
    for (const Id operand : {node.a, has_second(node.op) ? node.b : node.a, node.op == Op::choose ? node.c : node.a}) {
      node.of_state = node.of_state || nodes_[operand].of_state;
      node.of_input = node.of_input || nodes_[operand].of_input;
      node.of_regime = node.of_regime || nodes_[operand].of_regime;
    }
    if ((node.op == Op::add || node.op == Op::multiply) && node.a > node.b) std::swap(node.a, node.b);
  }
  const auto [place, fresh] = known_.try_emplace(
      {node.leaf, node.op, node.index, node.a, node.b, node.c, std::bit_cast<std::uint64_t>(node.value)},
      static_cast<Id>(nodes_.size()));
  if (fresh) {
    if (nodes_.size() >= most_nodes)
      throw InputError(fmt::format("the expressions have more than {} different parts; simplify them", most_nodes));
    nodes_.push_back(node);
  }
  return place->second;
}

Id Graph::number(double value) { return add({.leaf = Leaf::number, .value = value}); }

Id Graph::leaf(Leaf kind, std::uint32_t index) {
  return add({.leaf = kind,
              .index = index,
              .of_state = kind == Leaf::variable || kind == Leaf::unknown,
              .of_input = kind == Leaf::input || kind == Leaf::unknown});
}

Id Graph::unary(Op op, Id a) {
  if (nodes_[a].leaf == Leaf::number) {
    const double x = nodes_[a].value;
    switch (op) {
      case Op::negate:
        return number(-x);
      case Op::exponential:
        return number(std::exp(x));
      case Op::logarithm:
        return number(std::log(x));
      case Op::hyperbolic_sine:
        return number(std::sinh(x));
      case Op::hyperbolic_cosine:
        return number(std::cosh(x));
      case Op::hyperbolic_tangent:
        return number(std::tanh(x));
      case Op::square_root:
        return number(std::sqrt(x));
      case Op::sine:
        return number(std::sin(x));
      case Op::arc_sine:
        return number(std::asin(x));
      case Op::arc_cosine:
        return number(std::acos(x));
      case Op::arc_tangent:
        return number(std::atan(x));
      default:
        return number(std::cos(x));
    }
  }
  if (op == Op::negate && nodes_[a].leaf == Leaf::none && nodes_[a].op == Op::negate) return nodes_[a].a;
  return add({.op = op, .a = a});
}

Id Graph::binary(Op op, Id a, Id b) {
  if (nodes_[a].leaf == Leaf::number && nodes_[b].leaf == Leaf::number) {
    const double x = nodes_[a].value;
    const double y = nodes_[b].value;
    return number(op == Op::add ? x + y : op == Op::subtract ? x - y : op == Op::multiply ? x * y : x / y);
  }
  switch (op) {
    case Op::add:
      if (is(a, 0.0)) return b;
      if (is(b, 0.0)) return a;
      break;
    case Op::subtract:
      if (is(a, 0.0)) return unary(Op::negate, b);
      if (is(b, 0.0)) return a;
      break;
    case Op::multiply:
      if (is(a, 1.0) || is(b, 0.0)) return b;
      if (is(b, 1.0) || is(a, 0.0)) return a;
      break;
    default:
      if (is(b, 1.0)) return a;
  }
  return add({.op = op, .a = a, .b = b});
}

Id Graph::power(Id a, Id b) {
  if (nodes_[b].leaf == Leaf::number) {
    const double y = nodes_[b].value;
    if (nodes_[a].leaf == Leaf::number) return number(std::pow(nodes_[a].value, y));
    if (y == 0.5) return root(a);
    if (y == std::floor(y) && std::abs(y) <= 16.0) {
      Id result = number(1.0);
      Id square = a;
      for (auto rest = static_cast<unsigned>(std::abs(y)); rest > 0; rest /= 2) {
        if (rest % 2 == 1) result = binary(Op::multiply, result, square);
        if (rest > 1) square = binary(Op::multiply, square, square);
      }
      return y < 0.0 ? binary(Op::divide, number(1.0), result) : result;
    }
  }
  if (nodes_[b].of_state || nodes_[b].of_input)
    return unary(Op::exponential, binary(Op::multiply, b, unary(Op::logarithm, a)));
  return add({.op = Op::power, .a = rounded(a), .b = b});
}

Id Graph::root(Id a) { return unary(Op::square_root, rounded(a)); }

namespace {
/// True if the result of an operation can be negative when its operand is.
bool is_odd(Op op) {
  return op == Op::negate || op == Op::logarithm || op == Op::hyperbolic_sine || op == Op::hyperbolic_tangent ||
         op == Op::sine || op == Op::cosine || op == Op::arc_sine || op == Op::arc_tangent;
}
}  // namespace

Id Graph::rounded(Id id) {
  const auto known = rounded_.find(id);
  if (known != rounded_.end()) return known->second;
  const Node node = nodes_[id];
  Id result = id;
  if (node.leaf == Leaf::none && (node.op == Op::add || node.op == Op::subtract)) {
    result = add({.op = node.op == Op::add ? Op::rounded_sum : Op::rounded_difference, .a = node.a, .b = node.b});
  } else if (node.leaf == Leaf::none && (node.op == Op::multiply || node.op == Op::divide)) {
    result = binary(node.op, rounded(node.a), rounded(node.b));
  } else if (node.leaf == Leaf::none && node.op == Op::when) {
    result = when(node.index, rounded(node.a), rounded(node.b));
  } else if (node.leaf == Leaf::none && node.op == Op::choose) {
    result = choose(node.c, rounded(node.a), rounded(node.b));
  } else if (node.leaf == Leaf::input || node.leaf == Leaf::variable || node.leaf == Leaf::unknown ||
             (node.leaf == Leaf::none && is_odd(node.op))) {
    result = add({.op = Op::rounded, .a = id});
  }
  return rounded_[id] = result;
}

Id Graph::when(std::uint32_t guard, Id a, Id b) {
  if (a == b) return a;
  Node node{.op = Op::when, .index = guard, .a = a, .b = b};
  node.of_regime = true;
  return add(node);
}

Id Graph::choose(Id sign, Id a, Id b) {
  if (nodes_[sign].leaf == Leaf::number) return nodes_[sign].value > 0.0 ? a : b;
  return a == b ? a : add({.op = Op::choose, .a = a, .b = b, .c = sign});
}

namespace {

namespace peg = tao::pegtl;

struct Function {
  std::string_view name;
  Op op;
};
constexpr Function functions[] = {{"exp", Op::exponential},
                                  {"log", Op::logarithm},
                                  {"sinh", Op::hyperbolic_sine},
                                  {"cosh", Op::hyperbolic_cosine},
                                  {"tanh", Op::hyperbolic_tangent},
                                  {"sqrt", Op::square_root},
                                  {"sin", Op::sine},
                                  {"cos", Op::cosine},
                                  {"asin", Op::arc_sine},
                                  {"acos", Op::arc_cosine},
                                  {"atan", Op::arc_tangent}};
/// Words that are called like functions, besides those.
constexpr std::string_view other_calls[] = {"pow", "when", "step", "abs"};
/// Such words where switches are values (Names::choose).
constexpr std::string_view calls_of_values[] = {"min", "max"};
bool is_called(std::string_view name) {
  return std::ranges::find(functions, name, &Function::name) != std::end(functions) ||
         std::ranges::find(other_calls, name) != std::end(other_calls);
}
/// Functions that would hide a switch, or that have another name here.
struct Refused {
  std::string_view name, remedy;
  bool hides = true;  ///< it would hide a switch
};
constexpr std::string_view use_values = "is not a function: use abs(x), min(a, b), max(a, b), step(x) or when(x, a, b)";
constexpr std::string_view name_a_guard =
    "would hide a switch from the integrator: define a guard and use when(guard, ...)";
constexpr Refused refused[] = {
    {"fabs", "would hide a switch from the integrator: define a guard and use when(guard, x, -x)"},
    {"min", "would hide a switch from the integrator: define a guard such as b - a and use when(guard, a, b)"},
    {"max", "would hide a switch from the integrator: define a guard such as a - b and use when(guard, a, b)"},
    {"sign", "would hide a switch from the integrator: define a guard and use when(guard, 1, -1)"},
    {"sgn", "would hide a switch from the integrator: define a guard and use when(guard, 1, -1)"},
    {"stp", "would hide a switch from the integrator: define a guard and use step(guard)"},
    {"heaviside", "would hide a switch from the integrator: define a guard and use step(guard)"},
    {"if", name_a_guard},
    {"floor", name_a_guard},
    {"ceil", name_a_guard},
    {"round", name_a_guard},
    {"ln", "is called log here", false},
    {"log10", "is written log(x)/log(10)", false},
    {"tan", "is written sin(x)/cos(x)", false}};

std::string nearest(const std::string& given, const std::vector<std::string>& all) {
  return suggestion(given, {all.begin(), all.end()});
}

/// The stack of values on which the actions of the parser operate.
class Builder {
 public:
  Builder(Graph& graph, const std::string& key, const Names& names) : graph_(graph), key_(key), names_(names) {}

  [[noreturn]] void fail(std::size_t offset, const std::string& what) const {
    throw ExpressionError(key_, offset, what);
  }

  void number(const std::string& text, std::size_t offset) {
    double value = std::nan("");
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (stop != end || error != std::errc() || !std::isfinite(value))
      fail(offset, fmt::format("{} is beyond the range of a double", text));
    push(graph_.number(value));
  }
  void name(const std::string& text, std::size_t offset) {
    if (text == "pi") {
      push(graph_.number(std::numbers::pi));
    } else if (const auto value = names_.value(text)) {
      values_.push_back(*value);
    } else {
      unknown(text, offset);
    }
  }
  void begin_call(const std::string& text, std::size_t offset) {
    const bool known =
        is_called(text) || (names_.choose && std::ranges::find(calls_of_values, text) != std::end(calls_of_values));
    if (!known) {
      const auto* banned = std::ranges::find(refused, text, &Refused::name);
      if (banned != std::end(refused))
        fail(offset, fmt::format("{} {}", banned->name, names_.choose && banned->hides ? use_values : banned->remedy));
      std::vector<std::string> all(std::begin(other_calls), std::end(other_calls));
      if (names_.choose) all.insert(all.end(), std::begin(calls_of_values), std::end(calls_of_values));
      for (const Function& one : functions) all.emplace_back(one.name);
      fail(offset, fmt::format("{} is not a function{}", text, nearest(text, all)));
    }
    calls_.push_back({text, offset, values_.size(), {}});
  }
  void guard(const std::string& text, std::size_t offset) {
    if (names_.choose) return name(text, offset);
    const auto guards = names_.guards();
    if (std::ranges::find(guards, text) == guards.end())
      fail(offset, fmt::format("{} is not a guard{}; name it in [guards]", text, nearest(text, guards)));
    calls_.back().guard = text;
  }
  void end_call() {
    const Call call = calls_.back();
    calls_.pop_back();
    const std::size_t given = values_.size() - call.from;
    const bool switches = call.name == "when" || call.name == "step";
    const bool of_two = call.name == "pow" || call.name == "min" || call.name == "max";
    // the name of a guard is no value
    const std::size_t wanted =
        (switches && names_.choose ? 1 : 0) + (call.name == "step" ? 0 : 1) + (of_two || call.name == "when" ? 1 : 0);
    if (given != wanted)
      fail(call.offset,
           fmt::format("{} takes {}", call.name,
                       switches && !names_.choose ? fmt::format("the name of a guard{}; name it in [guards]",
                                                                call.name == "when" ? " and two values" : "")
                       : wanted == 3              ? "three values"
                       : wanted == 2              ? "two values"
                                                  : "one value"));
    if (switches) {
      select(call);
    } else if (call.name == "pow") {
      binary('^', call.offset);
    } else if (of_two) {
      const Value b = take();
      const Value a = take();
      const Unit unit = alike(a, b, "compares", "and", call.offset);
      const Id off =
          call.name == "min" ? graph_.binary(Op::subtract, b.id, a.id) : graph_.binary(Op::subtract, a.id, b.id);
      made({names_.choose(off, a.id, b.id), unit}, call.offset);
    } else if (call.name == "abs") {
      size(call.offset);
    } else {
      const Value a = take();
      const Op op = std::ranges::find(functions, call.name, &Function::name)->op;
      if (op != Op::square_root && !pure(a))
        fail(call.offset, fmt::format("{} takes a pure number, not {}: divide by a quantity of the same unit",
                                      call.name, a.unit.text()));
      made(op == Op::square_root ? Value{graph_.root(a.id), raised(a, 0.5, call.offset)}
                                 : Value{graph_.unary(op, a.id), a.unit},
           call.offset);
    }
  }
  void binary(char sign, std::size_t offset) {
    const Value b = take();
    const Value a = take();
    switch (sign) {
      case '+':
        return made({graph_.binary(Op::add, a.id, b.id), alike(a, b, "adds", "and", offset)}, offset);
      case '-':
        return made({graph_.binary(Op::subtract, a.id, b.id), alike(b, a, "subtracts", "from", offset)}, offset);
      case '*':
        return made({graph_.binary(Op::multiply, a.id, b.id), a.unit.times(b.unit)}, offset);
      case '/':
        return made({graph_.binary(Op::divide, a.id, b.id), a.unit.over(b.unit)}, offset);
      default:
        if (!pure(b)) fail(offset, fmt::format("an exponent must be a pure number, not {}", b.unit.text()));
        const bool number = graph_[b.id].leaf == Leaf::number;
        if (!number && !pure(a))
          fail(offset,
               fmt::format("with a variable exponent the base must be a pure number, not {}: divide by a quantity "
                           "of the same unit",
                           a.unit.text()));
        made({graph_.power(a.id, b.id), number ? raised(a, graph_[b.id].value, offset) : a.unit}, offset);
    }
  }
  void negate() { values_.back().id = graph_.unary(Op::negate, values_.back().id); }
  [[nodiscard]] Value result() const { return values_.back(); }

 private:
  struct Call {
    std::string name;
    std::size_t offset;
    std::size_t from;  ///< index of the first argument in the values
    std::string guard;
  };
  /// when(guard, a, b), or step(guard), which is when(guard, 1, 0).
  void select(const Call& call) {
    const Unit one = names_.units ? Unit::one() : Unit();
    const bool step = call.name == "step";
    const Value b = step ? Value{graph_.number(0.0), one} : take();
    const Value a = step ? Value{graph_.number(1.0), one} : take();
    const Unit unit = alike(a, b, "selects between", "and", call.offset);
    const Id chosen = names_.choose ? names_.choose(take().id, a.id, b.id) : names_.when(call.guard, a.id, b.id);
    made({chosen, unit}, call.offset);
  }
  /// |x|: of a constant, or under a guard that is x, so that a step ends on its kink.
  void size(std::size_t offset) {
    const Value x = take();
    if (graph_[x.id].constant()) return made({graph_.size(x.id), x.unit}, offset);
    if (names_.choose) return made({names_.choose(x.id, x.id, graph_.unary(Op::negate, x.id)), x.unit}, offset);
    const auto guard = names_.guard_of(x.id);
    if (!guard)
      fail(offset,
           "abs would hide a switch from the integrator: define a guard and use when(guard, x, -x), or define a guard "
           "that is x, and use abs(x)");
    made({names_.when(*guard, x.id, graph_.unary(Op::negate, x.id)), x.unit}, offset);
  }
  /// Pushes the result of an operation. Constants are checked here, so that a branch that is not taken cannot hide one
  /// that is not finite.
  void made(const Value& value, std::size_t offset) {
    const Node& node = graph_[value.id];
    if (node.leaf == Leaf::number && !std::isfinite(node.value)) fail(offset, not_finite(node.value, ""));
    if (node.leaf == Leaf::none && node.constant()) names_.constant(value.id, offset);
    values_.push_back(value);
  }
  void push(Id number) { values_.push_back({number, names_.units && !graph_.is(number, 0.0) ? Unit::one() : Unit()}); }
  Value take() {
    Value value = values_.back();
    values_.pop_back();
    return value;
  }
  [[nodiscard]] static bool pure(const Value& value) { return value.unit.any() || value.unit.same(Unit::one()); }
  [[nodiscard]] Unit raised(const Value& value, double power, std::size_t offset) const {
    try {
      return value.unit.to(power);
    } catch (const InputError& error) {
      fail(offset, error.what());
    }
  }
  /// The unit that two values share.
  [[nodiscard]] Unit alike(const Value& a, const Value& b, const char* does, const char* with,
                           std::size_t offset) const {
    if (!a.unit.same(b.unit)) {
      const double times = a.unit.in(b.unit);
      fail(offset, fmt::format("{} {} {} {}{}", does, a.unit.text(), with, b.unit.text(),
                               std::isnan(times) ? "" : fmt::format(": one is {:.6g} times the other", times)));
    }
    return a.unit.any() ? b.unit : a.unit;
  }
  [[noreturn]] void unknown(const std::string& text, std::size_t offset) const {
    if (is_called(text)) fail(offset, fmt::format("{} is a function: {}(...)", text, text));
    const auto guards = names_.guards();
    if (std::ranges::find(guards, text) != guards.end())
      fail(offset, fmt::format("{} is a guard, not a value; use when({}, a, b)", text, text));
    fail(offset, fmt::format("{} is not known{}", text, nearest(text, names_.values())));
  }

  Graph& graph_;
  const std::string& key_;
  const Names& names_;
  std::vector<Value> values_;
  std::vector<Call> calls_;
};

namespace grammar {
struct Space : peg::star<peg::space> {};
template <char... C>
struct Sign : peg::seq<Space, peg::one<C...>> {};
struct Sum;
struct Digits : peg::plus<peg::digit> {};
struct Exponent : peg::seq<peg::one<'e', 'E'>, peg::opt<peg::one<'+', '-'>>, Digits> {};
struct Mantissa
    : peg::sor<peg::seq<Digits, peg::opt<peg::one<'.'>, peg::star<peg::digit>>>, peg::seq<peg::one<'.'>, Digits>> {};
struct Number : peg::seq<Mantissa, peg::opt<Exponent>> {};
struct Name : peg::identifier {};
struct Called : peg::identifier {};
struct Guard : peg::identifier {};
struct Opening : peg::seq<Called, peg::at<Sign<'('>>> {};
struct WhenOpening : peg::seq<peg::at<TAO_PEGTL_KEYWORD("when")>, Opening> {};
struct StepOpening : peg::seq<peg::at<TAO_PEGTL_KEYWORD("step")>, Opening> {};
struct Switch : peg::sor<peg::seq<peg::at<peg::identifier, Sign<',', ')'>>, Guard>, Sum> {};
struct When : peg::if_must<WhenOpening, Sign<'('>, Space, Switch, Sign<','>, Sum, Sign<','>, Sum, Sign<')'>> {};
struct Step : peg::if_must<StepOpening, Sign<'('>, Space, Switch, Sign<')'>> {};
struct Call : peg::if_must<Opening, Sign<'('>, Sum, peg::star<peg::if_must<Sign<','>, Sum>>, Sign<')'>> {};
struct Bracket : peg::if_must<peg::one<'('>, Sum, Sign<')'>> {};
struct Primary : peg::seq<Space, peg::sor<Number, When, Step, Call, Name, Bracket>> {};
struct Signed;
struct Raised : peg::if_must<Sign<'^'>, Signed> {};
struct Power : peg::seq<Primary, peg::opt<Raised>> {};
struct Negated : peg::if_must<Sign<'-'>, Signed> {};
struct Signed : peg::sor<Negated, peg::if_must<Sign<'+'>, Signed>, Power> {};
struct Times : peg::if_must<Sign<'*'>, Signed> {};
struct Over : peg::if_must<Sign<'/'>, Signed> {};
struct Term : peg::seq<Signed, peg::star<peg::sor<Times, Over>>> {};
struct Plus : peg::if_must<Sign<'+'>, Term> {};
struct Minus : peg::if_must<Sign<'-'>, Term> {};
struct Sum : peg::seq<Term, peg::star<peg::sor<Plus, Minus>>> {};
struct Whole : peg::must<Sum, Space, peg::eof> {};

template <class Rule>
struct Action {};
// Every nested part of an expression is a Signed.
template <>
struct Action<Signed> : peg::limit_depth<deepest> {};
template <>
struct Action<Number> {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.number(in.string(), in.position().byte);
  }
};
template <>
struct Action<Name> {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.name(in.string(), in.position().byte);
  }
};
template <>
struct Action<Opening> {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.begin_call(in.string(), in.position().byte);
  }
};
template <>
struct Action<Guard> {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.guard(in.string(), in.position().byte);
  }
};
template <>
struct Action<When> {
  static void apply0(Builder& builder) { builder.end_call(); }
};
template <>
struct Action<Call> : Action<When> {};
template <>
struct Action<Step> : Action<When> {};
template <>
struct Action<Negated> {
  static void apply0(Builder& builder) { builder.negate(); }
};
template <char C>
struct Binary {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    const auto text = in.string_view();
    builder.binary(C, in.position().byte + text.find(C));
  }
};
template <>
struct Action<Raised> : Binary<'^'> {};
template <>
struct Action<Times> : Binary<'*'> {};
template <>
struct Action<Over> : Binary<'/'> {};
template <>
struct Action<Plus> : Binary<'+'> {};
template <>
struct Action<Minus> : Binary<'-'> {};
}  // namespace grammar

/// @param values switches are values; see Names::choose
std::string remark_on(const std::string& text, std::size_t at, bool values) {
  if (at >= text.size()) return "ends too early: a value or a bracket is missing";
  const auto c = static_cast<unsigned char>(text[at]);
  if (std::string_view("<>=!?&|").find(text[at]) != std::string_view::npos)
    return fmt::format("'{}' would hide a switch from the integrator: {}", text[at],
                       values ? "use when(x, a, b), which is a where x is positive, else b"
                              : "define a guard in [guards] and use when(guard, a, b)");
  if (std::isprint(c) == 0) return fmt::format("the character 0x{:02x} does not belong here", c);
  return fmt::format("'{}' does not belong here", text[at]);
}

}  // namespace

std::string not_finite(double value, const char* when) {
  return fmt::format("gives {}{}: a constant must be a finite number",
                     std::isnan(value) ? "nan" : fmt::format("{}", value), when);
}

bool is_reserved(std::string_view name) {
  return name == "pi" || is_called(name) || std::ranges::find(refused, name, &Refused::name) != std::end(refused);
}

Value parse(Graph& graph, const std::string& key, const std::string& text, const Names& names) {
  if (text.size() > longest)
    throw ExpressionError(key, longest,
                          fmt::format("is longer than {} characters; name parts of it in [let]", longest));
  Builder builder(graph, key, names);
  peg::memory_input<> in(text.data(), text.size(), "");
  try {
    peg::parse<grammar::Whole, grammar::Action>(in, builder);
  } catch (const peg::parse_error& error) {
    std::size_t at = error.positions().front().byte;
    if (error.message().find("depth") != std::string_view::npos)
      throw ExpressionError(
          key, at, fmt::format("brackets and signs are nested more than {} deep; name parts of it in [let]", deepest));
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
    throw ExpressionError(key, at, remark_on(text, at, names.choose != nullptr));
  }
  return builder.result();
}

}  // namespace memdyn::expression
