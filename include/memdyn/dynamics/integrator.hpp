// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/device/device.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/dynamics/absorption.hpp"
#include "memdyn/dynamics/coordinates.hpp"
#include "memdyn/dynamics/dense_step.hpp"
#include "memdyn/dynamics/method.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/dynamics/recording.hpp"
#include "memdyn/dynamics/rosenbrock.hpp"
#include "memdyn/dynamics/sliding.hpp"
#include "memdyn/dynamics/step_control.hpp"
#include "memdyn/dynamics/taylor.hpp"
#include "memdyn/dynamics/watch.hpp"

namespace memdyn {

/// Integrates one device under a piecewise drive so that no step crosses a discontinuity.
///
/// A segment is cut into pieces where the drive passes the level of a guard (time events). Within a
/// piece the regime is frozen. If a guard that depends on the state changes sign within a step, or a variable reaches a
/// bound or is released from one, the step is repeated with the length to that event. Variables without drift are not
/// integrated. Uncoupled variables are integrated one by one unless a trajectory is recorded.
template <class D>
class Integrator {
 public:
  using Scalar = double;
  /// @throws InputError for a tolerance outside of (0, 1), or for a method that the device does not admit
  explicit Integrator(D device, const IntegrationOptions& options = {})
      : given_(std::move(device)),
        device_(integrated_form(given_)),
        options_(options),
        one_(options.method),
        joint_(options.method),
        series_(stepper::taylor_order(options.loosest())),
        scratch_(device_.size()),
        levels_(levels_of(device_)) {
    options.validate();
    if constexpr (differentiable) {
      options_.method = device_.admitted(options.method);
      may_slide_ = device_.has_derivatives();
    } else {
      options.require_explicit(name_of_model(device_));
    }
    for (std::size_t k = 0; k < levels_.size(); ++k)
      if (std::isnan(levels_[k])) state_guards_.push_back(k);
    for (std::size_t i = 0; i < device_.size(); ++i) everything_.push_back(i);
    flipped_.assign(levels_.size(), false);
    together_.assign(levels_.size(), 0);
    surface_.assign(levels_.size(), watch::not_on_surface);
    // without a state, an input that exists at both ends of a monotone drive exists in between
    turns_ = looks_at_state(device_) || device_.size() == 0;
    separate_ = !D::coupled && state_guards_.empty();
  }

  [[nodiscard]] const D& device() const noexcept { return given_; }
  [[nodiscard]] const Statistics& statistics() const noexcept { return statistics_; }

  /// Integrates a rectangular pulse of `current` [A] for `duration` [s]. Trainings call this member.
  /// @param gamma one value per variable, within its bounds; advanced in place
  /// @return true if some variable had a drift
  /// @throws NumericalError naming device, time and regime
  bool pulse(std::span<double> gamma, double current, double duration) {
    origin_ = 0;
    begin_trajectory();
    const Drive drive{nullptr, current};
    const InCoordinates in_coordinates(device_, gamma, coordinates_);
    memdyn::freeze_regime(device_, gamma, current, regime_);
    integrate_piece(drive, gamma, 0.0, duration, duration, nullptr);
    return std::ranges::any_of(everything_, [this](std::size_t i) { return device_.moves(i, regime_); });
  }

  /// Integrates one segment that begins at the absolute time `t0` [s].
  void advance(std::span<double> gamma, const Segment& segment, double t0 = 0, Recording* recording = nullptr) {
    begin_trajectory();
    check_state(given_, gamma);
    const InCoordinates in_coordinates(device_, gamma, coordinates_);
    advance_segment(gamma, segment, t0, recording);
  }

  /// Integrates a whole waveform that begins at the absolute time `t0` [s].
  void advance(std::span<double> gamma, const Waveform& waveform, double t0 = 0, Recording* recording = nullptr) {
    begin_trajectory();
    check_state(given_, gamma);
    const InCoordinates in_coordinates(device_, gamma, coordinates_);
    for (std::size_t i = 0; i < waveform.segments().size(); ++i)
      advance_segment(gamma, waveform.segments()[i], t0 + waveform.starts()[i], recording);
  }

 private:
  void begin_trajectory() {
    stiff_ = options_.method == Method::rosenbrock4;
    switched_ = nobody;
    end_sliding();
    before_ = {};
    recorded_until_ = -std::numeric_limits<double>::infinity();
  }

  /// A segment, or a constant drive [A] or [V] if `segment` is null.
  struct Drive {
    const Segment* segment;
    double constant;
    double operator()(double s) const { return segment != nullptr ? value(*segment, s) : constant; }
    double rate(double s) const { return segment != nullptr ? memdyn::rate(*segment, s) : 0.0; }
  };
  using Joint = std::vector<double>;
  using Row = StraightLines::Row;
  /// A single uncoupled variable in place of the γ of its device.
  struct Alone {
    double value;
    double operator[](std::size_t) const { return value; }
  };
  /// The device has derivatives of its drift, as rosenbrock4 needs.
  static constexpr bool differentiable = requires { &D::differentiate; };
  static constexpr std::size_t variables_in_row = 3;  ///< where they start: after drive, voltage and current
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  static double& part(double& x, std::size_t) { return x; }
  static const double& part(const double& x, std::size_t) { return x; }
  static double& part(Joint& x, std::size_t j) { return x[j]; }
  static const double& part(const Joint& x, std::size_t j) { return x[j]; }

  template <class State>
  bool finite(const State& x) const {
    for (std::size_t j = 0; j < active_.size(); ++j)
      if (!std::isfinite(part(x, j))) return false;
    return true;
  }

  [[noreturn]] void fail(double s, Failure failure, const std::string& what = {}) const {
    throw NumericalError(std::string(name_of_model(device_)), origin_ + s, to_string(regime_), failure, what);
  }

  /// The input of the model if the source prescribes `drive`.
  template <class Gamma>
  double input(const Gamma& gamma, double drive) const {
    return input_of(device_, gamma, drive, regime_);
  }

  /// @throws NumericalError if the device cannot take the drive in this state: no input gives the drive, or (if `near`)
  /// that input changes by more than 1 % within 1e-9 of the range of a variable
  template <class Gamma>
  void require_solution(const Gamma& gamma, double drive, double s, bool near) const {
    if constexpr (requires { device_.quantity(); }) {
      const double u = input(gamma, drive);
      bool solved = !std::isnan(u);
      for (std::size_t i = 0; near && i < device_.size(); ++i)
        for (const double side : {-1e-9, 1e-9}) {
          std::vector<double> beside(gamma.begin(), gamma.end());
          beside[i] += side * device_.scale(i);
          solved = solved && std::abs(input(beside, drive) - u) <= 0.01 * std::abs(u);
        }
      if (!solved) {
        const auto [quantity, held] = device_.held(drive, regime_);
        fail(
            s, Failure::no_solution,
            fmt::format("no {} the device gives the prescribed {} {} in this state",
                        quantity == Quantity::voltage ? "current through" : "voltage across", held, unit_of(quantity)));
      }
    }
  }

  /// Guards that depend on the drive alone take their sign at the middle of the piece, the others at its start.
  void freeze_regime(std::span<const double> gamma, double start, double middle) {
    memdyn::freeze_regime(device_, gamma, middle, regime_);
    if (state_guards_.empty()) return;
    for (std::size_t k = device_.guards(); k < regime_.size(); ++k) regime_[k] = guard(k, gamma, start) > 0;
    for (std::size_t k : state_guards_)
      if (k < device_.guards() && together_[k] == 0) regime_[k] = guard(k, gamma, start) > 0;
  }

  /// The value of guard k: of the model at its input `u`, or of the source under the drive.
  template <class Gamma>
  double guard(std::size_t k, const Gamma& gamma, double drive, double u) const {
    if constexpr (requires { device_.source_guards(); })
      if (k >= device_.guards()) return device_.source_guard(k - device_.guards(), gamma, drive);
    return device_.guard(k, gamma, u);
  }
  template <class Gamma>
  double guard(std::size_t k, const Gamma& gamma, double drive) const {
    return guard(k, gamma, drive, k < device_.guards() ? input(gamma, drive) : 0.0);
  }

