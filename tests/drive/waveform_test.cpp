// SPDX-License-Identifier: MIT
#include "memdyn/drive/waveform.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numbers>

#include "memdyn/core/error.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_drive_waveform {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
std::vector<double> crossings(const Segment& segment, double level) {
  std::vector<double> all;
  for (double s = next_crossing(segment, level, 0); std::isfinite(s); s = next_crossing(segment, level, s))
    all.push_back(s);
  return all;
}
}  // namespace

TEST_CASE("crossings lie on the level and are found once each") {
  CHECK(crossings(Constant{1, 2}, 2).empty());
  CHECK(crossings(Ramp{2, 0, 4}, 1) == std::vector{0.5});
  CHECK(crossings(Ramp{2, 0, 4}, 5).empty());
  CHECK(crossings(Ramp{2, 0, 4}, 0).empty());
  const Sine sine{2.0, 3.0, 5.0, 0.3, 1.0};
  const auto all = crossings(sine, 2.0);
  REQUIRE(all.size() == 20);  // two per period, ten periods
  for (double s : all) CHECK_THAT(value(sine, s), WithinAbs(2.0, 1e-13));
  CHECK(crossings(sine, 4.5).empty());
  const Exponential decay{5, 4, 1, 0.5};
  REQUIRE(crossings(decay, 2).size() == 1);
  CHECK_THAT(value(decay, crossings(decay, 2)[0]), WithinRel(2.0, 1e-14));
  CHECK(crossings(decay, 0.5).empty());
}

TEST_CASE("builders and arithmetic of waveforms") {
  const Waveform train = pulse_train({.amplitude = 2, .width = 1, .rise = 0.5, .fall = 0.25}, 3, 4);
  CHECK_THAT(train.duration(), WithinRel(12.0, 1e-15));
  CHECK(train.value(0.25) == 1.0);
  CHECK(train.value(1.0) == 2.0);
  CHECK(train.value(2.5) == 0.0);
  CHECK(train.scale(-2).value(4.0) == -4.0);
  CHECK(train.shift(1).value(2.0) == 2.0);
  CHECK(train.value(-1) == 0.0);
  CHECK(triangle_sweep(3, 4, 2).value(7) == -3.0);
  CHECK_THAT(sine_burst(2, 10, 2.5).duration(), WithinRel(0.25, 1e-15));
  CHECK(pulse_train({.amplitude = 1, .width = 0.3}, 0.3, 2).segments().size() == 2);
  const Waveform many = Waveform({Constant{0.1, 1}}).repeat(1000000);
  CHECK(many.duration() == 1e5);  // exact by compensated summation
}

TEST_CASE("invalid waveforms are refused with the reason") {
  CHECK_THROWS_AS(Waveform({}), InputError);
  CHECK_THROWS_WITH(Waveform({Constant{1, 0}, Constant{0, 1}}), ContainsSubstring("segment 2: duration = 0"));
  CHECK_THROWS_AS(Waveform({Constant{-1, 1}}), InputError);
  CHECK_THROWS_AS(Waveform({Ramp{1, 0, std::nan("")}}), InputError);
  CHECK_THROWS_AS(Waveform({Sine{1, 1, 0}}), InputError);
  CHECK_THROWS_WITH(pulse_train({.amplitude = 1, .width = 2}, 1, 3), ContainsSubstring("period = 1 s"));
}

TEST_CASE("a waveform from a CSV of breakpoints") {
  const auto path = scratch("breakpoints.csv");
  std::ofstream(path) << "time,value\n# rise\n0,0\n1,2\n\n3,-2\n";
  const Waveform drive = waveform_from_csv(path);
  CHECK(drive.segments().size() == 2);
  CHECK(drive.value(2) == 0.0);
  std::ofstream(path) << "time,value\n0,0\n1,2\n1,3\n";
  CHECK_THROWS_WITH(waveform_from_csv(path), ContainsSubstring(":4: time = 1 s"));
  std::ofstream(path) << "0,0\n1;2\n";
  CHECK_THROWS_WITH(waveform_from_csv(path), ContainsSubstring(":2:"));
  std::filesystem::remove(path);
  CHECK_THROWS_AS(waveform_from_csv(path), IoError);
}

