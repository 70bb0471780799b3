// SPDX-License-Identifier: MIT
#include "memdyn/circuit/composite.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>

#include "circuit/model_over.hpp"
#include "learn/single_layer.hpp"
#include "memdyn/assess/conformance.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "support/circuits.hpp"
#include "support/closed_forms.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"
#include "support/run.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_circuit_composite {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const IntegrationOptions fine{Method::dopri5, 1e-12, 1e-15};

State run(const AnyDevice& device, const Source& source, State gamma, const Waveform& drive,
          Statistics* statistics = nullptr, Recording* recording = nullptr) {
  return ::run(driven(device, source), std::move(gamma), drive, fine, statistics, recording);
}

/// Classical Runge-Kutta method in equal steps; `settle` moves a state back into its bounds.
template <std::size_t N, class F, class Settle>
std::array<double, N> rk4(const F& f, std::array<double, N> x, double end, long steps, const Settle& settle) {
  const double h = end / static_cast<double>(steps);
  const auto moved = [](std::array<double, N> from, const std::array<double, N>& slope, double by) {
    for (std::size_t i = 0; i < N; ++i) from[i] += by * slope[i];
    return from;
  };
  for (long n = 0; n < steps; ++n) {
    const double t = h * static_cast<double>(n);
    const auto a = f(t, x);
    const auto b = f(t + h / 2, moved(x, a, h / 2));
    const auto c = f(t + h / 2, moved(x, b, h / 2));
    const auto d = f(t + h, moved(x, c, h));
    for (std::size_t i = 0; i < N; ++i) x[i] += h / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
    settle(x);
  }
  return x;
}

/// VTEAM with a rectangular window and a memristance linear in w, as published.
double vteam_R(const Vteam::Parameters& p, double w) {
  return p.R_on + (p.R_off - p.R_on) * (w - p.w_on) / (p.w_off - p.w_on);
}
double vteam_drift(const Vteam::Parameters& p, double w, double v) {
  if (v > p.V_off) return w < p.w_off ? p.k_off * std::pow(v / p.V_off - 1, p.alpha_off) : 0.0;
  if (v < p.V_on) return w > p.w_on ? p.k_on * std::pow(v / p.V_on - 1, p.alpha_on) : 0.0;
  return 0.0;
}
/// Parameters for which a pair of devices has a voltage range in which both are on.
Vteam::Parameters vteam_of_switches() {
  Vteam::Parameters p;
  p.k_on = -5e-3;
  p.V_off = 0.25;
  return p;
}

void agrees_in_lanes(const AnyDevice& device, const Source& source, const std::vector<Job>& jobs) {
  const DrivenDevice one = driven(device, source);
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    const auto own = [&](const Job& job) { return job.parameters.empty() ? device : device.with(job.parameters); };
    LaneJobs lanes(jobs, [&](const Job& job) { return levels_of(driven(own(job), source)); });
    lanes.lanes(lane_count(set));
    integrate_ensemble(set, device, {.integration = fine, .source = source}, lanes);
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      const auto gamma = run(own(jobs[j]), source, jobs[j].gamma, jobs[j].drive);
      REQUIRE(lanes.done[j].outcome.failure == Failure::none);
      for (std::size_t i = 0; i < gamma.size(); ++i)
        CHECK_THAT(lanes.done[j].gamma[i], WithinAbs(gamma[i], 1e-9 * one.scale(i)));
    }
  }
}

}  // namespace

TEST_CASE("an anti-series pair with complementary states keeps R_on + R_off, also when both bounds are reached") {
  HpWindow::Parameters p;
  for (const char* window : {"hp-drift", "rectangular", "joglekar", "biolek"}) {
    CAPTURE(window);
    p.window = window;
    const bool linear = std::string(window) == "hp-drift";
    const AnyDevice one = linear ? AnyDevice(strukov()) : AnyDevice(HpWindow(p));
    const AnyDevice pair = series({part(one), part(one, true)});
    const double D = linear ? strukov().parameters().D : 1.0;
    const bool reaches = linear || std::string(window) == "rectangular";
    for (const Source& source : {by_current, by_voltage}) {
      double worst = 0;
      double highest = 0;
      bool both = false;
      Recording recording{[&](const Sample& sample) {
                            const double R = p.R_on + p.R_off;
                            worst = std::max(worst, std::abs(sample.voltage - R * sample.current) / R);
                            highest = std::max(highest, sample.gamma[0] / D);
                            both = both || (sample.gamma[0] == D && sample.gamma[1] == 0.0);
                          },
                          true, 1e-3};
      const double amplitude = source.quantity == Quantity::current ? 2e-4 : 2e-4 * (p.R_on + p.R_off);
      const auto gamma =
          run(pair, source, {0.25 * D, 0.75 * D}, Waveform({Sine{2.25, amplitude, 0.5}}), nullptr, &recording);
      CHECK(worst < 1e-13 * 2e-4);  // no loop
      CHECK_THAT((gamma[0] + gamma[1]) / D, WithinAbs(1.0, 1e-13));
      CHECK(highest > 0.9);
      CHECK((highest == 1.0) == reaches);
      CHECK(both == reaches);
    }
  }
}

