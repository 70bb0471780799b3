// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "memdyn/device/model.hpp"
#include "memdyn/scalar/implicit.hpp"

namespace memdyn {

/// An expression of a device written as text, compiled into a straight-line program. It has no jumps, no calls and no
/// stores outside the registers, so an expression has no side effects.
struct TextProgram {
  enum class Op : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    rounded_sum,         ///< a + b or a - b, but 0 if negative by at most `tiny` + `rounding` (|a| + |b|), as rounding
    rounded_difference,  ///< errors can make it at a threshold; for the arguments of roots and powers
    rounded,             ///< a, but 0 if negative by at most `tiny`
    negate,
    power,  ///< a^b, where b depends on neither state nor input
    exponential,
    logarithm,
    hyperbolic_sine,
    hyperbolic_cosine,
    hyperbolic_tangent,
    square_root,
    sine,
    cosine,
    arc_sine,
    arc_cosine,
    arc_tangent,
    when,    ///< a if the guard is positive in the regime, else b
    choose,  ///< a if c is positive, else b
  };
  enum Source : std::uint8_t { constants, variables, input, registers, unknowns };
  static constexpr std::size_t sources = 5;
  struct Operand {
    Source source = constants;
    std::uint16_t index = 0;
  };
  struct Instruction {
    Op op;
    std::uint16_t out;    ///< index of a register; of a constant in the program that computes constants
    std::uint16_t guard;  ///< index of the guard of `when`
    Operand a, b, c;
  };
  static constexpr std::size_t most_registers = 64;
  static constexpr double rounding = 1e-9;  ///< relative to |a| + |b|
  static constexpr double tiny = 1e-12;     ///< absolute

  std::vector<Instruction> instructions;
  Operand result;
  std::vector<std::uint16_t> needs;  ///< the unknowns that must be solved for before it runs, in this order
};

namespace detail {
/// Op::rounded_sum. For a series only the value is replaced, because its derivatives are still needed at 0.
template <class T>
[[nodiscard]] T rounded(const T& sum, const T& a, const T& b) {
  if constexpr (is_series<T>) {
    return any(sum < T(0.0)) ? sum.with_value(rounded(sum.value(), a.value(), b.value())) : sum;
  } else {
    const auto size = [](const T& x) { return select<>(x < T(0.0), T(-x), x); };
    const T least = T(-TextProgram::rounding) * T(size(a) + size(b)) - TextProgram::tiny;
    return select<>(sum < T(0.0) && sum > least, T(0.0), sum);
  }
}
template <class T>
[[nodiscard]] T rounded(const T& a) {
  if constexpr (is_series<T>) {
    return any(a < T(0.0)) ? a.with_value(rounded(a.value())) : a;
  } else {
    return select<>(a < T(0.0) && a > T(-TextProgram::tiny), T(0.0), a);
  }
}
template <class T>
[[nodiscard]] T power_of(const T& x, const T& y) {
  if constexpr (CarriesDerivatives<T>) {
    return power(x, y.value());
  } else {
    return power(x, y);
  }
}

/// Runs the instructions in order; they write to `out`: the registers, or the constants in the program of constants.
template <class T>
void run(const std::vector<TextProgram::Instruction>& instructions,
         const std::array<const T*, TextProgram::sources>& sources, T* out, std::span<const Mask<T>> regime) {
  using Op = TextProgram::Op;
  for (const auto& one : instructions) {
    const T& a = sources[one.a.source][one.a.index];
    const T& b = sources[one.b.source][one.b.index];
    T& to = out[one.out];
    switch (one.op) {
      case Op::add:
        to = T(a + b);
        break;
      case Op::subtract:
        to = T(a - b);
        break;
      case Op::multiply:
        to = T(a * b);
        break;
      case Op::divide:
        to = T(a / b);
        break;
      case Op::rounded_sum:
        to = rounded(T(a + b), a, b);
        break;
      case Op::rounded_difference:
        to = rounded(T(a - b), a, b);
        break;
      case Op::rounded:
        to = rounded(a);
        break;
      case Op::negate:
        to = T(-a);
        break;
      case Op::power:
        to = power_of(a, b);
        break;
      case Op::exponential:
        to = exponential(a);
        break;
      case Op::logarithm:
        to = logarithm(a);
        break;
      case Op::hyperbolic_sine:
        to = hyperbolic_sine(a);
        break;
      case Op::hyperbolic_cosine:
        to = hyperbolic_cosine(a);
        break;
      case Op::hyperbolic_tangent:
        to = hyperbolic_tangent(a);
        break;
      case Op::square_root:
        to = square_root(a);
        break;
      case Op::sine:
        to = sine(a);
        break;
      case Op::cosine:
        to = cosine(a);
        break;
      case Op::arc_sine:
        to = arc_sine(a);
        break;
      case Op::arc_cosine:
        to = arc_cosine(a);
        break;
      case Op::arc_tangent:
        to = arc_tangent(a);
        break;
      case Op::when:
        to = select<>(regime[one.guard], a, b);
        break;
      case Op::choose:
        to = select<>(sources[one.c.source][one.c.index] > T(0.0), a, b);
        break;
    }
  }
}
}  // namespace detail

