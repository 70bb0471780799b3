// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cmath>

#include "memdyn/device/text/text_model.hpp"

namespace memdyn {
namespace {

using Op = TextProgram::Op;
using Operand = TextProgram::Operand;

/// Runs one expression and records the text of each of its parts.
class Trace {
 public:
  Trace(const TextModel<double>& model, const std::vector<TextEquations::Unknown>& unknowns, const double* gamma,
        double u, std::span<const bool> regime)
      : equations_(model.equations()),
        constants_(model.constants()),
        model_(model),
        at_{unknowns, gamma, &u_, regime, {}, {}},
        gamma_(gamma),
        u_(u),
        regime_(regime) {}

  /// Describes the innermost part that is not finite although its operands are, or the unknown that has no solution;
  /// empty if the result is finite.
  std::string culprit(const TextProgram& program) {
    for (const std::uint16_t k : program.needs)
      if (const std::string without = unsolved(k); !without.empty()) return without;
    return part_of(program);
  }

 private:
  /// Solves for an unknown; those before it must be known. Describes why it has no solution; empty if it has one.
  std::string unsolved(std::uint16_t k) {
    const auto& one = at_.equations[k];
    for (const TextProgram* bound : {&one.lower, &one.upper})
      if (const std::string cause = part_of(*bound); !cause.empty())
        return fmt::format("the {} bound of {}: {}", bound == &one.lower ? "lower" : "upper",
                           equations_.unknown_names[k], cause);
    const double lower = model_.run(one.lower, at_);
    const double upper = model_.run(one.upper, at_);
    double odd = std::nan("");  // the first trial value at which the equation is not a number
    const auto excess = [&](double trial) {
      const double found = model_.excess(k, trial, at_);
      if (std::isnan(found) && std::isnan(odd)) odd = trial;
      return found;
    };
    const double root = root_between<double>(excess, lower, upper);
    at_.unknowns[k] = std::isnan(root) ? odd : root;
    return std::isnan(root) ? why(k, lower, upper, odd) : std::string();
  }
  [[nodiscard]] std::string why(std::uint16_t k, double lower, double upper, double odd) {
    const std::string& name = equations_.unknown_names[k];
    std::string known;
    for (std::size_t j = 0; j < k; ++j) known += fmt::format(", {} = {}", equations_.unknown_names[j], at_.unknowns[j]);
    std::string says =
        fmt::format("no {} solves its equation between {} = {} and {}{}, {} = {}: ", name, name, number(lower),
                    number(upper), known, equations_.control == Quantity::current ? "i" : "v", number(u_));
    if (!std::isnan(odd)) return says + fmt::format("at {} = {}, {}", name, odd, culprit(at_.equations[k].equation));
    const double low = model_.excess(k, lower, at_);
    const double high = model_.excess(k, upper, at_);
    says += fmt::format("its equation is {} there and {} at {} = {}, ", number(low), number(high), name, number(upper));
    return says +
           ((low < 0.0) == (high < 0.0) ? "of one sign: widen its bounds" : "but it jumps where it changes its sign");
  }
  std::string part_of(const TextProgram& program) {
    for (const auto& one : program.instructions) {
      const Operand& chosen = one.op == Op::when     ? (regime_[one.guard] ? one.a : one.b)
                              : one.op == Op::choose ? (value(one.c) > 0.0 ? one.a : one.b)
                                                     : one.a;
      const std::string inputs = operands(one);  // before the result overwrites one of them
      detail::run<double>({one}, sources(), registers_.data(), regime_);
      const double result = registers_[one.out];
      std::string cause;
      if (!std::isfinite(result)) {
        cause = cause_of(chosen);
        if (cause.empty() && is_binary(one.op)) cause = cause_of(one.b);
        if (cause.empty()) cause = fmt::format("{} = {}{}", text(one), number(result), inputs);
      }
      Part part{text(one), true, std::move(cause)};
      parts_[one.out] = std::move(part);
    }
    if (std::isfinite(value(program.result))) return {};
    const std::string cause = cause_of(program.result);
    return cause.empty() ? fmt::format("{} = {}", text(program.result), number(value(program.result))) : cause;
  }

  struct Part {
    std::string text;
    bool composed = false;
    std::string cause;  ///< description of the part that makes it not finite; empty if it is finite
  };
  static constexpr std::size_t longest = 200;  ///< longest text of a part in a message [characters]