  void record(Recording& recording, double s, double drive, std::span<const double> gamma, Event event) {
    if (recording.steps) emit(recording, row_at(s, drive, gamma), event, regime_);
    before_ = {};
  }
  /// True if rows are added between those of the steps.
  static bool in_lines(const Recording* recording) {
    return recording != nullptr && recording->lines && recording->steps && !(recording->interval > 0);
  }
  /// Records a switch, in the regime that begins. If voltage or current jumps, the row before the jump may be added.
  /// @param span a time in which the state changes [s]; 0 if the drive alone has switched
  void record_switch(Recording& recording, const Drive& drive, double s, double span, std::span<const double> gamma,
                     Event event) {
    if (!recording.steps) return;
    const Row row = row_after(drive, s, span, gamma);
    if (in_lines(&recording) && !before_.numbers.empty())
      recording.lines->jump(before_, row, [&](const Row& one) { emit_between(recording, one, regime_before_); });
    emit(recording, row, event, regime_, beyond_);
    before_ = {};
  }
  /// The row after a switch; sets beyond_. If guards that depend on the state have just switched, voltage and current
  /// are those on the side to which the state moves: they are evaluated at the first state ahead in which these guards
  /// have the signs of the regime. At a limit of the source nothing jumps.
  Row row_after(const Drive& drive, double s, double span, std::span<const double> gamma) {
    constexpr double soon = 1e-12, latest = 1e-6;  // shares of the span
    Row row = row_at(s, drive(s), gamma);
    beyond_.clear();
    const auto as_frozen = [&](const std::vector<double>& at) {
      return std::ranges::all_of(state_guards_, [&](std::size_t k) {
        return k >= device_.guards() || (guard(k, at, drive(s)) > 0) == regime_[k];
      });
    };
    std::vector<double> beyond(gamma.begin(), gamma.end());
    const double u = input(gamma, drive(s));
    for (double ahead = soon; !as_frozen(beyond) && ahead < latest; ahead *= 4) {
      for (std::size_t i = 0; i < beyond.size(); ++i)
        if (device_.moves(i, regime_))
          beyond[i] = std::clamp(gamma[i] + ahead * span * drift(i, gamma, u), device_.lower(i), device_.upper(i));
      if (std::isnan(input(beyond, drive(s)))) break;
      const Row later = row_at(s, drive(s), beyond, false);
      std::copy_n(later.numbers.begin(), variables_in_row, row.numbers.begin());
      beyond_.assign(later.numbers.begin() + variables_in_row, later.numbers.end());
    }
    return row;
  }

  /// A row: drive, voltage, current and the variables.
  /// @param needed if no input gives the drive: true throws NumericalError, false leaves voltage and current NaN
  Row row_at(double s, double drive, std::span<const double> gamma, bool needed = true) {
    const double u = input(gamma, drive);
    if (needed && std::isnan(u)) require_solution(gamma, drive, s, false);
    const auto shown = state_of(device_, coordinates_, gamma, shown_);
    Row row{origin_ + s, {drive, voltage_of(device_, gamma, u), current_of(device_, gamma, u)}};
    row.numbers.insert(row.numbers.end(), shown.begin(), shown.end());
    return row;
  }
  /// Emits a row of Event::between. A row without a finite voltage and current is left out, because a row that was not
  /// requested must not end the run.
  void emit_between(Recording& recording, const Row& row, const Regime<double>& regime) {
    if (std::isfinite(row.numbers[1]) && std::isfinite(row.numbers[2])) emit(recording, row, Event::between, regime);
  }
  [[noreturn]] void fail_at_port(const Row& row, const Regime<double>& regime) const {
    std::string why = fmt::format("in this state the {} is not a finite number",
                                  std::isfinite(row.numbers[1]) ? "current" : "voltage");
    const std::span<const double> gamma = std::span(row.numbers).subspan(variables_in_row);
    if constexpr (requires { device_.undefined(gamma, 0.0, regime); })
      if (const std::string more = device_.undefined(gamma, input(gamma, row.numbers[0]), regime); !more.empty())
        why += ": " + more;
    fail(row.time - origin_, Failure::no_solution, why);
  }
  /// @param port_gamma the state to which voltage and current belong, if it is not that of the row
  void emit(Recording& recording, const Row& row, Event event, const Regime<double>& regime,
            std::span<const double> port_gamma = {}) {
    const double voltage = row.numbers[1];
    const double current = row.numbers[2];
    if (!std::isfinite(voltage) || !std::isfinite(current)) fail_at_port(row, regime);
    // the times of two segments that meet, and of points of a grid, can differ by rounding: recorded times never fall
    if (event != Event::sample) recorded_until_ = std::max(recorded_until_, row.time);
    const std::span<const double> gamma = std::span(row.numbers).subspan(variables_in_row);
    recording.emit({event == Event::sample ? row.time : recorded_until_, row.numbers[0], voltage, current, gamma,
                    regime, event, port_gamma.empty() ? gamma : port_gamma});
  }

  void advance_segment(std::span<double> gamma, const Segment& segment, double t0, Recording* recording) {
    origin_ = t0;
    const auto* constant = std::get_if<Constant>(&segment);
    const Drive drive{constant != nullptr ? nullptr : &segment, constant != nullptr ? constant->value : 0.0};
    const double end = duration(segment);
    double s = 0;
    Event begins = Event::segment;
    while (s < end) {
      const auto [next, crossing, longest] = end_of_stretch(segment, levels_, s, turns_);
      freeze_regime(gamma, drive(s), drive(s + (next - s) / 2));
      if (recording != nullptr) record_switch(*recording, drive, s, 0.0, gamma, begins);
      if (begins == Event::time_event) ++statistics_.time_events;
      begins = crossing ? Event::time_event : Event::step;
      integrate_piece(drive, gamma, s, next, longest, recording);
      s = next;
    }
    if (recording != nullptr) record(*recording, end, drive(end), gamma, Event::segment);
  }

  void integrate_piece(const Drive& drive, std::span<double> gamma, double begin, double end, double longest,
                       Recording* recording) {
    if constexpr (!D::coupled)
      if (separate_ && recording == nullptr) return integrate_separately(drive, gamma, begin, end, longest);
    integrate<Joint>(joint_, drive, gamma, everything_, begin, end, longest, recording);
  }
  void integrate_separately(const Drive& drive, std::span<double> gamma, double begin, double end, double longest) {
    for (const std::size_t i : everything_)
      if (device_.moves(i, regime_))
        integrate<double>(one_, drive, gamma, std::span(&i, 1), begin, end, longest, nullptr);
  }

  /// The drift of variable i of the full state `gamma`.
  template <class Gamma>
  double drift(std::size_t i, const Gamma& gamma, double u) const {
    return device_.drift(i, gamma, u, regime_);
  }

  /// A variable that is pinned to a bound because its drift points outward there.
  struct Pin {
    std::size_t variable;
    double side;  ///< +1 upper, -1 lower
  };
  /// A function of state and time that is positive until the event to which it belongs.
  struct Watched {
    enum Kind { guard, bound, release, hold } kind;  ///< hold: sliding; one side still leads back
    std::size_t which;                               ///< index of the guard; in active_; in pins_; of the guard
    double side = 0;                                 ///< of the bound, or of the guard: -1 or +1
    double surface = watch::not_on_surface;          ///< its size if the step starts on its surface, else negative
  };
  /// The first event in a step.
  struct Landing {
    enum Kind { none, switches, unresolved, nowhere } kind = none;  ///< nowhere: some value is not finite
    std::size_t what = 0;                                           ///< index in watched_
    double share = 1;                                               ///< of the step
    double slope = 0;                                               ///< of the function, per share of the step
    double slack = 0;                                               ///< change of the function within the tolerance
  };

