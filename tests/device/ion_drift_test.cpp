// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "memdyn/device/models/hp_window.hpp"
#include "memdyn/device/models/lehtonen_laiho.hpp"
#include "memdyn/device/models/simmons_tunnel.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/scalar/scalar.hpp"

namespace memdyn::test_device_ion_drift {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

static_assert(Device<HpWindow> && DeviceFor<HpWindow, Dual<1>>);
static_assert(Device<LehtonenLaiho> && DeviceFor<LehtonenLaiho, Dual<1>>);
static_assert(Device<SimmonsTunnel> && DeviceFor<SimmonsTunnel, Dual<1>>);

namespace {

template <class D, class T>
T drift_of(const D& device, const T& state, const T& u) {
  const std::vector<T> gamma{state};
  RegimeOf<D, T> regime;
  evaluate_regime(device, gamma, u, regime);
  return device.drift(0, gamma, u, regime);
}

/// Double, pack and dual number agree, also if the parameters of a pack are packs; the derivative of the dual number
/// agrees with differences of doubles.
template <class D>
void scalars_agree(const D& device, double state, double u) {
  INFO(D::name << " at " << state << ", " << u);
  using Wide = typename D::template With<Pack>;
  const Wide wide(spread<typename Wide::Parameters>(device.parameters()));
  const double drift = drift_of(device, state, u);
  const auto close = [](double actual, double expected, double relative = 1e-12, double absolute = 0.0) {
    CHECK_THAT(actual, WithinRel(expected, relative) || WithinAbs(expected, absolute));
  };
  close(lane(drift_of(device, Pack(state), Pack(u)), 0), drift);
  close(lane(drift_of(wide, Pack(state), Pack(u)), 0), drift);
  const auto dual = drift_of(device, Dual<1>(state, 1, 0), Dual<1>(u));
  close(dual.value(), drift);
  const double h = 1e-6 * device.scale(0);
  const double slope = (drift_of(device, state + h, u) - drift_of(device, state - h, u)) / (2 * h);
  close(dual.derivatives()[0], slope, 1e-4, 1e-9 * std::abs(drift) / h);

  const double voltage = voltage_of(device, std::vector{state}, u);
  const double current = current_of(device, std::vector{state}, u);
  close(lane(Pack(voltage_of(wide, std::vector{Pack(state)}, Pack(u))), 0), voltage);
  close(lane(Pack(current_of(wide, std::vector{Pack(state)}, Pack(u))), 0), current);
  close(Dual<1>(voltage_of(device, std::vector{Dual<1>(state)}, Dual<1>(u))).value(), voltage);
  close(Dual<1>(current_of(device, std::vector{Dual<1>(state)}, Dual<1>(u))).value(), current);
}

template <class D>
double final_state(const D& device, double state, const Waveform& drive) {
  Integrator<D> integrator(device, {Method::dopri5, 1e-13, 1e-15});
  std::vector<double> gamma{state};
  integrator.advance(gamma, drive);
  return gamma[0];
}

HpWindow::Parameters hp(const std::string& window, double p = 1, bool logit = false) {
  HpWindow::Parameters parameters;
  parameters.window = window;
  parameters.p = p;
  parameters.logit = logit;
  return parameters;
}
/// f of a window: the drift divided by k I.
double window_of(const HpWindow& device, double x, double current) {
  return drift_of(device, x, current) / (1e4 * current);
}

}  // namespace

TEST_CASE("hp-window: double, pack and dual number agree in every window") {
  for (const char* window :
       {"rectangular", "strukov", "joglekar", "biolek", "prodromakis", "zha", "kvatinsky", "asymmetric"})
    for (const double p : {1.0, 2.0, 7.0})
      for (const double x : {0.0, 0.07, 0.5, 0.93, 1.0})
        for (const double current : {-2e-4, 3e-5}) scalars_agree(HpWindow(hp(window, p)), x, current);
  for (const char* window : {"strukov", "joglekar", "prodromakis"})
    for (const double z : {-30.0, -1.5, 0.0, 0.4, 30.0})
      for (const double current : {-2e-4, 3e-5}) scalars_agree(HpWindow(hp(window, 3.0, true)), z, current);
  scalars_agree(HpWindow(hp("prodromakis", 0.7)), 0.3, 1e-4);
}

TEST_CASE("hp-window: lanes with exponents of their own agree with the scalar") {
  HpWindowOf<Pack>::Parameters wide;
  double p[Pack::size];
  for (std::size_t l = 0; l < Pack::size; ++l) p[l] = 1.0 + 3.0 * static_cast<double>(l);
  wide.p = Pack::load_unaligned(p);
  for (const bool logit : {false, true}) {
    wide.logit = logit;
    const Pack drift = drift_of(HpWindowOf<Pack>(wide), Pack(0.3), Pack(1e-4));
    for (std::size_t l = 0; l < Pack::size; ++l)
      CHECK_THAT(lane(drift, l), WithinRel(drift_of(HpWindow(hp("joglekar", p[l], logit)), 0.3, 1e-4), 1e-14));
  }
}

TEST_CASE("hp-window: windows at tabulated points") {
  const HpWindow joglekar(hp("joglekar"));
  CHECK(window_of(joglekar, 0.0, 1e-4) == 0.0);
  CHECK_THAT(window_of(joglekar, 0.5, 1e-4), WithinRel(1.0, 1e-15));
  CHECK(window_of(joglekar, 1.0, 1e-4) == 0.0);
  CHECK_THAT(window_of(HpWindow(hp("joglekar", 10)), 0.25, 1e-4), WithinRel(1 - std::pow(0.5, 20), 1e-15));
  const HpWindow prodromakis(hp("prodromakis"));
  CHECK(window_of(prodromakis, 0.0, 1e-4) == 0.0);
  CHECK_THAT(window_of(prodromakis, 0.5, 1e-4), WithinRel(0.25, 1e-15));
  CHECK(window_of(prodromakis, 1.0, 1e-4) == 0.0);
  CHECK_THAT(window_of(HpWindow(hp("prodromakis", 0.5)), 0.5, 1e-4), WithinRel(1 - std::sqrt(0.75), 1e-15));
  for (const char* window : {"biolek", "zha"}) {
    const HpWindow device(hp(window));
    const double most = std::string(window) == "zha" ? 0.25 : 1.0;
    CHECK_THAT(window_of(device, 0.0, 1e-4), WithinRel(most, 1e-15));
    CHECK(window_of(device, 1.0, 1e-4) == 0.0);
    CHECK(window_of(device, 0.0, -1e-4) == 0.0);
    CHECK_THAT(window_of(device, 1.0, -1e-4), WithinRel(most, 1e-15));
  }
  CHECK_THAT(window_of(HpWindow(hp("strukov")), 0.25, 1e-4), WithinRel(0.1875, 1e-15));
  CHECK_THAT(window_of(HpWindow(hp("kvatinsky")), 0.8, 1e-4), WithinRel(std::exp(-1.0), 1e-15));
  CHECK_THAT(window_of(HpWindow(hp("kvatinsky")), 0.2, -1e-4), WithinRel(std::exp(-1.0), 1e-15));
  CHECK_THAT(window_of(HpWindow(hp("asymmetric")), 1.0, -1e-4), WithinRel(1.0, 1e-15));
}

TEST_CASE("hp-window: with `reversed` the window follows the polarity") {
  auto parameters = hp("biolek", 2);
  parameters.reversed = true;
  CHECK(drift_of(HpWindow(parameters), 0.3, 1e-4) == drift_of(HpWindow(hp("biolek", 2)), 0.3, -1e-4));
}

TEST_CASE("hp-window: with Joglekar's window and p = 1 the memristance is a logistic function of the charge") {
  const bool logit = GENERATE(false, true);
  const HpWindow device(hp("joglekar", 1, logit));
  const double k = 1e4;
  const double R_ini = 11e3;
  const double x = (16e3 - R_ini) / 15.9e3;
  const double a = (R_ini - 100) / (16e3 - R_ini);
  const auto R_of = [&](double q) { return 16e3 + (100 - 16e3) / (1 + a * std::exp(-4 * k * q)); };
  const double start = logit ? std::log(x / (1 - x)) : x;
  const auto R_after = [&](const Waveform& drive) {
    return device.memristance(std::vector{final_state(device, start, drive)});
  };
  // ramps and constants of both signs, |4 k q| < 8 on the way
  CHECK_THAT(R_after(Waveform({Constant{1.0, 1.9e-4}})), WithinRel(R_of(1.9e-4), 1e-10));
  CHECK_THAT(R_after(Waveform({Ramp{1.0, 0, 3e-4}, Constant{2.0, -1e-4}})), WithinRel(R_of(-0.5e-4), 1e-10));
  CHECK_THAT(R_after(Waveform({Sine{0.5, 5e-4, 1.0}, Constant{0.5, -1e-4}})),
             WithinRel(R_of(5e-4 / std::numbers::pi - 0.5e-4), 1e-10));
  if (logit) {
    CHECK_THAT(R_after(Waveform({Constant{1.0, 9e-4}})), WithinRel(R_of(9e-4), 1e-10));
    CHECK_THAT(R_after(Waveform({Constant{1.0, 9e-4}, Ramp{2.0, 0, -9e-4}})), WithinRel(R_ini, 1e-10));
    CHECK_THAT(R_after(Waveform({Constant{1.0, -9e-4}})), WithinRel(R_of(-9e-4), 1e-10));
    CHECK_THAT(R_after(Waveform({Constant{1.0, -9e-4}, Ramp{2.0, 0, 9e-4}})), WithinRel(R_ini, 1e-10));
  }
}

TEST_CASE("hp-window: the logit variable follows the same trajectory, and resolves 1 - x") {
  for (const char* window : {"strukov", "joglekar", "prodromakis"}) {
    const HpWindow direct(hp(window, 4));
    const HpWindow logit(hp(window, 4, true));
    const Waveform drive({Sine{1.3, 2e-4, 1.0}, Ramp{0.5, 1e-4, -1e-4}});
    const double x = final_state(direct, 0.3, drive);
    const double z = final_state(logit, std::log(0.3 / 0.7), drive);
    CHECK_THAT(1 / (1 + std::exp(-z)), WithinRel(x, 1e-11));
  }
  const HpWindow far(hp("joglekar", 1, true));
  CHECK_THAT(far.memristance(std::vector{36.0}) - 100.0, WithinRel(15.9e3 * std::exp(-36.0), 1e-1));
  CHECK_THAT(drift_of(far, 700.0, 1e-4), WithinRel(4.0, 1e-15));
  CHECK(std::isfinite(far.memristance(std::vector{1e4})));
}

TEST_CASE("hp-window: a state leaves a bound unless the window vanishes there") {
  const Waveform drive({Constant{2.0, 1e-4}, Constant{0.25, -1e-4}});
  CHECK_THAT(final_state(HpWindow(hp("rectangular")), 0.5, drive), WithinRel(0.75, 1e-12));
  CHECK_THAT(final_state(HpWindow(hp("asymmetric")), 0.5, drive), WithinRel(0.75, 1e-12));
}

TEST_CASE("hp-window: bad parameters are refused") {
  auto bad = hp("joglekar");
  bad.D = 10;
  CHECK_THROWS_WITH(HpWindow(bad), ContainsSubstring("hp-window: D = 10 m"));
  bad = hp("joglekar");
  bad.R_on = 2e4;
  CHECK_THROWS_WITH(HpWindow(bad), ContainsSubstring("below R_off = 16000 Ohm"));
  CHECK_THROWS_WITH(HpWindow(hp("hann")), ContainsSubstring("prodromakis"));
  CHECK_THROWS_WITH(HpWindow(hp("joglekar", 1.5)), ContainsSubstring("whole number"));
  CHECK_THROWS_WITH(HpWindow(hp("prodromakis", 1.5, true)), ContainsSubstring("whole number"));
  CHECK_NOTHROW(HpWindow(hp("prodromakis", 1.5)));
  CHECK_THROWS_WITH(HpWindow(hp("biolek", 1, true)), ContainsSubstring("logit = true: needs a window that vanishes"));
}

TEST_CASE("lehtonen-laiho: double, pack and dual number agree") {
  LehtonenLaiho::Parameters parameters;
  for (const char* window : {"rectangular", "joglekar"})
    for (const double m : {1.0, 5.0, 13.0}) {
      parameters.window = window;
      parameters.m = m;
      parameters.leak = 0.01;
      for (const double w : {0.1, 0.5, 0.8})
        for (const double voltage : {-1.3, -1e-7, 0.0, 0.9}) scalars_agree(LehtonenLaiho(parameters), w, voltage);
    }
}

TEST_CASE("lehtonen-laiho: lanes with exponents of their own agree with the scalar") {
  LehtonenLaihoOf<Pack>::Parameters wide;
  double m[Pack::size];
  for (std::size_t l = 0; l < Pack::size; ++l) m[l] = 1.0 + 4.0 * static_cast<double>(l);
  wide.m = Pack::load_unaligned(m);
  const Pack drift = drift_of(LehtonenLaihoOf<Pack>(wide), Pack(0.3), Pack(-0.7));
  for (std::size_t l = 0; l < Pack::size; ++l) CHECK_THAT(lane(drift, l), WithinRel(-std::pow(0.7, m[l]), 1e-14));
}

TEST_CASE("lehtonen-laiho: closed forms of the state") {
  LehtonenLaiho::Parameters parameters;
  parameters.m = 3;
  // a ramp of V from 0 to 1 in 1 s: the integral of V^3 is 1/4
  CHECK_THAT(final_state(LehtonenLaiho(parameters), 0.3, Waveform({Ramp{1.0, 0, 1}})), WithinRel(0.55, 1e-12));
  CHECK_THAT(final_state(LehtonenLaiho(parameters), 0.3, Waveform({Ramp{8.0, 0, 1}, Ramp{1.0, 0, -1}})),
             WithinRel(0.75, 1e-12));
  parameters.window = "joglekar";
  const double odds = 0.3 / 0.7 * std::exp(4 * 0.25);
  CHECK_THAT(final_state(LehtonenLaiho(parameters), 0.3, Waveform({Ramp{1.0, 0, 1}})),
             WithinRel(odds / (1 + odds), 1e-12));
}

TEST_CASE("lehtonen-laiho: no cancellation in the current at small voltages") {
  const LehtonenLaiho device;
  const double slope = 0.25 * 0.9e-6 * 2.0 + 1e-10 * 4.0;
  CHECK_THAT(device.current(std::vector{0.5}, 1e-12), WithinRel(1e-12 * slope, 1e-11));
  CHECK_THAT(device.current(std::vector{0.5}, 1.0),
             WithinRel(0.25 * 0.9e-6 * std::sinh(2.0) + 1e-10 * (std::exp(4.0) - 1), 1e-14));
}

TEST_CASE("lehtonen-laiho: bad parameters are refused") {
  LehtonenLaiho::Parameters bad;
  bad.m = 4;
  CHECK_THROWS_WITH(LehtonenLaiho(bad), ContainsSubstring("lehtonen-laiho: m = 4: must be an odd whole number"));
  bad = {};
  bad.w_min = 1.0;
  CHECK_THROWS_WITH(LehtonenLaiho(bad), ContainsSubstring("below w_max = 1"));
  bad = {};
  bad.beta = 900;
  CHECK_THROWS_WITH(LehtonenLaiho(bad), ContainsSubstring("beta = 900 A"));
  bad = {};
  bad.p = 1.5;
  CHECK_THROWS_WITH(LehtonenLaiho(bad), ContainsSubstring("whole number in 1..1000"));
}

TEST_CASE("simmons-tunnel: double, pack and dual number agree") {
  for (const double w : {1.12e-9, 1.35e-9, 1.6e-9, 1.88e-9})
    for (const double voltage : {-0.95, -0.7, -0.3, -0.02, 0.05, 0.4, 0.89, 1.1})
      scalars_agree(SimmonsTunnel{}, w, voltage);
}

TEST_CASE("simmons-tunnel: the constants of Abdalla and Pickett's listing, to the digits given there") {
  // A J_0 = 0.0617 A nm2/V, lambda w = 0.0998 V nm, w_1 = 0.1261 nm, B = 10.246 /(nm V^0.5), here at w = 1.2 nm
  const double v = 0.5;
  const double w = 1.2;
  const double w_2 = 0.1261 + w - 0.9183 / (2.85 + 4 * 0.0998 / w - 2 * v);
  const double dw = w_2 - 0.1261;
  const double phi =
      0.95 - v * (0.1261 + w_2) / (2 * w) - 1.15 * 0.0998 * std::log(w_2 * (w - 0.1261) / (0.1261 * (w - w_2))) / dw;
  const double B = 10.246 * dw;
  const double i =
      0.0617 / (dw * dw) * (phi * std::exp(-B * std::sqrt(phi)) - (phi + v) * std::exp(-B * std::sqrt(phi + v)));
  CHECK_THAT(SimmonsTunnel().current(std::vector{1.2e-9}, v), WithinRel(i, 2e-3));
}

TEST_CASE("simmons-tunnel: the current is odd, zero at rest, without cancellation, and increases without bound") {
  const SimmonsTunnel device;
  for (const double w : {1.1e-9, 1.5e-9, 1.9e-9}) {
    const std::vector gamma{w};
    CHECK(device.current(gamma, 0.0) == 0.0);
    CHECK(drift_of(device, w, 0.0) == 0.0);
    CHECK(device.current(gamma, -0.6) == -device.current(gamma, 0.6));
    CHECK_THAT(device.current(gamma, 1e-9) / 1e-9, WithinRel(device.current(gamma, 1e-6) / 1e-6, 1e-5));
    double last = 0;
    for (int k = 1; k <= 60; ++k) {
      const double i = device.current(gamma, 0.1 * k);
      CHECK((std::isfinite(i) && i > last));
      last = i;
    }
    CHECK_THAT(device.current(gamma, 0.9 * (1 + 1e-12)), WithinRel(device.current(gamma, 0.9), 1e-9));
  }
}

TEST_CASE("simmons-tunnel: the drift is finite in its whole domain, although sinh alone overflows") {
  const SimmonsTunnel device;
  for (int k = 0; k <= 40; ++k)
    for (int l = -45; l <= 45; ++l) {
      const double w = 1.1e-9 + 0.02e-9 * k;
      const double v = 0.02 * l;
      const double drift = drift_of(device, w, v);
      CHECK((std::isfinite(drift) && drift * v >= 0.0));
    }
  // the formula evaluated directly, at a width and a current where no factor overflows
  const double i = device.current(std::vector{1.3e-9}, 0.5);
  CHECK_THAT(
      drift_of(device, 1.3e-9, 0.5),
      WithinRel(3.5e-6 * std::sinh(i / 115e-6) * std::exp(-std::exp(0.1 / 0.107 - i / 500e-6) - 1.3 / 0.107), 1e-12));
}

TEST_CASE("simmons-tunnel: bad parameters are refused") {
  SimmonsTunnel::Parameters bad;
  bad.w_min = 1.2;
  CHECK_THROWS_WITH(SimmonsTunnel(bad), ContainsSubstring("simmons-tunnel: w_min = 1.2 m"));
  bad = {};
  bad.w_min = 2e-9;
  CHECK_THROWS_WITH(SimmonsTunnel(bad), ContainsSubstring("below w_max = 1.9e-09 m"));
  bad = {};
  bad.w_min = 0.12e-9;
  CHECK_THROWS_WITH(SimmonsTunnel(bad), ContainsSubstring("above w_1"));
  bad = {};
  bad.w_min = 0.3e-9;
  CHECK_THROWS_WITH(SimmonsTunnel(bad), ContainsSubstring("the barrier vanishes"));
  bad = {};
  bad.v_max = 1.0;
  CHECK_THROWS_WITH(SimmonsTunnel(bad), ContainsSubstring("the current does not increase up to v_max"));
  bad = {};
  bad.v_max = 2.0;
  CHECK_THROWS_WITH(SimmonsTunnel(bad), ContainsSubstring("below 1.5 phi_0"));
  bad = {};
  bad.i_on = 1e-6;
  CHECK_THROWS_WITH(SimmonsTunnel(bad), ContainsSubstring("overflows"));
}

}  // namespace memdyn::test_device_ion_drift
