// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace memdyn {

/// The whole text of a file. @throws IoError
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// The numbers of a CSV file: comma-separated, finite, |value| <= `largest`. Blank lines and lines that begin with #
/// are skipped.
struct CsvTable {
  static constexpr double largest = 1e15;

  std::size_t columns = 0;         ///< cells per row
  std::vector<double> values;      ///< rows x columns, row-major
  std::vector<std::size_t> lines;  ///< line number of each row in the file, from 1
};
enum class CsvHeading : bool { optional, required };
/// Reads a CSV file. The first row is a heading if none of its cells is a number. `columns` is the number of cells that
/// each row must have; 0: as many as the first row. @throws IoError, InputError naming file, line, value and remedy
[[nodiscard]] CsvTable read_csv(const std::filesystem::path& file, CsvHeading heading, std::size_t columns = 0);

}  // namespace memdyn
