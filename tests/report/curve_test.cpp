// SPDX-License-Identifier: MIT
#include "report/curve.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "report/time_rows.hpp"

namespace memdyn::test_report_curve {

using Catch::Matchers::WithinRel;

namespace {

constexpr CurveSteps::Axis linear{};

/// The points of a curve through rows of x and y; NaN for y where it is interrupted.
std::vector<CurvePoint> points_of(const std::vector<CurvePoint>& rows, const CurveSteps::Axis& x,
                                  const CurveSteps::Axis& y) {
  std::vector<CurvePoint> points;
  CurveSteps steps(x, y, [&](const CurvePoint& point) { points.push_back(point); });
  for (const CurvePoint& row : rows) steps.add(row, &row != &rows.front());
  return points;
}

std::size_t interruptions(const std::vector<CurvePoint>& points) {
  return static_cast<std::size_t>(std::ranges::count_if(points, [](const CurvePoint& p) { return std::isnan(p[1]); }));
}

/// The rows that a window lets pass, each with its time and one number.
std::vector<std::array<double, 2>> passed(const std::vector<std::array<double, 2>>& rows, const TimeSpan& span) {
  std::vector<std::array<double, 2>> all;
  TimeWindow window(span);
  for (const auto& row : rows) window.add(row, [&](std::span<const double> one) { all.push_back({one[0], one[1]}); });
  return all;
}

}  // namespace

TEST_CASE("a curve on linear axes has the rows as its points", "[picture]") {
  const std::vector<CurvePoint> rows{{0, 1, 0}, {1, -1, 1}, {2, 0, 2}};
  CHECK(points_of(rows, linear, linear) == rows);
}

TEST_CASE("a row without a value does not interrupt a curve, several do", "[picture]") {
  const double none = std::nan("");
  CHECK(interruptions(points_of({{0, 1, 0}, {1, none, 1}, {2, 3, 2}}, linear, linear)) == 0);
  const auto broken = points_of({{0, 1, 0}, {1, none, 1}, {2, none, 2}, {3, 3, 3}, {4, 4, 4}}, linear, linear);
  CHECK(interruptions(broken) == 1);
  CHECK(broken.size() == 4);
  CHECK(points_of({{0, none, 0}, {1, none, 1}}, linear, linear).empty());
}

TEST_CASE("another trajectory begins without a line to it", "[picture]") {
  std::vector<CurvePoint> points;
  CurveSteps steps(linear, linear, [&](const CurvePoint& point) { points.push_back(point); });
  steps.add({0, 1, 0}, false);
  steps.add({1, 2, 1}, true);
  steps.add({0, 5, 0}, false);
  CHECK(interruptions(points) == 1);
  CHECK(points.back() == CurvePoint{0, 5, 0});
}

TEST_CASE("a straight line is drawn as its logarithm, down to the floor on both sides of zero", "[picture]") {
  const CurveSteps::Axis log{true, 1e-4};
  const auto points = points_of({{-1, -1, 0}, {1, 1, 2}}, linear, log);
  REQUIRE(interruptions(points) == 1);
  double lowest = 1;
  double last = -2;
  for (const auto& [x, y, time] : points) {
    if (std::isnan(y)) continue;
    CHECK(x > last);
    last = x;
    CHECK_THAT(y, WithinRel(std::abs(x), 1e-9));  // y = x
    CHECK_THAT(time, WithinRel(x + 1, 1e-9));
    lowest = std::min(lowest, y);
  }
  CHECK_THAT(lowest, WithinRel(1e-4, 1e-9));
  CHECK(points.size() > 60);  // ten points a decade, four decades, twice
  for (std::size_t k = 1; k < points.size(); ++k)
    if (!std::isnan(points[k][1]) && !std::isnan(points[k - 1][1]))
      CHECK(std::abs(std::log10(points[k][1] / points[k - 1][1])) < 0.21);
}

TEST_CASE("a logarithmic axis shows a line that begins at zero from the floor on", "[picture]") {
  const CurveSteps::Axis log{true, 1e-3};
  const auto points = points_of({{0, 0, 0}, {1, 10, 1}}, linear, log);
  CHECK(interruptions(points) == 0);
  CHECK_THAT(points.front()[1], WithinRel(1e-3, 1e-9));
  CHECK_THAT(points.front()[0], WithinRel(1e-4, 1e-9));
  CHECK(points.back() == CurvePoint{1, 10, 1});
}

TEST_CASE("the floor is the smallest magnitude, within the digits of a double", "[picture]") {
  Extent extent;
  for (const double value : {0.0, -2.0, 1e-5, std::nan("")}) extent.add(value);
  CHECK(extent.low == -2.0);
  CHECK(extent.high == 1e-5);
  CHECK(extent.floor() == 1e-5);
  extent.add(1e-300);
  CHECK_THAT(extent.floor(), WithinRel(2e-12, 1e-12));
}

TEST_CASE("thinned curves keep their extremes on logarithmic axes, and few points", "[picture]") {
  const std::size_t rows = 100'000;
  CurveThinning thinning(rows, {1e-6, 1.0}, {1e-9, 1.0}, false, {true, true}, 5000);
  for (std::size_t k = 0; k < rows; ++k) {
    const double x = std::pow(1e-6, 1 - static_cast<double>(k) / (rows - 1));
    thinning.add({x, std::pow(x, 1.5), x});
  }
  const auto columns = thinning.columns();
  CHECK(columns[0].size() < 10'001);
  CHECK(columns[0].size() > 300);
  CHECK_THAT(columns[0].front(), WithinRel(1e-6, 1e-9));
  CHECK_THAT(columns[1].back(), WithinRel(1.0, 1e-9));
  for (std::size_t k = 0; k < columns[0].size(); ++k)
    CHECK_THAT(columns[1][k], WithinRel(std::pow(columns[0][k], 1.5), 1e-9));
}

TEST_CASE("a window of time adds the points at which a line crosses its ends", "[picture]") {
  using Rows = std::vector<std::array<double, 2>>;
  CHECK(passed({{0, 0}, {1, 10}, {2, 20}, {4, 0}}, {0.5, 3}) == Rows{{0.5, 5}, {1, 10}, {2, 20}, {3, 10}});
  CHECK(passed({{0, 0}, {10, 10}}, {4, 6}) == Rows{{4, 4}, {6, 6}});                        // no row lies between
  CHECK(passed({{0, 0}, {1, 1}, {1, 5}, {2, 2}}, {1, 2}) == Rows{{1, 1}, {1, 5}, {2, 2}});  // a jump
  CHECK(passed({{0, 0}, {1, 1}}, {2, 3}).empty());
  CHECK(passed({{0, 7}, {1, 8}}, {}) == Rows{{0, 7}, {1, 8}});
  CHECK(passed({{std::nan(""), 7}, {1, 8}}, {}) == Rows{{1, 8}});
}

}  // namespace memdyn::test_report_curve
