// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "dynamics/device_lanes.hpp"
#include "dynamics/pulse_lanes.hpp"
#include "dynamics/trapezoids.hpp"
#include "learn/learner.hpp"
#include "learn/pulse_generator.hpp"
#include "learn/rules/closed_form.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/training.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_learn_generator {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// The states after a pulse, by the integrator, by lanes of devices, and by the closed form.
template <class D>
std::vector<std::vector<double>> after(const D& device, const std::vector<double>& gamma, const Trapezoid& pulse) {
  std::vector<std::vector<double>> all(3, gamma);
  Integrator<D> integrator(device, {});
  send(integrator, all[0], pulse);
  const Trapezoids<double> one{{&pulse.peak, 1}, {&pulse.width, 1}, pulse.rise, pulse.fall};
  DeviceLanes(PulseLanes<D, Pack>(device, {}, InstructionSet::baseline)).pulse(all[1], one);
  ClosedForm<D>(device).pulse(all[2], one);
  return all;
}

/// γ of a node or synapse after a pulse by the formula of the edges alone, without bounds.
double moved(const ThresholdDrift& device, double gamma, const Trapezoid& p) {
  const double c = device.rate();
  const double u = std::abs(p.peak) - device.threshold_current();
  if (u <= 0) return gamma;
  const double size = c * u * p.width + c * u * u * (p.rise + p.fall) / (2 * (u + device.threshold_current()));
  return gamma + std::copysign(size, p.peak);
}
}  // namespace

TEST_CASE("an edge moves every window that it passes by a squared over twice the peak") {
  const double sign = GENERATE(1.0, -1.0);
  const ThresholdWindow device;  // windows of a = 0.5 A from 20, 21 and 22 A
  const double a = 0.5;
  const double rise = 2e-3, fall = 5e-3, width = 0.1;
  SECTION("the window that is addressed, below others that are not passed, and above those that are") {
    const double u = 0.13;
    const double peak = 21 + u;
    for (const auto& gamma : after(device, {0.3, -0.2, 0.1, 0.1}, {sign * peak, width, rise, fall})) {
      CHECK_THAT(gamma[0], WithinAbs(0.3 + sign * a * a * (rise + fall) / (2 * peak), 1e-12));
      CHECK_THAT(gamma[1], WithinAbs(-0.2 + sign * (u * width + u * u * (rise + fall) / (2 * peak)), 1e-12));
      CHECK(gamma[2] == 0.1);
      CHECK(gamma[3] == 0.1);  // the learning rate
    }
  }
  SECTION("a peak between two windows") {
    const double peak = 21.8;
    for (const auto& gamma : after(device, {0, 0, 0, 0.1}, {sign * peak, width, rise, fall}))
      for (const std::size_t i : {0, 1, 2})
        CHECK_THAT(gamma[i], WithinAbs(i == 2 ? 0 : sign * a * a * (rise + fall) / (2 * peak), 1e-12));
  }
  SECTION("a peak below all windows") {
    for (const auto& gamma : after(device, {0.3, -0.2, 0.1, 0.1}, {sign * 19.9, width, rise, fall}))
      CHECK(gamma == std::vector{0.3, -0.2, 0.1, 0.1});
  }
  SECTION("Eq. 6 as printed has I - I_gamma in the second term") {
    ThresholdWindow::Parameters p;
    p.printed = true;
    const double u = 0.13;
    const double peak = 20 + u;
    // the mean of |I| + I_gamma over the part of the window that an edge passes
    const double of_edges = (40 + u / 2) * u * (rise + fall) / peak;
    const double expected = sign > 0 ? u * width + u * u * (rise + fall) / (2 * peak) : -(40 + u) * width - of_edges;
    for (const auto& gamma : after(ThresholdWindow(p), {0.3, 0, 0, 0.1}, {sign * peak, width, rise, fall}))
      CHECK_THAT(gamma[0], WithinAbs(0.3 + expected, 1e-12 * (1 + std::abs(expected))));
  }
}

