// SPDX-License-Identifier: MIT
// What a sweep records of each trajectory: passages of a level, periods, extremes and their times.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <numbers>

#include "memdyn/core/random.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "support/closed_forms.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"

namespace memdyn::test_dynamics_reductions {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
constexpr double pi = std::numbers::pi;

namespace {

constexpr std::size_t many = 1000;

/// The outcomes of jobs in every instruction set, passed to check(set, done).
template <class Check>
void in_every_set(const AnyDevice& device, const std::vector<Job>& jobs, const EnsembleOptions& options,
                  const Check& check) {
  const DrivenDevice whole = driven(device, options.source);
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    LaneJobs source(jobs, [&](const Job&) { return levels_of(whole); }, {}, 0, options.integrals);
    source.lanes(lane_count(set));
    integrate_ensemble(set, device, options, source);
    REQUIRE(source.ended == jobs.size());
    for (const Done& done : source.done) {
      REQUIRE(done.outcome.failure == Failure::none);
      check(done);
    }
  }
}

EnsembleOptions every(int of, double level, Level::Direction direction = Level::either) {
  return {.integration = {Method::dopri5, 1e-11, 1e-14}, .level = {of, level, direction, true, many}};
}

void same_times(const std::vector<double>& found, const std::vector<double>& expected, double within) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t n = 0; n < found.size(); ++n) CHECK_THAT(found[n], WithinAbs(expected[n], within));
}

}  // namespace

TEST_CASE("every passage of a level by Strukov's device under a sine is timed, in both directions") {
  const HpDrift device = strukov();
  const double A = 1e-4;
  const double f = 2.0;
  const double omega = 2 * pi * f;
  // x = 1 nm + rate A (1 - cos(ωt))/ω
  const double swing = device.rate() * A / omega;
  const double level = 1e-9 + 0.7 * swing;
  const double first = std::acos(1 - 0.7) / omega;
  std::vector<double> rising, falling, both;
  for (int k = 0; k < 5; ++k) {
    rising.push_back(first + k / f);
    falling.push_back((k + 1) / f - first);
    both.insert(both.end(), {rising.back(), falling.back()});
  }
  const auto& p = device.parameters();
  const double x = level / p.D;
  const double R = p.R_on * x + p.R_off * (1 - x);
  const std::vector<Job> jobs{{{1e-9}, sine_burst(A, f, 5)}};
  const double within = 1e-9 / f;
  const auto check = [&](int of, double value, bool inverse) {
    CAPTURE(of);
    const auto times = inverse ? falling : rising;
    in_every_set(device, jobs, every(of, value, Level::rising), [&](const Done& done) {
      same_times(done.passage_times, times, within);
      CHECK_THAT(done.outcome.switched, WithinAbs(times.front(), within));
      CHECK_THAT(done.outcome.passages[Level::rising].period(), WithinRel(1 / f, 1e-9));
      CHECK_THAT(done.outcome.passages[Level::rising].deviation(), WithinAbs(0.0, within));
    });
    in_every_set(device, jobs, every(of, value, Level::falling), [&](const Done& done) {
      same_times(done.passage_times, inverse ? rising : falling, within);
      CHECK_THAT(done.outcome.passages[Level::falling].period(), WithinRel(1 / f, 1e-9));
    });
    in_every_set(device, jobs, every(of, value), [&](const Done& done) {
      same_times(done.passage_times, both, within);
      CHECK_THAT(done.outcome.switched, WithinAbs(both.front(), within));
      for (const Passages& one : done.outcome.passages) CHECK(one.count() == 5);
    });
  };
  check(0, level, false);
  check(Level::memristance, R, true);
  check(Level::conductance, 1 / R, false);
}

