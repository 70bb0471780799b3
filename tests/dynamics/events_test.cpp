// SPDX-License-Identifier: MIT
// Events within steps: none is missed and none is late, with any method, for single trajectories and in lanes.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <numbers>

#include "memdyn/core/random.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"

namespace memdyn::test_dynamics_events {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double pi = std::numbers::pi;
constexpr Method every_method[] = {Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78, Method::rosenbrock4,
                                   Method::taylor, Method::automatic};

struct Run {
  std::vector<double> gamma;
  std::vector<Event> events;
  std::vector<double> times;  ///< times of the events [s]
  Statistics statistics;
};

Run integrated(const AnyDevice& device, const Source& source, std::vector<double> gamma, const Waveform& drive,
               const IntegrationOptions& options) {
  Run run;
  Integrator<DrivenDevice> integrator(driven(device, source), options);
  Recording recording{[&](const Sample& sample) {
    if (sample.event == Event::step || sample.event == Event::segment) return;
    run.events.push_back(sample.event);
    run.times.push_back(sample.time);
  }};
  integrator.advance(gamma, drive, 0.0, &recording);
  run.gamma = std::move(gamma);
  run.statistics = integrator.statistics();
  return run;
}

AnyDevice of_job(const AnyDevice& device, const Job& job) {
  return job.parameters.empty() ? device : device.with(job.parameters);
}
/// The results in lanes of jobs of one device, each with its own parameters.
std::vector<Done> in_lanes(InstructionSet set, const AnyDevice& device, const Source& source,
                           const std::vector<Job>& jobs, const IntegrationOptions& options) {
  LaneJobs lanes(jobs, [&](const Job& job) { return levels_of(driven(of_job(device, job), source)); });
  lanes.lanes(lane_count(set));
  integrate_ensemble(set, device, {.integration = options, .level = {}, .source = source}, lanes);
  return lanes.done;
}
/// Passes the final states of jobs to check(job, name, method, state): single trajectories by each method, and lanes of
/// each instruction set.
template <class Check>
void by_all_means(const AnyDevice& device, const Source& source, const std::vector<Job>& jobs, double relative,
                  const Check& check) {
  for (const Method method : every_method) {
    const IntegrationOptions options{method, relative, 1e-3 * relative};
    for (std::size_t j = 0; j < jobs.size(); ++j)
      check(j, "alone", method,
            integrated(of_job(device, jobs[j]), source, jobs[j].gamma, jobs[j].drive, options).gamma);
    for (const InstructionSet set : instruction_sets()) {
      const auto done = in_lanes(set, device, source, jobs, options);
      for (std::size_t j = 0; j < jobs.size(); ++j) {
        CHECK(done[j].outcome.failure == Failure::none);
        check(j, name_of(set), method, done[j].gamma);
      }
    }
  }
}

}  // namespace

TEST_CASE("a guard that dips below zero within a step is noticed, however short the dip") {
  // t is time, x the time for which the guard is negative
  const AnyDevice device = under_current(R"toml([parameters]
a = 0.1
b = 0.2
c = 0.6
d = 0.7
[guards]
above = "(t - a)*(t - b)*(t - c)*(t - d)")toml",
                                         {{"t", 0, 2, "1"}, {"x", 0, 2, "when(above, 0, 1)"}});
  RandomStream random(1, 0, Purpose::samples);
  std::vector<Job> jobs;
  for (int n = 0; n < 60; ++n) {
    double roots[4];
    double at = 0.0;
    for (int k = 0; k < 4; ++k) roots[k] = at += std::pow(10.0, random.uniform(-6, -0.7));
    jobs.push_back({{0, 0}, Waveform({Constant{1.0, 1.0}}), {roots[0], roots[1], roots[2], roots[3]}});
  }
  by_all_means(device, {}, jobs, 1e-9, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    const auto& r = jobs[j].parameters;
    CAPTURE(j, how, name_of(method), r);
    CHECK_THAT(gamma[1], WithinAbs(r[1] - r[0] + r[3] - r[2], 5e-8));
  });
}

TEST_CASE("the time of an oscillation above a level is correct even if it only grazes the level") {
  const AnyDevice device =
      under_current(R"toml([parameters]
level = 0.5
omega = 20.0
[guards]
above = "p - level")toml",
                    {{"p", -2, 2, "omega*q"}, {"q", -2, 2, "-omega*p"}, {"x", 0, 2, "when(above, 1, 0)"}});
  RandomStream random(2, 0, Purpose::samples);
  std::vector<Job> jobs;
  for (int n = 0; n < 30; ++n) {
    const double level = 1.0 - std::pow(10.0, random.uniform(-4, 0));
    const double turns = std::floor(random.uniform(1, 6));
    jobs.push_back({{0, 1, 0}, Waveform({Constant{1.0, 1.0}}), {level, 2 * pi * turns}});
  }
  by_all_means(device, {}, jobs, 1e-9, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    const double level = jobs[j].parameters[0];
    const double omega = jobs[j].parameters[1];
    CAPTURE(j, how, name_of(method), level, omega);
    // the error of each crossing time that the error of p causes
    const double within = 50 * 1e-9 * (1 + omega) / std::sqrt(1 - level * level);
    CHECK_THAT(gamma[2], WithinAbs((pi - 2 * std::asin(level)) / (2 * pi), within));
  });
}

