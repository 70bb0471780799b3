// SPDX-License-Identifier: MIT
// The drive of a scenario: kinds of waveforms, offsets and groups.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>

#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "scenario/sweep_numbers.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_scenario_waveform {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using Catch::Matchers::WithinAbs;

namespace {

std::filesystem::path scenario(const std::string& waveforms) {
  return written("drive.toml", "[device]\nmodel = \"vteam\"\n[initial]\ngamma = [1e-9]\n" + waveforms);
}
Waveform drive(const std::string& waveforms) { return *read_simulation(scenario(waveforms)).drive; }
std::string answer(const std::string& waveforms) {
  try {
    (void)drive(waveforms);
  } catch (const InputError& error) {
    const std::string text = error.what();
    return text.substr(text.find("drive.toml") + 11);
  }
  return "accepted";
}
void same(const Waveform& found, const Waveform& expected) {
  REQUIRE_THAT(found.duration(), WithinAbs(expected.duration(), 1e-12));
  for (double t = 1e-3; t < expected.duration(); t += 0.0437)
    CHECK_THAT(found.value(t), WithinAbs(expected.value(t), 1e-12));
}

}  // namespace

TEST_CASE("kinds of waveforms are those of the library") {
  same(drive("[[waveform]]\nkind = \"sawtooth\"\namplitude = 2\nperiod = 0.5\ncount = 3\n"), sawtooth(2, 0.5, 3));
  same(drive("[[waveform]]\nkind = \"staircase\"\nfrom = 1\nto = -1\nlevels = 5\nwidth = 0.5\nrise = 0.25\n"),
       staircase({1, -1, 5, 0.5, 0.25}));
  same(
      drive("[[waveform]]\nkind = \"biphasic\"\namplitude = 1\nwidth = 0.5\nrise = 0.1\nfall = 0.2\ngap = 0.3\nratio = "
            "2\nperiod = 3\ncount = 2\n"),
      biphasic({1, 0.5, 0.1, 0.2, 0.3, 2, 3}, 2));
  same(drive("[[waveform]]\nkind = \"biphasic\"\namplitude = 1\nwidth = 0.5\n"), biphasic({1, 0.5}));
}

TEST_CASE("the full width at half maximum is another way to give the width of a pulse") {
  const std::string one = "[[waveform]]\nkind = \"pulse\"\namplitude = 2\nrise = 0.25\nfall = 0.75\n";
  same(drive(one + "fwhm = 1.5\n"), pulse({2, 1.0, 0.25, 0.75}));
  same(drive(one + "fwhm = 1.5\n"), drive(one + "width = 1.0\n"));
  // between the times at which it has half its height
  const Waveform found = drive(one + "fwhm = 1.5\n");
  CHECK_THAT(found.value(0.125), WithinAbs(1.0, 1e-12));
  CHECK_THAT(found.value(0.125 + 1.5), WithinAbs(1.0, 1e-12));
  const std::string train = "[[waveform]]\nkind = \"pulse_train\"\namplitude = 2\nrise = 0.1\nperiod = 2\ncount = 3\n";
  same(drive(train + "fwhm = 0.5\n"), pulse_train({2, 0.45, 0.1, 0}, 2, 3));
  CHECK_THAT(answer(one + "fwhm = 1.5\nwidth = 1\n"), ContainsSubstring("is given together with width"));
  CHECK_THAT(answer(one + "fwhm = 0.5\n"), ContainsSubstring("fwhm = 0.5: must be above (rise + fall)/2 = 0.5 s"));
  CHECK_THAT(answer(one), ContainsSubstring("waveform.width is missing"));
  CHECK_THAT(answer("[[waveform]]\nkind = \"biphasic\"\namplitude = 1\nfwhm = 1\n"), ContainsSubstring("unknown key"));
}

TEST_CASE("the full width at half maximum can be swept, beside the edges") {
  const auto plan = read_sweep(scenario(
      "[[waveform]]\nkind = \"pulse\"\namplitude = 2\nfwhm = 1.5\nrise = 0.5\n[[sweep]]\nkey = \"waveform.fwhm\"\n"
      "values = [1.0, 2.0]\n[[sweep]]\nkey = \"waveform.rise\"\nvalues = [0.1, 0.2]\n"));
  SweepNumbers numbers(plan.scenario);
  set_grid_point(plan, 3, numbers);
  same(numbers.drive(), pulse({2, 1.9, 0.2, 0}));
}

