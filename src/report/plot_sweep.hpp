// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/report/plot.hpp"
#include "report/gnuplot.hpp"

namespace memdyn {

/// A quantity of a sweep over its axes: a heat map for two axes, a line for one, a histogram for samples alone.
/// @throws IoError, InputError
[[nodiscard]] Script sweep_picture(const ResultReader& file, const std::filesystem::path& picture,
                                   const PlotOptions& options);

}  // namespace memdyn
