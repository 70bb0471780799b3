// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/report/plot.hpp"
#include "report/gnuplot.hpp"

namespace memdyn {

/// Most files in one picture.
inline constexpr std::size_t most_files = 20;

/// Quantities along time against each other or against time: those of `options.x` and `options.y`, else current,
/// voltage and the internal variables against time. Trajectories of several files, and of the grid of a sweep, are
/// drawn over one another. A panel for each unit. @throws IoError, InputError
[[nodiscard]] Script curves_picture(const std::vector<ResultReader>& files, const std::filesystem::path& picture,
                                    const PlotOptions& options, const Progress& progress);

}  // namespace memdyn