TEST_CASE("passages of the current by a sine are those of the arc sine, also of the value at which it begins") {
  const double A = 2.0;
  const double f = 3.0;
  const AnyDevice resting = ThresholdWindow([] {
    ThresholdWindow::Parameters p;
    p.I_gamma = {5.0, 6.0};  // never reached, so that the device rests throughout
    return p;
  }());
  const std::vector<Job> jobs{{{0.0, 0.0}, sine_burst(A, f, 4)}};
  for (const bool integrals : {false, true})
    for (const double height : {0.0, 0.5, -0.9}) {
      CAPTURE(height, integrals);
      std::vector<double> expected;
      const double angle = std::asin(height);
      for (int k = 0; k < 5; ++k)
        for (const double at : {angle, pi - angle})
          if (const double t = (at + 2 * pi * k) / (2 * pi * f); t > 1e-9 && t < 4 / f - 1e-9) expected.push_back(t);
      EnsembleOptions options = every(Level::current, height * A);
      options.integrals = integrals;
      in_every_set(resting, jobs, options,
                   [&](const Done& done) { same_times(done.passage_times, expected, 1e-10 / f); });
    }
}

TEST_CASE("a jump of the drive passes a level at the breakpoint") {
  const AnyDevice device = HpDrift(strukov());
  const double A = 1e-6;
  const std::vector<Job> jobs{
      {{5e-9}, pulse_train({.amplitude = A, .width = 0.25}, 1.0, 6)},
      {{5e-9}, Waveform({Constant{0.5, A}, Constant{0.25, 0.0}, Constant{0.25, -A}, Constant{0.125, A}})}};
  std::vector<Done> all;
  in_every_set(device, jobs, every(Level::current, A / 2), [&](const Done& done) { all.push_back(done); });
  for (std::size_t n = 0; n < all.size(); n += 2) {
    same_times(all[n].passage_times, {0.25, 1, 1.25, 2, 2.25, 3, 3.25, 4, 4.25, 5, 5.25}, 1e-15);
    CHECK(all[n].outcome.passages[Level::rising].count() == 5);
    CHECK(all[n].outcome.passages[Level::falling].count() == 6);
    same_times(all[n + 1].passage_times, {0.5, 1.0}, 1e-15);
  }
}

TEST_CASE("the period of an oscillation, and its spread") {
  // x = sin ωt, and a chirp: x = sin(t + t²/20) passes 0 upwards at t + t²/20 = 2πk
  const double omega = 7.0;
  const AnyDevice steady = device_from(R"toml(control = "current"
[parameters]
w = 7.0
[[variable]]
name = "x"
scale = 1
drift = "w*y"
[[variable]]
name = "y"
scale = 1
drift = "-w*x"
[port]
memristance = "2 + x"
)toml");
  const std::vector<Job> jobs{{{0.0, 1.0}, Waveform({Constant{20.0, 1.0}})}};
  for (const int of : {0, static_cast<int>(Level::voltage), static_cast<int>(Level::memristance)}) {
    CAPTURE(of);
    in_every_set(steady, jobs, every(of, of == 0 ? 0.0 : 2.0), [&](const Done& done) {
      const Passages& up = done.outcome.passages[Level::rising];
      const Passages& down = done.outcome.passages[Level::falling];
      CHECK(up.count() == std::floor(20 * omega / (2 * pi)));  // it begins on the level, which is no passage
      CHECK(down.count() == std::floor(20 * omega / (2 * pi) + 0.5));
      CHECK_THAT(up.period(), WithinRel(2 * pi / omega, 1e-9));
      CHECK_THAT(up.deviation(), WithinAbs(0.0, 1e-9));
    });
  }
  const AnyDevice chirp = device_from(R"toml(control = "current"
[[variable]]
name = "x"
scale = 1
drift = "y*(1 + t/10)"
[[variable]]
name = "y"
scale = 1
drift = "-x*(1 + t/10)"
[[variable]]
name = "t"
scale = 10
drift = "1"
[port]
memristance = "1"
)toml");
  std::vector<double> rising;
  double sum = 0;
  double squares = 0;
  for (int k = 1; std::sqrt(100 + 40 * pi * k) - 10 < 20; ++k) rising.push_back(std::sqrt(100 + 40 * pi * k) - 10);
  for (std::size_t k = 1; k < rising.size(); ++k) sum += rising[k] - rising[k - 1];
  const double mean = sum / static_cast<double>(rising.size() - 1);
  for (std::size_t k = 1; k < rising.size(); ++k) squares += std::pow(rising[k] - rising[k - 1] - mean, 2);
  in_every_set(chirp, {{{0.0, 1.0, 0.0}, Waveform({Constant{20.0, 1.0}})}}, every(0, 0.0, Level::rising),
               [&](const Done& done) {
                 same_times(done.passage_times, rising, 1e-8);
                 CHECK_THAT(done.outcome.passages[Level::rising].period(), WithinRel(mean, 1e-8));
                 CHECK_THAT(done.outcome.passages[Level::rising].deviation(),
                            WithinRel(std::sqrt(squares / static_cast<double>(rising.size() - 2)), 1e-6));
               });
}

