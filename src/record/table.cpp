// SPDX-License-Identifier: MIT
#include "record/table.hpp"

#include "memdyn/core/error.hpp"

namespace memdyn {

GrowingTable::GrowingTable(ResultFile& file, const std::string& group, std::vector<Column> columns)
    : file_(file), buffers_(columns.size()) {
  const std::string axis = group + columns.front().name;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    names_.push_back(group + column.name);
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

GrowingTable::~GrowingTable() {
  try {
    flush();
  } catch (const Error&) {  // a second error must not hide the one that is being thrown
  }
}

void GrowingTable::end_row() {
  next_ = 0;
  if (++rows_ == ResultFile::chunk) flush();
}

void GrowingTable::flush() {
  if (rows_ == 0) return;
  rows_ = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    file_.append(names_[i], buffers_[i]);
    buffers_[i].clear();
  }
  file_.flush();
}

}  // namespace memdyn
