// SPDX-License-Identifier: MIT
#include "memdyn/learn/dataset.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "memdyn/core/error.hpp"
#include "memdyn/core/message.hpp"

namespace memdyn {

Dataset Dataset::select(std::span<const std::size_t> chosen) const {
  Dataset part{n_in, n_out, {}, {}};
  for (std::size_t row : chosen) {
    part.inputs.insert(part.inputs.end(), input(row).begin(), input(row).end());
    part.targets.insert(part.targets.end(), target(row).begin(), target(row).end());
  }
  return part;
}

Dataset gate(const std::string& name) {
  Dataset table{2, 1, {0, 0, 0, 1, 1, 0, 1, 1}, {}};
  if (name == "OR") {
    table.targets = {0, 1, 1, 1};
  } else if (name == "AND") {
    table.targets = {0, 0, 0, 1};
  } else if (name == "XOR") {
    table.targets = {0, 1, 1, 0};
  } else {
    throw InputError("", "gate", '"' + name + '"', "must be OR, AND or XOR");
  }
  return table;
}

Dataset draw(const Dataset& table, std::size_t count, RandomStream& random) {
  std::vector<std::size_t> rows(count);
  for (auto& row : rows) row = random.below(table.rows());
  return table.select(rows);
}

Dataset dataset_from_csv(const std::filesystem::path& path, std::size_t n_out) {
  std::ifstream file(path);
  if (!file) throw IoError(in_message(path.string()) + ": cannot be read; check the name and the permissions");
  Dataset data;
  std::string line;
  std::size_t columns = 0;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (const auto start = line.find_first_not_of(" \t\r"); start == std::string::npos || line[start] == '#') continue;
    std::istringstream cells(line);
    if (columns == 0) {  // the heading
      for (std::string cell; std::getline(cells, cell, ',');) ++columns;
      if (columns <= n_out || n_out == 0)
        throw InputError(in_message(path.string()), "targets", fmt::format("{}", n_out),
                         fmt::format("must be 1 or more and leave an input; the file has {} columns", columns));
      data.n_in = columns - n_out;
      data.n_out = n_out;
      continue;
    }
    std::size_t column = 0;
    for (std::string cell; std::getline(cells, cell, ','); ++column) {
      std::size_t used = 0;
      double value = std::nan("");
      try {
        value = std::stod(cell, &used);
      } catch (const std::exception&) {
        used = 0;
      }
      if (used == 0 || cell.find_first_not_of(" \t\r", used) != std::string::npos || !std::isfinite(value))
        throw InputError(fmt::format("{}:{}", in_message(path.string()), number), fmt::format("column {}", column + 1),
                         '"' + cell + '"', "must be a finite number");
      (column < data.n_in ? data.inputs : data.targets).push_back(value);
    }
    if (column != columns)
      throw InputError(fmt::format("{}:{}", in_message(path.string()), number), "row", fmt::format("{} values", column),
                       fmt::format("needs {}, as the heading", columns));
  }
  if (data.rows() == 0)
    throw InputError(in_message(path.string()), "rows", "0", "needs a heading and at least one row");
  return data;
}

Dataset standardized(const Dataset& data, const Dataset& reference) {
  Dataset result = data;
  const auto rows = static_cast<double>(reference.rows());
  for (std::size_t i = 0; i < data.n_in; ++i) {
    double mean = 0;
    double square = 0;
    for (std::size_t row = 0; row < reference.rows(); ++row) mean += reference.input(row)[i] / rows;
    for (std::size_t row = 0; row < reference.rows(); ++row)
      square += std::pow(reference.input(row)[i] - mean, 2) / rows;
    const double deviation = square > 0 ? std::sqrt(square) : 1.0;
    for (std::size_t row = 0; row < data.rows(); ++row) {
      double& x = result.inputs[row * data.n_in + i];
      x = (x - mean) / deviation;
    }
  }
  return result;
}

}  // namespace memdyn