  /// Integrates the given variables over one piece [begin, end] of a segment; see the class comment.
  template <class State>
  void integrate(stepper::Any<State>& stepper, const Drive& drive, std::span<double> gamma,
                 std::span<const std::size_t> variables, double begin, double end, double longest,
                 Recording* recording) {
    constexpr bool alone = std::is_same_v<State, double>;
    State x{}, out{}, slope{}, slope_out{}, error{};
    double s = begin;
    double h = std::min(end - begin, longest);
    bool fresh = true;
    surface_.assign(surface_.size(), watch::not_on_surface);
    int in_place = 0;
    std::size_t reached = nobody;   // the variable that the last step brought to its bound
    std::size_t released = nobody;  // the variable whose drift has just turned inward

    std::uint64_t next_look = statistics_.accepted + std::uint64_t{stepper::Rosenbrock4::steps_before_trial};
    std::uint64_t until_look = std::uint64_t{stepper::Rosenbrock4::steps_before_trial};
    const auto slopes = [&](const auto& now, auto&& dxdt, double at) {
      if constexpr (alone) {
        dxdt = drift(active_.front(), Alone{now}, drive(at));
      } else {
        for (std::size_t j = 0; j < active_.size(); ++j) scratch_[active_[j]] = now[j];
        if (sliding_ != nobody) {
          const double share = look_at_sides(scratch_, drive(at), drive.rate(at));
          for (std::size_t j = 0; j < active_.size(); ++j) dxdt[j] = sides_.velocity_along(active_[j], share);
          return;
        }
        const double u = input(scratch_, drive(at));
        for (std::size_t j = 0; j < active_.size(); ++j) dxdt[j] = drift(active_[j], scratch_, u);
        if (std::isnan(u)) dxdt[0] = u;  // NaN, even if a branch of the drift does not use u
      }
    };
    const auto rates = stepper::rates_of<State, double>(slopes);
    bool straight = false;  // the last step is a straight line
    const auto step = [&](double length) {
      if constexpr (differentiable && !alone) {
        if (by_series_) return series_step(slopes, s, out, slope_out, length, error);
        if (stiff_) return stiff_step(slopes, drive, x, slope, s, out, slope_out, length, error);
      }
      if constexpr (alone) {
        if constexpr (!D::drift_depends_on_state) {
          straight = drive.segment == nullptr;
          if (straight) {  // the slope is constant: every pair takes this step
            out = x + length * slope;
            slope_out = slope;
            error = 0.0;
            return;
          }
        }
      }
      stepper.step(rates, x, slope, s, out, slope_out, length, error);
      statistics_.evaluations += stepper.evaluations();
    };
    const auto size_of_error = [&] {  // in units of the tolerance
      double size = 0;
      for (std::size_t j = 0; j < active_.size(); ++j) {
        const double magnitude = std::max(std::abs(part(x, j)), std::abs(part(out, j)));
        const double ratio = std::abs(part(error, j)) / tolerated(active_[j], magnitude);
        if (!(ratio <= size) && !std::isnan(size)) size = ratio;  // a NaN stays
      }
      return size;
    };
    const auto describe = [&](double length) {  // sets the curves of the last step
      curves_.resize(active_.size());
      doubts_.assign(active_.size(), 0.0);
      if (active_.empty()) return;
      if (by_series_) {
        long_curves_.resize(active_.size());
        for (std::size_t j = 0; j < active_.size(); ++j) series_.curve(j, length / series_.unit(), long_curves_[j]);
        return;
      }
      if (straight) {
        curves_.front() = quintic(part(x, 0), length * part(slope, 0), part(out, 0), length * part(slope, 0), 0.0, 0.0);
        return;
      }
      if constexpr (!alone)
        if (stiff_) return describe_stiff(x, out);
      stepper.template dense<double>({x, slope}, {out, slope_out}, length, curves_);
    };
    // Compares the drift along the dense output with the slope of the dense output at a share of the step. Raises
    // doubts_ to the difference times the length of the step, if that is larger.
    const auto find_doubts = [&](double share, double length) {
      State inside = x;
      State drifts = x;
      for (std::size_t j = 0; j < active_.size(); ++j) part(inside, j) = curve_at(j, share);
      slopes(inside, drifts, s + share * length);
      ++statistics_.evaluations;
      for (std::size_t j = 0; j < active_.size(); ++j) {
        raise_doubt(j, length * part(drifts, j) - curve_slope(j, share));
      }
    };
    // Sets doubts_ to the difference between a step of half the length and the dense output. Slopes are not compared,
    // because in stiff variables they magnify the errors.
    const auto try_half = [&](double length) {
      const State end = out;
      const State slope_end = slope_out;
      const State error_of_step = error;
      step(0.5 * length);
      for (std::size_t j = 0; j < active_.size(); ++j) doubts_[j] = std::abs(part(out, j) - curve_at(j, 0.5));
      out = end;
      slope_out = slope_end;
      error = error_of_step;
    };
    // estimates the error of a dense output whose order is lower than that of the step
    const auto doubt = [&] {
      if (stiff_) return try_half(h);
      for (const double share : watch::doubt_at) find_doubts(share, h);
      for (double& one : doubts_) one *= watch::curve_of_slope;
    };
    // true if the dense output agrees with the drift; the error estimate of a bold step can be small by chance
    const auto confirmed = [&](bool bold) {
      if (straight || active_.empty()) return true;
      if (by_series_) {
        for (std::size_t j = 0; j < active_.size(); ++j) raise_doubt(j, h * part(slope_out, j) - curve_slope(j, 1.0));
        if (bold)
          for (const double share : watch::inside) find_doubts(share, h);
      } else if (stiff_) {
        try_half(h);
      } else {
        for (const double share : watch::confirm_at(options_.loosest())) find_doubts(share, h);
      }
      bool confirmed = true;
      for (std::size_t j = 0; j < active_.size(); ++j) {
        const double magnitude = std::max(std::abs(part(x, j)), std::abs(part(out, j)));
        confirmed = confirmed && doubts_[j] <= watch::most_departure * tolerated(active_[j], magnitude);
      }
      doubts_.assign(active_.size(), 0.0);
      return confirmed;
    };
    const auto change = [&](double size, bool accepted) {
      return step_control::change(size, accepted,
                                  stiff_ ? stepper::Rosenbrock4::control_order : stepper.control_order());
    };
    // Within the rounding of a state, steps advance the time for ever before a state where the drift is not defined.
    bool cut = false;  // the step was shortened because a value was not finite
    int stuck = 0;
    const auto count_stuck = [&] {
      bool moves = false;
      for (std::size_t j = 0; j < active_.size(); ++j) moves = moves || part(out, j) != part(x, j);
      const bool short_of_end = h <= step_control::longest_stuck * end;
      stuck = cut && !moves && short_of_end && !active_.empty() ? stuck + 1 : 0;
      cut = false;
      if (stuck > step_control::most_stuck)
        fail(s, Failure::not_finite, undefined_ahead(gamma, slope, drive, s, h, end));
    };
    const auto reject = [&](double size) {
      ++statistics_.rejected;
      cut = cut || std::isnan(size);
      h *= change(size, false);
      if (!step_control::is_exhausted(s, h, end)) return;
      for (std::size_t j = 0; j < active_.size(); ++j) {  // does it reach its bound within the resolution of time?
        const std::size_t i = active_[j];
        const double bound = part(slope, j) > 0 ? device_.upper(i) : device_.lower(i);
        const double way = std::abs(bound - gamma[i]);
        if (!(way > 0 && way <= tolerated(i, std::abs(gamma[i])) &&
              way <= std::abs(part(slope, j)) * step_control::digits_of_time * end))
          continue;
        gamma[i] = bound;
        ++statistics_.bounds_reached;
        reached = i;
        fresh = true;
        h = end - s;
        if (recording != nullptr) record(*recording, s, drive(s), gamma, Event::bound_reached);
        return;
      }
      require_solution(gamma, drive(s), s, true);
      require_solution(gamma, drive(std::min(end, s + 10 * h)), s, false);
      double moves = 0;  // within the resolution of time, in ranges
      for (std::size_t j = 0; j < active_.size(); ++j)
        for (const State* one : {&slope, &slope_out})
          if (std::isfinite(part(*one, j)))
            moves = std::max(moves,
                             std::abs(part(*one, j)) * step_control::digits_of_time * end / device_.scale(active_[j]));
      if (moves > step_control::most_move_in_digits && finite(slope)) fail(s, Failure::runs_away);
      if (finite(slope) && !std::isnan(size))
        fail(s, Failure::tolerance,
             fmt::format("the tolerance relative = {}, absolute = {} cannot be reached: loosen it", options_.relative,
                         options_.absolute));
      fail(s, Failure::not_finite, undefined_ahead(gamma, slope, drive, s, h, end));
    };
    // True if stability may limit the steps of the pair: their errors then lie along the stiff direction.
    const auto may_be_stiff = [&] {
      State beside = x;
      State drifts = x;
      const double size = size_of_error();
      for (std::size_t j = 0; j < active_.size(); ++j) part(beside, j) += part(error, j) / size;
      slopes(beside, drifts, s);
      ++statistics_.evaluations;
      double change = 0;  // of the drift over a step, in units of the tolerance, between states one tolerance apart
      for (std::size_t j = 0; j < active_.size(); ++j) {
        const double one = h * std::abs(part(drifts, j) - part(slope, j)) /
                           tolerated(active_[j], std::max(std::abs(part(x, j)), std::abs(part(out, j))));
        if (!(one <= change) && !std::isnan(change)) change = one;  // a NaN stays
      }
      return !(change < stepper::Rosenbrock4::least_stiffness);
    };
    // Tries one step of the other kind of method, which takes over if that step is accepted.
    const auto look = [&] {
      const double reach = stiff_ ? h : stepper::Rosenbrock4::reach * h;
      if (active_.empty() || sliding_ != nobody || reach > std::min(longest, end - s)) return;
      if (!stiff_ && !may_be_stiff()) return;
      stiff_ = !stiff_;
      step(reach);
      if (!(size_of_error() <= 1)) {
        stiff_ = !stiff_;
        return;
      }
      h = reach;
      if (stiff_ && std::isnan(statistics_.stiff_from)) statistics_.stiff_from = origin_ + s;
    };

    double proven = 0;  // length of the last step accepted since the piece began or since the last event
    while (s < end) {
      if (++looped_ % Recording::steps_between == 0) {
        stop_if_interrupted();
        if (recording != nullptr && recording->under_way) recording->under_way(origin_ + s);
      }
      if (fresh) {
        require_solution(gamma, drive(s), s, false);
        settle(gamma, variables, drive, s, end, reached, released);
        if constexpr (differentiable) {
          if (const bool slid = sliding_ != nobody; slid || switched_ != nobody) {
            if (!slid) {  // pin the variables that bounds hold during sliding
              sliding_ = switched_;
              sort_variables(gamma, variables, drive, s, end, reached, released);
            }
            switched_ = nobody;
            keep_sliding(gamma, drive, s, slid);
            settle(gamma, variables, drive, s, end, reached, released);
            if (slid && sliding_ == nobody) ++statistics_.state_events;
            if (recording != nullptr && slid && sliding_ == nobody)
              record_switch(*recording, drive, s, h, gamma, Event::sliding_ends);
            if (recording != nullptr && !slid && sliding_ != nobody)
              record(*recording, s, drive(s), gamma, Event::sliding_begins);
          }
        }
        if (sign_resting_guards(gamma, drive, s, h, end)) {
          settle(gamma, variables, drive, s, end, reached, released);
          if (recording != nullptr) record_switch(*recording, drive, s, h, gamma, Event::state_event);
        }
        if (sliding_ != nobody) {
          stiff_ = false;
        } else if (options_.method == Method::rosenbrock4) {
          stiff_ = true;
        }
        watch_bounds(gamma, variables, drive(s + (end - s) / 2), s);
        reached = released = nobody;
        proven = 0;
        if constexpr (!alone)
          for (State* state : {&x, &out, &slope, &slope_out, &error}) state->resize(active_.size());
        if (!active_.empty()) {
          std::copy(gamma.begin(), gamma.end(), scratch_.begin());
          for (std::size_t j = 0; j < active_.size(); ++j) part(x, j) = gamma[active_[j]];
          rates(x, slope, s);
          ++statistics_.evaluations;
          // Limit the first step so that no variable crosses its whole range: out there the drift may vanish, and the
          // error estimate would be zero.
          for (std::size_t j = 0; j < active_.size(); ++j)
            if (const double crossing = device_.scale(active_[j]) / std::abs(part(slope, j)); crossing < h)
              h = crossing;
        } else if (watched_.empty()) {
          if (recording != nullptr) record_rest(*recording, drive, gamma, s, end);
          return;
        }
        fresh = false;
        prepared_ = false;
        barred_ = false;
        pair_step_ = 0;
      }
      by_series_ = false;
      if constexpr (differentiable && !alone)
        if (options_.method == Method::taylor && sliding_ == nobody && !barred_ && !active_.empty())
          h = std::min(h, expand_series(drive, gamma, s, h, end));
      const bool last = step_control::is_last(s, h, end);
      if (last) h = end - s;

      double size = 0;
      if (!active_.empty()) {
        step(h);
        size = size_of_error();
        if (!(size <= 1)) {
          reject(size);
          continue;
        }
      }

      if (active_.empty() && std::isnan(input(gamma, drive(s + h)))) {
        reject(std::nan(""));
        continue;
      }
      describe(h);
      if (by_series_) {
        if (!finite(slope_out)) {
          reject(std::nan(""));
          continue;
        }
        // the polynomial turns but the drift does not: the step has passed a point where the drift has no series
        for (std::size_t j = 0; j < active_.size(); ++j)
          barred_ = barred_ || part(slope_out, j) * curve_slope(j, 1.0) < 0;
        if (barred_) {
          ++statistics_.rejected;
          continue;
        }
      }
      const bool bold = h > watch::bold(options_.loosest(), stiff_) * proven;
      if ((by_series_ || bold) && !confirmed(bold)) {
        reject(std::numeric_limits<double>::infinity());
        continue;
      }
      if (doubts_matter(stiff_ || !stepper.dense_to_order())) doubt();
      const auto state_at = [&](double theta) {  // repeats the step with the length θ h
        if (!active_.empty() && theta * h > 0) {
          step(theta * h);
        } else {
          out = x;
        }
      };
      step_ = {s, h, end, drive};
      Landing landing = first_switch<State>(x, out, gamma);
      if (landing.kind == Landing::switches) land(landing, out, gamma, state_at);
      if (landing.kind == Landing::switches && watched_[landing.what].kind == Watched::guard &&
          watched_[landing.what].which >= device_.guards())
        past_limit(landing, out, state_at);
      if (landing.kind == Landing::unresolved) {
        ++statistics_.rejected;
        h *= 0.5;
        continue;
      }
      if (landing.kind == Landing::nowhere) {
        reject(std::nan(""));
        continue;
      }
      const double length = landing.share * h;
      proven = length;
      if (in_lines(recording) || (recording != nullptr && recording->interval > 0)) {
        if (landing.kind == Landing::switches && length > 0) describe(length);
        const bool dense = active_.empty() || straight || stiff_ || stepper.dense_to_order();
        record_inside(*recording, drive, s, s + length, [&](double at) {
          if (!dense) state_at((at - s) / h);
          std::copy(gamma.begin(), gamma.end(), sampled_.begin());
          for (std::size_t j = 0; j < active_.size(); ++j) {
            const std::size_t i = active_[j];
            const double there = dense && at < s + length ? curve_at(j, (at - s) / length) : part(out, j);
            sampled_[i] = std::clamp(there, device_.lower(i), device_.upper(i));
          }
          return std::span<double>(sampled_);
        });
        if (!dense) state_at(landing.share);
      }
      bool on_bound = false;
      arrived_.clear();
      for (std::size_t j = 0; j < active_.size(); ++j) {
        const std::size_t i = active_[j];
        const double there = part(out, j);
        // a variable beyond its bound by less than the tolerance is on the bound
        gamma[i] = part(out, j) = std::clamp(there, device_.lower(i), device_.upper(i));
        on_bound = on_bound || gamma[i] != there;
        if ((gamma[i] == device_.lower(i) || gamma[i] == device_.upper(i)) && gamma[i] != part(x, j))
          arrived_.push_back(i);
        if (gamma[i] == there && part(slope, j) * part(slope_out, j) < 0)
          watch_bounds(gamma, {&active_[j], 1}, drive(s + length), s);
      }
      ++statistics_.accepted;
      count_stuck();
      if (stiff_) ++statistics_.stiff;
      if (by_series_) ++statistics_.series;

      if (landing.kind == Landing::none) {
        s = last ? end : s + h;
        in_place = 0;
        leave_surfaces(out);
        if (sliding_ != nobody) {
          return_to_surface(gamma, drive, s);
          for (std::size_t j = 0; j < active_.size(); ++j) part(out, j) = gamma[active_[j]];
        }
        if (on_bound) rates(out, slope_out, s);
        for (std::size_t j = 0; on_bound && !last && sliding_ == nobody && j < active_.size(); ++j) {
          const std::size_t i = active_[j];
          const bool outward = gamma[i] == (part(slope_out, j) > 0 ? device_.upper(i) : device_.lower(i));
          if (!outward || part(slope_out, j) == 0 || !std::ranges::count(arrived_, i)) continue;
          reached = i;  // the step ended beyond the bound by less than the tolerance
          fresh = true;
          ++statistics_.bounds_reached;
          if (recording != nullptr) record(*recording, s, drive(s), gamma, Event::bound_reached);
        }
        if (fresh) {
          h = std::min(end - s, h);
          continue;
        }
        std::swap(x, out);
        std::swap(slope, slope_out);
        if (recording != nullptr && !last) record(*recording, s, drive(s), gamma, Event::step);
        if (last) continue;
        prepared_ = false;
        barred_ = false;
        h = std::min(longest, h * (by_series_ ? stepper::Taylor::most_growth : change(size, true)));
        pair_step_ = by_series_ ? 0.0 : h;
        if constexpr (differentiable && !alone)
          if (options_.method == Method::automatic && statistics_.accepted >= next_look) {
            look();
            until_look *= 2;
            next_look += until_look;
          }
        continue;
      }
      s = last && landing.share == 1 ? end : s + length;
      if (!step_control::is_in_place(length, end)) {
        in_place = 0;
      } else if (++in_place > watch::most_events_in_place) {
        fail(s, Failure::switches_in_place);
      }
      const Watched& what = watched_[landing.what];
      if (what.kind == Watched::bound) {
        reached = active_[what.which];
        std::erase(arrived_, reached);
      }
      if (what.kind == Watched::release) released = pins_[what.which].variable;
      const Event event = apply(landing, gamma, moment(drive, s));
      fresh = true;
      h = std::min(end - s, h);
      if (recording != nullptr) record_switch(*recording, drive, s, step_.h, gamma, event);
      for (const std::size_t i : arrived_) {  // variables that reach their bounds at the same time
        reached = i;
        ++statistics_.bounds_reached;
        if (recording != nullptr) record(*recording, s, drive(s), gamma, Event::bound_reached);
      }
    }
  }

