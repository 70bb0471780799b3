// SPDX-License-Identifier: MIT
#include "scenario/need.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/machine.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {

/// @param excess what is needed, and what there is
/// @param otherwise another remedy than changing the key; may be empty
[[noreturn]] void refuse(const Need& need, const std::vector<SizeKey>& keys, const std::string& excess,
                         const std::string& otherwise) {
  const auto largest = std::ranges::max_element(keys, {}, &SizeKey::factor);
  if (largest == keys.end()) throw InputError(fmt::format("{} need {}{}", need.what, excess, otherwise));
  throw InputError(
      largest->where, largest->key, largest->value,
      fmt::format("{} need {}; {} it{}", need.what, excess, largest->divides ? "increase" : "decrease", otherwise));
}

}  // namespace

void require_room(const Need& need, const std::vector<SizeKey>& keys, const std::filesystem::path& part) {
  if (need.steps > most_steps_of_a_run)
    refuse(need, keys,
           fmt::format("at least {:.2g} steps, and more than {:g} would take years", need.steps, most_steps_of_a_run),
           "");
  if (const double free = available_memory(); need.memory > free)
    refuse(need, keys,
           fmt::format("about {} of memory, and {} are available", bytes_in_words(need.memory), bytes_in_words(free)),
           "");
  if (part.empty()) return;
  if (const double free = available_disk(part); need.disk > free)
    refuse(need, keys,
           fmt::format("at least {} on the disk, and {} are free at {}", bytes_in_words(need.disk),
                       bytes_in_words(free), in_message(part.string())),
           ", or write to another disk");
}

}  // namespace memdyn