/// The compiled equations of a device written as text, over parameters, variables, input and regime. They do not depend
/// on the values of the parameters.
struct TextEquations {
  /// Whether a variable moves, as a decision tree over the regime: `yes` if the guard is positive, else `no`; both are
  /// indices in `moves`, or `always` or `never`.
  struct Moves {
    std::size_t guard;
    std::size_t yes, no;
  };
  static constexpr std::size_t most_moves = 64;
  static constexpr std::size_t always = static_cast<std::size_t>(-1);
  static constexpr std::size_t never = static_cast<std::size_t>(-2);

  struct Variable {
    std::uint16_t lower, upper, scale;  ///< indices of constants
    TextProgram drift, rate, shape;     ///< rate and shape only if `factored`
    std::size_t moves = always;
  };
  struct Guard {
    TextProgram value;
    int level = -1;  ///< index of the constant that is its drive level; -1 if that is not known
  };
  /// An unknown is the root of its equation between two bounds. The bounds may depend on the unknowns before it. The
  /// equation may also depend on unknowns after it; these are solved for within each of its evaluations.
  struct Unknown {
    TextProgram equation, lower, upper;
  };
  static constexpr std::size_t most_unknowns = 8;
  /// Most equations that are solved within one another. One root takes about ten evaluations, so three take 1000.
  static constexpr std::size_t deepest_unknowns = 3;
  /// A constant subexpression, which must be finite, and its position in the source text.
  struct Written {
    std::uint16_t constant;
    std::string key;     ///< key of the expression
    std::size_t offset;  ///< position in the expression, in characters
  };

  std::string name;
  std::vector<std::string> parameter_names, variable_names, guard_names, unknown_names;
  Quantity control = Quantity::current;
  enum class Port : std::uint8_t { memristance, voltage, current } port = Port::memristance;
  bool ohmic = false;
  bool factored = false;
  std::size_t parameters = 0;
  std::vector<double> literals;                     ///< the constants after the parameters
  std::vector<TextProgram::Instruction> constants;  ///< program that computes the constants after the literals
  std::size_t constant_count = 0;                   ///< parameters, literals and computed constants
  std::vector<Written> written;                     ///< constants that depend on parameters
  TextProgram port_value;
  std::vector<Variable> variables;
  std::vector<Guard> guards;
  std::vector<Moves> moves;  ///< each refers only to earlier entries
  /// The unknowns as drifts use them, with the switches of the regime, and as guards and the port use them, with the
  /// present signs of the guards.
  std::vector<Unknown> frozen_unknowns, present_unknowns;
};

template <class T>
class TextModel;
/// Describes the first unknown, drift, guard or port expression of a device that is not finite, and the subexpression
/// that causes it; empty if all are finite.
[[nodiscard]] std::string undefined_part(const TextModel<double>& model, const double* gamma, double u,
                                         std::span<const bool> regime);

namespace detail {
/// The type of the value of a scalar that carries derivatives, else the scalar itself.
template <class T>
struct PlainOf {
  using Type = T;
};
template <CarriesDerivatives T>
struct PlainOf<T> {
  using Type = std::decay_t<decltype(std::declval<const T&>().value())>;
};
}  // namespace detail