  /// The tolerated error of a step in variable i.
  [[nodiscard]] double tolerated(std::size_t i, double magnitude) const {
    return options_.tolerated(device_.scale(i), magnitude);
  }

  /// Computes the Taylor series at the start of a step, unless they are known, and decides whether they make the step
  /// (by_series_). They do not if the drift has no series there, or if they reach less far than the pair, as close to
  /// such a point. @returns the longest step that the method admits [s]
  double expand_series(const Drive& drive, std::span<const double> gamma, double s, double h, double end) {
    if constexpr (differentiable) {
      if (!prepared_) {
        drive_series_.assign(series_.order(), 0.0);
        drive_series_[0] = drive.constant;
        if (drive.segment != nullptr) memdyn::expand(*drive.segment, s, h, drive_series_);
        device_.expand(active_, gamma, drive_series_.data(), h, regime_, series_);
        statistics_.evaluations += series_.order();
        prepared_ = true;
        longest_series_ = std::numeric_limits<double>::infinity();
        for (std::size_t j = 0; j < active_.size(); ++j) {
          const double reach = series_.reach(j, tolerated(active_[j], std::abs(gamma[active_[j]])));
          longest_series_ = reach < longest_series_ || std::isnan(reach) ? reach : longest_series_;  // a NaN stays
        }
        longest_series_ *= h;
      }
      by_series_ = longest_series_ > std::max(stepper::Taylor::least_reach * end, 0.5 * pair_step_);
      return by_series_ ? longest_series_ : h;
    }
    return h;
  }
  /// Makes a step along the series, and evaluates the drift at its end.
  template <class Slopes>
  void series_step(const Slopes& slopes, double s, Joint& out, Joint& slope_out, double h, Joint& error) {
    const double sigma = h / series_.unit();
    for (std::size_t j = 0; j < active_.size(); ++j) {
      out[j] = series_.value(j, sigma);
      error[j] = series_.error(j, sigma);
    }
    slopes(out, slope_out, s + h);
    ++statistics_.evaluations;
  }
  /// Moving variable j along the dense output of the last step: its value at a share of the step, its slope there times
  /// the length of the step, and the hull of its values.
  [[nodiscard]] double curve_at(std::size_t j, double share) const {
    return by_series_ ? value_at(long_curves_[j], share) : value_at(curves_[j], share);
  }
  [[nodiscard]] double curve_slope(std::size_t j, double share) const {
    return by_series_ ? slope_at(long_curves_[j], share) : slope_at(curves_[j], share);
  }
  [[nodiscard]] Hull<double> curve_hull(std::size_t j) {
    return by_series_ ? hull_of(long_curves_[j], bernstein_) : hull_of(curves_[j]);
  }
  void raise_doubt(std::size_t j, double departs) {
    const double size = std::abs(departs);
    if (!(size <= doubts_[j])) doubts_[j] = std::isnan(size) ? std::numeric_limits<double>::infinity() : size;
  }

