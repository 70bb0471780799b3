// SPDX-License-Identifier: MIT
#include "memdyn/scalar/series.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <complex>
#include <functional>
#include <limits>
#include <numbers>

#include "memdyn/core/random.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "support/series.hpp"

namespace memdyn::test_scalar_series {

using Catch::Matchers::WithinRel;

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

TEST_CASE("inverse functions of series have their Taylor coefficients") {
  Coefficients sines{};
  double binomial = 1.0;  // arcsin x = Σ (2k)!/(4^k k!² (2k + 1)) x^(2k + 1)
  for (std::size_t k = 0; 2 * k + 1 <= order; ++k) {
    const auto n = static_cast<double>(k);
    if (k > 0) binomial *= (2 * n - 1) / (2 * n);
    sines[2 * k + 1] = binomial / (2 * n + 1);
  }
  check_close(expanded([](const S& x) { return arc_sine(x); }, identity(0)), sines);
  Coefficients cosines{};
  std::ranges::transform(sines, cosines.begin(), std::negate{});
  cosines[0] = std::numbers::pi / 2;
  check_close(expanded([](const S& x) { return arc_cosine(x); }, identity(0)), cosines);
  // 1/(1 + x²) is the imaginary part of 1/(x - i)
  for (const double from : {0.0, 0.3, -2.5, 40.0}) {
    Coefficients tangents{std::atan(from)};
    for (std::size_t n = 1; n <= order; ++n)
      tangents[n] = (n % 2 == 1 ? 1.0 : -1.0) / static_cast<double>(n) *
                    std::pow(std::complex(from, -1.0), -static_cast<double>(n)).imag();
    check_close(expanded([](const S& x) { return arc_tangent(x); }, identity(from)), tangents);
  }
  for (const double end : {1.0, -1.0})
    CHECK_FALSE(std::isfinite(expanded([](const S& x) { return arc_sine(x); }, identity(end)).back()));
}

TEST_CASE("inverse functions have their Taylor coefficients where the inner slope vanishes, and near their ends") {
  // by mpmath, with 60 digits
  const auto inner = [](const S& s) { return S(0.8 * cosine(s)); };
  const std::array<double, 11> even{0.92729521800161223, -0.66666666666666667, 0.35185185185185185, -0.3639917695473251,
                                    0.47332982232673591, -0.68938859948033473, 1.0759569985473763,  -1.7593683314426361,
                                    2.9750407485251381,  -5.1598126783539547,  9.1281197236263344};
  Coefficients sines{}, cosines{};
  for (std::size_t k = 0; k < even.size(); ++k) {
    sines[2 * k] = even[k];
    cosines[2 * k] = k == 0 ? 0.64350110879328439 : -even[k];
  }
  check_close(expanded([&](const S& s) { return arc_sine(inner(s)); }, identity(0)), sines);
  check_close(expanded([&](const S& s) { return arc_cosine(inner(s)); }, identity(0)), cosines);
  const std::array<double, 11> tangent{1.1071487177940905,     -0.2,
                                       -0.063333333333333333,  -0.016555555555555556,
                                       -0.0032567460317460317, -0.00023469223985890653,
                                       0.00017804845411789856, 0.00011669972284476253,
                                       4.4351796063314747e-5,  1.1740677114514109e-5,
                                       1.615638103775642e-6};
  Coefficients tangents{};
  for (std::size_t k = 0; k < tangent.size(); ++k) tangents[2 * k] = tangent[k];
  check_close(expanded([](const S& s) { return arc_tangent(S(2.0 * cosine(s))); }, identity(0)), tangents);
  // arcsin(0.9 + s/10): the coefficients of arcsin at 0.9, and powers of 1/10
  const Coefficients at_09{1.1197695149986342,    2.2941573387056177, 5.4335305390396208, 27.750194955718921,
                           173.84287458700172,    1218.5768932089246, 9146.2895032199078, 71898.999852316496,
                           584379.18327261633,    4871052.8352489819, 41411944.043463874, 357703239.76495167,
                           3130290986.9011101,    27693872238.792,    247288014226.73279, 2225755560107.5274,
                           20172187556371.417,    183933040367422.49, 1686134710972526.6, 15530856106303596.0,
                           1.4366593219963136e+17};
  Coefficients near_end{};
  for (std::size_t n = 0; n <= order; ++n) near_end[n] = at_09[n] * std::pow(0.1, static_cast<double>(n));
  check_close(expanded([](const S& x) { return arc_sine(x); }, {0.9, 0.1}), near_end);
}

TEST_CASE("inverse functions of random series satisfy identities, and their values are those of numbers") {
  RandomStream random(9, static_cast<std::uint64_t>(GENERATE(range(0, 20))), Purpose::samples);
  const auto x = random_series(random, -0.5);
  check_close(expanded([](const S& a) { return sine(arc_sine(a)); }, x), x, 1e-11);
  check_close(expanded([](const S& a) { return cosine(arc_cosine(a)); }, x), x, 1e-11);
  check_close(expanded([](const S& a) { return sine(arc_tangent(a)) / cosine(arc_tangent(a)); }, x), x, 1e-11);
  CHECK(expanded([](const S& a) { return arc_sine(a); }, x)[0] == std::asin(x[0]));
  CHECK(expanded([](const S& a) { return arc_cosine(a); }, x)[0] == std::acos(x[0]));
  CHECK(expanded([](const S& a) { return arc_tangent(a); }, x)[0] == std::atan(x[0]));
}

TEST_CASE("inverse functions of dual numbers have their derivatives") {
  using D = Dual<1>;
  for (const double at : {-0.9, -0.1, 0.0, 1e-6, 0.5, 0.99}) {
    D x(at);
    x.derivatives()(0) = 3.0;
    CHECK(arc_sine(x).value() == std::asin(at));
    CHECK_THAT(arc_sine(x).derivatives()(0), WithinRel(3.0 / std::sqrt(1 - at * at), 1e-13));
    CHECK_THAT(arc_cosine(x).derivatives()(0), WithinRel(-3.0 / std::sqrt(1 - at * at), 1e-13));
    CHECK_THAT(arc_tangent(D(50.0 * x)).derivatives()(0), WithinRel(150.0 / (1 + 2500.0 * at * at), 1e-13));
  }
}

TEST_CASE("inverse functions of packs are correct to two units in the last place, whatever their neighbours") {
  RandomStream random(2, 0, Purpose::samples);
  const auto ulps = [](double got, long double wanted) {
    const double nearest = std::abs(static_cast<double>(wanted));
    const long double unit = std::nextafter(nearest, std::numeric_limits<double>::infinity()) - nearest;
    return static_cast<double>(std::abs(static_cast<long double>(got) - wanted) / unit);
  };
  double worst[3] = {};
  for (int n = 0; n < 50000; ++n) {
    double x[lanes<Pack>];
    for (double& one : x) one = random.below(2) == 0 ? random.uniform(-1, 1) : std::pow(10.0, random.uniform(-12, 0));
    const Pack pack = load<Pack>(x);
    const Pack scaled = Pack(100.0) * pack;
    for (std::size_t l = 0; l < lanes<Pack>; ++l) {
      const auto exact = static_cast<long double>(x[l]);
      worst[0] = std::max(worst[0], ulps(lane(arc_sine(pack), l), std::asin(exact)));
      worst[1] = std::max(worst[1], ulps(lane(arc_cosine(pack), l), std::acos(exact)));
      worst[2] =
          std::max(worst[2], ulps(lane(arc_tangent(scaled), l), std::atan(static_cast<long double>(lane(scaled, l)))));
      if (n < 1000) {
        CHECK(lane(arc_sine(pack), l) == lane(arc_sine(Pack(x[l])), 0));
        CHECK(lane(arc_cosine(pack), l) == lane(arc_cosine(Pack(x[l])), 0));
        CHECK(lane(arc_tangent(scaled), l) == lane(arc_tangent(Pack(lane(scaled, l))), 0));
      }
    }
  }
  INFO("measured " << worst[0] << " " << worst[1] << " " << worst[2]);
  CHECK(*std::max_element(worst, worst + 3) <= 2.0);
  CHECK(std::isnan(lane(arc_sine(Pack(1.0 + 1e-15)), 0)));
  CHECK(std::isnan(lane(arc_cosine(Pack(-1.0 - 1e-15)), 0)));
}

}  // namespace memdyn::test_scalar_series