TEST_CASE("errors stay within the tolerance across events") {
  // x grows twice as fast above 1/2, and is held at 1
  const AnyDevice device = under_current(R"toml([guards]
fast = "x - 0.5")toml",
                                         {{"x", 0, 1, "when(fast, 2, 1)*(1.5 - x)"}, {"y", 0, 10, "x*x"}});
  // x = 1.5 - 1.5 exp(-t) up to 1/2 at t1, then 1.5 - exp(-2 (t - t1)) up to 1 at t2
  const double t1 = std::log(1.5);
  const double t2 = t1 + 0.5 * std::log(2.0);
  const auto first = [](double t) { return 2.25 * (t - 2 * (1 - std::exp(-t)) + 0.5 * (1 - std::exp(-2 * t))); };
  const auto second = [](double t) { return 2.25 * t - 1.5 * (1 - std::exp(-2 * t)) + 0.25 * (1 - std::exp(-4 * t)); };
  const double y = first(t1) + second(t2 - t1) + (1.0 - t2);
  for (int k = 0; k <= 16; ++k) {
    const double relative = std::pow(10.0, -4 - 0.5 * k);
    by_all_means(device, {}, {Job{{0, 0}, Waveform({Constant{1.0, 1.0}})}}, relative,
                 [&](std::size_t, auto how, Method method, const std::vector<double>& gamma) {
                   CAPTURE(relative, how, name_of(method));
                   CHECK(gamma[0] == 1.0);
                   CHECK_THAT(gamma[1], WithinAbs(y, 50 * relative));
                 });
  }
}

TEST_CASE("guards are watched after a bound has cut a step, and along a flow that a pair integrates exactly") {
  const AnyDevice device = device_from(R"toml(name = "late"
control = "voltage"
[parameters]
k = 1.0
[guards]
high = "x - 0.03"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "when(high, 0.5, 1)*4*k*v^3"
[port]
memristance = "1e3"
)toml");
  std::vector<Job> jobs;
  for (const double k : {1.0, 4.0}) jobs.push_back({{0}, Waveform({Ramp{1.0, 0, 1}}), {k}});
  by_all_means(device, {Quantity::voltage}, jobs, 1e-9,
               [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
                 CAPTURE(j, how, name_of(method));
                 CHECK_THAT(gamma[0], WithinAbs(j == 0 ? 0.515 : 1.0, 5e-9));
               });
}

TEST_CASE("a state slides along a guard towards which both sides lead, by Filippov's convex combination") {
  // the surface moves with the drive: x = 0.5 + r t, with the fraction (2 - r)/3 of the drift above it
  const AnyDevice device = under_current(R"toml([guards]
above = "x - 0.5 - i")toml",
                                         {{"x", 0, 10, "when(above, -1, 2)"}, {"y", 0, 10, "when(above, 3, 0)"}});
  const auto method = GENERATE(from_range(every_method));
  CAPTURE(name_of(method));
  const IntegrationOptions options{method, 1e-10, 1e-13};
  for (const double r : {-0.5, 0.0, 0.3, 1.0}) {
    CAPTURE(r);
    const Run run = integrated(device, {}, {0, 0}, Waveform({Ramp{1.0, 0, r}}), options);
    CHECK_THAT(run.gamma[0], WithinAbs(0.5 + r, 1e-8));
    CHECK_THAT(run.gamma[1], WithinAbs(1.5 - r, 1e-8));
    REQUIRE(run.events.size() == 2);
    CHECK(run.events[0] == Event::state_event);
    CHECK(run.events[1] == Event::sliding_begins);
    CHECK_THAT(run.times[1], WithinAbs(0.5 / (2 - r), 1e-9));
  }
  // a surface that moves faster than the side below it follows is left
  const Run left = integrated(device, {}, {0, 0}, Waveform({Ramp{1.0, 0, 1}, Ramp{1.0, 1, 4}}), options);
  CHECK_THAT(left.gamma[0], WithinAbs(3.5, 1e-8));
  CHECK_THAT(left.gamma[1], WithinAbs(0.5, 1e-8));
}

