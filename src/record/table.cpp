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
  const auto& axis = buffers_.front();
  const std::size_t last = axis.size() - 1;
  if (last > groups_end_ && RisingTimes::divides(axis[last - 1], axis[last], last - groups_end_)) end_groups(last);
  if (++rows_ % ResultFile::chunk == 0) write_columns();
  constexpr std::size_t most_rows = 64 * ResultFile::chunk;  // bounds the buffer of the axis
  if (axis.size() >= most_rows) {
    write_groups();
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
    groups_end_ = buffers_.front().size();  // these rows are separated already
    rising_.go_on(buffers_.front().back());
    done += count;
    rows_ += count;
    write_groups();
  }
}

void GrowingTable::keep_up() {
  constexpr std::chrono::seconds period{1};
  // a row that has begun waits for its end
  if (next_ == 0 && std::chrono::steady_clock::now() - flushed_ >= period) write_groups();
}

void GrowingTable::write_columns() {
  for (std::size_t i = 1; i < names_.size(); ++i) {
    if (buffers_[i].empty()) continue;
    file_.append(names_[i], buffers_[i]);
    buffers_[i].clear();
  }
}

void GrowingTable::flush() {
  end_group();
  write_groups();
}

void GrowingTable::write_groups() {
  flushed_ = std::chrono::steady_clock::now();
  if (groups_end_ == 0) return;
  write_columns();
  file_.flush(std::span(names_).subspan(1));
  auto& axis = buffers_.front();
  file_.append(names_.front(), std::span(axis).first(groups_end_));
  axis.erase(axis.begin(), axis.begin() + static_cast<std::ptrdiff_t>(groups_end_));
  groups_end_ = 0;
  file_.flush(std::span(names_).first(1));
}

void GrowingTable::end_groups(std::size_t end) {
  rising_.separate(std::span(buffers_.front()).subspan(groups_end_, end - groups_end_));
  groups_end_ = end;
}

void GrowingTable::save_rest() noexcept {
  try {
    if (next_ == 0) flush();
  } catch (const Error&) {
    return;
  }
}

}  // namespace memdyn
