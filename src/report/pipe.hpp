// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "core/descriptor.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {

/// Both ends of a pipe.
struct Pipe {
  /// @param what the prefix of a message @throws IoError if the system has no pipe left
  explicit Pipe(const std::string& what) : Pipe(make(what)) {}
  Descriptor read, write;

 private:
  explicit Pipe(const std::array<int, 2>& ends) : read(ends[0]), write(ends[1]) {}
  static std::array<int, 2> make(const std::string& what) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw IoError(what + ": cannot create a pipe: " + std::generic_category().message(errno));
    return ends;
  }
};

}  // namespace memdyn
