// SPDX-License-Identifier: MIT
#include <array>
#include <boost/math/special_functions/lambert_w.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "circuit/model_over.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/device/text/text_device.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"

namespace memdyn::test_device_text_unknowns {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

std::string replaced(std::string text, const std::string& line, const std::string& by) {
  if (const auto at = text.find(line); !line.empty() && at != std::string::npos) text.replace(at, line.size(), by);
  return text;
}
std::string refusal(const std::string& text) {
  try {
    (void)device_from(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}
std::vector<double> integrated(const AnyDevice& device, std::vector<double> gamma, const Waveform& drive,
                               Method method = Method::dopri5) {
  Integrator<DrivenDevice>(driven(device, native_source(device)), {method, 1e-11, 1e-13}).advance(gamma, drive);
  return gamma;
}
/// The message with which a run ends.
std::string failure(const AnyDevice& device, const std::vector<double>& gamma, const Waveform& drive) {
  try {
    (void)integrated(device, gamma, drive);
  } catch (const NumericalError& error) {
    return error.what();
  }
  return "runs";
}

/// A Schottky contact in series with the resistance R_f of a filament; x collects the charge.
constexpr const char* contact = R"toml(control = "voltage"
typical_input = 1
[parameters]
I_0 = { value = 1e-9, unit = "A" }
V_T = { value = 0.03, unit = "V" }
R_f = { value = 2e3, unit = "ohm" }
[let]
current = "I_0*(exp(V_d/V_T) - 1)"
[[variable]]
name = "x"
unit = "C"
scale = 1e-3
drift = "current"
[[algebraic]]
name = "V_d"
unit = "V"
equation = "V_d + R_f*current - v"
lower = "-V_T/10"
upper = "v"
[port]
current = "current"
[properties]
leaves_bounds = "no bounds"
)toml";
constexpr double I_0 = 1e-9, V_T = 0.03, R_f = 2e3;
/// Its current in closed form.
double contact_current(double v) {
  return V_T / R_f * boost::math::lambert_w0(I_0 * R_f / V_T * std::exp((v + I_0 * R_f) / V_T)) - I_0;
}

/// A conductance that its own heat raises at once: I = G_0 v (1 + alpha (T - T_0)), T = T_0 + R_th v I.
std::string heated(bool current_first) {
  const std::string current = R"toml([[algebraic]]
name = "I"
equation = "I - G_0*v*(1 + alpha*(T - T_0))"
lower = 0
upper = "6*G_0*v"
)toml";
  const std::string temperature = R"toml([[algebraic]]
name = "T"
equation = "R_th*v*I - (T - T_0)"
lower = "T_0"
upper = "T_0 + 1e3"
)toml";
  return R"toml(control = "voltage"
typical_input = 1
[parameters]
G_0 = 1e-3
alpha = 4e-3
R_th = 2e4
T_0 = 300
)toml" + (current_first ? current + temperature : temperature + current) +
         R"toml([[variable]]
name = "x"
scale = 1
drift = "1e-3*(T - T_0) - x"
[port]
current = "I"
[properties]
leaves_bounds = "no bounds"
fades = true
)toml";
}
double heated_current(double v) { return 1e-3 * v / (1 - 4e-3 * 2e4 * 1e-3 * v * v); }

}  // namespace

TEST_CASE("an unknown is solved for at every evaluation, over every scalar") {
  const AnyDevice device = device_from(contact);
  CHECK_FALSE(device.model().ohmic);
  CHECK_FALSE(device.model().factored);
  const auto packs = model_over<Pack>(device);
  const auto duals = model_over<Derivatives>(device);
  RandomStream random(1, 1, Purpose::samples);
  for (int n = 0; n < 200; ++n) {
    const double v = random.uniform(-0.002, 1.0);
    const double right = contact_current(v);
    const double x = 0.0;
    CHECK_THAT(device.model().current(&x, v), WithinRel(right, 1e-11) || WithinAbs(right, 1e-23));
    CHECK(device.model().drift(0, &x, v, {}) == device.model().current(&x, v));
    const Pack pack_x(x);
    CHECK_THAT(lane(packs->current(&pack_x, Pack(v)), 0), WithinRel(right, 1e-11) || WithinAbs(right, 1e-23));
    const Derivatives dual_x(0.0);
    Derivatives input(v);
    input.derivatives()(2) = 1.0;
    const Derivatives current = duals->current(&dual_x, input);
    CHECK(current.value() == device.model().current(&x, v));
    const double slope = 1 / (R_f + V_T / (right + I_0));
    CHECK_THAT(current.derivatives()(2), WithinRel(slope, 1e-9));
    CHECK(current.derivatives()(0) == 0.0);
  }
}

