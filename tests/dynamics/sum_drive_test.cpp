// SPDX-License-Identifier: MIT
// Sums of waveforms and expressions of time through devices with closed forms: time events, integrals, every method.
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <numbers>
#include <set>

#include "device/text/time_expression.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "support/charges.hpp"
#include "support/closed_forms.hpp"
#include "support/lane_jobs.hpp"
#include "support/run.hpp"

namespace memdyn::test_dynamics_sum_drive {

using Catch::Matchers::WithinAbs;

namespace {

constexpr double pi = std::numbers::pi;

/// A ramp, two sines, a chirp and an exponential together, over 1 s; one of them is scaled with the number n.
Waveform summed(int n) {
  return sum_of(std::vector{Waveform({Ramp{1, 1e-5, -2e-5}}), Waveform({Sine{1, 1e-4, 3.0, 0.2}}).scale(0.5 + 0.1 * n),
                            Waveform({Sine{1, 4e-5, 5.5}}), Waveform({Exponential{1, 8e-5, 1e-5, 0.07}}),
                            Waveform({Chirp{0.6, 2e-5, 1.0, 6.0}, Constant{0.4, 1e-5}})});
}
/// The same without the chirp and the constant, as an expression.
Waveform written(int n) {
  const TimeExpression expression(
      "1e-5 - 3e-5*t + s*1e-4*sin(2*pi*f*t + 0.2) + 4e-5*sin(11*pi*t) + 1e-5 + 7e-5*exp(-t/tau)",
      {{"s", 0.0, ""}, {"f", 0.0, ""}, {"tau", 0.0, ""}}, "A");
  const double parameters[] = {0.5 + 0.1 * n, 3.0, 0.07};
  return Waveform(expression.segments(1.0, parameters));
}
/// ∫ of the ramp, the sines and the exponential
double smooth_part(int n) {
  const auto wave = [](double amplitude, double f, double phase) {
    return amplitude * (std::cos(phase) - std::cos(2 * pi * f + phase)) / (2 * pi * f);
  };
  return -5e-6 + (0.5 + 0.1 * n) * wave(1e-4, 3.0, 0.2) + wave(4e-5, 5.5, 0.0) + 1e-5 +
         7e-5 * 0.07 * (1 - std::exp(-1 / 0.07));
}
double chirp_part() {
  return 4e-6 + boost::math::quadrature::gauss_kronrod<double, 61>::integrate(
                    [](double s) { return 2e-5 * std::sin(2 * pi * (s + 5 * s * s / 1.2)); }, 0.0, 0.6, 5, 1e-14);
}

}  // namespace

TEST_CASE("the state of a linear device after a sum or an expression is the integral of its current, by every method") {
  std::vector<Job> jobs;
  std::vector<double> expected;
  for (int n = 0; n < 4; ++n) {
    jobs.push_back({{3e-9}, summed(n)});
    expected.push_back(smooth_part(n) + chirp_part());
    jobs.push_back({{3e-9}, Waveform({Sine{1.0, 1e-4, 2.0}})});  // a neighbour of another kind
    expected.push_back(0.0);
    jobs.push_back({{3e-9}, written(n)});
    expected.push_back(smooth_part(n));
  }
  check_charges(jobs, expected);
}

TEST_CASE("kinks, jumps and inverse functions in an expression are integrated exactly by every method, in every lane") {
  // the integrals over 1 s
  const TimeExpression expression("2e-5*(abs(sin(2*pi*f*t)) + step(t - 0.3) + min(t, 0.7) + asin(t/2) + atan(4*t - 2))",
                                  {{"f", 0.0, ""}}, "A");
  const double smooth = (1 - 0.3) + (0.5 * 0.49 + 0.7 * 0.3) + (std::asin(0.5) + 2 * std::sqrt(0.75) - 2);
  std::vector<Job> jobs;
  std::vector<double> expected;
  for (const double f : {1.0, 2.7, 4.0, 0.3}) {
    const double parameters[] = {f};
    jobs.push_back({{3e-9}, Waveform(expression.segments(1.0, parameters))});
    const double halves = std::floor(2 * f);
    const double rest = (1 - std::cos(2 * pi * f - halves * pi)) / (2 * pi * f);
    expected.push_back(2e-5 * (halves / (pi * f) + rest + smooth));
  }
  check_charges(jobs, expected);
}

TEST_CASE("sums and expressions pass thresholds at exact times") {
  ThresholdWindow::Parameters p;
  p.I_gamma = {1.0, 2.0};
  const ThresholdWindow device(p);
  const Waveform drive = sum_of(
      std::vector{Waveform({Sine{2, 1.3, 3.0}}), Waveform({Sine{2, 0.9, 4.1, 0.7}}), Waveform({Ramp{2, 0.3, 0.0}})});
  const TimeExpression expression("a*sin(6*pi*t) + 0.9*sin(8.2*pi*t + 0.7) + 0.3 - 0.15*t", {{"a", 0.0, ""}}, "A");
  const double parameters[] = {1.3};
  const Waveform same(expression.segments(2.0, parameters));
  const auto levels = levels_of(device);
  const auto passages = [&](const Waveform& one) {
    std::vector<double> all;
    for (const double level : std::set(levels.begin(), levels.end()))
      for (double s = 0; std::isfinite(s = next_crossing(one.segments()[0], level, s));) all.push_back(s);
    return all;
  };
  const auto times = passages(drive);
  REQUIRE(times.size() > 10);
  const auto others = passages(same);
  REQUIRE(others.size() == times.size());
  for (std::size_t n = 0; n < times.size(); ++n) CHECK_THAT(others[n], WithinAbs(times[n], 1e-14));
  const IntegrationOptions options{Method::dopri5, 1e-11, 1e-13};
  std::vector<Job> jobs(3, Job{std::vector<double>(device.size(), 0.0), drive});
  jobs.resize(6, Job{jobs[0].gamma, same});
  Statistics statistics;
  const auto alone = run(driven(device, {}), jobs[0].gamma, drive, options, &statistics);
  CHECK(statistics.time_events == times.size());
  for (const InstructionSet set : instruction_sets()) {
    LaneJobs lanes(jobs, [&](const Job&) { return levels; });
    integrate_ensemble(set, device, {.integration = options, .level = {}}, lanes);
    for (const Done& done : lanes.done) {
      CHECK(done.outcome.events == static_cast<double>(times.size()));
      for (std::size_t i = 0; i < alone.size(); ++i) CHECK_THAT(done.gamma[i], WithinAbs(alone[i], 1e-10));
    }
  }
}

TEST_CASE("a lane's sum does not change the bits of its neighbours, nor do they change its own") {
  const HpDrift device = strukov();
  const IntegrationOptions options{GENERATE(Method::dopri5, Method::taylor), 1e-8, 1e-11};
  std::vector<Job> sines(12, Job{{3e-9}, Waveform({Sine{1.0, 1e-4, 2.0, 0.1, 1e-5}, Ramp{0.5, 1e-4, 0}})});
  std::vector<Job> sums(12, Job{{3e-9}, summed(1)});
  std::vector<Job> mixed = sines;
  for (std::size_t j = 1; j < mixed.size(); j += 2) mixed[j] = sums[j];
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    const auto done = [&](const std::vector<Job>& jobs) {
      LaneJobs lanes(jobs, [&](const Job&) { return levels_of(device); }, {}, 0.1, true);
      integrate_ensemble(set, device, {.integration = options, .integrals = true}, lanes);
      return lanes.done;
    };
    const auto alone = done(sines);
    const auto others = done(sums);
    const auto beside = done(mixed);
    for (std::size_t j = 0; j < sines.size(); ++j)
      CHECK(same_bits((j % 2 == 0 ? alone : others)[j].numbers, beside[j].numbers));
  }
}

}  // namespace memdyn::test_dynamics_sum_drive
