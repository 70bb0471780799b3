// SPDX-License-Identifier: MIT
#include "learn/crossbar.hpp"

#include <algorithm>
#include <cmath>

#include "dynamics/trapezoids.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {
namespace {

/// @throws InputError if the synapse is not valid
DrivenDevice driven_by_pulses(const CrossbarSynapse& synapse) {
  synapse.validate();
  return driven(synapse.device, synapse.source());
}

}  // namespace

double Converter::of(double sum, double largest) const {
  if (bits == 0) return sum;
  const double end = range > 0 ? range : largest;
  const double last = std::ldexp(1.0, static_cast<int>(bits)) - 1;
  const double step = 2 * end / last;
  return -end + step * std::clamp(std::round((sum + end) / step), 0.0, last);
}

void CrossbarSynapse::validate() const {
  const DrivenDevice model = driven(device, source());
  const std::string name(model.name());
  if (model.size() != 1)
    throw InputError(name, "variables", fmt::format("{}", model.size()),
                     "a synapse of a crossbar must have one internal variable");
  if (std::isfinite(model.lower(0)) != std::isfinite(model.upper(0)))
    throw InputError(name, "bounds", fmt::format("{}, {}", model.lower(0), model.upper(0)),
                     "a synapse of a crossbar must have both bounds or none");
  if (quantity == Quantity::voltage && device.model().fixes_voltage)
    throw InputError(name, "quantity", "voltage",
                     "a voltage source cannot drive a capacitor directly: use \"current\"");
  if (quantity == Quantity::current && device.model().fixes_current)
    throw InputError(name, "quantity", "current",
                     "a current source cannot drive an inductor in series: use \"voltage\"");
  if (const std::string why = several_answers(device, source()); !why.empty())
    throw InputError(name, "quantity", std::string(name_of(quantity)),
                     fmt::format("must be {}: {}", name_of(device.control()), why));
  const auto check = [&](const char* key, double value, bool good, const char* range) {
    if (!(good && std::isfinite(value))) throw InputError(name, key, fmt::format("{}", value), range);
  };
  check("weight_range", weight_range, weight_range > 0.0 && weight_range <= 1e6, "must be in (0, 1e6]");
  check("amplitude", amplitude, amplitude > 0.0 && amplitude <= Waveform::largest, "must be in (0, 1e15]");
  check("read_amplitude", read_amplitude, std::abs(read_amplitude) <= Waveform::largest, "must be in [-1e15, 1e15]");
  check("adc_bits", static_cast<double>(converter.bits), converter.bits <= Converter::most_bits, "must be in 0 .. 24");
  check("adc_range", converter.range, converter.range >= 0.0 && converter.range <= Waveform::largest,
        "must be in (0, 1e15]");
  if (update == Update::programmed) return;
  check("pulse_width", pulses.width, pulses.width > 0.0 && pulses.width <= Waveform::largest, "must be in (0, 1e15] s");
  check("negative_amplitude", negative_amplitude(),
        negative_amplitude() > 0.0 && negative_amplitude() <= Waveform::largest, "must be in (0, 1e15]");
  check("most_pulses", static_cast<double>(pulses.most), pulses.most > 0, "must be 1 or more");
  check("tolerance", pulses.tolerance, pulses.tolerance > 0.0, "must be above 0");
}

