// SPDX-License-Identifier: MIT
#include "run/pulse_map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/long_vectors.hpp"
#include "core/quantile.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "run/estimate.hpp"
#include "run/threads.hpp"
#include "run/tighter.hpp"

namespace memdyn {
namespace {

double& part(PulseError& error, Cause cause) { return error.parts[static_cast<std::size_t>(cause)]; }

/// The pulses of one shape and polarity.
class Shape {
 public:
  Shape(const TablePlan& plan, const PulseShape& shape, const IntegrationOptions& options)
      : shape_(shape),
        rest_(plan.map->rest),
        drive_(rest_ > 0 ? pulse(shape).then(Waveform({Constant{rest_, 0}})) : pulse(shape)),
        integrator_(driven(plan.sweep.scenario.device, plan.sweep.scenario.source), options),
        reader_(driven(plan.sweep.scenario.device, {.quantity = Quantity::voltage,
                                                    .series_resistance = plan.sweep.scenario.source.series_resistance}),
                options) {
    if (plan.map->read > 0) read_.emplace(pulse({.amplitude = plan.read_voltage, .width = plan.map->read}));
  }

  /// The change of a state.
  double change(double state) {
    std::array gamma{state};
    if (read_) reader_.advance(gamma, *read_);
    integrator_.advance(gamma, drive_);
    return gamma[0] - state;
  }

  /// The same with its error, whose uncertainty remains to be set.
  PulseError error(double state) {
    const Plateau start = plateau(integrator_.device(), state, shape_.amplitude);
    PulseError error;
    error.rule = start.drift * shape_.width;
    std::array gamma{state};
    if (read_) reader_.advance(gamma, *read_);
    part(error, Cause::read) = gamma[0] - state;
    Steps steps{*this, start.regime, error, gamma[0]};
    Recording recording;
    recording.emit = [&steps](const Sample& sample) { steps.add(sample); };
    recording.under_way = [](double /*time*/) { stop_if_interrupted(); };
    integrator_.advance(gamma, drive_, 0, &recording);
    part(error, steps.bound ? Cause::bound : steps.switched ? Cause::guard : Cause::state) = steps.moved - error.rule;
    error.change = gamma[0] - state;
    return error;
  }

 private:
  /// Assigns what each step moves to a cause.
  struct Steps {
    const Shape& shape;
    const Regime<double>& on_plateau;  ///< signs of the guards for which the rule holds
    PulseError& error;
    double state;  ///< at the end of the step before
    double time = 0;
    Regime<double> regime{};  ///< of the step
    double moved = 0;         ///< on the plateau
    bool bound = false, switched = false;

    void add(const Sample& sample) {
      const double change = sample.gamma[0] - state;
      const double middle = time + (sample.time - time) / 2;
      if (sample.time > time) assign(change, middle);
      state = sample.gamma[0];
      time = sample.time;
      regime = sample.regime;
    }
    void assign(double change, double middle) {
      const double begin = shape.shape_.rise;
      const double end = begin + shape.shape_.width;
      if (middle > end + shape.shape_.fall) {
        part(error, Cause::rest) += change;
      } else if (middle < begin || middle > end) {
        part(error, regime == on_plateau ? Cause::edges : Cause::window) += change;
      } else {
        const DrivenDevice& device = shape.integrator_.device();
        moved += change;
        bound = bound || (change == 0 && (state == device.lower(0) || state == device.upper(0)));
        switched = switched || regime != on_plateau;
      }
    }
  };

  PulseShape shape_;
  double rest_;
  Waveform drive_;
  std::optional<Waveform> read_;
  Integrator<DrivenDevice> integrator_, reader_;
};

/// What write_map() computes, in the order of the datasets: polarity x amplitude x width x edge x state.
class Map {
 public:
  Map(const TablePlan& plan, const std::array<double, 2>& ends) : plan_(plan), map_(*plan.map) {
    for (std::size_t k = 0; k < map_.states; ++k)
      states_.push_back(std::lerp(ends[0], ends[1], static_cast<double>(k) / static_cast<double>(map_.states - 1)));
    errors_.resize(shapes() * map_.states);
  }

