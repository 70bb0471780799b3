// SPDX-License-Identifier: MIT
// Sums of waveforms: their values, extrema and crossings against a dense search that uses none of their bounds.
#include "drive/sum.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "drive/cutter.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn::test_drive_sum {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double pi = std::numbers::pi;

/// Four segments of any kind with one second together, in random shares.
Waveform random_waveform(RandomStream& random) {
  std::vector<Segment> all;
  double left = 1.0;
  const auto level = [&] { return random.uniform(-1, 1); };
  for (int n = 0; n < 4; ++n) {
    const double length = n == 3 ? left : left * random.uniform(0.1, 0.6);
    left -= length;
    switch (random.below(5)) {
      case 0:
        all.emplace_back(Constant{length, level()});
        break;
      case 1:
        all.emplace_back(Ramp{length, level(), level()});
        break;
      case 2:
        all.emplace_back(Sine{length, level(), random.uniform(0.5, 9) / length, level(), level()});
        break;
      case 3:
        all.emplace_back(
            Chirp{length, level(), random.uniform(0.5, 5) / length, random.uniform(0.5, 9) / length, level(), level()});
        break;
      default:
        all.emplace_back(Exponential{length, level(), level(), length * random.uniform(0.01, 2)});
    }
  }
  return Waveform(std::move(all));
}

/// Where f changes its sign in (0, end), from 2e5 samples and bisection.
std::vector<double> sign_changes(const std::function<double(double)>& f, double end) {
  constexpr int samples = 200'000;
  std::vector<double> all;
  double before = f(0.0);
  for (int n = 1; n <= samples; ++n) {
    double high = end * n / samples;
    double low = end * (n - 1) / samples;
    const double now = f(high);
    if ((now < 0) != (before < 0)) {
      for (int k = 0; k < 60; ++k) {
        const double middle = low + (high - low) / 2;
        ((f(middle) < 0) == (before < 0) ? low : high) = middle;
      }
      all.push_back(low);
    }
    before = now;
  }
  return all;
}

}  // namespace

TEST_CASE("an interval holds the values of a function of all its numbers") {
  RandomStream random(3, 0, Purpose::variation);
  for (int n = 0; n < 2000; ++n) {
    const double a = random.uniform(-6, 6);
    const double b = a + std::pow(10.0, random.uniform(-12, 1));
    const double c = random.uniform(-2, 2);
    const Interval x(a, b);
    const Interval y(std::min(c, c + 0.5 * a), std::max(c, c + 0.5 * a));
    for (int k = 0; k <= 8; ++k) {
      const double at = k == 8 ? b : a + (b - a) * k / 8;
      const double other = y.low + y.width() * (8 - k) / 8;
      const auto holds = [&](const Interval& all, double one) {
        return !all.finite() || (all.low <= one && one <= all.high);
      };
      CHECK(holds(x + y, at + other));
      CHECK(holds(x - y, at - other));
      CHECK(holds(x * y, at * other));
      CHECK(holds(x / y, at / other));
      CHECK(holds(sin(x), std::sin(at)));
      CHECK(holds(cos(x), std::cos(at)));
      CHECK(holds(exp(x), std::exp(at)));
      CHECK(holds(sinh(x), std::sinh(at)));
      CHECK(holds(cosh(x), std::cosh(at)));
      CHECK(holds(tanh(x), std::tanh(at)));
      CHECK(holds(log(x), std::log(at)));
      CHECK(holds(sqrt(x), std::sqrt(at)));
      CHECK(holds(pow(x, 3.0), at * at * at));
      CHECK(holds(pow(x, -2.0), 1 / (at * at)));
      CHECK(holds(pow(x, 1.7), std::pow(at, 1.7)));
    }
  }
  CHECK(sin(Interval(1.0, 2.0)).high == 1.0);
  CHECK(cos(Interval(-0.1, 0.2)).high == 1.0);
  CHECK(cos(Interval(3.0, 3.2)).low == -1.0);
  CHECK(sin(Interval(0.0, 7.0)).low == -1.0);
  CHECK(sin(Interval(0.1, 0.2)).high < 0.2);
  CHECK_FALSE((Interval(1.0) / Interval(-1.0, 1.0)).finite());
  CHECK_FALSE(log(Interval(0.0, 1.0)).finite());
  CHECK_FALSE(exp(Interval(0.0, 1000.0)).finite());
}

