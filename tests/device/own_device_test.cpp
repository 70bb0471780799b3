// SPDX-License-Identifier: MIT
// A model that is not in the list of models: the example of CONTRIBUTING.md.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "install/leaky.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/sweep.hpp"
#include "support/lane_jobs.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_device_own_device {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

/// A model that the catalogue of this program has.
class Known : public Leaky {
 public:
  static constexpr std::string_view name = "known-leaky";
  using Leaky::Leaky;
};
void know() {
  if (find_model(Known::name) == nullptr) add_model<Known>();
}

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
                    ContainsSubstring("leaky: method = rosenbrock4") && ContainsSubstring("add_model()"));
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
        CHECK_THROWS_WITH(integrate_ensemble(set, device, options, lanes), ContainsSubstring("has no packs of lanes"));
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

TEST_CASE("own device: in the catalogue it is integrated by every method") {
  know();
  CHECK_THROWS_WITH(add_model<Known>(), ContainsSubstring("known-leaky") && ContainsSubstring("another model"));
  CHECK_THROWS_WITH(add_model<Namesake>(), ContainsSubstring("another model"));
  for (const AnyDevice& device :
       {AnyDevice(Known{}), couple(Coupling::parallel, {{Known{}, "cell", false}, {Resistor{}, "load", false}})})
    for (const Method method :
         {Method::automatic, Method::dopri5, Method::fehlberg78, Method::rosenbrock4, Method::taylor}) {
      CAPTURE(name_of(method));
      auto gamma = full;
      Integrator<DrivenDevice>(driven(device, native_source(device)), {method, 1e-9, 1e-12}).advance(gamma, decay);
      CHECK_THAT(gamma[0], WithinRel(1e-3 * std::exp(-2.0), 1e-6));
    }
}

TEST_CASE("own device: scenarios find it by its name, and sweeps run it one trajectory at a time") {
  know();
  const auto file = written("own_sweep.toml", R"toml([device]
model = "known-leaky"
[initial]
gamma = [1e-3]
[[waveform]]
kind = "constant"
duration = 1.0
value = 0.0
[[sweep]]
key = "device.parameters.tau"
values = [0.5, 1.0, 2.0]
)toml");
  const SweepPlan plan = read_sweep(file);
  const auto output = scratch("own.h5");
  const SweepReport report = sweep(plan, output, [](double) {});
  CHECK(report.failed() == 0);
  const ResultReader reader(output);
  CHECK(reader.text("/", "instruction_set") == "scalar");
  const auto ends = reader.numbers("gamma_final");
  for (std::size_t n = 0; n < 3; ++n)
    CHECK_THAT(ends.at(n), WithinRel(1e-3 * std::exp(-1.0 / plan.axes.front().values[n]), 1e-6));
}

}  // namespace memdyn::test_device_own_device