  void compute(const Progress& progress) {
    const auto visit = [this](std::uint64_t n, const std::atomic<bool>& /*stop*/) { compute(n); };
    for_each_in_threads(shapes(), threads_or_cores(plan_.sweep.threads), [&] { return visit; }, progress);
  }

  void write(ResultFile& file) const {
    const std::string unit = plan_.sweep.scenario.device.unit();
    file.axis("amplitude_factor", map_.amplitudes, {"1", "amplitude of the pulse over that of the table"});
    file.axis("width", map_.widths, {"s", "width of the plateau"});
    file.axis("edge", map_.edges, {"s", "duration of each edge"});
    file.axis("map_gamma", states_, {unit, "internal variable before the pulse"});
    const std::vector<std::string> axes{"polarity", "amplitude_factor", "width", "edge", "map_gamma"};
    const auto array = [&](const std::string& name, const Caption& caption, const auto& value) {
      std::vector<double> values;
      values.reserve(errors_.size());
      for (const PulseError& error : errors_) values.push_back(value(error));
      file.open_array(name, ResultFile::Kind::real, axes, caption, missing);
      file.put(name, 0, values);
    };
    array("map_change", {unit, "change of the internal variable, integrated"}, [](const auto& e) { return e.change; });
    array("map_rule", {unit, "drift before the pulse, under its plateau, times its width"},
          [](const auto& e) { return e.rule; });
    array("map_uncertainty", {unit, "difference of map_change to that at a hundredth of the tolerances"},
          [](const auto& e) { return e.uncertainty; });
    for (const auto cause :
         {Cause::state, Cause::bound, Cause::guard, Cause::edges, Cause::window, Cause::read, Cause::rest})
      array(fmt::format("map_error_{}", cause_names[static_cast<std::size_t>(cause)]),
            {unit, "part of map_change - map_rule"}, [&](PulseError e) { return part(e, cause); });
    std::vector<double> causes;
    for (const PulseError& error : errors_) causes.push_back(static_cast<double>(error.cause()));
    file.open_array("map_cause", ResultFile::Kind::code, axes, {"1", "largest part of the error"}, 0);
    file.meanings("map_cause", cause_names);
    file.put("map_cause", 0, causes);
  }

  [[nodiscard]] MapReport report() const {
    MapReport report;
    report.pulses = errors_.size();
    for (const PulseError& error : errors_) {
      const Cause cause = error.cause();
      ++report.of_cause[static_cast<std::size_t>(cause)];
      if (std::abs(error.error()) <= small * std::abs(error.rule)) ++report.within;
      if (cause != Cause::none && cause != Cause::failed && !is_resolved(error, error.error())) ++report.unresolved;
    }
    report.order = order();
    for (std::size_t n = 0; n < shapes() / 2; ++n) report.shapes.push_back(worst(n));
    return report;
  }

 private:
  static constexpr double small = 0.01;
  static bool is_resolved(const PulseError& error, double size) {
    return !(error.uncertainty > small * std::abs(size));
  }

  [[nodiscard]] MapReport::Order order() const {
    constexpr double most = 0.1;  // of what the rule predicts: beyond, higher orders count
    // the part of the plateau, if neither a guard nor a bound switched there; 0 if it does not count
    const auto state_of = [](PulseError error) {
      const double size = part(error, Cause::state);
      return is_resolved(error, size) && std::abs(size) <= most * std::abs(error.rule) ? size : 0.0;
    };
    const std::size_t edges = map_.edges.size();
    std::vector<double> exponents;
    for (std::size_t n = 0; n < shapes(); ++n) {
      const std::size_t width = n / edges % map_.widths.size();
      if (width + 1 == map_.widths.size()) continue;
      for (std::size_t k = 0; k < states_.size(); ++k) {
        const double here = state_of(errors_[n * states_.size() + k]);
        const double wider = state_of(errors_[(n + edges) * states_.size() + k]);
        if (wider * here > 0)  // the same sign
          exponents.push_back(std::log(wider / here) / std::log(map_.widths[width + 1] / map_.widths[width]));
      }
    }
    if (exponents.empty()) return {};
    return {quantile(exponents, 0.5), quantile(exponents, 0.1), quantile(exponents, 0.9), exponents.size()};
  }

