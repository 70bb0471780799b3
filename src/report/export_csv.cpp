// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/report/inspection.hpp"
#include "record/whole_file.hpp"
#include "report/csv.hpp"
#include "report/isolated.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

using Type = ResultReader::Type;

/// The columns of a table: datasets along the same axes, whose last axis may spread over columns.
struct Table {
  std::vector<std::string> axes;      ///< paths of the axes, of which the last one varies fastest
  std::vector<std::string> datasets;  ///< paths
};

/// The paths of the axes of a dataset; an axis is its own.
std::vector<std::string> axis_paths(const ResultReader& file, const std::string& name) {
  if (file.is_axis(name)) return {name};
  std::vector<std::string> paths;
  for (const auto& axis : file.axes(name)) paths.push_back(file.path_of_axis(name, axis));
  if (paths.size() != file.shape(name).size())
    throw IoError(
        fmt::format("{}: {}: has {} dimensions, but {} axes; \"memdyn info --check\" lists what else is wrong",
                    file.name(), in_message(name), file.shape(name).size(), paths.size()));
  return paths;
}

/// The axes along which a dataset has rows: without a last axis of names (variables, guards), which spreads over
/// columns.
std::vector<std::string> row_axes(const ResultReader& file, const std::string& name) {
  auto axes = axis_paths(file, name);
  if (axes.size() > 1 && file.has(axes.back()) && file.type(axes.back()) == Type::text) axes.pop_back();
  return axes;
}

/// All datasets with rows along some axes.
Table table_along(const ResultReader& file, const std::vector<std::string>& axes) {
  Table table{axes, {}};
  for (const auto& name : file.datasets())
    if (ResultReader::is_number(file.type(name)) && !file.is_axis(name) && row_axes(file, name) == axes)
      table.datasets.push_back(name);
  return table;
}

/// The datasets in the order in which the format page lists them; others follow.
void sort_columns(Table& table) {
  static const std::vector<std::string> order{"drive", "current", "voltage", "memristance", "gamma",
                                              "event", "regime",  "status",  "end_time"};
  const auto rank = [](const std::string& name) {
    return std::ranges::find(order, name.substr(name.rfind('/') + 1)) - order.begin();
  };
  std::ranges::stable_sort(table.datasets, {}, rank);
}

Table chosen_table(const ResultReader& file, const std::string& dataset) {
  const auto groups = file.groups();
  if (std::ranges::binary_search(groups, dataset) && file.has(dataset + "/time"))
    return table_along(file, {dataset + "/time"});
  const auto names = file.datasets();
  if (!std::ranges::binary_search(names, dataset))
    throw InputError("export", "--dataset", '"' + dataset + '"',
                     "is not in " + file.name() + ", which \"memdyn info\" lists" +
                         suggestion(dataset, {names.begin(), names.end()}));
  if (file.shape(dataset).empty())
    throw InputError("export", "--dataset", '"' + dataset + '"', "is a single value, not a table; see \"memdyn info\"");
  return {row_axes(file, dataset), file.is_axis(dataset) ? std::vector<std::string>{} : std::vector{dataset}};
}

Table table_of(const ResultReader& file, const std::string& dataset) {
  if (!dataset.empty()) return chosen_table(file, dataset);
  switch (kind_of(file)) {
    case ResultKind::simulation:
      return table_along(file, {"time"});
    case ResultKind::sweep:
      return table_along(file, row_axes(file, "status"));
    case ResultKind::training:
      if (file.has("total_error")) return {row_axes(file, "total_error"), {"total_error"}};
      throw IoError(file.name() +
                    ": the training has no errors, because it did not finish; its recorded pulses are "
                    "exported with --dataset trajectory");
    case ResultKind::universality:
      return {row_axes(file, "final_error"), {"final_error"}};
    case ResultKind::study:
      return table_along(file, {"value"});
    case ResultKind::table:
      return table_along(file, {"polarity", "node"});
    case ResultKind::unknown:
      break;
  }
  throw IoError(file.name() +
                ": is no result of simulate, sweep, train, table or validate; choose a dataset with --dataset "
                "(\"memdyn info\" lists "
                "them)");
}

/// A name with its unit, as a cell of the heading.
std::string heading(const std::string& name, const std::string& units) {
  return csv_cell(units.empty() || units == "1" ? name : name + " [" + units + ']');
}

