// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "memdyn/device/models/vteam.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/learn/programmer.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// The kind of perceptron: a single layer in one device (Algorithm 1), connections and nodes that are devices
/// (Algorithm 2), or a single layer with one device of any model per weight.
enum class NetworkKind { single_layer, multilayer, crossbar };
inline constexpr std::string_view network_kind_names[] = {"single-layer", "multilayer", "crossbar"};

/// The devices of a crossbar. With bounds w = weight_range (2 (γ - lower)/(upper - lower) - 1), without bounds
/// w = weight_range γ/scale. `quantity` is the quantity of all pulses and amplitudes: [A] or [V].
struct CrossbarSynapse {
  AnyDevice device = Vteam{};            ///< has one internal variable
  double weight_range = 10.0;            ///< in (0, 1e6]
  Quantity quantity = device.control();  ///< quantity of the pulses; by default the model's own input
  /// Amplitude of an update pulse, > 0. It has no default if `quantity` is not the model's own input.
  double amplitude = quantity == device.control() ? device.typical_input() : std::nan("");
  double read_amplitude = 0.0;  ///< amplitude of the pulse that reads x = 1; 0: a read sends no pulse

  [[nodiscard]] Source source() const { return {.quantity = quantity}; }
  /// @throws InputError naming key, value and range
  void validate() const;
};
inline constexpr std::string_view no_crossbar_twin =
    "must be false for a crossbar: no closed form is valid for every model; the calibration report gives the residual "
    "instead";

struct Network {
  NetworkKind kind = NetworkKind::single_layer;
  ThresholdWindow window;                    ///< single layer only
  SynapticDrift synapse;                     ///< multilayer only
  HpDrift node;                              ///< multilayer only
  CrossbarSynapse crossbar;                  ///< crossbar only
  std::vector<std::size_t> layers{2, 2, 1};  ///< multilayer: size of each layer; crossbar: inputs and outputs
  double t_read = 1e-3;                      ///< duration of a read pulse [s]
  Coding coding = Coding::width;             ///< not used by a crossbar
  Reading reading{};                         ///< not used by a crossbar

  /// The number of inputs, then the number of nodes in each layer.
  [[nodiscard]] std::vector<std::size_t> sizes() const {
    return kind == NetworkKind::single_layer ? std::vector<std::size_t>{window.moving() - 1, 1} : layers;
  }
};

/// The network of figure 1 or 2 of Silva et al. 2020 under a reading, with parameter sets that suit the reading.
[[nodiscard]] Network paper_network(bool multilayer, const Reading& reading);

}  // namespace memdyn
