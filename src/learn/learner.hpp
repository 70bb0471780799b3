// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "learn/pulser.hpp"
#include "memdyn/core/instruction_set.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/learn/calibration.hpp"
#include "memdyn/learn/network.hpp"

namespace memdyn {

/// Perceptrons of one kind that learn in step, one in each lane of some packs. Arrays are lane-minor: element (i, lane)
/// is at i * lanes() + lane. What a lane computes does not depend on the others, to the last bit.
class Learner {
 public:
  virtual ~Learner() = default;
  [[nodiscard]] virtual std::size_t lanes() const = 0;
  [[nodiscard]] virtual std::size_t weight_count() const = 0;
  virtual void set_weights(const double* weights) = 0;  ///< weight x lane
  virtual void get_weights(double* weights) const = 0;  ///< weight x lane
  /// Learns rows one after another. @param inputs row x n_in x lane; @param targets row x n_out x lane
  /// @param error ½ Σ (T - O)² over the rows, one a lane
  /// @throws NumericalError
  virtual void learn(const double* inputs, const double* targets, std::size_t rows, double* error) = 0;
  /// @param outputs row x n_out x lane
  virtual void predict(const double* inputs, std::size_t rows, double* outputs) = 0;
  /// Of the first `used` lanes.
  [[nodiscard]] virtual Calibration calibration(std::size_t used) const = 0;
  [[nodiscard]] virtual double pulses(std::size_t lane) const = 0;
  [[nodiscard]] virtual double updates(std::size_t lane) const = 0;  ///< of those pulses
  [[nodiscard]] virtual double kappa() const = 0;                    ///< [V/A²], of the nodes; 0 for a single layer
  /// Tells `tap` of the pulses in a lane from now on; null ends that.
  virtual void record_to(PulseTap* tap, std::size_t lane) = 0;
};

/// What fills the lanes of an instruction set: perceptrons of one kind that learn in step, or the devices of one,
/// those of a layer that are pulsed together. A single layer is one device: its lanes hold perceptrons.
enum class LanesHold { perceptrons, devices };

/// Lanes of a pack of perceptrons: those of the instruction set if they hold perceptrons, else 1, as for a crossbar,
/// which is solved as a whole.
[[nodiscard]] std::size_t lane_count(InstructionSet set, const Network& network, LanesHold hold);
/// @param packs how many packs of perceptrons: it has packs times lane_count(set, network, hold) lanes
/// @param twin the closed form instead of integration
/// @throws InputError for the twin of a crossbar, and for a crossbar that CrossbarSynapse::validate refuses
[[nodiscard]] std::unique_ptr<Learner> make_learner(InstructionSet set, const Network& network, double learning_rate,
                                                    const IntegrationOptions& options, bool twin, LanesHold hold,
                                                    std::size_t packs);

}  // namespace memdyn
