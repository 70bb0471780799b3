// SPDX-License-Identifier: MIT
#include "record/table.hpp"

#include <algorithm>

#include "memdyn/core/error.hpp"

namespace memdyn {

GrowingTable::GrowingTable(ResultFile& file, const std::string& group, std::vector<Column> columns)
    : file_(file), buffers_(columns.size()) {
  const std::string axis = group + columns.front().name;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    names_.push_back(group + column.name);
    widths_.push_back(column.width);
    buffers_[i].reserve(ResultFile::chunk * column.width);
    if (i == 0) {
      file.growing_axis(axis, column.caption);
    } else if (column.axis.empty()) {
      file.growing_array(names_.back(), column.kind, {axis}, column.caption);
    } else {
      file.growing_array(names_.back(), column.kind, {axis, group + column.axis}, column.caption);
    }
  }
}

void GrowingTable::end_row() {
  next_ = 0;
  if (++rows_ % ResultFile::chunk == 0) write_columns();
  constexpr std::size_t most_rows = 64 * ResultFile::chunk;  // bounds the buffer of the axis
  if (buffers_.front().size() >= most_rows) {
    flush();
  } else {
    keep_up();
  }
}

void GrowingTable::copy(const ResultReader& from, std::uint64_t rows) {
  std::vector<ResultReader::Stream> columns;
  for (const auto& name : names_) columns.push_back(from.stream(name));
  for (std::uint64_t done = 0; done < rows;) {
    const auto count = std::min<std::uint64_t>(rows - done, ResultFile::chunk);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& values = columns[i].next(count * widths_[i]);
      if (values.size() != count * widths_[i])
        throw IoError(from.name() + ": " + names_[i] + " has fewer rows than its axis");
      buffers_[i].insert(buffers_[i].end(), values.begin(), values.end());
    }
    done += count;
    rows_ += count;
    flush();
  }
}

void GrowingTable::keep_up() {
  constexpr std::chrono::seconds period{1};
  // a row that has begun waits for its end
  if (next_ == 0 && std::chrono::steady_clock::now() - flushed_ >= period) flush();
}

void GrowingTable::write_columns() {
  for (std::size_t i = 1; i < names_.size(); ++i) {
    if (buffers_[i].empty()) continue;
    file_.append(names_[i], buffers_[i]);
    buffers_[i].clear();
  }
}

void GrowingTable::flush() {
  flushed_ = std::chrono::steady_clock::now();
  if (buffers_.front().empty()) return;
  write_columns();
  file_.flush(std::span(names_).subspan(1));
  file_.append(names_.front(), buffers_.front());
  buffers_.front().clear();
  file_.flush(std::span(names_).first(1));
}

void GrowingTable::save_rest() noexcept {
  try {
    if (next_ == 0) flush();
  } catch (const Error&) {
    return;
  }
}

}  // namespace memdyn
