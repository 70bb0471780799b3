// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace memdyn {

/// Makes the times of rows increase strictly. Consecutive rows of equal time, such as the two sides of a jump, are a
/// group: they get neighbouring doubles, of which the last row keeps the time.
class RisingTimes {
 public:
  /// A group that is longer is divided: far more than there are events at one time.
  static constexpr std::size_t most = 64;

  /// True if the next row begins another group than that of the `count` rows before it.
  [[nodiscard]] static bool divides(double before, double next, std::size_t count) {
    return before != next || count == most;
  }
  /// Separates the times of one group, which follows those that were separated before.
  void separate(std::span<double> group) {
    for (; !group.empty(); group = group.subspan(1)) {
      // a time further back than a group can have moved starts a new trajectory: the next realization
      const bool again = last_ - group[0] > static_cast<double>(most) * (above(last_) - last_);
      const double least = again ? 0.0 : above(last_);
      for (std::size_t later = 1; later < group.size(); ++later) group[0] = std::nextafter(group[0], -1.0);
      last_ = group[0] = std::max(group[0], least);
    }
  }
  /// Goes on after a row that another run has separated.
  void go_on(double last) { last_ = last; }

 private:
  static double above(double time) { return std::nextafter(time, std::numeric_limits<double>::infinity()); }
  double last_ = std::nextafter(0.0, -1.0);  ///< time of the row before; times begin at 0
};

/// Separates all times of a trajectory.
inline void rise(std::span<double> times) {
  RisingTimes rising;
  for (std::size_t first = 0, end = 0; first < times.size(); first = end) {
    for (end = first + 1; end < times.size() && !RisingTimes::divides(times[end - 1], times[end], end - first);) ++end;
    rising.separate(times.subspan(first, end - first));
  }
}

}  // namespace memdyn
