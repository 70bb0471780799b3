// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "learn/pulser.hpp"
#include "memdyn/learn/calibration.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// Algorithm 1 of Silva et al. 2020: the single-layer perceptron in one device. Its variables are the weights, the bias
/// weight, and last the learning rate. The controller reads the weights through an ideal readout; the output is the
/// voltage under the net input. Only pulses change a weight: for each weight, a drive that exceeds its threshold by
/// u = Δ x_i g'. Packs of perceptrons are trained in lockstep, one perceptron per lane; Engine::Scalar is a pack or a
/// double.
template <class Engine>
class SingleLayer {
 public:
  using T = typename Engine::Scalar;
  struct Options {
    double learning_rate = 0.1;
    double t_read = 1e-3;  ///< duration of a read pulse [s]
    Coding coding = Coding::width;
    Reading reading{};
    Generator generator{};
  };
  SingleLayer(Engine engine, const Options& options, std::size_t packs = 1)
      : pulser_(std::move(engine), true),
        options_(options),
        packs_(packs),
        gamma_(device().size() * packs, T(0.0)),
        before_(gamma_),
        net_(packs, T(0.0)),
        output_(net_),
        difference_(net_),
        step_(net_),
        update_(net_),
        current_(net_),
        sends_(net_),
        tally_("device", packs),
        log_(packs, options.generator) {
    for (std::size_t g = 0; g < packs; ++g) gamma_[weights(device()) * packs + g] = T(options.learning_rate);
    log_.duration = {options.t_read, 0.0, update_duration(device(), options.learning_rate, options.coding, 1.0)};
    tally_.limits.leaves_residual = tally_.limits.moves_others = devices_differ || !options.generator.is_ideal();
    if (!devices_differ) lower_limits(device());
  }

