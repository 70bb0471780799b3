// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "memdyn/device/models.hpp"

namespace memdyn {

/// How an update is coded: u for a time η·τ, or η·u for a time τ.
enum class Coding { width, amplitude };

/// A rectangular current pulse.
struct Pulse {
  double current;   ///< [A]
  double duration;  ///< [s]
};

/// The pulse programmer of a device: which pulse changes a weight by η u, by the device's own characteristic. A weight
/// is a dimensionless number proportional to one internal variable. A device serves as synapse or node by having
///  - `threshold(device, i)`   the current [A] beyond which variable i drifts
///  - `time_unit(device, B)`   τ [s]: a drive of u A beyond the threshold changes the weight by u in it
///  - `weight_unit(device, B)` the weight for γ = 1 (unit of γ)
inline double threshold(const ThresholdWindow& device, std::size_t i) { return device.parameters().I_gamma[i]; }
inline double time_unit(const ThresholdWindow& /*device*/, double /*B*/) { return 1.0; }
inline double weight_unit(const ThresholdWindow& /*device*/, double /*B*/) { return 1.0; }

inline double threshold(const ThresholdDrift& device, std::size_t /*i*/) { return device.threshold_current(); }
inline double time_unit(const ThresholdDrift& device, double B) { return 1.0 / (device.rate() * B); }
inline double weight_unit(const ThresholdDrift& /*device*/, double B) { return B; }

template <class D>
Pulse update_pulse(const D& device, std::size_t i, double u, double learning_rate, Coding coding, double B) {
  const double tau = time_unit(device, B);
  if (coding == Coding::width) return {u + std::copysign(threshold(device, i), u), learning_rate * tau};
  return {learning_rate * u + std::copysign(threshold(device, i), u), tau};
}

}  // namespace memdyn
