// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "memdyn/core/random.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn {

/// Every segment cut into two halves.
[[nodiscard]] inline std::vector<Segment> halved(const std::vector<Segment>& segments) {
  std::vector<Segment> parts;
  for (const Segment& segment : segments) {
    parts.push_back(part_of(segment, 0.0, 0.5 * duration(segment)));
    parts.push_back(part_of(segment, 0.5 * duration(segment), duration(segment)));
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
