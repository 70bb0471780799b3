// SPDX-License-Identifier: MIT
#include "drive/cutter.hpp"

#include <algorithm>

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
  const auto [end, crossing, longest] = end_of_stretch(segment, levels_, piece_.begin, turns_);
  piece_.end = end;
  piece_.longest = std::min(longest, piece_.duration);
  ends_at_crossing_ = crossing;
  return &piece_;
}

}  // namespace memdyn
