// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <map>

#include "dynamics/pulse_lanes.hpp"
#include "learn/learner.hpp"
#include "learn/multilayer.hpp"
#include "learn/rules/closed_form.hpp"
#include "learn/single_layer.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/result_reader.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_learn_learning {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
/// A learner with a single perceptron: one pack of one lane.
template <class Controller>
struct One : Controller {
  using Base = Controller;
  using Controller::Controller;
  void set_weights(const std::vector<double>& w) {
    for (std::size_t i = 0; i < w.size(); ++i) this->set_weight(i, 0, w[i]);
  }
  std::vector<double> weights() const {
    std::vector<double> w(this->weight_count());
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = this->weight(i, 0);
    return w;
  }
  double learn(std::span<const double> x, double target) {
    double error = 0;
    Controller::learn(x, {&target, 1}, {&error, 1});
    return error;
  }
  Calibration calibration() const { return Controller::calibration(1); }
};
using Slp = One<SingleLayer<Integrator<ThresholdWindow>>>;
using Mlp = One<Multilayer<Integrator<SynapticDrift>, Integrator<HpDrift>>>;
using MlpTwin = One<Multilayer<ClosedForm<SynapticDrift>, ClosedForm<HpDrift>>>;
Slp slp(const Slp::Options& options = {}) { return Slp(Integrator<ThresholdWindow>({}), options); }
Mlp mlp(const Mlp::Options& options = {}) {
  return Mlp(Integrator<SynapticDrift>({}), Integrator<HpDrift>({}), options);
}
double kappa = 0.15;
double phi(double I) { return kappa * I * I; }

const std::vector<NodeActivation> node_activations{NodeActivation::square, NodeActivation::rectified,
                                                   NodeActivation::linear};
double phi(NodeActivation activation, double I) {
  if (activation == NodeActivation::linear) return I;
  return activation == NodeActivation::rectified && I < 0 ? 0 : phi(I);
}

/// The outputs of a network by the definition of its activations. Weights layer by layer, biases after connections.
std::vector<double> outputs(const std::vector<std::size_t>& layers, NodeActivation hidden, NodeActivation output,
                            const std::vector<double>& w, std::vector<double> x) {
  const double* of_layer = w.data();
  for (std::size_t l = 1; l < layers.size(); ++l) {
    std::vector<double> y(layers[l]);
    for (std::size_t k = 0; k < y.size(); ++k) {
      double net = of_layer[x.size() * y.size() + k];
      for (std::size_t j = 0; j < x.size(); ++j) net += of_layer[k * x.size() + j] * x[j];
      y[k] = phi(l + 1 < layers.size() ? hidden : output, net);
    }
    of_layer += (x.size() + 1) * y.size();
    x = y;
  }
  return x;
}
}  // namespace

