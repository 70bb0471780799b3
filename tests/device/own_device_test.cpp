// SPDX-License-Identifier: MIT
// A model that is not in the list of models: the example of CONTRIBUTING.md.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "install/leaky.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "support/lane_jobs.hpp"

using namespace memdyn;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

/// Another model, with the name of a model in the list.
class Namesake : public Leaky {
 public:
  static constexpr std::string_view name = Vteam::name;
  using Leaky::Leaky;
};

const Waveform decay({Constant{2.0, 0.0}});
const std::vector<double> full{1e-3};

}  // namespace

TEST_CASE("own device: it runs as its own type, type-erased and in a composite, with the default method") {
  const AnyDevice own = Leaky{};
  const AnyDevice pair = couple(Coupling::parallel, {{own, "cell", false}, {Resistor{}, "load", false}});
  for (const AnyDevice& device : {own, pair, AnyDevice(Namesake{})}) {
    Integrator<DrivenDevice> integrator(driven(device, native_source(device)));
    auto gamma = full;
    integrator.advance(gamma, decay);
    CHECK_THAT(gamma[0], WithinRel(1e-3 * std::exp(-2.0), 1e-8));
  }
  CHECK(AnyDevice(Namesake{}).get_if<Vteam>() == nullptr);
}

TEST_CASE("own device: functions that need a model of the list refuse it with a remedy") {
  const AnyDevice own = Leaky{};
  CHECK_THROWS_WITH(Integrator<DrivenDevice>(driven(own, native_source(own)), {Method::rosenbrock4, 1e-9, 1e-12}),
                    ContainsSubstring("leaky: method = rosenbrock4") && ContainsSubstring("models.hpp"));
  const std::vector<Job> jobs{{full, decay}};
  const AnyDevice pair = couple(Coupling::parallel, {{own, "cell", false}, {Resistor{}, "load", false}});
  for (const AnyDevice& device : {own, pair, AnyDevice(Namesake{})})
    for (const InstructionSet set : instruction_sets()) {
      LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(device, native_source(device))); });
      const EnsembleOptions options{.level = {}, .source = native_source(device)};
      if (set == InstructionSet::scalar) {
        integrate_ensemble(set, device, options, lanes);
        CHECK_THAT(lanes.done[0].gamma[0], WithinRel(1e-3 * std::exp(-2.0), 1e-8));
      } else {
        CHECK_THROWS_WITH(integrate_ensemble(set, device, options, lanes),
                          ContainsSubstring("not in the list of models"));
      }
    }
}

TEST_CASE("own device: a guard that depends on the state switches without derivatives") {
  // behind a resistance the voltage across the device falls as its conductance grows
  Integrator<DrivenDevice> integrator(driven(Leaky{}, {Quantity::voltage, 2e3}));
  auto gamma = full;
  integrator.advance(gamma, Waveform({Constant{2.0, 1.0}}));
  CHECK(integrator.statistics().state_events > 0);
  CHECK(std::isfinite(gamma[0]));
}
