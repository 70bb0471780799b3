// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// How trainings kept to the thresholds of their devices of one kind: margins and violations. Drives are in the unit of
/// `quantity`.
struct KindCalibration {
  std::string kind;  ///< "synapses", "nodes"; "device" where one device is the whole network
  Quantity quantity = Quantity::current;
  double largest_read = 0.0;  ///< largest |drive| of a read of these devices
  /// That it must not pass: the lowest of these devices; 0 where any drive moves them, infinite where it depends on the
  /// state.
  double lowest_threshold = std::numeric_limits<double>::infinity();
  double largest_update = 0.0;  ///< largest |u|, of a pulse beyond the threshold; of a crossbar, of a whole pulse
  double update_limit = std::numeric_limits<double>::infinity();  ///< width of a window that |u| must fit
  bool restored = false;                                          ///< reads are followed by a restore
  double largest_residual = 0.0;                                  ///< of a restore, in weights
  bool programmed = false;               ///< updates are pulses by the characteristic, which leave a residual
  double largest_update_residual = 0.0;  ///< of such an update, in weights
  double rms_update_residual = 0.0;      ///< over those of a realization, the largest of all, in weights
  double read_disturbs = 0;              ///< reads that moved a weight that should rest
  double lost_updates = 0;        ///< that moved nothing: pulses beyond the window, or in none; or no pulse does it
  double pinned_weights = 0;      ///< updates that ended at a bound, or were to pass it
  double imperfect_restores = 0;  ///< node reads that left the bias elsewhere (by 1e-9 or more)
  double idle_drives = 0;         ///< node drives that moved nothing: the node answers 0

  /// What a read could grow by before it passes the threshold; negative where one did.
  [[nodiscard]] double margin() const { return lowest_threshold - largest_read; }
  /// No read passed the lowest threshold, and none moved a device. A read that passes it counts even if it moves
  /// nothing, as where the device is at its bound.
  [[nodiscard]] bool thresholds_respected() const { return read_disturbs == 0 && largest_read <= lowest_threshold; }
  [[nodiscard]] bool clean() const {
    return thresholds_respected() && lost_updates + pinned_weights + imperfect_restores + idle_drives == 0;
  }
  /// With another training of the same devices.
  void merge(const KindCalibration& other) {
    for (const auto largest :
         {&KindCalibration::largest_read, &KindCalibration::largest_update, &KindCalibration::largest_residual,
          &KindCalibration::largest_update_residual, &KindCalibration::rms_update_residual})
      this->*largest = std::max(this->*largest, other.*largest);
    for (const auto count :
         {&KindCalibration::read_disturbs, &KindCalibration::lost_updates, &KindCalibration::pinned_weights,
          &KindCalibration::imperfect_restores, &KindCalibration::idle_drives})
      this->*count += other.*count;
  }
};

/// The calibration report of trainings: each kind of device by itself, as each has thresholds of its own.
struct Calibration {
  std::vector<KindCalibration> kinds;  ///< empty where no training was finished

  [[nodiscard]] bool thresholds_respected() const {
    return std::ranges::all_of(kinds, &KindCalibration::thresholds_respected);
  }
  [[nodiscard]] bool clean() const { return std::ranges::all_of(kinds, &KindCalibration::clean); }
  /// With another training of the same kind of network.
  void merge(const Calibration& other) {
    if (kinds.empty()) {
      kinds = other.kinds;
    } else {
      for (std::size_t k = 0; k < kinds.size(); ++k) kinds[k].merge(other.kinds[k]);
    }
  }
};

/// What a controller notes of its devices of one kind while it trains packs of networks: margins over all of them,
/// violations in each lane.
template <class T>
struct CalibrationTally {
  enum Violation : std::size_t { read_disturb, lost_update, pinned_weight, imperfect_restore, idle_drive, violations };
  KindCalibration limits;  ///< what does not change while it trains
  T largest_read = T(0.0), largest_update = T(0.0), largest_residual = T(0.0);
  std::array<std::vector<T>, violations> counts;

  CalibrationTally(std::string kind, std::size_t packs) {
    limits.kind = std::move(kind);
    for (auto& each : counts) each.assign(packs, T(0.0));
  }
  void count(Violation violation, std::size_t pack, const Mask<T>& where) {
    counts[violation][pack] += select(where, T(1.0), T(0.0));
  }
  /// Of the first `used` lanes.
  [[nodiscard]] KindCalibration report(std::size_t used) const {
    KindCalibration all = limits;
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
