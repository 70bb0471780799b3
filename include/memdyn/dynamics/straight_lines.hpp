// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace memdyn {

/// Adds rows between the rows of a trajectory until straight lines show it: at one, two and three quarters of each
/// interval, every number differs from the line by at most a share of the range that the number has had so far. Faster
/// oscillations within an interval are missed, but the steps of an integrator are shorter than these. An interval is
/// halved at most 45 times.
class StraightLines {
 public:
  /// A moment of a trajectory, as a list of numbers.
  struct Row {
    double time;  ///< [s]
    std::vector<double> numbers;
  };
  static constexpr double share_of_range = 1e-3;  ///< less than the width of a line in a picture
  static constexpr std::uint64_t most_rows = 1'000'000;

  /// @param share of the range, > 0
  /// @param most the largest number of rows that are added
  explicit StraightLines(double share = share_of_range, std::uint64_t most = most_rows) : share_(share), most_(most) {}

  using At = std::function<Row(double time)>;
  using Emit = std::function<void(const Row&)>;
  /// Adds rows between two rows, in order of time. A number that is not finite, in one of the two or between them,
  /// counts as straight.
  /// @param at the row at any time between the two
  void fill(const Row& begin, const Row& end, const At& at, const Emit& emit);
  /// Adds a row without a test, for example at an extreme of the drive while the device rests.
  void add(const Row& row, const Emit& emit);
  /// Adds the row before a jump, unless it equals the row after the jump within the share of the range.
  void jump(const Row& begin, const Row& end, const Emit& emit);

  [[nodiscard]] std::uint64_t added() const noexcept { return added_; }
  /// The time [s] of the first row that was left out because the largest number was reached; NaN if none was.
  [[nodiscard]] double sparse_from() const noexcept { return sparse_from_; }

 private:
  void halve(const Row& begin, const Row& middle, const Row& end, const At& at, const Emit& emit, int depth);
  void take_note(const Row& row);
  [[nodiscard]] bool is_straight(const Row& begin, const Row& row, const Row& end) const;

  double share_;
  std::uint64_t most_, added_ = 0;
  double sparse_from_ = std::nan("");
  std::vector<double> least_, largest_;
};

}  // namespace memdyn
