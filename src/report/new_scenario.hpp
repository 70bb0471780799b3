// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "memdyn/device/any_device.hpp"
#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// A commented scenario of `memdyn simulate` to start from: two periods of a sine with the amplitude and the frequency
/// of the device's fingerprint, from the state at which its loops begin.
/// @param device a model, or the file of a device @param output where the scenario will be; file names in it are
/// relative to its folder
/// @throws InputError if the device is not a memristor by itself, or no drive moves its state that can be integrated;
/// whatever `progress` throws
[[nodiscard]] std::string new_scenario(const std::string& device, const std::filesystem::path& output,
                                       const Progress& progress);

}  // namespace memdyn