TEST_CASE("lanes slide independently, as single trajectories do") {
  const AnyDevice device = under_current(R"toml([parameters]
faster = 2.0
[guards]
above = "x - 0.5 - i")toml",
                                         {{"x", 0, 10, "when(above, -1, faster)"}, {"y", 0, 10, "when(above, 3, 0)"}});
  RandomStream random(6, 0, Purpose::samples);
  std::vector<Job> jobs;
  for (int n = 0; n < 40; ++n)  // some do not reach the guard, some leave it
    jobs.push_back({{random.uniform(0, 0.4), 0},
                    Waveform({Constant{0.05, 0}, Ramp{1.0, 0, random.uniform(-0.5, 4)}, Constant{0.3, 0.8}}),
                    {random.uniform(1, 3)}});
  // the state leaves a surface that moves faster than the drift below it, and meets it again where it rests
  const auto ends_at = [&](const Job& job) {
    const double faster = job.parameters[0];
    const double r = std::get<Ramp>(job.drive.segments()[1]).to;
    double x = job.gamma[0];
    double y = 0;
    const auto go = [&](double surface, double rate, double duration) {
      double left = duration;
      if (x < surface) {  // x below the surface
        const double meets = faster > rate ? (surface - x) / (faster - rate) : duration;
        const double time = std::min(left, meets);
        x += faster * time;
        surface += rate * time;
        left -= time;
      } else if (x > surface) {
        const double meets = rate > -1 ? (x - surface) / (rate + 1) : duration;
        const double time = std::min(left, meets);
        x -= time;
        y += 3 * time;
        surface += rate * time;
        left -= time;
      }
      if (left > 0 && rate > faster) {
        x += faster * left;
      } else if (left > 0) {  // it slides
        x += rate * left;
        y += 3 * (faster - rate) / (faster + 1) * left;
      }
    };
    go(0.5, 0, 0.05);
    go(0.5, r, 1.0);
    go(1.3, 0, 0.3);
    return std::pair{x, y};
  };
  by_all_means(device, {}, jobs, 1e-10, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    const auto [x, y] = ends_at(jobs[j]);
    CAPTURE(j, how, name_of(method));
    CHECK_THAT(gamma[0], WithinAbs(x, 2e-8));
    CHECK_THAT(gamma[1], WithinAbs(y, 2e-8));
  });
}

TEST_CASE("guards that are one surface, written twice, are slid along together") {
  // the drifts of the first test, parts of them by a guard that falls where the other grows
  const AnyDevice device =
      under_current(R"toml([guards]
below = "2*(0.5 + i - x)"
above = "x - 0.5 - i"
unused = "(x - 0.5 - i)*(1 + x)")toml",
                    {{"x", 0, 10, "when(above, -1, 0) + when(below, 2, 0)"}, {"y", 0, 10, "when(below, 0, 3)"}});
  constexpr double relative = 1e-8;
  std::vector<Job> jobs;
  for (const double r : {-0.5, 0.0, 0.3, 1.0}) jobs.push_back({{0, 0}, Waveform({Ramp{1.0, 0, r}})});
  // a surface that moves faster than the side below it follows is left: 1 + 2 and no more of y
  jobs.push_back({{0, 0}, Waveform({Ramp{1.0, 0, 1}, Ramp{1.0, 1, 4}})});
  by_all_means(device, {}, jobs, relative, [&](std::size_t j, auto how, Method by, const std::vector<double>& gamma) {
    CAPTURE(j, how, name_of(by));
    const double r = std::array{-0.5, 0.0, 0.3, 1.0, 3.0}[j];
    CHECK_THAT(gamma[0], WithinAbs(0.5 + r, 50 * relative));
    CHECK_THAT(gamma[1], WithinAbs(j == 4 ? 0.5 : 1.5 - r, 50 * relative));
  });
}

namespace {
/// A state that comes to x = 0.5 and stays there. The drift depends on the guard x - 0.5 and on another one, which
/// is negative where that is positive if it is `turned`.
AnyDevice held_by(const std::string& other, bool turned) {
  const auto sided = [&](const char* above, const char* below) {
    return fmt::format("when(other, {}, {})", turned ? below : above, turned ? above : below);
  };
  return under_current(fmt::format("[guards]\none = \"x - 0.5\"\nother = \"{}\"", other),
                       {{"x", 0, 10, "when(one, -0.6, 0.7) + " + sided("-0.5", "0.4")},
                        {"y", 0, 10, "when(one, 0.6, 0.2) + " + sided("0.1", "0.3")}});
}
}  // namespace

TEST_CASE("guards that are one surface times a function of the state are slid along together") {
  // x' is 1.1 below and -1.1 above, y' is 0.5 and 0.7: x comes to 0.5 after 0.3/1.1 s, and from there y' is 0.6
  constexpr double relative = 1e-8;
  constexpr double arrival = 0.3 / 1.1;
  const std::vector<Job> jobs{{{0.2, 1.0}, Waveform({Constant{2.0, 0}})}};
  for (const auto& [other, turned] :
       {std::pair{"(x - 0.5)*(1 + y)", false}, std::pair{"-7.3*(x - 0.5)*exp(3*y)", true},
        std::pair{"x + 0.3*y - 0.1*y - 0.2*y - 0.5", false}, std::pair{"x*y - 0.5*y + x - 0.5", false},
        std::pair{"(0.5 - x)/y", true}, std::pair{"(x - 0.5)*(1 + i)", false}}) {
    CAPTURE(other);
    by_all_means(held_by(other, turned), {}, jobs, relative,
                 [&](std::size_t j, auto how, Method by, const std::vector<double>& gamma) {
                   CAPTURE(j, how, name_of(by));
                   CHECK_THAT(gamma[0], WithinAbs(0.5, 50 * relative));
                   CHECK_THAT(gamma[1], WithinAbs(1 + 0.5 * arrival + 0.6 * (2 - arrival), 50 * relative));
                 });
  }
}

