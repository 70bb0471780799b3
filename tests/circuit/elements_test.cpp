// SPDX-License-Identifier: MIT
// Elements without a state, inductors and sources in circuits, and the voltages and currents of parts.
#include <algorithm>
#include <boost/math/special_functions/lambert_w.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "memdyn/circuit/composite.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "support/circuits.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"
#include "support/run.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_circuit_elements {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

State run(const AnyDevice& device, const Source& source, State gamma, const Waveform& drive,
          Method method = Method::dopri5, Recording* recording = nullptr) {
  return ::run(driven(device, source), std::move(gamma), drive, {method, 1e-11, 1e-14}, nullptr, recording);
}
AnyDevice inductor(double L) { return Inductor({.L = L}); }

/// Current through a device without a variable at a voltage, and its inverse.
double current(const AnyDevice& device, double voltage) { return device.model().current(nullptr, voltage); }
double voltage_at(const AnyDevice& device, double current) {
  const double none = 0.0;
  const Driven<double> by(device.shared_model(), by_current);
  return by.input(&none, current);
}

/// A switch whose resistance jumps at the states 0.4 and 0.6, which a voltage moves.
AnyDevice jumping_switch() {
  return device_from(R"toml(control = "current"
typical_input = 1e-3
[guards]
low = "x - 0.4"
high = "x - 0.6"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "1e3*i"
[port]
memristance = "when(low, when(high, 100, 300), 1000)"
)toml");
}

}  // namespace

TEST_CASE("an inductor follows the closed forms of RL elements") {
  const double R = 50.0;
  const double L = 2e-3;
  double tau = L / R;
  const double settled = 1.5 / R;
  const Waveform step({Constant{2.5 * tau, 1.5}});
  const double expected = settled + (0.01 - settled) * std::exp(-2.5);
  const auto inside = run(series({part(resistor(R)), part(inductor(L))}), by_voltage, {0.01}, step);
  CHECK_THAT(inside[0], WithinRel(expected, 1e-10));
  CHECK_THAT(run(inductor(L), {Quantity::voltage, R}, {0.01}, step)[0], WithinRel(expected, 1e-10));
  const auto turned = run(series({part(resistor(R)), part(inductor(L), true)}), by_voltage, {-0.01}, step);
  CHECK_THAT(turned[0], WithinRel(-expected, 1e-10));
  // a current source with the resistance in parallel is the same source (Norton)
  const AnyDevice beside = parallel({part(inductor(L)), part(resistor(R))});
  CHECK(beside.model().ohmic);
  CHECK_THAT(run(beside, by_current, {0.01}, step.scale(1 / R))[0], WithinRel(expected, 1e-10));
  // two branches under one voltage
  const auto two = run(parallel({part(series({part(resistor(R)), part(inductor(L))})), part(inductor(2 * L))}),
                       by_voltage, {0.01, 0.02}, step);
  CHECK_THAT(two[0], WithinRel(expected, 1e-10));
  CHECK_THAT(two[1], WithinRel(0.02 + 1.5 * 2.5 * tau / (2 * L), 1e-10));
}

TEST_CASE("resistor, inductor and capacitor in series ring as their closed form, by every method") {
  const double R = 20.0;
  const double L = 1e-3;
  const double C = 1e-8;
  const double decay = R / (2 * L);
  const double omega = std::sqrt(1 / (L * C) - decay * decay);
  const double t = 40.3 / omega;
  const AnyDevice circuit = series({part(capacitor(C)), part(resistor(R)), part(inductor(L))});
  CHECK(circuit.model().fixes_current);
  CHECK(circuit.properties().fades);
  const double v = 1.5 - std::exp(-decay * t) * 1.5 * (std::cos(omega * t) + decay / omega * std::sin(omega * t));
  const double i = 1.5 / (omega * L) * std::exp(-decay * t) * std::sin(omega * t);
  for (const Method method : {Method::dopri5, Method::fehlberg78, Method::rosenbrock4, Method::taylor}) {
    CAPTURE(name_of(method));
    const auto end = run(circuit, by_voltage, {0.0, 0.0}, Waveform({Constant{t, 1.5}}), method);
    CHECK_THAT(end[0], WithinAbs(v, 2e-8));
    CHECK_THAT(end[1], WithinAbs(i, 1e-10));
  }
}

