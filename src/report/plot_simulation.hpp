// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"
#include "report/gnuplot.hpp"
#include "report/time_rows.hpp"

namespace memdyn {

/// Current, voltage and internal variables of a simulation against time, with changes of regime marked.
/// @throws IoError
[[nodiscard]] Script simulation_picture(const ResultReader& file, const std::filesystem::path& picture,
                                        const TimeSpan& span, const Progress& progress);

}  // namespace memdyn
