// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/record/result_reader.hpp"

namespace memdyn {

/// A name for each file in a legend: without its folder and extension, unless two would have the same.
[[nodiscard]] std::vector<std::string> labels_of(const std::vector<ResultReader>& files);
/// The title of a picture of some files: the one that they share, else none.
[[nodiscard]] std::string title_of(const std::vector<ResultReader>& files);

/// Style of the lines through the rows of a simulation, and a note if straight lines between the rows do not represent
/// the trajectory.
struct LineStyle {
  std::string style = "lines";
  std::string note;  ///< empty if they do; begins with a line break
};
[[nodiscard]] LineStyle line_style(const ResultReader& file, std::size_t rows);

}  // namespace memdyn