  static bool is_binary(Op op) {
    return op == Op::add || op == Op::subtract || op == Op::multiply || op == Op::divide || op == Op::rounded_sum ||
           op == Op::rounded_difference || op == Op::power;
  }
  static std::string cut(const std::string& text) {
    return text.size() > longest ? text.substr(0, longest) + "..." : text;
  }
  [[nodiscard]] std::array<const double*, TextProgram::sources> sources() const {
    return {constants_.data(), gamma_, &u_, registers_.data(), at_.unknowns};
  }
  [[nodiscard]] double value(const Operand& operand) const { return sources()[operand.source][operand.index]; }
  [[nodiscard]] std::string cause_of(const Operand& operand) const {
    return operand.source == TextProgram::registers ? parts_[operand.index].cause : std::string();
  }
  [[nodiscard]] std::string text(const Operand& operand) const {
    switch (operand.source) {
      case TextProgram::constants:
        return operand.index < equations_.parameter_names.size() ? equations_.parameter_names[operand.index]
                                                                 : fmt::format("{}", constants_[operand.index]);
      case TextProgram::variables:
        return equations_.variable_names[operand.index];
      case TextProgram::input:
        return equations_.control == Quantity::current ? "i" : "v";
      case TextProgram::unknowns:
        return equations_.unknown_names[operand.index];
      case TextProgram::registers:
        break;
    }
    return parts_[operand.index].text;
  }
  [[nodiscard]] std::string bracketed(const Operand& operand) const {
    const bool composed = operand.source == TextProgram::registers && parts_[operand.index].composed;
    return composed && text(operand).find_first_of("+-*/^") != std::string::npos ? "(" + text(operand) + ")"
                                                                                 : text(operand);
  }
  [[nodiscard]] std::string joined(const TextProgram::Instruction& one, const char* sign) const {
    return cut(bracketed(one.a) + sign + bracketed(one.b));
  }
  [[nodiscard]] std::string text(const TextProgram::Instruction& one) const {
    const auto call = [&](const char* function) { return cut(fmt::format("{}({})", function, text(one.a))); };
    switch (one.op) {
      case Op::add:
      case Op::rounded_sum:
        return joined(one, " + ");
      case Op::subtract:
      case Op::rounded_difference:
        return joined(one, " - ");
      case Op::multiply:
        return joined(one, "*");
      case Op::divide:
        return joined(one, "/");
      case Op::power:
        return joined(one, "^");
      case Op::rounded:
        return text(one.a);
      case Op::negate:
        return "-" + bracketed(one.a);
      case Op::exponential:
        return call("exp");
      case Op::logarithm:
        return call("log");
      case Op::hyperbolic_sine:
        return call("sinh");
      case Op::hyperbolic_cosine:
        return call("cosh");
      case Op::hyperbolic_tangent:
        return call("tanh");
      case Op::square_root:
        return call("sqrt");
      case Op::sine:
        return call("sin");
      case Op::cosine:
        return call("cos");
      case Op::arc_sine:
        return call("asin");
      case Op::arc_cosine:
        return call("acos");
      case Op::arc_tangent:
        return call("atan");
      case Op::when:
        return cut(fmt::format("when({}, {}, {})", equations_.guard_names[one.guard], text(one.a), text(one.b)));
      case Op::choose:
        return text(value(one.c) > 0.0 ? one.a : one.b);
    }
    return {};
  }
  static std::string number(double value) { return std::isnan(value) ? "nan" : fmt::format("{}", value); }
  /// The operands of a part and their values, without literal numbers: ", where x + z = -1e-13".
  [[nodiscard]] std::string operands(const TextProgram::Instruction& one) const {
    std::string all;
    const auto add = [&](const Operand& operand) {
      if (operand.source == TextProgram::constants && operand.index >= equations_.parameter_names.size()) return;
      all += fmt::format("{} {} = {}", all.empty() ? ", where" : " and", text(operand), number(value(operand)));
    };
    add(one.a);
    if (is_binary(one.op)) add(one.b);
    return all;
  }

  const TextEquations& equations_;
  const std::vector<double>& constants_;
  const TextModel<double>& model_;
  TextModel<double>::At at_;
  const double* gamma_;
  double u_;
  std::span<const bool> regime_;
  std::array<double, TextProgram::most_registers> registers_{};
  std::array<Part, TextProgram::most_registers> parts_{};
};

}  // namespace

std::string undefined_part(const TextModel<double>& model, const double* gamma, double u,
                           std::span<const bool> regime) {
  const TextEquations& equations = model.equations();
  Trace frozen(model, equations.frozen_unknowns, gamma, u, regime);
  Trace present(model, equations.present_unknowns, gamma, u, regime);
  std::string key;
  std::string cause;
  const auto check = [&](Trace& trace, const std::string& name, const TextProgram& program) {
    if (!cause.empty()) return;
    cause = trace.culprit(program);
    key = name;
  };
  for (std::size_t i = 0; i < equations.variables.size(); ++i)
    check(frozen, fmt::format("the drift of {}", equations.variable_names[i]), equations.variables[i].drift);
  for (std::size_t k = 0; k < equations.guards.size(); ++k)
    check(present, fmt::format("the guard {}", equations.guard_names[k]), equations.guards[k].value);
  check(present, "the port", equations.port_value);
  if (cause.empty()) return {};
  std::string state;
  for (std::size_t i = 0; i < equations.variables.size(); ++i)
    state += fmt::format("{}{} = {}", i == 0 ? "" : ", ", equations.variable_names[i], gamma[i]);
  return fmt::format("{} is not a finite number{}: {}", key, state.empty() ? "" : " at " + state, cause);
}

}  // namespace memdyn