TEST_CASE("an anti-series pair follows its closed form between the bounds") {
  const AnyDevice pair = series({part(strukov()), part(strukov(), true)});
  const auto p = strukov().parameters();
  const double charge = 1e-4 * 0.3;  // [C]
  const auto gamma = run(pair, by_current, {0.3 * p.D, 0.5 * p.D}, Waveform({Constant{0.3, 1e-4}}));
  const double c = p.mu_v * p.R_on / p.D;
  CHECK_THAT(gamma[0], WithinRel(0.3 * p.D + c * charge, 1e-13));
  CHECK_THAT(gamma[1], WithinRel(0.5 * p.D - c * charge, 1e-13));
}

TEST_CASE("two equal devices in parallel are one of half the resistance") {
  Vteam::Parameters v;
  Vteam::Parameters half_v = v;
  half_v.R_on /= 2;
  half_v.R_off /= 2;
  const Waveform volts({Sine{4e-6, 0.45, 3e5}});
  for (const Source& source : {by_voltage, by_current, Source{Quantity::voltage, 30.0}}) {
    const Waveform drive = source.quantity == Quantity::current ? volts.scale(0.03) : volts;
    const auto two = run(parallel({part(Vteam(v)), part(Vteam(v))}), source, {2e-9, 2e-9}, drive);
    const auto one = run(Vteam(half_v), source, {2e-9}, drive);
    CHECK(one[0] != 2e-9);
    for (const double w : two) CHECK_THAT(w, WithinAbs(one[0], 1e-12 * 3e-9));
  }
  // current-controlled devices share the current: at half the resistance the drift per current is halved
  auto h = strukov().parameters();
  auto half_h = h;
  half_h.R_on /= 2;
  half_h.R_off /= 2;
  for (const Source& source : {by_current, by_voltage, Source{Quantity::voltage, 1e3}}) {
    const Waveform drive({Sine{0.7, source.quantity == Quantity::current ? 2e-4 : 1.0, 1.0}});
    const auto two = run(parallel({part(HpDrift(h)), part(HpDrift(h))}), source, {2e-9, 2e-9}, drive);
    const auto one = run(HpDrift(half_h), source, {2e-9}, drive);
    for (const double w : two) CHECK_THAT(w, WithinAbs(one[0], 1e-12 * h.D));
  }
  // a sinh current, which needs root finding
  Yakopcic::Parameters y;
  auto twice = y;
  twice.a1 *= 2;
  twice.a2 *= 2;
  const AnyDevice pair = parallel({part(Yakopcic(y)), part(Yakopcic(y))});
  const DrivenDevice two = driven(pair, by_current);
  const DrivenDevice one = driven(Yakopcic(twice), by_current);
  for (const double I : {-1e-4, 1e-9, 3e-6, 1e-3})
    CHECK_THAT(two.input(State{0.4, 0.4}, I), WithinRel(one.input(State{0.4}, I), 1e-13));
}

TEST_CASE("in series the voltages of non-ohmic parts add at one current") {
  const Yakopcic a;
  Yakopcic::Parameters p;
  p.b = 0.3;
  const Yakopcic b(p);
  const LehtonenLaiho c;
  const AnyDevice chain = series({part(a), part(b, true), part(c), part(resistor(2e3))});
  const State gamma{0.3, 0.8, 0.4};
  for (const double V : {-2.0, -1e-3, 0.5, 4.0}) {
    const double I = current_of(driven(chain, by_voltage), gamma, driven(chain, by_voltage).input(gamma, V));
    const auto over = [&](const AnyDevice& one, double x, double current) {
      const DrivenDevice alone = driven(one, by_current);
      return alone.voltage(State{x}, alone.input(State{x}, current));
    };
    CHECK_THAT(over(a, 0.3, I) - over(b, 0.8, -I) + over(c, 0.4, I) + 2e3 * I, WithinRel(V, 1e-12));
  }
}