TEST_CASE("a guard whose derivative vanishes where a state slides is refused, or its side is right") {
  const auto method = GENERATE(from_range(every_method));
  CAPTURE(name_of(method));
  try {
    const Run run = integrated(held_by("(x - 0.5)^3", false), {}, {0.2, 1.0}, Waveform({Constant{2.0, 0}}),
                               IntegrationOptions{method, 1e-8, 1e-11});
    CHECK_THAT(run.gamma[1], WithinAbs(1 + 0.5 * 0.3 / 1.1 + 0.6 * (2 - 0.3 / 1.1), 5e-7));
  } catch (const NumericalError& error) {
    CHECK(error.failure() == Failure::switches_in_place);
  }
}

TEST_CASE("guards that part where a state slides along both of them are refused") {
  // y is 0 where the state comes to x = 0.5, and grows while it slides: then the second guard is left below zero
  const AnyDevice device =
      under_current(R"toml([guards]
above = "x - 0.5"
parts = "x - 0.5 - y^2")toml",
                    {{"x", 0, 1, "when(above, -1, 1) + when(parts, -1, 0)"}, {"y", 0, 1, "when(above, 1, 0)"}});
  const auto method = GENERATE(from_range(every_method));
  CAPTURE(name_of(method));
  CHECK_THROWS_WITH(
      integrated(device, {}, {0, 0}, Waveform({Constant{2.0, 0}}), IntegrationOptions{method, 1e-8, 1e-11}),
      ContainsSubstring("have parted"));
}

TEST_CASE("sliding ends where one side lets go") {
  // above the surface x falls at the rate 1 - y; y grows while it slides, so that at y = 1 the state leaves upward
  const AnyDevice device = under_current(R"toml([guards]
above = "x - 0.5")toml",
                                         {{"x", 0, 10, "when(above, y - 1, 2)"}, {"y", 0, 10, "1"}});
  const auto method = GENERATE(from_range(every_method));
  CAPTURE(name_of(method));
  const Run run = integrated(device, {}, {0, 0}, Waveform({Constant{2.0, 0.0}}), {method, 1e-10, 1e-13});
  CHECK_THAT(run.gamma[0], WithinAbs(1.0, 1e-8));  // 0.5 + (2 - 1)^2 / 2
  CHECK(run.events == std::vector{Event::state_event, Event::sliding_begins, Event::sliding_ends});
  CHECK_THAT(run.times.back(), WithinAbs(1.0, 1e-9));
}

TEST_CASE("after sliding, a stiff state is integrated with the requested method again") {
  const AnyDevice device =
      under_current(R"toml([guards]
above = "x - 0.5")toml",
                    {{"x", 0, 10, "when(above, 100*y - 1, 200)"}, {"y", 0, 10, "1"}, {"z", -10, 10, "(y - z)*1e5"}});
  const std::vector<Job> jobs{{{0, 0, 0}, Waveform({Constant{2.0, 0.0}})}};
  const IntegrationOptions options{Method::rosenbrock4, 1e-6, 1e-9};
  const Run run = integrated(device, {}, jobs[0].gamma, jobs[0].drive, options);
  CHECK(std::ranges::count(run.events, Event::sliding_ends) == 1);
  CHECK(run.statistics.accepted < 10000);  // dopri5 would need some 60 000 steps after sliding
  for (const InstructionSet set : instruction_sets()) {
    const auto done = in_lanes(set, device, {}, jobs, options);
    CAPTURE(name_of(set));
    CHECK(done[0].outcome.accepted < 10000);
    CHECK_THAT(done[0].gamma[0], WithinAbs(run.gamma[0], 1e-3));
  }
}

TEST_CASE("sliding ends in each lane independently") {
  const AnyDevice device = under_current(R"toml([parameters]
speed = 1.0
[guards]
above = "x - 0.5")toml",
                                         {{"x", 0, 10, "when(above, y - 1, 2)"}, {"y", 0, 4, "speed"}});
  RandomStream random(8, 0, Purpose::samples);
  std::vector<Job> jobs;
  for (int n = 0; n < 40; ++n) jobs.push_back({{0, 0}, Waveform({Constant{2.0, 0.0}}), {random.uniform(0.3, 4)}});
  by_all_means(device, {}, jobs, 1e-10, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    const double speed = jobs[j].parameters[0];
    const double full = std::min(2.0, 4 / speed);  // y is at its bound
    const double leaves = std::max(1 / speed, 0.25);
    const double up =
        leaves < 2 ? 0.5 + speed * (full * full - leaves * leaves) / 2 - (full - leaves) + 3 * (2 - full) : 0.5;
    CAPTURE(j, how, name_of(method), speed);
    CHECK_THAT(gamma[0], WithinAbs(up, 1e-7));
    CHECK_THAT(gamma[1], WithinAbs(std::min(4.0, 2 * speed), 1e-8));
  });
}