TEST_CASE("an offset comes before the scale, for every kind") {
  const std::string sine = "[[waveform]]\nkind = \"sine\"\nduration = 2\namplitude = 2\nfrequency = 1\n";
  const std::string burst = "[[waveform]]\nkind = \"sine_burst\"\namplitude = 2\nfrequency = 1\ncycles = 2\n";
  same(drive(sine + "offset = 0.5\nscale = -2\n"), drive(burst + "offset = 0.5\nscale = -2\n"));
  (void)written("points.csv", "0,0\n1,2\n3,-1\n");
  same(drive("[[waveform]]\nkind = \"csv\"\nfile = \"points.csv\"\noffset = 0.25\nrepeat = 2\n"),
       Waveform({Ramp{1, 0.25, 2.25}, Ramp{2, 2.25, -0.75}}).repeat(2));
}

namespace {
const std::string grouped = R"toml([[waveform]]
kind = "constant"
duration = 0.5
value = 3
[[waveform]]
group = "cycle"
kind = "pulse"
amplitude = 1
width = 0.25
[[waveform]]
group = "cycle"
kind = "ramp"
duration = 0.5
from = 1
to = -1
repeat = 2
[[waveform]]
kind = "constant"
duration = 0.25
value = -3
[group.cycle]
repeat = 3
scale = 2
delay = 0.75
)toml";
std::string exchanged(std::string text, const std::string& piece, const std::string& by) {
  const auto at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return text.replace(at, piece.size(), by);
}
}  // namespace

TEST_CASE("a group is scaled and repeated as a whole, after its delay") {
  const Waveform cycle = Waveform({Constant{0.25, 2}, Ramp{0.5, 2, -2}, Ramp{0.5, 2, -2}});
  const Waveform expected =
      Waveform({Constant{0.5, 3}, Constant{0.75, 0}}).then(cycle.repeat(3)).then(Waveform({Constant{0.25, -3}}));
  same(drive(grouped), expected);
  same(drive(exchanged(grouped, "repeat = 3\nscale = 2\ndelay = 0.75\n", "")),
       Waveform({Constant{0.5, 3}}).then(cycle.scale(0.5)).then(Waveform({Constant{0.25, -3}})));
}

TEST_CASE("numbers of a group, an offset and new kinds are swept by their keys") {
  const auto swept = [&](const std::string& text, const std::string& key, double value) {
    const SweepPlan plan =
        read_sweep(scenario(text + fmt::format("[[sweep]]\nkey = \"{}\"\nvalues = [{}]\n", key, value)));
    SweepNumbers numbers(plan.scenario);
    set_grid_point(plan, 0, numbers);
    return std::pair(numbers.drive(), plan.axes[0].slot().units);
  };
  const auto check = [&](const std::string& text, const std::string& key, double value, const std::string& units,
                         const std::string& piece, const std::string& by) {
    CAPTURE(key);
    const auto [found, unit] = swept(text, key, value);
    same(found, drive(exchanged(text, piece, by)));
    CHECK(unit == units);
  };
  check(grouped, "group.cycle.repeat", 5, "1", "repeat = 3", "repeat = 5");
  check(grouped, "group.cycle.scale", -1, "1", "scale = 2", "scale = -1");
  check(grouped, "group.cycle.delay", 0, "s", "delay = 0.75", "delay = 0");
  check(grouped, "waveform[2].offset", 0.5, "V", "from = 1", "offset = 0.5\nfrom = 1");
  const std::string stairs = "[[waveform]]\nkind = \"staircase\"\nfrom = 1\nto = -1\nlevels = 5\nwidth = 0.5\n";
  check(stairs, "waveform.levels", 3, "1", "levels = 5", "levels = 3");
  check(stairs, "waveform.rise", 0.25, "s", "levels = 5", "levels = 5\nrise = 0.25");
}

namespace {
const std::string two_spikes = R"toml([[waveform]]
channel = "pre"
kind = "spike"
amplitude = 1
width = 0.1
tail_amplitude = 0.5
tau = 0.2
tail_duration = 1
[[waveform]]
channel = "post"
group = "pair"
kind = "spike"
amplitude = 1
width = 0.1
tail_amplitude = 0.5
tau = 0.2
tail_duration = 1
rise = 0.05
fall = 0.02
[group.pair]
repeat = 2
[channel.pre]
start = 0.3
[channel.post]
start = -0.4
scale = -1
)toml";
}  // namespace

