// SPDX-License-Identifier: MIT
// Lower bound of the run time from arithmetic alone: multiplications and additions at the rate of a loop in registers,
// functions and divisions at the rates of separate loops. The operations are counted on the real device and stepper.
#include <memory>

#include "ensemble.hpp"
#include "memdyn/dynamics/method.hpp"
#include "memdyn/scalar/scalar.hpp"

namespace memdyn::benchmarks {
namespace {

struct Counts {
  double additions = 0, multiplications = 0, divisions = 0, exponentials = 0, powers = 0;
};

/// A number that counts the operations on it. Operations on values known before the step are not counted.
struct Counted {
  double value = 0;
  bool constant = true;

  Counted() = default;
  explicit(false) Counted(double number) : value(number) {}
  static inline Counts counts;

  static Counted made(double result, double& counter, std::initializer_list<bool> constants) {
    Counted number(result);
    for (const bool each : constants) number.constant = number.constant && each;
    if (!number.constant) ++counter;
    return number;
  }
  friend Counted operator+(const Counted& a, const Counted& b) {
    return made(a.value + b.value, counts.additions, {a.constant, b.constant});
  }
  friend Counted operator-(const Counted& a, const Counted& b) {
    return made(a.value - b.value, counts.additions, {a.constant, b.constant});
  }
  friend Counted operator*(const Counted& a, const Counted& b) {
    if (a.constant && a.value == 1) return b;  // odeint's first coefficient; compilers remove the product
    return made(a.value * b.value, counts.multiplications, {a.constant, b.constant});
  }
  friend Counted operator/(const Counted& a, const Counted& b) {
    return made(a.value / b.value, counts.divisions, {a.constant, b.constant});
  }
  friend bool operator<(const Counted& a, const Counted& b) { return a.value < b.value; }
  friend bool operator>(const Counted& a, const Counted& b) { return a.value > b.value; }
  Counted operator-() const {  // flips the sign bit: not counted
    Counted number = *this;
    number.value = -value;
    return number;
  }
  friend Counted exp(const Counted& a) { return made(std::exp(a.value), counts.exponentials, {a.constant}); }
  friend Counted log(const Counted& a) { return Counted(std::log(a.value)); }  // applied to parameters only
  friend Counted pow(const Counted& a, const Counted& b) {
    return made(std::pow(a.value, b.value), counts.powers, {a.constant, b.constant});
  }
};

/// One step of the pair of Dormand and Prince for a TEAM device beyond its threshold.
Counts count_step() {
  const auto variable = [](double number) {
    Counted made(number);
    made.constant = false;
    return made;
  };
  using Device = TeamOf<Counted>;
  const Device device(spread<Device::Parameters>(Team().parameters()));
  const Counted current(2e-4);  // known before the step: the pulses are rectangular
  Regime<Counted> regime;
  regime.push_back(true);
  regime.push_back(false);
  using State = std::array<Counted, 1>;
  const auto rates = [&](const State& now, State& dxdt, const Counted& /*t*/) {
    dxdt[0] = device.drift(0, now, current, regime);
  };
  const State x{variable(1e-9)};
  State slope, out, slope_out, error;
  rates(x, slope, 0.0);
  stepper::DormandPrince<State, Counted> stepper;
  Counted::counts = {};
  stepper.step(rates, x, slope, variable(0.0), out, slope_out, variable(1e-8), error);
  return Counted::counts;
}

/// Repeats `update` on independent packs; the result is kept so that the compiler removes nothing.
template <std::size_t chains, class Update>
void add_loop(const std::string& name, double repeats, double operations, double start, const Update& update) {
  const auto answer = std::make_shared<double>(0.0);
  add({.name = "floor/" + name,
       .run =
           [=] {
             Pack x[chains];
             for (std::size_t c = 0; c < chains; ++c) x[c] = Pack(start + 0.01 * static_cast<double>(c));
             for (double k = 0; k < repeats; ++k)
               for (Pack& each : x) each = update(each);
             *answer = 0;
             for (const Pack& each : x) *answer += lane(each, 0);
           },
       .error = [=] { return std::isfinite(*answer) ? 0.0 : 1.0; },
       .tolerance = 0,
       .items = repeats * operations * static_cast<double>(chains * lanes<Pack>),
       .counters = {}});
}

}  // namespace

void add_floor(bool quick) {
  const double repeats = quick ? 1e4 : 1e5;
  // all iterations converge to normal numbers
  add_loop<10>("multiply-add", repeats, 2, 0.5,
               [a = Pack(0.999), b = Pack(0.001)](const Pack& x) { return x * a + b; });
  add_loop<8>("divide", repeats, 1, 0.5, [a = Pack(1.1)](const Pack& x) { return a / x; });
  add_loop<4>("exp", repeats, 1, 0.5, [](const Pack& x) { return exponential(Pack(-x)); });
  add_loop<4>("pow", repeats, 1, 0.5, [a = Pack(3.0), b = Pack(0.3)](const Pack& x) { return pow(x, a) + b; });

  const auto ensemble = std::make_shared<const Ensemble>(quick ? 200 : 2000);
  Side side = ensemble_side("floor/ensemble", ensemble, default_instruction_set(), {});
  side.counters = [more = side.counters] {
    const Counts n = count_step();
    auto all = more();
    all.insert({{"additions", n.additions},
                {"multiplications", n.multiplications},
                {"divisions", n.divisions},
                {"exponentials", n.exponentials},
                {"powers", n.powers}});
    return all;
  };
  add(std::move(side));
}

}  // namespace memdyn::benchmarks