TEST_CASE("a step of Algorithm 1 is the delta rule") {
  const auto coding = GENERATE(Coding::width, Coding::amplitude);
  auto net = slp({.coding = coding});
  const std::vector<double> w{0.4, -0.7, 0.1};
  net.set_weights(w);
  const std::vector<double> x{1.0, -0.5};
  const double o = 1 / (1 + std::exp(-(0.4 + 0.35 + 0.1)));
  const double target = 0.0;
  CHECK_THAT(net.learn(x, target), WithinRel(0.5 * o * o, 1e-14));
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
  CHECK_THAT(net.learn(x, target), WithinRel(0.5 * error * error, 1e-10));
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

TEST_CASE("every update is the gradient of the error, whatever the activations") {
  const auto hidden = GENERATE(from_range(node_activations));
  const auto output = GENERATE(from_range(node_activations));
  const std::vector<std::size_t> layers{2, 3, 2, 2};
  const double rate = 0.05;
  Mlp net = mlp({.layers = layers, .learning_rate = rate, .hidden = hidden, .output = output});
  RandomStream random(7, 0, Purpose::initial_weights);
  std::vector<double> w(net.weight_count());
  const double target[] = {0.7, -0.2};
  for (int sample = 0; sample < 50; ++sample) {
    for (double& one : w) one = random.uniform(-1.5, 1.5);
    const std::vector<double> x{random.uniform(-1, 1), random.uniform(-1, 1)};
    const auto error_at = [&](const std::vector<double>& at) {
      const auto y = outputs(layers, hidden, output, at, x);
      return 0.5 * (std::pow(target[0] - y[0], 2) + std::pow(target[1] - y[1], 2));
    };
    net.set_weights(w);
    double error = 0;
    static_cast<Mlp::Base&>(net).learn(x, target, {&error, 1});
    CHECK_THAT(error, WithinRel(error_at(w), 1e-9));
    for (std::size_t i = 0; i < w.size(); ++i) {
      constexpr double h = 1e-5;  // the difference of a quotient of the fourth order is exact to 1e-11
      const auto shifted = [&](double by) {
        auto at = w;
        at[i] += by;
        return error_at(at);
      };
      const double slope = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h);
      CAPTURE(sample, i);
      CHECK_THAT(net.weight(i, 0), WithinAbs(w[i] - rate * slope, 1e-9 * (1 + std::abs(slope))));
    }
  }
  CHECK(net.calibration().clean());
}

TEST_CASE("a rectified node is driven only where its net input is positive, and a linear one never") {
  const auto [activation, bias, pulses] = GENERATE(table<NodeActivation, double, double>({
      {NodeActivation::square, 0.5, 4},  // probe, drive, probe, restore
      {NodeActivation::square, -0.5, 4},
      {NodeActivation::rectified, 0.5, 4},
      {NodeActivation::rectified, -0.5, 1},  // a probe
      {NodeActivation::linear, 0.5, 1},
      {NodeActivation::linear, -0.5, 1},
  }));
  Mlp net = mlp({.layers = {1, 1}, .output = activation});
  net.set_weights(std::vector<double>{2.0, bias});
  const double x = 0.0;
  double out = 0;
  net.predict({&x, 1}, {&out, 1});
  CHECK(net.log().pulses(0) == 1 + pulses);  // the read of the connection
  CHECK_THAT(out, WithinAbs(phi(activation, bias), 1e-12));
  CHECK_THAT(net.weight(1, 0), WithinAbs(bias, 1e-12));
  CHECK(net.calibration().kinds.at(1).restored == (activation != NodeActivation::linear));
  CHECK(net.calibration().clean());
}

TEST_CASE("activations other than the square need the canonical reading, and a memristance above zero") {
  Network network = paper_network(true, reading("eq16-printed"));
  network.validate_activations();
  network.hidden = NodeActivation::rectified;
  CHECK_THROWS_WITH(make_learner(InstructionSet::scalar, network, 0.1, {}, true, LanesHold::perceptrons, 1),
                    ContainsSubstring("hidden = \"rectified\"") && ContainsSubstring("eq16-printed"));
  network = paper_network(true, {});
  network.output = NodeActivation::linear;
  network.validate_activations();
  HpDrift::Parameters approximate;
  approximate.approximate = true;
  network.node = HpDrift(approximate);
  CHECK_THROWS_WITH(network.validate_activations(), ContainsSubstring("output = \"linear\""));
}

TEST_CASE("every pulse of the integrated learner agrees with its discrete twin to 1e-12 of the range") {
  const auto hidden = GENERATE(from_range(node_activations));
  const auto output = GENERATE(from_range(node_activations));
  const Mlp::Options options{.hidden = hidden, .output = output};
  MlpTwin twin(ClosedForm<SynapticDrift>({}), ClosedForm<HpDrift>({}), {.hidden = hidden, .output = output});
  auto net = mlp(options);
  RandomStream random(3, 0, Purpose::initial_weights);
  std::vector<double> w(9);
  for (int sample = 0; sample < 2000; ++sample) {
    for (double& one : w) one = random.uniform(-3, 3);
    net.set_weights(w);
    twin.set_weights(w);
    const double x[] = {random.uniform(-1, 1), random.uniform(-1, 1)};
    const double target = 1.0;
    net.learn(x, target);
    twin.learn(x, target);
    for (int i = 0; i < 9; ++i) REQUIRE_THAT(net.weight(i, 0) / 16, WithinAbs(twin.weight(i, 0) / 16, 1e-12));
  }
}

