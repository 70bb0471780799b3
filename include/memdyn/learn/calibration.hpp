// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// Whether trainings respected the thresholds of their devices of one kind: margins and numbers of violations. Drives
/// are in the unit of `quantity`.
struct KindCalibration {
  std::string kind;  ///< "synapses", "nodes"; "device" if one device is the whole network
  Quantity quantity = Quantity::current;
  double largest_read = 0.0;  ///< largest |drive| of a read of these devices
  /// The lowest threshold of these devices, which reads must not exceed; 0 if any drive moves them, infinite if it
  /// depends on the state.
  double lowest_threshold = std::numeric_limits<double>::infinity();
  double largest_update = 0.0;  ///< largest |u|, the excess of a pulse over the threshold; for a crossbar |drive|
  double update_limit = std::numeric_limits<double>::infinity();  ///< width of the window, which |u| must not exceed
  bool restored = false;                                          ///< reads are followed by a restore
  double largest_residual = 0.0;                                  ///< largest residual of a restore, in weights
  /// Updates leave a residual: pulses are computed from the characteristic, or the generator is not ideal.
  bool leaves_residual = false;
  double largest_update_residual = 0.0;  ///< largest difference of a change from the wanted one, in weights
  double rms_update_residual = 0.0;      ///< largest over the realizations of their rms residual, in weights
  /// An update can move variables that should rest, because the edges of its pulse pass their windows.
  bool moves_others = false;
  double largest_rest_move = 0.0;  ///< largest such move, in weights
  double rms_rest_move = 0.0;      ///< largest over the realizations of their rms over these variables and updates
  double read_disturbs = 0;        ///< number of reads that moved a weight
  double lost_updates = 0;         ///< updates that moved nothing: outside every window, or no pulse makes the change
  double pinned_weights = 0;       ///< updates that ended at a bound, or would have passed it
  double unverified_writes = 0;    ///< write-verify updates that did not come within the tolerance
  double imperfect_restores = 0;   ///< node reads that changed the bias (by 1e-9 or more)
  double idle_drives = 0;          ///< node drives that moved nothing, so that the output of the node is 0

  /// The increase of a read that would reach the threshold; negative if a read exceeded it.
  [[nodiscard]] double margin() const { return lowest_threshold - largest_read; }
  /// True if no read exceeded the lowest threshold and none moved a device. A read above the threshold counts even if
  /// it moves nothing, for example because the device is at a bound.
  [[nodiscard]] bool thresholds_respected() const { return read_disturbs == 0 && largest_read <= lowest_threshold; }
  [[nodiscard]] bool clean() const {
    return thresholds_respected() &&
           lost_updates + pinned_weights + unverified_writes + imperfect_restores + idle_drives == 0;
  }
  /// Adds the results of another training of devices of this kind, which can have other parameters.
  void merge(const KindCalibration& other) {
    lowest_threshold = std::min(lowest_threshold, other.lowest_threshold);
    update_limit = std::min(update_limit, other.update_limit);
    for (const auto largest :
         {&KindCalibration::largest_read, &KindCalibration::largest_update, &KindCalibration::largest_residual,
          &KindCalibration::largest_update_residual, &KindCalibration::rms_update_residual,
          &KindCalibration::largest_rest_move, &KindCalibration::rms_rest_move})
      this->*largest = std::max(this->*largest, other.*largest);
    for (const auto count :
         {&KindCalibration::read_disturbs, &KindCalibration::lost_updates, &KindCalibration::pinned_weights,
          &KindCalibration::unverified_writes, &KindCalibration::imperfect_restores, &KindCalibration::idle_drives})
      this->*count += other.*count;
  }
};

/// The calibration report of trainings, separate for each kind of device, because their thresholds differ.
struct Calibration {
  std::vector<KindCalibration> kinds;  ///< empty if no training was finished

