// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "memdyn/dynamics/ensemble.hpp"

namespace memdyn {

/// The characteristic f(γ, ±A) of a device with one internal variable under pulses of one amplitude. It serves as the
/// pulse programmer for any model: a pulse is chosen by its polarity and its duration.
class Characteristic {
 public:
  struct Pulse {
    double drive;     ///< A or -A
    double duration;  ///< [s]
  };

  /// @param amplitude A > 0 of the pulses, in the unit of the source [A] or [V]
  Characteristic(DrivenDevice device, double amplitude) : device_(std::move(device)), amplitude_(amplitude) {}

  /// γ̇ at a fixed γ [unit of γ / s].
  [[nodiscard]] double drift(double gamma, double drive) const;

  /// The pulse that moves γ from one state to another within its bounds. Its polarity is the one whose drift has the
  /// right sign all the way; its duration is t = ∫ dγ / f(γ, ±A), by ten-point Gauss-Legendre quadrature. None if
  /// neither polarity works, or if the duration is not finite.
  [[nodiscard]] std::optional<Pulse> pulse(double from, double to) const;

  /// The |drive| below which the device rests: the lowest level of its guards, 0 if every drive moves it.
  [[nodiscard]] double threshold() const;

 private:
  DrivenDevice device_;
  double amplitude_;
};

}  // namespace memdyn