  /// Sets curves_ for the step of rosenbrock4 from x to `out`.
  void describe_stiff(const Joint& x, const Joint& out) {
    bend_.resize(x.size());
    twist_.resize(x.size());
    rosenbrock_.dense(bend_.data(), twist_.data());
    for (std::size_t j = 0; j < x.size(); ++j)
      curves_[j] = {x[j], out[j] - x[j] + bend_[j], twist_[j] - bend_[j], -twist_[j], 0.0, 0.0};
  }

  /// Makes a step of rosenbrock4 in the moving variables, and evaluates the drift at its end.
  template <class Slopes>
  void stiff_step(const Slopes& slopes, const Drive& drive, const Joint& x, const Joint& slope, double s, Joint& out,
                  Joint& slope_out, double h, Joint& error) {
    const std::size_t n = x.size();
    if (!prepared_) {
      jacobian_.resize(n * n);
      by_time_.resize(n);
      for (std::size_t j = 0; j < n; ++j) scratch_[active_[j]] = x[j];
      device_.differentiate(active_, scratch_, drive(s), drive.rate(s), regime_, jacobian_.data(), by_time_.data());
      // a derivative can be infinite (√x at 0): use 0; the error estimate still guards the step
      for (std::vector<double>* list : {&jacobian_, &by_time_})
        std::ranges::replace_if(*list, [](double one) { return !std::isfinite(one); }, 0.0);
      prepared_ = true;
      ++statistics_.jacobians;
    }
    const stepper::PlainRates rates{&slopes, [](const void* object, const double* at, double* dxdt, double t) {
                                      (*static_cast<const Slopes*>(object))(at, dxdt, t);
                                    }};
    rosenbrock_.step(rates, n, x.data(), {slope.data(), jacobian_.data(), by_time_.data()}, s, out.data(), h,
                     error.data());
    slopes(out, slope_out, s + h);
    statistics_.evaluations += stepper::Rosenbrock4::evaluations + 1;
  }

  /// Sorts the variables into those that move and those that are pinned to a bound, and lists the functions to watch. A
  /// variable that has just reached its bound stays pinned, and one that has just been released stays free, because the
  /// sign of a drift of nearly zero may be rounding.
  void settle(std::span<const double> gamma, std::span<const std::size_t> variables, const Drive& drive, double s,
              double end, std::size_t reached, std::size_t released) {
    sort_variables(gamma, variables, drive, s, end, reached, released);
    watched_.clear();
    if (sliding_ != nobody)
      for (const double side : {-1.0, 1.0}) watched_.push_back({Watched::hold, sliding_, side});
    for (const std::size_t k : state_guards_)
      if (together_[k] == 0) watched_.push_back({Watched::guard, k, 0, surface_[k]});
    flipped_.assign(flipped_.size(), false);
    for (std::size_t j = 0; j < active_.size(); ++j) {
      const std::size_t i = active_[j];
      for (const auto& [bound, side] : {std::pair{device_.upper(i), 1.0}, std::pair{device_.lower(i), -1.0}})
        if (std::isfinite(bound))
          watched_.push_back({Watched::bound, j, side, gamma[i] == bound ? 0.0 : watch::not_on_surface});
    }
    for (std::size_t p = 0; p < pins_.size(); ++p) watched_.push_back({Watched::release, p});
  }
  void sort_variables(std::span<const double> gamma, std::span<const std::size_t> variables, const Drive& drive,
                      double s, double end, std::size_t reached, std::size_t released) {
    active_.clear();
    pins_.clear();
    const auto drift_at = [&](std::size_t i, double at) {
      if (sliding_ == nobody) return drift(i, gamma, input(gamma, drive(at)));
      const double share = look_at_sides(gamma, drive(at), drive.rate(at));
      return sides_.drift_along(i, share);
    };
    for (std::size_t i : variables) {
      if (sliding_ == nobody && !device_.moves(i, regime_)) continue;
      const double side = gamma[i] >= device_.upper(i) ? 1.0 : gamma[i] <= device_.lower(i) ? -1.0 : 0.0;
      if (side != 0 && i != released) {
        double outward = side * drift_at(i, s);
        if (std::abs(outward) * (end - s) <= watch::undecided * device_.scale(i))
          outward = side * drift_at(i, s + (end - s) / 2);
        if (outward * (end - s) >= -watch::negligible * device_.scale(i) || i == reached) {
          pins_.push_back({i, side});
          continue;
        }
      }
      active_.push_back(i);
    }
  }

  /// A guard that became zero together with a variable that is now pinned, and that stays constant with it, takes its
  /// actual sign (zero is not positive), unless a bound would then no longer hold a variable. @returns true if a guard
  /// changed sign
  bool sign_resting_guards(std::span<const double> gamma, const Drive& drive, double s, double h, double end) {
    if (pins_.empty() || sliding_ != nobody) return false;
    bool any = false;
    for (const std::size_t k : state_guards_) {
      const double now = guard(k, gamma, drive(s));
      if (surface_[k] < 0 || std::isnan(now) || (now > 0) == regime_[k]) continue;
      if (guard(k, ahead_of(gamma, input(gamma, drive(s)), h), drive(s + h)) != now) continue;
      regime_[k] = !regime_[k];
      const double flipped = input(gamma, drive(s));
      const bool held = std::ranges::all_of(pins_, [&](const Pin& pin) {
        const double outward =
            device_.moves(pin.variable, regime_) ? pin.side * drift(pin.variable, gamma, flipped) : 0;
        return outward * (end - s) >= -watch::negligible * device_.scale(pin.variable);
      });
      if (!held) {
        regime_[k] = !regime_[k];
        continue;
      }
      surface_[k] = watch::not_on_surface;
      ++statistics_.state_events;
      any = true;
    }
    return any;
  }

  /// The state after a time [s] along the drift under the input `u`.
  [[nodiscard]] std::vector<double> ahead_of(std::span<const double> gamma, double u, double time) const {
    std::vector<double> ahead(gamma.begin(), gamma.end());
    for (const std::size_t i : active_) ahead[i] += time * drift(i, gamma, u);
    return ahead;
  }

  /// Names the quantity that is not a number in a state further along the slope; empty if none is found.
  template <class State>
  std::string undefined_ahead(std::span<const double> gamma, const State& slope, const Drive& drive, double s, double h,
                              double end) {
    std::string what;
    if constexpr (requires { device_.undefined(gamma, 0.0, regime_); })
      for (double ahead = 0.0; what.empty() && s + ahead <= end; ahead = std::max(h, 2.0 * ahead)) {
        std::vector<double> there(gamma.begin(), gamma.end());
        for (std::size_t j = 0; ahead > 0.0 && j < active_.size(); ++j) there[active_[j]] += ahead * part(slope, j);
        what = device_.undefined(there, input(there, drive(s + ahead)), regime_);
      }
    return what;
  }

  /// Stores when a bound is first found to have absorbed one of the variables.
  void watch_bounds(std::span<const double> gamma, std::span<const std::size_t> variables, double drive, double s) {
    if (!std::isnan(statistics_.absorbed_from)) return;
    for (const std::size_t i : variables)
      if (is_absorbed(device_, i, gamma, input(gamma, drive), regime_, options_)) {
        statistics_.absorbed_from = origin_ + s;
        statistics_.absorbed = i;
        return;
      }
  }

  /// Records rows within [from, to]: points of the uniform grid that have not been recorded, or the rows that straight
  /// lines need. The latter end a little before `to`, because voltage and current may jump there.
  /// @param gamma_at the state at a local time
  template <class StateAt>
  void record_inside(Recording& recording, const Drive& drive, double from, double to, const StateAt& gamma_at) {
    constexpr double before = 1e-9;  // share of the interval
    const auto row = [&](double s, bool needed) { return row_at(s, drive(s), gamma_at(s), needed); };
    if (in_lines(&recording) && to > from) {
      before_ = row(to - before * (to - from), false);
      regime_before_ = regime_;
      recording.lines->fill(
          row(from, false), before_, [&](double time) { return row(std::clamp(time - origin_, from, to), false); },
          [&](const Row& one) { emit_between(recording, one, regime_); });
    }
    const double rounding = 1e-15 * (origin_ + to);
    for (; recording.interval > 0; ++recording.sample) {
      const double time = static_cast<double>(recording.sample) * recording.interval;
      if (time - origin_ > to + rounding) return;
      Row sample = row(std::clamp(time - origin_, from, to), true);
      sample.time = time;
      emit(recording, sample, Event::sample, regime_);
    }
  }

