// SPDX-License-Identifier: MIT
#include "scenario/sweep_quantities.hpp"

#include <algorithm>
#include <cmath>

#include "core/quotient.hpp"

namespace memdyn {
namespace {

using Outcome = SweepOutcome;
using N = std::size_t;
using Q = SweepQuantity;
constexpr unsigned port_extremes = Q::integrals | Q::extremes;
constexpr unsigned of_parts = Q::integrals | Q::part_integrals;
constexpr unsigned extremes_of_parts = of_parts | Q::extremes;
constexpr unsigned passages = Q::level | Q::every_passage;

double known(double number) { return std::isfinite(number) ? number : std::nan(""); }

/// Writes a number of each state at reduce.times.
template <class Of>
void at_times(const Outcome& o, N n, double* to, const Of& of) {
  for (N k = 0; k < std::min(n, o.at_times.size()); ++k) to[k] = of(o.at_times[k]);
}

template <Integral which>
void integral(const Outcome& o, N, double* to) {
  *to = o.lane.integrals[which];
}
template <PortQuantity which, double Extremes::* number>
void extreme(const Outcome& o, N, double* to) {
  *to = known(o.lane.port[which].*number);
}
/// Writes a number of each part.
template <PortQuantity which, double Extremes::* number>
void part_extreme(const Outcome& o, N, double* to) {
  std::ranges::transform(o.lane.parts, to, [](const PartOutcome& one) { return known(one.port[which].*number); });
}
/// The passages that a period is measured between: those in the direction of the level, or the rising ones.
const Passages& periodic(const Outcome& o) {
  return o.lane.passages[o.level.direction == Level::falling ? Level::falling : Level::rising];
}

std::vector<Q> quantities_of_state() {
  return {{"gamma_final", "", "final internal variables", Q::nothing,
           [](const Outcome& o, N n, double* to) { std::copy_n(o.lane.gamma, n, to); }, Q::variable, true},
          {"gamma_lowest", "", "lowest internal variables", Q::nothing,
           [](const Outcome& o, N n, double* to) { std::copy_n(o.lane.lowest, n, to); }, Q::variable, true},
          {"gamma_highest", "", "highest internal variables", Q::nothing,
           [](const Outcome& o, N n, double* to) { std::copy_n(o.lane.highest, n, to); }, Q::variable, true},
          {"gamma_lowest_time", "s", "when the internal variables are lowest", Q::extremes,
           [](const Outcome& o, N n, double* to) { std::copy_n(o.lane.lowest_time, n, to); }, Q::variable},
          {"gamma_highest_time", "s", "when the internal variables are highest", Q::extremes,
           [](const Outcome& o, N n, double* to) { std::copy_n(o.lane.highest_time, n, to); }, Q::variable}};
}

std::vector<Q> quantities_of_port() {
  return {
      {"current_final", "A", "current at the end of the drive", Q::port,
       [](const Outcome& o, N, double* to) { *to = o.current; }},
      {"voltage_final", "V", "voltage at the end of the drive", Q::port,
       [](const Outcome& o, N, double* to) { *to = o.voltage; }},
      {"memristance_final", "ohm", "memristance V/I at the end of the drive", Q::port,
       [](const Outcome& o, N, double* to) { *to = quotient(o.voltage, o.current); }},
      {"conductance_final", "S", "conductance I/V at the end of the drive", Q::port,
       [](const Outcome& o, N, double* to) { *to = quotient(o.current, o.voltage); }},
      {"read_current", "A", "current of the final state at the read voltage", Q::read,
       [](const Outcome& o, N, double* to) { *to = o.read_current; }},
      {"read_conductance", "S", "conductance I/V of the final state at the read voltage", Q::read,
       [](const Outcome& o, N, double* to) { *to = quotient(o.read_current, o.read_voltage); }, Q::trajectory, true},
      {"memristance_lowest", "ohm", "lowest memristance V/I", Q::integrals,
       [](const Outcome& o, N, double* to) { *to = known(o.lane.memristance_low); }, Q::trajectory, true},
      {"memristance_highest", "ohm", "highest memristance V/I", Q::integrals,
       [](const Outcome& o, N, double* to) { *to = known(o.lane.memristance_high); }, Q::trajectory, true},
      {"current_lowest", "A", "lowest current", port_extremes, extreme<port_current, &Extremes::low>},
      {"current_lowest_time", "s", "when the current is lowest", port_extremes,
       extreme<port_current, &Extremes::low_time>},
      {"current_highest", "A", "highest current", port_extremes, extreme<port_current, &Extremes::high>},
      {"current_highest_time", "s", "when the current is highest", port_extremes,
       extreme<port_current, &Extremes::high_time>},
      {"voltage_lowest", "V", "lowest voltage", port_extremes, extreme<port_voltage, &Extremes::low>},
      {"voltage_lowest_time", "s", "when the voltage is lowest", port_extremes,
       extreme<port_voltage, &Extremes::low_time>},
      {"voltage_highest", "V", "highest voltage", port_extremes, extreme<port_voltage, &Extremes::high>},
      {"voltage_highest_time", "s", "when the voltage is highest", port_extremes,
       extreme<port_voltage, &Extremes::high_time>},
      {"power_lowest", "W", "lowest power absorbed", port_extremes, extreme<port_power, &Extremes::low>},
      {"power_lowest_time", "s", "when the power is lowest", port_extremes, extreme<port_power, &Extremes::low_time>},
      {"power_highest", "W", "highest power absorbed", port_extremes, extreme<port_power, &Extremes::high>},
      {"power_highest_time", "s", "when the power is highest", port_extremes,
       extreme<port_power, &Extremes::high_time>}};
}

std::vector<Q> quantities_of_parts() {
  return {{"part_voltage_final", "V", "final voltage of each part", Q::port | Q::parts,
           [](const Outcome& o, N, double* to) { std::ranges::transform(o.parts, to, &PartPort<double>::voltage); },
           Q::part},
          {"part_current_final", "A", "final current of each part", Q::port | Q::parts,
           [](const Outcome& o, N, double* to) { std::ranges::transform(o.parts, to, &PartPort<double>::current); },
           Q::part},
          {"part_energy", "J", "energy absorbed by each part", of_parts,
           [](const Outcome& o, N, double* to) { std::ranges::transform(o.lane.parts, to, &PartOutcome::energy); },
           Q::part},
          {"part_current_lowest", "A", "lowest current of each part", extremes_of_parts,
           part_extreme<port_current, &Extremes::low>, Q::part},
          {"part_current_lowest_time", "s", "when the current of each part is lowest", extremes_of_parts,
           part_extreme<port_current, &Extremes::low_time>, Q::part},
          {"part_current_highest", "A", "highest current of each part", extremes_of_parts,
           part_extreme<port_current, &Extremes::high>, Q::part},
          {"part_current_highest_time", "s", "when the current of each part is highest", extremes_of_parts,
           part_extreme<port_current, &Extremes::high_time>, Q::part},
          {"part_voltage_lowest", "V", "lowest voltage of each part", extremes_of_parts,
           part_extreme<port_voltage, &Extremes::low>, Q::part},
          {"part_voltage_lowest_time", "s", "when the voltage of each part is lowest", extremes_of_parts,
           part_extreme<port_voltage, &Extremes::low_time>, Q::part},
          {"part_voltage_highest", "V", "highest voltage of each part", extremes_of_parts,
           part_extreme<port_voltage, &Extremes::high>, Q::part},
          {"part_voltage_highest_time", "s", "when the voltage of each part is highest", extremes_of_parts,
           part_extreme<port_voltage, &Extremes::high_time>, Q::part},
          {"part_power_lowest", "W", "lowest power absorbed by each part", extremes_of_parts,
           part_extreme<port_power, &Extremes::low>, Q::part},
          {"part_power_lowest_time", "s", "when the power of each part is lowest", extremes_of_parts,
           part_extreme<port_power, &Extremes::low_time>, Q::part},
          {"part_power_highest", "W", "highest power absorbed by each part", extremes_of_parts,
           part_extreme<port_power, &Extremes::high>, Q::part},
          {"part_power_highest_time", "s", "when the power of each part is highest", extremes_of_parts,
           part_extreme<port_power, &Extremes::high_time>, Q::part}};
}

std::vector<Q> quantities_of_integrals() {
  return {{"charge", "C", "charge", Q::integrals, integral<charge>, Q::trajectory, true},
          {"flux", "Wb", "flux, the integral of the voltage", Q::integrals, integral<flux>, Q::trajectory, true},
          {"energy", "J", "energy absorbed", Q::integrals, integral<energy>, Q::trajectory, true},
          {"loop_area_positive", "W", "integral of V dI over positive drives", Q::integrals, integral<area_positive>,
           Q::trajectory, true},
          {"loop_area_negative", "W", "integral of V dI over negative drives", Q::integrals, integral<area_negative>,
           Q::trajectory, true},
          {"loop_area", "W", "area of both lobes of the I-V loop", Q::integrals,
           [](const Outcome& o, N, double* to) {
             *to = std::abs(o.lane.integrals[area_positive]) + std::abs(o.lane.integrals[area_negative]);
           },
           Q::trajectory, true}};
}

std::vector<Q> quantities_of_level() {
  return {{"switching_time", "s", "time of the first passage of the level", Q::level,
           [](const Outcome& o, N, double* to) { *to = o.lane.switched; }, Q::trajectory, true},
          {"passage_time", "s", "times of the passages of the level", passages,
           [](const Outcome& o, N n, double* to) {
             std::ranges::copy(o.lane.passage_times.first(std::min(n, o.lane.passage_times.size())), to);
           },
           Q::passage, true},
          {"passages_rising", "1", "upward passages of the level", passages,
           [](const Outcome& o, N, double* to) { *to = o.lane.passages[Level::rising].count(); }},
          {"passages_falling", "1", "downward passages of the level", passages,
           [](const Outcome& o, N, double* to) { *to = o.lane.passages[Level::falling].count(); }},
          {"passage_period", "s", "mean time between passages of the level in one direction", passages,
           [](const Outcome& o, N, double* to) { *to = periodic(o).period(); }},
          {"passage_period_deviation", "s", "standard deviation of the time between passages in one direction",
           passages, [](const Outcome& o, N, double* to) { *to = periodic(o).deviation(); }},
          {"passage_frequency", "Hz", "inverse of the mean time between passages of the level in one direction",
           passages, [](const Outcome& o, N, double* to) { *to = 1.0 / periodic(o).period(); }},
          {"passage_duty", "1", "share of the time above the level, over whole periods", passages,
           [](const Outcome& o, N, double* to) { *to = o.lane.duty.share(); }},
          {"rise_time", "s", "time of the first rise from 10 % to 90 % of the way from reduce.low to reduce.high",
           Q::transition, [](const Outcome& o, N, double* to) { *to = o.lane.transition.rise(); }, Q::trajectory, true},
          {"fall_time", "s", "time of the first fall from 90 % to 10 % of that way", Q::transition,
           [](const Outcome& o, N, double* to) { *to = o.lane.transition.fall(); }, Q::trajectory, true}};
}

std::vector<Q> quantities_at_times() {
  return {{"gamma_at", "", "internal variables at reduce.times", Q::times,
           [](const Outcome& o, N n, double* to) {
             for (const auto& one : o.at_times)
               if (n >= one.gamma.size()) {
                 to = std::ranges::copy(one.gamma, to).out;
                 n -= one.gamma.size();
               }
           },
           Q::time_variable, true},
          {"current_at", "A", "current at reduce.times", Q::times,
           [](const Outcome& o, N n, double* to) {
             at_times(o, n, to, [](const SweepSample& one) { return one.current; });
           },
           Q::time, true},
          {"voltage_at", "V", "voltage at reduce.times", Q::times,
           [](const Outcome& o, N n, double* to) {
             at_times(o, n, to, [](const SweepSample& one) { return one.voltage; });
           },
           Q::time, true},
          {"memristance_at", "ohm", "memristance V/I at reduce.times", Q::times,
           [](const Outcome& o, N n, double* to) {
             at_times(o, n, to, [](const SweepSample& one) { return quotient(one.voltage, one.current); });
           },
           Q::time, true},
          {"conductance_at", "S", "conductance I/V at reduce.times", Q::times,
           [](const Outcome& o, N n, double* to) {
             at_times(o, n, to, [](const SweepSample& one) { return quotient(one.current, one.voltage); });
           },
           Q::time, true}};
}

template <double MeasuredError::* number>
void error(const Outcome& o, N, double* to) {
  if (o.measured_error) *to = (*o.measured_error).*number;
}

std::vector<Q> quantities_of_measurement() {
  return {{"measured_rms", "measured", "root mean square difference to the measurement", Q::measured,
           error<&MeasuredError::rms>, Q::trajectory, true},
          {"measured_log_rms", "1", "root mean square of log10 |simulated / measured|", Q::measured,
           error<&MeasuredError::log_rms>, Q::trajectory, true},
          {"measured_area", "s measured", "integral of the absolute difference to the measurement", Q::measured,
           error<&MeasuredError::area>, Q::trajectory, true}};
}

std::vector<Q> quantities_of_steps() {
  return {{"steps_accepted", "1", "accepted steps", Q::nothing,
           [](const Outcome& o, N, double* to) { *to = o.lane.accepted; }, Q::trajectory, true},
          {"steps_rejected", "1", "rejected steps", Q::nothing,
           [](const Outcome& o, N, double* to) { *to = o.lane.rejected; }, Q::trajectory, true},
          {"events", "1", "time events, state events, bounds reached and released", Q::nothing,
           [](const Outcome& o, N, double* to) { *to = o.lane.events; }, Q::trajectory, true}};
}

}  // namespace

const std::vector<SweepQuantity>& sweep_quantity_table() {
  static const std::vector<SweepQuantity> table = [] {
    std::vector<SweepQuantity> all;
    for (const auto& of :
         {quantities_of_state(), quantities_of_port(), quantities_of_parts(), quantities_of_integrals(),
          quantities_of_level(), quantities_at_times(), quantities_of_measurement(), quantities_of_steps()})
      all.insert(all.end(), of.begin(), of.end());
    return all;
  }();
  return table;
}

MeasuredError measured_error(const SweepMeasurement& measured, std::span<const double> simulated) {
  double squares = 0.0;
  double log_squares = 0.0;
  double logs = 0.0;
  double area = 0.0;
  double before = 0.0;
  double defined = 0.0;
  std::size_t last = 0;
  for (std::size_t k = 0; k < simulated.size(); ++k) {
    if (!std::isfinite(simulated[k])) continue;  // no memristance where the current is 0
    const double off = simulated[k] - measured.values[k];
    squares += off * off;
    if (measured.values[k] != 0.0) {
      const double decades = std::log10(std::abs(simulated[k] / measured.values[k]));
      log_squares += decades * decades;
      logs += 1.0;
    }
    if (defined > 0.0) {  // a line between both differences; if it changes its sign, two triangles
      const double sizes = std::abs(off) + std::abs(before);
      const double height = off * before >= 0.0 ? sizes : (off * off + before * before) / sizes;
      area += 0.5 * (measured.times[k] - measured.times[last]) * height;
    }
    before = off;
    last = k;
    defined += 1.0;
  }
  return {.rms = known(std::sqrt(squares / defined)), .log_rms = known(std::sqrt(log_squares / logs)), .area = area};
}

std::string unit_of(const SweepQuantity& quantity, const SweepPlan& plan) {
  std::string unit = quantity.units;
  if (unit.empty()) return plan.scenario.device.unit();
  const auto at = unit.find("measured");
  if (at == std::string::npos) return unit;
  std::string own = unit_of_level(plan.measured.quantity, plan.scenario.device);
  return own == "1" && at > 0 ? "s" : unit.substr(0, at) + own;
}

std::string unit_of_level(int quantity, const AnyDevice& device) {
  switch (quantity) {
    case Level::memristance:
      return "ohm";
    case Level::conductance:
      return "S";
    case Level::current:
      return "A";
    case Level::voltage:
      return "V";
    default:
      return device.variable_units().at(static_cast<std::size_t>(quantity));
  }
}

std::size_t width_of(const SweepQuantity& quantity, const SweepPlan& plan) {
  const std::size_t variables = plan.scenario.gamma.size();
  switch (quantity.along) {
    case SweepQuantity::variable:
      return variables;
    case SweepQuantity::passage:
      return plan.level.timed;
    case SweepQuantity::part:
      return plan.scenario.device.model().parts;
    case SweepQuantity::time:
      return plan.times.size();
    case SweepQuantity::time_variable:
      return plan.times.size() * variables;
    case SweepQuantity::trajectory:
      break;
  }
  return 1;
}

}  // namespace memdyn
