// SPDX-License-Identifier: MIT
// Chirps through devices with closed forms: time events, integrals and every method.
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <set>

#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "support/charges.hpp"
#include "support/closed_forms.hpp"
#include "support/lane_jobs.hpp"
#include "support/run.hpp"

namespace memdyn::test_dynamics_chirp {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

double drive_at(const Chirp& c, double s) { return value(Segment(c), s); }

/// ∫ f(u(s)) ds over a chirp between its zeros and the crossings of `level`, by Gauss-Kronrod quadrature.
template <class Function>
double integral(const Chirp& chirp, double level, const Function& f) {
  std::vector<double> ends{0.0};
  for (double s = 0; s < chirp.duration;) {
    s = std::min({next_crossing(Segment(chirp), level, s), next_crossing(Segment(chirp), -level, s),
                  next_crossing(Segment(chirp), 0.0, s), chirp.duration});
    ends.push_back(s);
  }
  double sum = 0.0;
  for (std::size_t n = 1; n < ends.size(); ++n)
    sum += boost::math::quadrature::gauss_kronrod<double, 31>::integrate(
        [&](double s) { return f(drive_at(chirp, s)); }, ends[n - 1], ends[n], 5, 1e-13);
  return sum;
}

}  // namespace

TEST_CASE("the state of a linear device after a chirp is the integral of its current, by every method") {
  std::vector<Job> jobs;
  std::vector<double> expected;
  for (int n = 0; n < 9; ++n) {
    const Chirp chirp{1.0, 1e-4, 0.5 + n, 9.0 - n, 0.3 * n, 1e-5 * (n % 3)};
    jobs.push_back({{3e-9}, Waveform({chirp})});
    expected.push_back(integral(chirp, 0.0, [](double u) { return u; }));
    jobs.push_back({{3e-9}, Waveform({Sine{1.0, 1e-4, 2.0}})});  // neighbours of another kind
    expected.push_back(0.0);
  }
  check_charges(jobs, expected);
}

TEST_CASE("a chirp passes thresholds at exact times") {
  ThresholdWindow::Parameters p;
  p.I_gamma = {1.0, 2.0};
  const ThresholdWindow device(p);
  const Chirp chirp{2.0, 1.7, 1.0, 6.0, 0.0, 0.1};
  std::size_t passages = 0;  // of the levels at which its drift changes
  const auto levels = levels_of(device);
  for (const double level : std::set(levels.begin(), levels.end()))
    for (double s = 0; std::isfinite(s = next_crossing(Segment(chirp), level, s));) ++passages;
  REQUIRE(passages > 20);
  const std::vector<Job> jobs(5, Job{std::vector<double>(device.size(), 0.0), Waveform({chirp})});
  Statistics statistics;
  const auto alone = run(driven(device, {}), jobs[0].gamma, jobs[0].drive, {Method::dopri5, 1e-11, 1e-13}, &statistics);
  CHECK(statistics.time_events == passages);
  for (const InstructionSet set : instruction_sets()) {
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(device); });
    integrate_ensemble(set, device, {.integration = {Method::dopri5, 1e-11, 1e-13}, .level = {}}, lanes);
    for (const Done& done : lanes.done) {
      CHECK(done.outcome.events == static_cast<double>(passages));
      for (std::size_t i = 0; i < alone.size(); ++i) CHECK_THAT(done.gamma[i], WithinAbs(alone[i], 1e-10));
    }
  }
}

TEST_CASE("a lane's chirp does not change the bits of sines beside it") {
  const HpDrift device = strukov();
  const IntegrationOptions options{GENERATE(Method::dopri5, Method::taylor), 1e-8, 1e-11};
  std::vector<Job> sines(12, Job{{3e-9}, Waveform({Sine{1.0, 1e-4, 2.0, 0.1, 1e-5}, Ramp{0.5, 1e-4, 0}})});
  std::vector<Job> mixed = sines;
  for (std::size_t j = 1; j < mixed.size(); j += 2) mixed[j].drive = Waveform({Chirp{1.5, 1e-4, 1.0, 8.0}});
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    const auto done = [&](const std::vector<Job>& jobs) {
      LaneJobs lanes(jobs, [&](const Job&) { return levels_of(device); }, {}, 0.1, true);
      integrate_ensemble(set, device, {.integration = options, .integrals = true}, lanes);
      return lanes.done;
    };
    const auto alone = done(sines);
    const auto beside = done(mixed);
    for (std::size_t j = 0; j < sines.size(); j += 2) CHECK(same_bits(alone[j].numbers, beside[j].numbers));
  }
}

}  // namespace memdyn::test_dynamics_chirp
