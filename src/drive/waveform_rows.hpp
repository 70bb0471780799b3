// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "core/csv_table.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn {

/// Linear interpolation between rows of time [s] and value [A] or [V], from the first row on. Two values at one time
/// are a jump.
/// @param table two columns
/// @param name of its file in messages
/// @throws InputError naming file and line if times fall, or if there are less than two rows
[[nodiscard]] Waveform waveform_of_rows(const CsvTable& table, const std::string& name);

}  // namespace memdyn
