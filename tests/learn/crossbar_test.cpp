// SPDX-License-Identifier: MIT
#include "learn/crossbar.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <fstream>

#include "memdyn/assess/reproduction.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/record/result_reader.hpp"
#include "support/circuits.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_learn_crossbar {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
Characteristic characteristic(const AnyDevice& device, double amplitude) {
  return {driven(device, native_source(device)), amplitude};
}

Network network_of(CrossbarSynapse synapse, std::size_t inputs = 2, std::size_t outputs = 1) {
  Network network;
  network.kind = NetworkKind::crossbar;
  network.crossbar = std::move(synapse);
  network.layers = {inputs, outputs};
  return network;
}

TrainingPlan plan_of(const AnyDevice& device) {
  TrainingPlan plan;
  plan.tasks.push_back({.name = "OR", .table = gate("OR")});
  plan.network = network_of({.device = device});
  plan.realizations = 10;
  plan.epochs = 100;
  return plan;
}

/// One perceptron with two inputs.
Crossbar one(const CrossbarSynapse& synapse, double rate = 0.1) { return {network_of(synapse), rate, {}, 1}; }
std::vector<double> weights(const Crossbar& net) {
  std::vector<double> w(3);
  net.get_weights(w.data());
  return w;
}
void learn(Crossbar& net, const std::vector<double>& x, double target) {
  double error = 0;
  net.learn(x.data(), &target, 1, &error);
}
}  // namespace

TEST_CASE("the programmer agrees with closed forms") {
  HpDrift::Parameters drift;
  drift.mu_v = 0.25;
  const HpDrift linear(drift);  // c = 0.25, threshold 40 A
  const auto of_linear = characteristic(linear, 50.0);
  CHECK_THAT(of_linear.threshold(), WithinRel(40.0, 1e-15));
  const auto up = of_linear.pulse(-0.2, 0.3);
  REQUIRE(up);
  CHECK(up->drive == 50.0);
  CHECK_THAT(up->duration, WithinRel(0.5 / (0.25 * (50.0 - 40.0)), 1e-14));
  const auto down = of_linear.pulse(0.3, -0.2);
  REQUIRE(down);
  CHECK(down->drive == -50.0);
  CHECK_THAT(down->duration, WithinRel(up->duration, 1e-14));
  CHECK_FALSE(characteristic(linear, 30.0).pulse(-0.2, 0.3));
  drift.mirrored = false;
  CHECK_FALSE(characteristic(HpDrift(drift), 50.0).pulse(0.3, -0.2));

  HpWindow::Parameters window;  // joglekar, p = 1: dx/dt = 4 k I x (1 - x)
  window.reversed = true;
  const double k = window.mu_v * window.R_on / (window.D * window.D);
  const auto logistic = characteristic(HpWindow(window), 1e-4).pulse(0.4, 0.5);
  REQUIRE(logistic);
  CHECK(logistic->drive == -1e-4);
  CHECK_THAT(logistic->duration, WithinRel(std::log(0.5 * 0.6 / (0.4 * 0.5)) / (4 * k * 1e-4), 1e-12));
  CHECK(characteristic(HpWindow(window), 1e-4).threshold() == 0.0);
}

TEST_CASE("a step of a crossbar is the delta rule") {
  const AnyDevice device = GENERATE(values<AnyDevice>({Vteam{}, Team{}, HpWindow{}, PershinDiVentra{}}));
  Crossbar net(network_of({.device = device}, 2, 2), 0.1, {}, 1);
  const double w[] = {0.4, -0.7, 1.2, 0.3, 0.1, -0.5};
  const double x[] = {1.0, -0.5};
  const double target[] = {0.0, 1.0};
  net.set_weights(w);
  double outputs[2], error = 0, learnt[6];
  net.predict(x, 1, outputs);
  net.learn(x, target, 1, &error);
  net.get_weights(learnt);
  double expected = 0;
  for (int k = 0; k < 2; ++k) {
    const double o = 1 / (1 + std::exp(-(w[2 * k] * x[0] + w[2 * k + 1] * x[1] + w[4 + k])));
    CHECK_THAT(outputs[k], WithinRel(o, 1e-12));
    const double step = 0.1 * (target[k] - o) * o * (1 - o);
    expected += 0.5 * (target[k] - o) * (target[k] - o);
    for (int i = 0; i < 2; ++i) CHECK_THAT(learnt[2 * k + i], WithinAbs(w[2 * k + i] + step * x[i], 1e-9));
    CHECK_THAT(learnt[4 + k], WithinAbs(w[4 + k] + step, 1e-9));
  }
  CHECK_THAT(error, WithinRel(expected, 1e-12));
  CHECK(net.pulses(0) == 6);
  CHECK(net.calibration(1).clean());
}

