// SPDX-License-Identifier: MIT
#include "memdyn/scalar/implicit.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "memdyn/core/random.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "support/series.hpp"

namespace memdyn::test_scalar_implicit {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

void check_close(const Coefficients& a, const Coefficients& b, double within = 1e-13) {
  double largest = 0.0;
  for (const double one : b) largest = std::max(largest, std::abs(one));
  for (std::size_t n = 0; n <= order; ++n) {
    CAPTURE(n, a[n], b[n]);
    CHECK(std::abs(a[n] - b[n]) <= within * (std::abs(b[n]) + 1e-2 * largest));
  }
}
/// Random coefficients that decrease, so that the series stays within (-0.9, 0.9) for |σ| < 1/2.
Coefficients random_series(RandomStream& random) {
  Coefficients x{};
  x[0] = random.uniform(-0.6, 0.6);
  for (std::size_t n = 1; n <= order; ++n) x[n] = random.uniform(-1, 1) * std::pow(0.5, static_cast<double>(n));
  return x;
}

}  // namespace

TEST_CASE("the root in a bracket is found over many decades, whichever way the function and the bracket go") {
  for (const double root : {-1e9, -1.0, -1e-12, 0.0, 1e-12, 1.0, 1e9})
    for (const double sign : {1.0, -1.0}) {
      const auto cubic = [=](double x) { return sign * ((x - root) + std::pow(x - root, 3)); };
      CAPTURE(root, sign);
      CHECK_THAT(root_between<double>(cubic, -2e9, 3e9), WithinRel(root, 1e-12) || WithinAbs(root, 1e-15));
      CHECK_THAT(root_between<double>(cubic, 3e9, -2e9), WithinRel(root, 1e-12) || WithinAbs(root, 1e-15));
    }
  CHECK(root_between<double>([](double x) { return x - 0.25; }, 0.25, 7.0) == 0.25);
  CHECK(root_between<double>([](double x) { return x - 0.25; }, -3.0, 0.25) == 0.25);
  CHECK(root_between<double>([](double x) { return x; }, 0.0, 0.0) == 0.0);
  // a diode and a resistance: at the far end the exponential overflows
  const auto diode = [](double v) { return 1e-12 * std::expm1(v / 0.025) + (v - 40.0) / 1e3; };
  const double v = root_between<double>(diode, 0.0, 40.0);
  CHECK_THAT(1e-12 * std::expm1(v / 0.025), WithinRel((40.0 - v) / 1e3, 1e-12));
}

TEST_CASE("no root is invented in a bracket") {
  CHECK(std::isnan(root_between<double>([](double x) { return x * x + 1e-9; }, -1.0, 2.0)));
  CHECK(std::isnan(root_between<double>([](double x) { return x - 3.0; }, 0.0, 2.0)));
  CHECK(std::isnan(root_between<double>([](double x) { return std::sqrt(x) - 1.0; }, -1.0, 2.0)));
  CHECK(std::isnan(root_between<double>([](double x) { return 1.0 / (x - 0.3); }, 0.0, 1.0)));
  CHECK(std::isnan(root_between<double>([](double x) { return x; }, std::nan(""), 1.0)));
  for (const double jump : {1.0, 1e-3, 1e-6, 1e-8})
    CHECK(std::isnan(
        root_between<double>([=](double x) { return x < 0.4 ? x - 0.4 - jump : x - 0.4 + jump; }, 0.0, 1.0)));
  // a jump beside an end where the function is huge
  CHECK(std::isnan(root_between<double>([](double x) { return x < 0.4 ? -1e-3 : std::exp(500 * x); }, 0.0, 1.0)));
  // rounding errors of 1 - 1 beside a root close to 0 are no jump
  for (const double v : {1e-3, 1e-6, 1e-9, 1e-13})
    CHECK_THAT(root_between<double>([=](double x) { return (std::exp(x / 0.03) - 1) + 1e-5 * (x - v); }, -0.01, 0.04),
               WithinAbs(1e-5 * v / (1 / 0.03 + 1e-5), 1e-17));
  // as steep as a root at its zero, also at an end of the bracket, beyond which it is not defined
  const auto steep = [](double x) { return x < 0.4 ? -std::sqrt(0.4 - x) : x - 0.4; };
  CHECK_THAT(root_between<double>(steep, 0.0, 1.0), WithinRel(0.4, 1e-14));
  CHECK_THAT(root_between<double>([](double x) { return std::sqrt(x) - 1e-9; }, 0.0, 1.0), WithinRel(1e-18, 1e-9));
}

TEST_CASE("each lane has its own bracket, and its root does not depend on its neighbours") {
  RandomStream random(3, 0, Purpose::samples);
  for (int n = 0; n < 200; ++n) {
    double level[lanes<Pack>], low[lanes<Pack>], high[lanes<Pack>];
    for (std::size_t l = 0; l < lanes<Pack>; ++l) {
      level[l] = random.uniform(-2, 2);
      low[l] = random.uniform(-4, -1);
      high[l] = random.uniform(1, 4);
    }
    const auto found = [&](const Pack& target, const Pack& a, const Pack& b) {
      return root_between<Pack>([&](const Pack& x) { return Pack(x * x * x + x - target); }, a, b);
    };
    const Pack roots = found(load<Pack>(level), load<Pack>(low), load<Pack>(high));
    for (std::size_t l = 0; l < lanes<Pack>; ++l) {
      const double alone = lane(found(Pack(level[l]), Pack(low[l]), Pack(high[l])), 0);
      const double root = lane(roots, l);
      CHECK((root == alone || (std::isnan(root) && std::isnan(alone))));
      const bool inside = level[l] > std::pow(low[l], 3) + low[l] && level[l] < std::pow(high[l], 3) + high[l];
      CHECK(std::isnan(root) != inside);
      if (inside) CHECK_THAT(root * root * root + root, WithinAbs(level[l], 1e-14 * (1 + std::abs(level[l]))));
    }
  }
}

TEST_CASE("a known root has the derivatives of the implicit function, at every scale") {
  using D = Dual<2>;
  for (const double unit : {1e-15, 1.0, 1e12}) {
    // u + e^u = p in units: u' = 1/(1 + e^u), and along p² it is 2 p times that
    const double p = 1.7;
    const double u = root_between<double>([&](double x) { return x + std::exp(x) - p; }, -5.0, 5.0);
    D parameter(p);
    parameter.derivatives() = Eigen::Vector2d(1.0, 2.0 * p);
    const D root =
        implicit_root<D>([&](const D& x) { return D(D(x / unit) + exp(D(x / unit)) - parameter); }, u * unit);
    CHECK(root.value() == u * unit);
    CHECK_THAT(root.derivatives()(0), WithinRel(unit / (1 + std::exp(u)), 1e-13));
    CHECK_THAT(root.derivatives()(1), WithinRel(2 * p * unit / (1 + std::exp(u)), 1e-13));
  }
  RandomStream random(8, static_cast<std::uint64_t>(GENERATE(range(0, 10))), Purpose::samples);
  const auto x = random_series(random);
  const double unit = std::pow(10.0, random.uniform(-12, 12));
  const auto cubic = [](const S& u) { return S(u + u * u * u + hyperbolic_sine(u)); };
  check_close(expanded(
                  [&](const S& a) {
                    return implicit_root<S>([&](const S& u) { return cubic(u / unit) - cubic(a); }, a.value() * unit);
                  },
                  x),
              expanded([&](const S& a) { return unit * a; }, x), 1e-11);
}

}  // namespace memdyn::test_scalar_implicit