TEST_CASE("in parallel the currents add at one voltage, whatever the inputs of the parts") {
  const Yakopcic a;
  const LehtonenLaiho b;
  const AnyDevice mesh = parallel({part(a), part(b, true), part(strukov(), true), part(resistor(2e3))});
  const State gamma{0.3, 0.8, 4e-9};
  const double R = 100 * 0.4 + 16e3 * 0.6;
  for (const double V : {-2.0, -1e-3, 0.5, 4.0}) {
    const double I = current_of(a, State{0.3}, V) - current_of(b, State{0.8}, -V) + V / R + V / 2e3;
    CHECK_THAT(mesh.model().current(gamma.data(), V), WithinRel(I, 1e-13));
    CHECK_THAT(driven(mesh, by_current).input(gamma, I), WithinRel(V, 1e-12));
    // in parallel with a capacitor at that voltage, the rest of the current charges the capacitor
    const AnyDevice held =
        parallel({part(a), part(b, true), part(strukov(), true), part(resistor(2e3)), part(capacitor(1e-9), true)});
    const State with{0.3, 0.8, 4e-9, -V};
    CHECK(held.model().voltage(with.data(), 1e-3) == V);
    Regime<double> regime;
    evaluate_regime(driven(held, by_current), with, 1e-3, regime);
    CHECK_THAT(held.model().drift(3, with.data(), 1e-3, {regime.data(), regime.size()}),
               WithinRel(-(1e-3 - I) / 1e-9, 1e-12));
    CHECK_THAT(held.model().drift(2, with.data(), 1e-3, {regime.data(), regime.size()}),
               WithinRel(-1e-14 * 100 / 1e-8 * V / R, 1e-12));
  }
}

TEST_CASE("a nested composite equals the flat one, under either quantity") {
  const AnyDevice flat = series({part(Vteam{}), part(strukov(), true), part(resistor(300.0)), part(Team{})});
  const AnyDevice inner = series({part(strukov()), part(resistor(300.0), true)});
  const AnyDevice nested = series({part(Vteam{}), part(inner, true), part(Team{})});
  const State start{2e-9, 5e-9, 1e-9};
  for (const Source& source : {by_current, by_voltage, Source{Quantity::voltage, 1e3}}) {
    const Waveform drive({Sine{1e-5, source.quantity == Quantity::current ? 1e-3 : 8.0, 2e5}});
    const auto a = run(flat, source, start, drive);
    const auto b = run(nested, source, start, drive);
    CHECK(a[0] != start[0]);
    const double range[] = {3e-9, 1e-8, 3e-9};
    for (std::size_t i = 0; i < 3; ++i) CHECK_THAT(b[i], WithinAbs(a[i], 1e-11 * range[i]));
  }
  // a composite of ohmic parts needs no root: closed forms of R
  const AnyDevice grid = parallel({part(series({part(strukov()), part(resistor(1e3))})), part(resistor(500.0))});
  CHECK(grid.model().ohmic);
  const double R = 100 * 0.2 + 16e3 * 0.8 + 1e3;
  const State x{2e-9};
  CHECK_THAT(grid.model().memristance(x.data()), WithinRel(R * 500 / (R + 500), 1e-14));
}

TEST_CASE("a reversed part is the mirrored model") {
  HpWindow::Parameters p;
  p.window = "biolek";
  auto mirrored = p;
  mirrored.reversed = true;
  const Waveform drive({Sine{1.3, 1.7e-4, 1.0}, Ramp{0.2, 0.0, 1e-4}});
  const auto a = run(series({part(HpWindow(p), true)}), by_current, {0.3}, drive);
  const auto b = run(HpWindow(mirrored), by_current, {0.3}, drive);
  CHECK_THAT(a[0], WithinAbs(b[0], 1e-13));
  // thresholds change sign too, and remain time events
  Statistics turned;
  Statistics plain;
  const Waveform volts({Sine{5e-6, 0.3, 2e5}});
  const auto c = run(parallel({part(Vteam{}, true)}), by_voltage, {1e-9}, volts.scale(-1.0), &turned);
  const auto d = run(Vteam{}, by_voltage, {1e-9}, volts, &plain);
  CHECK(c == d);
  CHECK(turned.time_events == plain.time_events);
  CHECK(turned.state_events == 0);
}

TEST_CASE("a resistor and a capacitor follow the closed form of an RC element") {
  const double R = 2e3;
  const double C = 3e-9;
  const double tau = R * C;
  const AnyDevice rc = series({part(resistor(R)), part(capacitor(C))});
  CHECK(rc.model().ohmic);
  const auto step = run(rc, by_voltage, {0.2}, Waveform({Constant{2.5 * tau, 1.5}}));
  CHECK_THAT(step[0], WithinAbs(1.5 + (0.2 - 1.5) * std::exp(-2.5), 1e-11));
  const double omega = 1.7 / tau;
  const double t = 9 * tau;
  const auto sine = run(rc, by_voltage, {0.2}, Waveform({Sine{t, 1.2, omega / (2 * std::numbers::pi)}}));
  const double x = omega * tau;
  const auto forced = [&](double at) { return 1.2 * (std::sin(omega * at) - x * std::cos(omega * at)) / (1 + x * x); };
  CHECK_THAT(sine[0], WithinAbs(forced(t) + (0.2 - forced(0)) * std::exp(-t / tau), 1e-11));
  // resistance in the source, capacitor with a leak: half the voltage, half the time constant
  const Source outside{Quantity::voltage, R};
  const auto same = run(capacitor(C), outside, {0.2}, Waveform({Constant{2.5 * tau, 1.5}}));
  CHECK_THAT(same[0], WithinAbs(step[0], 1e-11));
  const auto leaky = run(parallel({part(capacitor(C)), part(resistor(R), true)}), outside, {0.2},
                         Waveform({Constant{2.5 * tau, 1.5}}));
  CHECK_THAT(leaky[0], WithinAbs(0.75 + (0.2 - 0.75) * std::exp(-5.0), 1e-11));
  // two capacitors in series, one of them reversed: the same charge passes through both
  const auto two = run(series({part(capacitor(C)), part(capacitor(2 * C), true)}), by_current, {0.2, 0.1},
                       Waveform({Constant{1e-6, 1e-3}}));
  CHECK_THAT(two[0], WithinAbs(0.2 + 1e-9 / C, 1e-12));
  CHECK_THAT(two[1], WithinAbs(0.1 - 1e-9 / (2 * C), 1e-12));
}