TEST_CASE("a dip that is much shorter than the step is noticed") {
  // below half of its height a bell is wider than h; x passes through it at a rate of 1, and y measures the time
  const AnyDevice device = under_current(R"toml([parameters]
c = 0.5
h = 0.1
[guards]
outside = "0.5 - exp(-((x - c)/h)^2)")toml",
                                         {{"x", 0, 1, "1"}, {"y", 0, 1, "when(outside, 0, 1)"}});
  RandomStream random(3, 0, Purpose::samples);
  std::vector<Job> jobs;
  for (const double h : {0.3, 0.1, 0.05, 0.02, 0.01})
    for (int n = 0; n < 20; ++n) {
      const double c = random.uniform(h, 1 - h);
      jobs.push_back({{0, 0}, Waveform({Constant{1.0, 1.0}}), {c, h}});
    }
  by_all_means(device, {}, jobs, 1e-9, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    const double c = jobs[j].parameters[0];
    const double half = jobs[j].parameters[1] * std::sqrt(std::log(2.0));
    CAPTURE(j, how, name_of(method), c, half);
    CHECK_THAT(gamma[1], WithinAbs(std::min(c + half, 1.0) - std::max(c - half, 0.0), 1e-7));
  });
}

TEST_CASE("a guard that becomes zero at a bound and stays zero is not positive, from whichever side it came") {
  const AnyDevice device = under_current(
      R"toml([guards]
over_full = "x - 1"
below_empty = "-z")toml",
      {{"x", 0, 1, "1"}, {"z", 0, 1, "-1"}, {"y", 0, 100, "1 + when(over_full, 10, 0) + when(below_empty, 30, 0)"}});
  RandomStream random(4, 0, Purpose::samples);
  std::vector<Job> jobs{{{0.5, 0.5, 0}, Waveform({Constant{1.0, 1.0}})}};
  for (int n = 0; n < 20; ++n)
    jobs.push_back({{random.uniform(0, 1), random.uniform(0, 1), 0}, Waveform({Constant{1.5, 1.0}})});
  by_all_means(device, {}, jobs, 1e-8, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    CAPTURE(j, how, name_of(method));
    CHECK(gamma[0] == 1.0);
    CHECK(gamma[1] == 0.0);
    CHECK_THAT(gamma[2], WithinAbs(j == 0 ? 1.0 : 1.5, 1e-6));
  });
}

TEST_CASE("a drift with a rounding error of the wrong sign at its onset does not release a variable from its bound") {
  // at its threshold the drift is zero to rounding, and then points outward
  const AnyDevice device = SynapticDrift();
  RandomStream random(5, 0, Purpose::samples);
  std::vector<Job> jobs;
  for (int n = 0; n < 60; ++n) {
    const double sign = random.below(2) == 0 ? 1.0 : -1.0;
    jobs.push_back({{0.5 * sign}, Waveform({Ramp{random.uniform(0.01, 1), 0, sign * random.uniform(11, 30)}})});
  }
  jobs.push_back({{-0.5}, Waveform({Ramp{0.120437, 0, -20.96}})});
  by_all_means(device, {}, jobs, 1e-9, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    CAPTURE(j, how, name_of(method));
    CHECK(gamma[0] == jobs[j].gamma[0]);
  });
}

TEST_CASE("while a state slides, the drift along the guard decides whether a bound holds a variable") {
  // the drift of y is i on one side and -3 i on the other, in equal fractions: -i. y rests at 0 until i changes sign
  const AnyDevice device = under_current(R"toml([guards]
above = "x - 0.5")toml",
                                         {{"x", 0, 1, "when(above, -1, 1)"}, {"y", 0, 1, "i*when(above, 1, -3)"}});
  const auto method = GENERATE(from_range(every_method));
  const double relative = GENERATE(1e-6, 1e-9);
  CAPTURE(name_of(method), relative);
  const IntegrationOptions options{method, relative, 1e-3 * relative};
  const Run held = integrated(device, {}, {0.5, 0.25}, Waveform({Constant{1.0, 1.0}}), options);
  CHECK_THAT(held.gamma[0], WithinAbs(0.5, 50 * relative));
  CHECK(held.gamma[1] == 0.0);
  CHECK(std::ranges::count(held.events, Event::bound_reached) == 1);
  const Run released = integrated(device, {}, {0.5, 0.25}, Waveform({Ramp{2.0, 1, -1}}), options);
  CHECK_THAT(released.gamma[1], WithinAbs(0.5, 50 * relative));
  CHECK(std::ranges::count(released.events, Event::bound_released) == 1);
  const std::vector<Job> jobs{{{0.5, 0.25}, Waveform({Constant{1.0, 1.0}})},
                              {{0.5, 0.25}, Waveform({Ramp{2.0, 1, -1}})},
                              {{0.2, 0.75}, Waveform({Constant{0.9, 0.5}})}};
  by_all_means(device, {}, jobs, relative, [&](std::size_t j, auto how, Method by, const std::vector<double>& gamma) {
    CAPTURE(j, how, name_of(by));
    CHECK_THAT(gamma[0], WithinAbs(0.5, 50 * relative));
    CHECK_THAT(gamma[1], WithinAbs(std::array{0.0, 0.5, 0.0}[j], 50 * relative));
  });
}

