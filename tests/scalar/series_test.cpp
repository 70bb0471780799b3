// SPDX-License-Identifier: MIT
#include "memdyn/scalar/series.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <cmath>

#include "memdyn/core/random.hpp"
#include "support/series.hpp"

using namespace memdyn;

namespace {

/// Random coefficients that decrease, as within the radius of convergence.
Coefficients random_series(RandomStream& random, double least) {
  Coefficients x{};
  x[0] = random.uniform(least, least + 1.0);
  for (std::size_t n = 1; n <= order; ++n) x[n] = random.uniform(-1, 1) * std::pow(0.5, static_cast<double>(n));
  return x;
}

void check_close(const Coefficients& a, const Coefficients& b, double within = 1e-13) {
  double largest = 0.0;
  for (const double one : b) largest = std::max(largest, std::abs(one));
  for (std::size_t n = 0; n <= order; ++n) {
    CAPTURE(n, a[n], b[n]);
    CHECK(std::abs(a[n] - b[n]) <= within * (std::abs(b[n]) + 1e-2 * largest));
  }
}

}  // namespace

TEST_CASE("functions of series have their Taylor coefficients") {
  Coefficients exponentials{}, logarithms{}, roots{}, geometric{}, sines{}, cosines{}, hyperbolic{}, even{};
  double factorial = 1.0;
  double binomial = 1.0;
  for (std::size_t n = 0; n <= order; ++n) {
    const auto k = static_cast<double>(n);
    if (n > 0) {
      factorial *= k;
      binomial *= (0.5 - k + 1) / k;
      logarithms[n] = (n % 2 == 1 ? 1.0 : -1.0) / k;
    }
    exponentials[n] = 1 / factorial;
    roots[n] = binomial;
    geometric[n] = n % 2 == 0 ? 1.0 : -1.0;
    (n % 2 == 1 ? sines : cosines)[n] = (n / 2 % 2 == 0 ? 1.0 : -1.0) / factorial;
    (n % 2 == 1 ? hyperbolic : even)[n] = 1 / factorial;
  }
  check_close(expanded([](const S& x) { return exponential(x); }, identity(0)), exponentials);
  check_close(expanded([](const S& x) { return logarithm(x); }, identity(1)), logarithms);
  check_close(expanded([](const S& x) { return square_root(x); }, identity(1)), roots);
  check_close(expanded([](const S& x) { return power(x, 0.5); }, identity(1)), roots);
  check_close(expanded([](const S& x) { return 1.0 / x; }, identity(1)), geometric);
  check_close(expanded([](const S& x) { return power(x, -1.0); }, identity(1)), geometric);
  check_close(expanded([](const S& x) { return sine(x); }, identity(0)), sines);
  check_close(expanded([](const S& x) { return cosine(x); }, identity(0)), cosines);
  check_close(expanded([](const S& x) { return hyperbolic_sine(x); }, identity(0)), hyperbolic);
  check_close(expanded([](const S& x) { return hyperbolic_cosine(x); }, identity(0)), even);
}

TEST_CASE("integer powers have a series at a base of 0, other powers have none") {
  for (const int exponent : {0, 1, 2, 3, 10, 16}) {
    Coefficients expected{};
    expected[static_cast<std::size_t>(exponent)] = 1.0;
    CHECK(expanded([&](const S& x) { return power(x, static_cast<double>(exponent)); }, identity(0)) == expected);
  }
  CHECK_FALSE(std::isfinite(expanded([](const S& x) { return power(x, 2.5); }, identity(0)).back()));
  CHECK_FALSE(std::isfinite(expanded([](const S& x) { return square_root(x); }, identity(0)).back()));
}

TEST_CASE("functions of random series satisfy identities") {
  RandomStream random(7, static_cast<std::uint64_t>(GENERATE(range(0, 20))), Purpose::samples);
  const auto x = random_series(random, 0.5);
  const auto one = expanded([](const S&) { return S(1.0); }, x);
  const double y = random.uniform(-3, 3);
  check_close(expanded([](const S& a) { return exponential(logarithm(a)); }, x), x);
  check_close(expanded([](const S& a) { return square_root(a) * square_root(a); }, x), x);
  check_close(expanded([&](const S& a) { return power(a, y) * power(a, -y); }, x), one);
  check_close(expanded([](const S& a) { return power(a, 7.0); }, x),
              expanded([](const S& a) { return a * a * a * a * a * a * a; }, x), 1e-12);
  check_close(expanded([](const S& a) { return a * a / a; }, x), x);
  check_close(expanded([](const S& a) { return a - (2.0 - a) + (2.0 - a); }, x), x);
  check_close(expanded([](const S& a) { return sine(a) * sine(a) + cosine(a) * cosine(a); }, x), one);
  check_close(expanded([](const S& a) { return sine(S(a + a)); }, x),
              expanded([](const S& a) { return 2.0 * sine(a) * cosine(a); }, x), 1e-12);
  check_close(expanded([](const S& a) { return hyperbolic_cosine(a) + hyperbolic_sine(a); }, x),
              expanded([](const S& a) { return exponential(a); }, x), 1e-12);
  check_close(expanded([](const S& a) { return hyperbolic_tangent(a) * hyperbolic_cosine(a); }, x),
              expanded([](const S& a) { return hyperbolic_sine(a); }, x), 1e-12);
}

TEST_CASE("a root has the series of the implicit function") {
  RandomStream random(8, static_cast<std::uint64_t>(GENERATE(range(0, 20))), Purpose::samples);
  const auto x = random_series(random, -0.5);
  // scales that differ by many orders of magnitude, such as a current of nanoamperes
  const double unit = std::pow(10.0, random.uniform(-12, 12));
  const auto cubic = [](const S& u) { return S(u + u * u * u + hyperbolic_sine(u)); };
  check_close(
      expanded(
          [&](const S& a) { return root_of_growing<S>([&](const S& u) { return cubic(u / unit) - cubic(a); }, 1e-2); },
          x),
      expanded([&](const S& a) { return unit * a; }, x), 1e-11);
}

TEST_CASE("a function of numbers alone is a number") {
  const auto x = identity(2.0);
  const auto found = expanded([](const S& a) { return exponential(S(1.5)) * a + power(S(2.0), 0.5); }, x);
  CHECK(found[0] == std::exp(1.5) * 2.0 + std::sqrt(2.0));
  CHECK(found[1] == std::exp(1.5));
  CHECK(found[2] == 0.0);
}

TEST_CASE("each lane has its own exponent") {
  using Tape = SeriesTape<Pack>;
  const double exponents[] = {2.0, 3.0, 1.5, 0.0};
  for (std::size_t first = 0; first < std::size(exponents); ++first) {
    double numbers[lanes<Pack>];
    for (std::size_t l = 0; l < lanes<Pack>; ++l) numbers[l] = exponents[(first + l) % std::size(exponents)];
    Tape tape(order);
    const Tape::InUse in_use(tape);
    std::array<Pack, order + 1> x;
    x.fill(Pack(0.0));
    x[0] = Pack(0.8);
    x[1] = Pack(1.0);
    const Series<Pack> raised = power(Series<Pack>::of(x.data()), Series<Pack>(load<Pack>(numbers)));
    for (std::size_t n = 1; n <= order; ++n) tape.run(n);
    for (std::size_t l = 0; l < lanes<Pack>; ++l) {
      Coefficients found{};
      for (std::size_t n = 0; n <= order; ++n) found[n] = lane(raised[n], l);
      CAPTURE(numbers[l]);
      check_close(found, expanded([&](const S& a) { return power(a, numbers[l]); }, identity(0.8)));
    }
  }
}
