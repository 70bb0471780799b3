// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "circuit/model_over.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/device/text/text_device.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"

namespace memdyn::test_device_text {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const std::filesystem::path data = MEMDYN_DATA;

AnyDevice from_file(const std::string& name) { return read_parameter_set(data / "devices" / name); }
struct Pair {
  const char *text, *built_in;
};
constexpr Pair pairs[] = {{"text/hp.toml", "strukov_2008_joglekar.toml"},
                          {"text/vteam.toml", "kvatinsky_2015_vteam.toml"},
                          {"text/yakopcic.toml", "miao_2011_yakopcic.toml"}};

/// The message with which a device is refused.
std::string refusal(const std::string& text) {
  try {
    (void)device_from(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}
/// A leaky device with one line replaced.
std::string leaky(const std::string& line = "", const std::string& by = "") {
  std::string text = R"toml(control = "voltage"
[parameters]
a = { value = 2.0, unit = "1", range = [1, 3] }
tau = 0.5
[guards]
above = "v - 0.25*a"
[let]
growth = "a*(v - 0.5)"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "when(above, growth, 0) - x/tau"
[port]
memristance = "100*(2 - x)"
[properties]
leaves_bounds = "it decays"
fades = true
)toml";
  if (const auto at = text.find(line); !line.empty() && at != std::string::npos) text.replace(at, line.size(), by);
  return text;
}

std::vector<double> integrated(const AnyDevice& device, std::vector<double> gamma, const Waveform& drive) {
  Integrator<DrivenDevice>(driven(device, native_source(device)), {Method::dopri5, 1e-12, 1e-14}).advance(gamma, drive);
  return gamma;
}

template <class T>
double value_of(const T& number) {
  if constexpr (requires { number.derivatives(); }) {
    return number.value();
  } else {
    return lane(number, lanes<T> - 1);
  }
}

/// Compares voltage, current, drift and the derivative in the last direction of both devices in random states.
template <class T>
void agree(const AnyDevice& text, const AnyDevice& built_in, double tolerance) {
  const auto one = model_over<T>(text);
  const auto other = model_over<T>(built_in);
  const auto& plain = built_in.model();
  const double amplitude = 2 * built_in.typical_input();
  RandomStream numbers(1, 1, Purpose::samples);
  const auto close = [&](const T& a, const T& b) {
    CHECK_THAT(value_of(a), WithinRel(value_of(b), tolerance) || WithinAbs(value_of(b), 1e-300));
    if constexpr (requires { a.derivatives(); })
      CHECK_THAT(a.derivatives()(0), WithinRel(b.derivatives()(0), 1e-11) || WithinAbs(b.derivatives()(0), 1e-300));
  };
  for (int n = 0; n < 2000; ++n) {
    const double x = numbers.uniform(plain.lower[0], plain.upper[0]);
    const double u = amplitude * numbers.uniform(-1, 1);
    T gamma(x);
    T input(u);
    if constexpr (requires { gamma.derivatives(); }) (n % 2 == 0 ? gamma : input).derivatives()(0) = 1.0;
    close(one->voltage(&gamma, input), other->voltage(&gamma, input));
    close(one->current(&gamma, input), other->current(&gamma, input));
    const auto signs = [&](const Model<T>& model) {
      Regime<T> regime;
      for (std::size_t k = 0; k < model.levels.size(); ++k) regime.push_back(model.guard(k, &gamma, input) > T(0.0));
      return regime;
    };
    const auto own = signs(*one);
    const auto its = signs(*other);
    close(one->drift(0, &gamma, input, {own.data(), own.size()}),
          other->drift(0, &gamma, input, {its.data(), its.size()}));
    CHECK(all(one->moves(0, {own.data(), own.size()})) == all(other->moves(0, {its.data(), its.size()})));
  }
}

}  // namespace

TEST_CASE("models written as text agree with the built-in ones, to rounding") {
  const auto& pair = GENERATE(from_range(std::begin(pairs), std::end(pairs)));
  CAPTURE(pair.text);
  const AnyDevice text = from_file(pair.text);
  const AnyDevice built_in = from_file(pair.built_in);
  REQUIRE(text.control() == built_in.control());
  CHECK(text.model().ohmic == built_in.model().ohmic);
  CHECK(text.model().factored);
  CHECK(text.model().lower == built_in.model().lower);
  CHECK(text.model().upper == built_in.model().upper);
  CHECK(text.model().scale == built_in.model().scale);
  for (std::size_t k = 0; k < built_in.model().levels.size() && pair.text != std::string("text/hp.toml"); ++k)
    CHECK((text.model().levels[k] == built_in.model().levels[k] ||
           (std::isnan(text.model().levels[k]) && std::isnan(built_in.model().levels[k]))));
  agree<double>(text, built_in, 1e-11);  // cancellation in v/V - 1 near a threshold
  agree<Pack>(text, built_in, 1e-11);
  agree<Dual<1>>(text, built_in, 1e-11);

  const double amplitude = 1.5 * built_in.typical_input();
  RandomStream numbers(1, 2, Purpose::samples);
  const auto& plain = built_in.model();
  const double duration = pair.text == std::string("text/vteam.toml") ? 1e-6 : 1.0;
  for (int n = 0; n < 10; ++n) {
    const double start = plain.lower[0] + numbers.uniform(0.1, 0.9) * plain.scale[0];
    const Waveform drive({Sine{duration, amplitude, 2 / duration}, Constant{0.1 * duration, -0.5 * amplitude},
                          Ramp{duration, -amplitude, amplitude}});
    CHECK_THAT(integrated(text, {start}, drive)[0],
               WithinAbs(integrated(built_in, {start}, drive)[0], 1e-10 * plain.scale[0]));
  }
}

TEST_CASE("parameters of a text device can be set, swept and differ by lane") {
  const AnyDevice device = from_file("text/vteam.toml");
  auto numbers = device.numbers();
  REQUIRE(numbers.size() == 10);
  CHECK(numbers[0].key == "R_on");
  CHECK(numbers[0].unit == "ohm");
  std::vector<double> values;
  for (const auto& one : numbers) values.push_back(one.value);
  values[3] = 5e-9;
  values[7] = 0.04;
  const AnyDevice other = device.with(values);
  CHECK(other.model().upper[0] == 5e-9);
  CHECK(other.model().levels[0] == 0.04);
  CHECK(device.model().upper[0] == 3e-9);
  values[0] = -1.0;
  CHECK_THROWS_WITH(device.with(values), ContainsSubstring("parameters.R_on = -1 ohm: must be finite and in"));
  values[0] = 50.0;
  values[2] = 6e-9;
  CHECK_THROWS_WITH(device.with(values), ContainsSubstring("must be below upper"));

  std::vector<Pack> by_lane;
  for (const auto& one : numbers) by_lane.push_back(Pack(one.value));
  double thresholds[lanes<Pack>];
  for (std::size_t l = 0; l < lanes<Pack>; ++l) thresholds[l] = 0.01 * static_cast<double>(l + 1);
  by_lane[7] = load<Pack>(thresholds);
  const auto model = model_over<Pack>(device)->with(by_lane.data());
  for (std::size_t l = 0; l < lanes<Pack>; ++l) CHECK(lane(model->levels[0], l) == thresholds[l]);
}

TEST_CASE("a linear text device follows its closed form through its threshold, and decays") {
  const AnyDevice device = device_from(leaky());
  CHECK(device.model().levels[0] == 0.5);
  // x' = 2 (v - 1/2) - 2 x under v = 3/4: towards 1/4; then decay
  const auto end = integrated(device, {0.0}, Waveform({Constant{0.3, 0.75}, Constant{0.2, 0.1}}));
  const double peak = 0.25 * (1 - std::exp(-2 * 0.3));
  CHECK_THAT(end[0], WithinRel(peak * std::exp(-2 * 0.2), 1e-9));
  CHECK(device.properties().fades);
  CHECK(std::string(device.properties().leaves_bounds.why) == "it decays");
  CHECK(device.model().ohmic);
  const double x = 0.5;
  CHECK(device.model().current(&x, 3.0) == 3.0 / 150.0);
}

TEST_CASE("a variable at rest in a regime does not move, and is known not to") {
  const AnyDevice device = device_from(leaky("when(above, growth, 0) - x/tau", "when(above, growth, 0)*(2 - x)"));
  CHECK(device.model().factored);
  const bool below = false;
  const bool above = true;
  CHECK_FALSE(device.model().moves(0, {&below, 1}));
  CHECK(device.model().moves(0, {&above, 1}));
  CHECK(integrated(device, {0.3}, Waveform({Constant{1.0, 0.4}}))[0] == 0.3);
  CHECK(device_from(leaky()).model().moves(0, {&below, 1}));
}

TEST_CASE("a branch that the regime does not select causes no NaN") {
  const AnyDevice device = device_from(leaky("when(above, growth, 0) - x/tau", "when(above, growth*exp(1e5*x), 0)"));
  const double x = 0.5;
  const bool below = false;
  CHECK(device.model().factored);
  CHECK(device.model().drift(0, &x, 0.1, {&below, 1}) == 0.0);
  CHECK(device.model().rate(0, 0.1, {&below, 1}) * device.model().shape(0, &x, {&below, 1}) == 0.0);
}

TEST_CASE("guards that are linear in the input have a level in closed form, others are watched") {
  const auto level = [](const std::string& guard) { return device_from(leaky("v - 0.25*a", guard)).model().levels[0]; };
  CHECK(level("3*v - 1.5*a") == 1.0);
  CHECK(level("-(v/2) - tau") == -1.0);
  CHECK(level("a*(1 - v)") == 1.0);
  CHECK(std::isnan(level("v - x")));
  CHECK(std::isnan(level("v^2 - tau")));
}

TEST_CASE("a text device is refused with line, column, name and remedy") {
  struct Case {
    const char *line, *by, *says;
  };
  const Case one = GENERATE(values<Case>(
      {{"when(above, growth, 0) - x/tau", "when(above, grwth, 0) - x/tau",
        "toml:13:22: variable[0].drift: grwth is not known; did you mean \"growth\"?"},
       {"a*(v - 0.5)", "abs(v)",
        "toml:8:11: let.growth: abs would hide a switch from the integrator: define a guard and use "
        "when(guard, x, -x)"},
       {"a*(v - 0.5)", "max(v, 1)", "use when(guard, a, b)"},
       {"a*(v - 0.5)", "v > 1", "'>' would hide a switch from the integrator: define a guard in [guards]"},
       {"a*(v - 0.5)", "2*(v", "ends too early"},
       {"a*(v - 0.5)", "2 v", "toml:8:13: let.growth: 'v' does not belong here"},
       {"a*(v - 0.5)", "expp(v)", "expp is not a function; did you mean \"exp\"?"},
       {"a*(v - 0.5)", "exp(v, 1)", "exp takes one value"},
       {"a*(v - 0.5)", "exp", "exp is a function: exp(...)"},
       {"a*(v - 0.5)", "1e999", "is beyond the range of a double"},
       {"a*(v - 0.5)", "growth + 1", "is defined by itself"},
       {"a*(v - 0.5)", "above", "above is a guard, not a value; use when(above, a, b)"},
       {"a*(v - 0.5)", "when(abov, 1, 2)", "abov is not a guard; did you mean \"above\"?"},
       {"a*(v - 0.5)", "i", "i is not known"},
       {"v - 0.25*a", "tau", "its sign never changes"},
       {"v - 0.25*a", "when(above, v, 1)", "a guard must be smooth"},
       {"upper = 1", "upper = \"x\"", "must be a number or an expression of parameters alone"},
       {"upper = 1", "upper = -1", "must be below upper"},
       {"upper = 1", "", "if a bound is infinite, scale must be given"},
       {"tau = 0.5", "pi = 0.5", "is a word of the language"},
       {"tau = 0.5", "x = 0.5", "is the name of something else already"},
       {"tau = 0.5", "t\xc3\xa4u = 0.5", "toml:4: non-ASCII character outside quotes"},
       {"[guards]", "[.guards]", "toml:5: "},
       {"tau = 0.5", "v = 0.5", "is the name of the input"},
       {"tau = 0.5", "\"t u\" = 0.5", "must consist of letters, digits and underscores"},
       {"value = 2.0", "value = 5.0", "must be finite and in [1, 3]"},
       {"memristance =", "voltage =", "is the input of a device controlled by it; give current or memristance"},
       {"memristance =", "resistance =", "unknown key port.resistance; did you mean \"memristance\"?"},
       {"control = \"voltage\"", "control = \"flux\"", "must be \"current\" or \"voltage\""},
       {"drift = \"when(above, growth, 0) - x/tau\"", "drift = \"\"\"\nx\n + * v\"\"\"",
        "toml:15:4: variable[0].drift: '*' does not belong here"}}));
  CAPTURE(one.by);
  CHECK_THAT(refusal(leaky(one.line, one.by)), ContainsSubstring(one.says));
}

namespace {
/// A voltage-controlled device with one variable x in 0..2, and V/I = 1 kOhm unless `port` is given.
AnyDevice simple(const std::string& guard, const std::string& drift, const std::string& port = "memristance = \"1e3\"",
                 const std::string& more = "") {
  return device_from(
      fmt::format("control = \"voltage\"\n[parameters]\nn = 3\n{}[[variable]]\nname = \"x\"\nlower = 0\n"
                  "upper = 2\ndrift = \"{}\"\n[port]\n{}\n[properties]\nfades = true\n{}",
                  guard.empty() ? "" : "[guards]\ng = \"" + guard + "\"\n", drift, port, more));
}
}  // namespace

TEST_CASE("a guard that dips below zero and returns within a step is located") {
  // a parabola of the voltage under a ramp, and of the state along a straight line
  const AnyDevice window = simple("0.09 - (v - 0.7)^2", "when(g, 1, 0)");
  const Waveform ramp({Ramp{4.0, -2.0, 2.0}});
  const AnyDevice place = simple("0.01 - (x - 0.53)^2", "when(g, 0.1, 1)*v");
  const Waveform steady({Constant{1.5, 1.0}});
  // 0.43 at 0.43 s, then 0.1 per second
  CHECK_THAT(integrated(window, {0.0}, ramp)[0], WithinAbs(0.6, 1e-9));
  CHECK_THAT(integrated(place, {0.0}, steady)[0], WithinAbs(0.537, 1e-9));
  for (const InstructionSet set : instruction_sets())
    for (const auto& [device, drive, right] : {std::tuple{window, ramp, 0.6}, {place, steady, 0.537}}) {
      const std::vector<Job> jobs(3, {{0.0}, drive});
      LaneJobs source(jobs, [&](const Job&) { return std::vector{std::nan("")}; });
      integrate_ensemble(set, device, {.integration = {}, .level = {}, .source = {Quantity::voltage}}, source);
      for (const auto& done : source.done) CHECK_THAT(done.gamma[0], WithinAbs(right, 1e-8));
    }
}

TEST_CASE("powers of small differences are accurate; the power of a negative rounding error is zero") {
  // differences in metres, far below 1e-9 m
  for (const char* power : {"(x - 2e-9)^3", "(x - 2e-9)^n", "pow(x - 2e-9, n)", "(1e9*(x - 2e-9)/1e9)^n"}) {
    CAPTURE(power);
    const AnyDevice device = simple("", fmt::format("v*1e18*{}", power));
    const double u = -0.5e-9;
    const double right = 2e-9 + u / std::sqrt(1 - 2e18 * u * u);
    CHECK_THAT(integrated(device, {1.5e-9}, Waveform({Constant{1.0, 1.0}}))[0], WithinRel(right, 1e-4));
  }
  const auto drift = [](const char* expression, double v) {
    const double x = 1.0;
    return simple("", expression).model().drift(0, &x, v, {});
  };
  CHECK(drift("(v - 0.3)^0.5", 0.3 - 1e-16) == 0.0);
  CHECK(drift("sqrt(2*v - 0.6)", 0.3 - 1e-16) == 0.0);
  CHECK(std::isnan(drift("sqrt(v - 0.3)", 0.3 - 1e-8)));
  CHECK(std::isnan(drift("(v - 3e-10)^1.5", 2.9e-10)));
}

TEST_CASE("no current is invented if several currents have the same voltage") {
  const std::string falls = "current = \"v*(1e-3/(1 + (v/0.2)^2)^2 + 2e-5)\"";
  const AnyDevice device = simple("", "-x", falls);
  const AnyDevice circuit = couple(Coupling::series, {{device, "cell", false}, {Resistor({.R = 5e4}), "load", false}});
  // between 0 and 6 V the voltage does not determine the current of the cell: there must be an error, and no recorded
  // voltage that differs from the drive
  Integrator<DrivenDevice> integrator(driven(circuit, {Quantity::voltage, 0.0}));
  std::vector<double> gamma{1.0};
  double largest = 0.0;
  Recording recording{
      [&](const Sample& sample) { largest = std::max(largest, std::abs(sample.voltage - sample.drive)); }};
  recording.interval = 0.01;
  try {
    integrator.advance(gamma, Waveform({Ramp{1.0, 0.0, 6.0}}), 0, &recording);
  } catch (const NumericalError& error) {
    CHECK(error.failure() == Failure::no_solution);
  }
  CHECK(largest < 1e-9);
  // if the device declares that, it cannot be coupled in series
  const AnyDevice declared = simple("", "-x", falls, "grows = \"it falls between 0.12 and 0.8 V\"\n");
  CHECK_THROWS_WITH(couple(Coupling::series, {{declared, "cell", false}, {Resistor({.R = 5e4}), "load", false}}),
                    ContainsSubstring("several voltages") && ContainsSubstring("it falls"));
  CHECK_NOTHROW(couple(Coupling::parallel, {{declared, "cell", false}, {Resistor({.R = 5e4}), "load", false}}));
}

TEST_CASE("a value that is not finite is not recorded") {
  const AnyDevice device = simple("", "v", "memristance = \"1e3*(1 - x/2)\"");
  Integrator<DrivenDevice> integrator(driven(device, {Quantity::voltage, 0.0}));
  std::vector<double> gamma{1.0};
  Recording recording{[](const Sample&) {}};
  CHECK_THROWS_WITH(integrator.advance(gamma, Waveform({Constant{2.0, 1.0}}), 0, &recording),
                    ContainsSubstring("the current is not a finite number"));
}

TEST_CASE("a root or power of a rounding error is zero, for sums, negations and lets alike") {
  const auto device = [](const std::string& base) {
    return device_from(R"toml(control = "voltage"
typical_input = 1
[parameters]
k = 1e3
z = 0
[guards]
pos = "x"
[let]
ax = "when(pos, x, -x)"
[[variable]]
name = "x"
scale = 1
drift = "k*(v - x - when(pos, 10*x, -()toml" +
                       base + R"toml()^1.5))"
[port]
memristance = "1e3"
[properties]
fades = true
)toml");
  };
  const Waveform drive({Sine{2.0, -1.0, 1.0}});
  const double plain = integrated(device("ax"), {0.0}, drive)[0];
  for (const char* base :
       {"ax + z", "ax - z", "z + ax", "ax + z + z", "-(z - ax)", "(ax + z)*(1 + z)", "sinh(ax + z)"}) {
    CAPTURE(base);
    std::vector<double> gamma{0.0};
    CHECK_NOTHROW(gamma = integrated(device(base), gamma, drive));
    if (std::string(base).find("sinh") == std::string::npos) CHECK_THAT(gamma[0], WithinRel(plain, 1e-8));
  }
}

TEST_CASE("a value that is not finite is reported with its expression, the part that causes it and the operands") {
  const auto fails = [](const std::string& drift) {
    const AnyDevice device = device_from(R"toml(control = "voltage"
typical_input = 1
[parameters]
z = 0.5
[guards]
near = "1 - x"
[[variable]]
name = "x"
scale = 1
drift = ")toml" + drift + R"toml("
[port]
memristance = "1e3"
)toml");
    try {
      (void)integrated(device, {0.0}, Waveform({Constant{2.0, 1.0}}));
    } catch (const NumericalError& error) {
      return std::string(error.what());
    }
    return std::string("runs");
  };
  CHECK_THAT(fails("v - when(near, (z - x)^1.5, 1)/8"), ContainsSubstring("the drift of x is not a finite number") &&
                                                            ContainsSubstring("(z - x)^1.5 = ") &&
                                                            ContainsSubstring("nan, where z - x = -"));
  CHECK_THAT(fails("v - when(near, sqrt(z - x), 1)/8"), ContainsSubstring("sqrt(z - x) = "));
  // it ends where rounding no longer moves the state
  CHECK_THAT(fails("1 + sqrt(0.95 - x)"), ContainsSubstring("sqrt(0.95 - x) = ") && ContainsSubstring("nan"));
  CHECK_THAT(fails("v/(z - z)"), ContainsSubstring("the drift of x is not a finite number at x = 0:"));
}

TEST_CASE("rosenbrock4 passes a point where a derivative is not finite") {
  const AnyDevice device = simple("v - 0.5", "when(g, 10*(v - 0.5)*sqrt(v - 0.5), 0)");
  Integrator<DrivenDevice> integrator(driven(device, {Quantity::voltage, 0.0}), {Method::rosenbrock4, 1e-8, 1e-10});
  std::vector<double> gamma{0.0};
  integrator.advance(gamma, Ramp{1.0, 0.0, 1.0});
  CHECK_THAT(gamma[0], WithinAbs(4.0 * std::pow(0.5, 2.5), 1e-6));
}

TEST_CASE("units are checked if all parameters have one") {
  // with mV, nm and ps: the message about a wrong unit contains the factor
  const auto ionic = [](const std::string& line = "", const std::string& by = "") {
    std::string text = R"toml(control = "voltage"
[parameters]
V_t = { value = 0.5, unit = "V" }
tau = { value = 1e-3, unit = "s" }
D = { value = 10, unit = "nm" }
mu = { value = 1e-14, unit = "m2 V-1 s-1" }
R = { value = 1e3, unit = "ohm" }
nm_per_m = { value = 1e9, unit = "nm/m" }
n = { value = 2, unit = "1" }
[guards]
above = "v - V_t"
[let]
share = "w/D"
speed = "mu*v/D*nm_per_m^2"
[[variable]]
name = "w"
unit = "nm"
lower = 0
upper = "D"
drift = "when(above, speed, 0)*(1 - share)^n - (w^2)^0.5/tau"
[port]
memristance = "R*(1 + sqrt(R/(4*R)))*(0 + exp(-share))"
)toml";
    if (!line.empty()) text.replace(text.find(line), line.size(), by);
    return refusal(text);
  };
  CHECK(ionic() == "accepted");
  CHECK_THAT(ionic("\"w/D\"", "\"w/D + v\""),
             ContainsSubstring(":13:") && ContainsSubstring("adds") && ContainsSubstring(" V"));
  CHECK_THAT(ionic("mu*v/D*nm_per_m^2", "mu*v/D"),
             ContainsSubstring("drift") && ContainsSubstring("one is 1e-18 times the other"));
  CHECK_THAT(ionic("mu*v/D*nm_per_m^2", "mu*v/D*nm_per_m"), ContainsSubstring("times the other"));
  CHECK_THAT(ionic("exp(-share)", "exp(-w)"), ContainsSubstring("exp takes a pure number, not 1e-09 m"));
  CHECK_THAT(ionic("^n", "^tau"), ContainsSubstring("an exponent must be a pure number"));
  CHECK_THAT(ionic("(w^2)^0.5", "(w^3)^0.5"), ContainsSubstring("is no unit"));
  CHECK_THAT(ionic("(1 - share)^n", "(D - w)^n"), ContainsSubstring("the base must be a pure number"));
  CHECK_THAT(ionic("upper = \"D\"", "upper = \"tau\""),
             ContainsSubstring("upper") && ContainsSubstring("is in s, but must be in"));
  CHECK_THAT(ionic("\"R*(1", "\"nm_per_m*R*(1"), ContainsSubstring("memristance") && ContainsSubstring("multiply by"));
  CHECK_THAT(ionic("\"v - V_t\"", "\"v - tau\""), ContainsSubstring("guards.above") && ContainsSubstring("subtracts"));
  CHECK_THAT(ionic("unit = \"s\"", "unit = \"sceond\""),
             ContainsSubstring("parameters.tau") && ContainsSubstring("sceond") && ContainsSubstring("no unit"));
  CHECK_THAT(ionic("unit = \"nm\"\nlower", "unit = \"m\"\nlower"), ContainsSubstring("1e+09 times a pure number"));
  // a parameter without a unit: nothing is checked
  CHECK(ionic("{ value = 1e-3, unit = \"s\" }", "1e-3") == "accepted");
  CHECK(refusal(leaky("drift = \"", "drift = \"v - x + ")) == "accepted");
}

