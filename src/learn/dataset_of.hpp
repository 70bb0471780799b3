// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "core/csv_table.hpp"
#include "memdyn/learn/dataset.hpp"

namespace memdyn {

/// The data set of a table whose last `n_out` columns are targets.
/// @param name of its file in messages
/// @throws InputError if no input or no row is left
[[nodiscard]] Dataset dataset_of_columns(const CsvTable& table, const std::string& name, std::size_t n_out);
/// The data set of a table with labels: one target for each different label, in alphabetical order; it is 1 in the rows
/// with this label, else 0.
/// @throws InputError if there are less than 2 different labels, no inputs, or no rows
[[nodiscard]] Dataset dataset_of_labels(const CsvTable& table, const std::string& name);

}  // namespace memdyn
