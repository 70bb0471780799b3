// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "memdyn/record/result_reader.hpp"
#include "report/gnuplot.hpp"

namespace memdyn {

/// The picture of a table: the change by one pulse against the conductance, for both polarities, with the spread over
/// the devices that were drawn; and the conductance during the series of equal pulses. @throws IoError
[[nodiscard]] Script table_picture(const ResultReader& file, const std::filesystem::path& picture);
/// The errors of the rules of `memdyn validate` against the number of pulses, a panel for each order of pulses.
/// @throws IoError if the file has none
[[nodiscard]] Script orders_picture(const ResultReader& file, const std::filesystem::path& picture);

}  // namespace memdyn