TEST_CASE("text devices in lanes of every instruction set agree with single trajectories") {
  const char* name = GENERATE("text/hp.toml", "text/vteam.toml", "text/yakopcic.toml", "text/strachan_2013.toml");
  const AnyDevice device = from_file(name);
  const auto& model = device.model();
  RandomStream numbers(1, 3, Purpose::samples);
  const double duration = name == std::string("text/vteam.toml") ? 1e-7 : 0.2;
  std::vector<Job> jobs;
  for (int n = 0; n < 13; ++n)
    jobs.push_back({{model.lower[0] + numbers.uniform(0.2, 0.8) * model.scale[0]},
                    Waveform({Sine{duration, device.typical_input() * numbers.uniform(0.5, 1), 2 / duration}})});
  for (const InstructionSet set : instruction_sets()) {
    LaneJobs source(jobs, [&](const Job&) { return model.levels; });
    source.lanes(lane_count(set));
    integrate_ensemble(set, device, {.integration = {}, .level = {}, .source = native_source(device)}, source);
    for (std::size_t n = 0; n < jobs.size(); ++n) {
      REQUIRE(source.done[n].outcome.failure == Failure::none);
      CHECK_THAT(source.done[n].gamma[0],
                 WithinAbs(integrated(device, jobs[n].gamma, jobs[n].drive)[0], 1e-7 * model.scale[0]));
    }
  }
}