TEST_CASE("a recorded training is the same to the last bit, and its time is continuous") {
  const int figure = GENERATE(1, 2);
  auto plan = figure_plan(figure, {});
  plan.realizations = 9;
  plan.epochs = 4;
  const auto plain = train(plan, [](double) {});
  plan.record_realizations = {0, 5};
  plan.record_epochs = {1, 3};
  const auto path = scratch(fmt::format("recorded_{}.h5", figure));
  {
    ResultFile file(path, {"recorded", "", {}});
    const auto recorded = train(plan, [](double) {}, &file);
    CHECK(plain.total_error == recorded.total_error);
    CHECK(plain.weight_final == recorded.weight_final);
    CHECK(plain.pulses == recorded.pulses);
    file.conclude();
  }
  const ResultReader file(path);
  const auto time = file.numbers("trajectory/time");
  const auto epoch = file.numbers("trajectory/epoch");
  const auto realization = file.numbers("trajectory/realization");
  REQUIRE(time.size() > 3u * 2 * 2 * 100 * 2);
  std::size_t backward = 0;
  for (std::size_t i = 1; i < time.size(); ++i)
    if (epoch[i] == epoch[i - 1] && realization[i] == realization[i - 1] && time[i] < time[i - 1] * (1 - 1e-14))
      ++backward;
  CHECK(backward == 0);
}

TEST_CASE("lanes train like the one-lane reference, whatever the lane and pack of a perceptron") {
  const auto [multilayer, hidden, output] = GENERATE(table<bool, NodeActivation, NodeActivation>({
      {false, {}, {}},
      {true, NodeActivation::square, NodeActivation::square},
      {true, NodeActivation::rectified, NodeActivation::linear},
      {true, NodeActivation::linear, NodeActivation::rectified},
  }));
  const auto coding = GENERATE(Coding::width, Coding::amplitude);
  Network network = paper_network(multilayer, {});
  network.coding = coding;
  network.hidden = hidden;
  network.output = output;
  constexpr std::size_t rows = 40;
  // data, weights and results of perceptron n; each has its own data
  const auto trained = [&](InstructionSet set, std::size_t packs, bool backward, LanesHold hold) {
    const auto learner = make_learner(set, network, 0.1, {}, false, hold, packs);
    const std::size_t lanes = learner->lanes();
    std::vector<double> inputs(rows * 2 * lanes), targets(rows * lanes), error(lanes),
        w(learner->weight_count() * lanes);
    std::map<std::size_t, std::vector<double>> all;
    for (std::size_t first = 0; first < 24; first += lanes) {
      const auto number = [&](std::size_t l) { return first + (backward ? lanes - 1 - l : l); };
      for (std::size_t l = 0; l < lanes; ++l) {
        RandomStream random(5, number(l), Purpose::samples);
        for (std::size_t row = 0; row < rows; ++row) {
          for (std::size_t i = 0; i < 2; ++i)
            inputs[(row * 2 + i) * lanes + l] = static_cast<double>(random.below(3)) / 2;
          targets[row * lanes + l] = static_cast<double>(random.below(2));
        }
        for (std::size_t i = 0; i < learner->weight_count(); ++i) w[i * lanes + l] = random.uniform(-1, 1);
      }
      learner->set_weights(w.data());
      learner->learn(inputs.data(), targets.data(), rows, error.data());
      learner->get_weights(w.data());
      for (std::size_t l = 0; l < lanes; ++l) {
        all[number(l)] = {error[l]};
        for (std::size_t i = 0; i < learner->weight_count(); ++i) all[number(l)].push_back(w[i * lanes + l]);
      }
    }
    return all;
  };
  const auto reference = trained(InstructionSet::scalar, 1, false, LanesHold::perceptrons);
  for (const InstructionSet set : instruction_sets()) {
    const auto forward = trained(set, 1, false, LanesHold::perceptrons);
    const auto many = trained(set, 3, true, LanesHold::perceptrons);
    const auto alone = trained(set, 1, false, LanesHold::devices);
    for (std::size_t n = 0; n < 24; ++n) {
      CAPTURE(name_of(set), n);
      CHECK(forward.at(n) == many.at(n));  // to the last bit
      CHECK(forward.at(n) == alone.at(n));
      for (std::size_t i = 0; i < forward.at(n).size(); ++i)
        CHECK_THAT(forward.at(n)[i], WithinAbs(reference.at(n)[i], 1e-12));
    }
  }
}