TEST_CASE("crossbars of many models learn OR, and report the residuals of their pulses") {
  HpWindow::Parameters logit;
  logit.logit = true;  // without bounds
  const AnyDevice device = GENERATE_COPY(values<AnyDevice>(
      {Vteam{}, Team{}, HpDrift{}, HpWindow{}, HpWindow(logit), LehtonenLaiho{}, PershinDiVentra{}, StanfordRram{}}));
  const auto plan = plan_of(device);
  const auto result = train(plan, silent);
  CAPTURE(describe(result.calibration));
  REQUIRE_FALSE(result.failure);
  CHECK(result.calibration.clean());
  CHECK(result.calibration.kinds.at(0).largest_update_residual < 1e-8);
  CHECK(result.calibration.kinds.at(0).rms_update_residual <= result.calibration.kinds.at(0).largest_update_residual);
  const auto first = errors_at(plan, result, 0, 1);
  const auto last = errors_at(plan, result, 0, plan.epochs);
  for (std::size_t r = 0; r < plan.realizations; ++r) CHECK(last[r] < 0.1 * first[r]);
}

TEST_CASE("a device that no polarity moves down does not learn OR, and the report gives the reason") {
  const auto plan = plan_of(RateBalance{});
  const auto result = train(plan, silent);
  REQUIRE_FALSE(result.failure);
  CHECK(result.calibration.kinds.at(0).lost_updates > 0);
  CHECK(median(errors_at(plan, result, 0, plan.epochs)) > 1);
}

TEST_CASE("the calibration report of a crossbar counts pinned weights, lost updates, read disturbs and residuals") {
  const std::vector<double> start{0.5, -0.5, 0.9};
  SECTION("clipped") {
    Crossbar net = one({.weight_range = 1.0}, 10.0);
    net.set_weights(start.data());
    learn(net, {-1.0, 1.0}, 1.0);  // the bias should increase by 1.1
    CHECK(weights(net)[2] == 1.0);
    CHECK(net.calibration(1).kinds.at(0).pinned_weights == 1);
    CHECK(net.calibration(1).kinds.at(0).lost_updates == 0);
    learn(net, {0.0, 0.0}, 2.0);  // once more, at its bound: no pulse
    CHECK(net.calibration(1).kinds.at(0).pinned_weights == 2);
    CHECK(net.pulses(0) == 3);
  }
  SECTION("lost") {
    HpDrift::Parameters p;
    p.mirrored = false;
    Crossbar net = one({.device = HpDrift(p)});
    net.set_weights(start.data());
    learn(net, {1.0, -1.0}, 0.0);  // down, up, down
    CHECK(net.calibration(1).kinds.at(0).lost_updates == 2);
    CHECK(net.pulses(0) == 1);
    CHECK(weights(net)[0] == start[0]);
  }
  SECTION("read") {
    const bool beyond = GENERATE(false, true);
    Crossbar net = one({.read_amplitude = beyond ? 0.03 : 0.01});  // V_off = 0.02 V
    net.set_weights(start.data());
    double out = 0;
    const double x[] = {1.0, 0.0};
    net.predict(x, 1, &out);
    CHECK(net.pulses(0) == 2);
    CHECK(net.updates(0) == 0);
    CHECK(net.calibration(1).kinds.at(0).read_disturbs == (beyond ? 2 : 0));
    CHECK(net.calibration(1).kinds.at(0).largest_read == (beyond ? 0.03 : 0.01));
    CHECK(net.calibration(1).kinds.at(0).lowest_threshold == 0.02);
  }
  SECTION("missed") {
    Crossbar net = one({.device = Yakopcic{}, .weight_range = 2.0}, 10.0);  // its drift has kinks in the state
    net.set_weights(start.data());
    learn(net, {1.0, 1.0}, 0.0);
    const double o = 1 / (1 + std::exp(-0.9));
    const double step = -10.0 * o * o * (1 - o);
    double largest = 0, squares = 0;
    for (int i = 0; i < 3; ++i) {
      const double miss = std::abs(weights(net)[i] - std::max(start[i] + step, -2.0));
      largest = std::max(largest, miss);
      squares += miss * miss;
    }
    CAPTURE(step, largest);
    CHECK(largest > 1e-6);
    CHECK_THAT(net.calibration(1).kinds.at(0).largest_update_residual, WithinRel(largest, 1e-6));
    CHECK_THAT(net.calibration(1).kinds.at(0).rms_update_residual, WithinRel(std::sqrt(squares / 3), 1e-6));
  }
}

