// SPDX-License-Identifier: MIT
#include "memdyn/assess/reproduction.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace memdyn {

TrainingPlan figure_plan(int figure, const Reading& reading) {
  const bool multilayer = figure == 2;
  TrainingPlan plan;
  plan.title =
      fmt::format("Figure {}: {} perceptron of memristors", figure, multilayer ? "multilayer" : "single-layer");
  for (const char* name : {"OR", "AND", "XOR"}) {
    const bool slow = multilayer && std::string(name) == "XOR";
    plan.tasks.push_back({.name = name, .table = gate(name), .learning_rate = slow ? 0.01 : 0.1});
  }
  plan.network = paper_network(multilayer, reading);
  return plan;
}

std::vector<double> errors_at(const TrainingPlan& plan, const TrainingResult& result, std::size_t task,
                              std::size_t epoch) {
  std::vector<double> all;
  for (std::size_t r = 0; r < plan.realizations; ++r)
    if (const double e = result.total_error[(task * plan.realizations + r) * plan.epochs + epoch - 1]; !std::isnan(e))
      all.push_back(e);
  return all;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

std::vector<Claim> claims(const TrainingPlan& plan, const std::optional<TrainingResult>& figure1,
                          const std::optional<TrainingResult>& figure2) {
  std::vector<Claim> all;
  const auto below = [&](const std::string& statement, double limit, double measured) {
    all.push_back({statement, fmt::format("< {}", limit), measured, measured < limit});
  };
  const std::size_t last = plan.epochs;
  constexpr std::size_t OR = 0, AND = 1, XOR = 2;
  if (figure1 && last >= 200) {
    below("single layer, OR: mean error at epoch 200", 0.5, mean(errors_at(plan, *figure1, OR, 200)));
    below("single layer, AND: mean error at epoch 200", 0.5, mean(errors_at(plan, *figure1, AND, 200)));
  }
  if (figure1 && last >= 1000) {
    const double measured = mean(errors_at(plan, *figure1, XOR, 1000));
    all.push_back({"single layer, XOR: mean error at epoch 1000", "> 10.5", measured, measured > 10.5});
  }
  if (figure2 && last >= 200)
    for (const auto& [task, name] : {std::pair{OR, "OR"}, std::pair{AND, "AND"}}) {
      const auto errors = errors_at(plan, *figure2, task, 200);
      below(fmt::format("multilayer, {}: mean error at epoch 200", name), 0.15, mean(errors));
      below(fmt::format("multilayer, {}: median error at epoch 200", name), 0.01, median(errors));
    }
  if (figure2 && last >= 1000) {
    below("multilayer, XOR: mean error at epoch 1000", 0.05, mean(errors_at(plan, *figure2, XOR, 1000)));
    for (const auto& [task, name] : {std::pair{OR, "OR"}, std::pair{AND, "AND"}, std::pair{XOR, "XOR"}}) {
      const auto errors = errors_at(plan, *figure2, task, last);
      const auto solved = std::ranges::count_if(errors, [](double e) { return e < 1; });
      const double share = static_cast<double>(solved) / static_cast<double>(plan.realizations);
      all.push_back({fmt::format("multilayer, {}: share of realizations with final error below 1", name), "= 1", share,
                     share == 1.0});
    }
  }
  if (figure1 && figure2 && last >= 200)
    for (const auto& [task, name] : {std::pair{OR, "OR"}, std::pair{AND, "AND"}}) {
      const double ratio = median(errors_at(plan, *figure2, task, 200)) / median(errors_at(plan, *figure1, task, 200));
      below(fmt::format("{}: median error at epoch 200, multilayer over single layer", name), 1, ratio);
    }
  return all;
}

}  // namespace memdyn
