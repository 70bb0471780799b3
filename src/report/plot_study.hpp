// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "memdyn/record/result_reader.hpp"
#include "report/gnuplot.hpp"

namespace memdyn {

/// The picture of a study of a rule by trainings, for each task: the shares of trainings that succeed, and whose
/// outcome the rule predicts, with their confidence; and how far the final weights are from those by the rule. @throws
/// IoError
[[nodiscard]] Script study_picture(const ResultReader& file, const std::filesystem::path& picture);

}  // namespace memdyn
