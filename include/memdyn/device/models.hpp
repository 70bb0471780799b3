// SPDX-License-Identifier: MIT
#pragma once

#include <variant>

#include "memdyn/device/hp_drift.hpp"
#include "memdyn/device/synaptic_drift.hpp"
#include "memdyn/device/threshold_window.hpp"

namespace memdyn {

/// The list of models: a new device is one header, and one name in this line.
using AnyDevice = std::variant<ThresholdWindow, HpDrift, SynapticDrift>;

}  // namespace memdyn
