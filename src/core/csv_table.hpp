// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace memdyn {

/// The numbers of a table that is written as text: finite, |value| <= `largest`.
struct CsvTable {
  static constexpr double largest = 1e15;
  static constexpr std::size_t most_cells = 100'000;  ///< in a row
  static constexpr std::size_t most_classes = 1000;

  std::size_t columns = 0;            ///< numbers per row
  std::vector<std::string> heading;   ///< names of these columns; empty without a heading
  std::vector<double> values;         ///< rows x columns, row-major
  std::vector<std::size_t> lines;     ///< line number of each row in the file, from 1
  std::vector<std::string> classes;   ///< different texts in the column CsvFormat::label, in alphabetical order
  std::vector<std::uint16_t> labels;  ///< index of the text of each row in `classes`; empty without that column
  std::string note;                   ///< what was recognised beyond a plain CSV file, for the user; empty if nothing
};

/// A column by its name in the heading, or by its number, from 1.
using CsvColumn = std::variant<std::string, std::size_t>;

/// How a table is written. What is empty here is recognised in the file.
struct CsvFormat {
  std::vector<CsvColumn> columns{};      ///< to be read, in this order; empty: all but `label`
  std::optional<CsvColumn> label{};      ///< a column of text
  std::size_t count = 0;                 ///< number of columns that must be read; 0: any
  std::string delimiter{};               ///< "," ";" "\t", or " " for any blanks
  std::string decimal{};                 ///< "." or ","
  std::string comment{};                 ///< begins lines that are skipped
  std::size_t skip = 0;                  ///< lines at the top that are not read
  std::optional<std::size_t> heading{};  ///< line of the heading, above which nothing is read; 0: there is none
  bool needs_heading = false;            ///< the first row must be a heading
  bool spice = false;                    ///< numbers may have suffixes of SPICE, and the text may be PWL(...)
  std::vector<double> factors{};         ///< one per column that is read; empty: 1
};

/// Reads a table of numbers. Recognised, unless the format gives it:
/// - comments: lines that begin with #; above the first row also with % ! * or //, unless only numbers follow;
/// - the heading: if columns are given by name, the first line that has these names, also as a comment; else the first
///   row if none of its cells is a number;
/// - the delimiter of the first row: tabs, else semicolons, else commas, else blanks;
/// - decimal commas, with semicolons only, where the first decimal mark decides.
/// Cells may be in double quotes. Blank lines are skipped; lines end in LF, CR LF or CR. Messages show numbers, and no
/// other text of the file, which may be one that the user did not mean, with contents that are private.
/// @param file its name in messages
/// @throws InputError naming file, line, column and remedy; Interrupted
[[nodiscard]] CsvTable read_csv(const std::string& text, const std::string& file, const CsvFormat& format = {});

/// A number in another unit. A factor that is a whole number, or 1 over one, gives the double next to the exact result.
[[nodiscard]] double times_factor(double number, double factor);

}  // namespace memdyn
