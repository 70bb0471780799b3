// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
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

/// Rows along one growing axis. They are written in whole chunks, and their values on the axis, which declare them
/// valid, once a second: only after the values of all other columns are in the file. Therefore the memory use does not
/// depend on the number of rows, and a killed run has lost no more than its last second.
class GrowingTable {
 public:
  /// The first column is the axis. `group` is the prefix of every name ("trajectory/"); it may be empty.
  /// @throws IoError
  GrowingTable(ResultFile& file, const std::string& group, std::vector<Column> columns);
  ~GrowingTable() { save_rest(); }
  GrowingTable(const GrowingTable&) = delete;
  GrowingTable& operator=(const GrowingTable&) = delete;

  /// Adds the value of the next column to the current row.
  void put(double value) { column().push_back(value); }
  template <class Range>
  void put_all(const Range& values) {
    auto& target = column();
    target.insert(target.end(), values.begin(), values.end());
  }
  /// Ends the row. @throws IoError if rows cannot be written
  void end_row();
  /// Appends the first `rows` rows of the same table of another file. @throws IoError
  void copy(const ResultReader& from, std::uint64_t rows);
  /// Writes the rows of the last second, once a second; also for a run that has no new row. @throws IoError
  void keep_up();
  /// Writes all rows. @throws IoError
  void flush();
  /// Writes all rows for a run that ends early: an error must not hide the one that is being thrown.
  void save_rest() noexcept;

 private:
  std::vector<double>& column() { return buffers_[next_++]; }
  /// Writes the buffered values of all columns but the axis.
  void write_columns();

  ResultFile& file_;
  std::vector<std::string> names_;            ///< the axis first
  std::vector<std::size_t> widths_;           ///< values per row, by column
  std::vector<std::vector<double>> buffers_;  ///< by column; that of the axis holds all rows since the last flush()
  std::size_t next_ = 0;
  std::size_t rows_ = 0;  ///< of the whole table
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace memdyn
