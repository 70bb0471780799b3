// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <fstream>

#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/sweep.hpp"
#include "support/closed_forms.hpp"
#include "support/lane_jobs.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_dynamics_compliance {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Row {
  double time, drive, voltage, current;
  Event event;
};
struct Trajectory {
  std::vector<double> gamma;
  std::vector<Row> rows;
};

Trajectory run(const AnyDevice& device, const Source& source, std::vector<double> gamma, const Waveform& drive,
               double relative = 1e-12, double interval = 0.0) {
  Trajectory all;
  Integrator<DrivenDevice> integrator(driven(device, source), {Method::dopri5, relative, 1e-2 * relative});
  Recording recording{[&](const Sample& sample) {
    all.rows.push_back({sample.time, sample.drive, sample.voltage, sample.current, sample.event});
  }};
  recording.steps = interval == 0.0;
  recording.interval = interval;
  integrator.advance(gamma, drive, 0.0, &recording);
  all.gamma = std::move(gamma);
  return all;
}

std::vector<double> times_of(const Trajectory& trajectory, Event event) {
  std::vector<double> times;
  for (const Row& row : trajectory.rows)
    if (row.event == event) times.push_back(row.time);
  return times;
}

/// The zero of an increasing function, by bisection.
template <class Function>
double halved(const Function& f, double low, double high) {
  for (int n = 0; n < 200; ++n) {
    const double middle = 0.5 * (low + high);
    (f(middle) > 0 ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

/// Classical Runge-Kutta method in equal steps. At every evaluation the circuit is solved by bisection, first without
/// the limit and, if that exceeds it, at the limit.
std::vector<double> by_fixed_steps(const AnyDevice& device, const Source& source, std::vector<double> gamma,
                                   const Segment& drive, int steps) {
  const Model<double>& model = device.model();
  const double span = 100.0 * device.typical_input();
  const auto input = [&](const std::vector<double>& g, Quantity held, double value) {
    if (held == Quantity::current)
      return halved([&](double u) { return model.current(g.data(), u) - value; }, -span, span);
    return halved(
        [&](double u) {
          return model.voltage(g.data(), u) + source.series_resistance * model.current(g.data(), u) - value;
        },
        -span, span);
  };
  const auto rates = [&](const std::vector<double>& g, double s) {
    const bool by_voltage = source.quantity == Quantity::voltage;
    double u = input(g, source.quantity, value(drive, s));
    const double current = model.current(g.data(), u);
    const double other = by_voltage ? current : model.voltage(g.data(), u) + source.series_resistance * current;
    const double limit = source.compliance[other > 0 ? 1 : 0];
    if (std::abs(other) > limit)
      u = input(g, by_voltage ? Quantity::current : Quantity::voltage, std::copysign(limit, other));
    Regime<double> regime;
    evaluate_regime(driven(device, native_source(device)), g, u, regime);
    std::vector<double> all;
    for (std::size_t i = 0; i < g.size(); ++i) {
      const double rate = model.drift(i, g.data(), u, {regime.data(), regime.size()});
      const bool rests = (g[i] >= model.upper[i] && rate > 0) || (g[i] <= model.lower[i] && rate < 0);
      all.push_back(rests ? 0.0 : rate);
    }
    return all;
  };
  const double h = duration(drive) / steps;
  for (int n = 0; n < steps; ++n) {
    const auto moved = [&](const std::vector<double>& slope, double by) {
      std::vector<double> at = gamma;
      for (std::size_t i = 0; i < at.size(); ++i) at[i] += by * slope[i];
      return at;
    };
    const auto k1 = rates(gamma, n * h);
    const auto k2 = rates(moved(k1, h / 2), (n + 0.5) * h);
    const auto k3 = rates(moved(k2, h / 2), (n + 0.5) * h);
    const auto k4 = rates(moved(k3, h), (n + 1) * h);
    for (std::size_t i = 0; i < gamma.size(); ++i)
      gamma[i] = std::clamp(gamma[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]), model.lower[i], model.upper[i]);
  }
  return gamma;
}

struct Case {
  AnyDevice device;
  std::vector<double> gamma;
  Source source;
  Segment drive;
};
/// Models of both inputs under both sources, limits in either polarity, with and without a resistance.
std::vector<Case> cases() {
  constexpr double none = Source::none;
  StanfordRram::Parameters cold;
  return {{strukov(), {3e-9}, {Quantity::voltage, 0.0, {1e-4, 2e-4}}, Sine{1.0, 1.5, 1.0}},
          {strukov(), {3e-9}, {Quantity::current, 0.0, {0.5, 1.0}}, Sine{1.0, 2e-4, 1.0}},
          {strukov(), {3e-9}, {Quantity::voltage, 500.0, {none, 1e-4}}, Sine{1.0, 1.5, 1.0}},
          {Team(), {1e-9}, {Quantity::voltage, 50.0, {none, 3e-4}}, Ramp{1e-7, 0.0, 0.2}},
          {Vteam(), {1e-9}, {Quantity::voltage, 0.0, {4e-4, none}}, Sine{1e-6, 0.4, 1e6}},
          {Vteam(), {1e-9}, {Quantity::voltage, 30.0, {8e-4, 2e-4}}, Sine{1e-6, 0.4, 1e6}},
          {Vteam(), {1e-9}, {Quantity::current, 100.0, {0.4, 0.2}}, Sine{1e-6, 1e-3, 1e6}},
          {StanfordRram(cold), {1.5e-9}, {Quantity::voltage, 0.0, {none, 1e-5}}, Ramp{1e-3, 0.0, 2.0}}};
}

}  // namespace

TEST_CASE("a current limit under a ramp of voltage on Strukov's device follows the closed form") {
  const HpDrift device = strukov();
  const auto& p = device.parameters();
  const double limit = 1e-4;
  const double rate = 1.0;  // V/s
  const double x0 = 0.1;
  // without the limit: (R_off - a (x + x0)) (x - x0) = k V²/2 rate, with a = (R_off - R_on)/2 and k = μ R_on/D²
  const double k = p.mu_v * p.R_on / (p.D * p.D);
  const double a = (p.R_off - p.R_on) / 2;
  const auto x_free = [&](double t) {
    const double c = k * rate * t * t / 2 + p.R_off * x0 - a * x0 * x0;
    return 2 * c / (p.R_off + std::sqrt(p.R_off * p.R_off - 4 * a * c));
  };
  const auto memristance = [&](double x) { return p.R_off - (p.R_off - p.R_on) * x; };
  const double entry = halved([&](double t) { return rate * t - limit * memristance(x_free(t)); }, 0.0, 1.1);
  const double end = 1.2;
  const double x_end = x_free(entry) + k * limit * (end - entry);  // I = limit from there on
  REQUIRE(x_end < 1.0);

  const auto found =
      run(device, {Quantity::voltage, 0.0, {Source::none, limit}}, {x0 * p.D}, Waveform({Ramp{end, 0.0, rate * end}}));
  CHECK_THAT(found.gamma[0] / p.D, WithinRel(x_end, 1e-10));
  const auto times = times_of(found, Event::compliance);
  REQUIRE(times.size() == 1);
  CHECK_THAT(times[0], WithinRel(entry, 1e-11));
}

TEST_CASE("a source enters and leaves its compliance at events, and never exceeds its limits") {
  const auto [device, gamma, source, drive] = GENERATE(from_range(cases()));
  CAPTURE(device.name(), source.series_resistance, name_of(source.quantity));
  const auto found = run(device, source, gamma, Waveform({drive}));
  const auto free = run(device, {source.quantity, source.series_resistance}, gamma, Waveform({drive}), 1e-9);
  const auto limited = [&](const Row& row) {
    return source.quantity == Quantity::voltage ? row.current : row.voltage + source.series_resistance * row.current;
  };
  double passed = 0.0;  // largest value without a limit
  for (const Row& row : free.rows) {
    const double limit = source.compliance[limited(row) > 0 ? 1 : 0];
    passed = std::max(passed, std::abs(limited(row)) / limit);
  }
  CHECK(passed > 1.1);
  CHECK(!times_of(found, Event::compliance).empty());
  for (const Row& row : found.rows) {
    const double limit = source.compliance[limited(row) > 0 ? 1 : 0];
    CHECK(std::abs(limited(row)) <= limit * (1 + 1e-10));
    // the source holds its drive wherever it does not hold a limit
    const double prescribed =
        source.quantity == Quantity::current ? row.current : row.voltage + source.series_resistance * row.current;
    if (std::abs(limited(row)) < limit * (1 - 1e-9))
      CHECK_THAT(prescribed, WithinAbs(row.drive, 1e-11 * (std::abs(row.drive) + 1e-6)));
  }
}

TEST_CASE("final states under a compliance agree with another solver in small equal steps, also in lanes") {
  const auto [device, gamma, source, drive] = GENERATE(from_range(cases()));
  CAPTURE(device.name(), source.series_resistance, name_of(source.quantity));
  const auto fine = run(device, source, gamma, Waveform({drive})).gamma;
  const auto coarse = by_fixed_steps(device, source, gamma, drive, 4000);
  const double scale = device.model().scale[0];
  CHECK(std::abs(fine[0] - gamma[0]) > 1e-2 * scale);
  CHECK_THAT(coarse[0], WithinAbs(fine[0], 1e-6 * scale));

  const double loose = std::abs(run(device, source, gamma, Waveform({drive}), 1e-6).gamma[0] - fine[0]) / scale;
  CHECK(loose < 1e-4);

  const DrivenDevice one = driven(device, source);
  const std::vector<Job> jobs{{gamma, Waveform({drive})}};
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(one); });
    integrate_ensemble(set, device, {.integration = {Method::dopri5, 1e-12, 1e-14}, .source = source}, lanes);
    REQUIRE(lanes.done[0].outcome.failure == Failure::none);
    CHECK_THAT(lanes.done[0].gamma[0], WithinAbs(fine[0], 1e-10 * scale));
  }
}

