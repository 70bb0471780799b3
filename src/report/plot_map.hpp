// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "memdyn/record/result_reader.hpp"
#include "report/gnuplot.hpp"

namespace memdyn {

/// The picture of a map of pulses, for each polarity: the relative error of the rule "drift times width", and its
/// cause. Width against amplitude, and against the state if the map has one amplitude; a column for each duration of
/// the edges. @throws IoError if the file has no map
[[nodiscard]] Script map_picture(const ResultReader& file, const std::filesystem::path& picture);

}  // namespace memdyn
