// SPDX-License-Identifier: MIT
#include "command.hpp"

namespace memdyn::app {
void add_train(CLI::App& /*program*/) {}
}  // namespace memdyn::app