  /// Records rows while no variable moves. The interval is divided at the extremes of the drive, between which straight
  /// lines overlook nothing.
  void record_rest(Recording& recording, const Drive& drive, std::span<const double> gamma, double s, double end) {
    const auto resting = [&](double) { return gamma; };
    while (drive.segment != nullptr && in_lines(&recording) && std::isnan(recording.lines->sparse_from())) {
      const double turn = next_turn(*drive.segment, s);
      if (turn >= end) break;
      record_inside(recording, drive, s, turn, resting);
      recording.lines->add(row_at(turn, drive(turn), gamma, false),
                           [&](const Row& row) { emit_between(recording, row, regime_); });
      s = turn;
    }
    record_inside(recording, drive, s, end, resting);
  }

  /// The drive at a time [A] or [V], and its rate [A/s] or [V/s].
  struct Moment {
    double drive, rate;
  };
  static Moment moment(const Drive& drive, double s) { return {drive(s), drive.rate(s)}; }
  /// The step to which the curves belong.
  struct Step {
    double s, h, end;  ///< local times [s]: start of the step, its length, end of its piece
    Drive drive;
  };

  /// The value of a watched function in state `at`, at the moment `now` and under the input `u`; drifts and rates are
  /// multiplied by `h`, the length of the step.
  [[nodiscard]] double measure(const Watched& watched, const std::vector<double>& at, const Moment& now, double u,
                               double h) {
    if (watched.kind == Watched::hold) {
      (void)look_at_sides(at, now.drive, now.rate);
      return watched.side > 0 ? -sides_.rate[1] * h : sides_.rate[0] * h;
    }
    if (watched.kind == Watched::bound) {
      const std::size_t i = active_[watched.which];
      return watched.side > 0 ? device_.upper(i) - at[i] : at[i] - device_.lower(i);
    }
    if (watched.kind == Watched::release) {
      const Pin& pin = pins_[watched.which];
      const double outward = [&] {
        if (sliding_ == nobody) return drift(pin.variable, at, u);
        const double share = look_at_sides(at, now.drive, now.rate);
        return sides_.drift_along(pin.variable, share);
      }();
      return pin.side * outward * h + watch::undecided * device_.scale(pin.variable);
    }
    const double value = guard(watched.which, at, now.drive, u);
    return regime_[watched.which] ? value : -value;
  }

  /// True if errors of the curves matter, because the curves may decide about an event. They do not matter if only
  /// bounds are watched and each variable stays away from them by more than the width of its hull.
  [[nodiscard]] bool doubts_matter(bool doubtful) {
    if (!doubtful || active_.empty()) return false;
    return std::ranges::any_of(watched_, [this](const Watched& watched) {
      if (watched.kind != Watched::bound) return true;
      const Hull<double> hull = curve_hull(watched.which);
      const double width = hull.largest - hull.least;
      const std::size_t i = active_[watched.which];
      return watched.side > 0 ? hull.largest + width > device_.upper(i) : hull.least - width < device_.lower(i);
    });
  }
  /// The first bound that a variable reaches in the step whose curves are known.
  Landing first_bound() {
    Landing landing;
    for (std::size_t w = 0; w < watched_.size(); ++w) {
      const Watched& watched = watched_[w];
      if (watched.kind != Watched::bound) continue;
      const double doubt = doubts_[watched.which];
      const std::size_t i = active_[watched.which];
      const double bound = watched.side > 0 ? device_.upper(i) : device_.lower(i);
      const Hull<double> hull = curve_hull(watched.which);
      const double slack = tolerated(i, std::abs(bound));  // a variable beyond the bound by no more is on it
      if (watched.side > 0 ? hull.largest + doubt <= bound + slack : hull.least - doubt >= bound - slack) continue;
      watch::Values<double> room;
      for (std::size_t node = 0; node < watch::nodes; ++node)
        room[node] = watched.side * (bound - curve_at(watched.which, watch::share[node])) + slack;
      const auto found = watch::examine(room, [slack](double) { return slack; }, doubt, watched.surface);
      if (keep_first(landing, w, found)) landing.slack = slack;
      if (landing.kind == Landing::unresolved) return landing;
    }
    return landing;
  }
  /// Stores a finding if it is unresolved or the first event so far. @returns true if it is the first event
  static bool keep_first(Landing& landing, std::size_t what, const watch::Finding& found) {
    if (found.kind == watch::Finding::unresolved) landing.kind = Landing::unresolved;
    const bool first =
        found.kind == watch::Finding::crossing && (landing.kind == Landing::none || found.share < landing.share);
    if (first) landing = {Landing::switches, what, found.share, found.slope};
    return first;
  }

  /// The first event in the step from x to `out`, located along its curves. Bounds come first: beyond a bound there is
  /// no state, so the other functions are evaluated only up to there.
  template <class State>
  Landing first_switch(const State& x, const State& out, std::span<const double> gamma) {
    const bool shortest = watch::is_shortest(step_.s, step_.h, step_.end);
    Landing landing = first_bound();
    if (landing.kind == Landing::unresolved && shortest) landing = {};
    candidates_.clear();
    for (std::size_t w = 0; w < watched_.size(); ++w)
      if (watched_[w].kind != Watched::bound) candidates_.push_back(w);
    const double limit = landing.share;
    if (candidates_.empty() || landing.kind == Landing::unresolved || limit == 0) return landing;
    std::copy(gamma.begin(), gamma.end(), sampled_.begin());
    const double parts = parts_of_step();
    for (double part = 0; part < parts; ++part) {
      const double from = part / parts * limit;
      const double to = std::min((part + 1) / parts, 1.0) * limit;
      follow(x, out, from, to);
      if (part == 0) {
        begins_.resize(candidates_.size());
        std::ranges::transform(values_, begins_.begin(), [](const auto& values) { return values.front(); });
      }
      for (std::size_t c = 0; c < candidates_.size(); ++c) {
        const double surface = part == 0 ? watched_[candidates_[c]].surface : watch::not_on_surface;
        const auto slack = [this, c, from, to](double share) { return slack_at(c, from + (to - from) * share); };
        watch::Finding found = watch::examine(values_[c], slack, doubt_[c], surface);
        if (found.kind == watch::Finding::unresolved) {
          if (!std::ranges::all_of(values_[c], [](double value) { return std::isfinite(value); }))
            return {Landing::nowhere};
          if (shortest) found.kind = values_[c].back() < 0 ? watch::Finding::crossing : watch::Finding::clear;
        }
        found.share = from + (to - from) * found.share;
        found.slope /= to - from;
        if (keep_first(landing, candidates_[c], found)) landing.slack = slack_at(c, landing.share);
        if (landing.kind == Landing::unresolved) return landing;
      }
      if (landing.kind == Landing::switches && landing.share <= to && landing.share < limit) return landing;
    }
    return landing;
  }
  /// The number of parts of the step in each of which functions of the state are evaluated; the last part is shorter.
  [[nodiscard]] double parts_of_step() {
    double move = 0;  // ranges
    for (std::size_t j = 0; j < active_.size(); ++j) {
      const Hull<double> hull = curve_hull(j);
      move = std::max(move, (hull.largest - hull.least) / device_.scale(active_[j]));
    }
    return std::clamp(move / watch::most_move, 1.0, watch::most_parts_of_step);
  }
  /// Evaluates the candidates along the curves between two shares of the step, and the change of each at the end if the
  /// curves are shifted by their doubts.
  template <class State>
  void follow(const State& x, const State& out, double from, double to) {
    values_.resize(candidates_.size());
    const auto values_at = [&](double share, auto&& take) {
      const Moment now = moment(step_.drive, step_.s + share * step_.h);
      const double u = input(sampled_, now.drive);
      for (std::size_t c = 0; c < candidates_.size(); ++c)
        take(c, std::isnan(u) ? u : measure(watched_[candidates_[c]], sampled_, now, u, step_.h));
    };
    const auto place = [&](double share) {
      for (std::size_t j = 0; j < active_.size(); ++j)
        sampled_[active_[j]] = share == 0 ? part(x, j) : share == 1 ? part(out, j) : curve_at(j, share);
    };
    for (std::size_t node = 0; node < watch::nodes; ++node) {
      const double share = node + 1 < watch::nodes ? from + (to - from) * watch::share[node] : to;
      place(share);
      values_at(share, [&](std::size_t c, double value) { values_[c][node] = value; });
    }
    doubt_.assign(candidates_.size(), 0.0);
    if (std::ranges::none_of(doubts_, [](double doubt) { return doubt > 0; })) return;
    for (std::size_t j = 0; j < active_.size(); ++j) sampled_[active_[j]] += doubts_[j];
    values_at(to, [&](std::size_t c, double value) {
      if (const double size = std::abs(value - values_[c].back()); std::isfinite(size)) doubt_[c] = size;
    });
  }
  /// The change of a candidate, at a share of the step, if the state shifts by its tolerance and the drive by its
  /// rounding.
  [[nodiscard]] double slack_at(std::size_t c, double share) {
    const Watched& watched = watched_[candidates_[c]];
    Moment now = moment(step_.drive, step_.s + share * step_.h);
    const auto value = [&] { return measure(watched, sampled_, now, input(sampled_, now.drive), step_.h); };
    for (std::size_t j = 0; j < active_.size(); ++j) sampled_[active_[j]] = curve_at(j, share);
    const double here = value();
    for (const std::size_t i : active_) sampled_[i] += tolerated(i, std::abs(sampled_[i]));
    now.drive += watch::rounding_of_drive * (std::abs(now.drive) + std::abs(now.rate) * (step_.s + step_.h));
    const double size = std::abs(value() - here);
    return (std::isfinite(size) ? size : 0.0) +
           (watched.kind == Watched::release ? options_.absolute * device_.scale(pins_[watched.which].variable) : 0.0);
  }

