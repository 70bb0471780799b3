// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/text/text_device.hpp"

namespace memdyn {

/// The equations of a device written as text, one a line, as its author wrote them.
[[nodiscard]] std::string equations_text(const TextDescription& device);

}  // namespace memdyn