TEST_CASE("the compliance of a SET governs how far the gap of a filamentary device closes") {
  const StanfordRram device;
  const Waveform set({Ramp{1e-3, 0.0, 2.0}, Ramp{1e-3, 2.0, 0.0}});
  double last = 1.0;
  for (const double limit : {1e-6, 1e-5, 1e-4}) {
    const auto found = run(device, {Quantity::voltage, 0.0, {Source::none, limit}}, {1.5e-9}, set, 1e-9);
    CHECK(found.gamma[0] > device.lower(0));
    CHECK(found.gamma[0] < last);
    CHECK(times_of(found, Event::compliance).size() == 2);
    last = found.gamma[0];
  }
}

TEST_CASE("the loop area under a compliance is that of the device's own loop") {
  const auto [quantity, resistance] = GENERATE(std::pair{Quantity::voltage, 0.0}, std::pair{Quantity::voltage, 400.0},
                                               std::pair{Quantity::current, 0.0}, std::pair{Quantity::current, 400.0});
  const bool by_voltage = quantity == Quantity::voltage;
  const Source source{quantity, resistance, by_voltage ? std::array{1e-4, 1.5e-4} : std::array{0.8, 1.2}};
  CAPTURE(by_voltage, resistance);
  const AnyDevice device = strukov();
  const Waveform drive({Sine{2.0, by_voltage ? 1.5 : 2e-4, 1.0}});
  const std::vector<double> gamma{3e-9};
  const auto rows = run(device, source, gamma, drive, 1e-11, 1e-5).rows;
  double positive = 0.0;
  double negative = 0.0;
  for (std::size_t n = 1; n < rows.size(); ++n) {
    const double area = 0.5 * (rows[n].voltage + rows[n - 1].voltage) * (rows[n].current - rows[n - 1].current);
    (rows[n].drive + rows[n - 1].drive > 0 ? positive : negative) += area;
  }
  const DrivenDevice one = driven(device, source);
  const std::vector<Job> jobs{{gamma, drive}};
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(one); }, {}, 0.0, true);
    integrate_ensemble(set, device,
                       {.integration = {Method::dopri5, 1e-10, 1e-12}, .integrals = true, .source = source}, lanes);
    REQUIRE(lanes.done[0].outcome.failure == Failure::none);
    CHECK_THAT(lanes.done[0].integrals[area_positive], WithinAbs(positive, 1e-5 * std::abs(positive)));
    CHECK_THAT(lanes.done[0].integrals[area_negative], WithinAbs(negative, 1e-5 * std::abs(negative)));
  }
}

