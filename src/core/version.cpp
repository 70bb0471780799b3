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

std::string version_text() {
  std::vector<std::string_view> names;
  for (const InstructionSet set : instruction_sets()) names.push_back(name_of(set));
  std::string chosen;
  try {
    chosen = fmt::format("{} (available: {})", name_of(default_instruction_set()), fmt::join(names, ", "));
  } catch (const InputError& error) {  // its message lists the available sets
    chosen = fmt::format("none: {}", error.what());
  }
  return fmt::format(
      "memdyn {} (commit {})\ncompiler {}\nBoost {}.{}.{}\nEigen {}.{}.{}\nHDF5 {}.{}.{}\nxsimd {}.{}.{}\nfmt "
      "{}.{}.{}\ninstruction set {}\n",
      version(), commit(), MEMDYN_COMPILER, BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100,
      EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION, H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE,
      XSIMD_VERSION_MAJOR, XSIMD_VERSION_MINOR, XSIMD_VERSION_PATCH, FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
      FMT_VERSION % 100, chosen);
}

}  // namespace memdyn
