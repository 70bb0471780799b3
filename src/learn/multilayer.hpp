// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "learn/pulser.hpp"
#include "memdyn/learn/calibration.hpp"
#include "memdyn/learn/node_activation.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// Algorithm 2 of Silva et al. 2020: a perceptron of any layer sizes. Its connections and nodes are memristors with one
/// internal variable each, w = B γ.
///
/// Forward, layer by layer: the outputs of the previous layer, as currents, read the connections, I0 = Σ w x + w_b (1 S
/// and 1 Ohm convert between numbers, currents and voltages). The nodes are probed at I0, driven by I0 beyond their
/// threshold for t_read, probed again, and driven back. A node's output is the difference of its probes, φ = κ I0².
/// A rectified node is driven only where I0 > 0, and its output is 0 elsewhere. A linear node is probed once; its
/// output is the voltage divided by the memristance R(w_b) that an ideal readout gives, so φ = I0.
/// Backward: δ = Δ φ'; each connection gets a pulse of u = δ x, each bias one of u = δ.
/// The sensitivity κ is that of a fresh node at I0 = 1 A, under the pulse that is wanted.
///
/// The controller calculates with the pulses that it wants; voltages and changes are those of the pulses that the
/// generator sends.
///
/// Packs of perceptrons are trained in lockstep, one perceptron per lane; the Scalar of the engines is a pack or a
/// double. The last index of every array is the pack.
template <class Synapse, class Node>
class Multilayer {
 public:
  using T = typename Node::Scalar;
  struct Options {
    std::vector<std::size_t> layers{2, 2, 1};
    double learning_rate = 0.1;
    double B = 16.0;         ///< weight per internal variable [1/m]
    double t_read = 0.0015;  ///< duration of each pulse of a read [s]
    Coding coding = Coding::width;
    Reading reading{};
    NodeActivation hidden = NodeActivation::square;  ///< other activations need the canonical reading
    NodeActivation output = NodeActivation::square;
    Generator generator{};
  };

