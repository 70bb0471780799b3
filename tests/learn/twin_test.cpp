// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>

#include "memdyn/assess/reproduction.hpp"
#include "support/silent.hpp"

namespace memdyn::test_learn_twin {

namespace {
TrainingPlan plan_of(int figure) {
  TrainingPlan plan = figure_plan(figure, {});
  plan.realizations = 25;
  plan.epochs = 1000;
  return plan;
}

/// Largest difference of the epoch errors of one realization, divided by 1e-9 relative + 1e-12 absolute.
double excess(const TrainingPlan& plan, const TrainingResult& a, const TrainingResult& b, std::size_t run) {
  double worst = 0;
  for (std::size_t e = 0; e < plan.epochs; ++e) {
    const double x = a.total_error[run * plan.epochs + e];
    const double y = b.total_error[run * plan.epochs + e];
    worst = std::max(worst, std::abs(x - y) / (1e-9 * std::abs(x) + 1e-12));
  }
  return worst;
}
}  // namespace

TEST_CASE(
    "a whole training by integration agrees with its discrete twin, within the amplification of rounding errors") {
  const TrainingPlan plan = plan_of(GENERATE(1, 2));
  TrainingPlan other = plan;
  other.twin = true;
  TrainingPlan nudged = other;  // the twin again, with one weight changed by one ulp
  nudged.nudge = 0x1p-52;
  const auto integrated = train(plan, silent);
  const auto twin = train(other, silent);
  const auto neighbour = train(nudged, silent);
  CHECK(integrated.weight_initial == twin.weight_initial);
  // an update of exactly zero sends no pulse; near the end rounding decides in a few cases
  const auto pulses = static_cast<double>(integrated.pulses);
  CHECK(std::abs(pulses - static_cast<double>(twin.pulses)) < 1e-6 * pulses);
  const std::size_t runs = plan.tasks.size() * plan.realizations;
  std::size_t agree = 0;
  double growth = 0;
  double difference = 0;
  for (std::size_t run = 0; run < runs; ++run) {
    growth = std::max(growth, excess(plan, twin, neighbour, run));
    const double d = excess(plan, integrated, twin, run);
    difference = std::max(difference, d);
    if (d <= 1) ++agree;
  }
  UNSCOPED_INFO(plan.title);
  CAPTURE(agree, runs, difference, growth);
  CHECK(static_cast<double>(agree) >= 0.95 * static_cast<double>(runs));
  // The others differ by amplified rounding errors. A pulse rounds each of the weights, in every sample; one nudge is
  // one rounding of one weight. 100 samples x 1000 epochs of independent roundings add up to sqrt(1e5) = 316 nudges.
  CHECK(difference <= std::max(1.0, 316 * growth));
}

TEST_CASE("results do not depend on the number of threads, to the last bit") {
  TrainingPlan plan = plan_of(2);
  plan.realizations = 50;
  plan.epochs = 5;
  plan.threads = 1;
  const auto one = train(plan, silent);
  plan.threads = 3;
  const auto three = train(plan, silent);
  CHECK(one.total_error == three.total_error);
  CHECK(one.weight_final == three.weight_final);
}

TEST_CASE("a training that is stopped keeps the finished realizations") {
  TrainingPlan plan = plan_of(2);
  plan.realizations = 50;
  plan.threads = 1;
  const auto result = train(plan, [](double share) {
    if (share > 0.2) throw Interrupted();
  });
  CHECK(result.failure);
  CHECK_THROWS_AS(std::rethrow_exception(result.failure), Interrupted);
  CHECK(std::isfinite(result.total_error.front()));
  CHECK(std::isnan(result.total_error.back()));
}

TEST_CASE("every reading can be trained and reports its measurements") {
  for (const Reading& reading : readings()) {
    if (!reading.multilayer) continue;
    TrainingPlan plan = figure_plan(2, reading);
    plan.realizations = 3;
    plan.epochs = 5;
    const auto result = train(plan, silent);
    CHECK_FALSE(result.failure);
    CHECK(result.pulses > 0);
  }
}

}  // namespace memdyn::test_learn_twin