TEST_CASE("no row shows a variable beyond its bounds") {
  const AnyDevice device = under_current("", {{"x", 0, 1, "i*(1.5 - x)"}, {"y", -0.3, 0.3, "i^3 + i*y"}});
  const auto method = GENERATE(from_range(every_method));
  const double relative = GENERATE(1e-4, 1e-7);
  CAPTURE(name_of(method), relative);
  std::vector<double> gamma{0.5, 0.0};
  std::size_t rows = 0;
  Recording recording{[&](const Sample& sample) {
    ++rows;
    CAPTURE(sample.time, static_cast<int>(sample.event));
    CHECK((sample.gamma[0] >= 0 && sample.gamma[0] <= 1));
    CHECK((sample.gamma[1] >= -0.3 && sample.gamma[1] <= 0.3));
  }};
  recording.interval = 1e-2;
  Integrator<DrivenDevice>(driven(device, {}), IntegrationOptions{method, relative, 1e-3 * relative})
      .advance(gamma, Waveform({Sine{1.0, 2.0, 3.0, 0.0}}), 0.0, &recording);
  CHECK(rows > 100);
}

TEST_CASE("the rows of a sweep are as accurate as its final states, and extremes stay within the bounds") {
  const AnyDevice turning =
      under_current("[parameters]\nomega = 20.0", {{"p", -2, 2, "omega*q"}, {"q", -2, 2, "-omega*p"}});
  const AnyDevice bounded = under_current("", {{"x", 0, 1, "i*(1.5 - x)"}, {"y", -0.3, 0.3, "i^3 + i*y"}});
  const double interval = 0.01;
  for (const Method method : every_method) {
    for (const InstructionSet set : instruction_sets()) {
      CAPTURE(name_of(method), name_of(set));
      const auto done = [&](const AnyDevice& device, const Job& job, double relative) {
        const std::vector jobs(10, job);
        LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(device, {})); }, {}, interval);
        lanes.lanes(lane_count(set));
        integrate_ensemble(set, device, {.integration = {method, relative, 1e-3 * relative}, .level = {}, .source = {}},
                           lanes);
        return lanes.done[9];
      };
      // rows of fehlberg78 are separate steps, far more accurate than its dense output; the dense output of rosenbrock4
      // has order 3
      const double within = method == Method::fehlberg78 ? 1e-10 : method == Method::rosenbrock4 ? 1e-6 : 5e-9;
      const Done turns = done(turning, {{0, 1}, Waveform({Constant{1.0, 1.0}})}, 1e-10);
      REQUIRE(turns.samples.size() == 200);
      for (std::size_t n = 0; n < 100; ++n)
        CHECK_THAT(turns.samples[2 * n], WithinAbs(std::sin(20 * interval * static_cast<double>(n + 1)), within));
      const Done bounds = done(bounded, {{0.5, 0.0}, Waveform({Sine{1.0, 2.0, 3.0, 0.0}})}, 1e-5);
      for (const std::size_t i : {0, 1}) {
        CHECK(bounds.lowest[i] >= (i == 0 ? 0.0 : -0.3));
        CHECK(bounds.highest[i] <= (i == 0 ? 1.0 : 0.3));
      }
    }
  }
}

TEST_CASE("a threshold switch under a current slides along its guard") {
  const AnyDevice device = device_from(R"toml(name = "threshold_switch"
control = "voltage"
typical_input = 2.0
[parameters]
R_ins = { value = 100.2e3, unit = "ohm" }
R_met = { value = 0.99e3, unit = "ohm" }
V_imt = { value = 1.99, unit = "V" }
V_mit = { value = 1.0, unit = "V" }
tau = { value = 30e-9, unit = "s" }
[guards]
hot = "v - (V_imt + (V_mit - V_imt)*s)"
[[variable]]
name = "s"
lower = 0
upper = 1
drift = "(when(hot, 1, 0) - s)/tau"
[port]
memristance = "R_ins*(1 - s) + R_met*s"
[properties]
fades = true
)toml");
  const auto share = [](double current) {
    return (current * 100.2e3 - 1.99) / (current * (100.2e3 - 0.99e3) - (1.99 - 1.0));
  };
  for (const double to : {1e-4, 5e-4, 9e-4}) {
    const Run run = integrated(device, {}, {0}, Waveform({Ramp{1e-3, 0, to}}), {Method::automatic, 1e-9, 1e-12});
    CHECK_THAT(run.gamma[0], WithinAbs(share(to), 1e-5));  // the state lags by tau
    REQUIRE(run.events.back() == Event::sliding_begins);
    CHECK_THAT(run.times.back(), WithinRel(1.99 / 100.2e3 * 1e-3 / to, 1e-3));
  }
  std::vector<Job> jobs;
  for (int n = 1; n < 30; n += 3) jobs.push_back({{0}, Waveform({Ramp{1e-3, 0, n * 3e-5}})});
  by_all_means(device, {}, jobs, 1e-8, [&](std::size_t j, auto how, Method method, const std::vector<double>& gamma) {
    const double to = std::get<Ramp>(jobs[j].drive.segments()[0]).to;
    CAPTURE(j, how, name_of(method), to);
    CHECK_THAT(gamma[0], WithinAbs(share(to), 1e-4));
  });
}

