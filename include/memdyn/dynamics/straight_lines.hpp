// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace memdyn {

/// Adds rows between the rows of a trajectory until straight lines between them show it: at a quarter, the half and
/// three quarters of each interval, every number is within a share of the range that it has had so far. What turns more
/// often than that within an interval is not seen: the steps of an integrator are shorter. It stops after 45 halvings.
class StraightLines {
 public:
  /// A moment of a trajectory, as a list of numbers.
  struct Row {
    double time;  ///< [s]
    std::vector<double> numbers;
  };
  static constexpr double share_of_range = 1e-3;  ///< less than a line in a picture is wide
  static constexpr std::uint64_t most_rows = 1'000'000;

  /// @param share of the range, > 0
  /// @param most rows that are added; after that, none are
  explicit StraightLines(double share = share_of_range, std::uint64_t most = most_rows) : share_(share), most_(most) {}

  using At = std::function<Row(double time)>;
  using Emit = std::function<void(const Row&)>;
  /// Adds rows between two, in the order of time. A number that is not finite at one of them, or where
  /// it is looked at, counts as straight.
  /// @param at of any time between them
  void fill(const Row& begin, const Row& end, const At& at, const Emit& emit);
  /// Adds a row whatever lines show, as where a drive turns between the rows of a device that rests.
  void add(const Row& row, const Emit& emit);
  /// Adds the row where a jump begins, unless the one where it ends shows as much.
  void jump(const Row& begin, const Row& end, const Emit& emit);

  [[nodiscard]] std::uint64_t added() const noexcept { return added_; }
  /// The time [s] from which on there were too many rows to add more; NaN if there never were.
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
