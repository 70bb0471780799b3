// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "learn/pulser.hpp"
#include "memdyn/core/instruction_set.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/learn/calibration.hpp"
#include "memdyn/learn/network.hpp"

namespace memdyn {

/// Perceptrons of one kind that learn in lockstep, one in each lane of some packs. The lane is the fastest index of
/// arrays: element (i, lane) is at i * lanes() + lane. The results of a lane do not depend on the others, to the last
/// bit.
class Learner {
 public:
  virtual ~Learner() = default;
  [[nodiscard]] virtual std::size_t lanes() const = 0;
  [[nodiscard]] virtual std::size_t weight_count() const = 0;
  /// Names the realization in a lane, whose random numbers are its own. Needed only if updates are rounded at random,
  /// or pulses deviate at random.
  virtual void set_realization(std::size_t lane, std::uint64_t seed, std::uint64_t realization) = 0;
  /// Gives a device of a lane parameters of its own; before set_weights(), if Network::devices_vary.
  /// @param index of its weight; 0 for a single layer, which is one device
  virtual void set_device(std::size_t lane, std::size_t index, const AnyDevice& device) = 0;
  virtual void set_weights(const double* weights) = 0;  ///< weight x lane
  virtual void get_weights(double* weights) const = 0;  ///< weight x lane
  /// Learns rows one after another. @param inputs row x n_in x lane; @param targets row x n_out x lane
  /// @param error output: ½ Σ (T - O)² over the rows, one per lane
  /// @throws NumericalError, Interrupted
  virtual void learn(const double* inputs, const double* targets, std::size_t rows, double* error) = 0;
  /// @param inputs row x n_in x lane; @param outputs row x n_out x lane
  virtual void predict(const double* inputs, std::size_t rows, double* outputs) = 0;
  /// The calibration report; violations of the first `used` lanes only.
  [[nodiscard]] virtual Calibration calibration(std::size_t used) const = 0;
  [[nodiscard]] virtual double pulses(std::size_t lane) const = 0;
  [[nodiscard]] virtual double updates(std::size_t lane) const = 0;  ///< pulses that were updates
  /// What decides how a lane goes on, and what it has counted: the same numbers in any learner of the network, whatever
  /// its number of lanes. It begins with the internal variables.
  [[nodiscard]] virtual std::size_t state_count() = 0;
  virtual void get_state(std::size_t lane, double* state) = 0;
  virtual void set_state(std::size_t lane, const double* state) = 0;
  /// Puts the devices of a lane, and their time, back to where they were in a state. Counts and random numbers go on.
  virtual void put_back(std::size_t lane, const double* state) = 0;
  [[nodiscard]] virtual double kappa() const = 0;  ///< κ of the nodes [V/A²]; 0 for a single layer
  /// From now on reports the pulses in a lane to `tap`; null stops that.
  virtual void record_to(PulseTap* tap, std::size_t lane) = 0;
};

/// Content of the lanes of a pack: perceptrons of one kind that learn in lockstep, or devices of one perceptron, namely
/// those of a layer that are pulsed together. A single layer is one device, so its lanes always hold perceptrons.
enum class LanesHold { perceptrons, devices };

/// Number of lanes of a pack of perceptrons: that of the instruction set if the lanes hold perceptrons, else 1. It is 1
/// for a crossbar, which is solved as a whole, and if the devices vary.
[[nodiscard]] std::size_t lane_count(InstructionSet set, const Network& network, LanesHold hold);
/// @param packs number of packs of perceptrons; the learner has packs times lane_count(set, network, hold) lanes
/// @param twin use the closed form instead of integration
/// @throws InputError for the twin of a crossbar whose pulses are programmed, and if CrossbarSynapse::validate,
/// IdenticalPulses, Network::validate_activations or Network::validate_generator throws it
[[nodiscard]] std::unique_ptr<Learner> make_learner(InstructionSet set, const Network& network, double learning_rate,
                                                    const IntegrationOptions& options, bool twin, LanesHold hold,
                                                    std::size_t packs);

}  // namespace memdyn