  [[nodiscard]] bool thresholds_respected() const {
    return std::ranges::all_of(kinds, &KindCalibration::thresholds_respected);
  }
  [[nodiscard]] bool clean() const { return std::ranges::all_of(kinds, &KindCalibration::clean); }
  /// Adds the results of another training of the same kind of network.
  void merge(const Calibration& other) {
    if (kinds.empty()) {
      kinds = other.kinds;
    } else {
      for (std::size_t k = 0; k < kinds.size(); ++k) kinds[k].merge(other.kinds[k]);
    }
  }
};

/// Tally of a controller for its devices of one kind while it trains packs of networks: margins over all lanes,
/// violations per lane.
template <class T>
struct CalibrationTally {
  enum Violation : std::size_t {
    read_disturb,
    lost_update,
    pinned_weight,
    unverified_write,
    imperfect_restore,
    idle_drive,
    violations
  };
  /// Deviations in weights: their largest magnitude, and per pack their number and the sum of their squares.
  struct Deviations {
    T largest = T(0.0);
    std::vector<T> number, squares;

    void note(std::size_t pack, const T& deviation, const Mask<T>& where) {
      using std::abs;
      using std::max;
      const T size = select(where, T(abs(deviation)), T(0.0));
      largest = max(largest, size);
      number[pack] += select(where, T(1.0), T(0.0));
      squares[pack] += size * size;
    }
    /// The largest root mean square of the first `used` lanes.
    [[nodiscard]] double rms(std::size_t used) const {
      double most = 0.0;
      for (std::size_t l = 0; l < used; ++l)
        if (const double n = lane(number[l / lanes<T>], l % lanes<T>); n > 0.0)
          most = std::max(most, std::sqrt(lane(squares[l / lanes<T>], l % lanes<T>) / n));
      return most;
    }
  };
  KindCalibration limits;  ///< the members that do not change during the training
  T largest_read = T(0.0), largest_update = T(0.0), largest_residual = T(0.0);
  std::array<std::vector<T>, violations> counts;
  Deviations update_residual;  ///< of updates by a generator that is not ideal
  Deviations rest_moves;       ///< by updates, of variables that should rest

  CalibrationTally(std::string kind, std::size_t packs) {
    limits.kind = std::move(kind);
    for (auto& each : counts) each.assign(packs, T(0.0));
    for (Deviations* each : {&update_residual, &rest_moves})
      for (auto* sum : {&each->number, &each->squares}) sum->assign(packs, T(0.0));
  }
  void count(Violation violation, std::size_t pack, const Mask<T>& where) {
    counts[violation][pack] += select(where, T(1.0), T(0.0));
  }
  /// Calls `use` for the violations of one pack, and for the largest values of all packs.
  template <class Use>
  void each_number(std::size_t pack, const Use& use) {
    for (auto& each : counts) use(each[pack]);
    for (Deviations* each : {&update_residual, &rest_moves})
      for (auto* sum : {&each->number, &each->squares}) use((*sum)[pack]);
  }
  template <class Use>
  void each_margin(const Use& use) {
    for (T* largest :
         {&largest_read, &largest_update, &largest_residual, &update_residual.largest, &rest_moves.largest})
      use(*largest);
  }
  /// The results; violations of the first `used` lanes only.
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
    all.largest_update_residual = largest(update_residual.largest);
    all.rms_update_residual = update_residual.rms(used);
    all.largest_rest_move = largest(rest_moves.largest);
    all.rms_rest_move = rest_moves.rms(used);
    double* const sums[] = {&all.read_disturbs,     &all.lost_updates,       &all.pinned_weights,
                            &all.unverified_writes, &all.imperfect_restores, &all.idle_drives};
    for (std::size_t v = 0; v < violations; ++v)
      for (std::size_t l = 0; l < used; ++l) *sums[v] += lane(counts[v][l / lanes<T>], l % lanes<T>);
    return all;
  }
};

}  // namespace memdyn