TEST_CASE("pulses in lanes follow a drift that depends on the state, in as many steps as needed") {
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  const IntegrationOptions options{method, 1e-10, 1e-12};
  const Team device;
  Integrator<Team> reference(device, {Method::dopri5, 1e-13, 1e-15});
  PulseLanes<Team, Pack> pulser(device, options, InstructionSet::baseline);
  RandomStream random(11, 0, Purpose::samples);
  std::vector<Pack> states(5), currents(5);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<double> expected;
    for (std::size_t d = 0; d < states.size(); ++d) {
      double x[lanes<Pack>], current[lanes<Pack>];
      for (std::size_t l = 0; l < lanes<Pack>; ++l) {
        x[l] = random.uniform(0, 3e-9);
        current[l] = random.uniform(-6e-4, 6e-4);  // some below the thresholds, some far above
        std::vector<double> gamma{x[l]};
        reference.pulse(gamma, current[l], 1e-7);
        expected.push_back(gamma[0]);
      }
      states[d] = load<Pack>(x);
      currents[d] = load<Pack>(current);
    }
    CHECK(pulser.pulse(states, currents, Pack(1e-7)));
    for (std::size_t d = 0; d < states.size(); ++d)
      for (std::size_t l = 0; l < lanes<Pack>; ++l)
        CHECK_THAT(lane(states[d], l), WithinAbs(expected[d * lanes<Pack> + l], 1e-8 * 3e-9));
  }
}

TEST_CASE("the calibration report counts reads within a window, lost updates, pinning and imperfect restores") {
  ThresholdWindow::Parameters p;
  p.I_gamma = {2.0, 2.15, 9.0};
  p.a = 0.1;
  Slp net(Integrator<ThresholdWindow>(ThresholdWindow(p)), Slp::Options{});
  net.set_weights(std::vector<double>{2.02, 0.0, 0.0});
  const double x[] = {1.0, 0.0};
  const double target = -3.0;
  net.learn(x, target);
  const KindCalibration report = net.calibration().kinds.at(0);
  CHECK(report.kind == "device");
  CHECK(report.read_disturbs == 1);
  CHECK_FALSE(report.thresholds_respected());
  CHECK(report.lost_updates == 2);  // |u| > a for weight and bias

  auto wide = mlp();
  wide.set_weights(std::vector<double>{0, 0, 0, 0, 7.9, 0, 0, 0, 0});  // the drift of a read reaches the bound
  wide.learn(x, target);
  CHECK(wide.calibration().kinds.at(1).imperfect_restores == 1);
  wide.set_weights(std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 7.999});
  const double large = 1e3;
  wide.learn(x, large);
  CHECK(wide.calibration().kinds.at(1).pinned_weights > 0);
  CHECK(wide.calibration().kinds.at(0).pinned_weights == 0);
}

