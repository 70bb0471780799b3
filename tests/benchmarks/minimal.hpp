// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

/// A minimal program for the two figures, without devices: the discrete rules, one number at a time.
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

}  // namespace minimal
