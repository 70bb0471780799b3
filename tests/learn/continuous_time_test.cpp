// SPDX-License-Identifier: MIT
// Trainings as one trajectory: rests, the times of recorded rows, volatile devices, and going on from a saved state.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "learn/learner.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/training.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_learn_continuous_time {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace {

/// A crossbar of volatile devices for two inputs, whose reads at 1 pV move nothing by themselves.
Network volatile_crossbar() {
  Network network;
  network.kind = NetworkKind::crossbar;
  network.layers = {2, 1};
  network.t_read = 1e-3;
  network.crossbar = {.device = RateBalance{}, .weight_range = 2, .amplitude = 0.5, .read_amplitude = 1e-12};
  return network;
}
/// The internal variable of such a device after a time at rest: the solution of g' = k_p (1 - g) - k_d g.
double faded(double g, double time) {
  const RateBalance::Parameters p;
  const double rate = p.k_p0 + p.k_d0;
  const double end = p.k_p0 / rate;
  return end + (g - end) * std::exp(-rate * time);
}

/// A training of one epoch that is recorded in a file.
struct Recorded {
  std::vector<double> time, current, gamma, device;
  std::size_t variables;
  TrainingResult result;
};
Recorded recorded(TrainingPlan plan, const char* name) {
  plan.tasks.resize(1);
  plan.realizations = 1;
  plan.epochs = 1;
  plan.record_realizations = {0};
  plan.record_epochs = {1};
  const auto path = scratch(std::string("continuous_") + name + ".h5");
  ResultFile out(path, {"recorded", "", {}});
  auto result = train(plan, silent, &out);
  out.conclude();
  REQUIRE_FALSE(result.failure);
  const ResultReader file(path);
  return {file.numbers("trajectory/time"),   file.numbers("trajectory/current"), file.numbers("trajectory/gamma"),
          file.numbers("trajectory/device"), file.length("trajectory/variable"), std::move(result)};
}
}  // namespace

TEST_CASE("a volatile device forgets while others are pulsed, and at rest") {
  const double rest = GENERATE(0.0, 2e-3);
  Network network = volatile_crossbar();
  network.generator.rest = rest;
  const auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, false, LanesHold::perceptrons, 1);
  const double w[] = {1.0, -1.0, 0.4};
  learner->set_weights(w);
  const double x[] = {1.0, 1.0, 1.0, 1.0};  // two rows of three reads each
  double out[2];
  learner->predict(x, 2, out);
  double ends[3];
  learner->get_weights(ends);
  const auto weight_after = [&](double start, double time) { return 4 * faded((start + 2) / 4, time) - 2; };
  const double read = 1e-3 + rest;
  for (int i = 0; i < 3; ++i) CHECK_THAT(ends[i], WithinAbs(weight_after(w[i], 6 * read), 1e-8));
  double net = 0;
  for (const double start : w) net += weight_after(start, 3 * read);
  CHECK_THAT(out[1], WithinAbs(1 / (1 + std::exp(-net)), 1e-8));
}

TEST_CASE("the table of a twin is refused for volatile devices") {
  Network network = volatile_crossbar();
  network.crossbar.update = Update::sign;
  network.crossbar.pulses.width = 1e-3;
  CHECK_THROWS_WITH(make_learner(InstructionSet::scalar, network, 0.1, {}, true, LanesHold::perceptrons, 1),
                    ContainsSubstring("opposite directions") || ContainsSubstring("volatile"));
}

TEST_CASE("a recorded training of volatile devices is one continuous trajectory of all of them") {
  TrainingPlan plan = figure_plan(1, {});
  plan.network = volatile_crossbar();
  plan.network.crossbar.read_amplitude = 0.05;
  plan.network.generator = {.rise = 1e-4, .fall = 2e-4, .rest = 5e-4};
  plan.tasks[0].draw = 10;
  const auto all = recorded(plan, "volatile");
  const std::size_t n = all.variables;
  std::size_t breakpoints = 0;
  for (std::size_t row = 1; row < all.time.size(); ++row) {
    REQUIRE(all.time[row] > all.time[row - 1]);
    if (all.time[row] > std::nextafter(all.time[row - 1], 1e9)) continue;  // the rows of one moment are neighbours
    ++breakpoints;
    for (std::size_t k = 0; k < n; ++k) REQUIRE(all.gamma[row * n + k] == all.gamma[(row - 1) * n + k]);
  }
  CHECK(static_cast<double>(breakpoints + 1) == all.result.pulses);
  auto plain = plan;
  plain.tasks.resize(1);
  plain.realizations = plain.epochs = 1;
  CHECK(train(plain, silent).weight_final == all.result.weight_final);
}

