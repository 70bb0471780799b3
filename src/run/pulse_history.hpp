// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memdyn {

/// Pulses that follow one another, integrated.
struct PulseHistory {
  std::string name;                   ///< of their order
  std::vector<std::int8_t> polarity;  ///< +1 for a pulse up, -1 for one down
  double state = 0;                   ///< before them
  double start = 0;                   ///< conductance before them [S]
  std::vector<double> conductance{};  ///< after each pulse [S]
};

}  // namespace memdyn
