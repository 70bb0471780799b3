// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/driven.hpp"

namespace memdyn {

/// Where the state of a device may be, and how fast it moves.
struct Typical {
  std::vector<double> low, high;  ///< of each variable: its bounds; where there is none, its scale on either side of 0
  double duration = 1.0;          ///< [s] in which some variable moves about once through its range
};
/// Under drives of +amplitude and -amplitude, by the median of the drifts in states drawn at random (the same for every
/// call).
[[nodiscard]] Typical typical(const AnyDevice& device, const Source& source, double amplitude);

}  // namespace memdyn