TEST_CASE("a sum of waveforms has the sum of their values") {
  RandomStream random(1, 0, Purpose::variation);
  for (int n = 0; n < 50; ++n) {
    const std::vector<Waveform> parts{random_waveform(random), random_waveform(random).shift(random.uniform(0.01, 0.9)),
                                      random_waveform(random).scale(-2).shift(random.uniform(0.01, 2))};
    const Waveform sum = sum_of(parts);
    double longest = 0;
    for (const auto& one : parts) longest = std::max(longest, one.duration());
    CHECK_THAT(sum.duration(), WithinRel(longest, 1e-15));
    for (int k = 0; k < 200; ++k) {
      const double t = random.uniform(0, longest);
      double expected = 0;
      for (const auto& one : parts) expected += one.value(t);
      CHECK_THAT(sum.value(t), WithinAbs(expected, 1e-12));
    }
  }
}

TEST_CASE("summands with a closed form together become one segment of it") {
  const auto alone = [](const Segment& a, const Segment& b) {
    const Waveform sum = sum_of(std::vector{Waveform({a}), Waveform({b})});
    REQUIRE(sum.segments().size() == 1);
    return sum.segments().front();
  };
  CHECK(std::get<Constant>(alone(Constant{1, 2}, Constant{1, 3})).value == 5.0);
  const auto ramp = std::get<Ramp>(alone(Ramp{1, 2, 4}, Constant{1, 3}));
  CHECK((ramp.from == 5.0 && ramp.to == 7.0));
  CHECK(std::get<Constant>(alone(Ramp{1, 2, 4}, Ramp{1, 4, 2})).value == 6.0);
  const auto decay = std::get<Exponential>(alone(Exponential{1, 2, 1, 0.3}, Exponential{1, 0, 4, 0.3}));
  CHECK((decay.from == 2.0 && decay.to == 5.0 && decay.tau == 0.3));
  const Segment wave = alone(Sine{1, 2, 3, 0.4, 1}, Sine{1, -1, 3, 1.4});
  CHECK(std::holds_alternative<Sine>(wave));
  for (const double t : {0.0, 0.123, 0.7})
    CHECK_THAT(value(wave, t), WithinAbs(1 + 2 * std::sin(6 * pi * t + 0.4) - std::sin(6 * pi * t + 1.4), 1e-13));
  CHECK(std::holds_alternative<Constant>(alone(Sine{1, 2, 3}, Sine{1, 2, 3, pi})) == false);  // rounding of π is left
  CHECK(std::holds_alternative<Sum>(alone(Sine{1, 2, 3}, Sine{1, 2, 4})));
  CHECK(std::holds_alternative<Sum>(alone(Exponential{1, 2, 0, 3}, Exponential{1, 2, 0, 4})));
  CHECK(std::holds_alternative<Sum>(alone(Ramp{1, 2, 0}, Exponential{1, 2, 0, 4})));
  CHECK(std::holds_alternative<Chirp>(alone(Chirp{1, 2, 3, 4}, Constant{1, 3})));
}

TEST_CASE("crossings and extrema of a sum of unlike segments are those of a dense search") {
  RandomStream random(2, 0, Purpose::variation);
  std::size_t sums = 0;
  std::size_t events = 0;
  while (sums < 40) {
    const Waveform drive =
        sum_of(std::vector{random_waveform(random), random_waveform(random), random_waveform(random)});
    for (const Segment& segment : drive.segments()) {
      if (!std::holds_alternative<Sum>(segment) || sums >= 40) continue;
      ++sums;
      const double end = duration(segment);
      const auto turns = sign_changes([&](double s) { return rate(segment, s); }, end);
      std::vector<double> found;
      for (double s = next_turn(segment, 0); std::isfinite(s); s = next_turn(segment, s)) found.push_back(s);
      REQUIRE(found.size() == turns.size());
      for (std::size_t k = 0; k < found.size(); ++k) CHECK_THAT(found[k], WithinAbs(turns[k], 1e-9 * end));
      for (const double level : {-0.5, 0.0, 0.3}) {
        const auto passes = sign_changes([&](double s) { return value(segment, s) - level; }, end);
        found.clear();
        for (double s = next_crossing(segment, level, 0); std::isfinite(s); s = next_crossing(segment, level, s))
          found.push_back(s);
        REQUIRE(found.size() == passes.size());
        for (std::size_t k = 0; k < found.size(); ++k) CHECK_THAT(found[k], WithinAbs(passes[k], 1e-12));
        events += passes.size();
      }
    }
  }
  CHECK(events > 100);
}