TEST_CASE("edges move nodes and synapses by c u² over twice the current, up to a bound") {
  const double sign = GENERATE(1.0, -1.0);
  const double I_gamma = 10;
  const double u = 3;
  SECTION("far from the bounds") {
    const Trapezoid pulse{sign * (I_gamma + u), 0.01, 0.002, 0.003};
    const double expected = sign * (u * 0.01 + u * u * 0.005 / (2 * (u + I_gamma)));
    for (const auto& gamma : after(HpDrift{}, {0.1}, pulse)) CHECK_THAT(gamma[0], WithinAbs(0.1 + expected, 1e-13));
    for (const auto& gamma : after(SynapticDrift{}, {0.1}, pulse))
      CHECK_THAT(gamma[0], WithinAbs(0.1 + expected, 1e-13));
  }
  SECTION("a bound that is reached in the first edge, on the flat top, or in the last edge") {
    const double begin = GENERATE(0.4999, 0.49, 0.4691);
    const Trapezoid pulse{sign * (I_gamma + u), 0.01, 0.002, 0.003};  // moves by 0.03173
    for (const auto& gamma : after(HpDrift{}, {sign * begin}, pulse)) CHECK(gamma[0] == sign * 0.5);
  }
  SECTION("a state at a bound leaves it with the first edge of the opposite pulse") {
    const Trapezoid pulse{sign * (I_gamma + u), 0.01, 0.002, 0.003};
    const double expected = u * 0.01 + u * u * 0.005 / (2 * (u + I_gamma));
    for (const auto& gamma : after(HpDrift{}, {-sign * 0.5}, pulse))
      CHECK_THAT(sign * gamma[0], WithinAbs(-0.5 + expected, 1e-13));
  }
  SECTION("one-sided devices") {
    HpDrift::Parameters p;
    p.mirrored = false;
    for (const auto& gamma : after(HpDrift(p), {0.1}, {-13, 0.01, 0.002, 0.003})) CHECK(gamma[0] == 0.1);
  }
}

TEST_CASE("random pulses with edges: integration and closed form agree to 1e-12 of the range") {
  RandomStream random(17, 0, Purpose::samples);
  for (int trial = 0; trial < 500; ++trial) {
    CAPTURE(trial);
    const auto time = [&] { return random.uniform() < 0.2 ? 0.0 : std::pow(10, random.uniform(-6, -1)); };
    const Trapezoid pulse{random.uniform(-30, 30), time(), time(), time()};
    ThresholdWindow::Parameters window;
    window.a = random.uniform(0.05, 1);
    const double first = random.uniform(0, 20);
    window.I_gamma = {first + 2.5, first, first + 1.2};
    std::vector<double> gamma{random.uniform(-3, 3), random.uniform(-3, 3), random.uniform(-3, 3), 0.1};
    auto all = after(ThresholdWindow(window), gamma, pulse);
    for (std::size_t i = 0; i < gamma.size(); ++i) {
      CHECK_THAT(all[0][i], WithinAbs(all[2][i], 1e-12));
      CHECK_THAT(all[1][i], WithinAbs(all[2][i], 1e-12));
    }
    HpDrift::Parameters node;
    node.I_gamma = random.uniform(0, 20);
    node.mu_v = std::pow(10, random.uniform(-2, 1));
    gamma = {random.uniform(-0.5, 0.5)};
    all = after(HpDrift(node), gamma, pulse);
    const double free = moved(HpDrift(node), gamma[0], pulse);
    for (const auto& each : all) CHECK_THAT(each[0], WithinAbs(std::clamp(free, -0.5, 0.5), 1e-12));
  }
}

