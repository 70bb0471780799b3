// SPDX-License-Identifier: MIT
#include "run/training_recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "memdyn/core/interruption.hpp"

namespace memdyn {

std::vector<std::string> variable_names(const Network& network) {
  std::vector<std::string> names;
  if (network.kind == NetworkKind::single_layer) {
    for (std::size_t i = 0; i < network.window.size(); ++i) names.push_back(network.window.variable_name(i));
    return names;
  }
  for (std::size_t l = 1; l < network.layers.size(); ++l) {
    for (std::size_t k = 1; k <= network.layers[l]; ++k)
      for (std::size_t j = 1; j <= network.layers[l - 1]; ++j) names.push_back(fmt::format("w_{}_{}_{}", l, k, j));
    for (std::size_t k = 1; k <= network.layers[l]; ++k) names.push_back(fmt::format("b_{}_{}", l, k));
  }
  return names;
}

std::string variable_unit(const Network& network) {
  if (network.kind == NetworkKind::single_layer) return network.window.unit();
  if (network.kind == NetworkKind::multilayer) return network.synapse.unit();
  return network.crossbar.device.unit();
}

namespace {

/// Names of the guards of the devices of a network; for two kinds of devices, those of the synapses come first.
std::vector<std::string> guard_names(const Network& network) {
  if (network.kind == NetworkKind::single_layer) return AnyDevice(network.window).guard_names();
  if (network.kind == NetworkKind::crossbar) return network.crossbar.device.guard_names();
  std::vector<std::string> names;
  for (const auto& name : AnyDevice(network.synapse).guard_names()) names.push_back("synapse." + name);
  for (const auto& name : AnyDevice(network.node).guard_names()) names.push_back("node." + name);
  return names;
}

}  // namespace

TrajectoryRecorder::TrajectoryRecorder(ResultFile& file, const TrainingPlan& plan) : plan_(plan), devices_(plan) {
  using Kind = ResultFile::Kind;
  const auto variables = variable_names(plan.network);
  const auto guards = guard_names(plan.network);
  file.axis("trajectory/variable", variables, {"1", "internal variable"});
  std::vector<Column> columns{
      {"time", Kind::real, {"s", "time since the training began"}},
      {"gate", Kind::integer, {"1", "index of the gate"}},
      {"realization", Kind::integer, {"1", "realization"}},
      {"epoch", Kind::integer, {"1", "epoch"}},
      {"device", Kind::integer, {"1", "index of the pulsed device; the others are at rest"}},
      {"phase", Kind::code, {"1", "phase of the algorithm"}},
      {"current", Kind::real, {"A", "current through that device"}},
      {"voltage", Kind::real, {"V", "voltage across that device"}},
      {"gamma", Kind::real, {variable_unit(plan.network), "internal variables"}, "variable", variables.size()}};
  if (!guards.empty()) {
    file.axis("trajectory/guard", guards, {"1", "guard"});
    columns.push_back({"regime", Kind::code, {"1", "signs of the guards of that device"}, "guard", guards.size()});
  }
  table_.emplace(file, "trajectory/", std::move(columns));
  file.meanings("trajectory/phase", phase_names);
  if (!guards.empty()) file.meanings("trajectory/regime", sign_names);
  gamma_.resize(variables.size());
  signs_.resize(guards.size());
}

void TrajectoryRecorder::resume(const ResultReader& left, const std::vector<double>& epochs) {
  auto tasks = left.stream("trajectory/gate");
  auto realizations = left.stream("trajectory/realization");
  auto numbers = left.stream("trajectory/epoch");
  const std::uint64_t all = left.length("trajectory/time");
  std::uint64_t rows = 0;
  for (bool saved = true; saved && rows < all;) {
    const auto count = std::min<std::uint64_t>(all - rows, ResultFile::chunk);
    const auto& task = tasks.next(count);
    const auto& realization = realizations.next(count);
    const auto& epoch = numbers.next(count);
    for (std::size_t n = 0; saved && n < count; ++n) {
      const double run = task.at(n) * static_cast<double>(plan_.realizations) + realization.at(n);
      saved =
          run >= 0 && run < static_cast<double>(epochs.size()) && epoch.at(n) <= epochs[static_cast<std::size_t>(run)];
      rows += saved ? 1 : 0;
    }
  }
  table_->copy(left, rows);
}

/// Moves devices that forget, and are at rest during a pulse, on to a time within it.
void TrajectoryRecorder::rest_until(double time, const Sent& sent) {
  const Network& network = plan_.network;
  if (network.kind != NetworkKind::crossbar || !network.crossbar.device.properties().fades || !(time > rested_)) return;
  for (std::size_t d = 0; d < gamma_.size(); ++d) {
    if (d == sent.device) continue;
    std::vector<double> state{gamma_[d]};
    Integrator<DrivenDevice> integrator(driven(devices_.device(where_[1], d), network.crossbar.source()),
                                        plan_.options);
    integrator.advance(state, Constant{time - rested_, 0.0}, rested_);
    gamma_[d] = state.front();
  }
  rested_ = time;
}

/// Takes over the states that the training reached when the pulse ended.
void TrajectoryRecorder::reach(std::span<const double> after, const Sent& sent) {
  std::ranges::copy(after, gamma_.begin());
  rested_ = sent.end;
}

void TrajectoryRecorder::row(const Sent& sent, double time, double current, double voltage,
                             std::span<const double> state, const Regime<double>& regime) {
  rest_until(time, sent);
  std::ranges::copy(state, own(gamma_, sent).begin());
  if (!(time >= plan_.record_from && time <= plan_.record_to)) return;
  stop_if_interrupted();
  table_->put(time);
  for (const std::size_t index : where_) table_->put(static_cast<double>(index));
  table_->put(static_cast<double>(sent.device));
  table_->put(static_cast<double>(sent.phase));
  table_->put(current);
  table_->put(voltage);
  table_->put_all(gamma_);
  if (!signs_.empty()) {
    std::ranges::fill(signs_, static_cast<double>(Sign::not_pulsed));
    const bool second = plan_.network.kind == NetworkKind::multilayer && sent.node;
    std::ranges::copy(regime, signs_.begin() + (second ? std::ssize(signs_) - std::ssize(regime) : 0));
    table_->put_all(signs_);
  }
  table_->end_row();
}

/// Writes a row of a state that was not integrated here.
template <class D>
void TrajectoryRecorder::end_row(const D& device, const Sent& sent, const Moment& at, std::span<const double> state) {
  Regime<double> regime;
  freeze_regime(device, state, at.drive, regime);
  const double u = input_of(device, state, at.drive, regime);
  row(sent, at.time, current_of(device, state, u), voltage_of(device, state, u), state, regime);
}

/// Integrates a pulse and the rest after it.
template <class D>
void TrajectoryRecorder::advance_with_rest(const D& device, const Sent& sent, Recording& recording) const {
  const auto begin = own(gamma_, sent);
  std::vector<double> state(begin.begin(), begin.end());
  Integrator<D> integrator(device, plan_.options);
  advance(integrator, state, sent.shape, sent.begin, &recording);
  const double length = sent.shape.rise + sent.shape.width + sent.shape.fall;
  if (sent.rest > 0.0) integrator.advance(state, Constant{sent.rest, 0.0}, sent.begin + length, &recording);
}

template <class D>
void TrajectoryRecorder::integrate(const D& device, std::span<const double> after, const Sent& sent) {
  const Trapezoid& shape = sent.shape;
  const double ends = std::min(sent.end, sent.begin + (shape.rise + shape.width + shape.fall + sent.rest));
  // sums of times round differently: a row within so much of the end is that of the end
  const double digits = 8 * std::numeric_limits<double>::epsilon() * ends;
  std::optional<Moment> last;
  Regime<double> regime;
  Recording recording{[&](const Sample& s) {
    // where two segments meet, both have a row
    const bool again = last && s.event == Event::segment && s.time - last->time <= digits && s.drive == last->drive;
    if (!again && (!last || s.time < ends - digits)) row(sent, s.time, s.current, s.voltage, s.gamma, s.regime);
    last = {s.time, s.drive};
    regime = s.regime;
  }};
  advance_with_rest(device, sent, recording);
  const double drive = shape.fall > 0.0 || sent.rest > 0.0 ? 0.0 : shape.peak;
  const auto begin = own(gamma_, sent);
  if (!last) end_row(device, sent, {sent.begin, drive}, std::vector(begin.begin(), begin.end()));  // no width is left
  reach(after, sent);
  if (!last) return end_row(device, sent, {sent.end, drive}, own(after, sent));
  const double u = input_of(device, own(after, sent), drive, regime);
  row(sent, sent.end, current_of(device, own(after, sent), u), voltage_of(device, own(after, sent), u),
      own(after, sent), regime);
}

/// Writes a pulse of the discrete twin, which knows the states before and after it: the state changes along the flat
/// top.
template <class D>
void TrajectoryRecorder::jump(const D& device, std::span<const double> after, const Sent& sent) {
  const auto begin = own(gamma_, sent);
  const std::vector<double> before(begin.begin(), begin.end());
  const auto& [peak, width, rise, fall] = sent.shape;
  const auto end = own(after, sent);
  const double ends = sent.rest > 0.0 ? std::min(sent.end, sent.begin + (rise + width + fall)) : sent.end;
  if (rise > 0.0) end_row(device, sent, {sent.begin, 0.0}, before);
  end_row(device, sent, {sent.begin + rise, peak}, before);
  if (fall > 0.0) end_row(device, sent, {std::max(sent.begin + rise, ends - fall), peak}, end);
  end_row(device, sent, {ends, fall > 0.0 ? 0.0 : peak}, end);
  if (sent.rest > 0.0 && !(fall > 0.0)) end_row(device, sent, {ends, 0.0}, end);
  if (sent.rest > 0.0) end_row(device, sent, {sent.end, 0.0}, end);
}

/// Writes the rows of a pulse, and of the rest after it, at the points of the uniform grid.
template <class D>
void TrajectoryRecorder::sample(const D& device, const Sent& sent) {
  constexpr double rounding = 1e-9;  // share of the interval: a point that a pulse shares with the next has one row
  const double interval = plan_.record_interval;
  const double first = std::ceil(std::max(sent.begin, plan_.record_from) / interval - rounding);
  next_sample_ = std::max(next_sample_, static_cast<std::uint64_t>(first));
  if (static_cast<double>(next_sample_) * interval > std::min(sent.end, plan_.record_to)) return;
  Recording recording{.emit = [&](const Sample& s) { row(sent, s.time, s.current, s.voltage, s.gamma, s.regime); },
                      .steps = false,
                      .interval = interval,
                      .sample = next_sample_};
  advance_with_rest(device, sent, recording);
  next_sample_ = recording.sample;
}

template <class D>
void TrajectoryRecorder::repeat(const D& device, std::span<const double> after, const Sent& sent) {
  if (sent.end < plan_.record_from || sent.begin > plan_.record_to) return;
  if (plan_.record_interval > 0.0) {
    sample(device, sent);
  } else if (plan_.twin) {
    jump(device, after, sent);
  } else {
    integrate(device, after, sent);
  }
}

void TrajectoryRecorder::pulse(std::span<const double> before, std::span<const double> after, const Sent& sent) {
  std::ranges::copy(before, gamma_.begin());
  rested_ = sent.begin;
  const NetworkKind kind = plan_.network.kind;
  const AnyDevice device = devices_.device(where_[1], sent.device);
  if (kind == NetworkKind::crossbar) {
    repeat(driven(device, plan_.network.crossbar.source()), after, sent);
  } else if (const auto* window = device.get_if<ThresholdWindow>()) {
    repeat(*window, after, sent);
  } else if (const auto* node = device.get_if<HpDrift>()) {
    repeat(*node, after, sent);
  } else if (const auto* synapse = device.get_if<SynapticDrift>()) {
    repeat(*synapse, after, sent);
  }
}

}  // namespace memdyn