TEST_CASE("crossings that are close to each other are not missed, and a touched level is not crossed") {
  // 2 sin(2π t) + sin(4π t + π/2) = 2 x + 1 - 2 x², x = sin(2π t): at most 3/2, at x = 1/2
  const Waveform drive = sum_of(std::vector{Waveform({Sine{1, 2, 1}}), Waveform({Sine{1, 1, 2, pi / 2}})});
  const Segment& sum = drive.segments().front();
  REQUIRE(std::holds_alternative<Sum>(sum));
  const auto passes = [&](double level) {
    std::vector<double> all;
    for (double s = next_crossing(sum, level, 0); std::isfinite(s); s = next_crossing(sum, level, s)) all.push_back(s);
    return all;
  };
  for (const double below : {1e-3, 1e-6, 1e-9, 1e-12}) {
    const auto all = passes(1.5 - below);  // x = 1/2 ± √(below/2)
    REQUIRE(all.size() == 4);
    const double x = 0.5 - std::sqrt(below / 2);
    CHECK_THAT(all[0], WithinAbs(std::asin(x) / (2 * pi), 1e-15 / std::sqrt(below)));
    CHECK_THAT(all[1], WithinAbs(std::asin(1 - x) / (2 * pi), 1e-15 / std::sqrt(below)));
  }
  CHECK(passes(1.5).size() == passes(1.5 + 1e-12).size());
  CHECK(passes(1.5 + 1e-12).empty());
  CHECK_THAT(next_turn(sum, 0), WithinAbs(1.0 / 12, 1e-15));  // asin(1/2) = π/6
}

TEST_CASE("the pieces of a sum are monotone, and lie on one side of each level and of 0") {
  RandomStream random(5, 0, Purpose::variation);
  for (int n = 0; n < 10; ++n) {
    const auto drive =
        std::make_shared<const Waveform>(sum_of(std::vector{random_waveform(random), random_waveform(random)}));
    const std::vector<double> levels{0.4, -0.2, std::nan("")};
    Cutter cutter(drive, levels, true);
    double reached = 0;
    while (const Piece* piece = cutter.next()) {
      CHECK_THAT(piece->origin + piece->begin, WithinAbs(reached, 1e-13));
      REQUIRE(piece->end > piece->begin);
      reached = piece->origin + piece->end;
      if (piece->sum == nullptr) continue;
      PieceLanes<double> lanes;
      lanes.put(&piece);
      const double span = piece->end - piece->begin;
      const double begin = value(*piece->sum, piece->begin);
      const double rises = value(*piece->sum, piece->end) - begin;
      double before = begin;
      for (int k = 1; k < 50; ++k) {
        const double s = piece->begin + span * k / 50;
        const double now = lanes(s);
        CHECK(now == value(*piece->sum, s));
        CHECK(lanes.rate(s) == rate(*piece->sum, s));
        CHECK(std::abs(now) <= lanes.largest);
        CHECK((now - before) * rises >= -1e-13);
        for (const double level : {0.4, -0.2, 0.0})
          CHECK((now - level) * (value(*piece->sum, piece->begin + 0.5 * span) - level) >= -1e-13);
        before = now;
      }
    }
    CHECK_THAT(reached, WithinRel(drive->duration(), 1e-14));
  }
}

TEST_CASE("the Taylor coefficients of a sum are those of its terms") {
  const Waveform drive = sum_of(
      std::vector{Waveform({Ramp{1, 2, 3}}), Waveform({Exponential{1, 2, 0, 0.4}}), Waveform({Sine{1, 0.5, 3, 0.2}})});
  const Segment sum = drive.scale(-2).raise(0.7).segments().front();
  std::vector<double> c(7);
  expand(sum, 0.3, 0.1, c);
  const double omega = 6 * pi;
  CHECK_THAT(c[0], WithinRel(value(sum, 0.3), 1e-15));
  CHECK_THAT(c[1], WithinRel(0.1 * rate(sum, 0.3), 1e-14));
  double factorial = 1;
  for (std::size_t k = 1; k < c.size(); ++k) {
    factorial *= static_cast<double>(k);
    const double n = static_cast<double>(k);
    const double derivative = (k == 1 ? 1.0 : 0.0) + 2 * std::pow(-1 / 0.4, n) * std::exp(-0.3 / 0.4) +
                              0.5 * std::pow(omega, n) * std::sin(omega * 0.3 + 0.2 + n * pi / 2);
    CHECK_THAT(c[k], WithinRel(-2 * derivative * std::pow(0.1, n) / factorial, 1e-12));
  }
}

TEST_CASE("a spike is a pulse with an exponential tail of the other sign") {
  const Waveform one =
      spike({.amplitude = 2, .width = 3, .tail_amplitude = 0.5, .tau = 4, .tail_duration = 20, .rise = 1, .fall = 0.5});
  CHECK(one.duration() == 24.5);
  CHECK(one.value(0.5) == 1.0);
  CHECK(one.value(2) == 2.0);
  CHECK_THAT(one.value(4.25), WithinRel(0.75, 1e-15));
  for (const double after : {0.0, 1.0, 19.0})
    CHECK_THAT(one.value(4.5 + after), WithinRel(-0.5 * std::exp(-after / 4), 1e-14));
}

}  // namespace memdyn::test_drive_sum