TEST_CASE("the calibration report keeps the reads of synapses and of nodes apart, each with its own margin") {
  // A read of x = 3 sends 3 A through a synapse of the first layer and 0.5 * 3 + 3.4 A = 4.9 A through its node. The
  // output of that node sends kappa * 4.9² A = 3.6 A through a synapse of the second layer.
  const auto [threshold, disturbed] = GENERATE(table<double, bool>({{4.0, false}, {2.0, true}}));
  SynapticDrift::Parameters synapse;
  synapse.I_gamma = threshold;
  Mlp net(Integrator<SynapticDrift>(SynapticDrift(synapse)), Integrator<HpDrift>({}), {});
  net.set_weights(std::vector<double>{0.5, 0, 0, 0, 3.4, 0, 0, 0, 0});
  const double x[] = {3.0, 0.0};
  double out = 0;
  net.predict(x, {&out, 1});
  const Calibration report = net.calibration();
  REQUIRE(report.kinds.size() == 2);
  const auto& [synapses, nodes] = std::tie(report.kinds[0], report.kinds[1]);
  CAPTURE(describe(report));
  CHECK(synapses.kind == "synapses");
  CHECK_THAT(synapses.largest_read, WithinRel(phi(4.9), 1e-9));
  CHECK(synapses.lowest_threshold == threshold);
  CHECK(synapses.margin() == threshold - synapses.largest_read);
  CHECK((synapses.read_disturbs > 0) == disturbed);
  CHECK(synapses.clean() != disturbed);
  CHECK(nodes.kind == "nodes");
  CHECK_THAT(nodes.largest_read, WithinRel(4.9, 1e-12));
  CHECK(nodes.lowest_threshold == 10.0);
  CHECK(nodes.thresholds_respected());
  CHECK(report.thresholds_respected() != disturbed);
  const std::string words = describe(report);
  CHECK_THAT(words, ContainsSubstring(disturbed ? "thresholds respected: no" : "thresholds respected: yes"));
  CHECK_THAT(words, ContainsSubstring("  synapses: ") && ContainsSubstring("  nodes: "));
  CHECK((words.find("WARNING") != std::string::npos) == disturbed);
}

TEST_CASE("a training with a read beyond a threshold is not clean, even if the read moves nothing") {
  ThresholdWindow::Parameters p;  // the windows end half an ampere above their thresholds
  Slp net(Integrator<ThresholdWindow>(ThresholdWindow(p)), Slp::Options{});
  const double over = 0.5 * (p.I_gamma[0] + p.a + p.I_gamma[1]);
  net.set_weights(std::vector<double>{over, 0.0, 0.0});
  const double x[] = {1.0, 0.0};
  double out = 0;
  net.predict(x, {&out, 1});
  const KindCalibration report = net.calibration().kinds.at(0);
  CHECK(report.read_disturbs == 0);
  CHECK(report.margin() < 0);
  CHECK_FALSE(report.thresholds_respected());
  CHECK_FALSE(report.clean());
}

TEST_CASE("calibration reports of several trainings are merged kind by kind") {
  KindCalibration synapses{.kind = "synapses", .largest_read = 1.0, .lowest_threshold = 4.0, .read_disturbs = 2};
  const KindCalibration nodes{.kind = "nodes", .largest_read = 5.0, .lowest_threshold = 10.0, .idle_drives = 1};
  Calibration all;
  CHECK_THAT(describe(all), ContainsSubstring("no realization"));
  all.merge({{synapses, nodes}});
  synapses.largest_read = 3.0;
  all.merge({{synapses, nodes}});
  REQUIRE(all.kinds.size() == 2);
  CHECK(all.kinds[0].largest_read == 3.0);
  CHECK(all.kinds[0].read_disturbs == 4);
  CHECK(all.kinds[1].largest_read == 5.0);
  CHECK(all.kinds[1].lowest_threshold == 10.0);
  CHECK(all.kinds[1].idle_drives == 2);
}

}  // namespace memdyn::test_learn_learning
