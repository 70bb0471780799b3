// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "dynamics/trapezoids.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// An engine of packs (PulseLanes) for one training: the devices that are pulsed together fill its lanes, in order.
/// Results are bit-identical to those of a pack of trainings.
template <class Engine>
class DeviceLanes {
  using T = typename Engine::Scalar;
  static constexpr std::size_t width = lanes<T>;

 public:
  using Scalar = double;
  explicit DeviceLanes(Engine engine) : engine_(std::move(engine)) {}
  [[nodiscard]] const auto& device() const noexcept { return engine_.device(); }

  /// Sends one pulse through each device, all of one duration; see PulseLanes::pulse().
  bool pulse(std::span<double> gamma, std::span<const double> current, double duration) {
    return in_packs(gamma, current, [&] { return engine_.pulse(gamma_, current_, T(duration)); });
  }
  /// The same for pulses with edges.
  bool pulse(std::span<double> gamma, const Trapezoids<double>& pulses) {
    return in_packs(gamma, pulses.peak, [&] {
      widths_.resize(current_.size());
      fill(pulses.width, widths_);
      return engine_.pulse(gamma_, Trapezoids<T>{current_, widths_, pulses.rise, pulses.fall});
    });
  }

 private:
  /// Copies states and currents to packs, and the states back. @param pulse sends the pulses
  template <class Pulse>
  bool in_packs(std::span<double> gamma, std::span<const double> current, const Pulse& pulse) {
    if (current.empty()) return false;
    const std::size_t packs = (current.size() + width - 1) / width;
    gamma_.resize(gamma.size() / current.size() * packs);
    current_.resize(packs);
    fill(current, current_);
    for (std::size_t i = 0; i * packs < gamma_.size(); ++i)
      fill(gamma.subspan(i * current.size(), current.size()), std::span(gamma_).subspan(i * packs, packs));
    const bool moved = pulse();
    for (std::size_t i = 0; i * packs < gamma_.size(); ++i)
      for (std::size_t d = 0; d < current.size(); ++d)
        gamma[i * current.size() + d] = lane(gamma_[i * packs + d / width], d % width);
    return moved;
  }
  /// Copies numbers to packs; unused lanes repeat the last number.
  static void fill(std::span<const double> from, std::span<T> packs) {
    const std::size_t whole = from.size() / width;
    for (std::size_t p = 0; p < whole; ++p) packs[p] = load<T>(&from[p * width]);
    if (whole == packs.size()) return;
    double rest[width];
    std::fill(std::copy(from.begin() + static_cast<std::ptrdiff_t>(whole * width), from.end(), rest), rest + width,
              from.back());
    packs[whole] = load<T>(rest);
  }

  Engine engine_;
  std::vector<T> gamma_, current_, widths_;
};

}  // namespace memdyn
