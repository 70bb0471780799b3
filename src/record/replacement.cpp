// SPDX-License-Identifier: MIT
#include "record/replacement.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/message.hpp"
#include "core/text_file.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {
namespace fs = std::filesystem;

fs::path followed(const fs::path& path) {
  constexpr int most_links = 40;  // the limit of the kernel
  fs::path at = path;
  for (int links = 0; links < most_links; ++links) {
    std::error_code no_link;
    const fs::path to = fs::read_symlink(at, no_link);
    if (no_link) return at;
    at = at.parent_path() / to;
  }
  throw IoError(in_message(path.string()) + ": leads through more than 40 symbolic links; choose another name");
}

std::optional<struct stat> older_at(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    cannot_create(path, errno);
  }
  if (!S_ISREG(status.st_mode))
    throw IoError(fmt::format("{}: is {}; only a regular file can be replaced: choose another name",
                              in_message(path.string()), kind_of(status.st_mode)));
  if (::access(path.c_str(), R_OK | W_OK) != 0)
    throw IoError(
        fmt::format("{}: exists and is not replaced: {}; choose another name, or make it readable and writable",
                    in_message(path.string()), std::strerror(errno)));
  return status;
}

void adopt(int descriptor, const struct stat& older) {
  // the owner first, because changing it resets bits of the mode
  [[maybe_unused]] const int owned = ::fchown(descriptor, older.st_uid, older.st_gid);
  ::fchmod(descriptor, older.st_mode & 07777);
}

int sync_to_disk(int descriptor) {
  // EINVAL, EROFS: this kind of file cannot be synchronized
  return ::fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
}

void sync_folder_of(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may be written but not read
  ::fsync(descriptor);
  ::close(descriptor);
}

bool is_claim(int descriptor) {
  std::array<char, claim.size() + 1> text{};
  const ssize_t count = ::pread(descriptor, text.data(), text.size(), 0);
  return count == std::ssize(claim) && std::string_view(text.data(), claim.size()) == claim;
}

bool is_left_open(int descriptor) {
  constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
  constexpr std::size_t version = 8, flags = 11;  // bytes of the superblock; versions before 3 have no flags
  std::array<char, flags + 1> bytes{};
  return ::pread(descriptor, bytes.data(), bytes.size(), 0) == std::ssize(bytes) &&
         std::string_view(bytes.data(), signature.size()) == signature && bytes[version] >= 3 && bytes[flags] != 0;
}

void cannot_create(const fs::path& path, int why) {
  throw IoError(fmt::format("{}: cannot be created: {}; check that the folder exists and may be written",
                            in_message(path.string()), std::strerror(why)));
}

}  // namespace memdyn