Crossbar::Crossbar(const Network& network, double learning_rate, const IntegrationOptions& options, std::size_t lanes,
                   bool twin)
    : n_in_(network.layers.front()),
      n_out_(network.layers.back()),
      lanes_(lanes),
      learning_rate_(learning_rate),
      t_read_(network.t_read),
      read_amplitude_(network.crossbar.read_amplitude),
      amplitude_(network.crossbar.amplitude),
      converter_(network.crossbar.converter),
      largest_sum_(network.crossbar.weight_range * static_cast<double>(n_in_ + 1)),
      source_(network.crossbar.source()),
      options_(options),
      integrator_(driven_by_pulses(network.crossbar), options),
      own_(weight_count() * lanes),
      characteristic_(integrator_.device(), network.crossbar.amplitude),
      lower_(integrator_.device().lower(0)),
      upper_(integrator_.device().upper(0)),
      scale_(integrator_.device().scale(0)),
      gamma_(weight_count() * lanes),
      fades_(network.crossbar.device.properties().fades),
      reached_(fades_ ? gamma_.size() : 0, 0.0),
      output_(n_out_),
      sent_(lanes),
      generator_(network.generator),
      errors_(lanes),
      random_(lanes, {0, 0, Purpose::rounding}),
      update_(network.crossbar.update),
      pulses_(network.crossbar.pulses),
      twin_(twin),
      tally_("synapses", lanes) {
  const bool bounded = std::isfinite(lower_);
  centre_ = bounded ? 0.5 * (lower_ + upper_) : 0.0;
  per_weight_ = (bounded ? 0.5 * (upper_ - lower_) : scale_) / network.crossbar.weight_range;
  tally_.limits.quantity = integrator_.device().quantity();
  tally_.limits.leaves_residual = true;
  if (!network.devices_vary) tally_.limits.lowest_threshold = characteristic_.threshold();
  if (update_ != Update::programmed)
    identical_.emplace(network.crossbar, generator_, integrator_.device(), options, centre_, twin);
}

void Crossbar::set_realization(std::size_t lane, std::uint64_t seed, std::uint64_t realization) {
  random_[lane] = {seed, realization, Purpose::rounding};
  errors_[lane] = {seed, realization};
}

void Crossbar::set_device(std::size_t lane, std::size_t index, const AnyDevice& device) {
  DrivenDevice own = driven(device, source_);
  tally_.limits.lowest_threshold =
      std::min(tally_.limits.lowest_threshold, Characteristic(own, amplitude_).threshold());
  own_.at(index * lanes_ + lane) = std::make_unique<Integrator<DrivenDevice>>(std::move(own), options_);
}

void Crossbar::set_weights(const double* weights) {
  for (std::size_t i = 0; i < gamma_.size(); ++i) {
    const DrivenDevice& device = integrator(i / lanes_, i % lanes_).device();
    gamma_[i] = std::clamp(centre_ + weights[i] * per_weight_, device.lower(0), device.upper(0));
  }
  for (std::size_t i = 0; i < reached_.size(); ++i) reached_[i] = sent_[i % lanes_].time;
}

void Crossbar::get_weights(double* weights) const {
  for (const double gamma : gamma_) *weights++ = weight(gamma);
}

template <class Use, class Raise>
void Crossbar::each_number(std::size_t lane, const Use& use, const Raise& raise) {
  for (std::size_t i = lane; i < gamma_.size(); i += lanes_) use(gamma_[i]);
  Sent& sent = sent_[lane];
  for (double* each : {&sent.pulses, &sent.updates, &sent.time, &sent.changes, &sent.largest_residual,
                       &sent.squared_residuals, &sent.drawn})
    use(*each);
  for (std::size_t i = lane; i < reached_.size(); i += lanes_) use(reached_[i]);
  tally_.each_number(lane, use);
  tally_.each_margin(raise);
}

std::size_t Crossbar::state_count() {
  std::size_t count = 0;
  const auto one_more = [&](double /*number*/) { ++count; };
  each_number(0, one_more, one_more);
  return count;
}

void Crossbar::get_state(std::size_t lane, double* state) {
  const auto get = [&](double number) { *state++ = number; };
  each_number(lane, get, get);
}

void Crossbar::set_state(std::size_t lane, const double* state) {
  each_number(
      lane, [&](double& number) { number = *state++; },
      [&](double& largest) { largest = std::max(largest, *state++); });
  random_[lane].skip(static_cast<std::uint64_t>(sent_[lane].drawn));
}

void Crossbar::put_back(std::size_t lane, const double* state) {
  const Sent counted = sent_[lane];
  Tally unused = tally_;
  std::swap(unused, tally_);
  const auto take = [&](double& number) { number = *state++; };
  each_number(lane, take, [](double& /*largest*/) {});
  std::swap(unused, tally_);
  const double time = sent_[lane].time;
  sent_[lane] = counted;
  sent_[lane].time = time;
}

