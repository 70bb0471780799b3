// SPDX-License-Identifier: MIT
// Compares the accuracy of networks of memristors with that of plain networks of the same size, on the same splits of
// the same data, from the same initial weights, by the same rule. Ends with status 1 if
//  - a network of rectified memristors does not end with the weights of the plain network that it realises, or
//  - its accuracy is clearly below that of the best plain network.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "benchmarks/minimal.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/run/training.hpp"

using namespace memdyn;

namespace {

struct Accuracy {
  std::string network;
  double rate = 0, mean = 0, deviation = 0;

  Accuracy(std::string name, double learning_rate, const std::vector<double>& all)
      : network(std::move(name)), rate(learning_rate) {
    const auto count = static_cast<double>(all.size());
    for (const double one : all) mean += one / count;
    for (const double one : all) deviation += (one - mean) * (one - mean) / count;
    deviation = std::sqrt(deviation);
  }
};

/// The best of several learning rates.
Accuracy best(const std::vector<Accuracy>& all) { return *std::ranges::max_element(all, {}, &Accuracy::mean); }

struct Plain {
  std::string name;
  minimal::Network::Function activation, slope;
};

struct PlainResult {
  std::vector<double> accuracy;              ///< of each split
  std::vector<std::vector<double>> weights;  ///< final, of each split
};

bool right(const std::vector<double>& out, std::span<const double> target) {
  if (out.size() == 1) return (out[0] > 0.5) == (target[0] > 0.5);
  return std::ranges::max_element(out) - out.begin() == std::ranges::max_element(target) - target.begin();
}

/// Trains a plain network on each split from the initial weights of the memristors.
PlainResult trained(const Plain& plain, const TrainingPlan& plan, const TrainingResult& memristors) {
  const LearningTask& task = plan.tasks[0];
  PlainResult result;
  for (std::size_t r = 0; r < plan.realizations; ++r) {
    std::vector<std::size_t> order(task.table.rows());
    std::iota(order.begin(), order.end(), 0);
    RandomStream(plan.seed, r, Purpose::split).shuffle(order);
    const auto held_out = static_cast<std::size_t>(std::round(task.held_out * static_cast<double>(order.size())));
    Dataset learnt = task.table.select(std::span(order).first(order.size() - held_out));
    Dataset rest = task.table.select(std::span(order).last(held_out));
    if (task.standardize) {
      const Scaling scaling(learnt.inputs, learnt.n_in);
      scaling.apply(learnt.inputs);
      scaling.apply(rest.inputs);
    }
    const auto* initial = &memristors.weight_initial[r * memristors.weights];
    minimal::Network network(plan.network.layers, plain.activation, plain.slope,
                             {initial, initial + memristors.weights});
    order.resize(learnt.rows());
    std::iota(order.begin(), order.end(), 0);
    RandomStream random(plan.seed, r, Purpose::order);
    for (std::size_t epoch = 0; epoch < plan.epochs; ++epoch) {
      random.shuffle(order);
      for (const std::size_t row : order) network.learn(learnt.input(row), learnt.target(row), task.learning_rate);
    }
    double hits = 0;
    for (std::size_t row = 0; row < rest.rows(); ++row)
      hits += right(network.predict(rest.input(row)), rest.target(row)) ? 1 : 0;
    result.accuracy.push_back(hits / static_cast<double>(rest.rows()));
    result.weights.push_back(network.weights());
  }
  return result;
}

/// The share of splits in which two networks have the same final weights to 1e-6.
double share_of_equal(const TrainingResult& memristors, const std::vector<std::vector<double>>& weights) {
  double equal = 0;
  for (std::size_t r = 0; r < weights.size(); ++r) {
    double largest = 0;
    for (std::size_t i = 0; i < memristors.weights; ++i)
      largest = std::max(largest, std::abs(memristors.weight_final[r * memristors.weights + i] - weights[r][i]));
    equal += largest < 1e-6 ? 1 : 0;
  }
  return equal / static_cast<double>(weights.size());
}

bool compare(const std::string& scenario) {
  constexpr double rates[] = {0.003, 0.01, 0.03, 0.1};
  constexpr double least_equal = 0.9;   // rounding grows during a training, in a few to more than 1e-6
  constexpr double most_behind = 0.05;  // in accuracy; the standard error of a mean over 20 splits is 0.013
  TrainingPlan plan = read_training(scenario);
  std::vector<Accuracy> square, rectified, same, relu, logistic;
  bool equal = true;
  for (const double rate : rates) {
    plan.tasks[0].learning_rate = rate;
    plan.network.hidden = plan.network.output = NodeActivation::square;
    const auto canonical = train(plan, [](double) {});
    square.emplace_back("memristors: square nodes and outputs", rate, canonical.accuracy);
    plan.network.hidden = NodeActivation::rectified;
    plan.network.output = NodeActivation::linear;
    const auto memristors = train(plan, [](double) {});
    rectified.emplace_back("memristors: rectified nodes, linear outputs", rate, memristors.accuracy);
    const double kappa = memristors.kappa;
    const auto positive = [](double net) { return std::max(net, 0.0); };
    const auto twin =
        trained({"plain: kappa max(I, 0)^2", [=](double net) { return kappa * positive(net) * positive(net); },
                 [=](double net) { return 2 * kappa * positive(net); }},
                plan, memristors);
    same.emplace_back("plain: kappa max(I, 0)^2", rate, twin.accuracy);
    equal = equal && share_of_equal(memristors, twin.weights) >= least_equal;
    const auto step = [](double net) { return net > 0 ? 1.0 : 0.0; };
    relu.emplace_back("plain: ReLU", rate, trained({"", positive, step}, plan, memristors).accuracy);
    const auto g = [](double net) { return 1 / (1 + std::exp(-net)); };
    const auto slope = [=](double net) { return g(net) * (1 - g(net)); };
    logistic.emplace_back("plain: logistic", rate, trained({"", g, slope}, plan, memristors).accuracy);
  }
  fmt::print("{}: {} splits, {} epochs\n  {:<46}{:>8}{:>12}{:>12}\n", plan.title, plan.realizations, plan.epochs,
             "hidden nodes", "rate", "accuracy", "deviation");
  for (const auto& each : {best(square), best(rectified), best(same), best(relu), best(logistic)})
    fmt::print("  {:<46}{:>8}{:>10.1f} %{:>10.1f} %\n", each.network, each.rate, 100 * each.mean, 100 * each.deviation);
  fmt::print("  rectified memristors end with the weights of their plain network: {}\n", equal ? "yes" : "NO");
  return equal && best(rectified).mean > std::max(best(relu).mean, best(logistic).mean) - most_behind;
}

}  // namespace

int main(int count, char** arguments) {
  bool good = true;
  for (int i = 1; i < count; ++i) good = compare(arguments[i]) && good;
  return good ? 0 : 1;
}