namespace {
/// ∫ u dt of a waveform of straight segments.
double integral(const Waveform& drive) {
  double sum = 0.0;
  for (const Segment& segment : drive.segments())
    sum += duration(segment) * 0.5 * (value(segment, 0.0) + value(segment, duration(segment)));
  return sum;
}
}  // namespace

TEST_CASE("a sawtooth rises from 0 in each period, and jumps back") {
  const Waveform drive = sawtooth(-3.0, 0.5, 4);
  CHECK(drive.duration() == 2.0);
  for (double t = 0.01; t < 2; t += 0.0371)
    CHECK_THAT(drive.value(t), WithinAbs(-3.0 * std::fmod(t, 0.5) / 0.5, 1e-12));
  CHECK(drive.value(1.0) == 0.0);
  CHECK_THROWS_WITH(sawtooth(1, 0, 2), ContainsSubstring("period = 0: must be above 0"));
}

TEST_CASE("a staircase stays on each level, and ends on the last") {
  const Waveform steep = staircase({.from = 0.1, .to = 0.7, .levels = 7, .width = 2.0});
  CHECK(steep.duration() == 14.0);
  CHECK(steep.segments().size() == 7);
  for (int n = 0; n < 7; ++n) CHECK_THAT(steep.value(2 * n + 0.5), WithinAbs(0.1 + 0.1 * n, 1e-15));
  CHECK(steep.value(14.0) == 0.7);
  const Waveform sloped = staircase({.from = 2.0, .to = -2.0, .levels = 3, .width = 1.0, .rise = 0.5});
  CHECK(sloped.duration() == 4.0);
  CHECK(sloped.value(1.25) == 1.0);
  CHECK(sloped.value(2.0) == 0.0);
  CHECK(sloped.value(2.75) == -1.0);
  const Waveform one = staircase({.from = 2.0, .to = 5.0, .levels = 1, .width = 1.0});
  CHECK((one.duration() == 1.0 && one.value(0.5) == 2.0));
  CHECK_THROWS_WITH(staircase({1, 2, 0, 1}), ContainsSubstring("levels = 0: must be in 1"));
  CHECK_THROWS_WITH(staircase({1, 2, 3, 1, -1}), ContainsSubstring("rise = -1: must not be negative"));
}

TEST_CASE("the phases of a biphasic pulse cancel, whatever their ratio is") {
  for (const double ratio : {0.25, 1.0, 3.0}) {
    const BiphasicShape shape{.amplitude = 2.0, .width = 1.0, .rise = 0.25, .fall = 0.5, .gap = 0.125, .ratio = ratio};
    const Waveform pair = biphasic(shape);
    CAPTURE(ratio);
    CHECK_THAT(integral(pair), WithinAbs(0.0, 1e-15));
    CHECK(pair.value(0.75) == 2.0);
    CHECK(pair.value(1.8125) == 0.0);
    CHECK(pair.value(1.875 + 0.75 / ratio) == -2.0 * ratio);
    CHECK_THAT(pair.duration(), WithinRel(1.875 + 1.75 / ratio, 1e-15));
  }
  const Waveform train = biphasic({.amplitude = 1.0, .width = 0.5, .period = 2.0}, 3);
  CHECK(train.duration() == 6.0);
  CHECK(train.value(2.75) == -1.0);
  CHECK(train.value(3.5) == 0.0);
  CHECK_THROWS_WITH(biphasic({.amplitude = 1.0, .width = 0.5, .period = 0.75}),
                    ContainsSubstring("period = 0.75 s: must be at least both pulses and the gap = 1 s"));
  CHECK_THROWS_WITH(biphasic({.amplitude = 1.0, .width = 0.5, .gap = -1}), ContainsSubstring("gap = -1"));
  CHECK_THROWS_WITH(biphasic({.amplitude = 1.0, .width = 0.5, .ratio = 0}), ContainsSubstring("ratio = 0"));
}

