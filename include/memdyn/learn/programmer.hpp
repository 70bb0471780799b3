// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "memdyn/device/models/hp_drift.hpp"
#include "memdyn/device/models/synaptic_drift.hpp"
#include "memdyn/device/models/threshold_window.hpp"

namespace memdyn {

/// Coding of an update in a pulse: drive u for a time η·τ, or drive η·u for a time τ.
enum class Coding { width, amplitude };

/// A rectangular current pulse; T is a double, or a pack with one pulse per lane.
template <class T>
struct Pulse {
  T current;   ///< [A]
  T duration;  ///< [s]
};

/// The pulse programmer computes from the characteristic of a device the pulse that changes a weight by η u. A weight
/// is w = Bγ, proportional to one internal variable. A device can be a synapse or a node if it has the functions
///  - `weights(device)`          the number of its variables that are weights (the last of several is the bias)
///  - `threshold(device, i)`     the current [A] above which variable i drifts
///  - `window(device, i)`        the width [A] of the interval above the threshold in which it drifts
///  - `time_unit(device, B)`     τ [s], in which a drive of u A beyond the threshold changes the weight by u
///  - `voltage_slope(device, i, current, voltage)`  ∂V/∂γ_i at V(γ, I) [V / unit of γ]
inline std::size_t weights(const ThresholdWindow& device) { return device.moving(); }
inline double threshold(const ThresholdWindow& device, std::size_t i) { return device.parameters().I_gamma[i]; }
inline double window(const ThresholdWindow& device, std::size_t /*i*/) { return device.parameters().a; }
inline double time_unit(const ThresholdWindow& /*device*/, double /*B*/) { return 1.0; }
template <class T>
T voltage_slope(const ThresholdWindow& device, std::size_t i, const T& /*current*/, const T& voltage) {
  return i + 1 == device.moving() ? activation_slope(device.activation(), voltage) : T(0.0);
}

inline std::size_t weights(const ThresholdDrift& /*device*/) { return 1; }
inline double threshold(const ThresholdDrift& device, std::size_t /*i*/) { return device.threshold_current(); }
inline double window(const ThresholdDrift& /*device*/, std::size_t /*i*/) { return infinity; }
inline double time_unit(const ThresholdDrift& device, double B) { return 1.0 / (device.rate() * B); }
template <class T>
T voltage_slope(const SynapticDrift& device, std::size_t /*i*/, const T& current, const T& /*voltage*/) {
  return device.parameters().B * current;
}
template <class T>
T voltage_slope(const HpDrift& device, std::size_t /*i*/, const T& current, const T& /*voltage*/) {
  const auto& p = device.parameters();
  return ((p.approximate ? 0.0 : p.R_on) - p.R_off) / p.D * current;
}

/// The duration of an update pulse [s].
template <class D>
double update_duration(const D& device, double learning_rate, Coding coding, double B) {
  return (coding == Coding::width ? learning_rate : 1.0) * time_unit(device, B);
}
/// The pulse that changes weight i by η u.
template <class D, class T>
Pulse<T> update_pulse(const D& device, std::size_t i, const T& u, double learning_rate, Coding coding, double B) {
  using std::copysign;
  const T beyond = copysign(T(threshold(device, i)), u);
  const T drive = coding == Coding::width ? u : T(T(learning_rate) * u);
  return {drive + beyond, T(update_duration(device, learning_rate, coding, B))};
}

}  // namespace memdyn
