// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace memdyn {

[[nodiscard]] const char* version();
/// Commit that the library was configured from, "unknown" outside of a repository.
[[nodiscard]] const char* commit();
/// Version, commit, compiler and the versions of the libraries, one a line.
[[nodiscard]] std::string version_text();

}  // namespace memdyn
