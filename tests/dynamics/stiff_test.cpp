// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>

#include "assess/typical.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/scalar/root.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "support/circuits.hpp"
#include "support/closed_forms.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"
#include "support/run.hpp"

namespace memdyn::test_dynamics_stiff {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Run {
  State gamma;
  Statistics statistics;
};
Run run(const AnyDevice& device, const Source& source, State gamma, const Waveform& drive, Method method,
        double relative = 1e-9) {
  Run one;
  one.gamma =
      ::run(driven(device, source), std::move(gamma), drive, {method, relative, 1e-3 * relative}, &one.statistics);
  return one;
}

/// A capacitor behind 1 kOhm: its voltage follows the source with the time constant 1e3 C.
AnyDevice low_pass(double C) { return series({part(resistor(1e3)), part(capacitor(C))}); }
/// A device of Strukov et al. in parallel with 1 pF, behind a line of 200 Ohm: time constants of nanoseconds and
/// seconds.
AnyDevice loaded() {
  return series({part(resistor(200.0)), part(parallel({part(strukov()), part(capacitor(1e-12))}))});
}

}  // namespace

TEST_CASE("rosenbrock4 keeps its order under a time-dependent drive and across an event") {
  // with a wrong time derivative the order would be lower by one
  const AnyDevice device = low_pass(1e-3);  // 1 s
  const double omega = 2 * std::numbers::pi;
  const double end = 2.0;
  const double exact =
      (std::sin(omega * end) - omega * std::cos(omega * end) + omega * std::exp(-end)) / (1 + omega * omega);
  double last = 0.0;
  for (const int pieces : {16, 32, 64, 128}) {
    std::vector<Segment> parts;
    for (int n = 0; n < pieces; ++n) parts.emplace_back(Sine{end / pieces, 1.0, 1.0, omega * end * n / pieces});
    // one step per piece: any error is accepted
    const auto found = run(device, by_voltage, {0.0}, Waveform(parts), Method::rosenbrock4, 0.999);
    REQUIRE(found.statistics.accepted == static_cast<std::uint64_t>(pieces));
    const double error = std::abs(found.gamma[0] - exact);
    if (pieces > 32) CHECK(std::log2(last / error) > 3.7);
    last = error;
  }
}

TEST_CASE("rosenbrock4 steps over a decay of nanoseconds within a second") {
  const auto found = run(low_pass(1e-12), by_voltage, {0.0}, Waveform({Constant{1.0, 2.0}}), Method::rosenbrock4);
  CHECK_THAT(found.gamma[0], WithinRel(2.0, 1e-12));
  CHECK(found.statistics.accepted < 300);
  CHECK(found.statistics.stiff == found.statistics.accepted);
  // during the decay
  const auto early =
      run(low_pass(1e-12), by_voltage, {0.0}, Waveform({Constant{3e-9, 2.0}}), Method::rosenbrock4, 1e-11);
  CHECK_THAT(early.gamma[0], WithinRel(-2.0 * std::expm1(-3.0), 1e-9));
}

TEST_CASE("rosenbrock4 keeps its order in a stiff variable that follows a drive") {
  // if the decay is fast compared to the step, the error of most methods decreases only with the square of the step
  const double omega = 2 * std::numbers::pi;
  for (const double C : {1e-6, 1e-9}) {  // 1 ms, 1 us
    const double tau = 1e3 * C;
    const double end = 0.4;
    const double exact =
        (std::sin(omega * end) - omega * tau * std::cos(omega * end)) / (1 + omega * omega * tau * tau);
    std::uint64_t last = 0;
    for (const double tolerance : {1e-6, 1e-8, 1e-10}) {
      // begin on the slow solution
      const double begin = -omega * tau / (1 + omega * omega * tau * tau);
      const auto found =
          run(low_pass(C), by_voltage, {begin}, Waveform({Sine{end, 1.0, 1.0}}), Method::rosenbrock4, tolerance);
      CHECK_THAT(found.gamma[0], WithinAbs(exact, 10 * tolerance));
      if (last > 0) CHECK(found.statistics.accepted < 5 * last);  // 100^(1/4) = 3.2; of order 2, 10
      last = found.statistics.accepted;
    }
  }
}

TEST_CASE("a singular matrix gives NaN") {
  stepper::Rosenbrock4 stepper;
  const double one = 1.0;
  const double four = 4.0;  // 1/(gamma h)
  const double zero = 0.0;
  const stepper::PlainRates rates{&four, [](const void*, const double* x, double* dxdt, double) { *dxdt = 4.0 * *x; }};
  double out = 0.0;
  double error = 0.0;
  stepper.step(rates, 1, &one, {&four, &four, &zero}, 0.0, &out, 1.0, &error);
  CHECK_FALSE(std::isfinite(out));
}