/// A device written as text, over any scalar. Parameters may differ by lane; expressions of parameters alone are
/// evaluated once, on construction.
///
/// Unknowns are solved for at every evaluation, by bracketed root finding. With a scalar that carries derivatives, the
/// roots are found in plain numbers; then the equations give their derivatives (implicit function theorem).
template <class T>
class TextModel final : public Model<T> {
  using Signs = typename Model<T>::Signs;
  using Port = TextEquations::Port;
  using Plain = typename detail::PlainOf<T>::Type;

 public:
  /// @param numbers one per parameter
  TextModel(std::shared_ptr<const TextEquations> equations, const T* numbers) : equations_(std::move(equations)) {
    const TextEquations& own = *equations_;
    constants_.reserve(own.constant_count);
    constants_.assign(numbers, numbers + own.parameters);
    for (const double literal : own.literals) constants_.push_back(T(literal));
    constants_.resize(own.constant_count, T(0.0));
    detail::run<T>(own.constants, {constants_.data()}, constants_.data(), {});
    this->name = own.name;
    this->control = own.control;
    this->ohmic = own.ohmic;
    this->factored = own.factored;
    this->numbers = own.parameters;
    for (const auto& one : own.variables) {
      this->lower.push_back(constants_[one.lower]);
      this->upper.push_back(constants_[one.upper]);
      this->scale.push_back(constants_[one.scale]);
    }
    for (const auto& one : own.guards)
      this->levels.push_back(one.level < 0 ? T(std::nan("")) : constants_[static_cast<std::size_t>(one.level)]);
    if constexpr (CarriesDerivatives<T>) {
      if (own.unknown_names.empty()) return;
      std::vector<Plain> values;
      for (std::size_t p = 0; p < own.parameters; ++p) values.push_back(numbers[p].value());
      plain_ = std::make_shared<TextModel<Plain>>(equations_, values.data());
    }
  }
  [[nodiscard]] const TextEquations& equations() const { return *equations_; }
  [[nodiscard]] const std::vector<T>& constants() const { return constants_; }
  /// The value of a constant, by its index.
  [[nodiscard]] const T& constant(std::size_t place) const { return constants_[place]; }
  [[nodiscard]] T voltage(const T* gamma, const T& u) const override {
    if (equations_->port == Port::memristance && this->control == Quantity::current)
      return T(present(equations_->port_value, gamma, &u) * u);
    return equations_->port == Port::voltage ? present(equations_->port_value, gamma, &u) : u;
  }
  [[nodiscard]] T current(const T* gamma, const T& u) const override {
    if (equations_->port == Port::memristance && this->control == Quantity::voltage)
      return T(u / present(equations_->port_value, gamma, &u));
    return equations_->port == Port::current ? present(equations_->port_value, gamma, &u) : u;
  }
  [[nodiscard]] T memristance(const T* gamma) const override {
    if (!this->ohmic) return T(std::nan(""));
    return present(equations_->port_value, gamma, nullptr);
  }
  [[nodiscard]] T drift(std::size_t i, const T* gamma, const T& u, Signs regime) const override {
    return frozen(equations_->variables[i].drift, gamma, &u, regime);
  }
  [[nodiscard]] T rate(std::size_t i, const T& u, Signs regime) const override {
    if (!this->factored) return T(std::nan(""));
    return frozen(equations_->variables[i].rate, nullptr, &u, regime);
  }
  [[nodiscard]] T shape(std::size_t i, const T* gamma, Signs regime) const override {
    if (!this->factored) return T(std::nan(""));
    return frozen(equations_->variables[i].shape, gamma, nullptr, regime);
  }
  [[nodiscard]] Mask<T> moves(std::size_t i, Signs regime) const override {
    Mask<T> known[TextEquations::most_moves];
    const auto at = [&](std::size_t place) {
      return place < TextEquations::most_moves ? known[place] : Mask<T>(place == TextEquations::always);
    };
    const std::size_t wanted = equations_->variables[i].moves;
    for (std::size_t n = 0; n < equations_->moves.size() && n <= wanted; ++n) {
      const auto& one = equations_->moves[n];
      const Mask<T>& positive = regime[one.guard];
      known[n] = (positive && at(one.yes)) || and_not(at(one.no), positive);
    }
    return at(wanted);
  }
  [[nodiscard]] T guard(std::size_t k, const T* gamma, const T& u) const override {
    return present(equations_->guards[k].value, gamma, &u);
  }
  [[nodiscard]] std::shared_ptr<const Model<T>> with(const T* numbers) const override {
    return std::make_shared<TextModel>(equations_, numbers);
  }
  [[nodiscard]] std::string undefined(const T* gamma, const T& u, Signs regime) const override {
    if constexpr (std::is_same_v<T, double>) return undefined_part(*this, gamma, u, regime);
    return {};
  }

