// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace memdyn {

/// How a training kept to the thresholds of its devices: margins and violations.
struct Calibration {
  double largest_read = 0;                                            ///< largest |read current| [A]
  double lowest_threshold = std::numeric_limits<double>::infinity();  ///< that it must stay below [A]
  double largest_update = 0;                                      ///< largest |u|, of a pulse beyond the threshold [A]
  double update_limit = std::numeric_limits<double>::infinity();  ///< width of a window that |u| must fit [A]
  double largest_residual = 0;                                    ///< of a restore, in weights
  std::uint64_t overlapping_windows = 0;
  std::uint64_t read_disturbs = 0;       ///< reads inside of a window: a weight that should rest moved
  std::uint64_t lost_updates = 0;        ///< pulses beyond the window, or in none
  std::uint64_t pinned_weights = 0;      ///< updates that ended at a bound
  std::uint64_t imperfect_restores = 0;  ///< node reads that left the bias elsewhere (by 1e-9 or more)

  [[nodiscard]] bool clean() const {
    return overlapping_windows + read_disturbs + lost_updates + pinned_weights + imperfect_restores == 0;
  }
  void merge(const Calibration& other) {
    largest_read = std::max(largest_read, other.largest_read);
    lowest_threshold = std::min(lowest_threshold, other.lowest_threshold);
    largest_update = std::max(largest_update, other.largest_update);
    update_limit = std::min(update_limit, other.update_limit);
    largest_residual = std::max(largest_residual, other.largest_residual);
    overlapping_windows = std::max(overlapping_windows, other.overlapping_windows);
    read_disturbs += other.read_disturbs;
    lost_updates += other.lost_updates;
    pinned_weights += other.pinned_weights;
    imperfect_restores += other.imperfect_restores;
  }
};

}  // namespace memdyn