TEST_CASE("a level that is only touched, or reached at a bound, or without a value, is not passed") {
  const HpDrift device = strukov();
  const double A = 1e-4;
  const double swing = device.rate() * A / (2 * pi);
  const std::vector<Job> jobs{{{1e-9}, sine_burst(A, 1.0, 3)}, {{9.9e-9}, Waveform({Constant{1.0, A}})}};
  for (const double level : {1e-9 + 2 * swing * (1 + 1e-6), 1e-8})
    in_every_set(device, jobs, every(0, level), [&](const Done& done) { CHECK(done.passage_times.empty()); });
  // without current there is no memristance
  const AnyDevice fading = device_from(R"toml(control = "current"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "-x"
[port]
memristance = "100*(2 - x)"
)toml");
  const std::vector<Job> idle{{{1.0}, Waveform({Constant{0.1, 1e-3}, Constant{1.0, 0.0}})}};
  in_every_set(fading, idle, every(Level::memristance, 150.0), [&](const Done& done) {
    CHECK(std::isnan(done.outcome.switched));
    CHECK(done.passage_times.empty());
  });
}

TEST_CASE("extremes of the port and their times, of Strukov's device under a sine") {
  const HpDrift device = strukov();
  const auto& p = device.parameters();
  const double A = 1e-4;
  const double f = 1.0;
  const double omega = 2 * pi * f;
  const auto method = GENERATE(Method::dopri5, Method::fehlberg78, Method::taylor);
  const auto memristance = [&](double t) {
    const double x = (2e-9 + device.rate() * A * (1 - std::cos(omega * t)) / omega) / p.D;
    return p.R_on * x + p.R_off * (1 - x);
  };
  /// The time in [from, to] at which f is largest, by golden-section search.
  const auto best = [](const auto& value, double from, double to) {
    const double golden = (std::sqrt(5.0) - 1) / 2;
    for (int n = 0; n < 80; ++n) {
      const double a = to - golden * (to - from);
      const double b = from + golden * (to - from);
      (value(a) > value(b) ? to : from) = value(a) > value(b) ? b : a;
    }
    return 0.5 * (from + to);
  };
  const auto current = [&](double t) { return A * std::sin(omega * t); };
  const auto voltage = [&](double t) { return memristance(t) * current(t); };
  const auto power = [&](double t) { return voltage(t) * current(t); };
  const double v_high = best(voltage, 0.0, 0.5);
  const double v_low = best([&](double t) { return -voltage(t); }, 0.5, 1.0);
  const double p_first = best(power, 0.0, 0.5);
  const EnsembleOptions options{.integration = {method, 1e-12, 1e-14}, .integrals = true, .extremes = true};
  in_every_set(device, {{{2e-9}, sine_burst(A, f, 1)}}, options, [&](const Done& done) {
    const auto& [i, v, w] = done.outcome.port;
    CHECK_THAT(i.high, WithinRel(A, 1e-9));
    CHECK_THAT(i.low, WithinRel(-A, 1e-9));
    CHECK_THAT(i.high_time, WithinAbs(0.25, 1e-6));
    CHECK_THAT(i.low_time, WithinAbs(0.75, 1e-6));
    CHECK_THAT(v.high, WithinRel(voltage(v_high), 1e-9));
    CHECK_THAT(v.low, WithinRel(voltage(v_low), 1e-9));
    CHECK_THAT(v.high_time, WithinAbs(v_high, 1e-6));
    CHECK_THAT(v.low_time, WithinAbs(v_low, 1e-6));
    CHECK_THAT(w.high, WithinRel(power(p_first), 1e-9));
    CHECK_THAT(w.high_time, WithinAbs(p_first, 1e-6));  // the second half is its mirror image
    CHECK_THAT(w.low, WithinAbs(0.0, 1e-9 * w.high));
    CHECK_THAT(done.highest_time[0], WithinAbs(0.5, 1e-5));  // flat: a tolerance of 1e-12 is 1e-6 of a period
    CHECK(done.lowest_time[0] == 0);
  });
}

