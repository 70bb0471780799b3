// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

/// The path of a temporary file with this name, in a folder of this process (tests may run in parallel) that is removed
/// when the process ends.
inline std::filesystem::path scratch(const std::string& name) {
  static const struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("memdyn_tests_{}", ::getpid());
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() {
      std::error_code left;
      std::filesystem::remove_all(path, left);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
  } folder;
  return folder.path / name;
}

/// Writes a text to such a file, and returns its path.
inline std::filesystem::path written(const std::string& name, const std::string& text) {
  auto path = scratch(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}
