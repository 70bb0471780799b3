// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "memdyn/drive/piece.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn {

/// Cuts a waveform into the pieces that lanes take: at its breakpoints, where it passes the level of a guard, and where
/// a sine turns if the state is looked at within steps, and where an exponential has come to its end.
class Cutter {
 public:
  /// @param levels of the drive; NaN for a guard that depends on the state
  /// @param turns cut where a sine turns
  Cutter(std::shared_ptr<const Waveform> drive, std::vector<double> levels, bool turns)
      : drive_(std::move(drive)), levels_(std::move(levels)), turns_(turns) {}

  /// The next piece, good until the next call; null at the end.
  [[nodiscard]] const Piece* next();

 private:
  std::shared_ptr<const Waveform> drive_;
  std::vector<double> levels_;
  bool turns_;
  std::size_t segment_ = 0;
  bool inside_ = false;  ///< of the segment
  bool ends_at_crossing_ = false;
  Piece piece_{};
};

}  // namespace memdyn