TEST_CASE("a recorded volatile device forgets while another one is pulsed, at every row") {
  const double interval = GENERATE(0.0, 3e-4);
  TrainingPlan plan = figure_plan(1, {});
  plan.network = volatile_crossbar();
  plan.network.crossbar.read_amplitude = 0.05;
  plan.network.generator = {.rise = 1e-4, .fall = 2e-4, .rest = 5e-4};
  plan.tasks[0].draw = 5;
  plan.record_interval = interval;
  const auto all = recorded(plan, interval > 0 ? "volatile_grid" : "volatile_rows");
  const std::size_t n = all.variables;
  std::size_t moved = 0;
  for (std::size_t row = 1; row < all.time.size(); ++row)
    for (std::size_t k = 0; k < n; ++k) {
      // two rows of one pulse: on a grid another device may have been pulsed between rows of different pulses
      if (all.device[row] == static_cast<double>(k) || all.device[row - 1] != all.device[row]) continue;
      const double before = all.gamma[(row - 1) * n + k];
      const double after = all.gamma[row * n + k];
      REQUIRE_THAT(after, WithinAbs(faded(before, all.time[row] - all.time[row - 1]), 1e-9));
      if (after != before) ++moved;
    }
  CHECK(moved > 100);
}

TEST_CASE("rests lengthen a recorded training, and its current is zero in them") {
  TrainingPlan plan = figure_plan(1, {});
  const auto dense = recorded(plan, "dense");
  plan.network.generator.rest = 0.5;
  const auto rests = recorded(plan, "rests");
  CHECK(rests.result.total_error == dense.result.total_error);
  CHECK(rests.result.pulses == dense.result.pulses);
  CHECK_THAT(rests.time.back(), WithinAbs(dense.time.back() + 0.5 * dense.result.pulses, 1e-9 * rests.time.back()));
  double at_rest = 0;
  for (std::size_t row = 1; row < rests.time.size(); ++row)
    if (rests.current[row] == 0 && rests.current[row - 1] == 0) at_rest += rests.time[row] - rests.time[row - 1];
  CHECK(at_rest >= 0.5 * rests.result.pulses * (1 - 1e-9));
}

TEST_CASE("recorded rows can be limited to a time, and put on a uniform grid") {
  TrainingPlan plan = figure_plan(1, {});
  plan.network.generator = {.rise = 2e-3, .fall = 1e-3, .rest = 4e-3};
  const auto all = recorded(plan, "all");
  const std::size_t n = all.variables;
  plan.record_from = 2.0;
  plan.record_to = 5.0;
  const auto some = recorded(plan, "some");
  std::vector<double> expected;
  for (const double time : all.time)
    if (time >= 2.0 && time <= 5.0) expected.push_back(time);
  CHECK(some.time == expected);
  CHECK(some.result.weight_final == all.result.weight_final);
  plan.record_interval = 0.0005;
  const auto grid = recorded(plan, "grid");
  REQUIRE(grid.time.size() == 6001);
  std::size_t row = 0;
  for (std::size_t k = 0; k < grid.time.size(); ++k) {
    const double time = grid.time[k];
    REQUIRE_THAT(time, WithinAbs(2.0 + 0.0005 * static_cast<double>(k), 1e-12));
    // currents are linear between the rows at steps, and a state is between its neighbours
    while (row + 1 < all.time.size() && all.time[row + 1] <= time) ++row;
    const double span = all.time[row + 1] - all.time[row];
    const double share = span > 0 ? (time - all.time[row]) / span : 0;
    if (share < 1e-6 || share > 1 - 1e-6) continue;
    REQUIRE_THAT(grid.current[k], WithinAbs(std::lerp(all.current[row], all.current[row + 1], share), 1e-9));
    for (std::size_t i = 0; i < n; ++i) {
      const auto [low, high] = std::minmax(all.gamma[row * n + i], all.gamma[(row + 1) * n + i]);
      REQUIRE(grid.gamma[k * n + i] >= low - 1e-12);
      REQUIRE(grid.gamma[k * n + i] <= high + 1e-12);
    }
  }
}

TEST_CASE("a learner goes on from a saved state to the same last bit, with errors of pulses and volatile devices") {
  const int kind = GENERATE(0, 1, 2);
  Network network = kind == 2 ? volatile_crossbar() : paper_network(kind == 1, {});
  network.generator = {.rise = 1e-4, .fall = 2e-4, .offset = 1e-4, .amplitude_error = 1e-4, .width_jitter = 2e-5};
  const auto make = [&] {
    auto learner = make_learner(InstructionSet::scalar, network, 0.1, {}, false, LanesHold::perceptrons, 1);
    learner->set_realization(0, 3, 7);
    std::vector<double> w(learner->weight_count(), 0.3);
    learner->set_weights(w.data());
    return learner;
  };
  const double x[] = {1.0, 0.0, 0.5, 1.0, 0.0, 1.0, 1.0, 1.0};
  const double target[] = {1.0, 0.0, 1.0, 0.0};
  double error = 0;
  const auto whole = make();
  whole->learn(x, target, 2, &error);
  std::vector<double> state(whole->state_count());
  whole->get_state(0, state.data());
  whole->learn(x + 4, target + 2, 2, &error);
  const auto second = make();
  second->set_state(0, state.data());
  second->learn(x + 4, target + 2, 2, &error);
  std::vector<double> one(whole->state_count()), other(whole->state_count());
  whole->get_state(0, one.data());
  second->get_state(0, other.data());
  CHECK(one == other);
}

}  // namespace memdyn::test_learn_continuous_time
