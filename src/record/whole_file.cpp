// SPDX-License-Identifier: MIT
#include "record/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "record/replacement.hpp"

namespace memdyn {
namespace {

/// Writes all bytes and synchronizes the file with the disk. @returns errno, 0 for success
int written(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return sync_to_disk(file);
}

}  // namespace

void write_whole(const std::filesystem::path& path, std::string_view bytes) {
  const auto older = older_at(path);  // before followed(): links in /proc cannot be followed by name
  const auto target = followed(path);
  const auto beside = target.parent_path() /
                      fmt::format(".memdyn-{}.part", ::getpid());  // independent of the length of the target name
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) cannot_create(path, errno);
  int error = written(file, bytes);
  if (error == 0 && older) adopt(file, *older);
  if (::close(file) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(beside.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(beside.c_str());
  throw IoError(fmt::format("{}: cannot be written ({}); an older file is unchanged", in_message(path.string()),
                            std::strerror(error)));
}

}  // namespace memdyn