namespace {
/// A network with a generator that has everything.
Network with_generator(bool multilayer) {
  Network network = paper_network(multilayer, {});
  network.generator = {
      .rise = 1e-3, .fall = 2e-3, .rest = 1e-3, .offset = 2e-3, .amplitude_error = 1e-4, .width_jitter = 1e-3};
  if (multilayer)
    network.generator = {.rise = 1e-4, .fall = 2e-4, .offset = 1e-3, .amplitude_error = 1e-4, .width_jitter = 2e-5};
  return network;
}
struct Trained {
  std::vector<double> weights, errors;
  double pulses;
};
/// Trains perceptrons of some realizations on random rows, and returns each.
std::vector<Trained> trained(const Network& network, InstructionSet set, bool twin, LanesHold hold, std::size_t first,
                             std::size_t perceptrons) {
  constexpr std::size_t rows = 30;
  std::vector<Trained> all;
  while (all.size() < perceptrons) {
    const auto learner = make_learner(set, network, 0.1, {}, twin, hold, 1);
    const std::size_t lanes = learner->lanes();
    const std::size_t weights = learner->weight_count();
    std::vector<double> inputs(rows * 2 * lanes), targets(rows * lanes), error(lanes), w(weights * lanes);
    const std::size_t begin = first + all.size();
    for (std::size_t l = 0; l < lanes; ++l) {
      learner->set_realization(l, 5, begin + l);
      RandomStream random(5, begin + l, Purpose::samples);
      for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = 0; i < 2; ++i)
          inputs[(row * 2 + i) * lanes + l] = static_cast<double>(random.below(3)) / 2;
        targets[row * lanes + l] = static_cast<double>(random.below(2));
      }
      for (std::size_t i = 0; i < weights; ++i) w[i * lanes + l] = random.uniform(-1, 1);
    }
    learner->set_weights(w.data());
    learner->learn(inputs.data(), targets.data(), rows, error.data());
    learner->get_weights(w.data());
    for (std::size_t l = 0; l < lanes && all.size() < perceptrons; ++l) {
      Trained one{{}, {error[l]}, learner->pulses(l)};
      for (std::size_t i = 0; i < weights; ++i) one.weights.push_back(w[i * lanes + l]);
      all.push_back(one);
    }
  }
  return all;
}
}  // namespace

TEST_CASE("with edges and errors of the generator, learners agree: one lane, packs, devices in lanes, and the twin") {
  const bool multilayer = GENERATE(false, true);
  const Network network = with_generator(multilayer);
  const auto reference = trained(network, InstructionSet::scalar, false, LanesHold::perceptrons, 0, 12);
  const auto packs = trained(network, InstructionSet::baseline, false, LanesHold::perceptrons, 0, 12);
  const auto others = trained(network, InstructionSet::baseline, false, LanesHold::perceptrons, 3, 9);
  const auto devices = trained(network, InstructionSet::baseline, false, LanesHold::devices, 0, 12);
  const auto twins = trained(network, InstructionSet::baseline, true, LanesHold::perceptrons, 0, 12);
  for (std::size_t n = 0; n < reference.size(); ++n) {
    CAPTURE(n);
    CHECK(packs[n].weights == devices[n].weights);  // to the last bit
    if (n >= 3) CHECK(packs[n].weights == others[n - 3].weights);
    CHECK(reference[n].pulses == packs[n].pulses);
    for (std::size_t i = 0; i < reference[n].weights.size(); ++i) {
      CHECK_THAT(packs[n].weights[i], WithinAbs(reference[n].weights[i], 1e-11));
      CHECK_THAT(twins[n].weights[i], WithinAbs(reference[n].weights[i], 1e-11));
    }
  }
}

TEST_CASE("a read with edges restores the bias, and with errors of its pulses it does not") {
  const bool twin = GENERATE(false, true);
  Network network = paper_network(true, {});
  network.generator = {.rise = 3e-4, .fall = 1e-4};
  const auto bias_after = [&](Calibration& report) {
    const auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, twin, LanesHold::perceptrons, 1);
    const std::vector<double> w{0.5, -0.8, 1.1, 0.3, 0.2, -0.4, 0.9, -1.2, 0.25};
    learner->set_weights(w.data());
    const double x[] = {1.0, 0.5};
    double out = 0;
    learner->predict(x, 1, &out);
    std::vector<double> all(9);
    learner->get_weights(all.data());
    report = learner->calibration(1);
    for (const std::size_t i : {0, 1, 2, 3, 6, 7}) CHECK(all[i] == w[i]);
    double worst = 0;
    for (const std::size_t i : {4, 5, 8}) worst = std::max(worst, std::abs(all[i] - w[i]));
    return worst;
  };
  Calibration report;
  CHECK(bias_after(report) < 1e-12);
  CHECK(report.clean());
  network.generator.width_jitter = 1e-5;
  CHECK(bias_after(report) > 1e-6);
  CHECK(report.kinds.at(1).imperfect_restores == 3);
  network.generator = {.offset = 1e-3};
  CHECK(bias_after(report) > 1e-6);
}