TEST_CASE("channels are added, and the earliest start is the time 0") {
  const Waveform pre = spike({1, 0.1, 0.5, 0.2, 1});
  const Waveform post = spike({1, 0.1, 0.5, 0.2, 1, 0.05, 0.02}).repeat(2).scale(-1);
  const auto expected = [&](const Waveform& found, double pre_start, double post_start) {
    REQUIRE_THAT(found.duration(),
                 WithinAbs(std::max(pre_start + pre.duration(), post_start + post.duration()), 1e-12));
    for (double t = 1e-3; t < found.duration(); t += 0.0137)
      CHECK_THAT(found.value(t), WithinAbs(pre.value(t - pre_start) + post.value(t - post_start), 1e-12));
  };
  expected(drive(two_spikes), 0.7, 0.0);
  expected(drive(exchanged(two_spikes, "start = -0.4", "start = 5")), 0.0, 4.7);  // zero drive between both
  expected(drive(exchanged(two_spikes, "[channel.pre]\nstart = 0.3\n", "")), 0.4, 0.0);
  expected(drive(exchanged(two_spikes, "start = 0.3", "start = 1e-3\nscale = 1")), 0.401, 0.0);
  for (const double start : {-1.0, 0.3, 2.0}) {
    const SweepPlan plan = read_sweep(
        scenario(two_spikes + fmt::format("[[sweep]]\nkey = \"channel.post.start\"\nvalues = [{}]\n", start)));
    SweepNumbers numbers(plan.scenario);
    set_grid_point(plan, 0, numbers);
    expected(numbers.drive(), std::max(0.0, 0.3 - start), std::max(0.0, start - 0.3));
    CHECK(plan.axes[0].slot().units == "s");
  }
}

TEST_CASE("a channel that is none is refused") {
  CHECK(answer(two_spikes) == "accepted");
  CHECK_THAT(answer(exchanged(two_spikes, "channel = \"pre\"\n", "")),
             StartsWith("13: waveform.channel = 'post': must name a channel if another waveform does"));
  CHECK_THAT(answer(exchanged(two_spikes, "channel = \"post\"\n", "")),
             StartsWith("15: waveform.kind = 'spike': must name a channel if another waveform does"));
  CHECK_THAT(answer(exchanged(two_spikes, "[channel.post]", "[channel.psot]")),
             StartsWith("28: channel.psot = {...}: has no waveform; give entries of [[waveform]] channel = \"psot\""));
  CHECK_THAT(answer(exchanged(two_spikes, "start = 0.3", "delay = 0.3")),
             StartsWith("27: unknown key channel.pre.delay; the keys here are scale, start"));
  CHECK_THAT(answer(exchanged(two_spikes, "start = 0.3", "start = 1e16")), ContainsSubstring("start = 1e+16: must be"));
  CHECK_THAT(answer(exchanged(two_spikes, "channel = \"pre\"\nkind", "channel = \"pre\"\ngroup = \"pair\"\nkind")),
             StartsWith("15: waveform.channel = 'post': must be that of the group, \"pre\""));
}

namespace {
const std::string damped = R"toml([[waveform]]
kind = "expression"
expression = "V0*sin(2*pi*f*t)*exp(-t/tau)"
duration = 2
scale = -1
[waveform.parameters]
V0 = { value = 1.5, unit = "V" }
f = { value = 3, unit = "Hz" }
tau = { value = 0.5, unit = "s" }
)toml";
}  // namespace

