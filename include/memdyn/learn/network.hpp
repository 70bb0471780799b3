// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "memdyn/device/models/vteam.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/learn/programmer.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// The perceptron: one layer in a single device (Algorithm 1), connections and nodes that are devices (Algorithm 2), or
/// one layer with a device of any model for each weight.
enum class NetworkKind { single_layer, multilayer, crossbar };
inline constexpr std::string_view network_kind_names[] = {"single-layer", "multilayer", "crossbar"};

/// The devices of a crossbar. Between the bounds w = weight_range (2 (γ - lower)/(upper - lower) - 1); without bounds
/// w = weight_range γ/scale. Every pulse is one of `quantity`, and so are the amplitudes: [A] or [V].
struct CrossbarSynapse {
  AnyDevice device = Vteam{};            ///< of one internal variable
  double weight_range = 10.0;            ///< in (0, 1e6]
  Quantity quantity = device.control();  ///< of the pulses; the model's own input if not given
  /// Of an update pulse, > 0. Has to be given where `quantity` is not the model's own input.
  double amplitude = quantity == device.control() ? device.typical_input() : std::nan("");
  double read_amplitude = 0.0;  ///< of the pulse that reads x = 1; 0: a read sends nothing

  [[nodiscard]] Source source() const { return {.quantity = quantity}; }
  /// @throws InputError naming key, value and range
  void validate() const;
};
inline constexpr std::string_view no_crossbar_twin =
    "must be false for a crossbar: there is no closed form that serves every model; the report states the residual "
    "instead";

struct Network {
  NetworkKind kind = NetworkKind::single_layer;
  ThresholdWindow window;                    ///< of a single layer
  SynapticDrift synapse;                     ///< of a multilayer perceptron
  HpDrift node;                              ///< of a multilayer perceptron
  CrossbarSynapse crossbar;                  ///< of a crossbar
  std::vector<std::size_t> layers{2, 2, 1};  ///< of a multilayer perceptron; of a crossbar its inputs and outputs
  double t_read = 1e-3;                      ///< [s]
  Coding coding = Coding::width;             ///< not of a crossbar
  Reading reading{};                         ///< not of a crossbar

  /// Numbers of inputs, of nodes in each layer.
  [[nodiscard]] std::vector<std::size_t> sizes() const {
    return kind == NetworkKind::single_layer ? std::vector<std::size_t>{window.moving() - 1, 1} : layers;
  }
};

/// The networks of the paper's figures under a reading, with parameter sets that suit it.
[[nodiscard]] Network paper_network(bool multilayer, const Reading& reading);

}  // namespace memdyn
