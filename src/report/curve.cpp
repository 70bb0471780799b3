// SPDX-License-Identifier: MIT
#include "report/curve.hpp"

#include <algorithm>
#include <cmath>

namespace memdyn {

void Extent::add(double value) {
  if (!std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
  if (value != 0) least = std::min(least, std::abs(value));
}

void Extent::add(const Extent& other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
  least = std::min(least, other.least);
}

double Extent::floor() const {
  constexpr double decades = 1e-12;  // fewer than the digits of a double
  return std::max(least, decades * std::max(std::abs(low), std::abs(high)));
}

void CurveSteps::interrupt() {
  if (!interrupted_) pass_({last_[0], std::nan(""), last_[2]});
  interrupted_ = true;
}

void CurveSteps::pass(const CurvePoint& row) {
  constexpr double rounding = 1 - 1e-6;  // of a point that was put on the floor
  CurvePoint drawn = row;
  for (const std::size_t axis : {0, 1})
    if (axes_[axis].logarithmic) {
      drawn[axis] = std::abs(row[axis]);
      if (!(drawn[axis] >= rounding * axes_[axis].floor)) return interrupt();
    }
  pass_(drawn);
  last_ = drawn;
  interrupted_ = false;
}

/// Places on the straight line between two values at which a logarithmic axis needs a point: each a tenth of a decade
/// from the next, down to the floor on both sides of a zero.
void CurveSteps::add_shares(std::size_t axis, double from, double to, std::vector<double>& shares) const {
  if (!axes_[axis].logarithmic || from == to) return;
  constexpr double step = 1.2589254117941673;  // 10^0.1
  const double floor = axes_[axis].floor;
  const bool crosses = from * to <= 0;
  for (const double end : {from, to}) {
    const double last = crosses ? floor : std::max(floor, std::min(std::abs(from), std::abs(to)));
    if (end == from && !crosses && std::abs(from) < std::abs(to)) continue;  // the other end is the larger one
    if (end == to && !crosses && std::abs(to) <= std::abs(from)) continue;
    for (double size = std::abs(end) / step; size > last * step; size /= step)
      shares.push_back((std::copysign(size, end) - from) / (to - from));
    if (crosses && end != 0) {
      shares.push_back((std::copysign(floor, end) - from) / (to - from));
      if (end == from) shares.push_back(-from / (to - from));  // zero itself, where the curve is interrupted
    }
  }
}

void CurveSteps::add(const CurvePoint& row, bool joins) {
  if (!joins) {
    interrupt();
    before_.reset();
    missing_ = 0;
  }
  if (!std::isfinite(row[0]) || !std::isfinite(row[1])) {
    if (++missing_ > 1) interrupt();
    return;
  }
  if (before_ && missing_ < 2) {
    std::vector<double> shares;
    for (const std::size_t axis : {0, 1}) add_shares(axis, (*before_)[axis], row[axis], shares);
    std::ranges::sort(shares);
    for (const double share : shares) {
      if (!(share > 0 && share < 1)) continue;
      CurvePoint between;
      for (std::size_t k = 0; k < 3; ++k) between[k] = (*before_)[k] + share * (row[k] - (*before_)[k]);
      pass(between);
    }
  }
  pass(row);
  before_ = row;
  missing_ = 0;
}

CurveThinning::CurveThinning(std::uint64_t points, const std::array<double, 2>& x, const std::array<double, 2>& y,
                             bool over_time, const std::array<bool, 2>& logarithmic, std::size_t most)
    : logarithmic_(logarithmic) {
  if (over_time && !logarithmic[0] && points > most) {
    times_.emplace(x[0], x[1], 2);
    return;
  }
  if (points <= most && !logarithmic[0] && !logarithmic[1]) return;
  const auto measured = [](const std::array<double, 2>& range, bool log) {
    return log ? std::array{std::log(range[0]), std::log(range[1])} : range;
  };
  path_.emplace(measured(x, logarithmic[0]), measured(y, logarithmic[1]), 2 * most);
}

void CurveThinning::add(const CurvePoint& point) {
  if (times_) return times_->add(std::array{point[0], point[1]});
  if (!path_) {
    for (std::size_t k = 0; k < 3; ++k) columns_[k].push_back(point[k]);
    return;
  }
  path_->add(
      {logarithmic_[0] ? std::log(point[0]) : point[0], logarithmic_[1] ? std::log(point[1]) : point[1], point[2]});
}

std::vector<std::vector<double>> CurveThinning::columns() {
  if (times_) {
    const auto rows = times_->rows();
    for (std::size_t at = 0; at < rows.size(); at += 2) {
      columns_[0].push_back(rows[at]);
      columns_[1].push_back(rows[at + 1]);
      columns_[2].push_back(rows[at]);
    }
  }
  if (path_)
    for (const auto& [x, y, time] : path_->points()) {
      columns_[0].push_back(logarithmic_[0] ? std::exp(x) : x);
      columns_[1].push_back(logarithmic_[1] ? std::exp(y) : y);
      columns_[2].push_back(time);
    }
  return columns_;
}

}  // namespace memdyn
