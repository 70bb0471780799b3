// SPDX-License-Identifier: MIT
#include "scenario/sweep_quantities.hpp"

#include <algorithm>
#include <cmath>

namespace memdyn {
namespace {

using Outcome = SweepOutcome;
using N = std::size_t;
using Q = SweepQuantity;
constexpr unsigned port_extremes = Q::integrals | Q::extremes;
constexpr unsigned passages = Q::level | Q::every_passage;

double known(double number) { return std::isfinite(number) ? number : std::nan(""); }
double quotient(double a, double b) { return b == 0.0 ? std::nan("") : a / b; }

template <Integral which>
void integral(const Outcome& o, N, double* to) {
  *to = o.lane.integrals[which];
}
template <PortQuantity which, double Extremes::* number>
void extreme(const Outcome& o, N, double* to) {
  *to = known(o.lane.port[which].*number);
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
           Q::part}};
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
           passages, [](const Outcome& o, N, double* to) { *to = 1.0 / periodic(o).period(); }}};
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
    for (const auto& of : {quantities_of_state(), quantities_of_port(), quantities_of_parts(),
                           quantities_of_integrals(), quantities_of_level(), quantities_of_steps()})
      all.insert(all.end(), of.begin(), of.end());
    return all;
  }();
  return table;
}

}  // namespace memdyn
