// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "memdyn/core/random.hpp"
#include "memdyn/learn/generator.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// The random deviations of the pulses of one realization. They depend on the seed, the realization and the number of
/// the pulse alone, so that they are the same in any lane, on any thread, and after a training is resumed.
class PulseErrors {
 public:
  struct Error {
    double amplitude, width;  ///< normal numbers of mean 0 and deviation 1
  };
  PulseErrors() = default;
  PulseErrors(std::uint64_t seed, std::uint64_t realization) : seed_(seed), realization_(realization) {}
  /// @param number of the pulse, counted from 0 since the training began
  [[nodiscard]] Error of_pulse(double number) const {
    constexpr std::uint64_t numbers_of_pulse = 4;  // a normal number takes two
    RandomStream random(seed_, realization_, Purpose::generator);
    random.skip(numbers_of_pulse * static_cast<std::uint64_t>(number));
    const double amplitude = random.normal();
    return {amplitude, random.normal()};
  }

 private:
  std::uint64_t seed_ = 0, realization_ = 0;
};

/// The amplitude of the pulse that a generator sends [A] or [V].
[[nodiscard]] inline double sent_amplitude(const Generator& generator, double wanted, const PulseErrors::Error& error) {
  return wanted * (1.0 + generator.amplitude_error * error.amplitude) + generator.offset;
}
/// The duration of its flat top [s].
[[nodiscard]] inline double sent_width(const Generator& generator, double wanted, const PulseErrors::Error& error) {
  return std::max(0.0, wanted + generator.width_jitter * error.width);
}

/// Turns the pulses that a controller wants into those that the generator sends, for packs of trainings.
template <class T>
class PulseGenerator {
 public:
  PulseGenerator(const Generator& generator, std::size_t packs) : generator_(generator), errors_(packs * lanes<T>) {}
  [[nodiscard]] const Generator& generator() const { return generator_; }
  /// Names the realization in a lane, whose deviations are its own.
  void set_realization(std::size_t lane, std::uint64_t seed, std::uint64_t realization) {
    errors_[lane] = {seed, realization};
  }

  /// Replaces wanted amplitudes by those that are sent, 0 where there is no pulse, and sets widths().
  /// @param current [A], device x pack
  /// @param sends device x pack: not 0 where there is a pulse; empty: there is one everywhere
  /// @param width of the flat top that is wanted [s]
  /// @param sent function of a lane: the number of pulses that it has sent so far
  template <class Sent>
  void shape(std::span<T> current, std::span<const T> sends, double width, const Sent& sent) {
    if (!generator_.is_rectangular()) widths_.assign(current.size(), T(width));
    for (std::size_t d = 0; d < sends.size(); ++d) current[d] = select(sends[d] != T(0.0), current[d], T(0.0));
    if (generator_.is_random()) return draw(current, sends, width, sent);
    if (generator_.offset == 0.0) return;
    const T offset(generator_.offset);
    for (std::size_t d = 0; d < current.size(); ++d)
      current[d] += sends.empty() ? offset : select(sends[d] != T(0.0), offset, T(0.0));
  }
  /// The widths of the flat tops of the pulses that were shaped last [s], device x pack; empty if all are rectangles of
  /// the wanted width.
  [[nodiscard]] std::span<const T> widths() const { return widths_; }

 private:
  template <class Sent>
  [[gnu::noinline]] void draw(std::span<T> current, std::span<const T> sends, double width, const Sent& sent) {
    const std::size_t packs = errors_.size() / lanes<T>;
    for (std::size_t l = 0; l < errors_.size(); ++l) {
      double number = sent(l);
      for (std::size_t d = l / lanes<T>; d < current.size(); d += packs) {
        const std::size_t own = l % lanes<T>;
        if (!sends.empty() && lane(sends[d], own) == 0.0) continue;
        const auto error = errors_[l].of_pulse(number++);
        set_lane(current[d], own, sent_amplitude(generator_, lane(current[d], own), error));
        if (!widths_.empty()) set_lane(widths_[d], own, sent_width(generator_, width, error));
      }
    }
  }

  Generator generator_;
  std::vector<PulseErrors> errors_;  ///< one per lane
  std::vector<T> widths_;
};

}  // namespace memdyn
