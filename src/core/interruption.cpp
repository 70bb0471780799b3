// SPDX-License-Identifier: MIT
#include "memdyn/core/interruption.hpp"

#include <atomic>

#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {
std::atomic<bool (*)()> interruption = nullptr;
}

void set_interruption(bool (*asked)()) { interruption = asked; }

void stop_if_interrupted() {
  const auto asked = interruption.load(std::memory_order_relaxed);
  if (asked != nullptr && asked()) throw Interrupted();
}

}  // namespace memdyn
