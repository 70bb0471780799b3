// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "memdyn/learn/calibration.hpp"
#include "memdyn/learn/pulser.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// Algorithm 1 of Silva et al. 2020: the single-layer perceptron in one device of n + 2 internal variables.
/// The controller reads the weights through an ideal readout, the output as the voltage under the net input, and
/// changes nothing but by pulses: for each weight u = Δ x_i g', a drive of u beyond that weight's threshold.
template <class Engine>
class SingleLayer {
 public:
  /// `device` has n + 2 variables: weights, bias, learning rate (which becomes η).
  struct Options {
    double t_read = 1e-3;  ///< [s], of a read
    Coding coding = Coding::width;
    Reading reading{};
  };
  SingleLayer(Engine engine, const Options& options)
      : pulser_(std::move(engine)), options_(options), gamma_(device().size(), 0.0) {
    gamma_.back() = device().parameters().learning_rate;
    const auto& thresholds = device().parameters().I_gamma;
    calibration_.update_limit = device().parameters().a;
    for (std::size_t i = 0; i < thresholds.size(); ++i) {
      calibration_.lowest_threshold = std::min(calibration_.lowest_threshold, thresholds[i]);
      for (std::size_t j = 0; j < i; ++j)
        if (std::abs(thresholds[i] - thresholds[j]) < device().parameters().a) ++calibration_.overlapping_windows;
    }
  }

  [[nodiscard]] const auto& device() const { return pulser_.device(); }
  [[nodiscard]] std::size_t n_in() const { return device().moving() - 1; }
  [[nodiscard]] std::size_t n_out() const { return 1; }
  /// Weights, then the bias.
  [[nodiscard]] std::vector<double> weights() const { return {gamma_.begin(), gamma_.end() - 1}; }
  void set_weights(std::span<const double> weights) { std::copy(weights.begin(), weights.end(), gamma_.begin()); }
  [[nodiscard]] std::span<double> gamma() { return gamma_; }
  [[nodiscard]] std::vector<std::string> variable_names() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < device().size(); ++i) names.push_back(device().variable_name(i));
    return names;
  }
  [[nodiscard]] const char* unit() const { return device().unit(); }
  [[nodiscard]] const Calibration& calibration() const { return calibration_; }
  [[nodiscard]] std::uint64_t pulses() const { return pulses_; }
  void record_to(TrainingTap tap) { tap_ = std::move(tap); }

  /// Feeds one input; the output [V / V0].
  double forward(std::span<const double> x) {
    double net = 0;
    for (std::size_t i = 0; i < n_in(); ++i) net += gamma_[i] * x[i];
    calibration_.largest_read = std::max(calibration_.largest_read, std::abs(net));
    const double output = read(net);
    return output;
  }
  void predict(std::span<const double> x, std::span<double> out) { out[0] = forward(x); }

  /// One step of Algorithm 1; ½ (T - O)².
  double learn(std::span<const double> x, std::span<const double> target) {
    const double output = forward(x);
    const double error = target[0] - output;
    const double step = error * activation_slope(device().activation(), output);
    for (std::size_t i = 0; i <= n_in(); ++i) {
      const double u = i < n_in() ? step * x[i] : step;
      if (u != 0) update(i, u, error);
    }
    return 0.5 * error * error;
  }

 private:
  double read(double net) {
    const double before = gamma_sum();
    const double voltage = pulser_.read(gamma_, {net, options_.t_read}, Phase::read, 0, time_, tap_);
    ++pulses_;
    if (gamma_sum() != before) ++calibration_.read_disturbs;
    return voltage;
  }
  void update(std::size_t i, double u, double error) {
    Pulse pulse = update_pulse(device(), i, u, gamma_.back(), options_.coding, 1.0);
    if (options_.reading.sign_of_error && (u < 0) != (error < 0))
      pulse.current += 2 * std::copysign(threshold(device(), i), error);
    const double driven = std::abs(pulse.current) - threshold(device(), i);
    calibration_.largest_update = std::max(calibration_.largest_update, std::abs(driven));
    const double before = gamma_[i];
    pulser_.send(gamma_, pulse, Phase::update, 0, time_, tap_);
    ++pulses_;
    if (gamma_[i] == before && gamma_.back() * std::abs(u) > 1e-12 * (1 + std::abs(before)))
      ++calibration_.lost_updates;
  }
  [[nodiscard]] double gamma_sum() const {
    double sum = 0;
    for (double g : gamma_) sum += g;
    return sum;
  }

  Pulser<Engine> pulser_;
  Options options_;
  std::vector<double> gamma_;
  Calibration calibration_;
  TrainingTap tap_;
  double time_ = 0;
  std::uint64_t pulses_ = 0;
};

}  // namespace memdyn