TEST_CASE("the calibration report measures what edges move") {
  Network network = paper_network(false, {});
  network.generator = {.rise = 1e-3, .fall = 3e-3};
  const auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, false, LanesHold::perceptrons, 1);
  const double w[] = {0.4, -0.7, 0.1};
  learner->set_weights(w);
  const double x[] = {1.0, -0.5};
  const double target = 0;
  double error = 0;
  learner->learn(x, &target, 1, &error);
  const double o = 1 / (1 + std::exp(-(0.4 + 0.35 + 0.1)));
  const double u = -o * o * (1 - o);
  const double edges = 4e-3;
  // three updates: u, -u/2, u, in windows from 20, 21, 22 A. The second passes one window, the third two.
  const double excess[] = {u * u * edges / (2 * (20 - u)), u * u / 4 * edges / (2 * (21 - u / 2)),
                           u * u * edges / (2 * (22 - u))};
  const double by_second = 0.25 * edges / (2 * (21 - u / 2));
  const double by_third = 0.25 * edges / (2 * (22 - u));
  const KindCalibration report = learner->calibration(1).kinds.at(0);
  CHECK_THAT(report.largest_update_residual, WithinAbs(excess[0], 1e-15));
  CHECK_THAT(report.rms_update_residual,
             WithinAbs(std::sqrt((excess[0] * excess[0] + excess[1] * excess[1] + excess[2] * excess[2]) / 3), 1e-15));
  CHECK_THAT(report.largest_rest_move, WithinAbs(by_second, 1e-15));
  CHECK_THAT(report.rms_rest_move, WithinAbs(std::sqrt((by_second * by_second + 2 * by_third * by_third) / 6), 1e-15));
  std::vector<double> all(3);
  learner->get_weights(all.data());
  CHECK_THAT(all[0], WithinAbs(0.4 + 0.1 * u - excess[0] + by_second - by_third, 1e-14));
  const std::string words = describe(Calibration{{report}});
  CHECK_THAT(words, ContainsSubstring("residual of an update at most") && ContainsSubstring("moves a resting weight"));
}

TEST_CASE("errors of pulses are normal, and belong to seed, realization and number") {
  const PulseErrors one(7, 3);
  CHECK(one.of_pulse(1000).amplitude == PulseErrors(7, 3).of_pulse(1000).amplitude);
  CHECK(one.of_pulse(0).amplitude != PulseErrors(8, 3).of_pulse(0).amplitude);
  CHECK(one.of_pulse(0).amplitude != PulseErrors(7, 4).of_pulse(0).amplitude);
  constexpr int count = 40000;
  double sums[5] = {};
  for (int n = 0; n < count; ++n) {
    const auto [a, w] = one.of_pulse(n);
    const auto next = one.of_pulse(n + 1);
    const double terms[] = {a, w, a * a, w * w, a * w + a * next.amplitude};
    for (int k = 0; k < 5; ++k) sums[k] += terms[k] / count;
  }
  const double sigma = 1 / std::sqrt(count);  // five times the standard error of each mean
  for (const int k : {0, 1}) CHECK_THAT(sums[k], WithinAbs(0, 5 * sigma));
  for (const int k : {2, 3}) CHECK_THAT(sums[k], WithinAbs(1, 5 * std::sqrt(2) * sigma));
  CHECK_THAT(sums[4], WithinAbs(0, 5 * std::sqrt(2) * sigma));
  const Generator generator{.offset = 0.5, .amplitude_error = 0.1, .width_jitter = 2.0};
  CHECK(sent_amplitude(generator, 2.0, {-1.0, 0.0}) == 2.0 * (1 - 0.1) + 0.5);
  CHECK(sent_width(generator, 3.0, {0.0, -1.0}) == 1.0);
  CHECK(sent_width(generator, 3.0, {0.0, -2.0}) == 0.0);  // no pulse is shorter than nothing
}

