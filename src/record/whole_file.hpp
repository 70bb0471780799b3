// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace memdyn {

/// A file that is written under a temporary name in the same folder and renamed to `path` when it is whole. Until then,
/// and after a failure, an older file is unchanged; no temporary file is left. Symbolic links are followed, and the new
/// file has the mode of the one that it replaces.
class WholeFile {
 public:
  /// @throws IoError; also if `path` is a folder, a device or a file without read and write permission
  explicit WholeFile(const std::filesystem::path& path);
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  /// Appends to the file. @throws IoError
  void write(std::string_view bytes);
  /// Synchronizes the file with the disk and renames it. @throws IoError
  void finish();

 private:
  [[noreturn]] void fail(int error);
  std::filesystem::path path_, target_, beside_;
  int file_ = -1;
};

/// Writes a file at once. @throws IoError as the members of WholeFile
void write_whole(const std::filesystem::path& path, std::string_view bytes);

}  // namespace memdyn
