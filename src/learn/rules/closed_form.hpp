// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>

#include "memdyn/device/device.hpp"

namespace memdyn {

/// Replaces the integrator in a discrete twin. If the drift does not depend on the state, a rectangular pulse moves γ
/// by drift × duration, at most to the bound. This is exact, and it is the update rule that discrete simulators use. T
/// is a double, or a pack with one training per lane.
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

 private:
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