TEST_CASE("an update is that of the pulse which the generator sends") {
  Network network = paper_network(false, {});
  network.generator = {.offset = 0.01, .amplitude_error = 1e-3, .width_jitter = 0.01};
  const auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, false, LanesHold::perceptrons, 1);
  learner->set_realization(0, 11, 2);
  const double w[] = {0.4, -0.7, 0.1};
  learner->set_weights(w);
  const double x[] = {1.0, -0.5};
  const double target = 0;
  double error = 0;
  learner->learn(x, &target, 1, &error);
  const PulseErrors errors(11, 2);
  const auto peak = [&](double wanted, int n) { return wanted * (1 + 1e-3 * errors.of_pulse(n).amplitude) + 0.01; };
  const auto width = [&](int n) { return 0.1 + 0.01 * errors.of_pulse(n).width; };
  const double o = 1 / (1 + std::exp(-(peak(0.4 + 0.35, 0) + 0.1)));
  CHECK_THAT(error, WithinRel(0.5 * o * o, 1e-12));
  const double u = -o * o * (1 - o);
  const auto change = [&](double wanted, double threshold, int n) {
    const double sent = peak(wanted + std::copysign(threshold, wanted), n);
    const double beyond = std::abs(sent) - threshold;
    return beyond > 0 && beyond <= 0.5 ? std::copysign(beyond, sent) * width(n) : 0.0;
  };
  std::vector<double> all(3);
  learner->get_weights(all.data());
  CHECK_THAT(all[0], WithinAbs(0.4 + change(u, 20, 1), 1e-12));
  CHECK_THAT(all[1], WithinAbs(-0.7 + change(-u / 2, 21, 2), 1e-12));
  CHECK_THAT(all[2], WithinAbs(0.1 + change(u, 22, 3), 1e-12));
}

TEST_CASE("trainings with errors of the generator do not depend on threads and on recording, to the last bit") {
  const int figure = GENERATE(1, 2);
  auto plan = figure_plan(figure, {});
  plan.network.generator = with_generator(figure == 2).generator;
  plan.realizations = 9;
  plan.epochs = 2;
  plan.threads = 1;
  const auto one = train(plan, silent);
  plan.threads = 3;
  const auto three = train(plan, silent);
  CHECK(one.total_error == three.total_error);
  CHECK(one.weight_final == three.weight_final);
  plan.record_realizations = {4};
  plan.record_epochs = {2};
  const auto path = scratch(fmt::format("edges_{}.h5", figure));
  ResultFile file(path, {"edges", "", {}});
  const auto recorded = train(plan, silent, &file);
  file.conclude();
  CHECK(one.total_error == recorded.total_error);
  CHECK(one.pulses == recorded.pulses);
}

