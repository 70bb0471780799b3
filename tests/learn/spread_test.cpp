// SPDX-License-Identifier: MIT
// Networks whose devices have parameters of their own.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numeric>

#include "learn/characteristic.hpp"
#include "learn/learner.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/prediction.hpp"
#include "memdyn/run/training.hpp"
#include "run/drawn_devices.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_learn_spread {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// A training of each kind whose devices vary. @param keys of [network] that are added; @param tables likewise
TrainingPlan plan_of(const std::string& kind, const std::string& keys = "", const std::string& tables = "") {
  std::string text = "[data]\ngate = \"XOR\"\nsamples = 12\n[run]\nrealizations = 7\nepochs = 3\nseed = 4\n";
  text += "[network]\nkind = \"" + kind + "\"\n" + keys;
  if (kind == "single-layer") {
    text +=
        "[[vary]]\nkey = \"device.parameters.I_gamma[0]\"\ndistribution = \"normal\"\nrelative = 1e-3\n"
        "[[vary]]\nkey = \"device.parameters.I_gamma[1]\"\ndistribution = \"uniform\"\nlow = 20.98\nhigh = 21.02\n";
  } else if (kind == "multilayer") {
    text +=
        "[[vary]]\nkey = \"synapse.parameters.mu_v\"\ndistribution = \"lognormal\"\nsigma = 0.1\n"
        "[[vary]]\nkey = \"synapse.parameters.I_gamma\"\nvalue = \"10*mu_v\"\n"
        "[[vary]]\nkey = \"node.parameters.R_off\"\ndistribution = \"normal\"\nrelative = 0.02\n";
  } else {
    text +=
        "[synapse]\nmodel = \"vteam\"\n"
        "[[vary]]\nkey = \"synapse.parameters.k_off\"\ndistribution = \"lognormal\"\nsigma = 0.2\n";
  }
  return read_training(written("spread.toml", text + tables));
}

struct Learnt {
  std::vector<double> weights;
  double error;
};
/// Learns some random rows. @param own gives the device of each weight, or none
template <class Own>
Learnt learnt(const Network& network, InstructionSet set, bool twin, const Own& own) {
  constexpr std::size_t rows = 20;
  const auto learner = make_learner(set, network, 0.1, {}, twin, LanesHold::perceptrons, 1);
  const std::size_t lanes = learner->lanes();
  const std::size_t weights = learner->weight_count();
  own(*learner);
  RandomStream random(3, 0, Purpose::samples);
  std::vector<double> w(weights * lanes), inputs(rows * 2 * lanes), targets(rows * lanes), error(lanes);
  const auto fill = [&](std::vector<double>& into, const auto& draw) {
    for (std::size_t i = 0; i < into.size(); i += lanes) std::fill_n(&into[i], lanes, draw());
  };
  fill(w, [&] { return random.uniform(-1, 1); });
  fill(inputs, [&] { return static_cast<double>(random.below(3)) / 2; });
  fill(targets, [&] { return static_cast<double>(random.below(2)); });
  learner->set_weights(w.data());
  learner->learn(inputs.data(), targets.data(), rows, error.data());
  learner->get_weights(w.data());
  Learnt all{{}, error[0]};
  for (std::size_t i = 0; i < w.size(); i += lanes) all.weights.push_back(w[i]);
  return all;
}

void require_close(const Learnt& one, const Learnt& other, double tolerance) {
  CHECK_THAT(one.error, WithinRel(other.error, tolerance));
  for (std::size_t i = 0; i < one.weights.size(); ++i)
    CHECK_THAT(one.weights[i], WithinAbs(other.weights[i], tolerance));
}
}  // namespace

TEST_CASE("devices of their own that are all nominal learn as those that are alike") {
  const bool multilayer = GENERATE(false, true);
  const bool twin = GENERATE(false, true);
  const bool edges = GENERATE(false, true);
  Network network = paper_network(multilayer, {});
  if (edges) network.generator = {.rise = 1e-4, .fall = 2e-4};
  const auto alike = learnt(network, InstructionSet::scalar, twin, [](Learner&) {});
  network.devices_vary = true;
  for (const auto set : {InstructionSet::scalar, InstructionSet::baseline}) {
    const auto own = learnt(network, set, twin, [&](Learner& learner) {
      for (std::size_t i = 0; i < (multilayer ? 9 : 1); ++i)
        learner.set_device(0, i,
                           !multilayer                  ? AnyDevice(network.window)
                           : i == 4 || i == 5 || i == 8 ? AnyDevice(network.node)
                                                        : AnyDevice(network.synapse));
    });
    require_close(own, alike, 1e-12);
  }
}

