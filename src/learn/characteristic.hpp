// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "memdyn/dynamics/ensemble.hpp"

namespace memdyn {

/// The characteristic f(γ, ±A) of a device of one internal variable under pulses of one size, and with it the pulse
/// programmer of any model: a pulse has its polarity and its duration to choose.
class Characteristic {
 public:
  struct Pulse {
    double drive;     ///< A or -A
    double duration;  ///< [s]
  };

  /// @param amplitude A > 0 of what drives the device [A] or [V]
  Characteristic(DrivenDevice device, double amplitude) : device_(std::move(device)), amplitude_(amplitude) {}

  /// γ̇ where γ is held [unit of γ / s].
  [[nodiscard]] double drift(double gamma, double drive) const;

  /// The pulse that moves γ from one state to another inside of its bounds: of the polarity whose drift leads there all
  /// the way, for t = ∫ dγ / f(γ, ±A) by Gauss and Legendre's rule of ten points. None if neither polarity does, or if
  /// that time is not finite.
  [[nodiscard]] std::optional<Pulse> pulse(double from, double to) const;

  /// The size of drive below which the device rests: the lowest level of its guards, 0 if it moves whatever the drive.
  [[nodiscard]] double threshold() const;

 private:
  DrivenDevice device_;
  double amplitude_;
};

}  // namespace memdyn