/// An axis, whose values are held, or read beside the rows if it is the only one.
class AxisColumn {
 public:
  AxisColumn(const ResultReader& file, const std::string& path, bool only)
      : size_(file.length(path)), head_(heading(path.substr(path.rfind('/') + 1), file.text(path, "units"))) {
    if (file.type(path) == Type::text) {
      for (const auto& word : file.strings(path)) words_.push_back(csv_cell(word));
    } else if (only) {
      stream_.emplace(file.stream(path));
    } else {
      numbers_ = file.numbers(path);
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::string& head() const { return head_; }
  void next(std::size_t rows) {
    if (stream_) numbers_ = stream_->next(rows);
  }
  /// @param index along the axis @param row within the block of rows
  void append(std::string& line, std::uint64_t index, std::size_t row) const {
    if (!words_.empty()) {
      line += words_[index];
    } else {
      append_number(line, numbers_[stream_ ? row : index]);
    }
  }

 private:
  std::size_t size_;
  std::string head_;
  std::vector<std::string> words_;
  std::vector<double> numbers_;
  std::optional<ResultReader::Stream> stream_;
};

/// A dataset, with one column for each name along its last axis if that spreads.
class DataColumns {
 public:
  DataColumns(const ResultReader& file, const std::string& name, std::size_t row_axes) : values_(file.stream(name)) {
    for (const auto& [value, word] : meanings_of(file, name)) words_[value] = csv_cell(word);
    const std::string leaf = name.substr(name.rfind('/') + 1);
    const auto axes = axis_paths(file, name);
    const auto units = file.text(name, "units");
    if (axes.size() == row_axes) {
      heads_ = {heading(leaf, units)};
      return;
    }
    const auto labels = file.strings(axes.back(), file.shape(name).back());
    constexpr std::size_t most_columns = 100'000;
    if (labels.size() > most_columns)
      throw IoError(fmt::format("{}: {}: would have {} columns; at most {} are written", file.name(), in_message(name),
                                labels.size(), most_columns));
    const auto path = file.path_of_axis(name, "variable_unit");
    const bool own_units = axes.back().ends_with("variable") && file.has(path);
    const auto each = own_units ? file.strings(path, labels.size()) : std::vector(labels.size(), units);
    for (std::size_t k = 0; k < labels.size(); ++k) heads_.push_back(heading(leaf + '(' + labels[k] + ')', each[k]));
  }
  [[nodiscard]] const std::vector<std::string>& heads() const { return heads_; }
  [[nodiscard]] std::uint64_t rows() const { return heads_.empty() ? 0 : values_.size() / heads_.size(); }
  void next(std::size_t rows) { block_ = &values_.next(rows * heads_.size()); }
  void append(std::string& line, std::size_t row) const {
    for (std::size_t k = 0; k < heads_.size(); ++k) {
      const double value = (*block_)[row * heads_.size() + k];
      line += ',';
      if (const auto word = words_.find(value); word != words_.end()) {
        line += word->second;
      } else {
        append_number(line, value);
      }
    }
  }

 private:
  ResultReader::Stream values_;
  std::map<double, std::string> words_;
  std::vector<std::string> heads_;
  const std::vector<double>* block_ = nullptr;
};

/// Writes the rows of a table.
class TableWriter {
 public:
  TableWriter(const ResultReader& file, Table table) {
    for (const auto& axis : table.axes) axes_.emplace_back(file, axis, table.axes.size() == 1);
    for (const AxisColumn& axis : axes_) {
      if (rows_ > 0 && axis.size() > ResultReader::most_values / rows_)
        throw IoError(file.name() + ": its axes span more rows than a table can have; the file may be damaged");
      rows_ *= axis.size();
    }
    sort_columns(table);
    for (const auto& name : table.datasets) {
      columns_.emplace_back(file, name, table.axes.size());
      if (columns_.back().rows() != rows_ && !columns_.back().heads().empty())
        throw IoError(
            fmt::format("{}: {}: has {} rows, but its axes have {}; \"memdyn info --check\" lists what else is "
                        "wrong",
                        file.name(), in_message(name), columns_.back().rows(), rows_));
    }
  }

  void write(const Sender& to) {
    constexpr std::size_t rows_of_block = 4096;  // the rows of a chunk
    to.send(head());
    std::string lines;
    for (std::uint64_t row = 0; row < rows_;) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(rows_of_block, rows_ - row));
      for (auto& axis : axes_) axis.next(count);
      for (auto& column : columns_) column.next(count);
      lines.clear();
      for (std::size_t k = 0; k < count; ++k, ++row) append_row(lines, row, k);
      to.send(lines);
      to.progress(static_cast<double>(row) / static_cast<double>(rows_));
    }
  }

 private:
  [[nodiscard]] std::string head() const {
    std::vector<std::string> cells;
    for (const auto& axis : axes_) cells.push_back(axis.head());
    for (const auto& column : columns_) cells.insert(cells.end(), column.heads().begin(), column.heads().end());
    return fmt::format("{}\r\n", fmt::join(cells, ","));
  }
  void append_row(std::string& lines, std::uint64_t row, std::size_t in_block) const {
    std::uint64_t inner = rows_;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      inner /= axes_[a].size();
      if (a > 0) lines += ',';
      axes_[a].append(lines, row / inner % axes_[a].size(), in_block);
    }
    for (const auto& column : columns_) column.append(lines, in_block);
    lines += "\r\n";
  }

  std::vector<AxisColumn> axes_;
  std::vector<DataColumns> columns_;
  std::uint64_t rows_ = 1;
};

}  // namespace

void export_csv(const std::filesystem::path& file, const std::string& dataset, const std::filesystem::path& output,
                const Progress& progress) {
  if (output.extension() != ".csv")  // a slip must not replace a result by its table
    throw InputError("export", "output", '"' + output.string() + '"', "must end in .csv");
  WholeFile table(output);
  isolated(
      in_message(file.string()),
      [&](const Sender& to) {
        const ResultReader reader(file);
        TableWriter(reader, table_of(reader, dataset)).write(to);
      },
      [&](std::string_view bytes) { table.write(bytes); }, progress);
  table.finish();
}

}  // namespace memdyn
