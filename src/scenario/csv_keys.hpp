// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "core/csv_table.hpp"
#include "scenario/toml_section.hpp"

namespace memdyn {

/// The keys that describe how a table of numbers is written: columns, delimiter, decimal, comment, skip_rows,
/// heading_row.
[[nodiscard]] const TomlSection::Keys& csv_keys();
/// Reads these keys. @throws InputError naming file, line, key, value and remedy
[[nodiscard]] CsvFormat read_csv_format(TomlSection& section);

/// The keys of a file with times and values: csv_keys(), file, time_unit, value_unit, scale_time, scale_value.
[[nodiscard]] const TomlSection::Keys& time_series_keys();
/// Reads such a file.
/// @param unit of the values, in the notation of UDUNITS
/// @param notes gets what was recognised in the file
/// @returns two columns: time [s], value [unit]
/// @throws IoError, InputError, Interrupted
[[nodiscard]] CsvTable read_time_series(TomlSection& section, const std::string& unit, std::vector<std::string>& notes);

}  // namespace memdyn
