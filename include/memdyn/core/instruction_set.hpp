// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace memdyn {

/// How wide the lanes are. `scalar` is the reference: one lane of plain doubles. `baseline` packs are those that every
/// processor of the architecture has (SSE2 on x86-64).
enum class InstructionSet { scalar, baseline, avx2, avx512 };
inline constexpr std::string_view instruction_set_names[] = {"scalar", "baseline", "avx2", "avx512"};
[[nodiscard]] constexpr std::string_view name_of(InstructionSet set) {
  return instruction_set_names[static_cast<int>(set)];
}

/// Lanes of a pack.
[[nodiscard]] std::size_t pack_lanes(InstructionSet set);
/// Those that this program holds and this processor has, the widest last.
[[nodiscard]] std::vector<InstructionSet> instruction_sets();
/// @throws InputError naming `key` if there is no such set, or not here
[[nodiscard]] InstructionSet instruction_set(const std::string& key, const std::string& name);
/// What the environment variable MEMDYN_INSTRUCTION_SET names, or else the widest.
/// @throws InputError as above
[[nodiscard]] InstructionSet default_instruction_set();

}  // namespace memdyn