TEST_CASE("a diode behind a resistor carries the current of its closed form") {
  const double R = 330.0;
  Diode::Parameters p;
  p.n = 1.7;
  p.T = 350.0;
  p.G_min = 1e-30;
  const AnyDevice diode = Diode(p);
  const double V_t = p.n * 1.380649e-23 / 1.602176634e-19 * p.T;
  const Driven<double> behind(diode.shared_model(), {Quantity::voltage, R});
  const double none = 0.0;
  for (const double V : {0.01, 0.3, 0.7, 2.0, 20.0}) {  // Corless et al. 1996, doi:10.1007/BF02124750
    const double closed = V_t / R * boost::math::lambert_w0(p.I_s * R / V_t * std::exp((V + R * p.I_s) / V_t)) - p.I_s;
    CHECK_THAT(current(diode, behind.input(&none, V)), WithinRel(closed, V < 0.1 ? 1e-8 : 1e-12));
  }
  // with a conductance beside it, every current has a voltage, also beyond the saturation current
  const AnyDevice usual = Diode{};
  for (const double I : {-1e-3, -1e-10, -1e-15, 1e-15, 1e-6, 1.0})
    CHECK_THAT(current(usual, voltage_at(usual, I)), WithinRel(I, 1e-10));
}

TEST_CASE("a selector and a polynomial resistor have the currents of their formulas") {
  CHECK_THAT(current(Selector({.I_0 = 1e-7, .V_0 = 0.2}), -0.7), WithinRel(-1e-7 * std::sinh(3.5), 1e-14));
  CHECK_THAT(current(PolynomialResistor({.G_1 = -2e-3, .G_2 = 1e-4, .G_3 = 5e-3}), 0.5),
             WithinRel(-1e-3 + 2.5e-5 + 6.25e-4, 1e-14));
  const auto claims = [](double G_1, double G_2, double G_3) {
    const Properties all = PolynomialResistor({.G_1 = G_1, .G_2 = G_2, .G_3 = G_3}).properties();
    return std::array{all.passive.holds, all.pinched.holds, all.grows.holds};
  };
  CHECK(claims(1.0, 0.0, 1.0) == std::array{true, true, true});
  CHECK(claims(-1.0, 0.0, 1.0) == std::array{false, false, false});
  CHECK(claims(1.0, 1.9, 1.0) == std::array{true, true, false});  // G_2² is between 3 and 4 G_1 G_3
  CHECK(claims(0.0, 0.0, 1.0)[2]);
  CHECK_FALSE(claims(0.0, 0.0, 0.0)[2]);
}

TEST_CASE("the channel of a MOSFET follows the square law in every region, and is symmetric") {
  Mosfet::Parameters p;
  p.G_min = 1e-30;
  const double over = p.V_g - p.V_th;
  const AnyDevice channel = Mosfet(p);
  const auto factor = [&](double v) { return p.K * (1 + p.lambda * std::abs(v)); };
  CHECK_THAT(current(channel, 0.3), WithinRel(factor(0.3) * (over - 0.15) * 0.3, 1e-13));
  CHECK_THAT(current(channel, 1.3), WithinRel(factor(1.3) / 2 * over * over, 1e-13));
  CHECK_THAT(current(channel, 1e-9), WithinRel(factor(1e-9) * over * 1e-9, 1e-8));
  CHECK(current(channel, 0.0) == 0.0);
  for (const double v : {0.1, 0.5, 0.9, 2.0}) {  // with drain and source exchanged the gate is higher by v
    auto exchanged = p;
    exchanged.V_g = p.V_g + v;
    CHECK_THAT(current(channel, -v), WithinRel(-current(Mosfet(exchanged), v), 1e-12));
    auto off = p;
    off.V_g = 0.2;
    CHECK(std::abs(current(Mosfet(off), v)) <= 1e-29);
    CHECK(current(Mosfet(off), -v) <= 0.0);
  }
}

