// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "memdyn/record/result_reader.hpp"
#include "report/gnuplot.hpp"

namespace memdyn {

/// A regression of one input: targets and predictions as curves, one colour per output; the median over the
/// realizations, and the 10th to 90th percentile as a band. Of two inputs: a map of the targets and one of the median
/// prediction for each output.
[[nodiscard]] Script prediction_picture(const ResultReader& file, const std::filesystem::path& picture);

/// The result of test_universality(): error against width for each target, and the floors.
[[nodiscard]] Script universality_picture(const ResultReader& file, const std::filesystem::path& picture);

}  // namespace memdyn