TEST_CASE("a recorded pulse is a trapezoid, and the next one begins when and where it ends") {
  const bool twin = GENERATE(false, true);
  auto plan = figure_plan(1, {});
  plan.twin = twin;
  plan.tasks.resize(1);
  plan.network.generator = {.rise = 1e-3, .fall = 2e-3, .width_jitter = 1e-4};
  plan.realizations = 1;
  plan.epochs = 1;
  plan.record_realizations = {0};
  plan.record_epochs = {1};
  const auto path = scratch(fmt::format("trapezoids_{}.h5", twin));
  ResultFile out(path, {"edges", "", {}});
  const auto result = train(plan, silent, &out);
  out.conclude();
  const ResultReader file(path);
  const auto time = file.numbers("trajectory/time");
  const auto current = file.numbers("trajectory/current");
  const auto phase = file.numbers("trajectory/phase");
  const auto gamma = file.numbers("trajectory/gamma");
  const std::size_t n = file.length("trajectory/variable");
  CHECK(time.front() == 0);
  std::size_t pulses = 0;
  std::size_t begin = 0;
  double deviations = 0;
  for (std::size_t row = 1; row < time.size(); ++row) {
    REQUIRE(time[row] > time[row - 1]);
    if (row + 1 < time.size() && time[row + 1] > std::nextafter(time[row], 1e9)) continue;
    if (row + 1 < time.size() && current[row + 1] != 0) continue;
    // rows begin .. row are one pulse
    ++pulses;
    CHECK(current[begin] == 0);
    CHECK(current[row] == 0);
    const double width = (phase[row] == 0 ? 1e-3 : 0.1);
    const double deviation = time[row] - time[begin] - 3e-3 - width;
    CHECK(std::abs(deviation) < 6e-4);
    deviations += deviation * deviation;
    if (row + 1 < time.size())
      for (std::size_t i = 0; i < n; ++i) REQUIRE(gamma[row * n + i] == gamma[(row + 1) * n + i]);
    begin = row + 1;
  }
  CHECK(static_cast<double>(pulses) == result.pulses);
  const double rms = std::sqrt(deviations / static_cast<double>(pulses));
  CHECK_THAT(rms, WithinAbs(1e-4, 5e-4 / std::sqrt(2 * static_cast<double>(pulses))));
}

TEST_CASE("a crossbar integrates the edges of its pulses, and the table of its twin contains them") {
  Network network;
  network.kind = NetworkKind::crossbar;
  network.layers = {2, 1};
  network.generator = {.rise = 2e-3, .fall = 3e-3, .offset = 0.05};
  SECTION("the closed form of a synapse") {
    network.crossbar = {.device = SynapticDrift{}, .weight_range = 8, .amplitude = 11.0};
    const auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, false, LanesHold::perceptrons, 1);
    const double w[] = {0.5, -0.4, 0.2};
    learner->set_weights(w);
    const double x[] = {1.0, 0.0};
    const double target = 1;
    double error = 0;
    learner->learn(x, &target, 1, &error);
    const double o = 1 / (1 + std::exp(-0.7));
    const double change = 0.1 * (1 - o) * o * (1 - o) / 16;  // of γ: 1 m is 16
    const double u = 1.05;                                   // beyond the threshold of 10 A
    const double expected = change / 1.0 * u + u * u * 5e-3 / (2 * (10 + u));
    std::vector<double> all(3);
    learner->get_weights(all.data());
    CHECK_THAT(all[0], WithinAbs(0.5 + 16 * expected, 1e-11));
    CHECK(all[1] == -0.4);
    CHECK_THAT(all[2], WithinAbs(0.2 + 16 * expected, 1e-11));
    CHECK_THAT(learner->calibration(1).kinds[0].largest_update_residual, WithinAbs(16 * (expected - change), 1e-11));
  }
  SECTION("the twin") {
    network.generator = {.rise = 2e-9, .fall = 3e-9, .offset = 0.01};
    network.crossbar = {.device = Vteam{}, .amplitude = 0.3, .update = Update::pulses};
    network.crossbar.pulses = {.width = 1e-9};
    double ends[2][3];
    for (const bool twin : {false, true}) {
      const auto learner = make_learner(InstructionSet::scalar, network, 2.0, {}, twin, LanesHold::perceptrons, 1);
      const double w[] = {0.5, -0.4, 0.2};
      learner->set_weights(w);
      const double x[] = {1.0, -1.0};
      const double target = 1;
      double error = 0;
      learner->learn(x, &target, 1, &error);
      learner->get_weights(ends[twin ? 1 : 0]);
      CHECK(learner->updates(0) > 0);
    }
    for (int i = 0; i < 3; ++i) CHECK_THAT(ends[1][i], WithinAbs(ends[0][i], 20 * 2e-5));
    network.generator.amplitude_error = 0.01;
    CHECK_THROWS_WITH(make_learner(InstructionSet::scalar, network, 2.0, {}, true, LanesHold::perceptrons, 1),
                      ContainsSubstring("amplitude_error = 0.01") && ContainsSubstring("twin"));
  }
}

}  // namespace memdyn::test_learn_generator
