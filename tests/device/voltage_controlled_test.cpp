// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "memdyn/device/models/metastable_switch.hpp"
#include "memdyn/device/models/pershin_di_ventra.hpp"
#include "memdyn/device/models/rate_balance.hpp"
#include "memdyn/device/models/stanford_rram.hpp"
#include "memdyn/device/models/yakopcic.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/scalar/scalar.hpp"

namespace memdyn::test_device_voltage_controlled {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
constexpr double pi = std::numbers::pi;

static_assert(Device<PershinDiVentra> && DeviceFor<PershinDiVentra, Dual<1>>);
static_assert(Device<MetastableSwitch> && DeviceFor<MetastableSwitch, Dual<1>>);
static_assert(Device<Yakopcic> && DeviceFor<Yakopcic, Dual<1>>);
static_assert(Device<StanfordRram> && DeviceFor<StanfordRram, Dual<1>>);
static_assert(Device<RateBalance> && DeviceFor<RateBalance, Dual<1>>);

namespace {

template <class T, class D>
T drift_of(const D& device, const T& gamma, const T& voltage) {
  Regime<T> regime;
  const std::vector<T> state{gamma};
  evaluate_regime(device, state, voltage, regime);
  return device.drift(0, state, voltage, regime);
}

/// Compares the values over the three scalars and with parameters in lanes, and both derivatives with differences.
/// @param voltages away from the guards @param digits relative error allowed for functions of packs and cancellation
template <class D>
void scalars_agree(const D& device, std::initializer_list<double> states, std::initializer_list<double> voltages,
                   double digits = 1e-13) {
  using Wide = typename D::template With<Pack>;
  const Wide wide(spread<typename Wide::Parameters>(device.parameters()));
  for (const double state : states)
    for (const double voltage : voltages) {
      CAPTURE(D::name, state, voltage);
      const double drift = drift_of(device, state, voltage);
      const double current = current_of(device, std::vector{state}, voltage);
      const std::vector packs{Pack(state)};
      CHECK_THAT(lane(drift_of(device, packs[0], Pack(voltage)), 0), WithinRel(drift, digits));
      CHECK_THAT(lane(drift_of(wide, packs[0], Pack(voltage)), 0), WithinRel(drift, digits));
      CHECK_THAT(lane(Pack(current_of(device, packs, Pack(voltage))), 0), WithinRel(current, digits));
      CHECK_THAT(lane(Pack(current_of(wide, packs, Pack(voltage))), 0), WithinRel(current, digits));

      const Dual<1> along_state(state, 1, 0);
      const Dual<1> along_voltage(voltage, 1, 0);
      const Dual<1> by_state = drift_of(device, along_state, Dual<1>(voltage));
      const Dual<1> by_voltage = drift_of(device, Dual<1>(state), along_voltage);
      const Dual<1> slope = current_of(device, std::vector{Dual<1>(state)}, along_voltage);
      CHECK(by_state.value() == drift);
      CHECK(by_voltage.value() == drift);
      CHECK(slope.value() == current);
      const double dx = 1e-5 * device.scale(0);
      const double dV = 1e-5;
      const auto matches = [](double derivative, double up, double down, double width) {
        CHECK_THAT(derivative, WithinRel((up - down) / width, 1e-4) ||
                                   WithinAbs(0.0, 1e-9 * (std::abs(up) + std::abs(down)) / width));
      };
      matches(by_state.derivatives()[0], drift_of(device, state + dx, voltage), drift_of(device, state - dx, voltage),
              2 * dx);
      matches(by_voltage.derivatives()[0], drift_of(device, state, voltage + dV), drift_of(device, state, voltage - dV),
              2 * dV);
      matches(slope.derivatives()[0], current_of(device, std::vector{state}, voltage + dV),
              current_of(device, std::vector{state}, voltage - dV), 2 * dV);
    }
}

/// Integrates on both paths of the integrator: each variable alone, and all jointly with a recording.
template <class D>
double final_state(const D& device, double state, const Waveform& drive, Statistics* statistics = nullptr) {
  double ends[2];
  for (const bool recorded : {false, true}) {
    std::vector gamma{state};
    Integrator<D> integrator(device, {Method::dopri5, 1e-12, 1e-14});
    Recording recording{[](const Sample&) {}};
    integrator.advance(gamma, drive, 0, recorded ? &recording : nullptr);
    if (statistics != nullptr) *statistics = integrator.statistics();
    ends[recorded ? 1 : 0] = gamma[0];
  }
  CHECK_THAT(ends[1], WithinRel(ends[0], 1e-10));
  return ends[0];
}

}  // namespace

TEST_CASE("double, pack, dual and parameters in lanes agree on the voltage-controlled models") {
  PershinDiVentra::Parameters creeping;
  creeping.alpha = 1e12;
  scalars_agree(PershinDiVentra{}, {1e3, 5e3, 10e3}, {-6.0, -3.0, 0.0, 4.0, 5.0});
  scalars_agree(PershinDiVentra(creeping), {1e3, 5e3, 10e3}, {-6.0, -3.0, 0.0, 4.0, 5.0});
  MetastableSwitch::Parameters schottky;
  schottky.phi = 0.8;
  schottky.alpha_f = schottky.alpha_r = 8e-4;
  schottky.beta_f = 4.0;
  schottky.beta_r = 5.0;
  scalars_agree(MetastableSwitch{}, {0.1, 0.5, 0.9}, {-0.5, -0.1, 0.0, 0.2, 0.4});
  scalars_agree(MetastableSwitch(schottky), {0.1, 0.5, 0.9}, {-0.5, -0.1, 0.05, 0.2, 0.4});
  Yakopcic::Parameters reversed;
  reversed.reversed = true;
  reversed.a2 = 0.1;
  scalars_agree(Yakopcic{}, {0.1, 0.4, 0.45, 0.8}, {-0.4, -0.2, 0.1, 0.2, 0.4});
  scalars_agree(Yakopcic(reversed), {0.1, 0.4, 0.45, 0.8}, {-0.4, -0.2, 0.1, 0.2, 0.4});
  scalars_agree(StanfordRram{}, {0.3e-9, 1e-9, 1.6e-9}, {-1.5, -0.5, 0.3, 0.8, 1.5});
  scalars_agree(RateBalance{}, {0.1, 0.5, 0.9}, {-0.5, -0.1, 0.2, 0.4});
}

TEST_CASE("a switching probability far from its threshold has a finite derivative") {
  const MetastableSwitch device;
  for (const double voltage : {-90.0, 90.0}) {
    const Dual<1> drift = drift_of(device, Dual<1>(0.25), Dual<1>(voltage, 1, 0));
    CHECK_THAT(drift.value(), WithinRel(voltage > 0 ? 0.75e4 : -0.25e4, 1e-12));
    CHECK(drift.derivatives()[0] == 0.0);
  }
}

TEST_CASE("Pershin-Di Ventra under 50 MHz turns at the closed form and rests at R_off") {
  const PershinDiVentra device;
  const auto& p = device.parameters();
  const double f = 50e6;
  const double ratio = 5.0 / p.V_t;
  const double swing =
      p.beta * p.V_t / (2 * pi * f) * (2 * std::sqrt(ratio * ratio - 1) - pi + 2 * std::asin(1 / ratio));
  CHECK_THAT(p.R_off - swing, WithinRel(3181.8708, 1e-7));
  Statistics statistics;
  // up to R_off and pinned there; down once; and up to R_off again
  CHECK(final_state(device, 5e3, Waveform({Sine{0.5 / f, 5.0, f}})) == p.R_off);
  CHECK_THAT(final_state(device, 5e3, Waveform({Sine{1.0 / f, 5.0, f}}), &statistics),
             WithinRel(p.R_off - swing, 1e-10));
  CHECK(statistics.bounds_reached == 1);
  CHECK_THAT(final_state(device, 5e3, Waveform({Sine{1.5 / f, 5.0, f}})), WithinRel(p.R_off, 1e-10));
}

TEST_CASE("Pershin-Di Ventra creeps below its threshold at alpha") {
  PershinDiVentra::Parameters p;
  p.alpha = 1e12;
  const PershinDiVentra device(p);
  CHECK_THAT(final_state(device, 5e3, Waveform({Constant{1e-9, -2.0}})), WithinRel(3e3, 1e-12));
  // both terms: alpha V_t + beta (V - V_t)
  CHECK_THAT(final_state(device, 2e3, Waveform({Constant{1e-10, 5.0}})), WithinRel(2e3 + 460 + 400, 1e-12));
  CHECK_FALSE(device.properties().fades);
  CHECK(drift_of(device, 5e3, 0.0) == 0.0);
}

TEST_CASE("metastable switches relax exponentially under a constant voltage") {
  const MetastableSwitch device;
  const auto& p = device.parameters();
  const double V_T = 1.380649e-23 * p.T / 1.602176634e-19;
  for (const double V : {-0.3, 0.0, 0.2, 0.35}) {
    const double on = 1 / (1 + std::exp(-(V - p.V_on) / V_T));
    const double off = 1 / (1 + std::exp((V + p.V_off) / V_T));
    const double t = 1.5 * p.tau / (on + off);
    const double rest = on / (on + off);
    CHECK_THAT(final_state(device, 0.2, Waveform({Constant{t, V}})),
               WithinRel(rest + (0.2 - rest) * std::exp(-1.5), 1e-10));
  }
}

TEST_CASE("metastable switches are pinched only if their Schottky path is") {
  MetastableSwitch::Parameters p;
  CHECK(MetastableSwitch(p).properties().pinched.holds);
  CHECK(MetastableSwitch(p).properties().fades);
  p.alpha_f = 1e-3;
  CHECK(MetastableSwitch(p).properties().pinched.holds);  // phi = 1 removes the path
  p.phi = 0.5;
  CHECK_FALSE(MetastableSwitch(p).properties().pinched.holds);
  CHECK_FALSE(MetastableSwitch(p).properties().passive.holds);
  CHECK_THAT(current_of(MetastableSwitch(p), std::vector{0.5}, 0.0), WithinRel(0.5e-3, 1e-12));
  p.alpha_r = 1e-3;
  CHECK(MetastableSwitch(p).properties().passive.holds);
  CHECK(current_of(MetastableSwitch(p), std::vector{0.5}, 0.0) == 0.0);
}

TEST_CASE("Yakopcic's state moves at a constant rate before x_p, then approaches 1") {
  // with alpha_p = 0, f = (1 - x)/(1 - x_p): a straight line from 0.1 to 0.3, then an exponential
  Yakopcic::Parameters p;
  p.alpha_p = 0.0;
  const Yakopcic device(p);
  const double g = p.A_p * (std::exp(0.4) - std::exp(p.V_p));
  const double t = 0.2 / g + 2 * (1 - p.x_p) / g;
  Statistics statistics;
  CHECK_THAT(final_state(device, 0.1, Waveform({Constant{t, 0.4}}), &statistics),
             WithinRel(1 - 0.7 * std::exp(-2.0), 1e-10));
  CHECK(statistics.state_events >= 1);
  CHECK(final_state(device, 0.1, Waveform({Constant{1.0, 0.16}, Constant{1.0, -0.15}})) == 0.1);
}

TEST_CASE("Yakopcic's eta mirrors the drift, not the current") {
  Yakopcic::Parameters p;
  const Yakopcic device(p);
  p.reversed = true;
  const Yakopcic mirrored(p);
  for (const double V : {-0.4, 0.1, 0.4}) {
    CHECK(current_of(device, std::vector{0.6}, V) == current_of(mirrored, std::vector{0.6}, V));
    const double sign = drift_of(device, 0.6, V);
    CHECK(drift_of(mirrored, 0.6, V) * sign <= 0.0);
  }
  // downward drift slows below 1 - x_n for either sign of the voltage
  CHECK_THAT(drift_of(mirrored, 0.25, 0.4),
             WithinRel(-p.A_p * (std::exp(0.4) - std::exp(p.V_p)) * std::exp(-5 * 0.25) * 0.5, 1e-13));
}

TEST_CASE("the gap of the Stanford model closes under positive voltages; at room temperature by its closed form") {
  StanfordRram::Parameters p;
  p.Rth = 0.0;
  p.beta = 0.0;
  const StanfordRram device(p);
  const double V_T = 1.380649e-23 * 298.0 / 1.602176634e-19;
  double speed = 10.0 * std::exp(-0.6 / V_T) * std::sinh(16.0 * 0.25 / 12.0 * 1.2 / V_T);
  CHECK_THAT(final_state(device, 1.5e-9, Waveform({Constant{1e-9 / speed, 1.2}})), WithinRel(0.5e-9, 1e-10));
  CHECK(final_state(device, 1.5e-9, Waveform({Constant{2e-9 / speed, 1.2}})) == p.gap_min);
  CHECK(final_state(device, 1.5e-9, Waveform({Constant{2e-9 / speed, -1.2}})) == p.gap_max);
  CHECK(drift_of(device, 1e-9, 0.0) == 0.0);
}

TEST_CASE("the Stanford model heats by its power, and stays finite where factors overflow") {
  const StanfordRram device;
  const double V_T =
      1.380649e-23 / 1.602176634e-19 * (298.0 + 2.1e3 * 1.0 * 1e-3 * std::exp(-0.5 / 0.25) * std::sinh(1.0 / 0.25));
  const double gamma = 16.0 - 0.8 * 0.125;
  CHECK_THAT(drift_of(device, 0.5e-9, 1.0),
             WithinRel(-10.0 * std::exp(-0.6 / V_T) * std::sinh(gamma * 0.25 / 12.0 / V_T), 1e-12));
  StanfordRram::Parameters cold;
  cold.T_ini = 1.0;
  cold.Rth = 0.0;
  cold.Ea = 10.0;
  CHECK(std::isfinite(drift_of(StanfordRram(cold), 1e-9, 20.0)));
}

TEST_CASE("a rate balance relaxes exponentially under a constant voltage of either sign, and fades") {
  const RateBalance device;
  const auto& p = device.parameters();
  for (const double V : {-0.45, 0.0, 0.5}) {
    const double k_p = p.k_p0 * std::exp(p.eta_p * std::abs(V));
    const double k_d = p.k_d0 * std::exp(-p.eta_d * std::abs(V));
    const double rest = k_p / (k_p + k_d);
    CHECK_THAT(final_state(device, 0.3, Waveform({Constant{1.5 / (k_p + k_d), V}})),
               WithinRel(rest + (0.3 - rest) * std::exp(-1.5), 1e-10));
  }
  CHECK(device.properties().fades);
  CHECK_THAT(current_of(device, std::vector{0.25}, 2.0), WithinRel(2 * (0.75 * p.g_min + 0.25 * p.g_max), 1e-14));
}

TEST_CASE("bad parameters of the voltage-controlled models are refused by name") {
  const auto refused = []<class D>(const D& /*device*/, auto set, const char* text) {
    typename D::Parameters p;
    set(p);
    CHECK_THROWS_WITH(D(p), ContainsSubstring(text));
  };
  refused(PershinDiVentra{}, [](auto& p) { p.R_on = 20e3; }, "must be below R_off");
  refused(PershinDiVentra{}, [](auto& p) { p.V_t *= 1e9; }, "V_t");
  refused(PershinDiVentra{}, [](auto& p) { p.beta = -1.0; }, "beta");
  refused(MetastableSwitch{}, [](auto& p) { p.R_off = 100.0; }, "must be below R_off");
  refused(MetastableSwitch{}, [](auto& p) { p.tau *= 1e-9; }, "tau");
  refused(MetastableSwitch{}, [](auto& p) { p.phi = 1.5; }, "phi");
  refused(Yakopcic{}, [](auto& p) { p.x_p = 1.0; }, "x_p");
  refused(Yakopcic{}, [](auto& p) { p.A_n *= 1e9; }, "A_n");
  refused(Yakopcic{}, [](auto& p) { p.V_p = std::nan(""); }, "V_p");
  refused(StanfordRram{}, [](auto& p) { p.gap_max *= 1e9; }, "gap_max");
  refused(StanfordRram{}, [](auto& p) { p.gap_max = 13e-9; }, "must not exceed tox");
  refused(StanfordRram{}, [](auto& p) { p.gap_min = 2e-9; }, "must be below gap_max");
  refused(RateBalance{}, [](auto& p) { p.g_min = 1.0; }, "must be below g_max");
  refused(RateBalance{}, [](auto& p) { p.eta_p = -1.0; }, "eta_p");
}

}  // namespace memdyn::test_device_voltage_controlled
