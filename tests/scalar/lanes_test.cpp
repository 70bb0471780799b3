// SPDX-License-Identifier: MIT
#include "memdyn/scalar/lanes.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "memdyn/core/random.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "scalar/packs.hpp"
#include "support/lane_jobs.hpp"

namespace memdyn::test_scalar_lanes {

namespace {

/// |got - wanted| in units in the last place of a double near `wanted`, which has extended precision.
double ulps(double got, long double wanted) {
  const double nearest = static_cast<double>(wanted);
  const long double unit = std::nextafter(std::abs(nearest), infinity) - std::abs(nearest);
  return static_cast<double>(std::abs(static_cast<long double>(got) - wanted) / unit);
}

/// The largest error of `function` of packs, for arguments from `draw`.
template <class Draw, class Function, class Reference>
double worst(const Draw& draw, const Function& function, const Reference& reference) {
  RandomStream random(1, 0, Purpose::samples);
  double most = 0;
  for (int round = 0; round < 100000; ++round) {
    double x[lanes<Pack>];
    double y[lanes<Pack>];
    for (std::size_t l = 0; l < lanes<Pack>; ++l) std::tie(x[l], y[l]) = draw(random);
    const Pack got = function(load<Pack>(x), load<Pack>(y));
    for (std::size_t l = 0; l < lanes<Pack>; ++l)
      most =
          std::max(most, ulps(lane(got, l), reference(static_cast<long double>(x[l]), static_cast<long double>(y[l]))));
  }
  return most;
}
auto between(double low, double high) {
  return [=](RandomStream& random) { return std::pair(random.uniform(low, high), 0.0); };
}
/// Draws numbers of all magnitudes between `low` and `high`.
auto of_size(double low, double high, bool both_signs) {
  return [=](RandomStream& random) {
    const double size = low * std::pow(high / low, random.uniform());
    return std::pair(both_signs && random.below(2) == 0 ? -size : size, 0.0);
  };
}

}  // namespace

#define CHECK_ULPS(limit, ...)             \
  {                                        \
    const double measured = (__VA_ARGS__); \
    INFO("measured " << measured);         \
    CHECK(measured <= (limit));            \
  }

// The error bounds in core/lanes.hpp.
TEST_CASE("functions of packs are correct to a few units in the last place") {
  using L = long double;
  const auto exp1 = [](const Pack& x, const Pack&) { return Pack(exp(x)); };
  CHECK_ULPS(1.0, worst(between(-700, 700), exp1, [](L x, L) { return std::exp(x); }));
  CHECK_ULPS(1.0, worst(of_size(1e-10, 700, true), exp1, [](L x, L) { return std::exp(x); }));
  const auto exponential1 = [](const Pack& x, const Pack&) { return exponential(x); };
  CHECK_ULPS(1.0, worst(between(-700, 700), exponential1, [](L x, L) { return std::exp(x); }));
  CHECK_ULPS(1.0, worst(between(-2, 2), exponential1, [](L x, L) { return std::exp(x); }));
  CHECK_ULPS(1.0, worst(of_size(1e-10, 700, true), exponential1, [](L x, L) { return std::exp(x); }));
  const auto log1 = [](const Pack& x, const Pack&) { return Pack(log(x)); };
  CHECK_ULPS(1.0, worst(of_size(1e-300, 1e300, false), log1, [](L x, L) { return std::log(x); }));
  CHECK_ULPS(1.0, worst(between(0.5, 2), log1, [](L x, L) { return std::log(x); }));
  const auto sin1 = [](const Pack& x, const Pack&) { return sine(x); };
  const auto cos1 = [](const Pack& x, const Pack&) { return cosine(x); };
  for (const auto& draw : {of_size(1e-10, 1e6, true), of_size(0.1, 100, true)}) {
    CHECK_ULPS(1.0, worst(draw, sin1, [](L x, L) { return std::sin(x); }));
    CHECK_ULPS(1.0, worst(draw, cos1, [](L x, L) { return std::cos(x); }));
  }
  const auto sinh1 = [](const Pack& x, const Pack&) { return Pack(sinh(x)); };
  CHECK_ULPS(2.0, worst(of_size(1e-10, 700, true), sinh1, [](L x, L) { return std::sinh(x); }));
  const auto cosh1 = [](const Pack& x, const Pack&) { return Pack(cosh(x)); };
  CHECK_ULPS(2.0, worst(of_size(1e-10, 700, true), cosh1, [](L x, L) { return std::cosh(x); }));
  const auto tanh1 = [](const Pack& x, const Pack&) { return Pack(tanh(x)); };
  CHECK_ULPS(2.0, worst(of_size(1e-10, 30, true), tanh1, [](L x, L) { return std::tanh(x); }));
  const auto power1 = [](const Pack& x, const Pack& y) { return power(x, y); };
  const auto exact = [](L x, L y) { return std::pow(x, y); };
  const auto draw_power = [](double reach, double most) {
    return [=](RandomStream& random) {
      return std::pair(std::pow(reach, random.uniform(-1, 1)), random.uniform(0.1, most));
    };
  };
  CHECK_ULPS(20.0, worst(draw_power(10, 5), power1, exact));
  CHECK_ULPS(250.0, worst(draw_power(1e6, 10), power1, exact));
}

TEST_CASE("sine and cosine at the edges of quadrants, at zero, and for large arguments") {
  for (const double x :
       {0.0, -0.0, 0x1.921fb54442d18p-1, 0x1.921fb54442d18p0, 0x1.921fb54442d18p1, 1e-300, 22.0, 1e5}) {
    for (const double sign : {1.0, -1.0}) {
      CAPTURE(x, sign);
      CHECK(ulps(lane(sine(Pack(sign * x)), 0), std::sin(static_cast<long double>(sign * x))) <= 1);
      CHECK(ulps(lane(cosine(Pack(sign * x)), 0), std::cos(static_cast<long double>(sign * x))) <= 1);
    }
  }
  CHECK(std::isnan(lane(sine(Pack(infinity)), 0)));
}

TEST_CASE("the exponential of a pack at its limits") {
  const auto of = [](double x) { return lane(exponential(Pack(x)), 0); };
  CHECK(of(0.0) == 1.0);
  CHECK(of(709.0) == std::exp(709.0));
  CHECK(std::isfinite(of(709.78)));
  CHECK(of(709.79) == infinity);
  CHECK(of(infinity) == infinity);
  CHECK(of(-709.0) == 0.0);
  CHECK(of(-infinity) == 0.0);
  CHECK(std::isnan(of(std::nan(""))));
}

TEST_CASE("a power of a pack at its limits") {
  const auto of = [](double x, double y) { return lane(power(Pack(x), Pack(y)), 0); };
  CHECK(of(0.0, 2.5) == 0.0);
  CHECK(of(0.0, 0.0) == 1.0);
  CHECK(of(3.0, 0.0) == 1.0);
  CHECK(of(1.0, 7.0) == 1.0);
  CHECK(of(infinity, 2.0) == infinity);
  CHECK(std::isnan(of(-1.0, 2.0)));
  CHECK(std::isnan(of(std::nan(""), 2.0)));
}

TEST_CASE("the power of step-size control is 0 to 13 % too large") {
  RandomStream random(6, 0, Purpose::samples);
  for (const double y : {-1.0 / 3, -0.2, -0.125}) {
    double least = infinity;
    double most = 0.0;
    for (int n = 0; n < 100000; ++n) {
      const double x = std::pow(1e10, random.uniform(-1, 1));
      const double share = lane(rough_power(Pack(x), y), 0) / std::pow(x, y);
      least = std::min(least, share);
      most = std::max(most, share);
    }
    CAPTURE(y, least, most);
    CHECK(least > 1.0 - 1e-9);
    CHECK(most < 1.13);
    CHECK(most > 1.05);  // the safety factor of the lanes accounts for this
  }
}

TEST_CASE("a lane of a function does not depend on its neighbours") {
  RandomStream random(5, 0, Purpose::samples);
  const auto check = [&](const auto& function, double reach) {
    for (int round = 0; round < 10000; ++round) {
      double x[lanes<Pack>];
      for (double& number : x) number = std::pow(reach, random.uniform(-1, 1));
      const Pack together = function(load<Pack>(x));
      for (std::size_t l = 0; l < lanes<Pack>; ++l)
        if (lane(together, l) != lane(Pack(function(Pack(x[l]))), 0)) return false;
    }
    return true;
  };
  CHECK(check([](const Pack& x) { return sine(x); }, 1e7));
  CHECK(check([](const Pack& x) { return cosine(x); }, 1e7));
  CHECK(check([](const Pack& x) { return exp(x); }, 1e3));
  CHECK(check([](const Pack& x) { return exponential(x); }, 1e3));
  CHECK(check([](const Pack& x) { return log(x); }, 1e300));
  CHECK(check([](const Pack& x) { return sinh(x); }, 1e3));
  CHECK(check([](const Pack& x) { return tanh(x); }, 1e2));
  CHECK(check([](const Pack& x) { return pow(x, Pack(3.5)); }, 1e3));
}

TEST_CASE("several packs as one give the results of single packs, to the last bit") {
  using Two = Packs<Pack, 2>;
  RandomStream random(3, 0, Purpose::samples);
  const auto same = [&](const auto& function) {
    for (int round = 0; round < 1000; ++round) {
      double x[lanes<Two>], y[lanes<Two>], got[lanes<Two>], alone[lanes<Pack>];
      for (double& number : x) number = random.uniform(-3, 3);
      for (double& number : y) number = random.uniform(0.1, 3);
      memdyn::store(got, Two(function(load<Two>(x), load<Two>(y))));
      for (std::size_t k = 0; k < 2; ++k) {
        memdyn::store(alone, Pack(function(load<Pack>(x + k * lanes<Pack>), load<Pack>(y + k * lanes<Pack>))));
        if (!std::equal(alone, alone + lanes<Pack>, got + k * lanes<Pack>)) return false;
      }
    }
    return true;
  };
  CHECK(same([]<class T>(const T& x, const T& y) { return (x + y) * (x - y) / y - -x; }));
  CHECK(same([]<class T>(const T& x, const T& y) { return exponential(x) + sine(x) * cosine(y) + logarithm(y); }));
  CHECK(same([]<class T>(const T& x, const T& y) { return hyperbolic_sine(x) + hyperbolic_tangent(y) + power(y, y); }));
  CHECK(same([]<class T>(const T& x, const T& y) {
    using std::abs, std::max, std::min;
    return max(abs(x), y) - min(x, square_root(y)) + select((x < y && x != T(0.0)) || !(x >= T(-1.0)), x, y);
  }));
  CHECK(any(Two(1.0) > Two(0.0)));
  CHECK(all(Two(1.0) > Two(0.0)));
  CHECK_FALSE(any(Two(0.0) > Two(1.0)));
  for (std::size_t l = 0; l < lanes<Two>; ++l) {
    CHECK(any(only<Two>(l)));
    CHECK_FALSE(all(only<Two>(l)));
    CHECK(lane(select(only<Two>(l), Two(1.0), Two(0.0)), l) == 1.0);
  }
}

TEST_CASE("every instruction set gives the memristance of one device within 8 ulp") {
  const Team device;
  const double current = 0x1p-20;  // below the threshold, and V/I is exact
  std::vector<Job> jobs;
  RandomStream random(9, 0, Purpose::samples);
  for (int j = 0; j < 1000; ++j) jobs.push_back({{random.uniform(0, 3e-9)}, Waveform({Constant{1e-6, current}})});
  for (const InstructionSet set : instruction_sets()) {
    LaneJobs source(jobs, [&](const Job&) { return levels_of(device); }, {}, 0, true);
    integrate_ensemble(set, device, {{}, true, {}}, source);
    double most = 0;
    for (std::size_t j = 0; j < jobs.size(); ++j)
      most = std::max(
          most, ulps(source.done[j].outcome.memristance_low, voltage_of(device, jobs[j].gamma, current) / current));
    CAPTURE(name_of(set), most);
    CHECK(most <= 8);
  }
}

}  // namespace memdyn::test_scalar_lanes
