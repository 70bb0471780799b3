// SPDX-License-Identifier: MIT
#include "memdyn/device/driven.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "support/closed_forms.hpp"
#include "support/lane_jobs.hpp"

namespace memdyn::test_dynamics_driven {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

std::vector<double> run(const AnyDevice& device, const Source& source, std::vector<double> gamma, const Waveform& drive,
                        Statistics* statistics = nullptr) {
  Integrator<DrivenDevice> integrator(driven(device, source), {Method::dopri5, 1e-12, 1e-14});
  integrator.advance(gamma, drive);
  if (statistics != nullptr) *statistics = integrator.statistics();
  return gamma;
}

/// Compares jobs in the lanes of every instruction set with one lane.
void agrees_in_lanes(const AnyDevice& device, const Source& source, const std::vector<Job>& jobs) {
  const DrivenDevice one = driven(device, source);
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(one); });
    integrate_ensemble(set, device, {.integration = {Method::dopri5, 1e-12, 1e-14}, .source = source}, lanes);
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      const auto gamma = run(device, source, jobs[j].gamma, jobs[j].drive);
      REQUIRE(lanes.done[j].outcome.failure == Failure::none);
      for (std::size_t i = 0; i < gamma.size(); ++i)
        CHECK_THAT(lanes.done[j].gamma[i], WithinAbs(gamma[i], 1e-10 * one.scale(i)));
    }
  }
}

}  // namespace

TEST_CASE("a constant voltage on Strukov's device follows the closed form, with and without a series resistance") {
  const HpDrift device = strukov();
  const auto& p = device.parameters();
  for (const double series : {0.0, 500.0}) {
    const double x0 = 0.1;
    const double t = 0.5;
    const auto gamma = run(device, {Quantity::voltage, series}, {x0 * p.D}, Waveform({Constant{t, 1.0}}));
    // (R_off + R_s) (x - x0) - (R_off - R_on) (x² - x0²)/2 = μ R_on V t / D²
    const double a = (p.R_off - p.R_on) / 2;
    const double b = p.R_off + series;
    const double c = p.mu_v * p.R_on * t / (p.D * p.D) + b * x0 - a * x0 * x0;
    const double x = (b - std::sqrt(b * b - 4 * a * c)) / (2 * a);
    CHECK_THAT(gamma[0] / p.D, WithinRel(x, 1e-11));
  }
}

TEST_CASE("a threshold of the current is located under a voltage, where it depends on the state") {
  // dR/dt = (R_off - R_on)/D c (I - I_0): at rest until V/R reaches I_0, at a known time of a voltage ramp
  HpDrift::Parameters p;
  p.I_gamma = 1.0;
  p.R_off = 3.0;
  const HpDrift device(p);  // R = 2 at the middle
  Statistics statistics;
  CHECK(run(device, {Quantity::voltage, 0.0}, {0.0}, Waveform({Ramp{1.9, 0.0, 1.9}}), &statistics)[0] == 0.0);
  CHECK(statistics.state_events == 0);
  const auto gamma = run(device, {Quantity::voltage, 0.0}, {0.0}, Waveform({Ramp{2.5, 0.0, 2.5}}), &statistics);
  CHECK(statistics.state_events == 1);
  CHECK(gamma[0] > 0.0);
  // with 1 Ohm in series the threshold is at 3 V
  CHECK(run(device, {Quantity::voltage, 1.0}, {0.0}, Waveform({Ramp{2.9, 0.0, 2.9}}))[0] == 0.0);
  CHECK(run(device, {Quantity::voltage, 1.0}, {0.0}, Waveform({Ramp{3.1, 0.0, 3.1}}))[0] > 0.0);
}

TEST_CASE("no crossing of a threshold is missed at the maximum of a sine, whatever its phase") {
  HpDrift::Parameters p;
  p.I_gamma = 1.0;
  p.R_off = 3.0;
  const HpDrift device(p);
  for (int n = 0; n < 40; ++n) {
    const Sine current{1.0, 1.0001, 1.0, 0.1 * n};
    Statistics by_current;
    Statistics by_voltage;
    const auto moved = run(device, {Quantity::current, 0.0}, {0.0}, Waveform({current}), &by_current);
    const auto also = run(device, {Quantity::voltage, 0.0}, {0.0}, Waveform({current}).scale(2.0), &by_voltage);
    CAPTURE(n);
    CHECK(by_current.time_events >= 3);
    CHECK(by_voltage.state_events == by_current.time_events);
    CHECK_THAT(also[0], WithinAbs(moved[0], 1e-7));  // R hardly moves
  }
}