  /// What an evaluation works with, besides the constants.
  struct At {
    const std::vector<TextEquations::Unknown>& equations;  ///< frozen_unknowns or present_unknowns
    const T* gamma;
    const T* u;
    Signs regime;
    T registers[TextProgram::most_registers];
    T unknowns[TextEquations::most_unknowns];
  };
  /// Solves for unknowns one after another; those before them must be known. An unknown without a solution is NaN.
  void solve(const std::vector<std::uint16_t>& which, At& at) const
    requires(!CarriesDerivatives<T>)
  {
    for (const std::uint16_t k : which) {
      const auto& one = at.equations[k];
      const T lower = run(one.lower, at);
      const T upper = run(one.upper, at);
      at.unknowns[k] = root_between<T>([&](const T& trial) { return excess(k, trial, at); }, lower, upper);
    }
  }
  /// The equation of unknown k at a trial value.
  [[nodiscard]] T excess(std::size_t k, const T& trial, At& at) const
    requires(!CarriesDerivatives<T>)
  {
    at.unknowns[k] = trial;
    solve(at.equations[k].equation.needs, at);
    return run(at.equations[k].equation, at);
  }
  /// Runs a program whose unknowns are known.
  [[nodiscard]] T run(const TextProgram& program, At& at) const {
    const std::array<const T*, TextProgram::sources> sources{constants_.data(), at.gamma, at.u, at.registers,
                                                             at.unknowns};
    detail::run<T>(program.instructions, sources, at.registers, at.regime);
    return sources[program.result.source][program.result.index];
  }

 private:
  [[nodiscard]] T frozen(const TextProgram& program, const T* gamma, const T* u, Signs regime) const {
    if (!program.needs.empty()) return solved(program, equations_->frozen_unknowns, gamma, u, regime);
    return evaluate(program, gamma, u, regime);
  }
  [[nodiscard]] T present(const TextProgram& program, const T* gamma, const T* u) const {
    if (!program.needs.empty()) return solved(program, equations_->present_unknowns, gamma, u, {});
    return evaluate(program, gamma, u, {});
  }
  [[nodiscard, gnu::noinline]] T solved(const TextProgram& program,
                                        const std::vector<TextEquations::Unknown>& equations, const T* gamma,
                                        const T* u, Signs regime) const {
    At at{equations, gamma, u, regime, {}, {}};
    if constexpr (CarriesDerivatives<T>) {
      std::vector<Plain> state;
      for (std::size_t i = 0; i < equations_->variables.size(); ++i) state.push_back(gamma[i].value());
      const Plain input = u->value();
      typename TextModel<Plain>::At plain{equations, state.data(), &input, regime, {}, {}};
      plain_->solve(program.needs, plain);
      differentiate(program.needs, plain.unknowns, at);
    } else {
      solve(program.needs, at);
    }
    return run(program, at);
  }
  /// Sets unknowns whose values are known, with their derivatives.
  void differentiate(const std::vector<std::uint16_t>& which, const Plain* values, At& at) const
    requires CarriesDerivatives<T>
  {
    for (const std::uint16_t k : which)
      at.unknowns[k] = implicit_root<T>(
          [&](const T& unknown) {
            at.unknowns[k] = unknown;
            differentiate(at.equations[k].equation.needs, values, at);
            return run(at.equations[k].equation, at);
          },
          values[k]);
  }
  [[nodiscard]] T evaluate(const TextProgram& program, const T* gamma, const T* u, Signs regime) const {
    T registers[TextProgram::most_registers];
    const std::array<const T*, TextProgram::sources> sources{constants_.data(), gamma, u, registers, nullptr};
    detail::run<T>(program.instructions, sources, registers, regime);
    return sources[program.result.source][program.result.index];
  }
  std::shared_ptr<const TextEquations> equations_;
  std::vector<T> constants_;
  std::shared_ptr<const TextModel<Plain>> plain_;  ///< only if T carries derivatives and there are unknowns
};

}  // namespace memdyn