TEST_CASE("a memristor loaded by a capacitor agrees with small Runge-Kutta steps") {
  const auto p = vteam_of_switches();
  const double C = 2e-9;
  const double R_s = 100.0;
  const auto f = [&](double t, const std::array<double, 2>& x) {
    const double drive = 1.5 * std::sin(2 * std::numbers::pi * 4e5 * t);
    return std::array<double, 2>{vteam_drift(p, x[0], x[1]), ((drive - x[1]) / R_s - x[1] / vteam_R(p, x[0])) / C};
  };
  const auto expected =
      rk4<2>(f, {2e-9, 0.0}, 3e-6, 2000000, [&](auto& x) { x[0] = std::clamp(x[0], p.w_on, p.w_off); });
  const Waveform drive({Sine{3e-6, 1.5, 4e5}});
  const auto inside = run(series({part(resistor(R_s)), part(parallel({part(Vteam(p)), part(capacitor(C))}))}),
                          by_voltage, {2e-9, 0.0}, drive);
  const auto outside =
      run(parallel({part(Vteam(p)), part(capacitor(C))}), {Quantity::voltage, R_s}, {2e-9, 0.0}, drive);
  CHECK(std::abs(expected[0] - 2e-9) > 1e-10);
  CHECK((expected[0] > p.w_on && expected[0] < p.w_off));
  for (const auto& gamma : {inside, outside}) {
    CHECK_THAT(gamma[0], WithinAbs(expected[0], 1e-8 * 3e-9));
    CHECK_THAT(gamma[1], WithinAbs(expected[1], 1e-8));
  }
}

TEST_CASE("a complementary switch of two VTEAM devices: high, low between two thresholds, high again") {
  const auto p = vteam_of_switches();
  const AnyDevice pair = series({part(Vteam(p), true), part(Vteam(p))});
  // a is off and set by positive voltages, b is on and reset by them
  const State start{p.w_off, p.w_on};
  const double time = 1e-4;
  const double top = 0.8;
  std::vector<std::pair<double, double>> resistance;  // (voltage, resistance)
  Recording recording{[&](const Sample& sample) {
                        if (sample.current != 0.0)
                          resistance.emplace_back(sample.voltage, sample.voltage / sample.current);
                      },
                      false, time / 800};
  const auto end = run(pair, by_voltage, start, Waveform({Ramp{time, 0.0, top}}), nullptr, &recording);
  const auto at = [&](double V) {
    for (const auto& [v, R] : resistance)
      if (v >= V) return R;
    return 0.0;
  };
  CHECK_THAT(at(0.05), WithinRel(p.R_off + p.R_on, 1e-9));
  CHECK_THAT(at(0.20), WithinRel(p.R_off + p.R_on, 1e-9));
  CHECK(at(0.48) < 0.12 * (p.R_off + p.R_on));  // both are on
  CHECK_THAT(at(0.79), WithinRel(p.R_off + p.R_on, 1e-9));
  CHECK(end == State{p.w_on, p.w_off});
  // neither device alone has a low resistance between two thresholds of one polarity; it is read without a change
  const auto f = [&](double t, const std::array<double, 2>& x) {
    const double V = top * t / time;
    const double I = V / (vteam_R(p, x[0]) + vteam_R(p, x[1]));
    return std::array<double, 2>{vteam_drift(p, x[0], -I * vteam_R(p, x[0])),
                                 vteam_drift(p, x[1], I * vteam_R(p, x[1]))};
  };
  for (const double share : {0.35, 0.5, 0.65, 0.66}) {
    const auto expected = rk4<2>(f, {start[0], start[1]}, share * time, 1000000, [&](auto& x) {
      for (double& w : x) w = std::clamp(w, p.w_on, p.w_off);
    });
    const auto gamma = run(pair, by_voltage, start, Waveform({Ramp{share * time, 0.0, share * top}}));
    CAPTURE(share, expected[0], expected[1]);
    for (std::size_t i = 0; i < 2; ++i) CHECK_THAT(gamma[i], WithinAbs(expected[i], 1e-7 * 3e-9));
  }
}

