// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/straight_lines.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace memdyn::test_dynamics_straight_lines {

using Row = StraightLines::Row;

namespace {
/// The rows recorded for one function on [0, 1], both ends included.
template <class Function>
std::vector<Row> rows_of(StraightLines& lines, const Function& function) {
  const auto at = [&](double time) { return Row{time, {function(time)}}; };
  std::vector<Row> rows{at(0.0)};
  lines.fill(rows.front(), at(1.0), at, [&](const Row& row) { rows.push_back(row); });
  rows.push_back(at(1.0));
  return rows;
}
/// The largest deviation of a function from the straight lines, at many points of each line.
template <class Function>
double departure(const std::vector<Row>& rows, const Function& function) {
  double most = 0.0;
  for (std::size_t r = 1; r < rows.size(); ++r)
    for (int k = 1; k < 64; ++k) {
      const double share = k / 64.0;
      const double time = rows[r - 1].time + share * (rows[r].time - rows[r - 1].time);
      const double line = rows[r - 1].numbers[0] + share * (rows[r].numbers[0] - rows[r - 1].numbers[0]);
      most = std::max(most, std::abs(function(time) - line));
    }
  return most;
}
}  // namespace

TEST_CASE("straight lines between rows follow a curve to the given fraction of its range, with few rows") {
  const auto check = [](const auto& function, double range, std::size_t most) {
    StraightLines lines;
    const auto rows = rows_of(lines, function);
    CHECK(departure(rows, function) <= 1.1 * StraightLines::share_of_range * range);
    CHECK(rows.size() <= most);
    CHECK(std::ranges::is_sorted(rows, {}, &Row::time));
    CHECK(lines.added() + 2 == rows.size());
    CHECK(std::isnan(lines.sparse_from()));
  };
  // a chord of length h deviates from the curve by h² |f''|/8; halving needs at most twice the optimal number of rows
  check([](double t) { return 3.0 + 2.0 * t; }, 2.0, 2);
  check([](double t) { return t * t; }, 1.0, 2 * 16 + 2);
  check([](double t) { return std::sin(2 * std::numbers::pi * t); }, 2.0, 2 * 50 + 2);
  check([](double t) { return std::exp(-200.0 * t); }, 1.0, 2 * 64 + 2);
  check([](double t) { return 1e-30 * t * (1.0 - t) * (t - 0.5); }, 1e-31, 2 * 64 + 2);
  check([](double) { return 0.0; }, 0.0, 2);
}

TEST_CASE("rounding errors do not add rows") {
  StraightLines lines;
  const auto rows = rows_of(lines, [](double t) { return 1.0 + 1e-15 * std::sin(1e6 * t); });
  CHECK(rows.size() == 2);
}

TEST_CASE("the tolerance is relative to the range so far, for each number separately") {
  StraightLines lines;
  std::vector<Row> rows;
  const auto keep = [&](const Row& row) { rows.push_back(row); };
  const auto at = [](double t) { return Row{t, {t * t, t < 1.0 ? 0.0 : 1e-2 * std::sin(2 * std::numbers::pi * t)}}; };
  lines.fill({0.0, {0.0, 0.0}}, at(100.0), [](double t) { return Row{t, {t * t, 0.0}}; }, keep);
  rows.clear();
  lines.fill(at(100.0), at(101.0), at, keep);  // a hundredth of the range of t², but the whole range of the sine
  CHECK(rows.size() > 30);
  rows.clear();
  lines.fill(at(1.0), at(2.0), [](double t) { return Row{t, {t * t, 0.0}}; }, keep);
  CHECK(rows.empty());
}

TEST_CASE("a visible jump gets a row where it begins") {
  StraightLines lines;
  std::vector<Row> rows;
  const auto keep = [&](const Row& row) { rows.push_back(row); };
  lines.jump({1.0, {0.0, 2.0}}, {1.0, {0.0, 3.0}}, keep);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].numbers[1] == 2.0);
  lines.jump({2.0, {0.0, 2.0}}, {2.0, {0.0, 2.0001}}, keep);
  CHECK(rows.size() == 1);
}

TEST_CASE("a number that is not finite adds no rows") {
  StraightLines lines;
  const auto rows = rows_of(lines, [](double t) { return t < 1.0 ? t : std::numeric_limits<double>::infinity(); });
  CHECK(rows.size() == 2);
}

TEST_CASE("after the largest number of rows none are added, and the time of that is reported") {
  StraightLines lines(1e-3, 10);
  int looks = 0;
  const auto rows = rows_of(lines, [&](double t) {
    ++looks;
    return std::sin(2e3 * std::numbers::pi * t);
  });
  CHECK(lines.added() == 10);
  CHECK(rows.size() == 12);
  CHECK(lines.sparse_from() > rows[10].time);
  CHECK(lines.sparse_from() < 1.0);
  CHECK(looks < 500);
}

}  // namespace memdyn::test_dynamics_straight_lines
