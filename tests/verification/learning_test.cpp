// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "memdyn/core/random.hpp"
#include "memdyn/learn/closed_form.hpp"
#include "memdyn/learn/multilayer.hpp"
#include "memdyn/learn/single_layer.hpp"

using namespace memdyn;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
using Slp = SingleLayer<Integrator<ThresholdWindow>>;
using Mlp = Multilayer<Integrator<SynapticDrift>, Integrator<HpDrift>>;
Slp slp(const Slp::Options& options = {}) { return Slp(Integrator<ThresholdWindow>({}), options); }
Mlp mlp(const Mlp::Options& options = {}) {
  return Mlp(Integrator<SynapticDrift>({}), Integrator<HpDrift>({}), options);
}
double kappa = 0.15;
double phi(double I) { return kappa * I * I; }
}  // namespace

TEST_CASE("a step of Algorithm 1 is the delta rule") {
  const auto coding = GENERATE(Coding::width, Coding::amplitude);
  auto net = slp({.coding = coding});
  const std::vector<double> w{0.4, -0.7, 0.1};
  net.set_weights(w);
  const std::vector<double> x{1.0, -0.5};
  const double o = 1 / (1 + std::exp(-(0.4 + 0.35 + 0.1)));
  const double target = 0.0;
  CHECK_THAT(net.learn(x, {&target, 1}), WithinRel(0.5 * o * o, 1e-14));
  const double step = 0.1 * (0.0 - o) * o * (1 - o);
  CHECK_THAT(net.weights()[0], WithinAbs(0.4 + step * 1.0, 1e-14));
  CHECK_THAT(net.weights()[1], WithinAbs(-0.7 + step * -0.5, 1e-14));
  CHECK_THAT(net.weights()[2], WithinAbs(0.1 + step, 1e-14));
  CHECK(net.calibration().clean());
}

TEST_CASE("a step of Algorithm 2 is backpropagation through kappa I^2") {
  const auto coding = GENERATE(Coding::width, Coding::amplitude);
  auto net = mlp({.coding = coding});
  CHECK_THAT(net.kappa(), WithinRel(kappa, 1e-10));
  const std::vector<double> w{0.5, -0.8, 1.1, 0.3, 0.2, -0.4, 0.9, -1.2, 0.25};
  net.set_weights(w);
  const double x[] = {1.0, 0.5};
  const double target = 1.0;
  const double i1 = w[0] * x[0] + w[1] * x[1] + w[4];
  const double i2 = w[2] * x[0] + w[3] * x[1] + w[5];
  const double i3 = w[6] * phi(i1) + w[7] * phi(i2) + w[8];
  const double error = target - phi(i3);
  CHECK_THAT(net.learn(x, {&target, 1}), WithinRel(0.5 * error * error, 1e-10));
  const double d3 = error * 2 * kappa * i3;
  const double d1 = d3 * w[6] * 2 * kappa * i1;
  const double d2 = d3 * w[7] * 2 * kappa * i2;
  const double eta = 0.1;
  const double expected[] = {w[0] + eta * d1 * x[0],    w[1] + eta * d1 * x[1],    w[2] + eta * d2 * x[0],
                             w[3] + eta * d2 * x[1],    w[4] + eta * d1,           w[5] + eta * d2,
                             w[6] + eta * d3 * phi(i1), w[7] + eta * d3 * phi(i2), w[8] + eta * d3};
  const auto learnt = net.weights();
  for (int i = 0; i < 9; ++i) CHECK_THAT(learnt[i], WithinAbs(expected[i], 1e-11));
  CHECK(net.calibration().clean());
}

TEST_CASE("every pulse of the integrated learner agrees with its discrete twin to 1e-12 of the range") {
  Multilayer<ClosedForm<SynapticDrift>, ClosedForm<HpDrift>> twin(ClosedForm<SynapticDrift>({}),
                                                                  ClosedForm<HpDrift>({}), {});
  auto net = mlp();
  RandomStream random(3, 0, Purpose::initial_weights);
  std::vector<double> w(9);
  for (int sample = 0; sample < 2000; ++sample) {
    for (double& one : w) one = random.uniform(-3, 3);
    net.set_weights(w);
    twin.set_weights(w);
    const double x[] = {random.uniform(-1, 1), random.uniform(-1, 1)};
    const double target = 1.0;
    net.learn(x, {&target, 1});
    twin.learn(x, {&target, 1});
    for (int i = 0; i < 9; ++i) REQUIRE_THAT(net.gamma()[i], WithinAbs(twin.gamma()[i], 1e-12));
  }
}

TEST_CASE("a recorded training is the same to the last bit, and its time is continuous") {
  auto plain = mlp();
  auto recorded = mlp();
  double time = 0;
  std::size_t rows = 0;
  bool ordered = true;
  recorded.record_to([&](const TrainingSample& sample) {
    ordered = ordered && sample.time >= time * (1 - 1e-15);
    time = sample.time;
    ++rows;
  });
  const std::vector<double> w{0.5, -0.8, 1.1, 0.3, 0.2, -0.4, 0.9, -1.2, 0.25};
  plain.set_weights(w);
  recorded.set_weights(w);
  for (int sample = 0; sample < 50; ++sample) {
    const double x[] = {sample % 2 * 1.0, sample % 3 * 0.5};
    const double target = sample % 2;
    CHECK(plain.learn(x, {&target, 1}) == recorded.learn(x, {&target, 1}));
  }
  CHECK(plain.weights() == recorded.weights());
  CHECK(ordered);
  CHECK(rows > 50 * 15 * 2);
}

TEST_CASE("the calibration report sees reads inside of a window, lost updates, pinning and imperfect restores") {
  ThresholdWindow::Parameters p;
  p.I_gamma = {2.0, 2.05, 9.0};
  p.a = 0.1;
  SingleLayer<Integrator<ThresholdWindow>> net(Integrator<ThresholdWindow>(ThresholdWindow(p)), {});
  net.set_weights(std::vector<double>{2.02, 0.0, 0.0});
  const double x[] = {1.0, 0.0};
  const double target = -3.0;
  net.learn(x, {&target, 1});
  CHECK(net.calibration().overlapping_windows == 1);
  CHECK(net.calibration().read_disturbs == 1);
  CHECK(net.calibration().lost_updates == 2);  // |u| > a for weight and bias

  auto wide = mlp();
  wide.set_weights(std::vector<double>{0, 0, 0, 0, 7.9, 0, 0, 0, 0});  // drift of a read reaches the bound
  wide.learn(x, {&target, 1});
  CHECK(wide.calibration().imperfect_restores == 1);
  wide.set_weights(std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 7.999});
  const double large = 1e3;
  wide.learn(x, {&large, 1});
  CHECK(wide.calibration().pinned_weights > 0);
}
