// SPDX-License-Identifier: MIT
// Windows that vanish at a bound: states that return from the bound, and the report if they cannot.
#include "memdyn/dynamics/absorption.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <fstream>

#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/run/sweep.hpp"
#include "support/lane_jobs.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_dynamics_absorption {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

HpWindow window(const std::string& name, std::optional<bool> logit = {}, double p = 1.0) {
  HpWindow::Parameters parameters;
  parameters.window = name;
  parameters.p = p;
  parameters.logit = logit;
  return HpWindow(parameters);
}
/// 20 s towards a bound, after which 1 - x is 1e-35 under Joglekar's window, and 20 s back.
Waveform there_and_back(double current = 1e-4) { return Waveform({Constant{20.0, current}, Constant{20.0, -current}}); }
constexpr double begin = 0.3144654088;

struct Run {
  double end;
  Statistics statistics;
  std::vector<double> recorded;
};
Run run(const AnyDevice& device, double gamma, const Waveform& drive, const IntegrationOptions& options = {}) {
  Integrator<DrivenDevice> integrator(driven(device, native_source(device)), options);
  std::vector<double> state{gamma};
  Run result;
  Recording recording{[&](const Sample& sample) { result.recorded.push_back(sample.gamma[0]); }};
  integrator.advance(state, drive, 0, &recording);
  result.end = state[0];
  result.statistics = integrator.statistics();
  return result;
}
bool absorbed(const Run& one) { return !std::isnan(one.statistics.absorbed_from); }

}  // namespace

TEST_CASE(
    "absorption: with a window that vanishes at both bounds a state returns although a double cannot resolve 1 - x") {
  const auto method = GENERATE(Method::dopri5, Method::fehlberg78, Method::rosenbrock4, Method::automatic);
  const auto current = GENERATE(1e-4, -1e-4);
  CAPTURE(name_of(method), current);
  for (const auto& device :
       {window("joglekar"), window("joglekar", {}, 4.0), window("strukov"), window("prodromakis")}) {
    const Run one = run(device, begin, there_and_back(current), {method, 1e-9, 1e-12});
    CHECK_THAT(one.end, WithinRel(begin, 1e-7));
    CHECK_FALSE(absorbed(one));
    CHECK(one.recorded.front() == begin);  // the initial state is recorded exactly
    for (const double x : one.recorded) CHECK((x > 0.0 && x < 1.0));
    CHECK(one.statistics.bounds_reached == 0);
  }
}

TEST_CASE("absorption: every recorded row satisfies the closed form R(q), also near a bound") {
  const AnyDevice device = window("joglekar");
  Integrator<DrivenDevice> integrator(driven(device, native_source(device)), {Method::dopri5, 1e-12, 1e-14});
  const double odds = begin / (1.0 - begin);
  std::vector<double> state{begin};
  Recording recording{[&](const Sample& sample) {
                        const double q = sample.time < 20.0 ? 1e-4 * sample.time : 1e-4 * (40.0 - sample.time);
                        const double undoped = 1.0 / (1.0 + odds * std::exp(4e4 * q));
                        CHECK_THAT(1.0 - sample.gamma[0], WithinAbs(undoped, 1e-11));
                        CHECK_THAT(sample.voltage / sample.current, WithinRel(100.0 + 15900.0 * undoped, 1e-9));
                      },
                      true, 0.1};
  integrator.advance(state, there_and_back(), 0, &recording);
}

TEST_CASE("absorption: a model gives the same result directly and type-erased, also under pulses") {
  Integrator<HpWindow> integrator(window("joglekar"));
  std::vector<double> state{begin};
  integrator.advance(state, there_and_back());
  CHECK_THAT(state[0], WithinRel(begin, 1e-7));
  integrator.pulse(state, 0.0, 1.0);
  const double rested = state[0];
  integrator.pulse(state, 0.0, 1.0);
  CHECK(state[0] == rested);  // the state is exactly unchanged at rest
  integrator.pulse(state, 1e-4, 20.0);
  CHECK(state[0] == 1.0 - 0x1p-53);  // the largest double below 1, from which the state can return
  integrator.pulse(state, -1e-4, 20.0);
  CHECK(state[0] < 1e-10);
}