TEST_CASE("a weight whose wanted change is 0 gets no pulse") {
  // the second input is always 0, so that no change of its weight is wanted
  (void)written("second_is_zero.csv", "a,b,T\n1,0,1\n0.5,0,1\n-0.5,0,0\n");
  const std::string data = "[data]\nfile = \"second_is_zero.csv\"\n[run]\nrealizations = 3\nepochs = 10\n";
  // windows that touch, and thresholds that lie below those which the controller knows
  const std::string touching =
      "[device]\nmodel = \"threshold-window\"\nparameters = { I_gamma = [20.0, 20.5, 21.0] }\n";
  const std::string lower = "distribution = \"uniform\"\nlow = 20.9\nhigh = 20.95\n";
  for (const std::string& network : std::vector<std::string>{
           "[network]\nkind = \"single-layer\"\n" + touching,
           "[network]\nkind = \"single-layer\"\n[[vary]]\nkey = \"device.parameters.I_gamma[1]\"\n" + lower,
           "[network]\nkind = \"multilayer\"\n[[vary]]\nkey = \"synapse.parameters.I_gamma\"\n"
           "distribution = \"normal\"\nrelative = 0.1\n"})
    for (const bool twin : {false, true})
      for (const auto set : {InstructionSet::scalar, InstructionSet::baseline}) {
        CAPTURE(network, twin, name_of(set));
        auto plan = read_training(written("no_pulse.toml", data + network));
        plan.set = set;
        plan.twin = twin;
        const auto result = train(plan, silent);
        const std::size_t nodes = plan.network.sizes()[1];
        for (std::size_t r = 0; r < plan.realizations; ++r) {
          const double* const first = &result.weight_initial[r * result.weights];
          const double* const last = &result.weight_final[r * result.weights];
          for (std::size_t k = 0; k < nodes; ++k) CHECK_THAT(last[2 * k + 1], WithinAbs(first[2 * k + 1], 1e-13));
          CHECK_FALSE(std::equal(first, first + result.weights, last));
        }
      }
}

TEST_CASE("integrated devices of their own and their closed forms agree") {
  const auto* kind = GENERATE("single-layer", "multilayer");
  const bool edges = GENERATE(false, true);
  const auto plan = plan_of(kind, edges ? "rise = 1e-4\nfall = 2e-4\n" : "");
  const DrawnDevices devices(plan);
  const auto own = [&](Learner& learner) { devices.give(learner, 0, 2); };
  const auto integrated = learnt(plan.network, InstructionSet::scalar, false, own);
  require_close(learnt(plan.network, InstructionSet::baseline, false, own), integrated, 1e-11);
  require_close(learnt(plan.network, InstructionSet::baseline, true, own), integrated, 1e-11);
  Network alike = plan.network;
  alike.devices_vary = false;
  const auto others = learnt(alike, InstructionSet::scalar, false, [](Learner&) {});
  CHECK(std::abs(others.weights[0] - integrated.weights[0]) > 1e-6);
}

TEST_CASE("a pulse that is computed for the nominal device moves another by its own threshold") {
  Network network = paper_network(false, {});
  network.devices_vary = true;
  const bool twin = GENERATE(false, true);
  const auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, twin, LanesHold::perceptrons, 1);
  ThresholdWindow::Parameters own;  // nominal thresholds: 20, 21, 22 A
  own.I_gamma = {20.02, 20.99, 22.5};
  learner->set_device(0, 0, ThresholdWindow(own));
  const double w[] = {0.4, -0.7, 0.1};
  learner->set_weights(w);
  const double x[] = {1.0, -0.5};
  const double target = 0;
  double error = 0;
  learner->learn(x, &target, 1, &error);
  const double o = 1 / (1 + std::exp(-(0.4 + 0.35 + 0.1)));
  const double u = -o * o * (1 - o);  // about -0.15: windows are 0.5 A wide
  double learnt[3];
  learner->get_weights(learnt);
  CHECK_THAT(learnt[0], WithinAbs(0.4 + 0.1 * (u + 0.02), 1e-13));
  CHECK_THAT(learnt[1], WithinAbs(-0.7 + 0.1 * (-u / 2 + 0.01), 1e-13));
  CHECK(learnt[2] == 0.1);  // 22 A + |u| is below its threshold
  const auto report = learner->calibration(1).kinds.at(0);
  CHECK(report.lost_updates == 1);
  CHECK(report.lowest_threshold == 20.02);
  CHECK_THAT(report.largest_update_residual, WithinRel(0.1 * std::abs(u), 1e-12));
}

