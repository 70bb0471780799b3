// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "memdyn/record/result_file.hpp"
#include "record/rising.hpp"

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
///
/// The axis is time. It increases strictly, so that it is an index of xarray (RisingTimes).
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
  /// Ends a group of rows of equal time: the last row so far keeps its time, and a next row of the same time gets a
  /// later one. A run that is resumed can begin after such a row, and writes the same times.
  void end_group() { end_groups(buffers_.front().size()); }
  /// Appends the first `rows` rows of the same table of another file. @throws IoError
  void copy(const ResultReader& from, std::uint64_t rows);
  /// Writes the rows of the last second, once a second; also for a run that has no new row. @throws IoError
  void keep_up();
  /// Ends the group, and writes all rows. @throws IoError
  void flush();
  /// Writes all rows for a run that ends early: an error must not hide the one that is being thrown.
  void save_rest() noexcept;

 private:
  std::vector<double>& column() { return buffers_[next_++]; }
  /// Writes the buffered values of all columns but the axis.
  void write_columns();
  /// Writes all rows, but the values on the axis only of groups that have ended.
  void write_groups();
  /// Ends the group of the last rows before row `end` of the buffer of the axis.
  void end_groups(std::size_t end);

  ResultFile& file_;
  std::vector<std::string> names_;   ///< the axis first
  std::vector<std::size_t> widths_;  ///< values per row, by column
  /// By column. That of the axis holds all rows since they were last written, and those of a group that may go on.
  std::vector<std::vector<double>> buffers_;
  std::size_t next_ = 0;
  std::size_t rows_ = 0;        ///< of the whole table
  std::size_t groups_end_ = 0;  ///< rows of the buffer of the axis whose group has ended
  RisingTimes rising_;
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace memdyn
