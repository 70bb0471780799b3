// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/watch.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <functional>

#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/dense_step.hpp"

namespace memdyn::test_dynamics_watch {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using watch::Finding;

namespace {

watch::Slack constant(double slack) {
  return [slack](double) { return slack; };
}

watch::Values<double> values_of(const std::function<double(double)>& f) {
  watch::Values<double> values;
  for (std::size_t j = 0; j < watch::nodes; ++j) values[j] = f(watch::share[j]);
  return values;
}

}  // namespace

TEST_CASE("the nodes are Chebyshev's") {
  for (std::size_t j = 0; j < watch::nodes; ++j)
    CHECK_THAT(watch::share[j], WithinAbs(0.5 * (1 - std::cos(M_PI * static_cast<double>(j) / 8)), 1e-16));
}

TEST_CASE("coefficients reproduce a polynomial, and the remainder of a smooth function is estimated") {
  const auto power = GENERATE(range(0, 9));
  const auto f = [&](double theta) { return std::cos(power * std::acos(2 * theta - 1)); };
  const auto c = watch::coefficients(values_of(f));
  for (int k = 0; k < 9; ++k) CHECK_THAT(c[static_cast<std::size_t>(k)], WithinAbs(k == power ? 1.0 : 0.0, 1e-14));

  const auto smooth = [](double theta) { return std::exp(-2 * theta); };
  const auto values = watch::coefficients(values_of(smooth));
  double off = 0.0;
  for (double theta = 0; theta <= 1; theta += 1e-3) {
    double sum = 0.0;
    for (std::size_t k = 0; k < watch::nodes; ++k)
      sum += values[k] * std::cos(static_cast<double>(k) * std::acos(2 * theta - 1));
    off = std::max(off, std::abs(sum - smooth(theta)));
  }
  CHECK(off <= watch::remainder(values));
  CHECK(watch::remainder(values) < 1e-5);
}

TEST_CASE("the first root of a polynomial is found, however close the second is") {
  RandomStream random(1, 0, Purpose::samples);
  for (int trial = 0; trial < 2000; ++trial) {
    const double first = random.uniform(0.001, 0.999);
    const double apart = std::pow(10.0, random.uniform(-4, -0.5));
    const double third = random.uniform(1.1, 3.0);
    const auto f = [&](double theta) { return (first - theta) * (first + apart - theta) * (third - theta); };
    const double depth = 0.25 * apart * apart * (third - first);  // approximate depth of the dip
    const auto found = watch::examine(values_of(f), constant(1e-2 * depth), 0.0);
    CAPTURE(trial, first, apart, third);
    REQUIRE(found.kind == Finding::crossing);
    CHECK_THAT(found.share, WithinAbs(first, 1e-12 / apart));
    CHECK(found.slope < 0);
  }
}

TEST_CASE("two roots in the first or last part of a step are found, down to the tolerance there") {
  for (const double near : {1e-3, 1e-4, 1e-5}) {
    const auto early = [&](double theta) { return (theta - near) * (theta - 2 * near) * (theta + 0.5); };
    const auto late = [&](double theta) { return early(1 - theta); };
    const watch::Slack local = [&](double theta) { return theta < 0.1 || theta > 0.9 ? 1e-3 * near * near : 1.0; };
    CAPTURE(near);
    const auto first = watch::examine(values_of(early), local, 0.0);
    REQUIRE(first.kind == Finding::crossing);
    CHECK_THAT(first.share, WithinRel(near, 1e-6));
    const auto last = watch::examine(values_of(late), local, 0.0);
    REQUIRE(last.kind == Finding::crossing);
    CHECK_THAT(1 - last.share, WithinAbs(2 * near, 1e-9));
  }
}

TEST_CASE("a positive function is clear of roots, and one with a dip is not") {
  RandomStream random(2, 0, Purpose::samples);
  for (int trial = 0; trial < 2000; ++trial) {
    const double turn = random.uniform(0.0, 1.0);
    const double height = std::pow(10.0, random.uniform(-8, 0));
    const auto above = [&](double theta) { return (theta - turn) * (theta - turn) + height; };
    const auto below = [&](double theta) { return (theta - turn) * (theta - turn) - height; };
    CAPTURE(trial, turn, height);
    CHECK(watch::examine(values_of(above), constant(0.0), 0.0).kind == Finding::clear);
    if (turn * turn > height)
      CHECK(watch::examine(values_of(below), constant(0.1 * height), 0.0).kind == Finding::crossing);
  }
}

TEST_CASE("a function that the nodes do not resolve is reported as unresolved") {
  for (double place = 0.03; place < 0.97; place += 0.001) {
    CAPTURE(place);
    const auto kink = [&](double theta) { return std::abs(theta - place) - 1e-3; };
    CHECK(watch::examine(values_of(kink), constant(1e-9), 0.0).kind == Finding::unresolved);
  }
  const auto wave = [](double theta) { return 1.0 + 1.1 * std::sin(60 * theta); };
  CHECK(watch::examine(values_of(wave), constant(1e-9), 0.0).kind == Finding::unresolved);
  auto broken = values_of([](double) { return 1.0; });
  broken[4] = std::nan("");
  CHECK(watch::examine(broken, constant(1e-9), 0.0).kind == Finding::unresolved);
  const auto near = [](double theta) { return (theta - 0.5) * (theta - 0.5) + 1e-5; };
  CHECK(watch::examine(values_of(near), constant(1e-9), 1e-4).kind ==
        Finding::unresolved);  // the error of its values may be larger
  CHECK(watch::examine(values_of(near), constant(1e-9), 1e-6).kind == Finding::clear);
}

TEST_CASE("a function that begins at zero is noticed when it returns to zero") {
  RandomStream random(3, 0, Purpose::samples);
  for (int trial = 0; trial < 1000; ++trial) {
    const double back = random.uniform(0.05, 0.95);
    const double left = random.uniform(-1e-13, 1e-13);  // the residual of the event location at its beginning
    const auto f = [&](double theta) { return left + theta * (back - theta); };
    CAPTURE(trial, back, left);
    const auto found = watch::examine(values_of(f), constant(1e-10), 0.0, 1e-12);
    REQUIRE(found.kind == Finding::crossing);
    CHECK_THAT(found.share, WithinAbs(back, 1e-9));
    const auto away = [&](double theta) { return left + theta * (back + theta); };
    CHECK(watch::examine(values_of(away), constant(1e-10), 0.0, 1e-12).kind == Finding::clear);
  }
}

TEST_CASE("lanes give the same findings as a single lane") {
  RandomStream random(4, 0, Purpose::samples);
  for (int trial = 0; trial < 500; ++trial) {
    watch::Values<double> values;
    for (double& value : values) value = random.uniform(-0.02, 1.0);
    const bool positive = watch::stays_positive(values, 0.0);
    if (positive) CHECK(watch::examine(values, constant(1e-3), 0.0).kind == Finding::clear);
  }
}

TEST_CASE("a quintic lies within its hull, and interpolates values and slopes at both ends") {
  RandomStream random(5, 0, Purpose::samples);
  for (int trial = 0; trial < 500; ++trial) {
    double n[6];
    for (double& one : n) one = random.uniform(-1, 1);
    const auto curve = quintic(n[0], n[1], n[2], n[3], n[4], n[5]);
    CHECK_THAT(value_at(curve, 0.0), WithinAbs(n[0], 1e-15));
    CHECK_THAT(slope_at(curve, 0.0), WithinAbs(n[1], 1e-15));
    CHECK_THAT(value_at(curve, 1.0), WithinAbs(n[2], 1e-14));
    CHECK_THAT(slope_at(curve, 1.0), WithinAbs(n[3], 1e-14));
    const auto hull = hull_of(curve);
    for (double theta = 0; theta <= 1; theta += 0.01) {
      CHECK(value_at(curve, theta) <= hull.largest + 1e-14);
      CHECK(value_at(curve, theta) >= hull.least - 1e-14);
    }
  }
}

}  // namespace memdyn::test_dynamics_watch