TEST_CASE("the loop area of a jump is exact for sinh currents, also if a limit clips them") {
  // a device at rest below its threshold: up in a jump and down in a ramp encloses no area
  Yakopcic::Parameters p;
  p.V_p = 5.0;
  p.V_n = 5.0;
  p.b = 8.0;
  const AnyDevice device = Yakopcic(p);
  const double limit = GENERATE(Source::none, 1e-3);
  const Source source{Quantity::voltage, 0.0, {Source::none, limit}};
  const std::vector<double> gamma{0.5};
  const double top = 4.0;
  const double current = device.model().current(gamma.data(), top);
  REQUIRE(current > 1.0);
  const Waveform drive({Constant{1e-3, top}, Ramp{1e-3, top, 0.0}});
  const DrivenDevice one = driven(device, source);
  const std::vector<Job> jobs{{gamma, drive}};
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set), limit);
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(one); }, {}, 0.0, true);
    integrate_ensemble(set, device,
                       {.integration = {Method::dopri5, 1e-12, 1e-14}, .integrals = true, .source = source}, lanes);
    REQUIRE(lanes.done[0].outcome.failure == Failure::none);
    const double size = limit < current ? limit * top : current / p.b;
    CHECK_THAT(lanes.done[0].integrals[area_positive], WithinAbs(0.0, 1e-9 * size));
  }
}

