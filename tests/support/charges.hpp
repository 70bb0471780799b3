// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <vector>

#include "memdyn/dynamics/ensemble.hpp"
#include "support/closed_forms.hpp"
#include "support/lane_jobs.hpp"
#include "support/run.hpp"

/// For every method: HP's device, whose state depends on the charge alone, ends where the charge of each job says, in
/// lanes of every instruction set and by itself; so does the integral of the current.
/// @param jobs over 1 s or so, at 1e-4 A or so
/// @param expected charge of each [C]
inline void check_charges(const std::vector<Job>& jobs, const std::vector<double>& expected) {
  using Catch::Matchers::WithinAbs;
  using memdyn::Method;
  const auto method =
      GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78, Method::rosenbrock4, Method::taylor);
  const bool loose = method == Method::bogacki_shampine32;
  const double within = loose ? 1e-6 : 1e-9;
  const memdyn::IntegrationOptions options{method, loose ? 1e-9 : 1e-11, 1e-12};
  const memdyn::HpDrift device = strukov();
  const auto end = [&](std::size_t n) {
    return WithinAbs(jobs[n].gamma[0] + device.rate() * expected[n], within * 1e-8);
  };
  for (const memdyn::InstructionSet set : memdyn::instruction_sets()) {
    CAPTURE(name_of(set), name_of(method));
    LaneJobs lanes(jobs, [&](const Job&) { return levels_of(device); }, {}, 0, true);
    lanes.lanes(lane_count(set));
    integrate_ensemble(set, device, {.integration = options, .integrals = true}, lanes);
    for (std::size_t n = 0; n < jobs.size(); ++n) {
      const Done& done = lanes.done[n];
      REQUIRE(done.outcome.failure == memdyn::Failure::none);
      CHECK_THAT(done.gamma[0], end(n));
      CHECK_THAT(done.integrals[memdyn::charge], WithinAbs(expected[n], within * 1e-4));
    }
  }
  for (std::size_t n = 0; n < jobs.size(); ++n)
    CHECK_THAT(run(driven(device, {}), jobs[n].gamma, jobs[n].drive, options)[0], end(n));
}