  /// The function whose root is located, in the state `out` at the share of the step that is tried; sampled_ holds the
  /// variables that are not integrated.
  template <class State>
  [[nodiscard]] double value_of(const Landing& landing, const State& out) {
    for (std::size_t j = 0; j < active_.size(); ++j) sampled_[active_[j]] = part(out, j);
    const Moment now = moment(step_.drive, step_.s + landing.share * step_.h);
    return measure(watched_[landing.what], sampled_, now, input(sampled_, now.drive), step_.h);
  }

  /// Locates the first event: repeats the step up to the estimated root and corrects the estimate by the value of the
  /// function there (secant steps). Leaves the state at the event in `out`.
  template <class State, class StateAt>
  void land(Landing& landing, const State& out, std::span<const double> gamma, const StateAt& state_at) {
    std::copy(gamma.begin(), gamma.end(), sampled_.begin());
    double before = 0.0;
    double share_before = -1.0;
    for (int correction = 0; correction < watch::most_corrections; ++correction) {
      state_at(landing.share);
      if (watch::is_shortest(step_.s, step_.h, step_.end)) return;
      const double value = value_of(landing, out);
      if (!std::isfinite(value)) {
        landing.kind = Landing::nowhere;
        return;
      }
      if (landing.share == 0 && value <= 0) return;  // it is negative at the start of the step
      if (std::abs(value) <= watch::located * landing.slack) return;
      if (landing.share == 0 && correction > 0) break;  // corrections lead out of the step
      if (share_before >= 0 && landing.share != share_before) {
        const double secant = (value - before) / (landing.share - share_before);
        if (secant < 0) landing.slope = secant;
      }
      // a step that begins on the surface has a zero at its start, which is not the root to locate
      const double least = watched_[landing.what].surface >= 0 ? 0.5 * landing.share : 0.0;
      const double next = std::clamp(landing.share - value / landing.slope, least, 1.0);
      if (!(std::abs(next - landing.share) > watch::digits_of_share(step_.s, step_.h))) {
        if (std::abs(value) > landing.slack && next == 1.0) break;  // it does not cross before the step ends
        return;
      }
      before = value;
      share_before = landing.share;
      landing.share = next;
    }
    landing.kind = Landing::unresolved;
  }

  /// Moves the event, in units of the resolution of time, from where a limit of the source is reached to where it is
  /// passed, so that no limit is exceeded.
  template <class State, class StateAt>
  void past_limit(Landing& landing, const State& out, const StateAt& state_at) {
    constexpr double most_digits = 1024.0;
    for (double digits = 1.0; value_of(landing, out) > 0 && digits <= most_digits && landing.share < 1.0; digits *= 2) {
      landing.share = std::min(1.0, landing.share + digits * watch::digits_of_share(step_.s, step_.h));
      state_at(landing.share);
    }
  }

  /// Sets the guard along which the state slides, and those that are zero with it, to the signs of one side.
  void take_side(std::size_t side) {
    for (std::size_t k = 0; k < together_.size(); ++k)
      if (together_[k] != 0) regime_[k] = (side == 1) == (together_[k] > 0);
  }
  /// Evaluates the drifts on both sides of the guard along which the state slides. @returns the share of the positive
  /// side
  template <class Gamma>
  double look_at_sides(const Gamma& gamma, double drive, double drive_rate) {
    if constexpr (differentiable) {
      const std::size_t kept = regime_[sliding_] ? 1 : 0;
      for (const std::size_t side : {0, 1}) {
        take_side(side);
        std::vector<double>& velocity = sides_.velocity[side];
        velocity.assign(device_.size(), 0.0);
        const double u = input(gamma, drive);
        for (std::size_t i = 0; i < device_.size(); ++i) {
          if (device_.moves(i, regime_)) velocity[i] = drift(i, gamma, u);
        }
        sides_.free[side] = velocity;
        for (const Pin& pin : pins_) velocity[pin.variable] = 0.0;
        sides_.rate[side] = device_.guard_rate(sliding_, gamma, velocity, drive, drive_rate, regime_);
      }
      take_side(kept);
    }
    return sides_.share();
  }
  /// Finds the guards that are zero along the same surface as sliding_, and therefore switch with it.
  void find_companions(std::span<const double> gamma, const Moment& now) {
    together_.assign(together_.size(), 0);
    together_[sliding_] = 1;
    degenerate_ = nobody;
    (void)look_at_sides(gamma, now.drive, now.rate);
    for (const std::size_t k : state_guards_) {
      if (k == sliding_ || k >= device_.guards() || !at_surface(k, gamma, now.drive)) continue;
      together_[k] = orientation(k, gamma, now);
      if (together_[k] != 0) continue;
      const auto moved = [&](std::size_t i, double distance) {
        std::copy(gamma.begin(), gamma.end(), sampled_.begin());
        sampled_[i] += distance;
        return guard(k, sampled_, now.drive);
      };
      if (derivatives_vanish<double>(device_, slopes_of(k, gamma, now), moved)) degenerate_ = k;
    }
  }
  /// How a guard that is zero lies beside that of sliding_; see same_surface().
  int orientation(std::size_t k, std::span<const double> gamma, const Moment& now) const {
    return static_cast<int>(
        same_surface(device_, slopes_of(sliding_, gamma, now), slopes_of(k, gamma, now), sides_.pace(device_)));
  }
  /// The derivatives of a guard with respect to each variable, then time.
  std::vector<double> slopes_of(std::size_t k, std::span<const double> gamma, const Moment& now) const {
    std::vector<double> slopes(device_.size() + 1, 0.0);
    std::vector<double> direction(device_.size(), 0.0);
    if constexpr (differentiable) {
      for (std::size_t i = 0; i < device_.size(); ++i) {
        direction[i] = 1;
        slopes[i] = device_.guard_rate(k, gamma, direction, now.drive, 0.0, regime_);
        direction[i] = 0;
      }
      slopes.back() = device_.guard_rate(k, gamma, direction, now.drive, now.rate, regime_);
    }
    return slopes;
  }

  /// Ends sliding unless both sides of the guard lead back to it. If the state slid before and no longer does, the
  /// regime becomes that of the side to which the state moves.
  void keep_sliding(std::span<const double> gamma, const Drive& drive, double s, bool slid) {
    const Moment now = moment(drive, s);
    const Regime<double> before = regime_;
    const std::vector<int> were = together_;
    const auto by_sign = [&] {  // sets the signs of guards that are no longer held at zero
      for (std::size_t k = 0; k < were.size(); ++k)
        if (were[k] != 0 && together_[k] == 0) regime_[k] = guard(k, gamma, now.drive) > 0;
    };
    if (slid && !at_surface(sliding_, gamma, now.drive)) {
      end_sliding();  // the drive has jumped: guards take the signs that they have in the state
      return by_sign();
    }
    find_companions(gamma, now);
    by_sign();
    (void)look_at_sides(gamma, now.drive, now.rate);
    bool all = true;  // guards that have switched together are zero along one surface
    for (std::size_t k = 0; k < flipped_.size(); ++k) all = all && (slid || !flipped_[k] || together_[k] != 0);
    if (all && sides_.attract()) {
      if (degenerate_ != nobody)
        fail(
            s, Failure::switches_in_place,
            fmt::format("both sides of guard {} lead back to it, and guard {} is zero there with a derivative of zero, "
                        "so that its side is not defined; write it so that it changes its sign at a finite rate",
                        sliding_, degenerate_));
      return require_continuous_port(gamma, now.drive, s);
    }
    if (slid) {
      leave_for(sides_.rate[1] >= 0 ? 1 : 0, gamma, now.drive);
    } else {
      regime_ = before;
      end_sliding();
    }
  }
  void end_sliding() {
    sliding_ = nobody;
    together_.assign(together_.size(), 0);
  }
  /// Ends sliding: the state moves to one side of the guard.
  void leave_for(std::size_t side, std::span<const double> gamma, double drive) {
    take_side(side);
    for (std::size_t k = 0; k < together_.size(); ++k)
      if (together_[k] != 0) surface_[k] = std::abs(guard(k, gamma, drive));
    end_sliding();
  }
  /// True if a guard is zero within the tolerance.
  [[nodiscard]] bool at_surface(std::size_t k, std::span<const double> gamma, double drive) {
    std::copy(gamma.begin(), gamma.end(), sampled_.begin());
    const double value = guard(k, sampled_, drive);
    double slack = 0;  // change of the guard within the tolerance
    for (std::size_t i = 0; i < sampled_.size(); ++i) {
      sampled_[i] += tolerated(i, std::abs(gamma[i]));
      slack += std::abs(guard(k, sampled_, drive) - value);
      sampled_[i] = gamma[i];
    }
    return std::abs(value) <= watch::most_departure * slack;
  }
  /// @throws NumericalError if voltage or current differs between the sides of the guard
  void require_continuous_port(std::span<const double> gamma, double drive, double s) {
    const std::size_t kept = regime_[sliding_] ? 1 : 0;
    const bool jumps =
        sides_.port_jumps(device_, std::vector<double>(gamma.begin(), gamma.end()),
                          [&](std::size_t side, const std::vector<double>& beside, double& voltage, double& current) {
                            take_side(side);
                            const double u = input(beside, drive);
                            voltage = voltage_of(device_, beside, u);
                            current = current_of(device_, beside, u);
                          });
    take_side(kept);
    if (jumps)
      fail(s, Failure::switches_in_place,
           fmt::format(
               "both sides of guard {} lead back to it, and voltage or current jumps there, so that the state cannot "
               "slide along it; put a capacitor in parallel or a resistor in series, or make the switch gradual",
               sliding_));
  }
  /// Returns the state to the surface along which it slides, after the errors of a step have moved it off.
  void return_to_surface(std::span<double> gamma, const Drive& drive, double s) {
    const Moment now = moment(drive, s);
    (void)look_at_sides(gamma, now.drive, now.rate);
    const double off = guard(sliding_, gamma, now.drive);
    for (const std::size_t i : active_)
      if (const double back = gamma[i] + sides_.way_back(i, off); std::isfinite(back))
        gamma[i] = std::clamp(back, device_.lower(i), device_.upper(i));
    for (std::size_t k = 0; k < together_.size(); ++k)
      if (together_[k] != 0 && k != sliding_ &&
          (!at_surface(k, gamma, now.drive) || orientation(k, gamma, now) != together_[k]))
        fail(s, Failure::switches_in_place,
             fmt::format("guards {} and {} were zero together while the state slid along them, and have parted; "
                         "no single state follows where guards meet: write them as one guard, or make the switches "
                         "gradual",
                         sliding_, k));
  }

