// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "report/thinning.hpp"

// Curves of one quantity against another, from any number of rows, on linear and logarithmic axes.
namespace memdyn {

/// x, y and time. Where y is NaN the line is interrupted.
using CurvePoint = std::array<double, 3>;

/// The extremes of a coordinate.
struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double least = std::numeric_limits<double>::infinity();  ///< the smallest magnitude that is not 0

  void add(double value);
  void add(const Extent& other);
  [[nodiscard]] bool any() const { return low <= high; }
  /// The magnitude below which a logarithmic axis does not go: that of the smallest value, but no more than 12 decades
  /// below the largest.
  [[nodiscard]] double floor() const;
};

/// Turns the rows of a trajectory into points of a curve. A logarithmic axis shows magnitudes. A straight line between
/// two rows is not straight there, and ends where it passes zero: points on it are added. A single row without a value
/// (V/I where the current passes zero) does not interrupt the curve; several do.
class CurveSteps {
 public:
  struct Axis {
    bool logarithmic = false;
    double floor = 0;  ///< see Extent
  };
  CurveSteps(const Axis& x, const Axis& y, std::function<void(const CurvePoint&)> pass)
      : axes_{x, y}, pass_(std::move(pass)) {}
  /// @param joins a line leads from the row before to this one
  void add(const CurvePoint& row, bool joins);

 private:
  void interrupt();
  void pass(const CurvePoint& row);
  void add_shares(std::size_t axis, double from, double to, std::vector<double>& shares) const;

  std::array<Axis, 2> axes_;
  std::function<void(const CurvePoint&)> pass_;
  std::optional<CurvePoint> before_;  ///< the last row with values
  int missing_ = 0;                   ///< rows without values since then
  CurvePoint last_{};                 ///< the last point that was passed
  bool interrupted_ = true;
};

/// Keeps the points of a curve that a picture can show.
class CurveThinning {
 public:
  /// @param points of the curve before thinning @param x, y the ranges of the picture, as drawn
  /// @param over_time x is a time that never falls @param logarithmic of x and y
  /// @param most a curve of so many points is drawn as it is
  CurveThinning(std::uint64_t points, const std::array<double, 2>& x, const std::array<double, 2>& y, bool over_time,
                const std::array<bool, 2>& logarithmic, std::size_t most);
  void add(const CurvePoint& point);
  /// x, y and time of the points that are kept
  [[nodiscard]] std::vector<std::vector<double>> columns();

 private:
  std::array<bool, 2> logarithmic_;
  std::optional<TimeThinning> times_;
  std::optional<PathThinning> path_;
  std::vector<std::vector<double>> columns_{3};
};

}  // namespace memdyn
