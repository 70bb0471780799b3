// SPDX-License-Identifier: MIT
#include "memdyn/learn/dataset.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/machine.hpp"
#include "core/message.hpp"
#include "core/text_file.hpp"
#include "learn/dataset_of.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {
namespace {
constexpr std::size_t between_stops = 1 << 12;  // rows or numbers between two checks of an interruption
}

Dataset Dataset::select(std::span<const std::size_t> chosen) const {
  Dataset part{n_in, n_out, {}, {}};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i % between_stops == 0) stop_if_interrupted();
    const std::size_t row = chosen[i];
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
  return dataset_from_csv(read_text(path), path.string(), n_out);
}

Dataset dataset_from_csv(const std::string& text, const std::string& name, std::size_t n_out) {
  return dataset_of_columns(read_csv(text, name, {.needs_heading = true}), name, n_out);
}

namespace {
void require_rows(const CsvTable& table, const std::string& name) {
  if (table.lines.empty()) throw InputError(in_message(name), "rows", "0", "needs a heading and at least one row");
}
}  // namespace

Dataset dataset_of_columns(const CsvTable& table, const std::string& name, std::size_t n_out) {
  if (table.columns > 0 && (table.columns <= n_out || n_out == 0))
    throw InputError(in_message(name), "targets", fmt::format("{}", n_out),
                     fmt::format("must be 1 or more and leave an input; the file has {} columns", table.columns));
  require_rows(table, name);
  Dataset data{.n_in = table.columns - n_out, .n_out = n_out, .inputs = {}, .targets = {}, .names = table.heading};
  for (std::size_t i = 0; i < table.values.size(); ++i) {
    if (i % between_stops == 0) stop_if_interrupted();
    (i % table.columns < data.n_in ? data.inputs : data.targets).push_back(table.values[i]);
  }
  return data;
}

Dataset dataset_of_labels(const CsvTable& table, const std::string& name) {
  require_rows(table, name);
  if (table.columns == 0)
    throw InputError(in_message(name), "columns", "0", "needs at least one column of numbers beside the label");
  if (table.classes.size() < 2)
    throw InputError(in_message(name), "label", "one text only", "must be the names of at least 2 classes");
  const double need = static_cast<double>(table.lines.size() * table.classes.size() * sizeof(double));
  if (const double free = available_memory(); need > free)
    throw InputError(
        in_message(name), "label", fmt::format("{} classes", table.classes.size()),
        fmt::format("makes targets of {}, and {} of memory are available", bytes_in_words(need), bytes_in_words(free)));
  Dataset data{.n_in = table.columns,
               .n_out = table.classes.size(),
               .inputs = table.values,
               .targets = {},
               .names = table.heading,
               .classes = table.classes};
  if (!data.names.empty()) data.names.insert(data.names.end(), data.classes.begin(), data.classes.end());
  data.targets.reserve(table.lines.size() * data.n_out);
  for (std::size_t row = 0; row < table.lines.size(); ++row) {
    if (row % between_stops == 0) stop_if_interrupted();
    for (std::size_t k = 0; k < data.n_out; ++k) data.targets.push_back(table.labels[row] == k ? 1.0 : 0.0);
  }
  return data;
}

Scaling::Scaling(std::span<const double> values, std::size_t columns) : mean_(columns, 0.0), deviation_(columns, 0.0) {
  const std::size_t count = values.size() / columns;
  const auto rows = static_cast<double>(count);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % between_stops == 0) stop_if_interrupted();
    mean_[i % columns] += values[i] / rows;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % between_stops == 0) stop_if_interrupted();
    deviation_[i % columns] += std::pow(values[i] - mean_[i % columns], 2) / rows;
  }
  for (std::size_t column = 0; column < columns; ++column) {
    double& square = deviation_[column];
    square = square > 0 ? std::sqrt(square) : 1.0;
    bool constant = true;  // the mean of equal values may differ from them by rounding, which is no deviation
    for (std::size_t i = column; constant && i < values.size(); i += columns) constant = values[i] == values[column];
    if (!constant || values.empty()) continue;
    mean_[column] = values[column];
    square = 1.0;
  }
}

void Scaling::apply(std::vector<double>& values) const {
  if (mean_.empty()) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % between_stops == 0) stop_if_interrupted();
    values[i] = (values[i] - mean_[i % mean_.size()]) / deviation_[i % mean_.size()];
  }
}

}  // namespace memdyn
