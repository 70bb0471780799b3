// SPDX-License-Identifier: MIT
#include "run/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>

#include "drive/sum.hpp"
#include "learn/step_rules.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "run/epoch_records.hpp"
#include "run/pulse_history.hpp"
#include "run/pulse_map.hpp"
#include "run/threads.hpp"
#include "scenario/read_scenario.hpp"
#include "scenario/sweep_numbers.hpp"
#include "scenario/sweep_quantities.hpp"

namespace memdyn {
namespace {

constexpr double number = sizeof(double);

/// A lower bound of the steps along a segment: longest_step() limits each.
double least_steps(const Segment& segment) {
  const double longest = longest_step(segment);
  if (std::holds_alternative<Exponential>(segment)) {
    constexpr double settled = 40;  // time constants; end_of_stretch() cuts the piece there
    return std::min(settled, std::max(1.0, duration(segment) / longest));
  }
  if (const auto* sum = std::get_if<Sum>(&segment)) {
    double steps = 0;
    double begin = 0;
    for (const Stretch& stretch : sum->terms->stretches()) {
      steps += std::max(1.0, (stretch.end - begin) / stretch.longest);
      begin = stretch.end;
    }
    return steps;
  }
  return std::max(1.0, duration(segment) / longest);
}

double least_steps(const Waveform& drive) {
  double steps = 0;
  for (std::size_t i = 0; i < drive.segments().size(); ++i) {
    if (i % (1U << 16) == 0) stop_if_interrupted();
    steps += least_steps(drive.segments()[i]);
  }
  return steps;
}

/// Numbers of a trajectory in the file, besides its status and without the trajectory itself.
double width_of(const SweepPlan& plan) {
  // end_time, numbers that are drawn or follow from others
  double width = 1 + static_cast<double>(plan.variations.size() + plan.derived.size());
  for (const auto& quantity : sweep_quantity_table())
    if (std::ranges::count(plan.quantities, quantity.name) > 0) width += static_cast<double>(width_of(quantity, plan));
  return width;
}

/// Memory of the waveforms of so many trajectories, each with its own if a number of them varies [bytes].
double memory_of_drives(const SweepPlan& plan, double trajectories) {
  const auto varies = [](const SweptNumber& one) {
    return std::ranges::any_of(one.slots, [](const Slot& slot) { return slot.of_drive(); });
  };
  if (!std::ranges::any_of(plan.axes, varies) && !std::ranges::any_of(plan.variations, varies) &&
      !std::ranges::any_of(plan.derived, varies))
    return 0;
  const double segments = segments_of(plan.scenario.parts, plan.scenario.groups);
  return trajectories * segments * static_cast<double>(sizeof(Segment) + sizeof(double));
}

/// The rows of a task that a realization learns.
double rows_of(const LearningTask& task) { return static_cast<double>(task.draw > 0 ? task.draw : task.table.rows()); }

double weights_of(const Network& network) {
  const auto sizes = network.sizes();
  double weights = 0;
  for (std::size_t l = 1; l < sizes.size(); ++l)
    weights += (static_cast<double>(sizes[l - 1]) + 1) * static_cast<double>(sizes[l]);
  return weights;
}

/// The size of the engine of one device, in numbers.
double numbers_of_engine(const Network& network) {
  constexpr double crossbar = 1000;  // an Integrator with what it allocates
  constexpr double other = 64;
  return network.kind == NetworkKind::crossbar ? crossbar : other;
}

/// A lower bound of the pulses with which a network learns a row: those of the reads.
double least_pulses(const Network& network) {
  const bool each_weight = network.kind == NetworkKind::multilayer ||
                           (network.kind == NetworkKind::crossbar && network.crossbar.read_amplitude != 0.0);
  return each_weight ? weights_of(network) : 1.0;
}

/// A lower bound of the bytes that the recorded epochs take.
double recorded(const TrainingPlan& plan, double weights) {
  constexpr double columns = 7;  // time, gate, realization, epoch, device, current, voltage
  const Generator& generator = plan.network.generator;
  const double rows_of_pulse =
      2 + (generator.rise > 0.0 ? 1 : 0) + (generator.fall > 0.0 ? 1 : 0) + (generator.rest > 0.0 ? 2 : 0);
  double pulses = 0;
  for (const auto& task : plan.tasks) pulses += rows_of(task) * least_pulses(plan.network);
  double rows = pulses * rows_of_pulse;  // of an epoch
  if (plan.record_interval > 0.0) {
    const bool reads = plan.network.kind != NetworkKind::crossbar || plan.network.crossbar.read_amplitude != 0.0;
    const double pulse = generator.rise + (reads ? plan.network.t_read : 0.0) + generator.fall + generator.rest;
    rows = std::min(pulses * pulse, plan.record_to - plan.record_from) / plan.record_interval;
  } else if (plan.record_from > 0.0 || std::isfinite(plan.record_to)) {
    rows = 0.0;  // the number of pulses in that time is not known yet
  }
  return static_cast<double>(plan.record_realizations.size()) * static_cast<double>(plan.record_epochs.size()) * rows *
         number * (columns + weights);
}

}  // namespace

Need need_of(const Scenario& scenario) { return need_of(scenario, *scenario.drive); }

Need need_of(const Scenario& scenario, const Waveform& drive) {
  const DrivenDevice device = driven(scenario.device, scenario.source);
  constexpr double columns = 5;                                        // time, drive, current, voltage, memristance
  const double parts = 2 * static_cast<double>(device.model().parts);  // voltage and current of each
  const double row =
      number * (columns + static_cast<double>(device.size()) + parts) + 1 + static_cast<double>(device.guards());
  Need need;
  need.steps = least_steps(drive);
  double rows = scenario.recording.steps ? need.steps : 0;
  if (scenario.recording.interval > 0) rows += drive.duration() / scenario.recording.interval;
  need.disk = row * rows;
  need.what = fmt::format("{:.3g} rows", rows);
  return need;
}

Need need_of(const TablePlan& plan) {
  const auto nodes = static_cast<double>(plan.nodes);
  const auto samples = static_cast<double>(plan.sweep.samples);
  constexpr double polarities = 2;
  constexpr double numbers_of_node = 3;  // conductance, and its change by a pulse of each polarity
  Need need;
  need.what = fmt::format("tables of {:.3g} devices with {:.3g} nodes", samples + 1, nodes);
  const auto sequence = static_cast<double>(plan.sequence);
  const double histories =
      plan.orders ? pulse_orders * sequence + static_cast<double>(plan.polarities.size()) : sequence;
  need.steps = (samples + 1) * nodes * polarities + polarities * static_cast<double>(plan.pulses) + histories;
  need.disk = number * (samples * (1 + numbers_of_node * nodes) + polarities * static_cast<double>(plan.pulses) +
                        polarities * sequence);
  need.memory = 2 * need.disk + (number + 1) * (histories - sequence);
  if (plan.orders) {  // what the rules predict for the sequence, and for one history at a time
    const double predicted = number * static_cast<double>(step_formulas().size() + 1 + plan.rules.size()) * sequence;
    need.disk += predicted;
    need.memory += predicted + 2 * number * std::max(sequence, static_cast<double>(plan.polarities.size()));
  }
  if (plan.map) {
    const double pulses = polarities * static_cast<double>(plan.map->amplitudes.size()) *
                          static_cast<double>(plan.map->widths.size()) * static_cast<double>(plan.map->edges.size()) *
                          static_cast<double>(plan.map->states);
    constexpr double arrays = 11;
    need.what += fmt::format(" and a map of {:.3g} pulses", pulses);
    need.steps += 2 * pulses;  // each at a tighter tolerance, too
    need.disk += number * arrays * pulses;
    need.memory += static_cast<double>(sizeof(PulseError)) * pulses;
  }
  return need;
}

Need need_of(const SweepPlan& plan, std::size_t threads, double times) {
  double points = 1;
  double axes = static_cast<double>(plan.samples) + times;  // coordinates
  for (const auto& axis : plan.axes) {
    points *= static_cast<double>(axis.values.size());
    axes += static_cast<double>(axis.values.size());
  }
  const double trajectories = points * static_cast<double>(plan.samples);
  constexpr double of_port = 3;  // current, voltage, memristance on the time grid
  const double of_parts = plan.record_parts ? 2 * static_cast<double>(plan.scenario.device.model().parts) : 0.0;
  const double of_time = static_cast<double>(plan.scenario.gamma.size()) + of_port + of_parts;
  const double row = number * (width_of(plan) + times * of_time) + 1;
  const auto at_once = static_cast<double>(threads * 2 * lane_count(plan.set));  // a lane may end after the next began
  Need need;
  need.what = fmt::format("{:.3g} trajectories", trajectories);
  if (times > 0) need.what += fmt::format(" with {:.3g} times each", times);
  need.steps = trajectories;
  need.disk = trajectories * row + number * axes;
  need.memory = row * std::min(trajectories, at_once) + 2 * number * axes +
                memory_of_drives(plan, std::min(trajectories, at_once));
  return need;
}

LanesHold hold(const TrainingPlan& plan) {
  return plan.realizations == 1 ? LanesHold::devices : LanesHold::perceptrons;
}

Need need_of(const TrainingPlan& plan, std::size_t threads) {
  const double weights = weights_of(plan.network);
  const auto epochs = static_cast<double>(plan.epochs);
  const auto realizations = static_cast<double>(plan.realizations);
  const double runs = realizations * static_cast<double>(plan.tasks.size());
  double rows = 0;
  double most_numbers = 0;  // in the rows of a realization
  for (const auto& task : plan.tasks) {
    rows += rows_of(task);
    most_numbers = std::max(most_numbers, rows_of(task) * static_cast<double>(task.table.n_in + task.table.n_out + 1));
  }
  // realizations that are trained at the same time: packs of lanes in each thread
  const auto lanes = static_cast<double>(lane_count(plan.set, plan.network, hold(plan)));
  const double at_once =
      lanes *
      std::ceil(std::min(runs, static_cast<double>(threads) * static_cast<double>(most_packs_of_group) * lanes) /
                lanes);
  Need need;
  need.what = fmt::format("{:.3g} trainings of {:.3g} weights in {:.3g} epochs", runs, weights, epochs);
  need.steps = realizations * epochs * rows * least_pulses(plan.network);
  // of a regression; a realization evaluates all its points at once
  const double point = static_cast<double>(plan.tasks[0].table.n_in + plan.tasks[0].table.n_out) * points_of_grid(plan);
  const double predictions = realizations * static_cast<double>(plan.tasks[0].table.n_out) * points_of_grid(plan);
  double drawn = 0;  // numbers of all devices
  for (const DeviceSpread& spread : plan.spreads)
    drawn += realizations * weights * static_cast<double>(spread.numbers().size());
  constexpr double copies = 2;                                              // of the weights in a file: initial, final
  const double records = epochs * (1 + recorded_per_epoch(plan, weights));  // of a realization
  need.disk = number * (runs * (records + copies * weights) + epochs + realizations + weights + predictions + drawn) +
              recorded(plan, weights);
  constexpr double held = 6;  // of all weights: initial, final, latest, and the states of the devices, twice
  // numbers for each weight while it is trained, with the engine of a device that has parameters of its own
  const double learner =
      (12 + (plan.network.devices_vary ? numbers_of_engine(plan.network) : 0.0)) * (are_read(plan) ? 2 : 1);
  need.memory = number * (runs * (records + held * weights) +
                          at_once * (2 * (most_numbers + point) + learner * weights + epochs) + epochs + realizations +
                          weights + predictions + point);
  return need;
}

Need need_of(const RuleStudyPlan& plan) {
  const TrainingPlan& training = plan.reference;
  Need need = need_of(training, threads_or_cores(training.threads));
  const auto count = static_cast<double>(plan.trainings());
  const double runs = static_cast<double>(training.realizations * training.tasks.size());
  const auto epochs = static_cast<double>(training.epochs);
  need.what += fmt::format(", {} times", count);
  need.steps *= count;
  need.memory *= 2;  // the trainings by the rule are held beside those that are compared with them
  // total errors and epochs to success of each training, and differences of weights of each task
  need.disk = number * count * (runs * (epochs + 1) + static_cast<double>(training.tasks.size()) * epochs);
  return need;
}

}  // namespace memdyn
