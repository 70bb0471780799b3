// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "memdyn/dynamics/recording.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace memdyn {

/// The largest current and power at a device, over the rows of a run.
struct PortScale {
  double current = 0, power = 0;  ///< magnitudes [A], [W]
  void add(const Sample& sample);
};

/// A warning if a run went beyond any current or power that a memristor bears (1e3 A, 1e6 W), with the keys that are
/// probably in another unit; else empty. Devices in normalised units are exempt: those that take more than 1 A at their
/// typical input, in the middle of their ranges.
[[nodiscard]] std::string scale_warning(const Scenario& scenario, const PortScale& scale);

/// simulate(), which also finds the scale of the run.
[[nodiscard]] Simulated simulate(const Scenario& scenario, const std::filesystem::path& output,
                                 const Progress& progress, PortScale& scale);

}  // namespace memdyn
