// SPDX-License-Identifier: MIT
#include "drive/cutter.hpp"

#include <algorithm>
#include <cmath>

namespace memdyn {

const Piece* Cutter::next() {
  if (inside_ && piece_.end >= piece_.duration) {
    ++segment_;
    inside_ = false;
  }
  if (segment_ == drive_->segments().size()) return nullptr;
  const Segment& segment = drive_->segments()[segment_];
  if (inside_) {
    piece_.begin = piece_.end;
    piece_.crossing = ends_at_crossing_;
  } else {
    piece_ = piece_of(segment, drive_->starts()[segment_]);
    inside_ = true;
  }
  piece_.end = piece_.duration;
  for (const double level : levels_)
    if (level == level) piece_.end = std::min(piece_.end, next_crossing(segment, level, piece_.begin));
  ends_at_crossing_ = piece_.end < piece_.duration;
  piece_.longest = std::min(longest_step(segment, piece_.begin), piece_.duration);
  if (const double cut = next_cut(segment, piece_.begin, turns_); cut < piece_.end) {
    piece_.end = cut;
    ends_at_crossing_ = false;
  }
  return &piece_;
}

}  // namespace memdyn
