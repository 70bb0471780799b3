// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/record/result_file.hpp"

namespace memdyn {

/// A column of a table. With an `axis` a row holds one value per point of that axis.
struct Column {
  std::string name;
  ResultFile::Kind kind = ResultFile::Kind::real;
  Caption caption;
  std::string axis = {};
  std::size_t width = 1;
};

/// Rows along one growing axis. Up to one chunk of them is buffered in memory and then written, so the memory use does
/// not depend on the number of rows. flush() and the destructor write the rest.
class GrowingTable {
 public:
  /// The first column is the axis. `group` is the prefix of every name ("trajectory/"); it may be empty.
  /// @throws IoError
  GrowingTable(ResultFile& file, const std::string& group, std::vector<Column> columns);
  ~GrowingTable();
  GrowingTable(const GrowingTable&) = delete;
  GrowingTable& operator=(const GrowingTable&) = delete;

  /// Adds the value of the next column to the current row.
  void put(double value) { column().push_back(value); }
  template <class Range>
  void put_all(const Range& values) {
    auto& target = column();
    target.insert(target.end(), values.begin(), values.end());
  }
  /// Ends the row. @throws IoError if a chunk cannot be written
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
