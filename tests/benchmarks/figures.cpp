// SPDX-License-Identifier: MIT
// Both figures of the paper on one thread: by integration, by the discrete twin, and by the minimal program.
#include <memory>

#include "benchmarks.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "minimal.hpp"

namespace memdyn::benchmarks {
namespace {

TrainingPlan plan_of(int figure, bool twin, bool quick) {
  TrainingPlan plan = figure_plan(figure, reading("canonical"));
  plan.epochs = quick ? 50 : 1000;
  plan.threads = 1;
  plan.twin = twin;
  return plan;
}

TrainingResult trained(const TrainingPlan& plan) {
  TrainingResult result = train(plan, [](double) {});
  if (result.failure) std::rethrow_exception(result.failure);
  return result;
}

/// Epoch errors (task x realization x epoch) of the minimal program, with the same weights, samples and orders.
std::vector<double> minimal_errors(const TrainingPlan& plan, double kappa) {
  std::vector<double> all;
  const double single_range = std::sqrt(6.0 / 3);
  const double hidden_range = std::sqrt(6.0 / 4);
  for (const LearningTask& task : plan.tasks)
    for (std::size_t r = 0; r < plan.realizations; ++r) {
      RandomStream draws(plan.seed, r, Purpose::samples);
      RandomStream starts(plan.seed, r, Purpose::initial_weights);
      RandomStream orders(plan.seed, r, Purpose::order);
      std::vector<minimal::Sample> samples(task.draw);
      for (auto& sample : samples) {
        const auto row = draws.below(task.table.rows());
        sample = {task.table.input(row)[0], task.table.input(row)[1], task.table.target(row)[0]};
      }
      const auto shuffle = [&](std::vector<minimal::Sample>& order) { orders.shuffle(order); };
      std::vector<double> errors;
      if (plan.network.kind == NetworkKind::multilayer) {
        double w[9];
        for (int i = 0; i < 9; ++i) {
          const double range = i < 6 ? hidden_range : single_range;
          w[i] = starts.uniform(-range, range);
        }
        errors = minimal::multilayer(w, samples, plan.epochs, task.learning_rate, kappa, shuffle);
      } else {
        double w[3];
        for (double& each : w) each = starts.uniform(-single_range, single_range);
        errors = minimal::single_layer(w, samples, plan.epochs, task.learning_rate, shuffle);
      }
      all.insert(all.end(), errors.begin(), errors.end());
    }
  return all;
}

/// The fraction of realizations with an epoch error that differs by more than 1e-9. Training amplifies rounding, so a
/// few may differ.
double share_that_differs(const TrainingPlan& plan, const std::vector<double>& a, const std::vector<double>& b) {
  double differing = 0;
  const std::size_t runs = plan.tasks.size() * plan.realizations;
  for (std::size_t run = 0; run < runs; ++run)
    for (std::size_t epoch = run * plan.epochs; epoch < (run + 1) * plan.epochs; ++epoch)
      if (!(std::abs(a[epoch] - b[epoch]) <= 1e-9 * b[epoch] + 1e-12)) {
        ++differing;
        break;
      }
  return differing / static_cast<double>(runs);
}

void add_figure(int figure, bool quick) {
  const std::string prefix = "figures/" + std::to_string(figure) + "-";
  const auto plan = std::make_shared<const TrainingPlan>(plan_of(figure, false, quick));
  const double samples = static_cast<double>(plan->tasks.size() * plan->realizations * plan->epochs * 100);
  const auto right = std::make_shared<std::vector<double>>();
  const auto minimal = std::make_shared<std::vector<double>>();
  const auto run_minimal = [=](double kappa) { *minimal = minimal_errors(*plan, kappa); };
  add({.name = prefix + "minimal",
       .run = [=] { run_minimal(0.15); },
       .error =
           [=] {
             const TrainingResult twin = trained(plan_of(figure, true, quick));
             run_minimal(twin.kappa);  // the measured value, 0.15 to rounding
             return share_that_differs(*plan, *minimal, twin.total_error);
           },
       .tolerance = 0.05,
       .items = samples,
       .counters = {}})
      ->Iterations(1);
  for (const bool twin : {false, true}) {
    const auto mine = std::make_shared<const TrainingPlan>(plan_of(figure, twin, quick));
    const auto result = std::make_shared<TrainingResult>();
    add({.name = prefix + (twin ? "twin" : "memdyn"),
         .run = [=] { *result = trained(*mine); },
         .error =
             [=] {
               if (right->empty()) *right = minimal_errors(*mine, result->kappa);
               return share_that_differs(*mine, result->total_error, *right);
             },
         .tolerance = 0.05,
         .items = samples,
         .counters =
             [=] { return std::map<std::string, double>{{"pulses", result->pulses}, {"updates", result->updates}}; }})
        ->Iterations(1);
  }
}

}  // namespace

void add_figures(bool quick) {
  for (const int figure : {1, 2}) add_figure(figure, quick);
}

}  // namespace memdyn::benchmarks
