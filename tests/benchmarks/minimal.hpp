// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

/// A minimal program for the figures, without devices: the discrete rules, one number at a time.
namespace minimal {

struct Sample {
  double x1, x2, target;
};

/// The delta rule with a logistic output. `shuffle(samples)` is called before each epoch.
/// @return ½ Σ (T - O)² of each epoch
template <class Shuffle>
std::vector<double> single_layer(double (&w)[3], std::vector<Sample>& samples, std::size_t epochs, double rate,
                                 Shuffle&& shuffle) {
  std::vector<double> errors(epochs);
  for (double& error_of_epoch : errors) {
    shuffle(samples);
    double total = 0;
    for (const Sample& s : samples) {
      const double output = 1 / (1 + std::exp(-(w[0] * s.x1 + w[1] * s.x2 + w[2])));
      const double error = s.target - output;
      const double step = rate * error * output * (1 - output);
      w[0] += step * s.x1;
      w[1] += step * s.x2;
      w[2] += step;
      total += 0.5 * error * error;
    }
    error_of_epoch = total;
  }
  return errors;
}

/// Backpropagation in a 2-2-1 network of units with the output κ I². Weights layer by layer, biases after connections.
template <class Shuffle>
std::vector<double> multilayer(double (&w)[9], std::vector<Sample>& samples, std::size_t epochs, double rate,
                               double kappa, Shuffle&& shuffle) {
  std::vector<double> errors(epochs);
  for (double& error_of_epoch : errors) {
    shuffle(samples);
    double total = 0;
    for (const Sample& s : samples) {
      const double net1 = w[0] * s.x1 + w[1] * s.x2 + w[4];
      const double net2 = w[2] * s.x1 + w[3] * s.x2 + w[5];
      const double h1 = kappa * net1 * net1;
      const double h2 = kappa * net2 * net2;
      const double net = w[6] * h1 + w[7] * h2 + w[8];
      const double error = s.target - kappa * net * net;
      const double step = error * 2 * kappa * net;
      const double step1 = rate * step * w[6] * 2 * kappa * net1;
      const double step2 = rate * step * w[7] * 2 * kappa * net2;
      w[6] += rate * step * h1;
      w[7] += rate * step * h2;
      w[8] += rate * step;
      w[0] += step1 * s.x1;
      w[1] += step1 * s.x2;
      w[2] += step2 * s.x1;
      w[3] += step2 * s.x2;
      w[4] += step1;
      w[5] += step2;
      total += 0.5 * error * error;
    }
    error_of_epoch = total;
  }
  return errors;
}

/// A plain network of any layers: the hidden nodes have an activation and its slope, the output nodes are linear.
/// Weights layer by layer: connections (out x in), then biases.
class Network {
 public:
  using Function = std::function<double(double)>;
  Network(std::vector<std::size_t> layers, Function activation, Function slope, std::vector<double> weights)
      : layers_(std::move(layers)),
        activation_(std::move(activation)),
        slope_(std::move(slope)),
        weights_(std::move(weights)) {
    for (const std::size_t size : layers_) {
      outputs_.emplace_back(size);
      nets_.emplace_back(size);
    }
  }

  const std::vector<double>& predict(std::span<const double> inputs) {
    outputs_[0].assign(inputs.begin(), inputs.end());
    const double* w = weights_.data();
    for (std::size_t l = 1; l < layers_.size(); ++l) {
      const std::size_t n = layers_[l - 1];
      for (std::size_t k = 0; k < layers_[l]; ++k) {
        double net = w[n * layers_[l] + k];
        for (std::size_t j = 0; j < n; ++j) net += w[k * n + j] * outputs_[l - 1][j];
        nets_[l][k] = net;
        outputs_[l][k] = l + 1 < layers_.size() ? activation_(net) : net;
      }
      w += (n + 1) * layers_[l];
    }
    return outputs_.back();
  }

  /// One step of stochastic gradient descent on ½ Σ (T - O)².
  void learn(std::span<const double> inputs, std::span<const double> targets, double rate) {
    predict(inputs);
    std::vector<double> delta(targets.size());
    for (std::size_t k = 0; k < delta.size(); ++k) delta[k] = targets[k] - outputs_.back()[k];
    std::size_t end = weights_.size();
    for (std::size_t l = layers_.size() - 1; l > 0; --l) {
      const std::size_t n = layers_[l - 1];
      double* w = &weights_[end -= (n + 1) * layers_[l]];
      std::vector<double> below(n, 0.0);
      for (std::size_t k = 0; k < layers_[l]; ++k) {
        const double step = l + 1 < layers_.size() ? delta[k] * slope_(nets_[l][k]) : delta[k];
        for (std::size_t j = 0; j < n; ++j) {
          below[j] += step * w[k * n + j];
          w[k * n + j] += rate * step * outputs_[l - 1][j];
        }
        w[n * layers_[l] + k] += rate * step;
      }
      delta = std::move(below);
    }
  }
  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }

 private:
  std::vector<std::size_t> layers_;
  Function activation_, slope_;
  std::vector<double> weights_;
  std::vector<std::vector<double>> outputs_, nets_;
};

}  // namespace minimal