TEST_CASE("synapses and nodes of their own answer with their own memristance") {
  Network network = paper_network(true, {});
  network.layers = {1, 1};
  network.devices_vary = true;
  const bool twin = GENERATE(false, true);
  const auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, twin, LanesHold::perceptrons, 1);
  SynapticDrift::Parameters synapse = network.synapse.parameters();
  synapse.B *= 1.25;
  synapse.mu_v *= 1.5;
  HpDrift::Parameters node = network.node.parameters();
  node.R_off *= 0.8;
  learner->set_device(0, 0, SynapticDrift(synapse));
  learner->set_device(0, 1, HpDrift(node));
  const double w[] = {0.6, 0.2};
  learner->set_weights(w);
  const double x = 1.0;
  double output = 0;
  learner->predict(&x, 1, &output);
  const double I0 = 1.25 * 0.6 * x + 0.2;
  // the answer of the node is linear in its R_off - R_on: kappa belongs to the nominal one
  const double slope = (node.approximate ? 0.0 : node.R_on) - node.R_off;
  const auto& nominal = network.node.parameters();
  const double nominal_slope = (nominal.approximate ? 0.0 : nominal.R_on) - nominal.R_off;
  CHECK_THAT(output, WithinRel(learner->kappa() * I0 * I0 * slope / nominal_slope, 1e-11));
  const double target = output + 0.3;
  double error = 0;
  learner->learn(&x, &target, 1, &error);
  double learnt[2];
  learner->get_weights(learnt);
  const double u = 0.3 * 2 * learner->kappa() * I0 * x;
  // a rate of 1.5 c with the same velocity I_gamma: the threshold current falls to 10 A / 1.5
  const double threshold = network.synapse.threshold_current();
  const double change = 0.1 * 1.5 * (u + threshold - threshold / 1.5);
  CHECK_THAT(learnt[0], WithinAbs(0.6 + change, 1e-11));
}

TEST_CASE("a crossbar integrates each device with its own parameters") {
  const auto plan = plan_of("crossbar");
  const DrawnDevices devices(plan);
  const auto learner = make_learner(InstructionSet::scalar, plan.network, 0.1, {}, false, LanesHold::perceptrons, 1);
  devices.give(*learner, 0, 3);
  const double w[] = {0.4, -0.7, 0.1};
  learner->set_weights(w);
  const double x[] = {1.0, 0.0};
  const double target = 1;
  double error = 0;
  learner->learn(x, &target, 1, &error);
  const double o = 1 / (1 + std::exp(-0.5));
  const double wanted = 0.1 * (1 - o) * o * (1 - o);
  const CrossbarSynapse& crossbar = plan.network.crossbar;
  const DrivenDevice nominal = driven(crossbar.device, crossbar.source());
  const Characteristic characteristic(nominal, crossbar.amplitude);
  const double middle = (nominal.lower(0) + nominal.upper(0)) / 2;
  const double per_weight = (nominal.upper(0) - nominal.lower(0)) / 2 / crossbar.weight_range;
  double learnt[3];
  learner->get_weights(learnt);
  for (const std::size_t i : {0, 2}) {
    double state = middle + w[i] * per_weight;
    const auto pulse = characteristic.pulse(state, state + wanted * per_weight);
    REQUIRE(pulse);
    Integrator<DrivenDevice> integrator(driven(devices.device(3, i), crossbar.source()), {});
    integrator.pulse({&state, 1}, pulse->drive, pulse->duration);
    CHECK_THAT(learnt[i], WithinAbs((state - middle) / per_weight, 1e-13));
    CHECK(std::abs(learnt[i] - w[i] - wanted) > 0.01 * wanted);
  }
  CHECK_THAT(learnt[1], WithinAbs(w[1], 1e-14));  // no pulse for x = 0
}

TEST_CASE("the drawn numbers are in the file, and belong to realization and device alone") {
  const auto* kind = GENERATE("single-layer", "multilayer", "crossbar");
  auto plan = plan_of(kind);
  plan.threads = 1;
  const auto one = train(plan, silent);
  REQUIRE_FALSE(one.failure);
  plan.threads = 3;
  plan.record_realizations = {5};
  plan.record_epochs = {2};
  const auto path = scratch(std::string(kind) + "_spread.h5");
  {
    ResultFile out(path, {"spread", "", {}});
    const auto three = train(plan, silent, &out);
    write_training(out, plan, three);
    CHECK(one.total_error == three.total_error);
    CHECK(one.weight_final == three.weight_final);
    CHECK(one.calibration.kinds.at(0).lowest_threshold == three.calibration.kinds.at(0).lowest_threshold);
  }
  const ResultReader file(path);
  const DrawnDevices devices(plan);
  const bool single = plan.network.kind == NetworkKind::single_layer;
  const std::size_t count = single ? 1 : one.weights;
  for (const auto& spread : plan.spreads)
    for (const auto& variation : spread.numbers()) {
      const auto values = file.numbers(spread.role + "_" + variation.name);
      REQUIRE(values.size() == plan.realizations * count);
      std::vector<double> drawn;
      for (std::size_t r = 0; r < plan.realizations; ++r)
        for (std::size_t i = 0; i < count; ++i) {
          const double value = values[r * count + i];
          const auto numbers = devices.device(r, i).numbers();
          const bool has = spread.role != "node" || i == 4 || i == 5 || i == 8;
          const bool other =
              spread.role == "synapse" && plan.network.kind == NetworkKind::multilayer && (i == 4 || i == 5 || i == 8);
          if (!has || other) {
            CHECK(std::isnan(value));
          } else {
            CHECK(numbers.at(variation.slot().index).value == value);
            drawn.push_back(value);
          }
        }
      std::ranges::sort(drawn);
      CHECK(std::ranges::adjacent_find(drawn) == drawn.end());
    }
  // a recorded trajectory is continuous, with the devices' own dynamics
  const auto time = file.numbers("trajectory/time");
  const auto gamma = file.numbers("trajectory/gamma");
  const std::size_t variables = gamma.size() / time.size();
  REQUIRE(time.size() > 10);
  const auto last = std::span(gamma).last(variables);
  for (std::size_t i = 0; i < variables; ++i) CHECK(std::isfinite(last[i]));
}