TEST_CASE("an unknown has the Taylor series of the implicit function, alone and coupled") {
  constexpr std::size_t order = 12;
  using S = Series<double>;
  const auto series_of = [&](const AnyDevice& device, const std::array<double, order + 1>& drive) {
    const auto model = model_over<S>(device);
    SeriesTape<double> tape(order);
    const SeriesTape<double>::InUse in_use(tape);
    const S x(0.0);
    const S found = model->current(&x, S::of(drive.data()));
    std::array<double, order + 1> all{};
    for (std::size_t n = 0; n <= order; ++n) {
      if (n > 0) tape.run(n);
      all[n] = found[n];
    }
    return all;
  };
  // u + u^3 = v: with u = 0.3 + 0.2 s - 0.1 s^2, v is a polynomial of order 6
  const AnyDevice cubic = device_from(R"toml(control = "voltage"
typical_input = 1
[parameters]
[[variable]]
name = "x"
scale = 1
drift = "0"
[[algebraic]]
name = "u"
equation = "u + u^3 - v"
lower = -10
upper = 10
[port]
current = "u"
)toml");
  const std::array<double, 3> u{0.3, 0.2, -0.1};
  std::array<double, order + 1> v{};
  for (std::size_t a = 0; a < 3; ++a) {
    v[a] += u[a];
    for (std::size_t b = 0; b < 3; ++b)
      for (std::size_t c = 0; c < 3; ++c) v[a + b + c] += u[a] * u[b] * u[c];
  }
  const auto roots = series_of(cubic, v);
  for (std::size_t n = 0; n <= order; ++n) CHECK_THAT(roots[n], WithinAbs(n < 3 ? u[n] : 0.0, 1e-14));
  // I (1 - k v²) = G v along v = 0.5 + s: the coefficients of v/(1 - k v²) by the recurrence of a quotient
  const double k = 4e-3 * 2e4 * 1e-3;
  const std::array<double, order + 1> ramp{0.5, 1.0};
  std::array<double, order + 1> right{};
  const double divisor[] = {1 - k * 0.25, -k, -k};
  for (std::size_t n = 0; n <= order; ++n) {
    right[n] = 1e-3 * ramp[n];
    for (std::size_t j = 1; j <= 2 && j <= n; ++j) right[n] -= divisor[j] * right[n - j];
    right[n] /= divisor[0];
  }
  for (const bool current_first : {true, false}) {
    const auto found = series_of(device_from(heated(current_first)), ramp);
    for (std::size_t n = 0; n <= order; ++n) CHECK_THAT(found[n], WithinRel(right[n], 1e-11));
  }
}

TEST_CASE("coupled unknowns are solved within one another, in either order") {
  for (const bool current_first : {true, false}) {
    const AnyDevice device = device_from(heated(current_first));
    const auto duals = model_over<Derivatives>(device);
    for (const double v : {1e-6, 0.1, 0.7, 2.0}) {
      const double x = 0.25;
      CHECK_THAT(device.model().current(&x, v), WithinRel(heated_current(v), 1e-12));
      CHECK_THAT(device.model().drift(0, &x, v, {}), WithinRel(1e-3 * 2e4 * v * heated_current(v) - x, 1e-12));
      const Derivatives state(x);
      Derivatives input(v);
      input.derivatives()(0) = 1.0;
      const double k = 4e-3 * 2e4 * 1e-3;
      const double slope = 1e-3 * (1 + k * v * v) / std::pow(1 - k * v * v, 2);
      CHECK_THAT(duals->current(&state, input).derivatives()(0), WithinRel(slope, 1e-9));
    }
  }
  CHECK_THAT(integrated(device_from(heated(true)), {0.0}, Waveform({Constant{2.0, 1.0}}))[0],
             WithinRel(1e-3 * 2e4 * heated_current(1.0) * (1 - std::exp(-2.0)), 1e-9));
}

