// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"

// Rows along the time axis of a result file, block by block, so that the memory does not depend on their number.
namespace memdyn {

/// Throws unless a dataset has this shape. @throws IoError
void require_shape(const ResultReader& file, const std::string& name, const std::vector<std::size_t>& shape);

/// Goes through the rows of several arrays. `visit` receives one block for each array.
/// @param arrays names, and values in a row
void go_through(const ResultReader& file, const std::vector<std::pair<std::string, std::size_t>>& arrays,
                std::size_t rows, const Progress& progress,
                const std::function<void(std::size_t, const std::vector<const std::vector<double>*>&)>& visit);

/// A span of time [s], ends included.
struct TimeSpan {
  double from = -std::numeric_limits<double>::infinity();
  double to = std::numeric_limits<double>::infinity();
  [[nodiscard]] bool holds(double time) const { return time >= from && time <= to; }
};

/// Lets the rows of a trajectory pass that lie within a span of time. Where the straight line between two rows enters
/// or leaves the span, it adds a row on that line.
class TimeWindow {
 public:
  explicit TimeWindow(const TimeSpan& span) : span_(span) {}
  /// @param row the time, and any other numbers
  /// @param pass receives the rows within
  void add(std::span<const double> row, const std::function<void(std::span<const double>)>& pass);
  /// Begins another trajectory: no line leads to its first row.
  void restart() { previous_.clear(); }

 private:
  void pass_between(std::span<const double> row, double time, const std::function<void(std::span<const double>)>& pass);

  TimeSpan span_;
  std::vector<double> previous_, between_;
};

/// The rows of several arrays within a span of time, one after another: as they are if they are few, else those that
/// fill the same pixels. @param arrays names, and values in a row; the first is the time
/// @throws InputError if no row lies within the span
[[nodiscard]] std::vector<double> rows_within(const ResultReader& file,
                                              const std::vector<std::pair<std::string, std::size_t>>& arrays,
                                              std::size_t rows, const TimeSpan& span, const Progress& progress);

/// Throws the error that no time of a file lies within a span. @param low, high the times of the file
[[noreturn]] void refuse_empty(const ResultReader& file, const TimeSpan& span, double low, double high);

}  // namespace memdyn
