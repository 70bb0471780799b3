// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"
#include "report/gnuplot.hpp"
#include "report/time_rows.hpp"

namespace memdyn {

/// Mean total error against epoch, one curve per gate and file, the 10th to 90th percentile as a band.
/// @param logarithmic the axis of the error @throws IoError
[[nodiscard]] Script errors_picture(const std::vector<ResultReader>& files, const std::filesystem::path& picture,
                                    bool logarithmic);

/// The first recorded update that moves a weight, and begins within a span of time. @throws IoError
[[nodiscard]] Script transient_picture(const ResultReader& file, const std::filesystem::path& picture,
                                       const TimeSpan& span, const Progress& progress);

}  // namespace memdyn