TEST_CASE("a complementary switch of two Pershin-Di Ventra devices") {
  const PershinDiVentra::Parameters p;
  const AnyDevice pair = series({part(PershinDiVentra(p), true), part(PershinDiVentra(p))});
  const State start{p.R_off, p.R_on};
  const double time = 1e-6;
  const double top = 15.0;
  double least = INFINITY;
  double where = 0;
  Recording recording{[&](const Sample& sample) {
                        const double R = sample.gamma[0] + sample.gamma[1];
                        if (R < least) where = sample.voltage;
                        least = std::min(least, R);
                        CHECK_THAT(sample.voltage, WithinAbs(R * sample.current, 1e-12));
                      },
                      true, time / 300};
  const auto end = run(pair, by_voltage, start, Waveform({Ramp{time, 0.0, top}}), nullptr, &recording);
  CHECK(end == State{p.R_on, p.R_off});
  CHECK(least < 0.25 * (p.R_on + p.R_off));
  // quasi-statically, a stays at its threshold, R_a = R_b V_t/(V - V_t), until b reaches its threshold, at 2 V_t
  CHECK_THAT(where, WithinRel(2 * p.V_t, 0.02));
  const auto drift = [&](double R, double V) {
    if (V > p.V_t) return R < p.R_off ? p.beta * (V - p.V_t) : 0.0;
    if (V < -p.V_t) return R > p.R_on ? p.beta * (V + p.V_t) : 0.0;
    return 0.0;
  };
  const double fast = 1e-8;
  const auto f = [&](double t, const std::array<double, 2>& x) {
    const double I = top * t / fast / (x[0] + x[1]);
    return std::array<double, 2>{drift(x[0], -I * x[0]), drift(x[1], I * x[1])};
  };
  for (const double share : {0.4, 0.55, 0.65, 0.7}) {
    const auto expected = rk4<2>(f, {start[0], start[1]}, share * fast, 1000000, [&](auto& x) {
      for (double& R : x) R = std::clamp(R, p.R_on, p.R_off);
    });
    const auto gamma = run(pair, by_voltage, start, Waveform({Ramp{share * fast, 0.0, share * top}}));
    CAPTURE(share, expected[0], expected[1]);
    for (std::size_t i = 0; i < 2; ++i) CHECK_THAT(gamma[i], WithinAbs(expected[i], 1e-7 * p.R_off));
  }
}

TEST_CASE("composites in lanes agree with one lane, with parameters of their own too") {
  std::vector<Job> jobs;
  const auto p = vteam_of_switches();
  const AnyDevice pair = series({part(Vteam(p), true), part(Vteam(p)), part(resistor(5.0))});
  for (int j = 0; j < 11; ++j)
    jobs.push_back({{(0.9 - 0.05 * j) * 3e-9, (0.1 + 0.05 * j) * 3e-9}, Waveform({Ramp{1e-4, 0.0, 0.3 + 0.05 * j}})});
  agrees_in_lanes(pair, by_voltage, jobs);
  for (Job& job : jobs) job.drive = job.drive.scale(2e-3);
  agrees_in_lanes(pair, by_current, jobs);
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    for (const auto& number : pair.numbers()) jobs[j].parameters.push_back(number.value);
    jobs[j].parameters.back() = 1.0 + static_cast<double>(j);  // the resistor
    jobs[j].parameters[0] = 40.0 + static_cast<double>(j);     // R_on of the first part
  }
  for (Job& job : jobs) job.drive = job.drive.scale(500.0);
  agrees_in_lanes(pair, by_voltage, jobs);
  // a nested, non-ohmic composite with a capacitor
  const AnyDevice loaded =
      series({part(resistor(1e3)), part(parallel({part(LehtonenLaiho{}), part(capacitor(1e-9))}))});
  std::vector<Job> more;
  for (int j = 0; j < 7; ++j) more.push_back({{0.1 * j + 0.1, 0.0}, Waveform({Sine{2e-5, 0.5 + 0.1 * j, 1e5}})});
  agrees_in_lanes(loaded, by_voltage, more);
  // in parallel with a current-controlled device, whose input is solved for
  const AnyDevice beside = parallel({part(strukov()), part(Yakopcic{}, true)});
  more.clear();
  for (int j = 0; j < 7; ++j)
    more.push_back({{(0.1 * j + 0.1) * 1e-8, 0.4}, Waveform({Sine{0.05, 0.3 + 0.1 * j, 20.0}})});
  agrees_in_lanes(beside, by_voltage, more);
}