TEST_CASE("an expression of t is a waveform, whose parameters are swept") {
  const auto expected = [](double tau) {
    return [tau](double t) { return -1.5 * std::sin(2 * std::numbers::pi * 3 * t) * std::exp(-t / tau); };
  };
  const Waveform found = drive(damped);
  CHECK(found.duration() == 2.0);
  for (double t = 0; t < 2; t += 0.0137) CHECK_THAT(found.value(t), WithinAbs(expected(0.5)(t), 1e-14));
  // zeros at multiples of 1/6 s; extrema where tan(6 pi t) = 6 pi tau
  const Segment& segment = found.segments().front();
  double s = 0;
  for (int n = 1; n < 12; ++n) CHECK_THAT(s = next_crossing(segment, 0, s), WithinAbs(n / 6.0, 1e-14));
  CHECK(std::isinf(next_crossing(segment, 0, s)));
  const double first = std::atan(6 * std::numbers::pi * 0.5) / (6 * std::numbers::pi);
  s = 0;
  for (int n = 0; n < 12; ++n) CHECK_THAT(s = next_turn(segment, s), WithinAbs(first + n / 6.0, 1e-13));
  CHECK(std::isinf(next_turn(segment, s)));
  const SweepPlan plan =
      read_sweep(scenario(damped + "[[sweep]]\nkey = \"waveform.parameters.tau\"\nvalues = [0.25]\n[[sweep]]\nkey = "
                                   "\"waveform.duration\"\nvalues = [1]\n"));
  CHECK(plan.axes[0].name == "tau");
  CHECK(plan.axes[0].slot().units == "s");
  SweepNumbers numbers(plan.scenario);
  set_grid_point(plan, 0, numbers);
  CHECK(numbers.drive().duration() == 1.0);
  for (double t = 0; t < 1; t += 0.0137) CHECK_THAT(numbers.drive().value(t), WithinAbs(expected(0.25)(t), 1e-14));
}

TEST_CASE("an expression that is none, or not finite, is refused with its place or its time") {
  const auto with = [](const std::string& expression, const std::string& more = "") {
    return answer("[[waveform]]\nkind = \"expression\"\nexpression = \"" + expression + "\"\nduration = 1\n" + more);
  };
  CHECK(with("tanh((t - 0.3)/1e-6)") == "accepted");
  CHECK(with("(t - 0.5)^3 + 0*t") == "accepted");
  CHECK(with("sin(t)^2 + cos(t)^2") == "accepted");
  CHECK(with("2") == "accepted");
  CHECK_THAT(with("1/(t - 0.25)"), StartsWith("7: waveform: expression = at t = 0.25") ||
                                       StartsWith("7: waveform: expression = at t = 0.2499"));
  CHECK_THAT(with("log(t)"), ContainsSubstring("at t = 0 s: is not finite there"));
  CHECK_THAT(with("sqrt(0.5 - t)"), ContainsSubstring("at t = 0.5"));
  CHECK_THAT(with("exp(1000*t)"), ContainsSubstring("must be"));
  CHECK_THAT(with("sin(1e16*t)"), ContainsSubstring("at t = 0 s: is not finite there"));
  CHECK_THAT(with("1e15*t + 1e15"), ContainsSubstring("must be between -1e15 and 1e15"));
  CHECK_THAT(with("sin(x)"), StartsWith("7:19: expression: x is not known"));
  CHECK(with("asin(0.8*sin(9*t)) + acos(0.8*cos(9*t)) + atan(3*cos(9*t))") == "accepted");
  CHECK(with("0") == "accepted");
  CHECK_THAT(with("V*t", "parameters = { V = { value = 1, unit = \"V\" } }\n"),
             StartsWith("7:15: expression: must be in V, not in"));
  CHECK_THAT(with("V*t", "parameters = { V = { value = 1, unit = \"mV/s\" } }\n"), ContainsSubstring("0.001 times"));
  CHECK(with("V*t", "parameters = { V = { value = 1, unit = \"V/s\" } }\n") == "accepted");
  CHECK_THAT(with("t", "parameters = { t = 1 }\n"), ContainsSubstring("parameters.t = 1: needs another name"));
  CHECK_THAT(with("V*t", "parameters = { V = { value = 1, unt = \"V\" } }\n"), ContainsSubstring("unknown key"));
  CHECK_THAT(answer("[[waveform]]\nkind = \"expression\"\nexpression = \"t\"\nduration = -1\n"),
             StartsWith("8: waveform: duration = -1: must be above 0"));
}

