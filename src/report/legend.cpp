// SPDX-License-Identifier: MIT
#include "report/legend.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

std::vector<std::string> labels_of(const std::vector<ResultReader>& files) {
  std::vector<std::string> labels;
  for (const auto& file : files) labels.push_back(std::filesystem::path(file.name()).stem().string());
  if (std::set<std::string>(labels.begin(), labels.end()).size() == labels.size()) return labels;
  std::ranges::transform(files, labels.begin(), &ResultReader::name);
  return labels;
}

std::string title_of(const std::vector<ResultReader>& files) {
  const std::string title = files.front().text("/", "title");
  const auto other = [&](const ResultReader& file) { return file.text("/", "title") != title; };
  return std::ranges::any_of(files, other) ? "" : title;
}

LineStyle line_style(const ResultReader& file, std::size_t rows) {
  constexpr std::size_t most_points = 1000;
  const std::string recorded = file.text("/", "rows");
  if (recorded == rows_of_lines) return {};
  return {rows <= most_points ? "linespoints pt 7 ps 0.35" : "lines",
          "\nstraight lines between recorded rows: " + (recorded.empty() ? "steps" : recorded)};
}

}  // namespace memdyn