TEST_CASE("derivatives of a composite agree with finite differences") {
  const AnyDevice device =
      series({part(Yakopcic{}), part(parallel({part(LehtonenLaiho{}), part(strukov()), part(resistor(2e3))}), true)});
  const auto dual = model_over<Dual<1>>(device);
  const auto plain = device.shared_model();
  const State gamma{0.4, 0.3, 4e-9};
  const double u = 3e-4;
  Regime<double> regime;
  evaluate_regime(driven(device, by_current), gamma, u, regime);
  for (std::size_t j = 0; j <= gamma.size(); ++j) {
    std::vector<Dual<1>> seeded;
    for (const double one : gamma) seeded.emplace_back(one);
    Dual<1> input(u);
    (j < gamma.size() ? seeded[j] : input).derivatives()(0) = 1.0;
    const double h = 1e-4 * (j < gamma.size() ? plain->scale[j] : u);
    for (std::size_t i = 0; i <= gamma.size(); ++i) {  // the last: the voltage
      const auto value = [&](double by) {
        State moved = gamma;
        if (j < gamma.size()) moved[j] += by;
        const double I = j < gamma.size() ? u : u + by;
        return i < gamma.size() ? plain->drift(i, moved.data(), I, {regime.data(), regime.size()})
                                : plain->voltage(moved.data(), I);
      };
      const Dual<1> exact = i < gamma.size() ? dual->drift(i, seeded.data(), input, {regime.data(), regime.size()})
                                             : dual->voltage(seeded.data(), input);
      const double coarse = (value(h) - value(-h)) / (2 * h);
      const double close = (4 * (value(h / 2) - value(-h / 2)) / h - coarse) / 3;
      CHECK_THAT(exact.value(), WithinRel(value(0.0), 1e-12));
      CHECK_THAT(exact.derivatives()(0),
                 WithinAbs(close, 1e-7 * std::abs(value(0.0)) / h * 1e-4 + 1e-6 * std::abs(close)));
    }
  }
}

TEST_CASE("a part whose R_on is not below its R_off gives a warning") {
  const AnyDevice turned{Vteam({.R_on = 1000.0, .R_off = 50.0})};
  CHECK(warnings(series({part(Vteam{}), part(resistor(1e3))})).empty());
  const auto told = warnings(series({part(resistor(1e3)), part(parallel({part(Team{}), part(turned)}))}));
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], ContainsSubstring("part_2.part_2.R_on = 1000 Ohm is not below part_2.part_2.R_off = 50 Ohm"));
}

TEST_CASE("composites pass the conformance suite") {
  const AnyDevice device = GENERATE(values<AnyDevice>(
      {series({part(strukov()), part(strukov(), true), part(resistor(200.0))}), parallel({part(Vteam{}), part(Team{})}),
       series({part(PershinDiVentra{}, true), part(PershinDiVentra{})}),
       series({part(resistor(50.0)), part(parallel({part(Vteam{}), part(capacitor(1e-9))}))}),
       parallel({part(LehtonenLaiho{}), part(resistor(1e3), true)}),
       series({part(resistor(1e3)), part(capacitor(1e-9))})}));
  for (const Verdict& verdict : conformance(device, [](double) {})) {
    CAPTURE(device.variable_names(), verdict.test, verdict.detail);
    CHECK(verdict.outcome != Verdict::Outcome::fails);
  }
}

namespace {
/// The equivalent composite of a threshold window: weights, bias and learning rate in series.
AnyDevice taken_apart(const ThresholdWindow& whole) {
  const auto& p = whole.parameters();
  std::vector<Composite::Part> parts;
  for (std::size_t i = 0; i < whole.moving(); ++i) {
    const bool bias = i + 1 == whole.moving();
    parts.push_back(
        {WeightWindow(
             {.I_gamma = p.I_gamma[i], .a = p.a, .activation = bias ? p.activation : "none", .printed = p.printed}),
         whole.variable_name(i)});
  }
  parts.push_back({WeightWindow({.a = 0.0}), "eta"});
  return couple(Coupling::series, std::move(parts));
}

/// Sends every pulse of a training through the composite too; both share only the initial state.
class Beside final : public PulseTap {
 public:
  explicit Beside(const AnyDevice& device) : integrator_(driven(device, native_source(device))) {}
  void pulse(std::span<const double> before, std::span<const double> after, const Sent& sent) override {
    if (gamma_.empty()) gamma_.assign(before.begin(), before.end());
    compare(before);
    const auto& device = integrator_.device();
    const double drive = sent.shape.peak;
    answers = std::max(answers, std::abs(device.voltage(gamma_, drive) - ThresholdWindow().voltage(before, drive)));
    integrator_.pulse(gamma_, drive, sent.shape.width);
    compare(after);
    ++pulses;
  }
  double worst = 0, answers = 0;
  std::size_t pulses = 0;