TEST_CASE("an expression is cut exactly where a switch changes its sign") {
  const auto of = [](const std::string& expression, double duration, const std::string& more = "") {
    return drive("[[waveform]]\nkind = \"expression\"\nexpression = \"" + expression +
                 "\"\nduration = " + std::to_string(duration) + "\n" + more);
  };
  const auto check = [](const Waveform& found, const std::vector<double>& kinks, const auto& expected) {
    REQUIRE(found.starts().size() == kinks.size() + 2);
    for (std::size_t n = 0; n < kinks.size(); ++n) CHECK_THAT(found.starts()[n + 1], WithinAbs(kinks[n], 1e-15));
    for (double t = 1e-3; t < found.duration(); t += 0.0137) CHECK_THAT(found.value(t), WithinAbs(expected(t), 1e-14));
  };
  constexpr double pi = std::numbers::pi;
  check(of("2*abs(sin(6*pi*t))", 1.0), {1 / 6.0, 2 / 6.0, 0.5, 4 / 6.0, 5 / 6.0},
        [](double t) { return 2 * std::abs(std::sin(6 * pi * t)); });
  const double clips = std::asin(0.5) / (2 * pi);
  check(of("max(-1, min(1, 2*sin(2*pi*t)))", 1.0), {clips, 0.5 - clips, 0.5 + clips, 1 - clips},
        [](double t) { return std::clamp(2 * std::sin(2 * pi * t), -1.0, 1.0); });
  check(of("1.5*step(t - 0.3) - step(t - 0.7)*t", 1.0), {0.3, 0.7},
        [](double t) { return (t > 0.3 ? 1.5 : 0.0) - (t > 0.7 ? t : 0.0); });
  // a switch within another, and a branch that is not defined where it is not taken
  check(of("abs(abs(t - 1) - 0.5)", 2.0), {0.5, 1.0, 1.5}, [](double t) { return std::abs(std::abs(t - 1) - 0.5); });
  check(of("when(t - 0.5, log(t - 0.25), t^2)", 1.0), {0.5},
        [](double t) { return t > 0.5 ? std::log(t - 0.25) : t * t; });
  // switches that change their signs at one time cut once; one that only touches 0 does not cut; nor does a constant
  check(of("step(t - 0.5) + abs(0.5 - t) + step(sin(2*pi*t))", 1.0), {0.5},
        [](double t) { return (t > 0.5 ? 1.0 : 0.0) + std::abs(0.5 - t) + (t < 0.5 ? 1.0 : 0.0); });
  check(of("abs((t - 0.5)^2) + max(t - 2, 0) + step(2)", 1.0), {}, [](double t) { return (t - 0.5) * (t - 0.5) + 1; });
  check(of("max(t - 2, 0)", 1.0), {}, [](double) { return 0.0; });
  // both sides of a jump
  const Waveform jump = of("step(t - 0.25)", 1.0, "scale = 3\nrepeat = 2\n");
  CHECK(jump.segments().size() == 4);
  CHECK(jump.value(0.25 - 1e-15) == 0.0);
  CHECK(jump.value(0.25) == 3.0);
  CHECK(jump.value(1.25) == 3.0);
}

TEST_CASE("the switches of an expression move with its parameters, whose units are checked") {
  const std::string clipped = R"toml([[waveform]]
kind = "expression"
expression = "min(V_m, V0*abs(sin(2*pi*f*t))) + V0*step(t - t_0)"
duration = 1
[waveform.parameters]
V0 = { value = 2, unit = "V" }
V_m = { value = 1, unit = "V" }
f = { value = 1, unit = "Hz" }
t_0 = { value = 0.9, unit = "s" }
)toml";
  const SweepPlan plan =
      read_sweep(scenario(clipped + "[[sweep]]\nkey = \"waveform.parameters.f\"\nvalues = [1, 2]\n[[sweep]]\nkey = "
                                    "\"waveform.parameters.V_m\"\nvalues = [1, 3]\n"));
  SweepNumbers numbers(plan.scenario);
  // zeros between the ends, four passages of the limit in a period, and the step
  const std::size_t segments[] = {1 + 1 + 4 + 1, 1 + 1 + 1, 1 + 3 + 8 + 1, 1 + 3 + 1};
  for (std::size_t n = 0; n < 4; ++n) {
    set_grid_point(plan, n, numbers);
    const Waveform found = numbers.drive();
    CHECK(found.segments().size() == segments[n]);
    const double f = n < 2 ? 1 : 2;
    const double most = n % 2 == 0 ? 1 : 3;
    for (double t = 1e-3; t < 1; t += 0.0137)
      CHECK_THAT(
          found.value(t),
          WithinAbs(std::min(most, 2 * std::abs(std::sin(2 * std::numbers::pi * f * t))) + (t > 0.9 ? 2 : 0), 1e-14));
  }
  CHECK_THAT(answer(exchanged(clipped, "min(V_m", "min(f")), ContainsSubstring("compares Hz and V") ||
                                                                 ContainsSubstring("compares 1 Hz and 1 V") ||
                                                                 ContainsSubstring("compares s-1 and V"));
  CHECK_THAT(answer(exchanged(clipped, "step(t - t_0)", "step(t - f)")), ContainsSubstring("subtracts"));
}