TEST_CASE("a port that jumps at a guard towards which both sides lead is refused with a remedy") {
  const AnyDevice device = device_from(R"toml(name = "jumps"
control = "current"
[guards]
above = "x - 0.5"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "when(above, -1, 1)"
[port]
memristance = "when(above, 100, 10)"
)toml");
  std::vector<double> gamma{0.0};
  Integrator<DrivenDevice> integrator(driven(device, {Quantity::voltage}), {});
  try {
    integrator.advance(gamma, Waveform({Constant{1.0, 1.0}}));
    FAIL("accepted");
  } catch (const NumericalError& error) {
    CHECK_THAT(error.what(), ContainsSubstring("both sides of guard 0 lead back to it"));
  }
}

TEST_CASE("no limit of a source is exceeded, whatever the ramp") {
  const AnyDevice device{Vteam()};
  RandomStream random(4, 0, Purpose::samples);
  int limited = 0;
  for (int trial = 0; trial < 100; ++trial) {
    const double limit = std::pow(10.0, random.uniform(-3.5, -2.3));
    const double top = random.uniform(-2.0, 2.0);
    const double start = random.uniform(0.1, 2.9) * 1e-9;
    const Source source{Quantity::voltage, 0.0, {limit, limit}};
    CAPTURE(trial, limit, top, start);
    for (const Method method : every_method) {
      std::vector<double> gamma{start};
      Integrator<DrivenDevice> integrator(driven(device, source), {method, 1e-9, 1e-12});
      double largest = 0.0;
      Recording recording{[&](const Sample& sample) { largest = std::max(largest, std::abs(sample.current)); }, true,
                          1e-9};
      integrator.advance(gamma, Waveform({Ramp{0.5e-6, 0, top}, Ramp{0.5e-6, top, 0}}), 0.0, &recording);
      CHECK(largest <= limit * (1 + 1e-6));
      limited += largest > limit * (1 - 1e-6) ? 1 : 0;
    }
  }
  CHECK(limited > 100);
}

TEST_CASE("a default VTEAM device with a compliance of 1 mA") {
  // 4.80534375e-10 m: SciPy's DOP853 with the limit solved for at every evaluation
  const Waveform drive = triangle_sweep(0.5, 1e-6);
  by_all_means(AnyDevice{Vteam()}, {Quantity::voltage, 0.0, {1e-3, 1e-3}}, {Job{{3e-9}, drive}}, 1e-9,
               [&](std::size_t, auto how, Method method, const std::vector<double>& gamma) {
                 CAPTURE(how, name_of(method));
                 CHECK_THAT(gamma[0], WithinRel(4.80534375e-10, 1e-8));
               });
}

TEST_CASE("reductions and recordings do not change a trajectory, to the last bit") {
  const AnyDevice device = device_from(R"toml(name = "sawtooth"
control = "current"
[guards]
up = "0.3 - p"
[[variable]]
name = "p"
lower = -2
upper = 2
drift = "20*q"
[[variable]]
name = "q"
lower = -2
upper = 2
drift = "-20*p*(1 + 0.1*i)"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "when(up, 1, -3)*(0.2 + x)"
[port]
memristance = "100*(2 - x)"
)toml");
  std::vector<Job> jobs;
  for (int j = 0; j < 20; ++j)
    jobs.push_back({{0.02 * j, 1, 0.5}, Waveform({Sine{1.0, 1.0, 2.0, 0.1 * j, 0.0}, Ramp{0.5, 1, -1}})});
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  const IntegrationOptions options{method, 1e-8, 1e-11};
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set), name_of(method));
    const auto levels = [&](const Job&) { return levels_of(driven(device, {})); };
    LaneJobs plain(jobs, levels);
    integrate_ensemble(set, device, {.integration = options, .level = {}, .source = {}}, plain);
    LaneJobs observed(jobs, levels, {}, 0.013, true);
    integrate_ensemble(set, device,
                       {.integration = options, .integrals = true, .level = {Level::memristance, 150.0}, .source = {}},
                       observed);
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      CHECK(same_bits(plain.done[j].gamma, observed.done[j].gamma));
      CHECK(plain.done[j].outcome.accepted == observed.done[j].outcome.accepted);
      CHECK(plain.done[j].outcome.events > 3);
    }
  }
}

TEST_CASE("in lanes rosenbrock4 takes over the steps of stiff trajectories") {
  const AnyDevice device = under_current(R"toml([parameters]
tau = 1e-7)toml",
                                         {{"T", -10, 10, "(i - T)/tau"}, {"x", 0, 1, "T"}});
  std::vector<Job> jobs(20, Job{{0, 0}, Waveform({Ramp{1.0, 0, 1}})});
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    LaneJobs source(jobs, [&](const Job&) { return levels_of(driven(device, {})); }, {}, 0.25, true);
    integrate_ensemble(set, device, {.integration = {Method::automatic, 1e-9, 1e-12}, .integrals = true}, source);
    for (const Done& done : source.done) {
      REQUIRE(done.outcome.failure == Failure::none);
      CHECK(done.outcome.accepted < 2000);
      CHECK_THAT(done.gamma[0], WithinAbs(1 - 1e-7, 1e-8));
      CHECK_THAT(done.gamma[1], WithinAbs(0.5 - 1e-7, 1e-8));
      CHECK_THAT(done.integrals[charge], WithinRel(0.5, 1e-9));
      REQUIRE(done.samples.size() == 8);
      CHECK_THAT(done.samples[3], WithinAbs(0.125 - 0.5e-7, 1e-8));
    }
  }
}

