// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "memdyn/device/models/vteam.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/learn/generator.hpp"
#include "memdyn/learn/node_activation.hpp"
#include "memdyn/learn/programmer.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// The kind of perceptron: a single layer in one device (Algorithm 1), connections and nodes that are devices
/// (Algorithm 2), or a single layer with one device of any model per weight.
enum class NetworkKind { single_layer, multilayer, crossbar };
inline constexpr std::string_view network_kind_names[] = {"single-layer", "multilayer", "crossbar"};

/// How a crossbar turns a wanted change of a weight into pulses: one pulse of the right duration, computed from the
/// true state; or identical pulses, whose effect depends on the state, as in the hardware that training simulators
/// describe.
enum class Update {
  programmed,
  pulses,       ///< the wanted change over that of one pulse from the weight 0, rounded to a whole number
  sign,         ///< one pulse in the direction of the change (Manhattan rule)
  write_verify  ///< read, pulse, repeat until the weight is within a tolerance
};
inline constexpr std::string_view update_names[] = {"programmed", "pulses", "sign", "write-verify"};

/// The identical pulses of an Update other than `programmed`.
struct PulseUpdate {
  double width = 0;                ///< of each pulse [s], > 0
  double negative = std::nan("");  ///< magnitude of the amplitude of negative pulses; NaN: that of positive ones
  std::uint64_t most = 100;        ///< largest number of pulses of one change, > 0
  bool stochastic = false;         ///< round at random, so that the mean is right; `pulses` only
  double tolerance = 0.05;         ///< of the weight, > 0; `write_verify` only
};

/// A converter that turns the weighted sum of an output into one of 2^bits numbers, equidistant from -range to range:
/// the nearest. A sum beyond the range gives its end.
struct Converter {
  static constexpr std::uint64_t most_bits = 24;

  std::uint64_t bits = 0;  ///< at most most_bits; 0: the sum is read exactly
  double range = 0;        ///< largest sum, > 0; 0: that of weights at their bound under inputs of 1

  /// @param largest the sum that `range` = 0 stands for, > 0
  [[nodiscard]] double of(double sum, double largest) const;
};

/// The devices of a crossbar. With bounds w = weight_range (2 (γ - lower)/(upper - lower) - 1), without bounds
/// w = weight_range γ/scale. `quantity` is the quantity of all pulses and amplitudes: [A] or [V].
struct CrossbarSynapse {
  AnyDevice device = Vteam{};            ///< has one internal variable
  double weight_range = 10.0;            ///< in (0, 1e6]
  Quantity quantity = device.control();  ///< quantity of the pulses; by default the model's own input
  /// Amplitude of an update pulse, > 0. It has no default if `quantity` is not the model's own input.
  double amplitude = quantity == device.control() ? device.typical_input() : std::nan("");
  double read_amplitude = 0.0;  ///< amplitude of the pulse that reads x = 1; 0: a read sends no pulse
  Converter converter{};
  Update update = Update::programmed;
  PulseUpdate pulses{};

  /// The magnitude of the amplitude of negative pulses.
  [[nodiscard]] double negative_amplitude() const { return std::isnan(pulses.negative) ? amplitude : pulses.negative; }
  [[nodiscard]] Source source() const { return {.quantity = quantity}; }
  /// @throws InputError naming key, value and range
  void validate() const;
};
inline constexpr std::string_view no_crossbar_twin =
    "must be false for a crossbar whose pulses are programmed: no closed form is valid for every model; the "
    "calibration "
    "report gives the residual instead";

struct Network {
  NetworkKind kind = NetworkKind::single_layer;
  ThresholdWindow window;                          ///< single layer only
  SynapticDrift synapse;                           ///< multilayer only
  HpDrift node;                                    ///< multilayer only
  CrossbarSynapse crossbar;                        ///< crossbar only
  std::vector<std::size_t> layers{2, 2, 1};        ///< multilayer: size of each layer; crossbar: inputs and outputs
  double t_read = 1e-3;                            ///< duration of a read pulse [s]
  Generator generator{};                           ///< of all pulses
  Coding coding = Coding::width;                   ///< not used by a crossbar
  Reading reading{};                               ///< not used by a crossbar
  NodeActivation hidden = NodeActivation::square;  ///< multilayer only: activation of every layer but the last
  NodeActivation output = NodeActivation::square;  ///< multilayer only: activation of the last layer
  bool devices_vary = false;                       ///< each device has parameters of its own, around those above

  /// The number of inputs, then the number of nodes in each layer.
  [[nodiscard]] std::vector<std::size_t> sizes() const {
    return kind == NetworkKind::single_layer ? std::vector<std::size_t>{window.moving() - 1, 1} : layers;
  }
  /// @throws InputError naming key, value and remedy if its reading or its node does not allow an activation
  void validate_activations() const;
  /// @param twin the discrete twin is trained
  /// @throws InputError naming key, value and remedy for a generator that is not valid, or that the twin of a crossbar
  /// does not allow
  void validate_generator(bool twin) const;
};

/// The network of figure 1 or 2 of Silva et al. 2020 under a reading, with parameter sets that suit the reading.
[[nodiscard]] Network paper_network(bool multilayer, const Reading& reading);

}  // namespace memdyn
