// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "install/leaky.hpp"
#include "memdyn/assess/conformance.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/device/text/text_device.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/scalar/scalar.hpp"

namespace memdyn::test_device_device {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

static_assert(Device<ThresholdWindow> && Device<HpDrift> && Device<SynapticDrift> && Device<Team>);
static_assert(DeviceFor<ThresholdWindow, Dual<1>> && DeviceFor<HpDrift, Dual<1>> && DeviceFor<SynapticDrift, Dual<1>>);

namespace {

template <class T, class D>
T drift_of(const D& device, std::size_t i, const std::vector<T>& gamma, const T& current) {
  Regime<T> regime;
  evaluate_regime(device, gamma, current, regime);
  return device.drift(i, gamma, current, regime);
}

template <class D>
void scalars_agree(const D& device) {
  for (double current : {-25.0, -20.7, -20.2, -3.0, 0.0, 3.0, 12.0, 20.2, 20.7, 25.0}) {
    const std::vector<double> gamma(device.size(), 0.125);
    const std::vector<Pack> packs(device.size(), Pack(0.125));
    const std::vector<Dual<1>> duals(device.size(), Dual<1>(0.125));
    for (std::size_t i = 0; i < device.size(); ++i) {
      const double reference = drift_of(device, i, gamma, current);
      CHECK(drift_of(device, i, packs, Pack(current)).get(0) == reference);
      CHECK(drift_of(device, i, duals, Dual<1>(current)).value() == reference);
    }
    const double voltage = voltage_of(device, gamma, current);
    CHECK_THAT(Pack(voltage_of(device, packs, Pack(current))).get(0), WithinRel(voltage, 1e-15));
    CHECK(Dual<1>(voltage_of(device, duals, Dual<1>(current))).value() == voltage);
  }
}

}  // namespace

TEST_CASE("double, pack and dual number agree on every model") {
  scalars_agree(ThresholdWindow{});
  scalars_agree(HpDrift{});
  scalars_agree(SynapticDrift{});
}

TEST_CASE("double, pack and dual number agree on TEAM, within the error bounds of their functions") {
  const Team device;
  for (const double current : {-3e-4, -1.5e-4, 0.0, 5e-5, 1.2e-4, 4e-4})
    for (const double x : {0.1e-9, 1.5e-9, 2.6e-9}) {
      const double drift = drift_of(device, 0, std::vector{x}, current);
      CHECK_THAT(lane(drift_of(device, 0, std::vector{Pack(x)}, Pack(current)), 0), WithinRel(drift, 1e-13));
      CHECK_THAT(drift_of(device, 0, std::vector{Dual<1>(x)}, Dual<1>(current)).value(), WithinRel(drift, 1e-15));
      const double voltage = voltage_of(device, std::vector{x}, current);
      CHECK_THAT(lane(Pack(voltage_of(device, std::vector{Pack(x)}, Pack(current))), 0), WithinRel(voltage, 1e-14));
    }
}

TEST_CASE("a window drifts by the current beyond its threshold, for both signs") {
  const ThresholdWindow device;
  const std::vector<double> gamma(4, 0.0);
  CHECK_THAT(drift_of(device, 0, gamma, 20.25), WithinRel(0.25, 1e-12));
  CHECK_THAT(drift_of(device, 1, gamma, -21.25), WithinRel(-0.25, 1e-12));
  CHECK(drift_of(device, 0, gamma, 21.25) == 0.0);
  CHECK(drift_of(device, 3, gamma, 21.25) == 0.0);
}

TEST_CASE("lanes in different regimes of one pack agree with the scalar") {
  const ThresholdWindow device;
  const std::vector<double> gamma(device.size(), 0.125);
  const std::vector<Pack> packs(device.size(), Pack(0.125));
  double currents[Pack::size];
  for (std::size_t lane = 0; lane < Pack::size; ++lane) currents[lane] = lane % 2 == 0 ? 20.25 : -20.75 + 0.5 * lane;
  for (std::size_t i = 0; i < device.size(); ++i) {
    const Pack drift = drift_of(device, i, packs, Pack::load_unaligned(currents));
    for (std::size_t lane = 0; lane < Pack::size; ++lane)
      CHECK(drift.get(lane) == drift_of(device, i, gamma, currents[lane]));
  }
}

TEST_CASE("HP memristance spans R_on to R_off over the shifted range") {
  const HpDrift device;
  CHECK_THAT(voltage_of(device, std::vector{0.5}, 2.0), WithinRel(2.0, 1e-12));
  CHECK_THAT(voltage_of(device, std::vector{-0.5}, 2.0), WithinRel(202.0, 1e-12));
  CHECK_THAT(drift_of(device, 0, {0.0}, -13.0), WithinRel(-3.0, 1e-12));
}

TEST_CASE("parameters outside their range are refused by name") {
  HpDrift::Parameters p;
  p.D = -1e-8;
  CHECK_THROWS_WITH(HpDrift(p), ContainsSubstring("hp-drift: D = -1e-08 m"));
  p.D = std::nan("");
  CHECK_THROWS_AS(HpDrift(p), InputError);
  ThresholdWindow::Parameters w;
  w.activation = "relu";
  CHECK_THROWS_WITH(ThresholdWindow(w), ContainsSubstring("logistic"));
}

TEST_CASE("a drift that is less smooth than declared fails the conformance suite") {
  const auto [drift, order] = GENERATE(table<std::string, int>(
      {{"v^3", Properties::smooth}, {"v*(v^2)^0.5", 1}, {"(v^2)^1.5*(1 - x) + x", 2}, {"((x - 0.31)^2)^1.5*v", 2}}));
  for (const int declared : {1, 2, 3}) {
    TextDescription bent;
    bent.name = "bent";
    bent.control = Quantity::voltage;
    bent.variables = {{"x", "1", "0", "1", "", drift}};
    bent.port_expression = "1e3";
    bent.fades = true;
    bent.typical_input = 1.0;
    bent.smoothness = declared;
    const AnyDevice device(std::make_shared<TextDevice>(bent));
    CAPTURE(drift, declared);
    bool found = false;
    for (const Verdict& verdict : conformance(device, [](double) {}))
      found = found || (verdict.outcome == Verdict::Outcome::fails && verdict.test.ends_with("not jump"));
    CHECK(found == (declared > order));
  }
}

static_assert(Device<Leaky>);
TEST_CASE("the device of CONTRIBUTING relaxes to its closed form") {
  const std::shared_ptr<const Model<double>> model = model_of<double>(Leaky{});
  Integrator<Driven<double>> integrator({model, {Quantity::voltage, 0.0}}, {Method::dopri5, 1e-12, 1e-14});
  std::vector<double> gamma{1e-5};
  integrator.advance(gamma, Constant{0.7, 0.9});
  const double settled = 1e-3 * 0.4 * 1.0;
  CHECK_THAT(gamma[0], WithinRel(settled + (1e-5 - settled) * std::exp(-0.7), 1e-10));
}

}  // namespace memdyn::test_device_device
