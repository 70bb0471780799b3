// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "memdyn/learn/network.hpp"

namespace memdyn {

/// The nominal devices of a network, by their role: "device" of a single layer, else "synapse" and "node".
[[nodiscard]] std::vector<std::pair<std::string, AnyDevice>> devices_of(const Network& network);
/// The index of its role for each device, in the order of the weights; a single layer is one device.
[[nodiscard]] std::vector<std::size_t> roles_of_devices(const Network& network);

}  // namespace memdyn
