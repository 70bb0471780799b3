// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "learn/characteristic.hpp"
#include "learn/learner.hpp"
#include "memdyn/dynamics/integrator.hpp"

namespace memdyn {

/// A single layer with one device of any model per weight: connections (output x input), then one bias per output.
///
/// The outputs are logistic functions of the net input Σ w x + w_b; an ideal differential readout obtains the weights
/// from the states. The delta rule, as in Algorithm 1, prescribes a change η (T - O) O (1 - O) x of each weight. The
/// characteristic of the device yields a pulse for that change, and integrating the pulse yields the change that it
/// makes. The difference of both is the residual.
///
/// A change below 1e-12 of the variable's scale gets no pulse. A device moves only under its own pulses: the decay of a
/// volatile device while others are pulsed is neglected.
class Crossbar final : public Learner {
 public:
  /// @param lanes number of independent lanes
  /// @throws InputError if the synapse or a tolerance is not valid
  Crossbar(const Network& network, double learning_rate, const IntegrationOptions& options, std::size_t lanes);

  [[nodiscard]] std::size_t lanes() const override { return lanes_; }
  [[nodiscard]] std::size_t weight_count() const override { return (n_in_ + 1) * n_out_; }
  void set_weights(const double* weights) override;
  void get_weights(double* weights) const override;
  void learn(const double* inputs, const double* targets, std::size_t rows, double* error) override;
  void predict(const double* inputs, std::size_t rows, double* outputs) override;
  [[nodiscard]] Calibration calibration(std::size_t used) const override;
  [[nodiscard]] double pulses(std::size_t lane) const override { return sent_[lane].pulses; }
  [[nodiscard]] double updates(std::size_t lane) const override { return sent_[lane].updates; }
  [[nodiscard]] std::size_t state_count() override;
  void get_state(std::size_t lane, double* state) override;
  void set_state(std::size_t lane, const double* state) override;
  [[nodiscard]] double kappa() const override { return 0.0; }
  void record_to(PulseTap* tap, std::size_t lane) override {
    tap_ = tap;
    tapped_ = lane;
  }

 private:
  using Tally = CalibrationTally<double>;
  /// Pulses sent to the devices of one lane, and their residuals.
  struct Sent {
    double pulses = 0, updates = 0, time = 0;
    double largest_residual = 0, squared_residuals = 0;  ///< largest and sum of squares over the updates, in weights
  };

  [[nodiscard]] double weight(double gamma) const { return (gamma - centre_) / per_weight_; }
  double& gamma(std::size_t device, std::size_t lane) { return gamma_[device * lanes_ + lane]; }
  [[nodiscard]] std::size_t bias(std::size_t output) const { return n_in_ * n_out_ + output; }
  /// Calls `use` for every number of a lane that decides how its training goes on, or is counted; then `raise` for the
  /// largest drives, which all lanes share.
  template <class Use, class Raise>
  void each_number(std::size_t lane, const Use& use, const Raise& raise);
  /// Computes `output_`, the outputs of one lane. @param x n_in x lane
  void forward(const double* x, std::size_t lane);
  void read(std::size_t device, std::size_t lane, double x);
  /// Sends the pulse for a change of a weight.
  void update(std::size_t device, std::size_t lane, double change);
  void send(std::size_t device, std::size_t lane, const Characteristic::Pulse& pulse, Phase phase);

  std::size_t n_in_, n_out_, lanes_;
  double learning_rate_, t_read_, read_amplitude_;
  Integrator<DrivenDevice> integrator_;
  Characteristic characteristic_;
  double lower_, upper_, scale_;  ///< bounds and scale of the variable
  double centre_, per_weight_;    ///< γ = centre + w per_weight
  std::vector<double> gamma_;     ///< weight x lane
  std::vector<double> output_;    ///< outputs of the lane of the last forward()
  std::vector<Sent> sent_;        ///< one per lane
  Tally tally_;
  PulseTap* tap_ = nullptr;
  std::size_t tapped_ = 0;
};

}  // namespace memdyn
