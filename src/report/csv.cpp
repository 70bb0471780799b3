// SPDX-License-Identifier: MIT
#include "report/csv.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace memdyn {

std::string csv_cell(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  const bool formula = begin != std::string_view::npos && std::string_view("=+-@\t\r").find(text[begin]) != text.npos;
  std::string cell = formula ? "'" : "";
  cell += text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos && !cell.starts_with(' ') && !cell.ends_with(' ')) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

void append_number(std::string& line, double value) {
  if (std::isnan(value)) {
    line += "nan";  // whatever its sign bit
  } else {
    fmt::format_to(std::back_inserter(line), "{:.17g}", value);
  }
}

}  // namespace memdyn
