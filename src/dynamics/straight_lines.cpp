// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/straight_lines.hpp"

#include <algorithm>
#include <limits>

namespace memdyn {
namespace {
constexpr int deepest = 45;         // halvings of an interval, down to the resolution of time
constexpr double rounding = 1e-12;  // relative, of a number
}  // namespace

void StraightLines::take_note(const Row& row) {
  constexpr double none = std::numeric_limits<double>::infinity();
  least_.resize(row.numbers.size(), none);
  largest_.resize(row.numbers.size(), -none);
  for (std::size_t q = 0; q < row.numbers.size(); ++q) {
    if (!std::isfinite(row.numbers[q])) continue;
    least_[q] = std::min(least_[q], row.numbers[q]);
    largest_[q] = std::max(largest_[q], row.numbers[q]);
  }
}

bool StraightLines::is_straight(const Row& begin, const Row& row, const Row& end) const {
  const double length = end.time - begin.time;
  const double share = length > 0 ? (row.time - begin.time) / length : 1.0;
  for (std::size_t q = 0; q < row.numbers.size(); ++q) {
    const double line = begin.numbers[q] + share * (end.numbers[q] - begin.numbers[q]);
    const double off = std::abs(row.numbers[q] - line);
    if (!std::isfinite(off)) continue;
    if (off > share_ * (largest_[q] - least_[q]) + rounding * std::abs(row.numbers[q])) return false;
  }
  return true;
}

void StraightLines::add(const Row& row, const Emit& emit) {
  if (added_ >= most_) {
    if (std::isnan(sparse_from_)) sparse_from_ = row.time;
    return;
  }
  ++added_;
  emit(row);
}

void StraightLines::halve(const Row& begin, const Row& middle, const Row& end, const At& at, const Emit& emit,
                          int depth) {
  if (!std::isnan(sparse_from_)) return;
  const Row early = at(begin.time + 0.5 * (middle.time - begin.time));
  const Row late = at(middle.time + 0.5 * (end.time - middle.time));
  take_note(early);
  take_note(late);
  if (depth == 0 ||
      (is_straight(begin, early, end) && is_straight(begin, middle, end) && is_straight(begin, late, end)))
    return;
  halve(begin, early, middle, at, emit, depth - 1);
  add(middle, emit);
  halve(middle, late, end, at, emit, depth - 1);
}

void StraightLines::fill(const Row& begin, const Row& end, const At& at, const Emit& emit) {
  if (!(end.time > begin.time)) return;
  const Row middle = at(begin.time + 0.5 * (end.time - begin.time));
  for (const Row* row : {&begin, &middle, &end}) take_note(*row);
  halve(begin, middle, end, at, emit, deepest);
}

void StraightLines::jump(const Row& begin, const Row& end, const Emit& emit) {
  take_note(begin);
  take_note(end);
  if (!is_straight(end, begin, end)) add(begin, emit);
}

}  // namespace memdyn
