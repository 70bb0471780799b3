// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memdyn {

/// The output of a node of the multilayer perceptron as a function of its net input I0. The devices are the same; the
/// controller drives and reads them differently.
///  - `square`: κ I0², from a drive at every I0 (the canonical reading of Silva et al. 2020)
///  - `rectified`: κ max(I0, 0)², from a drive where I0 > 0; a node with I0 <= 0 is only probed
///  - `linear`: I0, the voltage of the node at rest divided by its memristance at rest; nothing is driven
enum class NodeActivation : std::uint8_t { square, rectified, linear };
inline constexpr std::string_view node_activation_names[] = {"square", "rectified", "linear"};
[[nodiscard]] constexpr std::string_view name_of(NodeActivation activation) {
  return node_activation_names[static_cast<std::size_t>(activation)];
}

}  // namespace memdyn
