// SPDX-License-Identifier: MIT
#pragma once

namespace memdyn {

/// The generator of the pulses of a training. It sends a wanted pulse of amplitude A and duration t as a trapezoid: a
/// linear edge from 0, a flat top of amplitude A (1 + error) + offset and of the duration t + jitter, at least 0, and a
/// linear edge back to 0. Both deviations are normal numbers that are drawn for each pulse. The controllers calculate
/// with the wanted pulses; they read voltages at the flat top.
struct Generator {
  double rise = 0.0;             ///< duration of the first edge [s], >= 0
  double fall = 0.0;             ///< duration of the last edge [s], >= 0
  double rest = 0.0;             ///< zero drive after every pulse, before the next one begins [s], >= 0
  double offset = 0.0;           ///< added to every pulse [A], or [V] for devices that are driven by voltage
  double amplitude_error = 0.0;  ///< relative standard deviation of the amplitude, in [0, 1]
  double width_jitter = 0.0;     ///< standard deviation of the duration of the flat top [s], >= 0

  [[nodiscard]] bool has_edges() const { return rise > 0.0 || fall > 0.0; }
  /// Deviations are drawn for each pulse.
  [[nodiscard]] bool is_random() const { return amplitude_error > 0.0 || width_jitter > 0.0; }
  /// The pulses are rectangles of the wanted duration, whatever their amplitude.
  [[nodiscard]] bool is_rectangular() const { return !has_edges() && !(width_jitter > 0.0); }
  /// Every pulse is the wanted one.
  [[nodiscard]] bool is_ideal() const { return is_rectangular() && !is_random() && offset == 0.0; }
  /// @throws InputError naming key, value and range
  void validate() const;
};

}  // namespace memdyn
