// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace memdyn {

// Rows that a picture can show, of trajectories with any number of rows. Memory depends on the picture alone.

/// A trajectory with at most so many rows is drawn as it is.
inline constexpr std::size_t rows_drawn_as_they_are = 20'000;

/// Rows over time. The time is divided into bins narrower than a pixel; of each bin the first and the last row are
/// kept, and those at which each of the other columns has its extremes. Lines through them fill the same pixels.
class TimeThinning {
 public:
  /// @param first, last the range of time @param columns values of a row, of which the first is the time
  TimeThinning(double first, double last, std::size_t columns);
  void add(std::span<const double> row);
  /// The rows that were kept, one after another. Call it after the last row.
  [[nodiscard]] std::vector<double> rows();

 private:
  /// A row of the current bin that is kept for some reason.
  struct Kept {
    std::uint64_t number = 0;
    bool any = false;
    std::vector<double> values;
  };
  void keep(Kept& slot, std::span<const double> row);
  void end_bin();

  double first_, width_;
  std::size_t bins_;
  std::size_t bin_ = 0;
  std::uint64_t number_ = 0;
  std::vector<Kept> kept_;  ///< first, last, then the lowest and the highest of each column
  std::vector<double> rows_;
};

/// Points of a path in a plane. A point is kept if it is farther than a tolerance from the last one that was; the
/// tolerance begins below a pixel, and is doubled when too many points are kept.
class PathThinning {
 public:
  /// Points of a path; each is an element of an SVG.
  static constexpr std::size_t usual_points = 40'000;
  /// @param x, y the ranges of the coordinates @param most points that are kept
  PathThinning(const std::array<double, 2>& x, const std::array<double, 2>& y, std::size_t most = usual_points);
  /// @param point x, y, and a value that goes with it
  void add(const std::array<double, 3>& point);
  [[nodiscard]] std::vector<std::array<double, 3>> points();

 private:
  [[nodiscard]] bool far(const std::array<double, 3>& a, const std::array<double, 3>& b) const;
  void coarsen();

  double width_, height_;
  double tolerance_;
  std::size_t most_;
  std::vector<std::array<double, 3>> points_;
  std::array<double, 3> last_{};
  bool left_out_ = false;  ///< the last point was not kept
};

}  // namespace memdyn