  [[nodiscard]] std::size_t shapes() const {
    return 2 * map_.amplitudes.size() * map_.widths.size() * map_.edges.size();
  }
  [[nodiscard]] PulseShape shape(std::size_t n) const {
    const std::size_t edges = map_.edges.size();
    const std::size_t widths = map_.widths.size();
    const std::size_t amplitudes = map_.amplitudes.size();
    const PulseShape& own = n < shapes() / 2 ? plan_.up : plan_.down;
    const double edge = map_.edges[n % edges];
    return {.amplitude = own.amplitude * map_.amplitudes[n / edges / widths % amplitudes],
            .width = map_.widths[n / edges % widths],
            .rise = edge,
            .fall = edge};
  }

  /// The pulses of shape n from all states.
  void compute(std::size_t n) {
    const IntegrationOptions& options = plan_.sweep.scenario.options;
    Shape given(plan_, shape(n), options);
    const auto tight = tighter(options);
    std::optional<Shape> tighter;
    if (tight) tighter.emplace(plan_, shape(n), *tight);
    for (std::size_t k = 0; k < states_.size(); ++k) {
      PulseError& error = errors_[n * states_.size() + k];
      try {
        error = given.error(states_[k]);
        const double rounding = 8 * std::numeric_limits<double>::epsilon() *
                                std::max(std::abs(states_[k]), std::abs(states_[k] + error.change));
        error.uncertainty =
            tighter ? std::max(rounding, std::abs(error.change - tighter->change(states_[k]))) : missing;
      } catch (const NumericalError&) {
        error = {.change = missing, .rule = missing, .parts = {}, .uncertainty = missing};
        error.parts.fill(missing);
      }
    }
  }

  /// Of shape n of pulses up, and of the same of pulses down.
  [[nodiscard]] MapReport::Shape worst(std::size_t n) const {
    const PulseShape own = shape(n);
    const std::size_t edges = map_.edges.size();
    MapReport::Shape found{map_.amplitudes[n / edges / map_.widths.size()], own.width, own.rise, 0, Cause::none};
    for (const std::size_t at : {n, n + shapes() / 2})
      for (std::size_t k = 0; k < states_.size(); ++k) {
        const PulseError& error = errors_[at * states_.size() + k];
        const Cause cause = error.cause();
        const double relative =
            cause == Cause::failed ? std::numeric_limits<double>::infinity() : std::abs(error.error() / error.rule);
        if (cause == Cause::none || cause == Cause::bound || relative <= found.relative) continue;
        found.relative = relative;
        found.cause = cause;
      }
    return found;
  }

  const TablePlan& plan_;
  const PulseMap& map_;
  std::vector<double> states_;
  std::vector<PulseError> errors_;
};

}  // namespace

Plateau plateau(const DrivenDevice& device, double state, double drive) {
  const std::array gamma{state};
  Plateau found;
  freeze_regime(device, gamma, drive, found.regime);
  if (device.moves(0, found.regime))
    found.drift = device.drift(0, gamma, input_of(device, gamma, drive, found.regime), found.regime);
  return found;
}

Cause PulseError::cause() const {
  if (!std::isfinite(change)) return Cause::failed;
  if (std::abs(error()) <= (std::isfinite(uncertainty) ? uncertainty : 0)) return Cause::none;
  const auto largest = std::ranges::max_element(parts, {}, [](double part) { return std::abs(part); });
  return static_cast<Cause>(largest - parts.begin());
}

MapReport write_map(ResultFile& file, const TablePlan& plan, const std::array<double, 2>& ends,
                    const Progress& progress) {
  Map map(plan, ends);
  map.compute(progress);
  map.write(file);
  return map.report();
}

}  // namespace memdyn