TEST_CASE("every method integrates through an unknown, and every lane as if it were alone") {
  const AnyDevice device = device_from(contact);
  const Waveform drive({Ramp{1.0, 0.0, 0.9}, Constant{0.5, 0.6}});
  // ∫ I dv = (R_f I²)/2 + V_T (I - I_0 ln(1 + I/I_0)) with dv = R_f dI + V_T dI/(I + I_0)
  const double top = contact_current(0.9);
  const double right =
      (R_f * top * top / 2 + V_T * (top - I_0 * std::log1p(top / I_0))) / 0.9 + 0.5 * contact_current(0.6);
  for (const Method method :
       {Method::dopri5, Method::fehlberg78, Method::rosenbrock4, Method::taylor, Method::automatic})
    CHECK_THAT(integrated(device, {0.0}, drive, method)[0],
               WithinRel(right, method == Method::rosenbrock4 ? 1e-7 : 1e-9));
  for (const InstructionSet set : instruction_sets()) {
    std::vector<Job> jobs;
    for (int n = 0; n < 9; ++n) jobs.push_back({{0.0}, drive, {I_0 * (1 + n % 3), V_T, R_f * (1 + n)}});
    const auto run = [&](const std::vector<Job>& some) {
      LaneJobs source(some, [](const Job&) { return std::vector<double>{}; });
      source.lanes(lane_count(set));
      integrate_ensemble(
          set, device,
          {.integration = {.relative = 1e-11, .absolute = 1e-13}, .level = {}, .source = {Quantity::voltage}}, source);
      return source.done;
    };
    const auto together = run(jobs);
    for (std::size_t n = 0; n < jobs.size(); ++n) {
      CHECK(same_bits(together[n].gamma, run({jobs[n]})[0].gamma));
      const AnyDevice own = device.with(jobs[n].parameters);
      CHECK_THAT(together[n].gamma[0], WithinRel(integrated(own, {0.0}, drive)[0], 1e-9));
    }
    CHECK_THAT(together[0].gamma[0], WithinRel(right, 1e-9));
  }
}

TEST_CASE("a part of a composite may have unknowns") {
  const AnyDevice circuit =
      couple(Coupling::series, {{device_from(contact), "cell", false}, {Resistor({.R = 3e3}), "load", false}});
  const AnyDevice merged = device_from(replaced(contact, "value = 2e3", "value = 5e3"));
  const Source voltage{Quantity::voltage, 0.0};
  for (const Method method : {Method::dopri5, Method::rosenbrock4}) {
    std::vector<double> ends;
    for (const AnyDevice& one : {circuit, merged}) {
      std::vector<double> gamma{0.0};
      Integrator<DrivenDevice>(driven(one, voltage), {method, 1e-9, 1e-11}).advance(gamma, Ramp{1.0, 0.0, 0.9});
      ends.push_back(gamma[0]);
    }
    CHECK_THAT(ends[0], WithinRel(ends[1], 1e-7));
  }
}