TEST_CASE("a source within a circuit shifts the drive") {
  const AnyDevice cell = Vteam{};
  const Waveform volts({Sine{4e-6, 0.45, 3e5}});
  const AnyDevice biased = series({part(cell), part(AnyDevice(VoltageSource({.E = 0.1}))), part(resistor(20.0))});
  CHECK(biased.model().ohmic);
  const auto shifted = run(series({part(cell), part(resistor(20.0))}), by_voltage, {2e-9}, volts.raise(-0.1));
  CHECK_THAT(run(biased, by_voltage, {2e-9}, volts)[0], WithinAbs(shifted[0], 1e-12 * 3e-9));
  CHECK(shifted[0] != 2e-9);
  const AnyDevice fed = parallel({part(cell), part(AnyDevice(CurrentSource({.J = 1e-3})), true), part(resistor(1e3))});
  CHECK(fed.model().ohmic);
  const Waveform amperes = volts.scale(0.02);
  const auto raised = run(parallel({part(cell), part(resistor(1e3))}), by_current, {2e-9}, amperes.raise(1e-3));
  CHECK_THAT(run(fed, by_current, {2e-9}, amperes)[0], WithinAbs(raised[0], 1e-12 * 3e-9));
  CHECK(raised[0] != 2e-9);
}

TEST_CASE("voltages of a series and currents of a parallel coupling add up, in nested and reversed parts") {
  const AnyDevice pair = parallel({part(AnyDevice(Diode{})), part(AnyDevice(Diode{}), true)});
  const AnyDevice end = parallel({{Vteam{}, "cell", true}, {capacitor(1e-9), "stray", true}, {pair, "pair"}});
  const AnyDevice circuit = series({{resistor(30.0), "line"}, {inductor(1e-6), "coil"}, {end, "end", true}});
  CHECK(part_names(circuit) == std::vector<std::string>{"line", "coil", "end", "end.cell", "end.stray", "end.pair",
                                                        "end.pair.part_1", "end.pair.part_2"});
  REQUIRE(circuit.model().parts == 8);
  CHECK(part_names(Vteam{}).empty());
  RandomStream random(1, 0, Purpose::samples);
  for (int n = 0; n < 100; ++n) {
    const State gamma{random.uniform(-1e-2, 1e-2), random.uniform(0, 3e-9), random.uniform(-0.6, 0.6)};
    const double V = random.uniform(-2, 2);
    std::vector<PartPort<double>> parts(8);
    circuit.model().ports(gamma.data(), V, parts.data());
    const auto& [line, coil, whole, cell, stray, both, forward, back] =
        std::tie(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], parts[7]);
    CHECK_THAT(line.voltage + coil.voltage + whole.voltage, WithinAbs(V, 1e-14));
    for (const auto* one : {&line, &coil, &whole}) CHECK_THAT(one->current, WithinRel(gamma[0], 1e-14));
    for (const auto* one : {&whole, &cell, &stray, &both, &forward, &back})
      CHECK_THAT(one->voltage, WithinRel(gamma[2], 1e-14));  // reversed twice
    CHECK_THAT(cell.current + stray.current + both.current, WithinAbs(whole.current, 1e-14));
    CHECK_THAT(forward.current + back.current, WithinAbs(both.current, 1e-14));
    CHECK_THAT(-forward.current, WithinRel(current(Diode{}, -gamma[2]), 1e-12));
    CHECK_THAT(line.voltage, WithinRel(30.0 * gamma[0], 1e-14));
    Regime<double> regime;
    evaluate_regime(driven(circuit, by_voltage), gamma, V, regime);
    const auto rate = [&](std::size_t i) {
      return circuit.model().drift(i, gamma.data(), V, {regime.data(), regime.size()});
    };
    CHECK_THAT(coil.voltage, WithinAbs(1e-6 * rate(0), 1e-13));
    CHECK_THAT(stray.current, WithinAbs(1e-9 * rate(2), 1e-14));
    const double power = std::transform_reduce(parts.begin(), parts.begin() + 3, 0.0, std::plus<>(),
                                               [](const auto& one) { return one.voltage * one.current; });
    CHECK_THAT(power, WithinAbs(V * gamma[0], 1e-15));
  }
}