TEST_CASE("a release that a sine causes only near its maximum is not missed") {
  // the rates balance at a voltage just below the maximum: below it the state falls to 0 and rests, above it it rises
  MetastableSwitch::Parameters p;
  p.V_on = 0.5;
  p.V_off = 0.5;
  const MetastableSwitch device(p);
  std::vector<double> gamma{0.0};
  Integrator<DrivenDevice> integrator(driven(AnyDevice(device), {Quantity::voltage}), {Method::dopri5, 1e-10, 1e-13});
  integrator.advance(gamma, Waveform({Sine{1e-3, 0.6, 1e3}}));
  std::vector<double> fine{0.0};
  Integrator<DrivenDevice> cut(driven(AnyDevice(device), {Quantity::voltage}), {Method::dopri5, 1e-10, 1e-13});
  std::vector<Segment> parts;
  for (int n = 0; n < 64; ++n) parts.emplace_back(Sine{1e-3 / 64, 0.6, 1e3, 2 * std::numbers::pi * n / 64});
  cut.advance(fine, Waveform(parts));
  CHECK_THAT(gamma[0], WithinAbs(fine[0], 1e-8));
}

TEST_CASE("a sweep over compliance and series resistance gives the results of single runs") {
  const auto scenario = scratch("sources.toml");
  const auto result = scratch("sources.h5");
  // a voltage source with a limit of positive currents, or a current source with limits of both polarities
  const bool by_voltage = GENERATE(true, false);
  std::ofstream(scenario) << "[device]\nmodel = \"hp-window\"\n[device.parameters]\nR_on = 100\nR_off = 16e3\n"
                             "[initial]\ngamma = [0.3]\n[integrate]\nrelative = 1e-11\nabsolute = 1e-13\n"
                          << (by_voltage ? "[drive]\nquantity = \"voltage\"\ncompliance = [inf, 1e-4]\n"
                                         : "[drive]\nquantity = \"current\"\ncompliance = 1.0\n")
                          << "series_resistance = 100\n[[waveform]]\nkind = \"sine\"\nduration = 1.0\nfrequency = 1.0\n"
                             "amplitude = "
                          << (by_voltage ? "1.2" : "1.5e-4") << "\n[[sweep]]\nkey = \"drive.compliance"
                          << (by_voltage ? "[1]" : "")
                          << "\"\nvalues = " << (by_voltage ? "[6e-5, 9e-5, 1e-3]" : "[0.6, 1.1, 9.0]")
                          << "\n[[sweep]]\nkey = \"drive.series_resistance\"\nvalues = [1.0, 100.0, 2e3]\n";
  SweepPlan plan = read_sweep(scenario);
  for (const InstructionSet set : instruction_sets()) {
    plan.set = set;
    REQUIRE(sweep(plan, result, [](double) {}).failed() == 0);
    const auto final_states = ResultReader(result).numbers("gamma_final");
    const auto lowest = ResultReader(result).numbers("memristance_lowest");
    std::size_t n = 0;
    for (const double limit : plan.axes[0].values)
      for (const double resistance : plan.axes[1].values) {
        CAPTURE(name_of(set), by_voltage, limit, resistance);
        const Source source{plan.scenario.source.quantity, resistance, {by_voltage ? Source::none : limit, limit}};
        const auto alone = run(plan.scenario.device, source, {0.3}, waveform_of(plan.scenario));
        CHECK_THAT(final_states[n], WithinAbs(alone.gamma[0], 1e-9));
        double least = infinity;
        for (const Row& row : run(plan.scenario.device, source, {0.3}, waveform_of(plan.scenario), 1e-9, 1e-4).rows)
          if (row.current != 0.0) least = std::min(least, row.voltage / row.current);
        CHECK_THAT(lowest[n++], WithinRel(least, 1e-6));
      }
  }
}

}  // namespace memdyn::test_dynamics_compliance