  [[nodiscard]] const auto& device() const { return pulser_.device(); }
  [[nodiscard]] std::size_t packs() const { return packs_; }
  [[nodiscard]] std::size_t n_in() const { return weights(device()) - 1; }
  [[nodiscard]] std::size_t n_out() const { return 1; }
  /// Names the realization in a lane; see PulseErrors.
  void set_realization(std::size_t lane, std::uint64_t seed, std::uint64_t realization) {
    log_.generator.set_realization(lane, seed, realization);
  }
  /// Gives the device of a perceptron parameters of its own. @param i 0
  void set_device(std::size_t /*i*/, std::size_t pack, const AnyDevice& device)
    requires Pulser<Engine>::devices_differ
  {
    const auto* own = device.get_if<typename Pulser<Engine>::Device>();
    if (own == nullptr) return;
    pulser_.set_device(pack, *own);
    lower_limits(*own);
  }
  /// Weights, then the bias.
  [[nodiscard]] std::size_t weight_count() const { return weights(device()); }
  [[nodiscard]] T weight(std::size_t i, std::size_t pack) const { return gamma_[i * packs_ + pack]; }
  void set_weight(std::size_t i, std::size_t pack, const T& w) { gamma_[i * packs_ + pack] = w; }
  /// The calibration report; violations of the first `used` lanes only.
  [[nodiscard]] Calibration calibration(std::size_t used) const { return {{tally_.report(used)}}; }
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
    tally_.each_number(pack, use);
    log_.each_number(pack, use);
  }
  /// Calls `use` for the largest drives and residuals, which packs share: T&.
  template <class Use>
  void each_margin(const Use& use) {
    tally_.each_margin(use);
  }
  [[nodiscard]] PulseLog<T>& log() { return log_; }
  [[nodiscard]] const PulseLog<T>& log() const { return log_; }

  /// @param x n_in x pack; @param out one value per pack [V / V0]
  void predict(std::span<const T> x, std::span<T> out) {
    forward(x);
    std::copy(output_.begin(), output_.end(), out.begin());
  }

  /// One step of Algorithm 1. @param x n_in x pack; @param target one per pack; @param error one per pack; ½ (T - O)²
  /// is added to it
  void learn(std::span<const T> x, std::span<const T> target, std::span<T> error) {
    forward(x);
    for (std::size_t g = 0; g < packs_; ++g) {
      const T difference = target[g] - output_[g];
      difference_[g] = difference;
      step_[g] = difference * voltage_slope(device(), n_in(), net_[g], output_[g]);
      error[g] += T(0.5) * difference * difference;
    }
    for (std::size_t i = 0; i < n_in(); ++i) {
      for (std::size_t g = 0; g < packs_; ++g) update_[g] = step_[g] * x[i * packs_ + g];
      update(i);
    }
    update_ = step_;
    update(n_in());
  }

 private:
  static constexpr bool devices_differ = Pulser<Engine>::devices_differ;
  /// Lowers the limits of the devices to those of one of them.
  template <class D>
  void lower_limits(const D& device) {
    for (std::size_t i = 0; i < weights(device); ++i) {
      tally_.limits.lowest_threshold = std::min(tally_.limits.lowest_threshold, threshold(device, i));
      tally_.limits.update_limit = std::min(tally_.limits.update_limit, window(device, i));
    }
  }
  /// The variables of one pack.
  struct Column {
    const T* first;
    std::size_t stride;
    const T& operator[](std::size_t i) const { return first[i * stride]; }
  };

  void forward(std::span<const T> x) {
    using std::abs;
    using std::max;
    T largest = tally_.largest_read;
    for (std::size_t g = 0; g < packs_; ++g) {
      T net(0.0);
      for (std::size_t i = 0; i < n_in(); ++i) net += gamma_[i * packs_ + g] * x[i * packs_ + g];
      net_[g] = net;
    }
    log_.shape(net_, {}, PulseLog<T>::read);
    for (std::size_t g = 0; g < packs_; ++g) {
      largest = max(largest, T(abs(net_[g])));
      output_[g] = voltage_of(pulser_.device(g), Column{&gamma_[g], packs_}, net_[g]);
    }
    tally_.largest_read = largest;
    before_ = gamma_;
    if (!pulser_.send(gamma_, 0, net_, {}, Phase::read, PulseLog<T>::read, log_)) return;
    for (std::size_t g = 0; g < packs_; ++g) {
      Mask<T> disturbed(false);
      for (std::size_t i = g; i < gamma_.size(); i += packs_) disturbed = disturbed || gamma_[i] != before_[i];
      tally_.count(CalibrationTally<T>::read_disturb, g, disturbed);
    }
  }

  /// Sends pulses that change weight i by η update_.
  void update(std::size_t i) {
    using std::abs;
    using std::copysign;
    using std::max;
    const T beyond(threshold(device(), i));
    T* const own = &gamma_[i * packs_];
    T largest = tally_.largest_update;
    for (std::size_t g = 0; g < packs_; ++g) {
      const T u = update_[g];
      T current = update_pulse(device(), i, u, options_.learning_rate, options_.coding, 1.0).current;
      if (options_.reading.sign_of_error)
        current += select((u < T(0.0)) != (difference_[g] < T(0.0)), T(2.0) * copysign(beyond, difference_[g]), T(0.0));
      current_[g] = current;
      sends_[g] = select(u != T(0.0), T(1.0), T(0.0));
    }
    log_.shape(current_, sends_, PulseLog<T>::node_update);
    for (std::size_t g = 0; g < packs_; ++g) {
      const T excess = abs(abs(current_[g]) - beyond);
      largest = max(largest, T(select(sends_[g] != T(0.0), excess, T(0.0))));
    }
    tally_.largest_update = largest;
    before_ = gamma_;
    pulser_.send(gamma_, 0, current_, sends_, Phase::update, PulseLog<T>::node_update, log_);
    if (tally_.limits.leaves_residual) note_deviations(i);
    const T* const before = &before_[i * packs_];
    Mask<T> suspect(false);
    for (std::size_t g = 0; g < packs_; ++g) suspect = suspect || (own[g] == before[g] && update_[g] != T(0.0));
    if (!any(suspect)) return;
    for (std::size_t g = 0; g < packs_; ++g) {
      const T noticeable = T(1e-12) * (T(1.0) + abs(own[g]));
      tally_.count(CalibrationTally<T>::lost_update, g,
                   own[g] == before[g] && T(options_.learning_rate) * abs(update_[g]) > noticeable);
    }
  }

  /// Notes how far the pulses for weight i have changed it by another amount than wanted, and moved other weights.
  void note_deviations(std::size_t i) {
    for (std::size_t k = 0; k < weight_count(); ++k)
      for (std::size_t g = 0; g < packs_; ++g) {
        const Mask<T> sent = sends_[g] != T(0.0);
        const T change = gamma_[k * packs_ + g] - before_[k * packs_ + g];
        if (k == i) {
          tally_.update_residual.note(g, change - T(options_.learning_rate) * update_[g], sent);
        } else {
          tally_.rest_moves.note(g, change, sent);
        }
      }
  }

  Pulser<Engine> pulser_;
  Options options_;
  std::size_t packs_;
  std::vector<T> gamma_, before_;  ///< variable x pack
  /// One per pack: net input, output, Δ, Δ g', u, the current of a pulse, and 1 where there is a pulse.
  std::vector<T> net_, output_, difference_, step_, update_, current_, sends_;
  CalibrationTally<T> tally_;
  PulseLog<T> log_;
};

}  // namespace memdyn