TEST_CASE("a crossbar does not depend on threads, instruction sets or recording, to the last bit") {
  auto plan = plan_of(Team{});
  plan.epochs = 4;
  plan.threads = 1;
  plan.set = InstructionSet::scalar;
  const auto plain = train(plan, silent);
  plan.threads = 3;
  plan.set = default_instruction_set();
  plan.record_realizations = {5};
  plan.record_epochs = {2};
  const auto path = scratch("recorded.h5");
  {
    ResultFile file(path, {"recorded", "", {}});
    const auto recorded = train(plan, silent, &file);
    CHECK(plain.total_error == recorded.total_error);
    CHECK(plain.weight_final == recorded.weight_final);
    CHECK(plain.pulses == recorded.pulses);
    CHECK(plain.calibration.kinds.at(0).rms_update_residual == recorded.calibration.kinds.at(0).rms_update_residual);
    write_training(file, plan, recorded);
  }
  const ResultReader file(path);
  const auto time = file.numbers("trajectory/time");
  const auto current = file.numbers("trajectory/current");
  REQUIRE(time.size() >= 2 * 100);
  for (std::size_t i = 1; i < time.size(); ++i) REQUIRE(time[i] >= time[i - 1] * (1 - 1e-14));
  for (const double one : current) REQUIRE(std::abs(one) == plan.network.crossbar.amplitude);
}

TEST_CASE("a current-controlled synapse is driven by the quantity that the key names") {
  const AnyDevice cell = series({part(Vteam{}), part(resistor(20.0))});
  REQUIRE(cell.control() == Quantity::current);
  const auto path = scratch("series.toml");
  const auto plan_with = [&](const std::string& keys) {
    std::ofstream(path) << "[network]\nkind = \"crossbar\"\n"
                        << keys << "[synapse]\nseries = [{ model = \"vteam\" }, { resistor = 20.0 }]\n"
                        << "[data]\ngate = \"OR\"\n[run]\nrealizations = 4\nepochs = 100\n"
                        << "[record]\nrealizations = [0]\nepochs = [1]\n";
    return read_training(path);
  };
  CHECK_THROWS_WITH(plan_with("amplitude = 1.5\n"),
                    ContainsSubstring(":3: network.amplitude = 1.5") && ContainsSubstring("own input is a current"));
  CHECK(plan_with("").network.crossbar.quantity == Quantity::current);
  CHECK(plan_with("update_current = 1e-3\n").network.crossbar.amplitude == 1e-3);

  const TrainingPlan plan = plan_with("update_voltage = 0.4\nread_voltage = 0.01\n");
  CHECK(plan.network.crossbar.quantity == Quantity::voltage);
  CHECK(plan.network.crossbar.amplitude == 0.4);
  CHECK(plan.network.crossbar.read_amplitude == 0.01);
  const auto recorded = scratch("series.h5");
  {
    ResultFile file(recorded, {"recorded", "", {}});
    const auto result = train(plan, silent, &file);
    write_training(file, plan, result);
    REQUIRE_FALSE(result.failure);
    CHECK(result.calibration.clean());
    CHECK(result.calibration.kinds.at(0).quantity == Quantity::voltage);
    const auto first = errors_at(plan, result, 0, 1);
    const auto last = errors_at(plan, result, 0, plan.epochs);
    for (std::size_t r = 0; r < plan.realizations; ++r) CHECK(last[r] < 0.2 * first[r]);
  }
  const ResultReader file(recorded);
  CHECK(file.text("/", "drive_quantity") == "voltage");
  const auto voltage = file.numbers("trajectory/voltage");
  const auto current = file.numbers("trajectory/current");
  const auto phase = file.numbers("trajectory/phase");
  const auto update = static_cast<double>(Phase::update);
  REQUIRE_FALSE(voltage.empty());
  for (std::size_t i = 0; i < voltage.size(); ++i) {
    REQUIRE_THAT(std::abs(voltage[i]), WithinRel(phase[i] == update ? 0.4 : 0.01, 1e-12));
    REQUIRE(std::abs(current[i]) < 0.4 / 20.0);
  }
}