 private:
  void compare(std::span<const double> gamma) {
    for (std::size_t i = 0; i < gamma.size(); ++i) worst = std::max(worst, std::abs(gamma_[i] - gamma[i]));
  }
  Integrator<DrivenDevice> integrator_;
  State gamma_;
};
}  // namespace

TEST_CASE("the paper's device with four variables equals four devices with one, at every pulse of a training") {
  const ThresholdWindow whole;
  const AnyDevice composite = taken_apart(whole);
  CHECK(composite.size() == whole.size());
  CHECK(composite.variable_names().front() == "w_1.gamma");
  SingleLayer<Integrator<ThresholdWindow>> net(Integrator<ThresholdWindow>(whole), {});
  const double w[] = {0.4, -0.7, 0.1};
  for (std::size_t i = 0; i < 3; ++i) net.set_weight(i, 0, w[i]);
  Beside beside(composite);
  net.log().tap = &beside;
  RandomStream random(1, 0, Purpose::samples);
  double last = 0;
  for (int epoch = 0; epoch < 1000; ++epoch) {
    last = 0;
    for (int sample = 0; sample < 100; ++sample) {
      const double x[] = {static_cast<double>(random.below(2)), static_cast<double>(random.below(2))};
      const double target = x[0] + x[1] > 0 ? 1.0 : 0.0;
      net.learn(x, {&target, 1}, {&last, 1});
    }
  }
  CHECK(last < 0.5);  // it has learnt OR
  CHECK(beside.pulses > 200000);
  CAPTURE(beside.pulses);
  CHECK(beside.worst <= 1e-12);
  CHECK(beside.answers <= 1e-12);
}

TEST_CASE("a synapse with a resistor in series learns OR in a crossbar") {
  TrainingPlan plan;
  plan.tasks.push_back({.name = "OR", .table = gate("OR")});
  plan.network.kind = NetworkKind::crossbar;
  plan.network.crossbar = {.device = series({part(Vteam{}), part(resistor(20.0))})};
  plan.network.layers = {2, 1};
  plan.realizations = 4;
  plan.epochs = 100;
  const auto result = train(plan, [](double) {});
  REQUIRE_FALSE(result.failure);
  CHECK(result.calibration.kinds.at(0).largest_update_residual < 1e-8);
  const auto first = errors_at(plan, result, 0, 1);
  const auto last = errors_at(plan, result, 0, plan.epochs);
  for (std::size_t r = 0; r < plan.realizations; ++r) CHECK(last[r] < 0.1 * first[r]);
}

TEST_CASE("invalid couplings and sources are refused with a remedy") {
  CHECK_THROWS_WITH(series({}), ContainsSubstring("needs at least one part"));
  CHECK_THROWS_WITH(parallel({part(capacitor(1.0)), part(capacitor(2.0))}), ContainsSubstring("total capacitance"));
  CHECK_THROWS_WITH(parallel({part(series({part(capacitor(1.0)), part(capacitor(2.0))})), part(capacitor(2.0))}),
                    ContainsSubstring("total capacitance"));
  CHECK_THROWS_WITH(series({{Vteam{}, "a"}, {Vteam{}, "a"}}), ContainsSubstring("given twice"));
  CHECK_THROWS_WITH(series({{Vteam{}, "a.b"}}), ContainsSubstring("letters, digits and underscores"));
  const Waveform drive({Constant{1e-6, 1.0}});
  const AnyDevice fixed = parallel({part(Vteam{}), part(capacitor(1e-9))});
  CHECK_THROWS_WITH(run(fixed, by_voltage, {1e-9, 0.0}, drive),
                    ContainsSubstring("no current through the device gives the prescribed 1 V"));
  // no voltage drives a current through a Yakopcic device at x = 0
  const AnyDevice stuck = series({part(Yakopcic{}), part(resistor(1e3))});
  const auto says = ContainsSubstring("the device gives the prescribed");
  CHECK_THROWS_WITH(run(stuck, by_current, {0.0}, Waveform({Constant{1.0, 1e-6}})), says);
  CHECK_THROWS_WITH(run(stuck, by_voltage, {0.0}, Waveform({Ramp{1.0, 0.0, 1.0}})), says);
  for (const InstructionSet set : instruction_sets()) {
    const std::vector<Job> jobs{{{0.0}, Waveform({Constant{1.0, 1e-6}})}, {{0.5}, Waveform({Constant{1.0, 1e-6}})}};
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(stuck, by_current)); });
    integrate_ensemble(set, stuck, {.source = by_current}, lanes);
    CHECK(lanes.done[0].outcome.failure == Failure::no_solution);
    CHECK(lanes.done[1].outcome.failure == Failure::none);
  }
}