void Crossbar::learn(const double* inputs, const double* targets, std::size_t rows, double* error) {
  std::fill_n(error, lanes_, 0.0);
  for (std::size_t row = 0; row < rows; ++row, inputs += n_in_ * lanes_, targets += n_out_ * lanes_)
    for (std::size_t l = 0; l < lanes_; ++l) {
      stop_if_interrupted();
      forward(inputs + l, l);
      for (std::size_t k = 0; k < n_out_; ++k) {
        const double difference = targets[k * lanes_ + l] - output_[k];
        error[l] += 0.5 * difference * difference;
        const double step = learning_rate_ * difference * activation_slope(Activation::logistic, output_[k]);
        for (std::size_t i = 0; i < n_in_; ++i) update(k * n_in_ + i, l, step * inputs[i * lanes_ + l]);
        update(bias(k), l, step);
      }
    }
  for (std::size_t l = 0; l < lanes_; ++l) wait_all(l);
}

void Crossbar::predict(const double* inputs, std::size_t rows, double* outputs) {
  for (std::size_t row = 0; row < rows; ++row, inputs += n_in_ * lanes_, outputs += n_out_ * lanes_)
    for (std::size_t l = 0; l < lanes_; ++l) {
      stop_if_interrupted();
      forward(inputs + l, l);
      for (std::size_t k = 0; k < n_out_; ++k) outputs[k * lanes_ + l] = output_[k];
    }
  for (std::size_t l = 0; l < lanes_; ++l) wait_all(l);
}

Calibration Crossbar::calibration(std::size_t used) const {
  KindCalibration all = tally_.report(used);
  for (const Sent& sent : std::span(sent_).first(used)) {
    if (sent.changes == 0) continue;
    all.largest_update_residual = std::max(all.largest_update_residual, sent.largest_residual);
    all.rms_update_residual = std::max(all.rms_update_residual, std::sqrt(sent.squared_residuals / sent.changes));
  }
  return {{all}};
}

void Crossbar::wait(std::size_t device, std::size_t lane) {
  if (!fades_) return;
  double& reached = reached_[device * lanes_ + lane];
  const double idle = sent_[lane].time - reached;
  if (idle > 0.0) integrator(device, lane).pulse({&gamma(device, lane), 1}, 0.0, idle);
  reached = sent_[lane].time;
}

void Crossbar::wait_all(std::size_t lane) {
  for (std::size_t device = 0; fades_ && device < weight_count(); ++device) wait(device, lane);
}

std::vector<double> Crossbar::present(std::size_t lane) {
  const auto before = gamma_;
  const auto reached = reached_;
  wait_all(lane);
  std::vector<double> all;
  for (std::size_t i = lane; i < gamma_.size(); i += lanes_) all.push_back(gamma_[i]);
  gamma_ = before;
  reached_ = reached;
  return all;
}

void Crossbar::forward(const double* x, std::size_t lane) {
  wait_all(lane);
  for (std::size_t k = 0; k < n_out_; ++k) {
    double net = weight(gamma(bias(k), lane));
    for (std::size_t i = 0; i < n_in_; ++i) net += weight(gamma(k * n_in_ + i, lane)) * x[i * lanes_];
    output_[k] = activate(Activation::logistic, converter_.of(net, largest_sum_));
    for (std::size_t i = 0; i < n_in_; ++i) read(k * n_in_ + i, lane, x[i * lanes_]);
    read(bias(k), lane, 1.0);
  }
}

void Crossbar::read(std::size_t device, std::size_t lane, double x) {
  const double drive = x * read_amplitude_;
  if (drive == 0.0) return;
  wait(device, lane);
  const double before = gamma(device, lane);
  send(device, lane, {drive, t_read_}, Phase::read);
  tally_.count(Tally::read_disturb, lane, gamma(device, lane) != before);
}

