// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/learn/programmer.hpp"
#include "memdyn/learn/reading.hpp"

namespace memdyn {

/// The perceptron: one layer in a single device (Algorithm 1), or connections and nodes that are devices (Algorithm 2).
struct Network {
  bool multilayer = false;
  ThresholdWindow window;
  SynapticDrift synapse;
  HpDrift node;
  std::vector<std::size_t> layers{2, 2, 1};  ///< of a multilayer perceptron
  double t_read = 1e-3;                      ///< [s]
  Coding coding = Coding::width;
  Reading reading{};

  /// Numbers of inputs, of nodes in each layer.
  [[nodiscard]] std::vector<std::size_t> sizes() const {
    return multilayer ? layers : std::vector<std::size_t>{window.moving() - 1, 1};
  }
};

}  // namespace memdyn