TEST_CASE("equal extremes count when they are first reached") {
  const auto method = GENERATE(Method::automatic, Method::dopri5, Method::taylor, Method::rosenbrock4,
                               Method::bogacki_shampine32, Method::fehlberg78);
  CAPTURE(name_of(method));
  // nothing moves below 0.4 A: the state is highest from the end of the first push on, until it is pulled back
  const AnyDevice device = HpDrift({.R_on = 10, .R_off = 101, .D = 1, .mu_v = 0.1, .I_gamma = 0.4});
  const EnsembleOptions options{.integration = {.method = method}, .integrals = true, .extremes = true};
  for (const double amplitude : {0.5, 0.7, 1.0})
    for (const double cycles : {1.0, 5.0})
      in_every_set(device, {{{0.0}, sine_burst(amplitude, 1, cycles)}}, options, [&](const Done& done) {
        CAPTURE(amplitude, cycles);
        const double pushed = (std::numbers::pi - std::asin(0.4 / amplitude)) / (2 * std::numbers::pi);
        CHECK_THAT(done.highest_time[0], WithinAbs(pushed, 1e-4));
        CHECK(done.lowest_time[0] == 0);
        const auto& [i, v, w] = done.outcome.port;
        CHECK_THAT(i.high_time, WithinAbs(0.25, 1e-6));
        CHECK_THAT(i.low_time, WithinAbs(0.75, 1e-6));
        CHECK(w.low_time < 1e-12);
      });
}

TEST_CASE("reductions change no trajectory, and depend on no neighbour, to the last bit") {
  const AnyDevice oscillator = device_from(R"toml(control = "current"
[guards]
up = "y - 0.5"
[[variable]]
name = "x"
lower = 0
upper = 0.9
drift = "when(up, 1, -3)*(0.2 + x) + i"
[[variable]]
name = "y"
scale = 1
drift = "6*z"
[[variable]]
name = "z"
scale = 1
drift = "-6*y"
[port]
voltage = "i*(2 - x) + 0.1*i^3"
)toml");
  std::vector<Job> jobs;
  for (int j = 0; j < 25; ++j)
    jobs.push_back({{0.02 * j, 1, 0.1 * j},
                    Waveform({Sine{0.5, 1.0, 2.0 + j, 0.1 * j, 0.0}, Constant{0.5, 0.0}, Constant{0.3, 0.5},
                              Constant{0.3, -0.5}, Ramp{0.5, 1, -1}, Exponential{0.5, 1, -0.5, 0.1}})});
  const auto method = GENERATE(Method::dopri5, Method::automatic, Method::taylor);
  const int of = GENERATE(0, static_cast<int>(Level::memristance), static_cast<int>(Level::current));
  const auto levels = [&](const Job&) { return levels_of(driven(oscillator, {})); };
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set), name_of(method), of);
    EnsembleOptions options{.integration = {method, 1e-8, 1e-11}, .level = {}};
    LaneJobs plain(jobs, levels);
    integrate_ensemble(set, oscillator, options, plain);
    options.integrals = options.extremes = true;
    options.level = {of, of == Level::memristance ? 1.8 : 0.3, Level::either, true, many};
    LaneJobs observed(jobs, levels, {}, 0.013, true);
    integrate_ensemble(set, oscillator, options, observed);
    std::vector<std::size_t> backwards;
    for (std::size_t j = jobs.size(); j-- > 0;) backwards.push_back(j);
    LaneJobs again(jobs, levels, backwards, 0.013, true);
    integrate_ensemble(set, oscillator, options, again);
    std::size_t passages = 0;
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      CAPTURE(j);
      CHECK(same_bits(plain.done[j].gamma, observed.done[j].gamma));
      CHECK(plain.done[j].outcome.accepted == observed.done[j].outcome.accepted);
      CHECK(plain.done[j].outcome.events == observed.done[j].outcome.events);
      CHECK(same_bits(observed.done[j].numbers, again.done[j].numbers));
      passages += observed.done[j].passage_times.size();
    }
    CHECK(passages > jobs.size());
  }
}

}  // namespace memdyn::test_dynamics_reductions