TEST_CASE("absorption: with logit the state is z, and without it x, which a bound absorbs") {
  const double z = std::log(begin / (1.0 - begin));
  const Run by_logit = run(window("joglekar", true), z, there_and_back());
  CHECK_THAT(by_logit.end, WithinRel(z, 1e-7));
  CHECK_FALSE(absorbed(by_logit));
  for (const auto current : {1e-4, -1e-4}) {
    const Run plain = run(window("joglekar", false), begin, there_and_back(current));
    CHECK(std::abs(plain.end - begin) > 0.1);
    CHECK(plain.statistics.absorbed_from == 20.0);
    CHECK(plain.statistics.absorbed == 0);
  }
  // if p is not a whole number, z is not used
  CHECK(absorbed(run(window("prodromakis", {}, 1.5), begin, there_and_back(4e-4))));
}

TEST_CASE("absorption: a state that begins at an absorbing bound stays there, and is reported") {
  for (const std::optional<bool>& logit : {std::optional<bool>{}, std::optional<bool>{false}})
    for (const double x : {0.0, 1.0})
      for (const double current : {1e-4, -1e-4})
        for (const Method method : {Method::dopri5, Method::rosenbrock4, Method::automatic}) {
          const Run one = run(window("joglekar", logit), x, there_and_back(current), {method, 1e-9, 1e-12});
          CHECK(one.end == x);
          CHECK(one.statistics.absorbed_from == 0.0);
          for (const double recorded : one.recorded) CHECK(recorded == x);
        }
}

TEST_CASE("absorption: nothing is reported if bounds do not absorb, or the state stays away from them") {
  for (const char* name : {"rectangular", "biolek", "zha", "kvatinsky", "asymmetric"})
    CHECK_FALSE(absorbed(run(window(name), begin, there_and_back())));
  CHECK_FALSE(absorbed(run(window("joglekar", false), begin, Waveform({Constant{1.0, 1e-4}, Constant{1.0, -1e-4}}))));
  CHECK_FALSE(absorbed(run(Vteam{}, 1.5e-9, Waveform({Constant{1e-4, -1.0}, Constant{1e-4, 1.0}}))));
  CHECK_FALSE(absorbed(run(Team{}, 1.5e-9, Waveform({Constant{1.0, -1e-3}, Constant{1.0, 1e-3}}))));
}

TEST_CASE("absorption: a change of sign of the drift within a segment is noticed without a guard") {
  LehtonenLaiho::Parameters parameters;
  parameters.window = "joglekar";
  const Waveform sine({Sine{40.0, 1.0, 1.0 / 40.0}});
  const Run one = run(LehtonenLaiho(parameters), 0.5, sine);
  CHECK(absorbed(one));
  CHECK(one.statistics.absorbed_from >= 10.0);
  const Run mild = run(LehtonenLaiho(parameters), 0.5, Waveform({Sine{40.0, 0.5, 1.0 / 40.0}}));
  CHECK_FALSE(absorbed(mild));
}