TEST_CASE("a crossbar of text devices learns OR like one of the built-in model") {
  const auto plan_of = [](const AnyDevice& device) {
    TrainingPlan plan;
    plan.tasks.push_back({.name = "OR", .table = gate("OR")});
    plan.network.kind = NetworkKind::crossbar;
    plan.network.crossbar = {.device = device};
    plan.network.layers = {2, 1};
    plan.realizations = 4;
    plan.epochs = 100;
    return plan;
  };
  const auto plan = plan_of(from_file("text/vteam.toml"));
  const auto text = train(plan, [](double) {});
  const auto built_in = train(plan_of(from_file("kvatinsky_2015_vteam.toml")), [](double) {});
  REQUIRE_FALSE(text.failure);
  REQUIRE_FALSE(built_in.failure);
  CHECK(text.calibration.clean());
  CHECK(text.calibration.kinds.at(0).largest_update_residual < 1e-8);
  const auto first = errors_at(plan, text, 0, 1);
  const auto last = errors_at(plan, text, 0, plan.epochs);
  for (std::size_t r = 0; r < plan.realizations; ++r) CHECK(last[r] < 0.1 * first[r]);
  for (std::size_t w = 0; w < text.weight_final.size(); ++w)
    CHECK_THAT(text.weight_final[w], WithinAbs(built_in.weight_final[w], 1e-5));
}

TEST_CASE("the tantalum oxide device follows its equations, implemented a second time here") {
  const AnyDevice device = from_file("text/strachan_2013.toml");
  const auto& model = device.model();
  for (const double x : {0.05, 0.2, 0.7})
    for (const double v : {-0.4, -0.1, 0.2, 0.45}) {
      const double current = v * (0.025 * x + 7.2e-6 * std::exp(4.7 * std::sqrt(std::abs(v))) * (1 - x));
      const double power = current * v;
      const double drift = v > 0 ? 1e-4 * std::sinh(v / 0.45) * std::exp(-x * x / (0.06 * 0.06) + power / 4e-5)
                                 : 1e-10 * std::sinh(v / 0.013) * std::exp(-0.16 / (x * x) + 1 / (1 + 500 * power));
      const bool positive = v > 0;
      CHECK_THAT(model.current(&x, v), WithinRel(current, 1e-13));
      CHECK_THAT(model.drift(0, &x, v, {&positive, 1}), WithinRel(drift, 1e-11));
    }
}

}  // namespace memdyn::test_device_text