TEST_CASE("a converter gives the nearest of its numbers") {
  const Converter two{.bits = 2};  // -3, -1, 1, 3
  CHECK(two.of(0.9, 3) == 1);
  CHECK(two.of(-0.1, 3) == -1);
  CHECK(two.of(2.1, 3) == 3);
  CHECK(two.of(-50, 3) == -3);
  CHECK(Converter{.bits = 1}.of(1e-9, 3) == 3);
  CHECK(Converter{.bits = 2, .range = 6}.of(2.1, 3) == 2);
  CHECK(Converter{}.of(0.123, 3) == 0.123);
  CHECK_THAT((Converter{.bits = 24}.of(0.123, 3)), WithinAbs(0.123, 3.0 / (1 << 24)));
}

TEST_CASE("a converter of 24 bits learns as an exact reading does, one of 2 bits does not") {
  auto plan = plan_of(Vteam{});
  const auto errors = [&](std::uint64_t bits) {
    plan.network.crossbar.converter.bits = bits;
    const auto result = train(plan, silent);
    REQUIRE_FALSE(result.failure);
    return errors_at(plan, result, 0, plan.epochs);
  };
  const auto exact = errors(0);
  const auto fine = errors(24);
  const auto coarse = errors(2);
  for (std::size_t r = 0; r < plan.realizations; ++r) {
    CHECK_THAT(fine[r], WithinAbs(exact[r], 1e-4 * exact[r]));
    CHECK(std::abs(coarse[r] - exact[r]) > 0.1 * exact[r]);
  }
}

TEST_CASE("predictions of a crossbar are those of the converted sums") {
  Network network = network_of({.weight_range = 4, .converter = {.bits = 3, .range = 6}});
  Crossbar net(network, 0.1, {}, 1);
  const std::vector<double> w{1.5, -2.25, 0.75};  // of the inputs, and the bias
  net.set_weights(w.data());
  for (const double x : {0.0, 0.25, 0.5, 1.0}) {
    const std::vector<double> inputs{x, 1 - x};
    double output = 0;
    net.predict(inputs.data(), 1, &output);
    const double sum = w[0] * x + w[1] * (1 - x) + w[2];
    const double converted = -6 + 12.0 / 7 * std::round((sum + 6) / (12.0 / 7));
    CHECK_THAT(output, WithinAbs(1 / (1 + std::exp(-converted)), 1e-12));
  }
}

TEST_CASE("invalid crossbars are refused with a remedy") {
  CHECK_THROWS_WITH(one({.device = ThresholdWindow{}}), ContainsSubstring("one internal variable"));
  CHECK_THROWS_WITH(one({.amplitude = -1.0}), ContainsSubstring("vteam: amplitude = -1"));
  CHECK_THROWS_WITH(one({.quantity = Quantity::current}), ContainsSubstring("amplitude = nan"));
  CHECK_THROWS_AS(make_learner(InstructionSet::scalar, network_of({}), 0.1, {}, true, LanesHold::perceptrons, 1),
                  InputError);

  const auto path = scratch("refused.toml");
  const auto refused = [&](const std::string& network, const std::string& run, const std::string& words) {
    std::ofstream(path) << "[network]\nkind = \"crossbar\"\n"
                        << network << "\n[synapse]\nmodel = \"vteam\"\n[data]\ngate = \"OR\"\n[run]\n"
                        << run;
    CHECK_THROWS_WITH(read_training(path), ContainsSubstring(words));
  };
  refused("", "twin = true", "no closed form");
  refused("reading = \"canonical\"", "", "unknown key network.reading");
  refused("amplitude = 0.25", "", "network.amplitude = 0.25");
  refused("amplitude = 0.25", "", "write update_current [A] or update_voltage [V]; the model's own input is a voltage");
  refused("read_amplitude = 0.01", "", "write read_current [A] or read_voltage [V]");
  refused("update_voltage = 0.0", "", "network.update_voltage = 0: must be above 0 V");
  refused("update_current = -1e-3", "", "must be above 0 A");
  refused("update_voltage = inf", "", "network.update_voltage = inf: must be a finite number");
  refused("update_voltage = 0.3\nupdate_current = 1e-3", "", "give either update_current or update_voltage");
  refused("update_voltage = 0.3\nread_current = 1e-6", "", "write read_voltage [V], or give update_current");
  refused("read_current = 1e-6", "", "the model's own input");
  refused("weight_range = 1.0", "", "initial weights reach");
  refused("adc_bits = 25", "", "adc_bits = 25: must be in 0 .. 24");
  refused("adc_bits = 1.5", "", "network.adc_bits = 1.5");
  refused("adc_range = 4", "", "has no effect without adc_bits");
  refused("adc_bits = 4\nadc_range = 0", "", "network.adc_range = 0: must be in (0, 1e15]");
}

}  // namespace memdyn::test_learn_crossbar
