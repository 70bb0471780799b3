// SPDX-License-Identifier: MIT
#include "run/doubts.hpp"

#include <fmt/format.h>

#include <cmath>

#include "assess/typical.hpp"
#include "memdyn/dynamics/driven_device.hpp"

namespace memdyn {
namespace {

/// Beyond anything that a memristor bears: devices in the laboratory switch below 1 A and 100 W.
constexpr double most_current = 1e3;  // [A]
constexpr double most_power = 1e6;    // [W]
/// A device that takes more at its typical input is in normalised units.
constexpr double physical_current = 1.0;  // [A]

/// The current at the typical input, in the middle of the ranges [A].
double typical_current(const AnyDevice& device) {
  const DrivenDevice own = driven(device, native_source(device));
  const Typical ranges = typical(device, native_source(device), device.typical_input());
  std::vector<double> middle;
  for (std::size_t i = 0; i < ranges.low.size(); ++i) middle.push_back(0.5 * (ranges.low[i] + ranges.high[i]));
  return std::abs(own.current(middle, own.input(middle, device.typical_input())));
}

/// A warning about the largest current [A] and power [W]; empty if a memristor bears them.
std::string scale_warning(const Scenario& scenario, double current, double power) {
  if (current <= most_current && power <= most_power) return "";
  if (typical_current(scenario.device) > physical_current) return "";
  return fmt::format(
      "{}: the current reaches {:.3g} A and the power {:.3g} W, which no memristor bears; is the drive in {}, and are "
      "the parameters in SI units?",
      scenario.device.name(), current, power, unit_of(scenario.source.quantity));
}

}  // namespace

std::vector<std::string> doubts_of(const Scenario& scenario, const Simulated& done) {
  std::vector<std::string> all;
  const Statistics& counts = done.statistics;
  if (!std::isnan(counts.absorbed_from))
    all.push_back(absorption_warning(
        scenario.device,
        fmt::format("{} at t = {:.6g} s", scenario.device.variable_names()[counts.absorbed], counts.absorbed_from)));
  if (!std::isnan(done.sparse_from))
    all.push_back(
        fmt::format("from t = {:.6g} s on only steps are recorded, because {} rows were added between steps until "
                    "then; set record.interval to choose the rows",
                    done.sparse_from, StraightLines::most_rows));
  if (auto warning = scale_warning(scenario, done.largest_current, done.largest_power); !warning.empty())
    all.push_back(std::move(warning));
  return all;
}

std::vector<std::string> doubts_of(const SweepPlan& plan, const SweepReport& done) {
  std::vector<std::string> all;
  if (done.absorbed() > 0)
    all.push_back(absorption_warning(plan.scenario.device, fmt::format("a variable in {} of {} trajectories, with the "
                                                                       "status absorbed",
                                                                       done.absorbed(), done.trajectories)));
  if (auto warning = scale_warning(plan.scenario, done.largest_current, done.largest_power); !warning.empty())
    all.push_back(std::move(warning));
  return all;
}

std::vector<std::string> doubts_of(const TablePlan& plan) {
  const AnyDevice& device = plan.sweep.scenario.device;
  if (!device.properties().fades) return {};
  return {fmt::format("{}: forgets at rest; the table is that at the end of each pulse", device.name())};
}

}  // namespace memdyn
