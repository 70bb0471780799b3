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

/// Points of a path in a plane, and interruptions (NaN) between them. A point is kept if it is farther than a
/// tolerance, which begins below a pixel, from the last one. When the points become too many, lines are left out that
/// pass only places through which earlier lines lead, such as those of later loops; and the tolerance is doubled until
/// few enough points are left. Where a line is left out the path is interrupted.
class PathThinning {
 public:
  using Point = std::array<double, 3>;  ///< x, y, and a value that goes with them
  /// Points of a path; each is an element of an SVG.
  static constexpr std::size_t usual_points = 40'000;
  /// @param x, y the ranges of the coordinates @param most points that are kept
  PathThinning(const std::array<double, 2>& x, const std::array<double, 2>& y, std::size_t most = usual_points);
  void add(const Point& point);
  [[nodiscard]] std::vector<Point> points();

 private:
  [[nodiscard]] bool far(const Point& a, const Point& b) const;
  void lead_to(const Point& point);
  bool passes_new_place(const Point& a, const Point& b);
  void coarsen();

  std::array<double, 2> low_, size_;  ///< of the range, in x and y
  double tolerance_;                  ///< as a share of the range
  std::size_t most_;
  std::vector<Point> points_;
  Point end_{};          ///< of the path, apart from points that are too near to it
  bool begun_ = false;   ///< the path has an end
  bool at_end_ = false;  ///< the end is the last of the points that are kept
  Point last_{};
  bool left_out_ = false;     ///< the last point was too near to the end
  std::size_t places_ = 0;    ///< places in a row; 0 while lines are not left out
  std::vector<bool> passed_;  ///< places through which lines lead, row by row
};

}  // namespace memdyn