  Multilayer(Synapse synapse, Node node, const Options& options, std::size_t packs = 1)
      : synapses_{{std::move(synapse), false}, {"synapses", packs}},
        nodes_{{std::move(node), true}, {"nodes", packs}},
        options_(options),
        packs_(packs),
        log_(packs, options.generator) {
    std::size_t devices = 0;
    std::size_t widest = 0;
    layers_.resize(options.layers.size() - 1);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      layer.n_in = options.layers[l];
      layer.n_out = options.layers[l + 1];
      layer.activation = l + 1 < layers_.size() ? options.hidden : options.output;
      layer.first = devices;
      devices += (layer.n_in + 1) * layer.n_out;
      widest = std::max(widest, (layer.n_in + 1) * layer.n_out);
      layer.input.resize(layer.n_in * packs, T(0.0));
      for (auto* each : {&layer.drive, &layer.slope, &layer.bias_slope, &layer.delta})
        each->resize(layer.n_out * packs, T(0.0));
    }
    output_.resize(options.layers.back() * packs, T(0.0));
    gamma_.assign(devices * packs, T(0.0));
    for (auto* each : {&current_, &sends_, &update_, &before_, &rest_, &voltage_}) each->resize(widest * packs, T(0.0));
    const auto limit = [&](auto& devices) {
      devices.tally.limits.leaves_residual = devices_differ || !options.generator.is_ideal();
      if (!devices_differ) lower_limits(devices, devices.device());
    };
    limit(synapses_);
    limit(nodes_);
    nodes_.tally.limits.restored = std::ranges::any_of(layers_, [&](const Layer& layer) { return drives(layer); });
    log_.duration = {options.t_read,
                     update_duration(synapses_.device(), options.learning_rate, options.coding, options.B),
                     update_duration(nodes_.device(), options.learning_rate, options.coding, options.B)};
    const double beyond = threshold(nodes_.device(), 0);
    // Eq. 13 adds the velocity I_γ = c I_threshold to a current, c = 1 / (τ B)
    beyond_ = options.reading.printed_drive ? beyond / (time_unit(nodes_.device(), options.B) * options.B) : beyond;
    std::vector<T> fresh{T(0.0)};
    const std::vector<T> drive{beyond_drive(T(1.0))};
    const T before = voltage_of(nodes_.device(), fresh, T(1.0));
    PulseLog<T> unlogged(1);
    unlogged.duration = log_.duration;
    nodes_.pulser.send(fresh, 0, drive, {}, Phase::drive, Log::read, unlogged);
    kappa_ = before - voltage_of(nodes_.device(), fresh, T(1.0));
  }

  [[nodiscard]] std::size_t packs() const { return packs_; }
  [[nodiscard]] std::size_t n_in() const { return options_.layers.front(); }
  [[nodiscard]] std::size_t n_out() const { return options_.layers.back(); }
  /// Names the realization in a lane; see PulseErrors.
  void set_realization(std::size_t lane, std::uint64_t seed, std::uint64_t realization) {
    log_.generator.set_realization(lane, seed, realization);
  }
  /// Gives a device of a perceptron parameters of its own. @param i index among the weights
  void set_device(std::size_t i, std::size_t pack, const AnyDevice& device)
    requires Pulser<Node>::devices_differ
  {
    const auto set = [&](auto& devices) {
      using D = typename std::remove_cvref_t<decltype(devices.pulser)>::Device;
      const auto* own = device.get_if<D>();
      if (own == nullptr) return;
      devices.pulser.set_device(i * packs_ + pack, *own);
      lower_limits(devices, *own);
    };
    set(synapses_);
    set(nodes_);
  }
  [[nodiscard]] T kappa() const { return kappa_; }  ///< [V/A²]
  /// Layer by layer: connections (n_out x n_in), then biases (n_out). Dimensionless.
  [[nodiscard]] std::size_t weight_count() const { return gamma_.size() / packs_; }
  [[nodiscard]] T weight(std::size_t i, std::size_t pack) const { return gamma_[i * packs_ + pack] * T(options_.B); }
  void set_weight(std::size_t i, std::size_t pack, const T& w) {
    T& gamma = gamma_[i * packs_ + pack] = w / T(options_.B);
    if constexpr (devices_differ) {  // the range of the nominal device has room for it, as was checked
      const bool node = std::ranges::any_of(
          layers_, [&](const Layer& layer) { return i >= bias(layer) && i < bias(layer) + layer.n_out; });
      const auto inside = [&](const auto& device) { return std::clamp(gamma, device.lower(0), device.upper(0)); };
      gamma =
          node ? inside(nodes_.pulser.device(i * packs_ + pack)) : inside(synapses_.pulser.device(i * packs_ + pack));
    }
  }
  /// The calibration report; violations of the first `used` lanes only.
  [[nodiscard]] Calibration calibration(std::size_t used) const {
    return {{synapses_.tally.report(used), nodes_.tally.report(used)}};
  }
  /// Calls `use` for the internal variables of a pack: T&.
  template <class Use>
  void each_variable(std::size_t pack, const Use& use) {
    for (std::size_t i = pack; i < gamma_.size(); i += packs_) use(gamma_[i]);
  }
  /// Calls `use` for every number that decides how the training of a pack goes on, or is counted: T&, or double& if it
  /// is the same for all.
  template <class Use>
  void each_number(std::size_t pack, const Use& use) {
    each_variable(pack, use);
    synapses_.tally.each_number(pack, use);
    nodes_.tally.each_number(pack, use);
    log_.each_number(pack, use);
  }
  /// Calls `use` for the largest drives and residuals, which packs share: T&.
  template <class Use>
  void each_margin(const Use& use) {
    synapses_.tally.each_margin(use);
    nodes_.tally.each_margin(use);
  }
  [[nodiscard]] PulseLog<T>& log() { return log_; }
  [[nodiscard]] const PulseLog<T>& log() const { return log_; }

  /// @param x n_in x pack; @param out n_out x pack
  void predict(std::span<const T> x, std::span<T> out) {
    forward(x);
    std::copy(output_.begin(), output_.end(), out.begin());
  }

  /// One step of Algorithm 2: forward, then backward.
  /// @param x n_in x pack; @param target n_out x pack; @param error one per pack; ½ Σ (T - V)² is added to it
  void learn(std::span<const T> x, std::span<const T> target, std::span<T> error) {
    forward(x);
    Layer& last = layers_.back();
    for (std::size_t k = 0; k < last.n_out; ++k)
      for (std::size_t g = 0; g < packs_; ++g) {
        const std::size_t o = k * packs_ + g;
        const T difference = target[o] - output_[o];
        error[g] += T(0.5) * difference * difference;
        last.delta[o] = options_.reading.printed_delta ? target[o] : difference;
      }
    for (std::size_t l = layers_.size(); l-- > 0;) {
      Layer& layer = layers_[l];
      // the errors of the layer below depend on the weights before the updates
      if (l > 0) {
        auto& below = layers_[l - 1].delta;
        std::fill(below.begin(), below.end(), T(0.0));
        each_connection(layer, [&](std::size_t c, std::size_t j, std::size_t k) {
          below[j] += layer.delta[k] * layer.slope[k] * gamma_[layer.first * packs_ + c] * T(options_.B);
        });
      }
      each_connection(layer, [&](std::size_t c, std::size_t j, std::size_t k) {
        update_[c] = layer.delta[k] * layer.slope[k] * layer.input[j];
      });
      update(synapses_, layer.first, layer.n_in * layer.n_out, Log::synapse_update);
      const auto& slope = options_.reading.printed_bias_rule ? layer.slope : layer.bias_slope;
      for (std::size_t k = 0; k < layer.n_out * packs_; ++k) update_[k] = layer.delta[k] * slope[k];
      update(nodes_, bias(layer), layer.n_out, Log::node_update);
    }
  }

 private:
  using M = Mask<T>;
  using Log = PulseLog<T>;
  static constexpr bool devices_differ = Pulser<Node>::devices_differ;
  using Tally = CalibrationTally<T>;
  /// The devices of one kind.
  template <class Engine>
  struct Devices {
    Pulser<Engine> pulser;
    Tally tally;
    [[nodiscard]] const auto& device() const { return pulser.device(); }
  };
  struct Layer {
    std::size_t n_in = 0, n_out = 0, first = 0;
    NodeActivation activation = NodeActivation::square;
    /// From the last forward pass: inputs, I0 of the nodes, dV/dI0, dV/dw_b. From the backward pass: errors Δ.
    std::vector<T> input, drive, slope, bias_slope, delta;
  };
  /// Index among all devices of the first bias of a layer, which follows the layer's connections.
  static std::size_t bias(const Layer& layer) { return layer.first + layer.n_in * layer.n_out; }
  static T marked(const M& mask) { return select(mask, T(1.0), T(0.0)); }
  /// Lowers the limits of a kind of devices to those of one of them.
  template <class Devices, class D>
  static void lower_limits(Devices& devices, const D& device) {
    KindCalibration& limits = devices.tally.limits;
    limits.lowest_threshold = std::min(limits.lowest_threshold, threshold(device, 0));
    limits.update_limit = std::min(limits.update_limit, window(device, 0));
  }

  /// Calls `use` for every connection and pack of a layer, with the indices of the connection, its input and its node.
  template <class Use>
  void each_connection(const Layer& layer, const Use& use) const {
    for (std::size_t k = 0; k < layer.n_out; ++k)
      for (std::size_t j = 0; j < layer.n_in; ++j)
        for (std::size_t g = 0; g < packs_; ++g) use((k * layer.n_in + j) * packs_ + g, j * packs_ + g, k * packs_ + g);
  }

  /// The current that drives a node beyond its threshold.
  T beyond_drive(const T& I0) const {
    using std::copysign;
    return I0 + copysign(T(beyond_), I0);
  }

  void forward(std::span<const T> x) {
    std::copy(x.begin(), x.end(), layers_.front().input.begin());
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      std::fill(layer.drive.begin(), layer.drive.end(), T(0.0));
      each_connection(layer, [&](std::size_t c, std::size_t j, std::size_t /*k*/) { current_[c] = layer.input[j]; });
      shape(layer.n_in * layer.n_out, {}, Log::read);
      each_connection(layer, [&](std::size_t c, std::size_t /*j*/, std::size_t k) {
        const std::size_t own = layer.first * packs_ + c;
        layer.drive[k] += voltage_of(synapses_.pulser.device(own), &gamma_[own], current_[c]);
      });
      read(synapses_, layer.first, layer.n_in * layer.n_out, {});
      respond(layer, l + 1 < layers_.size() ? layers_[l + 1].input : output_);
    }
  }

  /// A node of a layer. @param k node x pack
  [[nodiscard]] const auto& node(const Layer& layer, std::size_t k) const {
    return nodes_.pulser.device(bias(layer) * packs_ + k);
  }

  /// Replaces the wanted currents of `count` devices by those that the generator sends; `sends` as for Pulser::send.
  void shape(std::size_t count, std::span<const T> sends, typename Log::Kind kind) {
    log_.shape(std::span(current_).first(count * packs_), sends, kind);
  }

  /// Sends pulses of `current_`, below the threshold, to `count` devices from `first` on; `sends` as for Pulser::send.
  template <class Engine>
  void read(Devices<Engine>& devices, std::size_t first, std::size_t count, std::span<const T> sends) {
    using std::abs;
    using std::max;
    const std::size_t n = count * packs_;
    T* const own = &gamma_[first * packs_];
    T largest = devices.tally.largest_read;
    for (std::size_t d = 0; d < n; ++d) {
      largest = max(largest, T(abs(current_[d])));
      before_[d] = own[d];
    }
    devices.tally.largest_read = largest;
    if (devices.pulser.send(gamma_, first, std::span(current_).first(n), sends, Phase::read, Log::read, log_))
      for (std::size_t d = 0; d < n; ++d) devices.tally.count(Tally::read_disturb, d % packs_, own[d] != before_[d]);
  }

  /// Whether the nodes of a layer are driven during a read.
  [[nodiscard]] bool drives(const Layer& layer) const {
    return layer.activation != NodeActivation::linear && options_.reading.output != Reading::Output::at_rest;
  }
  /// Where a node with this net input is driven.
  static M driven(const Layer& layer, const T& I0) {
    return layer.activation == NodeActivation::rectified ? M(I0 > T(0.0)) : M(I0 != T(0.0));
  }
  [[nodiscard]] std::span<const T> sends(const Layer& layer) const {
    return std::span<const T>(sends_).first(layer.n_out * packs_);
  }

  /// Computes the outputs of the nodes for the net inputs of their connections, and the slopes for the backward pass.
  void respond(Layer& layer, std::vector<T>& answers) {
    probe_at_rest(layer, answers);
    if (drives(layer)) drive_and_restore(layer, answers);
    if (layer.activation == NodeActivation::linear) {
      divide_by_memristance(layer, answers);
    } else if (options_.reading.output == Reading::Output::difference) {
      subtract_probes(layer, answers);
    } else {
      take_voltages(layer, answers);
    }
  }

  /// Completes the net inputs by the biases, and probes the nodes.
  void probe_at_rest(Layer& layer, std::vector<T>& answers) {
    const T* const own = &gamma_[bias(layer) * packs_];
    for (std::size_t k = 0; k < layer.n_out * packs_; ++k) {
      rest_[k] = own[k];
      if (!options_.reading.slope_bias) layer.drive[k] += T(options_.B) * own[k];
      current_[k] = layer.drive[k];
      sends_[k] = marked(layer.drive[k] != T(0.0));
    }
    shape(layer.n_out, sends(layer), Log::read);
    for (std::size_t k = 0; k < layer.n_out * packs_; ++k)
      voltage_[k] = answers[k] = voltage_of(node(layer, k), &own[k], current_[k]);
    read(nodes_, bias(layer), layer.n_out, sends(layer));
  }

  /// Drives nodes beyond their threshold, probes them again, and drives them back.
  void drive_and_restore(const Layer& layer, std::vector<T>& answers) {
    using std::abs;
    Tally& tally = nodes_.tally;
    const std::size_t first = bias(layer);
    const std::size_t n = layer.n_out * packs_;
    const auto currents = std::span<const T>(current_).first(n);
    const T* const own = &gamma_[first * packs_];
    for (std::size_t k = 0; k < n; ++k) {
      const M on = driven(layer, layer.drive[k]);
      sends_[k] = marked(on);
      current_[k] = select(on, beyond_drive(layer.drive[k]), T(0.0));
    }
    shape(layer.n_out, sends(layer), Log::read);
    nodes_.pulser.send(gamma_, first, currents, sends(layer), Phase::drive, Log::read, log_);
    for (std::size_t k = 0; k < n; ++k) {
      const M on = driven(layer, layer.drive[k]);
      if (const M idle = own[k] == rest_[k]; any(idle))
        tally.count(Tally::idle_drive, k % packs_, idle && on && abs(layer.drive[k]) > T(1e-9));
      current_[k] = select(on, layer.drive[k], T(0.0));
    }
    shape(layer.n_out, sends(layer), Log::read);
    for (std::size_t k = 0; k < n; ++k) answers[k] = voltage_of(node(layer, k), &own[k], current_[k]);
    read(nodes_, first, layer.n_out, sends(layer));
    for (std::size_t k = 0; k < n; ++k) {
      const M moved = own[k] != rest_[k] && driven(layer, layer.drive[k]);
      sends_[k] = marked(moved);
      current_[k] = select(moved, T(-beyond_drive(layer.drive[k])), T(0.0));
    }
    shape(layer.n_out, sends(layer), Log::read);
    nodes_.pulser.send(gamma_, first, currents, sends(layer), Phase::restore, Log::read, log_);
    count_restores(own, n);
  }

  void count_restores(const T* own, std::size_t n) {
    using std::abs;
    using std::max;
    T largest = nodes_.tally.largest_residual;
    for (std::size_t k = 0; k < n; ++k) {
      const T residual = abs(own[k] - rest_[k]) * T(options_.B);
      largest = max(largest, residual);
      if (const M imperfect = residual >= T(1e-9); any(imperfect))
        nodes_.tally.count(Tally::imperfect_restore, k % packs_, imperfect);
    }
    nodes_.tally.largest_residual = largest;
  }

  /// φ = κ I0² where the node was driven, else 0.
  void subtract_probes(Layer& layer, std::vector<T>& answers) const {
    const T sign(options_.reading.output_sign);
    for (std::size_t k = 0; k < layer.n_out * packs_; ++k) {
      const M on = driven(layer, layer.drive[k]);
      layer.slope[k] = layer.bias_slope[k] = sign * select(on, bend(layer.drive[k]), T(0.0));
      answers[k] = sign * select(on, T(voltage_[k] - answers[k]), T(0.0));
    }
  }

  /// φ = I0: V(γ_b, I0) / R(γ_b); an ideal readout gives R.
  void divide_by_memristance(Layer& layer, std::vector<T>& answers) const {
    for (std::size_t k = 0; k < layer.n_out * packs_; ++k) {
      answers[k] = voltage_[k] / voltage_of(node(layer, k), &rest_[k], T(1.0));
      layer.slope[k] = layer.bias_slope[k] = T(1.0);
    }
  }

  /// φ is the last voltage itself.
  void take_voltages(Layer& layer, std::vector<T>& answers) const {
    const Reading& r = options_.reading;
    for (std::size_t k = 0; k < layer.n_out * packs_; ++k) {
      const T I0 = layer.drive[k];
      const M on = I0 != T(0.0);
      const T dV_dw = voltage_slope(nodes_.device(), 0, I0, voltage_[k]) / T(options_.B);
      const T steepness = voltage_[k] / I0 - (r.output == Reading::Output::at_rest ? T(0.0) : bend(I0));
      layer.slope[k] = select(on, steepness, T(0.0));
      layer.bias_slope[k] = select(on, r.slope_bias ? dV_dw : T(steepness + dV_dw), T(0.0));
      answers[k] = select(on, answers[k], T(0.0));
    }
  }

  /// Slope of the difference of probes, 2 κ I0.
  [[nodiscard]] T bend(const T& I0) const {
    const T slope = T(2.0) * kappa_ * I0;
    return options_.reading.one_sided_node ? select(I0 < T(0.0), T(0.0), slope) : slope;
  }

  /// Sends pulses that change the weights of `count` devices from `first` on by η update_.
  template <class Engine>
  void update(Devices<Engine>& devices, std::size_t first, std::size_t count, typename Log::Kind kind) {
    using std::abs;
    using std::max;
    const auto& device = devices.device();
    Tally& tally = devices.tally;
    const std::size_t n = count * packs_;
    T* const own = &gamma_[first * packs_];
    T largest = tally.largest_update;
    for (std::size_t d = 0; d < n; ++d) {
      const T u = update_[d];
      current_[d] = update_pulse(device, 0, u, options_.learning_rate, options_.coding, options_.B).current;
      sends_[d] = marked(u != T(0.0));
      before_[d] = own[d];
      largest = max(largest, T(abs(u)));
    }
    tally.largest_update = largest;
    const auto sends = std::span<const T>(sends_).first(n);
    shape(count, sends, kind);
    devices.pulser.send(gamma_, first, std::span(current_).first(n), sends, Phase::update, kind, log_);
    for (std::size_t d = 0; tally.limits.leaves_residual && d < n; ++d)
      tally.update_residual.note(d % packs_,
                                 (own[d] - before_[d]) * T(options_.B) - T(options_.learning_rate) * update_[d],
                                 sends[d] != T(0.0));
    const auto at_bound = [&](std::size_t d) {
      const auto& pulsed = devices.pulser.device(first * packs_ + d);
      return own[d] <= T(pulsed.lower(0)) || own[d] >= T(pulsed.upper(0));
    };
    M suspect(false);
    for (std::size_t d = 0; d < n; ++d)
      suspect = suspect || (own[d] == before_[d] && update_[d] != T(0.0)) || at_bound(d);
    if (!any(suspect)) return;
    for (std::size_t d = 0; d < n; ++d) {
      const T noticeable = T(1e-12 * options_.B) * (T(device.scale(0)) + abs(own[d]));
      tally.count(Tally::lost_update, d % packs_,
                  own[d] == before_[d] && T(options_.learning_rate) * abs(update_[d]) > noticeable);
      tally.count(Tally::pinned_weight, d % packs_, update_[d] != T(0.0) && at_bound(d));
    }
  }

  Devices<Synapse> synapses_;
  Devices<Node> nodes_;
  Options options_;
  std::size_t packs_;
  std::vector<Layer> layers_;
  std::vector<T> gamma_, output_;
  /// For the devices that are pulsed together: currents, 1 where there is a pulse, u, states before the pulse, states
  /// at rest, voltages at rest.
  std::vector<T> current_, sends_, update_, before_, rest_, voltage_;
  double beyond_ = 0;  ///< amount by which the drive of a node exceeds I0 [A]
  T kappa_ = T(0.0);
  PulseLog<T> log_;
};

}  // namespace memdyn
