// SPDX-License-Identifier: MIT
#include "run/dry_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "memdyn/core/interruption.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/run/table.hpp"
#include "memdyn/run/training.hpp"
#include "run/estimate.hpp"
#include "run/rule_study.hpp"
#include "run/threads.hpp"
#include "scenario/sweep_numbers.hpp"

namespace memdyn {
namespace {

class Clock {
 public:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Now::now() - begin_).count(); }

 private:
  using Now = std::chrono::steady_clock;
  Now::time_point begin_ = Now::now();
};

/// Ends a sample whose time is over.
struct Enough {};

/// How much of a trajectory was integrated, and how long that took.
struct Sampled {
  double share = 0, seconds = 0;
  std::uint64_t rows = 0, steps = 0;
  [[nodiscard]] double whole() const { return seconds / share; }
};

/// Integrates a trajectory for at most `longest_sample`, and drops its rows.
Sampled sample(const DrivenDevice& device, const IntegrationOptions& options, std::vector<double> gamma,
               const Waveform& drive, Recording recording) {
  Integrator<DrivenDevice> integrator(device, options);
  const Clock clock;
  double reached = 0;
  std::uint64_t rows = 0;
  const auto look = [&](double time) {
    reached = std::max(reached, time);
    stop_if_interrupted();
    if (clock.seconds() > longest_sample) throw Enough();
  };
  recording.emit = [&](const Sample& row) {
    ++rows;
    look(row.time);
  };
  recording.under_way = look;
  try {
    integrator.advance(gamma, drive, 0, &recording);
    reached = drive.duration();
  } catch (const Enough&) {  // what it reached is known
  }
  return {reached / drive.duration(), clock.seconds(), rows, integrator.statistics().accepted};
}

}  // namespace

DryRun dry_run(const Scenario& scenario, const std::filesystem::path& part) {
  DryRun dry{.need = need_of(scenario)};
  require_room(dry.need, scenario.sizes, part);
  try {
    const Sampled sampled = sample(driven(scenario.device, scenario.source), scenario.options, scenario.gamma,
                                   *scenario.drive, scenario.recording);
    if (!(sampled.share > 0)) {
      dry.basis = "not known, because the integration did not advance in a second";
      return dry;
    }
    dry.seconds = sampled.whole();
    const double factor = 1 / sampled.share;
    dry.need.what = fmt::format("about {:.3g} rows", factor * static_cast<double>(sampled.rows));
    dry.need.disk *= std::max(1.0, factor * static_cast<double>(sampled.rows) / std::max(1.0, dry.need.steps));
    dry.need.steps = std::max(dry.need.steps, factor * static_cast<double>(sampled.steps));
    dry.basis = fmt::format("from the first {:.3g} % of the drive", 100 * sampled.share);
  } catch (const NumericalError& error) {
    dry.basis = fmt::format("not known: the integration fails: {}", error.what());
  }
  return dry;
}

DryRun dry_run(const SweepPlan& plan, const std::filesystem::path& part) {
  DryRun dry{.need = require_sweepable(plan, part)};
  try {
    SweepNumbers numbers(plan.scenario);
    const SweepNumbers nominal = numbers;
    draw_trajectory(plan, 0, nominal, numbers);
    const Scenario& scenario = plan.scenario;
    const DrivenDevice device = driven(scenario.device.with(numbers.parameters), source_of(scenario, numbers));
    const Sampled sampled = sample(device, scenario.options, numbers.gamma, numbers.drive(), Recording{{}, false});
    if (!(sampled.share > 0)) {
      dry.basis = "not known, because the first trajectory did not advance in a second";
      return dry;
    }
    const auto threads = static_cast<double>(threads_or_cores(plan.threads));
    const auto trajectories = static_cast<double>(plan.trajectories());
    dry.seconds = sampled.whole() * std::ceil(trajectories / threads);
    dry.need.steps = trajectories * static_cast<double>(sampled.steps) / sampled.share;
    dry.basis =
        fmt::format("if all are like the first, which takes {:.2g} s alone, on {} threads; lanes make it shorter",
                    sampled.whole(), threads);
  } catch (const NumericalError& error) {
    dry.basis = fmt::format("not known: the first trajectory fails: {}", error.what());
  } catch (const InputError& error) {
    dry.basis = fmt::format("not known: the first trajectory is refused: {}", error.what());
  }
  return dry;
}

DryRun dry_run(const TrainingPlan& plan, const std::filesystem::path& part) {
  require_trainable(plan, part);
  DryRun dry{.need = need_of(plan, threads_or_cores(plan.threads))};
  TrainingPlan unrecorded = plan;
  unrecorded.record_realizations.clear();
  unrecorded.record_epochs.clear();
  const Clock clock;
  double share = 0;
  const auto result = train(unrecorded, [&](double now) {
    share = std::max(share, now);
    stop_if_interrupted();
    if (clock.seconds() > longest_sample) throw Interrupted();
  });
  stop_if_interrupted();
  if (!result.failure) share = 1;
  if (share > 0) {
    dry.seconds = clock.seconds() / share;
    dry.basis = fmt::format("from the first {:.3g} % of the training", 100 * share);
  } else {
    dry.basis = "not known, because nothing was finished in a second";
  }
  return dry;
}

DryRun dry_run(const RuleStudyPlan& plan, const std::filesystem::path& part) {
  require_studyable(plan, part);
  DryRun dry = dry_run(plan.reference, "");
  dry.need = need_of(plan);
  dry.seconds *= static_cast<double>(plan.trainings());
  return dry;
}

DryRun dry_run(const TablePlan& plan, const std::filesystem::path& part) {
  DryRun dry{.need = need_of(plan)};
  require_room(dry.need, plan.sweep.scenario.sizes, part);
  const auto time_of_table = [&plan](std::size_t nodes) {
    TablePlan small = plan;
    small.nodes = nodes;
    const Clock clock;
    (void)pulse_table(small);
    return clock.seconds();
  };
  constexpr std::size_t few = 3, more = 53;
  std::size_t pulses = 2 * few;
  double seconds = time_of_table(few);
  if (seconds * more / few < longest_sample) {  // less what the table needs beside its pulses
    pulses = 2 * (more - few);
    seconds = std::max(time_of_table(more) - seconds, 0.0);
  }
  constexpr double tables = 2;  // it is repeated at a tighter tolerance
  const double again = tables * 2 * static_cast<double>(plan.nodes);
  dry.seconds = seconds / static_cast<double>(pulses) * (dry.need.steps + again);
  dry.basis = fmt::format("from {} pulses, on one thread", pulses);
  return dry;
}

}  // namespace memdyn