TEST_CASE("a switch of an expression that is none, or that hides one, is refused") {
  const auto with = [](const std::string& expression, const std::string& more = "") {
    return answer("[[waveform]]\nkind = \"expression\"\nexpression = \"" + expression + "\"\nduration = 1\n" + more);
  };
  CHECK_THAT(with("sign(t - 0.5)"), ContainsSubstring("sign is not a function: use abs(x), min(a, b)"));
  CHECK_THAT(with("t > 0.5"), ContainsSubstring("use when(x, a, b), which is a where x is positive"));
  CHECK_THAT(with("min(t)"), ContainsSubstring("min takes two values"));
  CHECK_THAT(with("abs(t, 1)"), ContainsSubstring("abs takes one value"));
  CHECK_THAT(with("mni(t, 1)"),
             ContainsSubstring("mni is not a function; did you mean") && ContainsSubstring("\"min\""));
  // a kink without a switch, and a rate that is not finite at one
  CHECK_THAT(with("sqrt((t - 0.5)^2)"), ContainsSubstring("at t = 0.5") || ContainsSubstring("at t = 0.4999"));
  CHECK_THAT(with("sqrt(abs(t - 0.5))"), ContainsSubstring("at t = 0.5") || ContainsSubstring("at t = 0.4999"));
  CHECK_THAT(with("asin(sin(20*t))"), ContainsSubstring("is not finite there, or its derivative is not"));
  CHECK_THAT(with("abs(1/(t - 0.25))"), ContainsSubstring("at t = 0.25") || ContainsSubstring("at t = 0.2499"));
  CHECK_THAT(with("abs(sin(4e5*t))"), ContainsSubstring("has 100000 kinks and jumps before"));
  CHECK_THAT(with("abs(sin(600*t))", "repeat = 900000000\n"), ContainsSubstring("1.72e+11 segments"));
}

TEST_CASE("a group that is none is refused") {
  CHECK(answer(grouped) == "accepted");
  CHECK_THAT(answer(exchanged(grouped, "[group.cycle]", "[group.cycel]")),
             StartsWith("10: waveform.group = 'cycle': has no table; add [group.cycle] with"));
  CHECK_THAT(answer(exchanged(grouped, "delay = 0.75", "delay = 0.75\n[group.more]")),
             StartsWith("29: group.more = {...}: has no waveform; give entries of [[waveform]] group = \"more\""));
  CHECK(answer(exchanged(grouped, "kind = \"constant\"\nduration = 0.5",
                         "group = \"cycle\"\nkind = \"constant\"\nduration = 0.5")) == "accepted");
  CHECK_THAT(answer(exchanged(grouped, "kind = \"constant\"\nduration = 0.25",
                              "kind = \"constant\"\nduration = 1\nvalue = 0\n[[waveform]]\ngroup = \"cycle\"\n"
                              "kind = \"constant\"\nduration = 0.25")),
             StartsWith("26: waveform.group = 'cycle': is interrupted: the entries of a group must follow"));
  CHECK_THAT(answer(exchanged(grouped, "delay = 0.75", "delay = -1")),
             StartsWith("28: group: delay = -1: must not be negative"));
  CHECK_THAT(answer(exchanged(grouped, "repeat = 3", "repeat = 0")),
             StartsWith("26: waveform: repeat = 0: must be at"));
  CHECK_THAT(answer(exchanged(grouped, "repeat = 3", "repeat = 2.5")),
             StartsWith("26: waveform: repeat = 2.5: must be a whole number"));
  CHECK_THAT(answer(exchanged(grouped, "delay = 0.75", "dealy = 1")),
             StartsWith("28: unknown key group.cycle.dealy; did you mean \"delay\"?"));
  CHECK_THAT(answer(exchanged(grouped, "[group.cycle]\nrepeat = 3\nscale = 2\ndelay = 0.75", "[group]\ncycle = 3")),
             StartsWith("26: group.cycle = 3: must be a table: [group.cycle]"));
}

}  // namespace memdyn::test_scenario_waveform
