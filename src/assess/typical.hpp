// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/driven.hpp"

namespace memdyn {

/// Range of the state of a device, and a time scale of its motion.
struct Typical {
  std::vector<double> low, high;  ///< bounds of each variable; where there is none, -scale or +scale
  double duration = 1.0;          ///< time [s] in which some variable moves about once through its range
};
/// Estimates the time scale under drives of +amplitude and -amplitude, from the median drift in random states (the same
/// for every call).
[[nodiscard]] Typical typical(const AnyDevice& device, const Source& source, double amplitude);

}  // namespace memdyn
