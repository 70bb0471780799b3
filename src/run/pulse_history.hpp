// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace memdyn {

/// The orders of pulses against which rules are held; the first is the sequence of the table. One's own comes after
/// them.
enum class PulseOrder : std::uint8_t { runs, up, down, alternating, random, own };
inline constexpr std::array<std::string_view, 6> pulse_order_names = {"runs",        "up",     "down",
                                                                      "alternating", "random", "own"};
/// Those that every device gets.
inline constexpr std::size_t pulse_orders = pulse_order_names.size() - 1;

/// Pulses that follow one another, integrated.
struct PulseHistory {
  std::string name;                   ///< of their order
  std::vector<std::int8_t> polarity;  ///< +1 for a pulse up, -1 for one down
  double state = 0;                   ///< before them
  double start = 0;                   ///< conductance before them [S]
  std::vector<double> conductance{};  ///< after each pulse [S]
};

}  // namespace memdyn
