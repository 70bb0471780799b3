// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <filesystem>

#include "memdyn/device/models/models.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/training.hpp"
#include "support/circuits.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_run_recorded_training {

namespace {

/// The group "trajectory" of a result.
struct Recorded {
  std::vector<double> time, gate, realization, epoch, device, phase, current, voltage, gamma;
  std::size_t variables;

  explicit Recorded(const std::filesystem::path& path) {
    const ResultReader file(path);
    for (const auto& [name, into] :
         std::initializer_list<std::pair<const char*, std::vector<double>*>>{{"time", &time},
                                                                             {"gate", &gate},
                                                                             {"realization", &realization},
                                                                             {"epoch", &epoch},
                                                                             {"device", &device},
                                                                             {"phase", &phase},
                                                                             {"current", &current},
                                                                             {"voltage", &voltage},
                                                                             {"gamma", &gamma}})
      *into = file.numbers(std::string("trajectory/") + name);
    variables = file.strings("trajectory/variable").size();
  }
  [[nodiscard]] std::vector<double> state(std::size_t row) const {
    const auto from = gamma.begin() + static_cast<std::ptrdiff_t>(row * variables);
    return {from, from + static_cast<std::ptrdiff_t>(variables)};
  }
  [[nodiscard]] bool same_training(std::size_t one, std::size_t other) const {
    return gate[one] == gate[other] && realization[one] == realization[other];
  }
};

/// The weights that correspond to a state.
std::vector<double> weights_of(const Network& network, const std::vector<double>& gamma, std::size_t count) {
  std::vector<double> weights(gamma.begin(), gamma.begin() + static_cast<std::ptrdiff_t>(count));
  if (network.kind == NetworkKind::multilayer)
    for (double& w : weights) w *= network.synapse.parameters().B;
  if (network.kind == NetworkKind::crossbar) {
    const auto& crossbar = network.crossbar;
    const DrivenDevice device = driven(crossbar.device, crossbar.source());
    const bool bounded = std::isfinite(device.lower(0));
    const double centre = bounded ? 0.5 * (device.lower(0) + device.upper(0)) : 0.0;
    const double per_weight =
        (bounded ? 0.5 * (device.upper(0) - device.lower(0)) : device.scale(0)) / crossbar.weight_range;
    for (double& w : weights) w = (w - centre) / per_weight;
  }
  return weights;
}

/// The variables that differ between two rows.
std::vector<std::size_t> moved(const Recorded& r, std::size_t from, std::size_t to) {
  std::vector<std::size_t> all;
  for (std::size_t k = 0; k < r.variables; ++k)
    if (r.gamma[from * r.variables + k] != r.gamma[to * r.variables + k]) all.push_back(k);
  return all;
}

/// Checks that every row is a state of the network: γ(t) is continuous, only the pulsed device moves, and the
/// trajectory begins and ends at the initial and final weights, all to the last bit.
/// @returns how often a variable moved from one row to the next
std::size_t check_states(const TrainingPlan& plan, const TrainingResult& result, const Recorded& r) {
  REQUIRE_FALSE(result.failure);
  const bool one_device = plan.network.kind == NetworkKind::single_layer;
  const auto kept = [&](const std::vector<double>& weights, std::size_t row) {
    const std::size_t run =
        static_cast<std::size_t>(r.gate[row]) * plan.realizations + static_cast<std::size_t>(r.realization[row]);
    const auto from = weights.begin() + static_cast<std::ptrdiff_t>(run * result.weights);
    return std::vector<double>(from, from + static_cast<std::ptrdiff_t>(result.weights));
  };
  const auto weights_at = [&](std::size_t row) { return weights_of(plan.network, r.state(row), result.weights); };

  // volatile devices move while others are pulsed
  const bool all_move = plan.network.kind == NetworkKind::crossbar && plan.network.crossbar.device.properties().fades;
  double pulses = 0;
  std::size_t trainings = 0, movements = 0;
  for (std::size_t i = 0; i < r.time.size(); ++i) {
    if (i == 0 || !r.same_training(i - 1, i)) {  // a training begins
      ++trainings;
      ++pulses;
      REQUIRE(r.time[i] == 0.0);
      REQUIRE(weights_at(i) == kept(result.weight_initial, i));
    } else if (r.time[i] == std::nextafter(r.time[i - 1], 1e9) && moved(r, i - 1, i).empty()) {  // a breakpoint
      ++pulses;
    } else {  // within a pulse
      REQUIRE(r.time[i] > r.time[i - 1]);
      REQUIRE(r.device[i] == r.device[i - 1]);
      REQUIRE(r.phase[i] == r.phase[i - 1]);
      REQUIRE(r.epoch[i] == r.epoch[i - 1]);
      const auto variables = moved(r, i - 1, i);
      if (!all_move) REQUIRE(variables.size() <= 1);
      if (!variables.empty() && !one_device && !all_move) REQUIRE(static_cast<double>(variables[0]) == r.device[i]);
      movements += variables.size();
    }
    REQUIRE(std::isfinite(r.current[i]));
    REQUIRE(std::isfinite(r.voltage[i]));
    if (i + 1 == r.time.size() || !r.same_training(i, i + 1))  // a training ends
      REQUIRE(weights_at(i) == kept(result.weight_final, i));
  }
  CHECK(trainings == plan.tasks.size() * plan.realizations);
  CHECK(pulses == result.pulses);  // no breakpoint is missing
  return movements;
}

/// Trains a network with and without a recording of every epoch.
/// @param moves whether its devices move at all
void check_recording(TrainingPlan plan, bool moves = true) {
  const auto plain = train(plan, silent);
  for (std::size_t r = 0; r < plan.realizations; ++r) plan.record_realizations.push_back(r);
  for (std::size_t e = 1; e <= plan.epochs; ++e) plan.record_epochs.push_back(e);
  const auto path = scratch("recorded_states.h5");
  {
    ResultFile file(path, {"recorded", "", {}});
    const auto recorded = train(plan, silent, &file);
    REQUIRE(plain.total_error == recorded.total_error);
    REQUIRE(plain.weight_final == recorded.weight_final);
    REQUIRE(plain.pulses == recorded.pulses);
    write_training(file, plan, recorded);
  }
  CHECK((check_states(plan, plain, Recorded(path)) > 0) == moves);
}

TrainingPlan plan_of(Network network) {
  TrainingPlan plan;
  for (const char* name : {"OR", "XOR"})
    plan.tasks.push_back({.name = name, .table = gate(name), .draw = 8, .learning_rate = 0.1});
  plan.network = std::move(network);
  plan.realizations = 3;
  plan.epochs = 2;
  return plan;
}
}  // namespace