TEST_CASE("absorption: lanes report states, extremes, samples and levels as x, and mark absorbed trajectories") {
  const auto device = window("joglekar");
  std::vector<Job> jobs;
  for (int n = 0; n < 21; ++n) jobs.push_back({{0.1 + 0.04 * n}, there_and_back(n % 2 == 0 ? 1e-4 : -1e-4)});
  jobs.push_back({{1.0}, there_and_back()});
  const DrivenDevice one = driven(device, native_source(device));
  for (const InstructionSet set : instruction_sets())
    for (const bool integrals : {false, true}) {
      CAPTURE(name_of(set), integrals);
      LaneJobs lanes(jobs, [&](const Job&) { return levels_of(one); }, {}, 5.0, integrals);
      EnsembleOptions options{.integrals = integrals, .level = {0, 0.95}, .source = native_source(device)};
      integrate_ensemble(set, device, options, lanes);
      for (std::size_t j = 0; j + 1 < jobs.size(); ++j) {
        CAPTURE(j);
        const double x = jobs[j].gamma[0];
        const bool up = j % 2 == 0;
        const Done& done = lanes.done[j];
        REQUIRE(done.outcome.failure == Failure::none);
        CHECK_THAT(done.gamma[0], WithinRel(x, 1e-7));
        CHECK(std::isnan(done.outcome.absorbed));
        CHECK((up ? done.lowest[0] : done.highest[0]) == Catch::Approx(x).epsilon(1e-7));
        if (up) {
          CHECK(done.highest[0] == 1.0 - 0x1p-53);
        } else {
          CHECK((done.lowest[0] > 0.0 && done.lowest[0] < 1e-30));
        }
        // x passes 0.95 on its way up: ln(19 (1 - x)/x) = 4e4 q
        if (up && x < 0.95) CHECK_THAT(done.outcome.switched, WithinRel(std::log(19.0 * (1.0 - x) / x) / 4.0, 1e-6));
        REQUIRE(done.samples.size() == 8);
        const double odds = x / (1.0 - x) * std::exp(up ? 20.0 : -20.0);
        CHECK_THAT(done.samples[0], WithinRel(odds / (1.0 + odds), 1e-7));
        if (integrals) CHECK_THAT(done.integrals[charge], WithinAbs(0.0, 1e-12));
      }
      CHECK(lanes.done.back().gamma[0] == 1.0);
      CHECK(lanes.done.back().outcome.absorbed == 0.0);
    }
  const auto plain = window("joglekar", false);
  for (const InstructionSet set : instruction_sets()) {
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(plain, native_source(plain))); });
    integrate_ensemble(set, plain, {.level = {}, .source = native_source(plain)}, lanes);
    for (std::size_t j = 0; j + 1 < jobs.size(); ++j) CHECK(lanes.done[j].outcome.absorbed == 20.0);
    CHECK(lanes.done.back().outcome.absorbed == 0.0);
  }
}

TEST_CASE("absorption: a composite with such a part reports x") {
  Resistor::Parameters load;
  load.R = 1e3;
  const AnyDevice pair =
      couple(Coupling::series, {{window("joglekar"), "cell", false}, {Resistor(load), "load", false}});
  CHECK(pair.model().upper[0] == 1.0);
  const Run one = run(pair, begin, there_and_back());
  CHECK_THAT(one.end, WithinRel(begin, 1e-7));
  CHECK(one.recorded.front() == begin);
}

TEST_CASE("absorption: a sweep marks its trajectories, and integrates each exponent in suitable coordinates") {
  const auto file = scratch("absorbed.toml");
  const auto output = scratch("absorbed.h5");
  const auto swept = [&](const std::string& parameters) {
    std::ofstream(file) << "[device]\nmodel = \"hp-window\"\n[device.parameters]\n"
                        << parameters
                        << "[initial]\ngamma = [0.3]\n"
                           "[[waveform]]\nkind = \"constant\"\nvalue = 4e-4\nduration = 20\n"
                           "[[waveform]]\nkind = \"constant\"\nvalue = -4e-4\nduration = 20\n"
                           "[[sweep]]\nkey = \"device.parameters.p\"\n"
                        << (parameters.find("prodromakis") != std::string::npos ? "values = [1, 1.5, 2, 2.5, 3]\n"
                                                                                : "values = [1, 2, 3, 4, 5]\n");
    const SweepReport report = sweep(read_sweep(file), output, [](double) {});
    CHECK(report.failed() == 0);
    return report.absorbed();
  };
  CHECK(swept("window = \"joglekar\"\n") == 0);
  CHECK(swept("window = \"joglekar\"\nlogit = false\n") == 5);
  CHECK(swept("window = \"joglekar\"\nlogit = true\n") == 0);
  CHECK(swept("window = \"prodromakis\"\n") == 2);
}

}  // namespace memdyn::test_dynamics_absorption
