// SPDX-License-Identifier: MIT
#include "memdyn/core/instruction_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "memdyn/core/error.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

std::size_t pack_lanes(InstructionSet set) {
  constexpr std::size_t counts[] = {1, lanes<Pack>, 4, 8};
  return counts[static_cast<int>(set)];
}

std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets{InstructionSet::scalar, InstructionSet::baseline};
#ifdef MEMDYN_WIDE_LANES
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(InstructionSet::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    sets.push_back(InstructionSet::avx512);
#endif
  return sets;
}

InstructionSet instruction_set(const std::string& key, const std::string& name) {
  std::vector<std::string_view> known;
  for (const InstructionSet set : instruction_sets()) {
    if (name == name_of(set)) return set;
    known.push_back(name_of(set));
  }
  throw InputError("", key, '"' + name + '"',
                   fmt::format("must be one of {}, the sets available here", fmt::join(known, ", ")));
}

InstructionSet default_instruction_set() {
  static constexpr const char* variable = "MEMDYN_INSTRUCTION_SET";
  const char* name = std::getenv(variable);
  return name != nullptr && *name != '\0' ? instruction_set(variable, name) : instruction_sets().back();
}

}  // namespace memdyn
