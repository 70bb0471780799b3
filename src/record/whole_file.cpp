// SPDX-License-Identifier: MIT
#include "record/whole_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "memdyn/core/error.hpp"
#include "memdyn/core/message.hpp"

namespace memdyn {
namespace {

/// The regular file that `path` names, or will.
std::filesystem::path target_of(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  const auto name = in_message(path.string());
  std::error_code failed;
  const fs::path target = fs::is_symlink(path, failed) ? fs::canonical(path, failed) : path;
  if (failed && fs::is_symlink(path))
    throw IoError(name + ": is a link to a file that does not exist; remove it or choose another name");
  const auto status = fs::status(target, failed);
  if (fs::exists(status) && !fs::is_regular_file(status))
    throw IoError(name + ": is not a regular file, so it is not replaced; choose another name");
  if (fs::exists(status) && ::access(target.c_str(), W_OK) != 0)
    throw IoError(name + ": is there already and may not be written; choose another name");
  return target;
}

/// All bytes, and on the disk. Gives the error's number, 0 for none.
int written(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return errno;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
}

}  // namespace

void write_whole(const std::filesystem::path& path, std::string_view bytes) {
  const auto target = target_of(path);
  const auto beside = target.parent_path() / fmt::format(".memdyn-{}.part", ::getpid());  // any name leaves room for it
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0)
    throw IoError(fmt::format("{}: cannot be created ({}); check that the folder exists and may be written",
                              in_message(path.string()), std::generic_category().message(errno)));
  int error = written(file, bytes);
  if (struct stat old{}; error == 0 && ::stat(target.c_str(), &old) == 0 && ::fchmod(file, old.st_mode & 07777) != 0)
    error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(beside.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(beside.c_str());
  throw IoError(fmt::format("{}: cannot be written ({}); what was there before is unchanged", in_message(path.string()),
                            std::generic_category().message(error)));
}

}  // namespace memdyn