TEST_CASE("a guard may depend on an unknown, and the equation of the unknown on guards") {
  // x grows at 1 /s while the contact has more than 0.4 V: that is when v = 0.4 V + R_f I(0.4 V)
  const std::string text = replaced(replaced(contact, "[let]",
                                             "V_on = { value = 0.4, unit = \"V\" }\nQ = { value = 1, unit = "
                                             "\"C\" }\ns = { value = 1, unit = \"s\" }\n[guards]\non = "
                                             "\"V_d - V_on\"\n[let]"),
                                    "drift = \"current\"", "drift = \"Q/s*step(on)\"");
  const double level = 0.4 + R_f * I_0 * std::expm1(0.4 / V_T);
  const AnyDevice device = device_from(text);
  CHECK(std::isnan(device.model().levels[0]));
  const Waveform ramp({Ramp{1.0, 0.0, 2.0}});
  CHECK_THAT(integrated(device, {0.0}, ramp)[0], WithinRel(1 - level / 2.0, 1e-8));
  for (const InstructionSet set : instruction_sets()) {
    const std::vector<Job> jobs(3, {{0.0}, ramp});
    LaneJobs source(jobs, [](const Job&) { return std::vector{std::nan("")}; });
    integrate_ensemble(set, device, {.integration = {}, .level = {}, .source = {Quantity::voltage}}, source);
    for (const auto& done : source.done) CHECK_THAT(done.gamma[0], WithinRel(1 - level / 2.0, 1e-8));
  }
  // a resistance that doubles above 0.4 V of the contact: the drift is continuous, its slope is not
  const AnyDevice kinked =
      device_from(replaced(replaced(text, "Q/s*step(on)", "current"), "R_f*current - v",
                           "R_f*current + when(on, R_f*(current - I_0*(exp(V_on/V_T) - 1)), V_on*0) - v"));
  const double before = I_0 * std::expm1(0.4 / V_T);
  const auto charge = [](double from, double to, double R) {  // ∫ I dv with dv = R dI + V_T dI/(I + I_0)
    return R * (to * to - from * from) / 2 + V_T * (to - from - I_0 * std::log((to + I_0) / (from + I_0)));
  };
  const double x = 0.0;
  const double top = kinked.model().current(&x, 2.0);
  CHECK_THAT(V_T * std::log1p(top / I_0) + 2 * R_f * top - R_f * before, WithinRel(2.0, 1e-11));
  CHECK_THAT(integrated(kinked, {0.0}, ramp)[0],
             WithinRel((charge(0, before, R_f) + charge(before, top, 2 * R_f)) / 2.0, 1e-9));
}

TEST_CASE("an unknown without a solution ends the run with its name, its bounds and the state") {
  const AnyDevice narrow = device_from(replaced(contact, "upper = \"v\"", "upper = 0.3"));
  const std::string says = failure(narrow, {0.0}, Waveform({Ramp{1.0, 0.0, 0.9}}));
  CHECK_THAT(says, ContainsSubstring("no V_d solves its equation between V_d = -0.003 and 0.3, v = 0.3") &&
                       ContainsSubstring("of one sign: widen its bounds") && ContainsSubstring("at x = ") &&
                       ContainsSubstring("the drift of x"));
  const AnyDevice jumps = device_from(replaced(replaced(contact, "[let]", "[guards]\non = \"V_d - V_T\"\n[let]"),
                                               "V_d + R_f*current - v", "V_d*(1 + 20*step(on)) + R_f*current - v"));
  CHECK_THAT(failure(jumps, {0.0}, Waveform({Constant{1.0, 0.1}})),
             ContainsSubstring("jumps where it changes its sign"));
  const AnyDevice undefined =
      device_from(replaced(contact, "V_d + R_f*current - v", "log(-V_d/V_T)*V_T + R_f*current - v"));
  CHECK_THAT(failure(undefined, {0.0}, Waveform({Constant{1.0, 0.1}})),
             ContainsSubstring("at V_d = ") && ContainsSubstring("log(") && ContainsSubstring("nan"));
  for (const InstructionSet set : instruction_sets()) {
    const std::vector<Job> jobs(2, {{0.0}, Waveform({Ramp{1.0, 0.0, 0.9}})});
    LaneJobs source(jobs, [](const Job&) { return std::vector<double>{}; });
    integrate_ensemble(set, narrow, {.integration = {}, .level = {}, .source = {Quantity::voltage}}, source);
    for (const auto& done : source.done) CHECK(done.outcome.failure != Failure::none);
  }
}