TEST_CASE("the spread of drawn devices is the one that is given") {
  const auto plan = plan_of("multilayer", "layers = [2, 60, 1]\nhidden = \"rectified\"\n");
  const DrawnDevices devices(plan);
  double sum = 0, squares = 0;
  int count = 0;
  for (std::uint64_t r = 0; r < 20; ++r)
    for (std::size_t i = 0; i < 120; ++i, ++count) {
      const double log = std::log(devices.device(r, i).get_if<SynapticDrift>()->parameters().mu_v /
                                  plan.network.synapse.parameters().mu_v);
      sum += log;
      squares += log * log;
    }
  const double mean = sum / count;
  CHECK(std::abs(mean) < 4 * 0.1 / std::sqrt(count));
  CHECK_THAT(std::sqrt(squares / count - mean * mean), WithinRel(0.1, 4 / std::sqrt(2.0 * count)));
}

TEST_CASE("a trained network predicts with the devices of its realization") {
  auto plan = plan_of("multilayer");
  plan.epochs = 1;
  const std::vector<double> weights{0.5, -0.8, 1.1, 0.3, 0.2, -0.4, 0.9, -1.2, 0.25};
  const std::vector<double> inputs{1.0, 0.5, 0.0, 1.0};
  const auto first = predict(plan, weights, inputs, 0);
  const auto second = predict(plan, weights, inputs, 1);
  CHECK(first == predict(plan, weights, inputs));
  CHECK(first != second);
}

TEST_CASE("variations that a training cannot have are refused") {
  const auto refused = [](const std::string& kind, const std::string& key, const std::string& rest,
                          const std::string& words) {
    CHECK_THROWS_WITH(plan_of(kind, "", "[[vary]]\nkey = \"" + key + "\"\n" + rest), ContainsSubstring(words));
  };
  const std::string normal = "distribution = \"normal\"\nrelative = 0.1\n";
  refused("multilayer", "device.parameters.D", normal, "synapse.parameters or node.parameters");
  refused("multilayer", "data.learning_rate", normal, "synapse.parameters or node.parameters");
  refused("multilayer", "synapse.parameters.Q", normal, "is not a number");
  refused("multilayer", "synapse.parameters.mu_v", normal, "is given twice");
  refused("multilayer", "synapse.parameters.B", "value = \"3*R_off\"\n", "R_off");
  refused("multilayer", "synapse.parameters.B", "value = \"3*mu_v\"\n" + normal, "is used only without");
  refused("single-layer", "device.parameters.learning_rate", normal, "data.learning_rate");
  (void)written("k.csv", "k\n1\n2\n");
  refused("crossbar", "synapse.parameters.k_on", "distribution = \"in_order\"\nfile = \"k.csv\"\n", "use resample");
  const auto twin = written("twin.toml",
                            "[network]\nkind = \"crossbar\"\nupdate = \"sign\"\npulse_width = 1e-3\n"
                            "[synapse]\nmodel = \"vteam\"\n[data]\ngate = \"OR\"\n[run]\ntwin = true\n"
                            "[[vary]]\nkey = \"synapse.parameters.k_on\"\n" +
                                normal);
  CHECK_THROWS_WITH(read_training(twin), ContainsSubstring("[[vary]] makes them differ"));
  auto wild = plan_of("crossbar",
                      "[[vary]]\nkey = \"synapse.parameters.V_off\"\ndistribution = \"normal\"\n"
                      "deviation = 10\n");
  CHECK_THROWS_WITH(train(wild, silent), ContainsSubstring("V_off") && ContainsSubstring("of realization"));
}

}  // namespace memdyn::test_learn_spread
