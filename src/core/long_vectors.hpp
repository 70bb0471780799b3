// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "memdyn/core/interruption.hpp"

// Vectors whose memory takes the system seconds to provide. @throws Interrupted
namespace memdyn {

/// Calls `append(first, last)` for consecutive blocks of [0, count).
template <class Append>
void in_blocks(std::size_t count, const Append& append) {
  constexpr std::size_t block = std::size_t{1} << 22;
  for (std::size_t first = 0; first < count; first += block) {
    stop_if_interrupted();
    append(first, std::min(count, first + block));
  }
}

/// `count` equal values.
template <class T>
std::vector<T> filled(std::size_t count, const T& value) {
  std::vector<T> all;
  all.reserve(count);
  in_blocks(count, [&](std::size_t /*first*/, std::size_t last) { all.resize(last, value); });
  return all;
}

/// The whole numbers from `first` on.
template <class T>
std::vector<T> numbered(std::size_t count, T first) {
  std::vector<T> all;
  all.reserve(count);
  in_blocks(count, [&](std::size_t begin, std::size_t end) {
    all.resize(end);
    std::iota(all.begin() + static_cast<std::ptrdiff_t>(begin), all.end(), first + static_cast<T>(begin));
  });
  return all;
}

}  // namespace memdyn
