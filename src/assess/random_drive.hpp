// SPDX-License-Identifier: MIT
#pragma once

#include <numbers>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "memdyn/core/random.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn {

/// The part of a segment before local time s [s].
[[nodiscard]] inline Segment first_part(const Segment& segment, double s) {
  return std::visit(
      [&]<class S>(S part) -> Segment {
        const double at_end = value(segment, s);
        if constexpr (std::is_same_v<S, Ramp>) part.to = at_end;
        if constexpr (std::is_same_v<S, Chirp>)
          part.final_frequency = part.frequency + (part.final_frequency - part.frequency) * s / part.duration;
        part.duration = s;
        return part;
      },
      segment);
}
/// The part of a segment from local time s [s] on.
[[nodiscard]] inline Segment last_part(const Segment& segment, double s) {
  return std::visit(
      [&]<class S>(S part) -> Segment {
        if constexpr (std::is_same_v<S, Sine>) part.phase += 2 * std::numbers::pi * part.frequency * s;
        if constexpr (std::is_same_v<S, Chirp>) {
          const double later = part.frequency + (part.final_frequency - part.frequency) * s / part.duration;
          part.phase += std::numbers::pi * (part.frequency + later) * s;
          part.frequency = later;
        }
        if constexpr (std::is_same_v<S, Ramp> || std::is_same_v<S, Exponential>) part.from = value(segment, s);
        part.duration -= s;
        return part;
      },
      segment);
}

/// Every segment cut into two halves.
[[nodiscard]] inline std::vector<Segment> halved(const std::vector<Segment>& segments) {
  std::vector<Segment> parts;
  for (const Segment& segment : segments) {
    parts.push_back(first_part(segment, 0.5 * duration(segment)));
    parts.push_back(last_part(segment, 0.5 * duration(segment)));
  }
  return parts;
}

/// Four random segments of any kind.
/// @param longest longest duration of a segment [s]
/// @param amplitude largest magnitude of a level
[[nodiscard]] inline Waveform random_drive(RandomStream& random, double longest, double amplitude) {
  std::vector<Segment> all;
  const auto level = [&] { return random.uniform(-amplitude, amplitude); };
  for (int n = 0; n < 4; ++n) {
    const double length = longest * random.uniform(0.1, 1);
    switch (random.below(4)) {
      case 0:
        all.emplace_back(Constant{length, level()});
        break;
      case 1:
        all.emplace_back(Ramp{length, level(), level()});
        break;
      case 2:
        all.emplace_back(Sine{length, level(), random.uniform(0.5, 3) / length, random.uniform(-3, 3)});
        break;
      default:
        all.emplace_back(Exponential{length, level(), level(), length * random.uniform(0.2, 2)});
    }
  }
  return Waveform(std::move(all));
}

}  // namespace memdyn
