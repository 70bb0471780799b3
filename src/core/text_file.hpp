// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace memdyn {

/// The whole text of a file. @throws IoError
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// The numbers of a CSV file: comma-separated, finite, at most `largest` in size. Blank lines and lines that begin with
/// # are skipped.
struct CsvTable {
  static constexpr double largest = 1e15;

  std::size_t columns = 0;         ///< of every row
  std::vector<double> values;      ///< rows x columns, row-major
  std::vector<std::size_t> lines;  ///< of the rows in the file, from 1
};
enum class CsvHeading : bool { optional, required };
/// Reads a CSV file. Its first row is a heading if none of its cells is a number. `columns` is the number that each row
/// must have; 0 where the first row decides. @throws IoError, InputError naming file, line, value and remedy
[[nodiscard]] CsvTable read_csv(const std::filesystem::path& file, CsvHeading heading, std::size_t columns = 0);

}  // namespace memdyn
