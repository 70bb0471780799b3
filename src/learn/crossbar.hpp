// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "learn/characteristic.hpp"
#include "learn/identical_pulses.hpp"
#include "learn/learner.hpp"
#include "learn/pulse_generator.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/integrator.hpp"

namespace memdyn {

/// A single layer with one device of any model per weight: connections (output x input), then one bias per output.
///
/// The outputs are logistic functions of the net input Σ w x + w_b; an ideal differential readout obtains the weights
/// from the states. The delta rule, as in Algorithm 1, prescribes a change η (T - O) O (1 - O) x of each weight. The
/// characteristic of the device yields a pulse for that change, and integrating the pulse yields the change that it
/// makes. The difference of both is the residual. Other Updates send identical pulses instead (IdenticalPulses), which
/// are integrated too, or, for the twin, looked up in a table.
///
/// A change below 1e-12 of the variable's scale gets no pulse. A volatile device forgets while others are pulsed:
/// before its state is read, and before its own pulse, it is integrated at zero drive over the time that has passed.
class Crossbar final : public Learner {
 public:
  /// @param lanes number of independent lanes
  /// @param twin changes by identical pulses are looked up, not integrated
  /// @throws InputError if the synapse or a tolerance is not valid
  Crossbar(const Network& network, double learning_rate, const IntegrationOptions& options, std::size_t lanes,
           bool twin = false);

  [[nodiscard]] std::size_t lanes() const override { return lanes_; }
  [[nodiscard]] std::size_t weight_count() const override { return (n_in_ + 1) * n_out_; }
  void set_realization(std::size_t lane, std::uint64_t seed, std::uint64_t realization) override;
  void set_device(std::size_t lane, std::size_t index, const AnyDevice& device) override;
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
  void put_back(std::size_t lane, const double* state) override;
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
    double changes = 0;                                  ///< that were wanted
    double largest_residual = 0, squared_residuals = 0;  ///< largest and sum of squares over these, in weights
    double drawn = 0;                                    ///< random numbers
  };

  [[nodiscard]] double weight(double gamma) const { return (gamma - centre_) / per_weight_; }
  /// The integrator of a device: its own if it has parameters of its own.
  [[nodiscard]] Integrator<DrivenDevice>& integrator(std::size_t device, std::size_t lane) {
    const auto& own = own_[device * lanes_ + lane];
    return own ? *own : integrator_;
  }
  double& gamma(std::size_t device, std::size_t lane) { return gamma_[device * lanes_ + lane]; }
  [[nodiscard]] std::size_t bias(std::size_t output) const { return n_in_ * n_out_ + output; }
  /// Calls `use` for every number of a lane that decides how its training goes on, or is counted; then `raise` for the
  /// largest drives, which all lanes share.
  template <class Use, class Raise>
  void each_number(std::size_t lane, const Use& use, const Raise& raise);
  /// Computes `output_`, the outputs of one lane. @param x n_in x lane
  void forward(const double* x, std::size_t lane);
  void read(std::size_t device, std::size_t lane, double x);
  /// Brings a volatile device to the present: since its last pulse it has been at rest.
  void wait(std::size_t device, std::size_t lane);
  void wait_all(std::size_t lane);
  /// All states of a lane at the present, which stay as they are.
  [[nodiscard]] std::vector<double> present(std::size_t lane);
  /// Sends the pulse for a change of a weight.
  void update(std::size_t device, std::size_t lane, double change);
  /// Sends identical pulses towards a state.
  void send_identical(std::size_t device, std::size_t lane, double target);
  /// The number of identical pulses for a change of the state.
  [[nodiscard]] std::uint64_t count(double change, std::size_t lane);
  /// Notes how far a state is from the one that was wanted.
  void note_residual(std::size_t lane, double off);
  /// @param known the state after the pulse, if it was looked up
  void send(std::size_t device, std::size_t lane, const Characteristic::Pulse& pulse, Phase phase,
            std::optional<double> known = {});
  void send(std::size_t device, std::size_t lane, bool up);  ///< an identical pulse
  /// What the generator makes of the next pulse of a lane.
  [[nodiscard]] Trapezoid shape_of(const Characteristic::Pulse& pulse, std::size_t lane) const;

  std::size_t n_in_, n_out_, lanes_;
  double learning_rate_, t_read_, read_amplitude_;
  double amplitude_;
  Converter converter_;
  double largest_sum_;  ///< of weights at their bound, under inputs of 1
  Source source_;
  IntegrationOptions options_;
  Integrator<DrivenDevice> integrator_;                         ///< of the nominal device
  std::vector<std::unique_ptr<Integrator<DrivenDevice>>> own_;  ///< device x lane: of those with own parameters
  Characteristic characteristic_;
  double lower_, upper_, scale_;  ///< bounds and scale of the variable
  double centre_, per_weight_;    ///< γ = centre + w per_weight
  std::vector<double> gamma_;     ///< weight x lane
  bool fades_;                    ///< the devices are volatile; then
  std::vector<double> reached_;   ///< weight x lane: the time to which the state belongs [s]
  std::vector<double> output_;    ///< outputs of the lane of the last forward()
  std::vector<Sent> sent_;        ///< one per lane
  Generator generator_;
  std::vector<PulseErrors> errors_;  ///< one per lane
  std::vector<RandomStream> random_;
  Update update_;
  PulseUpdate pulses_;
  bool twin_;
  std::optional<IdenticalPulses> identical_;
  Tally tally_;
  PulseTap* tap_ = nullptr;
  std::size_t tapped_ = 0;
};

}  // namespace memdyn