TEST_CASE("a pulse does not depend on earlier pulses") {
  Integrator<DrivenDevice> integrator(driven(loaded(), by_voltage), {});
  State first{3e-9, 0.0};
  integrator.pulse(first, 0.5, 1e-5);
  CHECK(integrator.statistics().stiff > 0);
  for (int n = 0; n < 2; ++n) {
    State again{3e-9, 0.0};
    integrator.pulse(again, 0.5, 1e-5);
    CHECK(again == first);
  }
}

TEST_CASE("auto switches to rosenbrock4 where stability limits dopri5, and reports the time") {
  const Waveform drive({Sine{1e-4, 1.0, 1e4}});
  const State start{3e-9, 0.0};
  const auto automatic = run(loaded(), by_voltage, start, drive, Method::automatic);
  const auto by_dopri5 = run(loaded(), by_voltage, start, drive, Method::dopri5);
  const auto by_rosenbrock4 = run(loaded(), by_voltage, start, drive, Method::rosenbrock4);
  CHECK(automatic.statistics.stiff > 0);
  CHECK(automatic.statistics.stiff < automatic.statistics.accepted);
  CHECK(automatic.statistics.stiff_from > 0.0);
  CHECK(automatic.statistics.stiff_from < 1e-6);
  CHECK(by_dopri5.statistics.stiff == 0);
  CHECK(automatic.statistics.evaluations < by_dopri5.statistics.evaluations / 10);
  // later segments begin with the method of the previous one
  Waveform halves({Sine{5e-5, 1.0, 1e4}, Sine{5e-5, 1.0, 1e4, std::numbers::pi}});
  const auto apart = run(loaded(), by_voltage, start, halves, Method::automatic);
  CHECK(apart.statistics.accepted < automatic.statistics.accepted + 20);
  for (const auto& other : {automatic, by_rosenbrock4, apart}) {
    CHECK_THAT(other.gamma[0], WithinAbs(by_dopri5.gamma[0], 1e-8 * 1e-8));
    CHECK_THAT(other.gamma[1], WithinAbs(by_dopri5.gamma[1], 1e-7));
  }
}

TEST_CASE("auto equals dopri5 to the last bit if nothing is stiff") {
  for_each_model([]<class D>() {
    const AnyDevice device{D()};
    CAPTURE(device.name());
    const Source source = native_source(device);
    const double amplitude = device.typical_input();
    const Typical typical = memdyn::typical(device, source, amplitude);
    State middle;
    for (std::size_t i = 0; i < device.size(); ++i) middle.push_back(0.5 * (typical.low[i] + typical.high[i]));
    const Waveform drive({Sine{typical.duration, amplitude, 2.0 / typical.duration}});
    const auto one = run(device, source, middle, drive, Method::automatic);
    const auto two = run(device, source, middle, drive, Method::dopri5);
    if (one.statistics.stiff > 0) return;
    CHECK(one.gamma == two.gamma);
    CHECK(one.statistics.evaluations <= two.statistics.evaluations * 11 / 10);  // includes trial steps of rosenbrock4
  });
}

TEST_CASE("derivatives of every model's drift agree with differences, also if the input is solved for") {
  for_each_model([]<class D>() {
    const AnyDevice device{D()};
    const double amplitude = device.typical_input();
    const Typical typical = memdyn::typical(device, native_source(device), amplitude);
    for (const Source source :
         {Source{Quantity::current, 0.0}, Source{Quantity::voltage, 0.0}, Source{Quantity::voltage, 300.0}}) {
      CAPTURE(device.name(), name_of(source.quantity), source.series_resistance);
      const DrivenDevice one = driven(device, source);
      RandomStream random(1, 7, Purpose::samples);
      std::vector<std::size_t> active;
      for (std::size_t i = 0; i < device.size(); ++i) active.push_back(i);
      const std::size_t n = active.size();
      for (int trial = 0; trial < 20; ++trial) {
        State gamma;
        for (std::size_t i = 0; i < n; ++i) gamma.push_back(random.uniform(typical.low[i], typical.high[i]));
        const double native = amplitude * random.uniform(-1.5, 1.5);
        const double current = device.model().current(gamma.data(), native);
        const double drive = source.quantity == Quantity::current
                                 ? current
                                 : device.model().voltage(gamma.data(), native) + source.series_resistance * current;
        Regime<double> regime;
        freeze_regime(one, gamma, drive, regime);
        if (!std::isfinite(drive) || !std::isfinite(one.input(gamma, drive, regime))) continue;
        std::vector<double> jacobian(n * n), by_time(n);
        one.differentiate(active, gamma, drive, drive, regime, jacobian.data(), by_time.data());
        const auto drift = [&](std::size_t i, const State& at, double by) {
          return one.drift(i, at, one.input(at, by, regime), regime);
        };
        for (std::size_t i = 0; i < n; ++i)
          for (std::size_t j = 0; j <= n; ++j) {
            const auto difference = [&](double h) {
              State up = gamma, down = gamma;
              if (j < n) up[j] += h * device.model().scale[j], down[j] -= h * device.model().scale[j];
              const double more = j < n ? drive : drive * (1 + h), less = j < n ? drive : drive * (1 - h);
              return (drift(i, up, more) - drift(i, down, less)) / (2 * h) / (j < n ? device.model().scale[j] : 1.0);
            };
            const double coarse = (4 * difference(5e-4) - difference(1e-3)) / 3;
            const double fine = (4 * difference(2.5e-4) - difference(5e-4)) / 3;
            if (!std::isfinite(coarse) || !std::isfinite(fine)) continue;
            const double noise = 1e-10 * std::abs(drift(i, gamma, drive)) / (j < n ? device.model().scale[j] : 1.0);
            CHECK_THAT(j < n ? jacobian[i * n + j] : by_time[i],
                       WithinAbs(fine, 3 * std::abs(fine - coarse) + 1e-6 * std::abs(fine) + noise));
          }
      }
    }
  });
}