TEST_CASE(
    "a bound is located although the variable exceeds it by less than the tolerance and the drift beyond is NaN") {
  const auto device = under_current("", {{"x", 0, 10, "-sqrt(x) - 0.1*i"}});
  const std::vector<Job> jobs(3, Job{{1.0}, Waveform({Constant{2.5, 1.0}, Constant{1.0, -1.0}})});
  // after the return from 0 its root u satisfies t = -2 u - 0.2 ln(1 - 10 u)
  double root = 0.1;
  for (int n = 0; n < 50; ++n) root = 0.1 * (1 - std::exp(-(1.0 + 2 * root) / 0.2));
  for (const double relative : {1e-6, 1e-9}) {
    by_all_means(device, Source{}, jobs, relative,
                 [&](std::size_t, std::string_view name, Method method, const std::vector<double>& gamma) {
                   CAPTURE(name, name_of(method), relative);
                   CHECK_THAT(gamma[0], WithinAbs(root * root, 100 * relative));
                 });
    Statistics took =
        integrated(device, Source{}, {1.0}, jobs[0].drive, {Method::dopri5, relative, 1e-3 * relative}).statistics;
    CHECK(took.accepted < 1000);
    CHECK(took.bounds_reached == 1);
    CHECK(took.bounds_released <= 1);
  }
}

TEST_CASE("a stiff trajectory does not depend on its neighbours, to the last bit") {
  const AnyDevice device = under_current(R"toml([parameters]
tau = 1.0)toml",
                                         {{"T", -10, 10, "(i - T)/tau"}, {"x", 0, 1, "T - 0.2*x"}});
  std::vector<Job> jobs;
  std::vector<std::size_t> backwards;
  for (std::size_t n = 0; n < 40; ++n) {
    jobs.push_back({{0.0, 0.1}, Waveform({Ramp{1.0, 0.0, 1.0 + 0.01 * static_cast<double>(n)}})});
    jobs.back().parameters = {std::pow(10.0, -static_cast<double>(n % 7))};
    backwards.insert(backwards.begin(), n);
  }
  for (const Method method : {Method::automatic, Method::rosenbrock4, Method::taylor})
    for (const InstructionSet set : instruction_sets()) {
      CAPTURE(name_of(method), name_of(set));
      const auto integrated_in = [&](const std::vector<std::size_t>& order) {
        LaneJobs lanes(
            jobs, [&](const Job& job) { return levels_of(driven(device.with(job.parameters), {})); }, order, 0.1, true);
        lanes.lanes(lane_count(set));
        const IntegrationOptions options{method, 1e-7, 1e-10};
        integrate_ensemble(set, device, {.integration = options, .integrals = true, .level = {}, .source = {}}, lanes);
        return std::move(lanes.done);
      };
      const auto one = integrated_in({});
      const auto other = integrated_in(backwards);
      for (std::size_t n = 0; n < jobs.size(); ++n) {
        CHECK(one[n].outcome.failure == Failure::none);
        CHECK(same_bits(one[n].numbers, other[n].numbers));
      }
    }
}

TEST_CASE("an exponential costs no steps once it has settled, and rounding in its tail ends no run") {
  for (const double compliance : {Source::none, 0.64})
    for (const Method method : {Method::dopri5, Method::taylor, Method::automatic}) {
      const AnyDevice device{HpWindow{}};
      const Source source{.quantity = Quantity::current, .compliance = {compliance, compliance}};
      const IntegrationOptions options{method, 1e-10, 1e-13};
      const Run until_settled =
          integrated(device, source, {0.2}, Waveform({Exponential{39.0, -5e-5, 0.0, 1.0}}), options);
      const Run longer = integrated(device, source, {0.2}, Waveform({Exponential{1e6, -5e-5, 0.0, 1.0}}), options);
      CAPTURE(name_of(method), compliance);
      CHECK_THAT(longer.gamma[0], WithinRel(until_settled.gamma[0], 1e-9));
      // the guard of the source is followed until the current underflows
      CHECK(longer.statistics.accepted < until_settled.statistics.accepted + (std::isfinite(compliance) ? 300 : 30));
    }
}

TEST_CASE("the times of rows never decrease, whatever the rounding of the sum of durations") {
  RandomStream random(4, 0, Purpose::samples);
  std::vector<Segment> segments;
  for (int n = 0; n < 2000; ++n) segments.emplace_back(Ramp{random.uniform(0.01, 0.3), random.uniform(-1, 1), 0.3});
  const auto device = under_current("", {{"x", -1e3, 1e3, "i"}});
  Integrator<DrivenDevice> integrator(driven(device, {Quantity::current, 0.0}), {});
  double last = 0.0;
  std::size_t falls = 0;
  Recording recording{[&](const Sample& sample) {
    falls += sample.time < last ? 1 : 0;
    last = sample.time;
  }};
  std::vector<double> gamma{0.0};
  integrator.advance(gamma, Waveform(segments), 0.0, &recording);
  CHECK(falls == 0);
}

}  // namespace memdyn::test_dynamics_events
