// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace memdyn {

/// The kind of a file that is not regular, in words: "a folder".
[[nodiscard]] const char* kind_of(mode_t mode);

/// The whole text of a regular file. @throws IoError if it is not a regular file, cannot be read, or is too large for
/// the memory that is available; Interrupted
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// The numbers of a CSV file: comma-separated, finite, |value| <= `largest`. Blank lines and lines that begin with #
/// are skipped.
struct CsvTable {
  static constexpr double largest = 1e15;

  std::size_t columns = 0;           ///< cells per row
  std::vector<std::string> heading;  ///< cells of the heading; empty without one
  std::vector<double> values;        ///< rows x columns, row-major
  std::vector<std::size_t> lines;    ///< line number of each row in the file, from 1
};
enum class CsvHeading : bool { optional, required };
/// Reads the text of a CSV file. The first row is a heading if none of its cells is a number. Messages show numbers,
/// and no other text of the file, which may be one that the user did not mean, with contents that are private.
/// @param file its name in messages
/// @param columns the number of cells that each row must have; 0: as many as the first row
/// @throws InputError naming file, line and remedy; Interrupted
[[nodiscard]] CsvTable read_csv(const std::string& text, const std::string& file, CsvHeading heading,
                                std::size_t columns = 0);

}  // namespace memdyn
