// SPDX-License-Identifier: MIT
#include "record/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "record/replacement.hpp"

namespace memdyn {

WholeFile::WholeFile(const std::filesystem::path& path) : path_(path) {
  (void)older_at(path);  // before followed(): links in /proc cannot be followed by name
  target_ = followed(path);
  beside_ = target_.parent_path() /
            fmt::format(".memdyn-{}.part", ::getpid());  // independent of the length of the target name
  file_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file_ < 0) cannot_create(path, errno);
}

WholeFile::~WholeFile() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(beside_.c_str());
}

void WholeFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail(errno);
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void WholeFile::finish() {
  if (const int error = sync_to_disk(file_); error != 0) fail(error);
  if (const auto older = older_at(path_)) adopt(file_, *older);
  if (::close(std::exchange(file_, -1)) != 0 || ::rename(beside_.c_str(), target_.c_str()) != 0) fail(errno);
}

void WholeFile::fail(int error) {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  ::unlink(beside_.c_str());
  throw IoError(fmt::format("{}: cannot be written ({}); an older file is unchanged", in_message(path_.string()),
                            std::strerror(error)));
}

void write_whole(const std::filesystem::path& path, std::string_view bytes) {
  WholeFile file(path);
  file.write(bytes);
  file.finish();
}

}  // namespace memdyn