TEST_CASE("unknowns that cannot be solved for are refused with line, name and remedy") {
  struct Case {
    const char *line, *by, *says;
  };
  const Case one = GENERATE(values<Case>(
      {{"V_d + R_f*current - v", "R_f*I_0 - v", "algebraic[0].equation: does not depend on V_d"},
       {"lower = \"-V_T/10\"\n", "", "algebraic[0].lower = none: must be given"},
       {"upper = \"v\"", "upper = \"V_d\"",
        "algebraic[0].upper: depends on V_d: a bound may depend only on the unknowns"},
       {"upper = \"v\"", "upper = \"R_f\"", "algebraic[0].upper: is in"},
       {"upper = \"v\"", "upper = inf", "must be finite"},
       {"V_d + R_f*current - v", "V_d + current - v", "adds"},
       {"name = \"V_d\"", "name = \"x\"", "algebraic[0].name = \"x\": is the name of something else already"},
       {"name = \"V_d\"", "name = \"abs\"", "is a word of the language"},
       {"V_d + R_f*current - v", "V_e + R_f*current - v", "V_e is not known; did you mean"},
       {"scale = 1e-3", "scale = 1e-3\nlower = \"V_d\"", "variable[0].lower: is in V, but must be in C"},
       {"equation =", "equations =", "unknown key algebraic.equations; did you mean \"equation\"?"}}));
  CAPTURE(one.by);
  CHECK_THAT(refusal(replaced(contact, one.line, one.by)), ContainsSubstring(one.says));
  std::string chain = contact;
  for (const char* name : {"a", "b", "c", "d"})
    chain += fmt::format("[[algebraic]]\nname = \"{}\"\nlower = 0\nupper = 1\nequation = \"a + b + c + d - {}\"\n",
                         name, name);
  CHECK_THAT(refusal(chain),
             ContainsSubstring("more than 3 equations would be solved within one another: a and unknowns"));
  for (int n = 0; n < 8; ++n)
    chain += fmt::format("[[algebraic]]\nname = \"u{}\"\nlower = -1\nupper = 1\nequation = \"u{}\"\n", n, n);
  CHECK_THAT(refusal(chain), ContainsSubstring("at most 8 are allowed"));
}

TEST_CASE("abs is accepted under a guard that is its argument, and step is 1 where its guard is positive") {
  const auto device = [](const std::string& guards, const std::string& drift) {
    return device_from("control = \"voltage\"\ntypical_input = 1\n[parameters]\na = -2\n" + guards +
                       "[[variable]]\nname = \"x\"\nscale = 1\ndrift = \"" + drift +
                       "\"\n[port]\nmemristance = \"1e3\"\n");
  };
  const Waveform ramp({Ramp{2.0, -1.0, 1.0}});
  CHECK_THAT(integrated(device("[guards]\nup = \"v\"\n", "abs(v)"), {0.0}, ramp)[0], WithinRel(1.0, 1e-10));
  CHECK_THAT(integrated(device("[guards]\nup = \"v - 0.5\"\n", "abs(a)*abs(v - 0.5)"), {0.0}, ramp)[0],
             WithinRel(2 * (1.5 * 1.5 + 0.5 * 0.5) / 2, 1e-10));
  CHECK_THAT(integrated(device("[guards]\nup = \"v - 0.5\"\n", "3*step(up)"), {0.0}, ramp)[0], WithinRel(1.5, 1e-10));
  const auto refused = [&](const std::string& guards, const std::string& drift) {
    try {
      (void)device(guards, drift);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(refused("", "abs(v)"), ContainsSubstring("define a guard that is x, and use abs(x)"));
  CHECK_THAT(refused("[guards]\nup = \"v\"\n", "abs(2*v)"), ContainsSubstring("define a guard that is x"));
  CHECK_THAT(refused("[guards]\nup = \"v\"\n", "step(v)"), ContainsSubstring("v is not a guard"));
  CHECK_THAT(refused("[guards]\nup = \"v\"\n", "step(up, 1)"), ContainsSubstring("',' does not belong here"));
  CHECK_THAT(refused("[guards]\nup = \"v\"\nother = \"abs(v) - 1\"\n", "v"),
             ContainsSubstring("a guard must be smooth"));
  CHECK_THAT(refused("", "asin(2)"), ContainsSubstring("gives nan"));
  const double x = 0.3;
  CHECK(device("", "asin(x) + 10*acos(x) + 100*atan(x)").model().drift(0, &x, 0.0, {}) ==
        std::asin(x) + 10 * std::acos(x) + 100 * std::atan(x));
  CHECK(std::isnan(device("", "asin(x + 1)").model().drift(0, &x, 0.0, {})));
}

}  // namespace memdyn::test_device_text_unknowns