TEST_CASE("composites are read from files, and errors name their place") {
  const auto inner = written("inner.toml", "title = \"two\"\nparallel = [{ model = \"vteam\" }, { resistor = 5e3 }]\n");
  const std::string tail =
      "\n[initial]\ngamma = [1e-9, 2e-9, 0.1]\n[drive]\nquantity = \"voltage\"\n"
      "[[waveform]]\nkind = \"sine\"\namplitude = 0.4\nfrequency = 1e5\nduration = 1e-5\n";
  const std::string head =
      "[device]\nseries = [ { file = \"" + inner.filename().string() + "\", label = \"left\", reversed = true },\n";
  const auto good = written("good.toml", head +
                                             "{ model = \"vteam\", parameters = { R_on = 60 } }, { resistor = 100, "
                                             "label = \"load\" }, { capacitor = 1e-9, V_scale = 2 } ]" +
                                             tail);
  const Scenario simulation = read_simulation(good);
  CHECK(simulation.device.variable_names() == std::vector<std::string>{"left.part_1.w", "part_2.w", "part_4.v"});
  CHECK(simulation.device.unit() == "1");
  CHECK(simulation.device.model().scale[2] == 2.0);
  const auto result = scratch("result.h5");
  (void)simulate(simulation, result, [](double) {});
  CHECK(ResultReader(result).strings("variable_unit") == std::vector<std::string>{"m", "m", "V"});
  const auto swept = written("sweep.toml", head +
                                               "{ model = \"vteam\" }, { resistor = 100, label = \"load\" }, "
                                               "{ capacitor = 1e-9 } ]" +
                                               tail +
                                               "[[sweep]]\nkey = \"device.parameters.load.R\"\nvalues = [50, 100]\n"
                                               "[[sweep]]\nkey = \"device.parameters.left.part_1.R_on\"\nvalues = [50, "
                                               "60]\n");
  const SweepPlan plan = read_sweep(swept);
  const auto report = sweep(plan, result, [](double) {});
  CHECK(report.failed() == 0);
  CHECK(report.trajectories == 4);
  const auto says = [&](const std::string& parts, const std::string& what) {
    const auto bad = written("bad.toml", "[device]\n" + parts + tail);
    CAPTURE(parts);
    CHECK_THROWS_WITH(read_simulation(bad), ContainsSubstring(bad.string() + ":2: ") && ContainsSubstring(what));
  };
  says("series = [{ resistor = -1 }]", "R = -1 Ohm");
  says("series = [{ resistor = 1, capacitor = 1 }]", "together with resistor");
  says("series = [{ label = \"a\" }]", "give one of model, file, series, parallel, resistor, capacitor");
  says("series = [{ resistor = 1, revers = true }]", "did you mean \"reversed\"?");
  says("series = [{ model = \"vtem\" }]", "did you mean \"vteam\"?");
  says("series = 3", "must be a list of tables");
  says("series = [{ model = \"team\" }]\nmodel = \"vteam\"", "together with model");
  const auto forced = written("forced.toml", "[device]\nparallel = [{ model = \"vteam\" }, { capacitor = 1e-9 }]\n" +
                                                 tail.substr(0, tail.find("gamma")) + "gamma = [1e-9, 0.0]\n" +
                                                 tail.substr(tail.find("[drive]")));
  CHECK_THROWS_WITH(read_simulation(forced), ContainsSubstring("a voltage source cannot drive a capacitor directly"));
  const auto itself = written("itself.toml", "series = [{ file = \"itself.toml\" }]");
  CHECK_THROWS_WITH(read_parameter_set(itself), ContainsSubstring("check whether a file refers to itself"));
}

TEST_CASE("a part whose port switches with its own voltage is solved for on both sides of the switch") {
  const AnyDevice nmos = device_from(R"toml(name = "nmos_at_fixed_gate"
control = "voltage"
typical_input = 1
[parameters]
K = { value = 2e-4, unit = "A V-2" }
V_ov = { value = 0.8, unit = "V" }
[guards]
sat = "v - V_ov"
pos = "v"
[[variable]]
name = "none"
lower = 0
upper = 1
drift = "0"
[port]
current = "when(sat, K*V_ov^2/2*(1 + 0.5*(v - V_ov)/V_ov), when(pos, K*(V_ov*v - v^2/2), K*V_ov*v))"
)toml");
  // v + 5 kOhm I = 2 V in saturation
  const double expected = 6.4e-5 * 1.75 / (1 + 6.4e-5 * 3125);
  const std::pair<AnyDevice, Source> ways[] = {{series({part(nmos), part(resistor(5e3))}), {Quantity::voltage}},
                                               {nmos, {Quantity::voltage, 5e3}}};
  for (const auto& [device, source] : ways) {
    double current = 0.0;
    std::vector<double> gamma{0.0};
    Recording recording{[&](const Sample& sample) { current = sample.current; }};
    Integrator<DrivenDevice>(driven(device, source)).advance(gamma, Waveform({Ramp{1e-3, 0, 2}}), 0.0, &recording);
    CHECK_THAT(current, WithinRel(expected, 1e-9));
  }
}

}  // namespace memdyn::test_circuit_composite
