// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace memdyn {

/// A text as a cell of CSV: quoted if it must be [RFC 4180]. A text that a spreadsheet would take for a formula,
/// because it begins with = + - @, a tab or a carriage return, gets an apostrophe in front, also behind leading spaces.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// A number as a cell of CSV: 17 significant digits, which give every double back; nan, inf and -inf.
void append_number(std::string& line, double value);

}  // namespace memdyn