  /// Marks the guards and bounds whose surface the state has left in a step, so that they are checked without the zero
  /// at the start again.
  template <class State>
  void leave_surfaces(const State& out) {
    for (Watched& watched : watched_) {
      if (watched.surface < 0) continue;
      if (watched.kind == Watched::bound) {
        const std::size_t i = active_[watched.which];
        const double now = part(out, watched.which);
        const double room = watched.side > 0 ? device_.upper(i) - now : now - device_.lower(i);
        if (room > tolerated(i, std::abs(now))) watched.surface = watch::not_on_surface;
        continue;
      }
      const auto place = std::ranges::find(candidates_, static_cast<std::size_t>(&watched - watched_.data()));
      const auto c = static_cast<std::size_t>(place - candidates_.begin());
      if (values_[c].back() > watched.surface + slack_at(c, 1.0))
        watched.surface = surface_[watched.which] = watch::not_on_surface;
    }
  }

  /// True if a guard that switches at `value` has reached it continuously; otherwise the input has jumped.
  /// @param slack that of the event location if this guard was located, else 0
  [[nodiscard]] bool came_to_surface(const Watched& guard, double value, double slack) const {
    const auto place = std::ranges::find(candidates_, static_cast<std::size_t>(&guard - watched_.data()));
    const double begin = begins_[static_cast<std::size_t>(place - candidates_.begin())];
    return std::abs(value) <= std::max(slack, watch::continuous * std::abs(begin));
  }
  /// Applies an event: flips the guard and those that switch at the same time, ends sliding, or sets the variable to
  /// its bound. A release changes nothing here; settle() frees the variable.
  Event apply(const Landing& landing, std::span<double> gamma, const Moment& now) {
    const Watched& what = watched_[landing.what];
    for (const std::size_t i : active_) gamma[i] = std::clamp(gamma[i], device_.lower(i), device_.upper(i));
    if (what.kind == Watched::guard) {
      const double u = input(gamma, now.drive);
      const double leeway = step_.h * watch::leeway(landing.slack, landing.slope, step_.s, step_.h);
      const std::vector<double> ahead =
          sliding_ == nobody ? ahead_of(gamma, u, leeway) : std::vector<double>(gamma.begin(), gamma.end());
      const Moment later = moment(step_.drive, step_.s + landing.share * step_.h + leeway);
      const double u_ahead = input(ahead, later.drive);
      std::copy(gamma.begin(), gamma.end(), sampled_.begin());
      for (const Watched& other : watched_) {  // guards that switch at the same time
        if (other.kind != Watched::guard) continue;
        const double value = measure(other, sampled_, now, u, 1.0);
        const bool negative = value < 0 || measure(other, ahead, later, u_ahead, 1.0) < 0;
        flipped_[other.which] = other.which == what.which || (other.surface < 0 && negative);
        if (flipped_[other.which]) {
          surface_[other.which] = came_to_surface(other, value, other.which == what.which ? landing.slack : 0.0)
                                      ? std::abs(value)
                                      : watch::not_on_surface;
        } else if (value > other.surface) {
          surface_[other.which] = watch::not_on_surface;
        }
      }
      for (std::size_t k = 0; k < flipped_.size(); ++k) {
        if (!flipped_[k]) continue;
        regime_[k] = !regime_[k];
        ++statistics_.state_events;
      }
      // the input is continuous at a limit of the source, so the state does not slide there
      if (sliding_ == nobody && what.which < device_.guards() && may_slide_) switched_ = what.which;
      return what.which < device_.guards() ? Event::state_event : Event::compliance;
    }
    if (what.kind == Watched::hold) {
      for (std::size_t k = 0; k < together_.size(); ++k) flipped_[k] = flipped_[k] || together_[k] != 0;
      leave_for(what.side > 0 ? 1 : 0, gamma, now.drive);
      ++statistics_.state_events;
      return Event::sliding_ends;
    }
    if (what.kind == Watched::bound) {
      const std::size_t i = active_[what.which];
      gamma[i] = what.side > 0 ? device_.upper(i) : device_.lower(i);
      ++statistics_.bounds_reached;
      return Event::bound_reached;
    }
    ++statistics_.bounds_released;
    return Event::bound_released;
  }

  D given_;
  D device_;  ///< in its coordinates
  Coordinates coordinates_;
  std::vector<double> shown_;
  IntegrationOptions options_;
  Statistics statistics_;
  bool separate_ = false;
  bool turns_ = false;  ///< the drive is also cut at the extrema of sines
  std::vector<std::size_t> everything_, state_guards_;
  stepper::Any<double> one_;
  stepper::Any<Joint> joint_;
  stepper::Rosenbrock4 rosenbrock_;
  bool stiff_ = false;     ///< rosenbrock4 makes the steps
  bool prepared_ = false;  ///< derivatives or series belong to the start of the step
  std::vector<double> jacobian_, by_time_;
  bool by_series_ = false;  ///< Taylor series make the step
  stepper::TaylorSeries<double> series_;
  bool barred_ = false;               ///< series are barred from the present step
  double pair_step_ = 0.0;            ///< next step of the pair [s] if it made the last step, else 0
  double longest_series_ = 0.0;       ///< longest step of the series [s]; NaN if the drift has none
  std::vector<double> drive_series_;  ///< coefficients of the drive
  bool may_slide_ = false;            ///< the device has rates of its guards
  std::size_t sliding_ = nobody;      ///< the guard that the state keeps at zero
  std::size_t switched_ = nobody;     ///< the guard that has just switched; if several, the located one
  std::vector<int> together_;         ///< per guard: ±1 if it is zero along the surface, same or opposite sign; else 0
  std::size_t degenerate_ = nobody;   ///< a guard that is zero there, and its derivatives as well
  Sides<double> sides_;               ///< of the guard sliding_; see look_at_sides()
  double origin_ = 0;                 ///< absolute time of local time 0 [s]
  Regime<double> regime_, regime_before_;  ///< the latter belongs to before_
  std::uint64_t looped_ = 0;               ///< steps tried
  double recorded_until_ = 0;              ///< latest time of a row that is not of the grid [s]
  Row before_;  ///< with lines: a row shortly before the end of the last step, until that end has its row
  std::vector<double>
      beyond_;  ///< the state of the last row after a switch, if voltage and current jump there; else empty
  std::vector<std::size_t> active_;
  std::vector<std::size_t> arrived_;  ///< the variables that the last step brought to a bound
  std::vector<Pin> pins_;
  std::vector<double> scratch_, sampled_ = std::vector<double>(scratch_.size());
  std::vector<Quintic<double>> curves_;          ///< dense output of the last step, per moving variable
  std::vector<Polynomial<double>> long_curves_;  ///< the same for a step of Taylor series
  Polynomial<double> bernstein_;
  std::vector<double> doubts_;  ///< error of each curve beyond that of the step
  std::vector<double> bend_, twist_;
  Step step_{};
  std::vector<Watched> watched_;
  std::vector<double> surface_;                ///< per guard: |guard| at its switch, else negative
  std::vector<bool> flipped_;                  ///< per guard: it has just switched
  std::vector<std::size_t> candidates_;        ///< indices in watched_, without bounds; for each candidate:
  std::vector<watch::Values<double>> values_;  ///< its values along the curves
  std::vector<double> begins_;                 ///< its value at the start of the step
  std::vector<double> doubt_;                  ///< error of its values by doubts_
  std::vector<double> levels_;                 ///< per guard: its drive level, or NaN
};

}  // namespace memdyn
