// SPDX-License-Identifier: MIT
#include "run/port_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/typical.hpp"
#include "memdyn/dynamics/driven_device.hpp"

namespace memdyn {
namespace {

/// Beyond anything that a memristor bears: devices in the laboratory switch below 1 A and 100 W.
constexpr double most_current = 1e3;  // [A]
constexpr double most_power = 1e6;    // [W]
/// A device that takes more at its typical input is in normalised units.
constexpr double physical_current = 1.0;  // [A]

/// The current at the typical input, in the middle of the ranges [A].
double typical_current(const AnyDevice& device) {
  const DrivenDevice own = driven(device, native_source(device));
  const Typical ranges = typical(device, native_source(device), device.typical_input());
  std::vector<double> middle;
  for (std::size_t i = 0; i < ranges.low.size(); ++i) middle.push_back(0.5 * (ranges.low[i] + ranges.high[i]));
  return std::abs(own.current(middle, own.input(middle, device.typical_input())));
}

}  // namespace

void PortScale::add(const Sample& sample) {
  if (std::isfinite(sample.current)) current = std::max(current, std::abs(sample.current));
  if (const double now = std::abs(sample.current * sample.voltage); std::isfinite(now)) power = std::max(power, now);
}

std::string scale_warning(const Scenario& scenario, const PortScale& scale) {
  if (scale.current <= most_current && scale.power <= most_power) return "";
  if (typical_current(scenario.device) > physical_current) return "";
  return fmt::format(
      "{}: the current reaches {:.3g} A and the power {:.3g} W, which no memristor bears; is the drive in {}, and are "
      "the parameters in SI units?",
      scenario.device.name(), scale.current, scale.power, unit_of(scenario.source.quantity));
}

}  // namespace memdyn
