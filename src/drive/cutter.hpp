// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "memdyn/drive/piece.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn {

/// Cuts a waveform into pieces, one per stretch without a time event: at its breakpoints, where it crosses the drive
/// level of a guard, and where end_of_stretch() cuts it for another reason.
class Cutter {
 public:
  /// @param levels drive level of each guard [A] or [V]; NaN for a guard that depends on the state
  /// @param turns also cut at the extrema of a sine
  Cutter(std::shared_ptr<const Waveform> drive, std::vector<double> levels, bool turns)
      : drive_(std::move(drive)), levels_(std::move(levels)), turns_(turns) {}

  /// The next piece, valid until the next call; null at the end of the waveform.
  [[nodiscard]] const Piece* next();

 private:
  std::shared_ptr<const Waveform> drive_;
  std::vector<double> levels_;
  bool turns_;
  std::size_t segment_ = 0;
  bool inside_ = false;  ///< the last piece belongs to the current segment
  bool ends_at_crossing_ = false;
  Piece piece_{};
};

}  // namespace memdyn
