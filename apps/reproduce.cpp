// SPDX-License-Identifier: MIT
#include "command.hpp"

namespace memdyn::app {
void add_reproduce(CLI::App& /*program*/) {}
}  // namespace memdyn::app