void Crossbar::update(std::size_t device, std::size_t lane, double change) {
  wait(device, lane);
  double& state = gamma(device, lane);
  const double wanted = state + change * per_weight_;
  if (!(std::abs(wanted - state) > 1e-12 * scale_)) return;
  const double target = std::clamp(wanted, lower_, upper_);
  tally_.count(Tally::pinned_weight, lane, target != wanted);
  if (target == state) return;
  if (identical_) return send_identical(device, lane, target);
  const auto pulse = characteristic_.pulse(state, target);
  if (!pulse) {
    tally_.count(Tally::lost_update, lane, true);
    return;
  }
  const double before = state;
  send(device, lane, *pulse, Phase::update);
  ++sent_[lane].updates;
  note_residual(lane, state - target);
  tally_.count(Tally::lost_update, lane, state == before);
}

void Crossbar::note_residual(std::size_t lane, double off) {
  const double residual = std::abs(off) / per_weight_;
  Sent& sent = sent_[lane];
  ++sent.changes;
  sent.largest_residual = std::max(sent.largest_residual, residual);
  sent.squared_residuals += residual * residual;
}

std::uint64_t Crossbar::count(double change, std::size_t lane) {
  if (update_ == Update::sign) return 1;
  if (!pulses_.stochastic) return identical_->count(change, pulses_.most);
  ++sent_[lane].drawn;
  return identical_->count(change, pulses_.most, random_[lane].uniform());
}

void Crossbar::send_identical(std::size_t device, std::size_t lane, double target) {
  double& state = gamma(device, lane);
  const double before = state;
  if (update_ == Update::write_verify) {
    const double near = pulses_.tolerance * per_weight_;
    for (std::uint64_t n = 0; n < pulses_.most && std::abs(target - state) > near; ++n)
      send(device, lane, target > state);
    tally_.count(Tally::unverified_write, lane, std::abs(target - state) > near);
  } else {
    const bool up = target > state;
    for (std::uint64_t n = count(target - state, lane); n > 0; --n) send(device, lane, up);
    tally_.count(Tally::lost_update, lane, state == before);
  }
  note_residual(lane, state - target);
}

Trapezoid Crossbar::shape_of(const Characteristic::Pulse& pulse, std::size_t lane) const {
  const auto error = generator_.is_random() ? errors_[lane].of_pulse(sent_[lane].pulses) : PulseErrors::Error{0.0, 0.0};
  return {sent_amplitude(generator_, pulse.drive, error), sent_width(generator_, pulse.duration, error),
          generator_.rise, generator_.fall};
}

void Crossbar::send(std::size_t device, std::size_t lane, bool up) {
  stop_if_interrupted();
  const double drive = identical_->drive(up);
  const auto known = twin_ ? std::optional(identical_->after(gamma(device, lane), up)) : std::nullopt;
  send(device, lane, {drive, identical_->width()}, Phase::update, known);
  ++sent_[lane].updates;
}

void Crossbar::send(std::size_t device, std::size_t lane, const Characteristic::Pulse& pulse, Phase phase,
                    std::optional<double> known) {
  Sent& sent = sent_[lane];
  const bool tapped = tap_ != nullptr && lane == tapped_;
  const std::vector<double> before = tapped ? present(lane) : std::vector<double>();
  wait(device, lane);
  double& state = gamma(device, lane);
  const Trapezoid shape = shape_of(pulse, lane);
  double& largest = phase == Phase::read ? tally_.largest_read : tally_.largest_update;
  largest = std::max(largest, std::abs(shape.peak));
  if (known) {
    state = *known;
  } else {
    memdyn::send(integrator(device, lane), {&state, 1}, shape);
  }
  const double begin = sent.time;
  const double ends = begin + (shape.rise + shape.width + shape.fall);
  if (fades_) reached_[device * lanes_ + lane] = ends;
  // a pulse can be shorter than the resolution of the time in double precision: attoseconds after hours of reads
  sent.time = std::max(ends + generator_.rest, std::nextafter(begin, infinity));
  if (tapped)
    tap_->pulse(before, present(lane), {begin, sent.time, shape, generator_.rest, phase, false, device, device, 1});
  ++sent.pulses;
}

}  // namespace memdyn
