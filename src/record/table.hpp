// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/record/result_file.hpp"

namespace memdyn {

/// A column of a table; with an `axis` it holds one value for each of its points.
struct Column {
  std::string name;
  ResultFile::Kind kind = ResultFile::Kind::real;
  Caption caption;
  std::string axis = {};
  std::size_t width = 1;
};

/// Rows along one growing axis, kept in memory up to one chunk and then written: the memory that it takes does not
/// depend on its length. What is left is written by flush() and on destruction.
class GrowingTable {
 public:
  /// The first column is the axis. `group` is put before every name ("trajectory/"), and may be empty.
  /// @throws IoError
  GrowingTable(ResultFile& file, const std::string& group, std::vector<Column> columns);
  ~GrowingTable();
  GrowingTable(const GrowingTable&) = delete;
  GrowingTable& operator=(const GrowingTable&) = delete;

  /// Next value of the row that is being written, column by column.
  void put(double value) { column().push_back(value); }
  template <class Range>
  void put_all(const Range& values) {
    auto& target = column();
    target.insert(target.end(), values.begin(), values.end());
  }
  /// Ends the row. @throws IoError when a chunk cannot be written
  void end_row();
  /// @throws IoError
  void flush();

 private:
  std::vector<double>& column() { return buffers_[next_++]; }
  ResultFile& file_;
  std::vector<std::string> names_;
  std::vector<std::vector<double>> buffers_;
  std::size_t next_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace memdyn
