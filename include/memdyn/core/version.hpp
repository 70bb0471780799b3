// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace memdyn {

[[nodiscard]] const char* version();
/// Git commit of the sources when CMake configured them; "unknown" outside a repository.
[[nodiscard]] const char* commit();
/// Compiler and libraries with their versions, in one line.
[[nodiscard]] std::string build();
/// Version, commit, compiler and the versions of the libraries, one per line.
[[nodiscard]] std::string version_text();

}  // namespace memdyn
