// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "memdyn/learn/calibration.hpp"
#include "memdyn/learn/pulser.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// Algorithm 2 of Silva et al. 2020: a perceptron of any layer sizes whose connections and nodes are memristors of one
/// internal variable each, w = B γ.
///
/// Forward, for each node: its connections are read with the outputs of the layer before as currents, I0 = Σ w x + w_b
/// (1 S and 1 Ohm between numbers, currents and voltages); the node is probed at I0, driven at I0 beyond its threshold
/// for t_read, probed again, and driven back. Its output is the difference of the probes, κ I0².
/// Backward: δ = Δ φ', with φ' = 2 κ I0; each connection gets a pulse of u = δ x, each bias one of u = δ.
/// The sensitivity κ is measured on a fresh node at I0 = 1 A before the training.
template <class Synapse, class Node>
class Multilayer {
 public:
  struct Options {
    std::vector<std::size_t> layers{2, 2, 1};
    double learning_rate = 0.1;
    double B = 16.0;         ///< weight per internal variable [1/m]
    double t_read = 0.0015;  ///< [s], of each pulse of a read
    Coding coding = Coding::width;
    Reading reading{};
  };

  Multilayer(Synapse synapse, Node node, const Options& options)
      : synapse_(std::move(synapse)), node_(std::move(node)), options_(options) {
    std::size_t devices = 0;
    layers_.resize(options.layers.size() - 1);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      layer.n_in = options.layers[l];
      layer.n_out = options.layers[l + 1];
      layer.first = devices;
      devices += (layer.n_in + 1) * layer.n_out;
      layer.input.resize(layer.n_in);
      layer.drive.resize(layer.n_out);
      layer.slope.resize(layer.n_out);
      layer.bias_slope.resize(layer.n_out);
      layer.delta.resize(layer.n_out);
    }
    output_.resize(options.layers.back());
    gamma_.assign(devices, 0.0);
    calibration_.lowest_threshold = std::min(threshold(synapse_.device(), 0), threshold(node_.device(), 0));
    double fresh = 0.0;
    double time = 0;
    const double before = node_.read({&fresh, 1}, {1.0, options.t_read}, Phase::read, 0, time, {});
    node_.send({&fresh, 1}, drive_pulse(1.0), Phase::drive, 0, time, {});
    kappa_ = before - node_.read({&fresh, 1}, {1.0, options.t_read}, Phase::read, 0, time, {});
  }

  [[nodiscard]] std::size_t n_in() const { return options_.layers.front(); }
  [[nodiscard]] std::size_t n_out() const { return options_.layers.back(); }
  [[nodiscard]] const std::vector<std::size_t>& layers() const { return options_.layers; }
  [[nodiscard]] double kappa() const { return kappa_; }  ///< [V/A²]
  /// Layer by layer: connections (n_out x n_in), then biases (n_out). Dimensionless.
  [[nodiscard]] std::vector<double> weights() const {
    auto all = gamma_;
    for (double& w : all) w *= options_.B;
    return all;
  }
  void set_weights(std::span<const double> weights) {
    for (std::size_t i = 0; i < gamma_.size(); ++i) gamma_[i] = weights[i] / options_.B;
  }
  [[nodiscard]] std::span<double> gamma() { return gamma_; }
  [[nodiscard]] std::vector<std::string> variable_names() const {
    std::vector<std::string> names;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      for (std::size_t k = 0; k < layers_[l].n_out; ++k)
        for (std::size_t j = 0; j < layers_[l].n_in; ++j)
          names.push_back(fmt::format("w_{}_{}_{}", l + 1, k + 1, j + 1));
      for (std::size_t k = 0; k < layers_[l].n_out; ++k) names.push_back(fmt::format("b_{}_{}", l + 1, k + 1));
    }
    return names;
  }
  [[nodiscard]] const char* unit() const { return synapse_.device().unit(); }
  [[nodiscard]] const Calibration& calibration() const { return calibration_; }
  [[nodiscard]] std::uint64_t pulses() const { return pulses_; }
  void record_to(TrainingTap tap) { tap_ = std::move(tap); }

  void predict(std::span<const double> x, std::span<double> out) {
    forward(x);
    std::copy(output_.begin(), output_.end(), out.begin());
  }

  /// One step of Algorithm 2: forward, then backward; ½ Σ (T - V)².
  double learn(std::span<const double> x, std::span<const double> target) {
    forward(x);
    double error = 0;
    Layer& last = layers_.back();
    for (std::size_t k = 0; k < last.n_out; ++k) {
      const double difference = target[k] - output_[k];
      error += 0.5 * difference * difference;
      last.delta[k] = options_.reading.printed_delta ? target[k] : difference;
    }
    for (std::size_t l = layers_.size(); l-- > 0;) {
      Layer& layer = layers_[l];
      if (l > 0)  // errors of the layer below, by the weights before their update
        for (std::size_t j = 0; j < layer.n_in; ++j) {
          double sum = 0;
          for (std::size_t k = 0; k < layer.n_out; ++k) sum += layer.delta[k] * layer.slope[k] * weight(layer, k, j);
          layers_[l - 1].delta[j] = sum;
        }
      for (std::size_t k = 0; k < layer.n_out; ++k) {
        const double step = layer.delta[k] * layer.slope[k];
        for (std::size_t j = 0; j < layer.n_in; ++j) update(synapse_, connection(layer, k, j), step * layer.input[j]);
        update(node_, bias(layer, k), options_.reading.printed_bias_rule ? step : layer.delta[k] * layer.bias_slope[k]);
      }
    }
    return error;
  }

 private:
  struct Layer {
    std::size_t n_in = 0, n_out = 0, first = 0;
    /// What the last forward pass left: inputs, drives I0, dV/dI0, dV/dw_b; and the errors Δ of the backward pass.
    std::vector<double> input, drive, slope, bias_slope, delta;
  };
  static std::size_t connection(const Layer& layer, std::size_t k, std::size_t j) {
    return layer.first + k * layer.n_in + j;
  }
  static std::size_t bias(const Layer& layer, std::size_t k) { return layer.first + layer.n_in * layer.n_out + k; }
  double weight(const Layer& layer, std::size_t k, std::size_t j) const {
    return options_.B * gamma_[connection(layer, k, j)];
  }
  std::span<double> state(std::size_t device) { return {&gamma_[device], 1}; }

  Pulse drive_pulse(double I0) const {
    const double beyond = options_.reading.printed_drive ? threshold(node_.device(), 0) * node_.device().rate()
                                                         : threshold(node_.device(), 0);
    return {I0 + std::copysign(beyond, I0), options_.t_read};
  }

  void forward(std::span<const double> x) {
    std::copy(x.begin(), x.end(), layers_.front().input.begin());
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      for (std::size_t k = 0; k < layer.n_out; ++k) {
        double net = 0;
        for (std::size_t j = 0; j < layer.n_in; ++j) net += probe(synapse_, connection(layer, k, j), layer.input[j]);
        (l + 1 < layers_.size() ? layers_[l + 1].input[k] : output_[k]) = respond(layer, k, net);
      }
    }
  }

  /// A read below the threshold [V].
  template <class P>
  double probe(P& pulser, std::size_t device, double current) {
    calibration_.largest_read = std::max(calibration_.largest_read, std::abs(current));
    const double before = gamma_[device];
    const double voltage = pulser.read(state(device), {current, options_.t_read}, Phase::read, device, time_, tap_);
    ++pulses_;
    if (gamma_[device] != before) ++calibration_.read_disturbs;
    return voltage;
  }

  /// The node's answer to the net input of its connections, and its slopes for the backward pass.
  double respond(Layer& layer, std::size_t k, double net) {
    const Reading& r = options_.reading;
    const std::size_t device = bias(layer, k);
    const double I0 = r.slope_bias ? net : net + options_.B * gamma_[device];
    layer.drive[k] = I0;
    if (I0 == 0) {
      layer.slope[k] = layer.bias_slope[k] = 0;
      return 0;
    }
    const double rest = gamma_[device];
    const double before = probe(node_, device, I0);
    double after = before;
    if (r.output != Reading::Output::at_rest) {
      const Pulse drive = drive_pulse(I0);
      node_.send(state(device), drive, Phase::drive, device, time_, tap_);
      after = probe(node_, device, I0);
      if (gamma_[device] != rest)
        node_.send(state(device), {-drive.current, drive.duration}, Phase::restore, device, time_, tap_);
      pulses_ += 2;
      const double residual = std::abs(gamma_[device] - rest) * options_.B;
      calibration_.largest_residual = std::max(calibration_.largest_residual, residual);
      if (!(residual < 1e-9)) ++calibration_.imperfect_restores;
    }
    const double bend = r.one_sided_node && I0 < 0 ? 0.0 : 2 * kappa_ * I0;
    if (r.output == Reading::Output::difference) {
      layer.slope[k] = r.output_sign * bend;
      layer.bias_slope[k] = layer.slope[k];
      return r.output_sign * (before - after);
    }
    // V(γ_b, I0) itself: its slopes by a dual number in γ_b
    Dual<1> varied(rest, Eigen::Matrix<double, 1, 1>::Ones());
    const std::span<const Dual<1>> view(&varied, 1);
    const double dV_dw = node_.device().voltage(view, Dual<1>(I0)).derivatives()[0] / options_.B;
    layer.slope[k] = before / I0 - (r.output == Reading::Output::at_rest ? 0.0 : bend);
    layer.bias_slope[k] = r.slope_bias ? dV_dw : layer.slope[k] + dV_dw;
    return after;
  }

  template <class P>
  void update(P& pulser, std::size_t device, double u) {
    if (u == 0) return;
    calibration_.largest_update = std::max(calibration_.largest_update, std::abs(u));
    const auto& kind = pulser.device();
    const double before = gamma_[device];
    pulser.send(state(device), update_pulse(kind, 0, u, options_.learning_rate, options_.coding, options_.B),
                Phase::update, device, time_, tap_);
    ++pulses_;
    const double after = gamma_[device];
    if (after == before &&
        options_.learning_rate * std::abs(u) > 1e-12 * options_.B * (kind.scale(0) + std::abs(before)))
      ++calibration_.lost_updates;
    if (after <= kind.lower(0) || after >= kind.upper(0)) ++calibration_.pinned_weights;
  }

  Pulser<Synapse> synapse_;
  Pulser<Node> node_;
  Options options_;
  std::vector<Layer> layers_;
  std::vector<double> gamma_, output_;
  double kappa_ = 0;
  Calibration calibration_;
  TrainingTap tap_;
  double time_ = 0;
  std::uint64_t pulses_ = 0;
};

}  // namespace memdyn