TEST_CASE("voltages of parts add up to the recorded voltage, also in the row after a jump") {
  const AnyDevice circuit = series({{jumping_switch(), "switch"}, {resistor(50.0), "line"}});
  bool jumped = false;
  double last = 0.0;
  Recording recording{[&](const Sample& sample) {
    std::vector<PartPort<double>> parts(2);
    circuit.model().ports(sample.port_gamma.data(), sample.current, parts.data());
    CHECK_THAT(parts[0].voltage + parts[1].voltage, WithinRel(sample.voltage, 1e-14));
    jumped = jumped || (sample.event == Event::state_event && std::abs(sample.voltage - last) > 0.1);
    last = sample.voltage;
  }};
  const auto end = run(circuit, by_current, {0.3}, Waveform({Constant{0.5, 1e-3}}), Method::dopri5, &recording);
  CHECK_THAT(end[0], WithinAbs(0.8, 1e-10));
  CHECK(jumped);
}

TEST_CASE("circuits with stateless elements and inductors agree in lanes with one trajectory") {
  const AnyDevice cell = series({part(AnyDevice(Selector({.I_0 = 1e-5, .V_0 = 0.05}))), part(Vteam{})});
  const AnyDevice ringing =
      series({part(resistor(5.0)), part(inductor(1e-6)), part(parallel({part(Vteam{}), part(capacitor(1e-10))}))});
  struct Case {
    AnyDevice device;
    State gamma;
    double duration;
  };
  for (const auto& [device, gamma, duration] : {Case{cell, {2e-9}, 3e-6}, Case{ringing, {0.0, 2e-9, 0.0}, 4e-7}}) {
    std::vector<Job> jobs;
    for (int j = 0; j < 7; ++j) jobs.push_back({gamma, Waveform({Sine{duration, 0.4 + 0.1 * j, 1.2 / duration}})});
    const DrivenDevice one = driven(device, by_voltage);
    for (const InstructionSet set : instruction_sets()) {
      LaneJobs lanes(jobs, [&](const Job&) { return levels_of(one); });
      lanes.lanes(lane_count(set));
      integrate_ensemble(set, device, {.integration = {Method::dopri5, 1e-11, 1e-14}, .source = by_voltage}, lanes);
      for (std::size_t j = 0; j < jobs.size(); ++j) {
        REQUIRE(lanes.done[j].outcome.failure == Failure::none);
        const State expected = run(device, by_voltage, gamma, jobs[j].drive);
        for (std::size_t i = 0; i < gamma.size(); ++i)
          CHECK_THAT(lanes.done[j].gamma[i], WithinAbs(expected[i], 1e-8 * one.scale(i)));
      }
    }
  }
}

TEST_CASE("an inductor makes the current of a device with several currents for one voltage unique") {
  const auto text = R"toml(control = "current"
typical_input = 1e-3
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "i - x"
[port]
voltage = "1e3*i - 1e9*i^3 + 1e15*i^5"
[properties]
grows = "it is S-shaped"
)toml";
  const AnyDevice shaped = device_from(text);
  CHECK_FALSE(several_answers(shaped, by_voltage).empty());
  CHECK_FALSE(several_answers(series({part(shaped), part(resistor(10.0))}), by_voltage).empty());
  const AnyDevice with = series({part(shaped), part(inductor(1e-3))});
  CHECK(several_answers(with, by_voltage).empty());
  CHECK(several_answers(parallel({part(with), part(resistor(10.0))}), by_voltage).empty());
  // its current settles where the voltage is that of the source
  const auto end = run(with, by_voltage, {0.5, 1e-4}, Waveform({Constant{2e-5, 0.05}}), Method::rosenbrock4);
  CHECK_THAT(1e3 * end[1] - 1e9 * std::pow(end[1], 3) + 1e15 * std::pow(end[1], 5), WithinAbs(0.05, 1e-6));
}

