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
}  // namespace

PathThinning::PathThinning(const std::array<double, 2>& x, const std::array<double, 2>& y, std::size_t most)
    : width_(x[1] - x[0]), height_(y[1] - y[0]), tolerance_(first_tolerance), most_(most) {}

bool PathThinning::far(const std::array<double, 3>& a, const std::array<double, 3>& b) const {
  const bool finite = std::isfinite(a[0]) && std::isfinite(a[1]);
  if (finite != (std::isfinite(b[0]) && std::isfinite(b[1]))) return true;  // the line is interrupted there
  return finite && (std::abs(a[0] - b[0]) > tolerance_ * width_ || std::abs(a[1] - b[1]) > tolerance_ * height_);
}

void PathThinning::add(const std::array<double, 3>& point) {
  last_ = point;
  left_out_ = !points_.empty() && !far(points_.back(), point);
  if (left_out_) return;
  points_.push_back(point);
  if (points_.size() > most_) coarsen();
}

void PathThinning::coarsen() {
  tolerance_ *= 2;
  std::size_t kept = 1;
  for (std::size_t k = 1; k < points_.size(); ++k)
    if (far(points_[kept - 1], points_[k])) points_[kept++] = points_[k];
  points_.resize(kept);
}

std::vector<std::array<double, 3>> PathThinning::points() {
  if (left_out_) points_.push_back(last_);
  left_out_ = false;
  return std::move(points_);
}

}  // namespace memdyn
