// SPDX-License-Identifier: MIT
#include "report/thinning.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

namespace memdyn::test_report_thinning {

TEST_CASE("thinning over time keeps every extreme, the ends, and few rows") {
  const std::size_t rows = 300'000;
  TimeThinning thinning(0, 1, 3);
  for (std::size_t k = 0; k < rows; ++k) {
    const double t = static_cast<double>(k) / (rows - 1);
    const double spike = k == 123'457 ? 9.0 : k == 222'222 ? -7.0 : 0.0;
    thinning.add(std::vector{t, std::sin(2e5 * t), spike});
  }
  const auto kept = thinning.rows();
  CHECK(kept.size() % 3 == 0);
  CHECK(kept.size() / 3 < 6 * 2001);
  CHECK(kept[0] == 0.0);
  CHECK(kept[kept.size() - 3] == 1.0);
  std::size_t high = 0;
  std::size_t low = 0;
  for (std::size_t at = 0; at < kept.size(); at += 3) {
    if (at > 0) CHECK(kept[at] > kept[at - 3]);
    high += kept[at + 2] == 9.0 ? 1 : 0;
    low += kept[at + 2] == -7.0 ? 1 : 0;
  }
  CHECK((high == 1 && low == 1));
}

TEST_CASE("thinning over time is bounded, whatever the times are") {
  TimeThinning thinning(0, 1, 2);
  for (int k = 0; k < 100'000; ++k)
    thinning.add(std::vector{k % 3 == 0 ? std::nan("") : k % 3 == 1 ? 1e300 : -1e300, 1.0 * k});
  CHECK(thinning.rows().size() < 100);
}

TEST_CASE("thinning of a path leaves out what no pixel shows, and is bounded") {
  PathThinning loops({-1, 1}, {-1, 1});
  for (int k = 0; k <= 1'000'000; ++k) {
    const double t = 1e-6 * k;
    loops.add({std::cos(500 * t), std::sin(500 * t), t});
  }
  const auto points = loops.points();
  CHECK(points.size() <= 40'001);
  CHECK(points.size() > 1000);
  CHECK(std::ranges::max(points, {}, [](const auto& p) { return p[1]; })[1] > 0.99);
  PathThinning broken({0, 1}, {0, 1});
  for (const double x : {0.0, 1e-9, std::nan(""), std::nan(""), 1e-9, 0.5}) broken.add({x, 0, 0});
  CHECK(broken.points().size() == 4);  // the second point, and the second gap, are left out
}

TEST_CASE("thinning of thousands of loops keeps whole lines of them, and one loop at another place") {
  const int rows = 43;  // in a loop
  PathThinning loops({-1, 1}, {-1, 1}, 2000);
  for (int k = 0; k < 5000 * rows; ++k) {
    const double radius = k / rows == 4000 ? 0.5 : 0.9;
    const double angle = 2 * 3.14159265358979 * 1.0001 * k / rows;
    loops.add({radius * std::cos(angle), radius * std::sin(angle), 1.0 * k});
  }
  const auto points = loops.points();
  CHECK(points.size() <= 2001);
  double turn = 0;
  double inner = 0;
  for (std::size_t k = 1; k < points.size(); ++k) {
    if (std::isnan(points[k][1]) || std::isnan(points[k - 1][1])) continue;
    REQUIRE(points[k][2] - points[k - 1][2] == 1);  // from one row to the next
    const double size = std::hypot(points[k][0], points[k][1]);
    (size < 0.6 ? inner : turn) += 1.0 / rows;
  }
  CHECK(turn > 0.99);
  CHECK(inner > 0.9);
  for (int k = 0; k < 100; ++k) {  // the outer loop is closed
    const double angle = 2 * 3.14159265358979 * k / 100;
    const auto distance = [&](const auto& p) {
      return std::isnan(p[1]) ? 9.0 : std::hypot(p[0] - 0.9 * std::cos(angle), p[1] - 0.9 * std::sin(angle));
    };
    CHECK(distance(std::ranges::min(points, {}, distance)) < 0.15);
  }
}

}  // namespace memdyn::test_report_thinning
