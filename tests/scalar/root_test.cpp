// SPDX-License-Identifier: MIT
#include "memdyn/scalar/root.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

namespace memdyn::test_scalar_root {

using Catch::Matchers::WithinRel;
using memdyn::root_of_growing;

TEST_CASE("the root of an increasing function is found on either side of zero, over many decades") {
  for (const double root : {-1e9, -1.0, -1e-12, 0.0, 1e-12, 1.0, 1e9})
    CHECK_THAT(root_of_growing<double>([root](double x) { return x - root + (x - root) * std::abs(x - root); }, 1e-3),
               WithinRel(root, 1e-12));
}

TEST_CASE("a function as steep as a square root at its zero has a root there, and a function that jumps has none") {
  // below 1 the inverse of a parabola near its maximum, above 1 a line: between neighbouring numbers it grows by 1e-8
  for (const double level : {1e-8, 1e-9, 3e-10, 0.0, -1e-9, -1e-8}) {
    const auto steep = [level](double x) { return (x < 1 ? -std::sqrt(1 - x) : x - 1) + level; };
    CHECK_THAT(root_of_growing<double>(steep, 1e-3), WithinRel(1.0 + std::max(0.0, -level), 1e-14));
  }
  for (const double jump : {1.0, 1e-6, 1e-8, 1e-9}) {
    const auto jumps = [jump](double x) { return x < 1 ? x - 1 - jump : x - 1 + jump; };
    CHECK(std::isnan(root_of_growing<double>(jumps, 1e-3)));
  }
  // a jump that ends close to zero, next to a line instead of a square root
  CHECK(std::isnan(root_of_growing<double>([](double x) { return x < 1 ? x - 3 : 1e3 * (x - 1) + 1e-6; }, 1e-3)));
}

TEST_CASE("a root is found near the edge of a function's domain, from both sides of zero") {
  for (const double root : {0.999, 0.5, 1e-3, 1e-9, 1e-25}) {
    const auto bounded = [root](double x) { return x < 1.0 ? x - root : std::nan(""); };
    CHECK_THAT(root_of_growing<double>(bounded, 1e3), WithinRel(root, 1e-12));
    CHECK_THAT(root_of_growing<double>([&](double x) { return -bounded(-x); }, 1e3), WithinRel(-root, 1e-12));
  }
  const auto without = [](double x) { return x < 1.0 ? x - 1.5 : std::nan(""); };
  CHECK(std::isnan(root_of_growing<double>(without, 1e-3)));
  CHECK(std::isnan(root_of_growing<double>([](double) { return std::nan(""); }, 1e-3)));
}

}  // namespace memdyn::test_scalar_root
