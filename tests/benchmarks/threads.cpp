// SPDX-License-Identifier: MIT
// Speed-up by a second thread in training, compared with that in a loop in registers that shares nothing.
#include <memory>
#include <thread>

#include "benchmarks.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/scalar/scalar.hpp"

namespace memdyn::benchmarks {
namespace {

double register_loop(double repeats) {
  Pack x[10];
  for (std::size_t c = 0; c < 10; ++c) x[c] = Pack(0.01 * static_cast<double>(c));
  for (double k = 0; k < repeats; ++k)
    for (Pack& each : x) each = each * Pack(0.999) + Pack(0.001);
  double sum = 0;
  for (const Pack& each : x) sum += lane(each, 0);
  return sum;
}

}  // namespace

void add_threads(bool quick) {
  for (const unsigned threads : {1U, 2U}) {
    TrainingPlan plan = figure_plan(2, reading("canonical"));
    plan.epochs = quick ? 20 : 100;
    plan.realizations = 64;  // the same work for each thread
    plan.threads = threads;
    const auto result = std::make_shared<TrainingResult>();
    add({.name = "threads/training-" + std::to_string(threads),
         .run = [=] { *result = train(plan, [](double) {}); },
         .error = [=] { return result->failure ? 1.0 : 0.0; },
         .tolerance = 0,
         .items = 1,
         .counters = {},
         .clock = Side::Clock::wall})
        ->Iterations(1);
    const double repeats = quick ? 2e6 : 2e7;
    const auto sum = std::make_shared<std::vector<double>>(threads);
    add({.name = "threads/registers-" + std::to_string(threads),
         .run =
             [=] {
               std::vector<std::jthread> all;
               for (double& each : *sum)
                 all.emplace_back([&each, share = repeats / threads] { each = register_loop(share); });
             },
         .error = [=] { return std::isfinite(sum->front()) ? 0.0 : 1.0; },
         .tolerance = 0,
         .items = 1,
         .counters = {},
         .clock = Side::Clock::wall})
        ->Iterations(1);
  }
}

}  // namespace memdyn::benchmarks