TEST_CASE("loop areas under a voltage are those of the recorded loop") {
  const Vteam device;
  const Source source{Quantity::voltage, 20.0};
  const Waveform drive({Sine{1e-5, 0.3, 2e5}});
  const std::vector<Job> jobs{{{1e-9}, drive}};
  LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(device, source)); }, {}, 0, true);
  integrate_ensemble(InstructionSet::scalar, device, {.integrals = true, .source = source}, lanes);
  REQUIRE(lanes.ended == 1);
  Integrator<DrivenDevice> integrator(driven(device, source), {});
  std::vector<double> gamma{1e-9};
  double positive = 0;
  double negative = 0;
  double v = 0;
  double i = 0;
  Recording recording{[&](const Sample& sample) {
                        (sample.drive + v > 0 ? positive : negative) +=
                            0.5 * (sample.voltage + v) * (sample.current - i);
                        v = sample.voltage;
                        i = sample.current;
                      },
                      false, 1e-10};
  integrator.advance(gamma, drive, 0, &recording);
  CHECK(std::abs(positive) > 1e-7);
  CHECK_THAT(lanes.done[0].integrals[area_positive], WithinRel(positive, 1e-3));
  CHECK_THAT(lanes.done[0].integrals[area_negative], WithinRel(negative, 1e-3));
}

TEST_CASE("the input that is solved for reproduces the drive, in lanes and in one lane") {
  const LehtonenLaiho device;
  const auto one = model_of<double>(device);
  const auto packs = model_of<Pack>(device);
  const std::vector<double> gamma{0.4};
  const std::vector<Pack> wide{Pack(0.4)};
  for (const double series : {0.0, 1e3})
    for (const Quantity quantity : {Quantity::current, Quantity::voltage}) {
      const Driven<double> by_one(one, {quantity, series});
      const Driven<Pack> by_packs(packs, {quantity, series});
      for (const double drive : {-1e-3, -1e-9, 0.0, 1e-12, 1e-6, 1e-4}) {
        const double u = by_one.input(gamma, drive);
        const double v = by_one.voltage(gamma, u);
        const double i = by_one.current(gamma, u);
        CHECK_THAT(quantity == Quantity::current ? i : v + series * i, WithinRel(drive, 1e-12));
        CHECK_THAT(lane(by_packs.input(wide, Pack(drive)), 0), WithinRel(u, 1e-12));
      }
    }
}

TEST_CASE("ensembles under the quantity that is not their input agree with one lane") {
  std::vector<Job> jobs;
  for (int j = 0; j < 11; ++j)
    jobs.push_back({{(0.5 + 0.2 * j) * 1e-9}, Waveform({Sine{1e-5, 1e-3 + 1e-4 * j, 2e5}, Ramp{1e-5, 0.0, -2e-3}})});
  agrees_in_lanes(Vteam{}, {Quantity::current, 0.0}, jobs);
  for (Job& job : jobs) job.drive = job.drive.scale(300.0);
  agrees_in_lanes(Vteam{}, {Quantity::voltage, 100.0}, jobs);
  agrees_in_lanes(Team{}, {Quantity::voltage, 50.0}, jobs);
  for (Job& job : jobs) job.gamma[0] = 0.4;
  agrees_in_lanes(LehtonenLaiho{}, {Quantity::voltage, 1e5}, jobs);
}

TEST_CASE("charge, flux, energy and loop area do not depend on which quantity the source prescribes") {
  // below the threshold the state rests, so that V = R I throughout
  const Vteam device;
  const double R = voltage_of(device, std::vector{1e-9}, 1.0) / current_of(device, std::vector{1e-9}, 1.0);
  const Waveform voltage({Sine{1.0, 0.015, 1.0}});
  std::vector<std::vector<double>> integrals;
  for (const Quantity quantity : {Quantity::voltage, Quantity::current}) {
    const Source source{quantity, 0.0};
    const std::vector<Job> jobs{{{1e-9}, quantity == Quantity::voltage ? voltage : voltage.scale(1 / R)}};
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(device, source)); }, {}, 0, true);
    integrate_ensemble(InstructionSet::scalar, device, {.integrals = true, .source = source}, lanes);
    REQUIRE(lanes.ended == 1);
    integrals.push_back(lanes.done[0].integrals);
  }
  CHECK_THAT(integrals[0][energy], WithinRel(0.015 * 0.015 / (2 * R), 1e-8));
  for (std::size_t q = 0; q < integrals[0].size(); ++q) CHECK_THAT(integrals[1][q], WithinAbs(integrals[0][q], 1e-13));
}

