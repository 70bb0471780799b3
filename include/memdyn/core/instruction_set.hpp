// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace memdyn {

/// SIMD instruction sets; they differ in the number of lanes of a pack. `scalar` is the reference: one lane of plain
/// doubles. `baseline` is available on every processor of the architecture (SSE2 on x86-64).
enum class InstructionSet { scalar, baseline, avx2, avx512 };
inline constexpr std::string_view instruction_set_names[] = {"scalar", "baseline", "avx2", "avx512"};
[[nodiscard]] constexpr std::string_view name_of(InstructionSet set) {
  return instruction_set_names[static_cast<int>(set)];
}

/// Number of lanes of a pack.
[[nodiscard]] std::size_t pack_lanes(InstructionSet set);
/// The instruction sets that are compiled into this program and supported by this processor, the widest last.
[[nodiscard]] std::vector<InstructionSet> instruction_sets();
/// The instruction set with this name. @throws InputError naming `key` if it does not exist or is not available here
[[nodiscard]] InstructionSet instruction_set(const std::string& key, const std::string& name);
/// The instruction set named by the environment variable MEMDYN_INSTRUCTION_SET; the widest available if it is not set.
/// @throws InputError as above
[[nodiscard]] InstructionSet default_instruction_set();

}  // namespace memdyn
