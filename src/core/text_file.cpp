// SPDX-License-Identifier: MIT
#include "core/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  const bool empty = std::filesystem::is_regular_file(file) && std::filesystem::file_size(file) == 0;
  if (!in || !(empty || text << in.rdbuf()))
    throw IoError(in_message(file.string()) + ": cannot be read; check the name and the permissions");
  return text.str();
}

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr const char* blanks = " \t\r";
  const auto begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::vector<std::string_view> cells_of(std::string_view row) {
  std::vector<std::string_view> cells;
  for (std::size_t at = 0; at <= row.size();) {
    const auto end = std::min(row.find(',', at), row.size());
    cells.push_back(trimmed(row.substr(at, end - at)));
    at = end + 1;
  }
  return cells;
}

/// Parses a whole cell as a number: infinity if it is out of the range of a double, nothing if it is not a number.
std::optional<double> number_of(std::string_view cell) {
  if (cell.starts_with('+')) cell.remove_prefix(1);
  double value = 0.0;
  const auto [stop, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (cell.empty() || stop != cell.data() + cell.size()) return std::nullopt;
  return error == std::errc() ? value : std::numeric_limits<double>::infinity();
}
bool is_number(std::string_view cell) { return number_of(cell).has_value(); }

}  // namespace

CsvTable read_csv(const std::filesystem::path& file, CsvHeading heading, std::size_t columns) {
  CsvTable table{.columns = columns, .values = {}, .lines = {}};
  std::istringstream text(read_text(file));
  bool first = true;
  std::string line;
  for (std::size_t number = 1; std::getline(text, line); ++number) {
    std::string_view row = line;
    if (number == 1 && row.starts_with("\xef\xbb\xbf")) row.remove_prefix(3);  // byte order mark
    row = trimmed(row);
    if (row.empty() || row.front() == '#') continue;
    const auto cells = cells_of(row);
    const auto where = fmt::format("{}:{}", file.string(), number);
    const bool heads = first && std::ranges::none_of(cells, is_number);
    if (first && !heads && heading == CsvHeading::required)
      throw InputError(where, "heading", fmt::format("\"{}\"", row),
                       "the first row must be a heading, without numbers; insert a row of column names above it");
    if (first && table.columns == 0) table.columns = cells.size();
    first = false;
    if (heads) continue;
    if (cells.size() != table.columns)
      throw InputError(where, "row", fmt::format("\"{}\"", row),
                       fmt::format("has {} values; must have {}", cells.size(), table.columns));
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const auto value = number_of(cells[column]);
      if (!value || !(std::abs(*value) <= CsvTable::largest))
        throw InputError(where, fmt::format("column {}", column + 1), fmt::format("\"{}\"", cells[column]),
                         fmt::format("must be a finite number of magnitude at most {:g}", CsvTable::largest));
      table.values.push_back(*value);
    }
    table.lines.push_back(number);
  }
  return table;
}

}  // namespace memdyn