TEST_CASE("a Schottky path with a factor of 0 carries no current, even if its exponential overflows") {
  MetastableSwitch::Parameters p;
  p.beta_f = p.beta_r = 1e3;
  const MetastableSwitch ohmic(p);
  const std::array<double, 1> x{0.4};
  const double conductance = 0.4 / p.R_on + 0.6 / p.R_off;
  for (const double voltage : {-800.0, -1.0, 1.0, 800.0}) {
    CAPTURE(voltage);
    CHECK_THAT(ohmic.current(x, voltage), WithinRel(voltage * conductance, 1e-15));
    const auto device = driven(ohmic, Source{Quantity::current, 0.0});
    CHECK_THAT(device.input(x, voltage * conductance, Regime<double>{}), WithinRel(voltage, 1e-12));
  }
}

TEST_CASE("a state without an input for the drive ends in an error that names the cause") {
  const Waveform drive({Constant{1.0, 2.0}});
  const auto says = ContainsSubstring("no current through the device gives the prescribed 2 V in this state");
  // a logistic voltage is below 1 V
  CHECK_THROWS_WITH(run(ThresholdWindow{}, {Quantity::voltage, 0.0}, {0.0, 0.0, 0.0, 0.1}, drive), says);
  // a weight of zero has no voltage
  CHECK_THROWS_WITH(run(SynapticDrift{}, {Quantity::voltage, 0.0}, {0.0}, drive), says);
  // at x = 0 no voltage drives a current
  CHECK_THROWS_WITH(run(Yakopcic{}, {Quantity::current, 0.0}, {0.0}, Waveform({Constant{1.0, 1e-6}})),
                    ContainsSubstring("no voltage across the device gives the prescribed"));
  // nor is there an input to record
  std::vector<double> gamma{0.0};
  Recording recording{[](const Sample&) {}};
  CHECK_THROWS_WITH(Integrator<DrivenDevice>(driven(Yakopcic{}, Source{Quantity::current, 0.0}))
                        .advance(gamma, Constant{1.0, 1e-6}, 0.0, &recording),
                    ContainsSubstring("no voltage across the device gives the prescribed"));
  // a ramp reaches a point without an input, at rest and in motion
  CHECK_THROWS_WITH(run(Yakopcic{}, {Quantity::current, 0.0}, {0.0}, Waveform({Ramp{1.0, 0.0, 1e-6}})),
                    ContainsSubstring("no voltage across the device gives the prescribed"));
  CHECK_THROWS_WITH(
      run(ThresholdWindow{}, {Quantity::voltage, 0.0}, {0.0, 0.0, 0.0, 0.1}, Waveform({Ramp{1.0, 0.6, 2.0}})),
      ContainsSubstring("no current through the device gives the prescribed"));
  for (const InstructionSet set : instruction_sets()) {
    const Source source{Quantity::voltage, 0.0};
    const std::vector<Job> jobs{{{0.0}, drive}, {{0.25}, Waveform({Constant{1.0, 0.1}})}};
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(SynapticDrift{}, source)); });
    integrate_ensemble(set, SynapticDrift{}, {.source = source}, lanes);
    CHECK(lanes.done[0].outcome.failure == Failure::no_solution);
    CHECK(lanes.done[1].outcome.failure == Failure::none);
  }
}

TEST_CASE("the voltage of an arbitrarily small current is found although the currents of two paths cancel") {
  const AnyDevice device =
      MetastableSwitch({.phi = 0.8, .alpha_f = 8e-4, .beta_f = 4.0, .alpha_r = 8e-4, .beta_r = 4.0});
  const DrivenDevice driven_device = driven(device, {.quantity = Quantity::current});
  const std::vector<double> gamma{0.5};
  const double slope = device.model().current(gamma.data(), 1e-9) / 1e-9;  // at 0 V
  for (const double current : {1e-6, 1e-9, 1e-12, 1e-15, 1e-18})
    CHECK_THAT(driven_device.input(gamma, current), WithinRel(current / slope, 1e-6));
  // a path with a factor of 0 carries no current, even if its exponential overflows
  const AnyDevice without =
      MetastableSwitch({.phi = 0.8, .alpha_f = 0.0, .beta_f = 1e3, .alpha_r = 0.0, .beta_r = 1e3});
  CHECK(std::isfinite(without.model().current(gamma.data(), 5.0)));
}

}  // namespace memdyn::test_dynamics_driven
