// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/any_device.hpp"
#include "memdyn/study/scenario.hpp"
#include "support/scratch.hpp"

/// The device that a text describes.
inline memdyn::AnyDevice device_from(const std::string& text) {
  return memdyn::read_parameter_set(written("device.toml", text));
}