TEST_CASE("the derivative of a root is that of the implicit function, in any units") {
  // u + u^3 = c p: du/dp = c/(1 + 3 u^2)
  for (const double c : {1e-18, 1.0, 1e18}) {
    const double p = 2.0 / c;
    const Dual<1> parameter(p, Dual<1>::DerType::Constant(1.0));
    const auto root =
        root_of_growing<Dual<1>>([&](const Dual<1>& u) { return Dual<1>(u + u * u * u - c * parameter); }, 1e-3);
    CHECK_THAT(root.value(), WithinRel(1.0, 1e-14));
    CHECK_THAT(root.derivatives()(0), WithinRel(c / 4, 1e-13));
    // in several directions at once, with different magnitudes
    using Several = Dual<3>;
    const Several wide(p, Several::DerType(1.0, 0.0, -1e12));
    const auto roots =
        root_of_growing<Several>([&](const Several& u) { return Several(u + u * u * u - c * wide); }, 1e-3);
    CHECK_THAT(roots.derivatives()(0), WithinRel(c / 4, 1e-13));
    CHECK(roots.derivatives()(1) == 0.0);
    CHECK_THAT(roots.derivatives()(2), WithinRel(-1e12 * c / 4, 1e-13));
  }
}

TEST_CASE("rosenbrock4 locates thresholds, bounds and releases like dopri5") {
  const AnyDevice device = Vteam();
  const Waveform drive({Sine{4e-6, 0.5, 1e6}});
  for (const double series : {0.0, 100.0}) {
    const Source source{Quantity::voltage, series};
    const auto one = run(device, source, {1e-9}, drive, Method::rosenbrock4, 1e-10);
    const auto two = run(device, source, {1e-9}, drive, Method::dopri5, 1e-10);
    CHECK_THAT(one.gamma[0], WithinAbs(two.gamma[0], 1e-8 * 3e-9));
    CHECK(one.statistics.bounds_reached == two.statistics.bounds_reached);
    CHECK(one.statistics.bounds_reached > 0);
    CHECK(one.statistics.state_events == two.statistics.state_events);
  }
}

TEST_CASE("integrators of plain devices refuse rosenbrock4 with a reason") {
  const IntegrationOptions stiff{Method::rosenbrock4};
  CHECK_THROWS_WITH(Integrator<HpDrift>(HpDrift(), stiff),
                    ContainsSubstring("rosenbrock4") && ContainsSubstring("auto"));
}

TEST_CASE("in lanes rosenbrock4 agrees with that of odeint") {
  // three variables with very different rates, under a drive; one bound is reached, and one is left
  const AnyDevice device = device_from(R"toml(control = "current"
[parameters]
tau = 1e-5
[[variable]]
name = "T"
lower = -10
upper = 10
drift = "(i - T)/tau"
[[variable]]
name = "x"
lower = 0
upper = 0.4
drift = "T*(1 + y)"
[[variable]]
name = "y"
scale = 1
drift = "sin(5*x) - y + T*y"
[port]
memristance = "1"
)toml");
  const Waveform drive({Sine{1.0, 1.0, 1.5, 0.2}});
  const State start{0.0, 0.1, 0.3};
  for (const double relative : {1e-4, 1e-6, 1e-8}) {
    const auto one = run(device, by_current, start, drive, Method::rosenbrock4, relative);
    const std::vector<Job> jobs(7, Job{start, drive});
    for (const InstructionSet set : instruction_sets()) {
      CAPTURE(relative, name_of(set));
      LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(device, by_current)); });
      lanes.lanes(lane_count(set));
      integrate_ensemble(
          set, device,
          {.integration = {Method::rosenbrock4, relative, 1e-3 * relative}, .level = {}, .source = by_current}, lanes);
      for (const Done& done : lanes.done) {
        REQUIRE(done.outcome.failure == Failure::none);
        for (std::size_t i = 0; i < start.size(); ++i)
          CHECK_THAT(done.gamma[i], WithinAbs(one.gamma[i], 0.1 * relative));  // step sizes in packs are rounded
        CHECK_THAT(done.outcome.accepted, WithinRel(static_cast<double>(one.statistics.accepted), 0.2));
      }
    }
  }
}

}  // namespace memdyn::test_dynamics_stiff
