// SPDX-License-Identifier: MIT
#include "core/text_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/descriptor.hpp"
#include "core/machine.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device node";
}

std::string read_text(const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& why) { throw IoError(in_message(path.string()) + ": " + why); };
  // O_NONBLOCK: opening a FIFO would wait for a writer
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
    refuse(fmt::format("cannot be read: {}; check the name and the permissions", std::strerror(errno)));
  if (!S_ISREG(status.st_mode))
    refuse(fmt::format("is {}; only regular files are read: write its content to a file", kind_of(status.st_mode)));
  constexpr double share = 8;  // memory that text and numbers take while they are read, in sizes of the file
  if (const double need = share * static_cast<double>(status.st_size), free = available_memory(); need > free)
    refuse(fmt::format("is too large: reading it takes about {} of memory, and {} are available", bytes_in_words(need),
                       bytes_in_words(free)));
  constexpr std::size_t block = 1 << 20;
  std::string text;
  for (ssize_t count = 1; count != 0;) {
    stop_if_interrupted();
    const std::size_t size = text.size();
    text.resize(size + block);
    count = ::read(file.number(), text.data() + size, block);
    if (count < 0 && errno != EINTR) refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    refuse("is written in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
  if (text.find('\0') != std::string::npos) refuse("is not a text file: it has bytes that are zero");
  return text;
}

}  // namespace memdyn