TEST_CASE("a recorded training shows the states that it had: every reading of the paper's networks") {
  const bool multilayer = GENERATE(false, true);
  const auto coding = GENERATE(Coding::width, Coding::amplitude);
  for (const Reading& one : readings()) {
    if (!(multilayer ? one.multilayer : one.single_layer)) continue;
    CAPTURE(multilayer, static_cast<int>(coding), one.name);
    Network network = paper_network(multilayer, one);
    network.coding = coding;
    check_recording(plan_of(network), !one.printed_drive);
  }
}

TEST_CASE("a recorded training shows the states that it had: every instruction set, and the twin") {
  const bool multilayer = GENERATE(false, true);
  const bool twin = GENERATE(false, true);
  const std::size_t realizations = GENERATE(1, 5);  // with one realization the lanes hold devices
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(multilayer, twin, realizations, name_of(set));
    Network network = paper_network(multilayer, {});
    if (multilayer) network.layers = {2, 3, 2, 1};
    auto plan = plan_of(network);
    plan.set = set;
    plan.twin = twin;
    plan.realizations = realizations;
    check_recording(plan);
  }
}

TEST_CASE("a recorded training shows the states that it had: reads that disturb, and nodes at their bounds") {
  Network network = paper_network(true, {});
  SynapticDrift::Parameters synapse;
  synapse.I_gamma = 0.5;
  synapse.B = 3.0;
  network.synapse = SynapticDrift(synapse);
  auto plan = plan_of(network);
  plan.epochs = 5;
  CHECK_FALSE(train(plan, silent).calibration.thresholds_respected());
  check_recording(plan);
}

TEST_CASE("a recorded training shows the states that it had: crossbars") {
  HpWindow::Parameters logit;
  logit.logit = true;  // without bounds
  const AnyDevice cell = series({part(Vteam{}), part(resistor(20.0))});
  const CrossbarSynapse synapse = GENERATE_COPY(values<CrossbarSynapse>(
      {{.device = Vteam{}, .read_amplitude = 0.01},
       {.device = Vteam{}, .read_amplitude = 0.03},  // beyond its threshold
       {.device = Team{}},
       {.device = HpWindow{}},
       {.device = HpWindow(logit), .read_amplitude = 1e-6},
       {.device = Yakopcic{}, .weight_range = 2.0},
       {.device = PershinDiVentra{}},
       {.device = RateBalance{}},
       {.device = cell},
       {.device = cell, .quantity = Quantity::voltage, .amplitude = 0.4, .read_amplitude = 0.01}}));
  CAPTURE(std::string(synapse.device.name()), synapse.read_amplitude);
  Network network;
  network.kind = NetworkKind::crossbar;
  network.crossbar = synapse;
  network.layers = {2, 1};
  check_recording(plan_of(network));
}

}  // namespace memdyn::test_run_recorded_training
