// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/models/models.hpp"

// Short notations for circuits of devices.
inline memdyn::AnyDevice series(std::vector<memdyn::Composite::Part> parts) {
  return couple(memdyn::Coupling::series, std::move(parts));
}
inline memdyn::AnyDevice parallel(std::vector<memdyn::Composite::Part> parts) {
  return couple(memdyn::Coupling::parallel, std::move(parts));
}
inline memdyn::Composite::Part part(memdyn::AnyDevice device, bool reversed = false) {
  return {std::move(device), "", reversed};
}
inline memdyn::AnyDevice resistor(double R) { return memdyn::Resistor({.R = R}); }
inline memdyn::AnyDevice capacitor(double C, double V_scale = 1.0) {
  return memdyn::Capacitor({.C = C, .V_scale = V_scale});
}
inline constexpr memdyn::Source by_current{memdyn::Quantity::current, 0.0};
inline constexpr memdyn::Source by_voltage{memdyn::Quantity::voltage, 0.0};
