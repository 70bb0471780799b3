// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "memdyn/drive/piece.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn {

/// Cuts a waveform into the pieces that lanes take: at its breakpoints, where it passes the level of a guard, where a
/// sine turns if the state is looked at within steps, and at the points of a common time grid.
class Cutter {
 public:
  /// @param levels of the drive; NaN for a guard that depends on the state
  /// @param turns cut where a sine turns
  /// @param interval of the grid [s]: its points are the multiples, the first of them `interval`; 0 for none
  /// @param signs cut where the drive changes its sign too, as the integrals along a trajectory need it
  Cutter(std::shared_ptr<const Waveform> drive, std::vector<double> levels, bool turns, double interval, bool signs)
      : drive_(std::move(drive)), levels_(std::move(levels)), turns_(turns), interval_(interval), signs_(signs) {}

  /// The next piece, good until the next call; null at the end.
  [[nodiscard]] const Piece* next();

 private:
  std::shared_ptr<const Waveform> drive_;
  std::vector<double> levels_;
  bool turns_;
  double interval_;
  bool signs_;
  std::size_t segment_ = 0;
  std::uint64_t sample_ = 1;
  bool inside_ = false;  ///< of the segment
  bool ends_at_crossing_ = false;
  Piece piece_{};
};

}  // namespace memdyn
