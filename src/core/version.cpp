// SPDX-License-Identifier: MIT
#include "memdyn/core/version.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hdf5.h>

#include <Eigen/Core>
#include <boost/version.hpp>
#include <xsimd/xsimd.hpp>

#include "memdyn/core/error.hpp"
#include "memdyn/core/instruction_set.hpp"

namespace memdyn {

const char* version() { return MEMDYN_VERSION; }
const char* commit() { return MEMDYN_COMMIT; }

namespace {
/// The compiler and the libraries, with their versions.
std::vector<std::string> parts_of_build() {
  const auto part = [](const char* name, int major, int minor, int patch) {
    return fmt::format("{} {}.{}.{}", name, major, minor, patch);
  };
  return {std::string("compiler ") + MEMDYN_COMPILER,
          part("Boost", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100),
          part("Eigen", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION),
          part("HDF5", H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE),
          part("xsimd", XSIMD_VERSION_MAJOR, XSIMD_VERSION_MINOR, XSIMD_VERSION_PATCH),
          part("fmt", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)};
}
}  // namespace

std::string build() { return fmt::format("{}", fmt::join(parts_of_build(), ", ")); }

std::string version_text() {
  std::vector<std::string_view> names;
  for (const InstructionSet set : instruction_sets()) names.push_back(name_of(set));
  std::string chosen;
  try {
    chosen = fmt::format("{} (available: {})", name_of(default_instruction_set()), fmt::join(names, ", "));
  } catch (const InputError& error) {  // its message lists the available sets
    chosen = fmt::format("none: {}", error.what());
  }
  return fmt::format("memdyn {} (commit {})\n{}\ninstruction set {}\n", version(), commit(),
                     fmt::join(parts_of_build(), "\n"), chosen);
}

}  // namespace memdyn