TEST_CASE("an offset is added to every value of every segment") {
  const Waveform drive({Constant{1, 2}, Ramp{1, 2, -1}, Sine{1, 2, 3, 0.4, 0.5}, Exponential{1, 3, 1, 0.2}});
  const Waveform raised = drive.raise(-0.75);
  for (double t = 0.005; t < 4; t += 0.037) CHECK_THAT(raised.value(t), WithinAbs(drive.value(t) - 0.75, 1e-15));
}

TEST_CASE("a chirp runs from one frequency to the other") {
  const double pi = std::numbers::pi;
  for (const auto& [begin, end] : {std::pair{2.0, 9.0}, {9.0, 2.0}, {5.0, 5.0}}) {
    const Segment chirp = Chirp{3.0, 1.5, begin, end, 0.4, 0.25};
    CAPTURE(begin, end);
    const auto phase = [&](double s) { return 2 * pi * (begin * s + (end - begin) * s * s / 6) + 0.4; };
    for (double s = 0; s <= 3; s += 0.0371)
      CHECK_THAT(value(chirp, s), WithinAbs(0.25 + 1.5 * std::sin(phase(s)), 1e-12));
    // crossings and extrema: all, in their order, each where the phase has the angle
    for (const double level : {0.25, 1.0, -1.2}) {
      const auto all = crossings(chirp, level);
      const double angle = std::asin((level - 0.25) / 1.5);
      std::vector<double> phases;
      for (int k = -1; k < 30; ++k)
        for (const double one : {angle, pi - angle})
          if (one + 2 * pi * k > 0.4 && one + 2 * pi * k < phase(3.0)) phases.push_back(one + 2 * pi * k);
      REQUIRE(all.size() == phases.size());
      for (std::size_t n = 0; n < all.size(); ++n) CHECK_THAT(phase(all[n]), WithinAbs(phases[n], 1e-11));
    }
    CHECK(crossings(chirp, 1.75).empty());
    std::size_t turns = 0;
    for (double s = next_turn(chirp, 0); std::isfinite(s); s = next_turn(chirp, s), ++turns)
      CHECK_THAT(std::abs(std::sin(phase(s))), WithinAbs(1.0, 1e-14));
    CHECK(turns == static_cast<std::size_t>(std::floor(phase(3.0) / pi - 0.5) - std::ceil(0.4 / pi - 0.5) + 1));
    // its Taylor series, and its rate
    for (const double s : {0.0, 0.7, 2.9}) {
      std::array<double, 24> c{};
      const double unit = 0.25 / std::max(begin, end);
      expand(chirp, s, unit, c);
      for (const double share : {0.1, 0.5, 1.0}) {
        double sum = 0.0;
        for (std::size_t k = c.size(); k-- > 0;) sum = sum * share + c[k];
        CHECK_THAT(sum, WithinAbs(0.25 + 1.5 * std::sin(phase(s + share * unit)), 1e-12));
      }
      CHECK_THAT(c[1], WithinRel(unit * rate(chirp, s), 1e-12));
    }
  }
  CHECK_THROWS_WITH(Waveform({Chirp{1, 1, 0, 1}}), ContainsSubstring("segment 1: frequency = 0: must be above 0"));
  CHECK_THROWS_WITH(Waveform({Chirp{1, 1, 1, -1}}), ContainsSubstring("segment 1: final_frequency = -1"));
  const Waveform drive({Chirp{2, 1, 3, 5, 0.5, 0.25}});
  CHECK_THAT(drive.scale(-2).raise(1).value(0.77), WithinAbs(1 - 2 * drive.value(0.77), 1e-14));
}

}  // namespace memdyn::test_drive_waveform
