// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "memdyn/core/lanes.hpp"
#include "memdyn/device/device.hpp"

namespace memdyn {

/// How trainings kept to the thresholds of their devices: margins and violations. Drives are in the unit of `quantity`.
struct Calibration {
  Quantity quantity = Quantity::current;
  double largest_read = 0.0;                                          ///< largest |drive| of a read
  double lowest_threshold = std::numeric_limits<double>::infinity();  ///< that it must stay below
  double largest_update = 0.0;  ///< largest |u|, of a pulse beyond the threshold; of a crossbar, of a whole pulse
  double update_limit = std::numeric_limits<double>::infinity();  ///< width of a window that |u| must fit
  double largest_residual = 0.0;                                  ///< of a restore, in weights
  bool programmed = false;               ///< updates are pulses by the characteristic, which leave a residual
  double largest_update_residual = 0.0;  ///< of such an update, in weights
  double rms_update_residual = 0.0;      ///< over those of a realization, the largest of all, in weights
  double read_disturbs = 0;              ///< reads inside of a window: a weight that should rest moved
  double lost_updates = 0;        ///< that moved nothing: pulses beyond the window, or in none; or no pulse does it
  double pinned_weights = 0;      ///< updates that ended at a bound, or were to pass it
  double imperfect_restores = 0;  ///< node reads that left the bias elsewhere (by 1e-9 or more)
  double idle_drives = 0;         ///< node drives that moved nothing: the node answers 0

  [[nodiscard]] bool clean() const {
    return read_disturbs + lost_updates + pinned_weights + imperfect_restores + idle_drives == 0;
  }
  void merge(const Calibration& other) {
    quantity = other.quantity;
    programmed = other.programmed;
    largest_update_residual = std::max(largest_update_residual, other.largest_update_residual);
    rms_update_residual = std::max(rms_update_residual, other.rms_update_residual);
    largest_read = std::max(largest_read, other.largest_read);
    lowest_threshold = std::min(lowest_threshold, other.lowest_threshold);
    largest_update = std::max(largest_update, other.largest_update);
    update_limit = std::min(update_limit, other.update_limit);
    largest_residual = std::max(largest_residual, other.largest_residual);
    read_disturbs += other.read_disturbs;
    lost_updates += other.lost_updates;
    pinned_weights += other.pinned_weights;
    imperfect_restores += other.imperfect_restores;
    idle_drives += other.idle_drives;
  }
};

/// What a controller notes while it trains packs of networks: margins over all of them, violations in each lane.
template <class T>
struct CalibrationTally {
  enum Violation : std::size_t { read_disturb, lost_update, pinned_weight, imperfect_restore, idle_drive, violations };
  Calibration limits;  ///< what does not change while it trains
  T largest_read = T(0.0), largest_update = T(0.0), largest_residual = T(0.0);
  std::array<std::vector<T>, violations> counts;

  explicit CalibrationTally(std::size_t packs) {
    for (auto& each : counts) each.assign(packs, T(0.0));
  }
  void count(Violation violation, std::size_t pack, const Mask<T>& where) {
    counts[violation][pack] += select(where, T(1.0), T(0.0));
  }
  /// Of the first `used` lanes.
  [[nodiscard]] Calibration report(std::size_t used) const {
    Calibration all = limits;
    const auto largest = [](const T& value) {
      double most = 0.0;
      for (std::size_t l = 0; l < lanes<T>; ++l) most = std::max(most, lane(value, l));
      return most;
    };
    all.largest_read = largest(largest_read);
    all.largest_update = largest(largest_update);
    all.largest_residual = largest(largest_residual);
    double* const sums[] = {&all.read_disturbs, &all.lost_updates, &all.pinned_weights, &all.imperfect_restores,
                            &all.idle_drives};
    for (std::size_t v = 0; v < violations; ++v)
      for (std::size_t l = 0; l < used; ++l) *sums[v] += lane(counts[v][l / lanes<T>], l % lanes<T>);
    return all;
  }
};

}  // namespace memdyn
