// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>

#include "dynamics/trapezoids.hpp"
#include "memdyn/device/models/threshold_drift.hpp"
#include "memdyn/device/models/threshold_window.hpp"

namespace memdyn {

/// The magnitudes [A] of the currents between which a variable drifts, for both signs; the drift is linear in the
/// current between them.
struct DriftRange {
  double from, to;
};
[[nodiscard]] inline DriftRange drift_range(const WindowOf<double>& part) {
  return {part.drive_level(0), part.drive_level(1)};
}
[[nodiscard]] inline DriftRange drift_range(const ThresholdDrift& part) { return {part.threshold_current(), infinity}; }

/// Replaces the integrator in a discrete twin. If the drift does not depend on the state, a rectangular pulse moves γ
/// by drift × duration, at most to the bound. This is exact, and it is the update rule that discrete simulators use. T
/// is a double, or a pack with one training per lane.
///
/// An edge of duration t to the current I passes the range [L, U] of the drift f. It spends the share
/// (min(|I|, U) - L)/|I| of its time there, and moves γ by that share × t × the mean of f, which is its mean at both
/// ends of the part of the range that is passed, because f is linear. For f = ±(|I| - L) with a window of width a that
/// is (min(|I| - L, a))² t / (2 |I|). A pulse moves γ one way only, so a bound cuts the sum of its parts.
template <class D, class T = double>
class ClosedForm {
  static_assert(!D::drift_depends_on_state, "this closed form requires a drift that depends on the current alone");

 public:
  using Scalar = T;
  explicit ClosedForm(D device) : device_(std::move(device)) {}
  [[nodiscard]] const D& device() const noexcept { return device_; }

  /// Sends one pulse through each device, all of the same duration; see PulseLanes::pulse.
  bool pulse(std::span<T> gamma, std::span<const T> current, const T& duration) {
    const std::size_t devices = current.size();
    bool moved = false;
    for (std::size_t i = 0; i < device_.size(); ++i)
      moved = move(variable_alone(device_, i), gamma.subspan(i * devices, devices), current, duration) || moved;
    return moved;
  }

  /// The same for pulses with edges.
  bool pulse(std::span<T> gamma, const Trapezoids<T>& pulses) {
    const std::size_t devices = pulses.peak.size();
    bool moved = false;
    for (std::size_t i = 0; i < device_.size(); ++i)
      moved = move(variable_alone(device_, i), gamma.subspan(i * devices, devices), pulses) || moved;
    return moved;
  }

 private:
  template <class Part>
  static bool move(const Part part, std::span<T> gamma, const Trapezoids<T>& pulses) {
    using std::abs;
    using std::copysign;
    using std::max;
    using std::min;
    const T edges(pulses.rise + pulses.fall);
    const auto [from, to] = drift_range(part);
    if (std::isinf(from)) return false;
    Mask<T> moved(false);
    for (std::size_t d = 0; d < gamma.size(); ++d) {
      const T peak = pulses.peak[d];
      const T first = copysign(T(from), peak);
      const T last = copysign(max(T(from), min(T(abs(peak)), T(to))), peak);
      RegimeOf<Part, T> passed, top;
      evaluate_regime(part, gamma, last, passed);
      evaluate_regime(part, gamma, peak, top);
      moved = moved || part.moves(0, passed);
      const T mean = T(0.5) * (part.drift(0, gamma, first, passed) + part.drift(0, gamma, last, passed));
      const T share = select(abs(last) > T(from), T(abs(last) - T(from)) / abs(peak), T(0.0));
      const T change = mean * share * edges + part.drift(0, gamma, peak, top) * pulses.width[d];
      gamma[d] = min(T(part.upper(0)), max(T(part.lower(0)), gamma[d] + change));
    }
    return any(moved);
  }

  template <class Part>
  static bool move(const Part part, std::span<T> gamma, std::span<const T> current, const T duration) {
    using std::max;
    using std::min;
    Mask<T> moved(false);
    for (std::size_t d = 0; d < gamma.size(); ++d) {
      RegimeOf<Part, T> regime;
      evaluate_regime(part, gamma, current[d], regime);
      moved = moved || part.moves(0, regime);
      const T to = gamma[d] + part.drift(0, gamma, current[d], regime) * duration;
      gamma[d] = min(T(part.upper(0)), max(T(part.lower(0)), to));
    }
    return any(moved);
  }

  D device_;
};

}  // namespace memdyn