TEST_CASE("elements where they have no meaning are refused with a remedy") {
  CHECK_THROWS_WITH(series({part(inductor(1.0)), part(inductor(2.0))}), ContainsSubstring("total inductance"));
  CHECK_THROWS_WITH(parallel({part(Vteam{}), part(AnyDevice(VoltageSource{}))}),
                    ContainsSubstring("put a resistor in series with it"));
  CHECK_THROWS_WITH(series({part(Vteam{}), part(AnyDevice(CurrentSource{}))}),
                    ContainsSubstring("put a resistor in parallel with it"));
  CHECK_THROWS_WITH(series({part(Vteam{}), part(AnyDevice(PolynomialResistor({.G_1 = -1.0})))}),
                    ContainsSubstring("use the other coupling"));
  (void)written("bare.toml", "control = \"voltage\"\n[port]\ncurrent = \"v\"\n");
  const auto answer = [](const std::string& device, const std::string& drive, const std::string& more = "") {
    const auto file = written("bad.toml", "[device]\n" + device + "\n[drive]\n" + drive +
                                              "\n[[waveform]]\nkind = \"constant\"\nduration = 1\nvalue = 1\n" + more);
    try {
      if (more.empty()) {
        (void)read_simulation(file);
      } else {
        (void)read_sweep(file);
      }
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::string coil = "series = [{ model = \"vteam\", label = \"cell\" }, { inductor = 1e-6, label = \"coil\" }]";
  const std::string by_volts = "quantity = \"voltage\"";
  CHECK(answer(coil, by_volts) == "accepted");
  CHECK_THAT(answer(coil, "quantity = \"current\""),
             ContainsSubstring("bad.toml:4: drive.quantity = 'current': a current source cannot drive an inductor"));
  CHECK_THAT(
      answer(coil, by_volts + "\ncompliance = 1e-3"),
      ContainsSubstring("bad.toml:5: drive.compliance = 0.001: the source cannot limit the current of an inductor"));
  CHECK_THAT(answer("series = [{ model = \"vteam\" }, { capacitor = 1, I_scale = 1 }]", by_volts),
             ContainsSubstring("bad.toml:2: device.series.I_scale = 1: belongs to an inductor"));
  CHECK_THAT(answer("series = [{ model = \"vteam\" }, { inductor = 0 }]", by_volts), ContainsSubstring("L = 0 H"));
  for (const char* alone : {"model = \"capacitor\"", "model = \"inductor\"", "model = \"voltage-source\"",
                            "model = \"current-source\"", "series = [{ voltage_source = 1 }, { voltage_source = 2 }]"})
    CHECK_THAT(answer(alone, by_volts), ContainsSubstring("bad.toml:2: device.") &&
                                            ContainsSubstring("can only be a part of series or parallel"));
  CHECK(answer("file = \"bare.toml\"", by_volts) == "accepted");
  CHECK_THAT(answer("model = \"diode\"", by_volts + "\n[initial]\ngamma = [1.0]"),
             ContainsSubstring("bad.toml:5: initial = {...}: is of no use: the device has no"));
  const std::string sweep = "[[sweep]]\nkey = \"waveform.value\"\nvalues = [1, 2]\n";
  CHECK(answer(coil, by_volts, sweep + "[reduce]\nquantities = [\"part_voltage_final\"]\n") == "accepted");
  CHECK_THAT(answer("model = \"diode\"", by_volts, sweep + "[reduce]\nquantities = [\"gamma_final\"]\n"),
             ContainsSubstring("gamma_final needs a device with an internal variable"));
  CHECK(answer(coil, by_volts, "[[sweep]]\nkey = \"device.parameters.coil.L\"\nvalues = [1e-6, 2e-6]\n") == "accepted");
  CHECK_THAT(answer("model = \"vteam\"", by_volts, sweep + "[reduce]\nquantities = [\"part_voltage_final\"]\n"),
             ContainsSubstring("part_voltage_final needs a device with parts"));
  CHECK_THAT(answer(coil, by_volts, sweep + "[record]\nparts = true\n"), ContainsSubstring("needs record.interval"));
  CHECK_THAT(answer(coil, by_volts, sweep + "[reduce]\nread_voltage = 0.1\n"),
             ContainsSubstring("an inductor in series holds the current"));
}

namespace {
/// The numbers of a device without a state under a ramp from 0 to 0.8 V (or to another quantity) in 2 s.
struct Alone {
  ResultReader simulated, swept;
};
Alone alone(const std::string& device, const std::string& more, const std::string& reduce, InstructionSet set) {
  static int count = 0;  // an earlier result may still be open
  const std::string text =
      "[device]\n" + device + "\n[[waveform]]\nkind = \"ramp\"\nduration = 2\nfrom = 0\nto = 0.8\n" + more;
  const auto one = scratch("alone" + std::to_string(++count) + ".h5");
  (void)simulate(read_simulation(written("alone.toml", text)), one, [](double) {});
  SweepPlan plan = read_sweep(written(
      "alone_sweep.toml", text + "[[sweep]]\nkey = \"waveform.scale\"\nvalues = [1, 0.5, 1]\n[reduce]\n" + reduce));
  plan.set = set;
  const auto many = scratch("alone" + std::to_string(++count) + ".h5");
  const SweepReport report = sweep(plan, many, [](double) {});
  REQUIRE(report.of_status[0] == report.trajectories);
  return {ResultReader(one), ResultReader(many)};
}
/// Checks that the rows of a simulation hold the current of a voltage, and so does every straight line between them.
void check_rows(const ResultReader& file, const std::function<double(double)>& current_at, double most) {
  const auto t = file.numbers("time");
  const auto v = file.numbers("voltage");
  const auto i = file.numbers("current");
  REQUIRE(t.size() > 10);
  CHECK(file.strings("variable").empty());
  CHECK_FALSE(file.has("gamma"));
  for (std::size_t n = 0; n < t.size(); ++n) {
    CHECK_THAT(v[n], WithinAbs(0.4 * t[n], 1e-15));
    CHECK_THAT(i[n], WithinRel(current_at(v[n]), 1e-12) || WithinAbs(0.0, 1e-25));
    if (n == 0) continue;
    for (const double share : {0.25, 0.5, 0.75}) {
      const double line = i[n - 1] + share * (i[n] - i[n - 1]);
      CHECK(std::abs(line - current_at(v[n - 1] + share * (v[n] - v[n - 1]))) <= 1.01e-3 * most);
    }
  }
}
}  // namespace

TEST_CASE("a device without a state is simulated and swept alone, by every method: its closed forms") {
  const InstructionSet set = GENERATE(from_range(instruction_sets()));
  const std::string method = GENERATE("auto", "dopri5", "fehlberg78", "rosenbrock4", "taylor");
  CAPTURE(name_of(set), method);
  const std::string options = "[integrate]\nmethod = \"" + method + "\"\n";
  const double V_t = 2 * 1.380649e-23 / 1.602176634e-19 * 300;
  const double I_s = 1e-12;
  const double G = 1e-9;
  const std::string diode = "model = \"diode\"\n[device.parameters]\nI_s = 1e-12\nn = 2\nG_min = 1e-9\n";
  const auto current_at = [&](double v) { return I_s * std::expm1(v / V_t) + G * v; };
  const auto [simulated, swept] =
      alone(diode, options,
            "level = 1e-7\nof = \"current\"\ntimes = [0, 0.5, 2]\nquantities = [\"charge\", \"flux\", \"energy\", "
            "\"current_highest\", \"current_highest_time\", \"power_highest\", \"conductance_final\", \"current_at\", "
            "\"switching_time\", \"memristance_lowest\"]\n",
            set);
  check_rows(simulated, current_at, current_at(0.8));
  for (std::size_t n = 0; n < 3; ++n) {
    CAPTURE(n);
    const double V = n == 1 ? 0.4 : 0.8;
    const double e = std::exp(V / V_t);
    const auto of = [&](const char* name) { return swept.numbers(name)[n]; };
    CHECK_THAT(of("charge"), WithinRel(I_s * 2 * (V_t / V * (e - 1) - 1) + G * V, 1e-9));
    CHECK_THAT(of("flux"), WithinRel(V, 1e-12));
    CHECK_THAT(of("energy"),
               WithinRel(2 / V * (I_s * (V_t * V * e - V_t * V_t * (e - 1) - V * V / 2) + G * V * V * V / 3), 1e-9));
    CHECK_THAT(of("current_highest"), WithinRel(current_at(V), 1e-12));
    CHECK_THAT(of("current_highest_time"), WithinRel(2.0, 1e-12));
    CHECK_THAT(of("power_highest"), WithinRel(V * current_at(V), 1e-12));
    CHECK_THAT(of("conductance_final"), WithinRel(current_at(V) / V, 1e-12));
    CHECK_THAT(of("memristance_lowest"), WithinRel(V / current_at(V), 1e-9));
    CHECK(swept.numbers("current_at")[3 * n] == 0.0);
    CHECK_THAT(swept.numbers("current_at")[3 * n + 1], WithinRel(current_at(V / 4), 1e-12));
    CHECK_THAT(swept.numbers("current_at")[3 * n + 2], WithinRel(current_at(V), 1e-12));
    if (n == 1) {
      CHECK((current_at(V) < 1e-7) == std::isnan(of("switching_time")));
    } else {
      CHECK_THAT(current_at(V * of("switching_time") / 2), WithinRel(1e-7, 1e-9));
    }
  }
}

TEST_CASE("a source with a compliance or a resistance drives a device without a state: its closed forms") {
  const InstructionSet set = GENERATE(from_range(instruction_sets()));
  CAPTURE(name_of(set));
  const std::string reduce = "quantities = [\"charge\", \"flux\", \"energy\", \"current_highest\"]\n";
  const double V_t = 2 * 1.380649e-23 / 1.602176634e-19 * 300;
  const double I_s = 1e-12;
  const std::string diode = "model = \"diode\"\n[device.parameters]\nI_s = 1e-12\nn = 2\nG_min = 1e-30\n";
  // a voltage source holds its limit from a time on
  const auto [limited, limited_sweep] = alone(diode, "[drive]\ncompliance = 1e-7\n", reduce, set);
  const double at = V_t * std::log1p(1e-7 / I_s);  // [V]
  const auto charge_to = [&](double v, double rate) { return I_s * (V_t * std::expm1(v / V_t) - v) / rate; };
  const double held = 2 - at / 0.4;
  CHECK_THAT(limited_sweep.numbers("charge")[0], WithinRel(charge_to(at, 0.4) + 1e-7 * held, 1e-9));
  CHECK_THAT(limited_sweep.numbers("flux")[0], WithinRel(at * at / 0.8 + at * held, 1e-9));
  CHECK_THAT(limited_sweep.numbers("current_highest")[0], WithinRel(1e-7, 1e-12));
  const auto t = limited.numbers("time");
  const auto i = limited.numbers("current");
  CHECK(std::ranges::any_of(t, [&](double one) { return std::abs(one - at / 0.4) < 1e-9; }));
  for (std::size_t n = 0; n < t.size(); ++n)
    CHECK_THAT(i[n], WithinRel(std::min(1e-7, I_s * std::expm1(0.4 * t[n] / V_t)), 1e-9) || WithinAbs(0.0, 1e-22));
  // a current source
  const auto [by_current_alone, by_current_sweep] =
      alone(diode, "scale = 1e-3\n[drive]\nquantity = \"current\"\n", reduce, set);
  const double c = 0.8 / I_s;  // the sweep sets the scale
  CHECK_THAT(by_current_sweep.numbers("flux")[0], WithinRel(2 * V_t * ((1 + c) * std::log1p(c) - c) / c, 1e-8));
  CHECK_THAT(by_current_sweep.numbers("charge")[0], WithinRel(0.8, 1e-12));
  CHECK_THAT(by_current_alone.numbers("voltage").back(), WithinRel(V_t * std::log1p(1e-3 * c), 1e-12));
  // a text device with a kink, behind a resistance
  (void)written(
      "kinked.toml",
      "control = \"voltage\"\n[guards]\nabove = \"v - 0.5\"\n[port]\ncurrent = \"when(above, 2*v - 0.5, v)\"\n");
  const auto [kinked, kinked_sweep] =
      alone("file = \"kinked.toml\"", "[drive]\nseries_resistance = 0.1\n", reduce, set);
  // up to V = 0.55: I = V/1.1; beyond: I = 2 (V + 0.05)/1.2 - 0.5
  CHECK_THAT(kinked_sweep.numbers("charge")[0],
             WithinRel((0.55 * 0.55 / 2.2 + (0.85 * 0.85 - 0.6 * 0.6) / 1.2 - 0.5 * 0.25) / 0.4, 1e-9));
  CHECK_THAT(kinked_sweep.numbers("current_highest")[0], WithinRel(2 * 0.85 / 1.2 - 0.5, 1e-12));
  CHECK(std::ranges::any_of(kinked.numbers("time"), [](double one) { return std::abs(one - 0.55 / 0.4) < 1e-9; }));
  // a circuit without a variable
  const auto [pair, pair_sweep] = alone(
      "series = [{ model = \"diode\", parameters = { I_s = 1e-12, n = 2, G_min = 1e-30 } }, { resistor = 1e5 }]",
      "[drive]\nquantity = \"voltage\"\n", "quantities = [\"part_energy\", \"energy\", \"part_voltage_final\"]\n", set);
  const double last = V_t / 1e5 * boost::math::lambert_w0(I_s * 1e5 / V_t * std::exp((0.8 + 1e5 * I_s) / V_t)) - I_s;
  CHECK_THAT(pair.numbers("current").back(), WithinRel(last, 1e-11));
  CHECK_THAT(pair_sweep.numbers("part_voltage_final")[1], WithinRel(1e5 * last, 1e-11));
  CHECK_THAT(pair_sweep.numbers("part_energy")[0] + pair_sweep.numbers("part_energy")[1],
             WithinRel(pair_sweep.numbers("energy")[0], 1e-12));
}

TEST_CASE("a device without a state that cannot take its drive ends there, however briefly") {
  (void)written("saturates.toml", "control = \"voltage\"\n[port]\ncurrent = \"1e-3*tanh(v)\"\n");
  const double amplitude = GENERATE(1.0001e-3, 2e-3);
  const std::string text =
      "[device]\nfile = \"saturates.toml\"\n[drive]\nquantity = \"current\"\n[[waveform]]\nkind = "
      "\"sine\"\nfrequency = 1\nduration = 1\namplitude = " +
      std::to_string(1e3 * amplitude) + "e-3\n";
  CHECK_THROWS_WITH(simulate(read_simulation(written("brief.toml", text)), scratch("brief.h5"), [](double) {}),
                    ContainsSubstring("no voltage across the device gives the prescribed"));
  const std::string quantities = GENERATE("charge", "voltage_final");
  SweepPlan plan = read_sweep(written("briefs.toml", text + "[[sweep]]\nkey = \"waveform.scale\"\nvalues = [0.4, 1]\n" +
                                                         "[reduce]\nquantities = [\"" + quantities + "\"]\n"));
  plan.set = GENERATE(from_range(instruction_sets()));
  const auto result = scratch("briefs.h5");
  const SweepReport report = sweep(plan, result, [](double) {});
  CHECK(report.of_status[static_cast<std::size_t>(Failure::none)] == 1);
  CHECK(report.of_status[static_cast<std::size_t>(Failure::no_solution)] == 1);
  CHECK_THAT(ResultReader(result).numbers("end_time")[1],
             WithinAbs(std::asin(1e-3 / amplitude) / (2 * std::numbers::pi), 1e-9));
}

}  // namespace memdyn::test_circuit_elements
