// SPDX-License-Identifier: MIT
#include "report/thinning.hpp"

#include <algorithm>
#include <cmath>

namespace memdyn {
namespace {

/// A picture is 820 pixels wide, a PNG twice that.
constexpr std::size_t most_bins = 2000;
/// Values of the rows that are kept in all, for a trajectory of many variables.
constexpr std::size_t most_numbers = 2'000'000;

/// Bins whose rows, at most two for each column, stay within most_numbers.
std::size_t bins_of(std::size_t columns) {
  return std::clamp<std::size_t>(most_numbers / (2 * columns * columns), 50, most_bins);
}

}  // namespace

TimeThinning::TimeThinning(double first, double last, std::size_t columns)
    : first_(first), bins_(bins_of(columns)), kept_(2 * columns) {
  width_ = (last - first) / static_cast<double>(bins_);
}

void TimeThinning::keep(Kept& slot, std::span<const double> row) {
  slot.number = number_;
  slot.any = true;
  slot.values.assign(row.begin(), row.end());
}

void TimeThinning::add(std::span<const double> row) {
  const double at = width_ > 0 ? std::min(std::floor((row[0] - first_) / width_), static_cast<double>(bins_)) : 0;
  // a time that falls, or is not a number, stays in its bin, so that the number of bins is bounded
  if (at > static_cast<double>(bin_)) {
    end_bin();
    bin_ = static_cast<std::size_t>(at);
  }
  if (!kept_[0].any) keep(kept_[0], row);
  keep(kept_[1], row);
  for (std::size_t c = 1; c < row.size(); ++c) {
    Kept& low = kept_[2 * c];
    Kept& high = kept_[2 * c + 1];
    if (!std::isnan(row[c]) && (!low.any || row[c] < low.values[c])) keep(low, row);
    if (!std::isnan(row[c]) && (!high.any || row[c] > high.values[c])) keep(high, row);
  }
  ++number_;
}

void TimeThinning::end_bin() {
  std::erase_if(kept_, [](const Kept& slot) { return !slot.any; });
  const std::size_t columns = kept_.empty() ? 0 : kept_.front().values.size();
  std::ranges::sort(kept_, {}, &Kept::number);
  for (std::size_t k = 0; k < kept_.size(); ++k)
    if (k == 0 || kept_[k].number != kept_[k - 1].number)
      rows_.insert(rows_.end(), kept_[k].values.begin(), kept_[k].values.end());
  kept_.assign(2 * columns, {});
}

std::vector<double> TimeThinning::rows() {
  if (std::ranges::any_of(kept_, &Kept::any)) end_bin();
  return std::move(rows_);
}

namespace {
/// Half a pixel of a PNG.
constexpr double first_tolerance = 1.0 / 2000;

bool is_finite(const PathThinning::Point& point) { return std::isfinite(point[0]) && std::isfinite(point[1]); }
}  // namespace

PathThinning::PathThinning(const std::array<double, 2>& x, const std::array<double, 2>& y, std::size_t most)
    : low_{x[0], y[0]}, size_{x[1] - x[0], y[1] - y[0]}, tolerance_(first_tolerance), most_(most) {}

bool PathThinning::far(const Point& a, const Point& b) const {
  if (is_finite(a) != is_finite(b)) return true;  // the line is interrupted there
  return is_finite(a) &&
         (std::abs(a[0] - b[0]) > tolerance_ * size_[0] || std::abs(a[1] - b[1]) > tolerance_ * size_[1]);
}

void PathThinning::add(const Point& point) {
  last_ = point;
  lead_to(point);
  while (points_.size() > most_) coarsen();
}

/// Leads the path to a point, unless that is too near.
void PathThinning::lead_to(const Point& point) {
  left_out_ = begun_ && !far(end_, point);
  if (left_out_) return;
  if (places_ == 0) {
    points_.push_back(point);
    at_end_ = true;
  } else if (begun_ && is_finite(end_) && is_finite(point) && passes_new_place(end_, point)) {
    if (!at_end_) {
      if (!points_.empty()) points_.push_back({end_[0], std::nan(""), end_[2]});
      points_.push_back(end_);
    }
    points_.push_back(point);
    at_end_ = true;
  } else {
    at_end_ = false;
  }
  end_ = point;
  begun_ = true;
}

/// Marks the places through which a line leads. @returns true if no line has led through one of them
bool PathThinning::passes_new_place(const Point& a, const Point& b) {
  const auto last = static_cast<double>(places_ - 1);
  std::array<double, 2> from{}, way{};
  for (const std::size_t axis : {0, 1}) {
    const auto place = [&](double value) {
      return size_[axis] > 0 && std::isfinite(size_[axis])
                 ? last * std::clamp((value - low_[axis]) / size_[axis], 0.0, 1.0)
                 : 0.0;
    };
    from[axis] = place(a[axis]);
    way[axis] = place(b[axis]) - from[axis];
  }
  const double steps = std::max(1.0, std::ceil(std::max(std::abs(way[0]), std::abs(way[1]))));
  bool passes = false;
  for (double step = 0; step <= steps; ++step) {
    const auto index = [&](std::size_t axis) {
      return static_cast<std::size_t>(std::lround(from[axis] + way[axis] * (step / steps)));
    };
    const std::size_t place = index(1) * places_ + index(0);
    passes = passes || !passed_[place];
    passed_[place] = true;
  }
  return passes;
}

/// Thins the points that are kept with twice the tolerance.
void PathThinning::coarsen() {
  tolerance_ *= 2;
  places_ = static_cast<std::size_t>(1 / tolerance_) + 1;
  passed_ = std::vector<bool>(places_ * places_, false);
  const Point end = end_;
  const bool was_at_end = at_end_;
  std::vector<Point> all;
  all.swap(points_);
  begun_ = false;
  for (const Point& point : all) lead_to(point);
  if (was_at_end) return;
  end_ = end;  // no line that is kept leads there
  at_end_ = left_out_ = false;
}

std::vector<PathThinning::Point> PathThinning::points() {
  if (left_out_ && at_end_) points_.push_back(last_);
  left_out_ = false;
  return std::move(points_);
}

}  // namespace memdyn
