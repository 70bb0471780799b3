// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "memdyn/core/error.hpp"
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
/// A segment is cut where the drive passes the level of a guard (time events, closed form); inside of a piece the
/// regime is frozen, and a step that would flip a guard that depends on the state, leave a bound or leave the rest at
/// one, is repeated with the length at which that happens. Variables without drift are not integrated; variables that
/// do not couple are integrated one by one unless a trajectory is recorded.
template <class D>
class Integrator {
 public:
  using Scalar = double;
  /// @throws InputError for a bad tolerance
  explicit Integrator(D device, const IntegrationOptions& options = {})
      : given_(std::move(device)),
        device_(integrated_form(given_)),
        options_(options),
        one_(options.method),
        joint_(options.method),
        series_(stepper::taylor_order(options.loosest())),
        scratch_(device_.size()) {
    options.validate();
    if constexpr (differentiable) {
      options_.method = device_.admitted(options.method);
      may_slide_ = device_.has_derivatives();
    } else {
      options.require_explicit(name_of_model(device_));
    }
    const auto levels = levels_of(device_);
    for (std::size_t k = 0; k < levels.size(); ++k)
      if (std::isnan(levels[k])) state_guards_.push_back(k);
    for (std::size_t i = 0; i < device_.size(); ++i) everything_.push_back(i);
    flipped_.assign(levels.size(), false);
    together_.assign(levels.size(), 0);
    surface_.assign(levels.size(), watch::not_on_surface);
    looks_at_state_ = looks_at_state(device_);
    separate_ = !D::coupled && state_guards_.empty();
  }

  [[nodiscard]] const D& device() const noexcept { return given_; }
  [[nodiscard]] const Statistics& statistics() const noexcept { return statistics_; }

  /// A rectangular pulse of `current` [A] for `duration` [s]: the path that training takes.
  /// @param gamma one value a variable, inside of its bounds; advanced in place
  /// @return whether some variable had a drift
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

  /// One segment that begins at the absolute time `t0` [s].
  void advance(std::span<double> gamma, const Segment& segment, double t0 = 0, Recording* recording = nullptr) {
    begin_trajectory();
    check_state(given_, gamma);
    const InCoordinates in_coordinates(device_, gamma, coordinates_);
    advance_segment(gamma, segment, t0, recording);
  }

  /// A whole waveform from `t0` [s].
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

  /// A segment, or else a constant current [A].
  struct Drive {
    const Segment* segment;
    double constant;
    double operator()(double s) const { return segment != nullptr ? value(*segment, s) : constant; }
    double rate(double s) const { return segment != nullptr ? memdyn::rate(*segment, s) : 0.0; }
  };
  using Joint = std::vector<double>;
  using Row = StraightLines::Row;
  /// A single uncoupled variable, seen as the γ of its device.
  struct Alone {
    double value;
    double operator[](std::size_t) const { return value; }
  };
  /// The device tells the derivatives of its drift: what rosenbrock4 needs.
  static constexpr bool differentiable = requires { &D::differentiate; };
  static constexpr std::size_t variables_in_row = 3;  ///< come after drive, voltage and current
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

  /// The model's input where the source prescribes `drive`.
  template <class Gamma>
  double input(const Gamma& gamma, double drive) const {
    return input_of(device_, gamma, drive, regime_);
  }

  /// @throws NumericalError if the device cannot take the drive in this state: no input gives it, or (`near`) the one
  /// that does changes by a hundredth within 1e-9 of a variable's range
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

  /// Guards in the drive take their sign from the middle of the piece, the others from its start.
  void freeze_regime(std::span<const double> gamma, double start, double middle) {
    memdyn::freeze_regime(device_, gamma, middle, regime_);
    if (state_guards_.empty()) return;
    for (std::size_t k = device_.guards(); k < regime_.size(); ++k) regime_[k] = guard(k, gamma, start) > 0;
    for (std::size_t k : state_guards_)
      if (k < device_.guards() && together_[k] == 0) regime_[k] = guard(k, gamma, start) > 0;
  }

  /// A guard of the model at its input `u`, or else of its source under the drive.
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
  /// Rows are added between those of the steps.
  static bool in_lines(const Recording* recording) {
    return recording != nullptr && recording->lines && recording->steps && !(recording->interval > 0);
  }
  /// What has switched, in the regime that has begun; where voltage or current jump, after the row before it.
  /// @param span a time in which the state changes [s]; 0 where the drive alone has switched
  void record_switch(Recording& recording, const Drive& drive, double s, double span, std::span<const double> gamma,
                     Event event) {
    if (!recording.steps) return;
    const Row row = row_after(drive, s, span, gamma);
    if (in_lines(&recording) && !before_.numbers.empty())
      recording.lines->jump(before_, row, [&](const Row& one) { emit_between(recording, one, regime_before_); });
    emit(recording, row, event, regime_);
    before_ = {};
  }
  /// Where guards that depend on the state have just switched, voltage and current are those of the side to which it
  /// goes: where it is as soon as they have the signs of the regime. At a limit of the source nothing jumps.
  Row row_after(const Drive& drive, double s, double span, std::span<const double> gamma) {
    constexpr double soon = 1e-12, latest = 1e-6;  // of the span
    Row row = row_at(s, drive(s), gamma);
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
    }
    return row;
  }

  /// Drive, voltage, current and the variables.
  /// @param needed else voltage and current are NaN where no input gives the drive
  Row row_at(double s, double drive, std::span<const double> gamma, bool needed = true) {
    const double u = input(gamma, drive);
    if (needed && std::isnan(u)) require_solution(gamma, drive, s, false);
    const auto shown = state_of(device_, coordinates_, gamma, shown_);
    Row row{origin_ + s, {drive, voltage_of(device_, gamma, u), current_of(device_, gamma, u)}};
    row.numbers.insert(row.numbers.end(), shown.begin(), shown.end());
    return row;
  }
  /// A row that nobody has asked for ends no run: it is left out where it has no voltage or current.
  void emit_between(Recording& recording, const Row& row, const Regime<double>& regime) {
    if (std::isfinite(row.numbers[1]) && std::isfinite(row.numbers[2])) emit(recording, row, Event::between, regime);
  }
  void emit(Recording& recording, const Row& row, Event event, const Regime<double>& regime) {
    const double voltage = row.numbers[1];
    const double current = row.numbers[2];
    if (!std::isfinite(voltage) || !std::isfinite(current))
      fail(row.time - origin_, Failure::no_solution,
           fmt::format("in this state the {} is not a finite number", std::isfinite(voltage) ? "current" : "voltage"));
    // the ends of two segments, and points of a grid, can differ by rounding
    if (event != Event::sample) recorded_until_ = std::max(recorded_until_, row.time);
    recording.emit({event == Event::sample ? row.time : recorded_until_, row.numbers[0], voltage, current,
                    std::span(row.numbers).subspan(variables_in_row), regime, event});
  }

  void advance_segment(std::span<double> gamma, const Segment& segment, double t0, Recording* recording) {
    origin_ = t0;
    const auto* constant = std::get_if<Constant>(&segment);
    const Drive drive{constant != nullptr ? nullptr : &segment, constant != nullptr ? constant->value : 0.0};
    const double end = duration(segment);
    double s = 0;
    Event begins = Event::segment;
    while (s < end) {
      double next = end;
      for (std::size_t k = 0; k < device_.guards(); ++k)
        if (const double level = device_.drive_level(k); !std::isnan(level))
          next = std::min(next, next_crossing(segment, level, s));
      const double cut = next_cut(segment, s, looks_at_state_);
      const Event ends = cut < next ? Event::step : Event::time_event;
      next = std::min(next, cut);
      freeze_regime(gamma, drive(s), drive(s + (next - s) / 2));
      if (recording != nullptr) record_switch(*recording, drive, s, 0.0, gamma, begins);
      if (begins == Event::time_event) ++statistics_.time_events;
      begins = ends;
      integrate_piece(drive, gamma, s, next, longest_step(segment, s), recording);
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

  /// A variable that rests at a bound because its drift points outward there.
  struct Pin {
    std::size_t variable;
    double side;  ///< +1 upper, -1 lower
  };
  /// A function of state and time that is positive until something switches.
  struct Watched {
    enum Kind { guard, bound, release, hold } kind;  ///< hold: the state slides, and one side points back
    std::size_t which;                       ///< guard; place in the active list; place in the list of pins; guard
    double side = 0;                         ///< of a bound; of the guard
    double surface = watch::not_on_surface;  ///< how near to it the state begins on its surface, else negative
  };
  /// The first switch in a step.
  struct Landing {
    enum Kind { none, switches, unresolved, nowhere } kind = none;  ///< nowhere: a shorter step gives no number
    std::size_t what = 0;                                           ///< place in the list of what is watched
    double share = 1;                                               ///< of the step
    double slope = 0;                                               ///< of the function, a share of the step
    double slack = 0;                                               ///< what the tolerance makes of the function
  };

  /// One piece [begin, end] of a segment for the given variables; see the class comment.
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
    std::size_t released = nobody;  // the one whose drift has just turned inward

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
        if (std::isnan(u)) dxdt[0] = u;  // whatever the guards make of it
      }
    };
    const auto rates = stepper::rates_of<State, double>(slopes);
    bool straight = false;  // the step that was made last is a straight line
    const auto step = [&](double length) {
      if constexpr (differentiable && !alone) {
        if (by_series_) return series_step(slopes, s, out, slope_out, length, error);
        if (stiff_) return stiff_step(slopes, drive, x, slope, s, out, slope_out, length, error);
      }
      if constexpr (alone) {
        if constexpr (!D::drift_depends_on_state) {
          straight = drive.segment == nullptr;
          if (straight) {  // the slope is constant: any pair's step is this one
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
    const auto size_of_error = [&] {  // of what is tolerated
      double size = 0;
      for (std::size_t j = 0; j < active_.size(); ++j) {
        const double magnitude = std::max(std::abs(part(x, j)), std::abs(part(out, j)));
        const double ratio = std::abs(part(error, j)) / tolerated(active_[j], magnitude);
        if (!(ratio <= size) && !std::isnan(size)) size = ratio;  // a NaN stays
      }
      return size;
    };
    const auto describe = [&](double length) {  // curves_ of the step that was made last
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
    // How far the drift along the dense output is from the slope of the dense output, at a share of the step, times its
    // length: into doubts_, where that is more.
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
    // By how much a step of half the length departs from the dense output. Of stiff variables slopes magnify the
    // errors.
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
    // by how much the dense output may be off where its order is lower than that of the step
    const auto doubt = [&] {
      if (stiff_) return try_half(h);
      for (const double share : watch::doubt_at) find_doubts(share, h);
      for (double& one : doubts_) one *= watch::curve_of_slope;
    };
    // whether the dense output of a bold step is one of its drift; its error estimate can be small by chance
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
    const auto reject = [&](double size) {
      ++statistics_.rejected;
      h *= change(size, false);
      if (!step_control::is_exhausted(s, h, end)) return;
      for (std::size_t j = 0; j < active_.size(); ++j) {  // it arrives within the last digits of time
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
      double moves = 0;  // within the last digits of time, in ranges
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
    // Whether stability may be what limits the steps of the pair: their errors then are along what is stiff.
    const auto may_be_stiff = [&] {
      State beside = x;
      State drifts = x;
      const double size = size_of_error();
      for (std::size_t j = 0; j < active_.size(); ++j) part(beside, j) += part(error, j) / size;
      slopes(beside, drifts, s);
      ++statistics_.evaluations;
      double change = 0;  // in a step, of what is tolerated, where that is the difference of the states
      for (std::size_t j = 0; j < active_.size(); ++j) {
        const double one = h * std::abs(part(drifts, j) - part(slope, j)) /
                           tolerated(active_[j], std::max(std::abs(part(x, j)), std::abs(part(out, j))));
        if (!(one <= change) && !std::isnan(change)) change = one;  // a NaN stays
      }
      return !(change < stepper::Rosenbrock4::least_stiffness);
    };
    // the other kind of method takes over if a step of it shows that it does better.
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

    double proven = 0;  // length of the last step that was accepted since something began
    while (s < end) {
      if (recording != nullptr && recording->under_way && ++looped_ % Recording::steps_between == 0)
        recording->under_way(origin_ + s);
      if (fresh) {
        require_solution(gamma, drive(s), s, false);
        settle(gamma, variables, drive, s, end, reached, released);
        if constexpr (differentiable) {
          if (const bool slid = sliding_ != nobody; slid || switched_ != nobody) {
            if (!slid) {  // the bounds hold what they would hold along the guard
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
          // A first step along which the drift would carry a variable beyond its range looks where it may be zero: the
          // error of what is not seen there is none.
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
        // a polynomial that turns where the drift does not: it has gone through where the drift has no series
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
      const auto state_at = [&](double theta) {  // repeats the step with another length
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
        // what is beyond a bound by less than the tolerance is on it
        gamma[i] = part(out, j) = std::clamp(there, device_.lower(i), device_.upper(i));
        on_bound = on_bound || gamma[i] != there;
        if ((gamma[i] == device_.lower(i) || gamma[i] == device_.upper(i)) && gamma[i] != part(x, j))
          arrived_.push_back(i);
        if (gamma[i] == there && part(slope, j) * part(slope_out, j) < 0)
          watch_bounds(gamma, {&active_[j], 1}, drive(s + length), s);
      }
      ++statistics_.accepted;
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
          reached = i;  // by less than the tolerance beyond it
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
      for (const std::size_t i : arrived_) {  // at the same time
        reached = i;
        ++statistics_.bounds_reached;
        if (recording != nullptr) record(*recording, s, drive(s), gamma, Event::bound_reached);
      }
    }
  }

  /// What the error of a step in variable i may be.
  [[nodiscard]] double tolerated(std::size_t i, double magnitude) const {
    return options_.tolerated(device_.scale(i), magnitude);
  }

  /// The Taylor series where a step begins, unless they are known, and whether it is made by them: not where the drift
  /// has none, and not where they reach less far than the pair, close to there. @returns the longest step that they
  /// admit [s]
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
  /// A step along the series, and the drift at its end.
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
  /// A moving variable at a share of the step that has been described, its slope times the length of the step, and what
  /// it keeps within.
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

  /// curves_ of the step of rosenbrock4 from x to `out`.
  void describe_stiff(const Joint& x, const Joint& out) {
    bend_.resize(x.size());
    twist_.resize(x.size());
    rosenbrock_.dense(bend_.data(), twist_.data());
    for (std::size_t j = 0; j < x.size(); ++j)
      curves_[j] = {x[j], out[j] - x[j] + bend_[j], twist_[j] - bend_[j], -twist_[j], 0.0, 0.0};
  }

  /// A step of rosenbrock4 in the moving variables, and the drift at its end.
  template <class Slopes>
  void stiff_step(const Slopes& slopes, const Drive& drive, const Joint& x, const Joint& slope, double s, Joint& out,
                  Joint& slope_out, double h, Joint& error) {
    const std::size_t n = x.size();
    if (!prepared_) {
      jacobian_.resize(n * n);
      by_time_.resize(n);
      for (std::size_t j = 0; j < n; ++j) scratch_[active_[j]] = x[j];
      device_.differentiate(active_, scratch_, drive(s), drive.rate(s), regime_, jacobian_.data(), by_time_.data());
      for (std::vector<double>* list : {&jacobian_, &by_time_})  // √x at 0: the estimate of the error sees to the rest
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

  /// Sorts the variables into those that move and those that rest at a bound. What has just happened to a variable
  /// (it reached its bound, it was released) stands, whatever rounding makes of a drift of nearly zero.
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

  /// A guard that came to zero with a variable that now rests at its bound, and rests with it, takes the sign that it
  /// has, zero being not positive; unless a bound would then no longer hold what it holds. Whether there was one.
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

  /// The state after a time [s] along the drift that it has under the input `u`.
  [[nodiscard]] std::vector<double> ahead_of(std::span<const double> gamma, double u, double time) const {
    std::vector<double> ahead(gamma.begin(), gamma.end());
    for (const std::size_t i : active_) ahead[i] += time * drift(i, gamma, u);
    return ahead;
  }

  /// What is not a number a little further along the slope, in words; empty if that is not known.
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

  /// Notes when a bound is first seen to have absorbed one of the variables.
  void watch_bounds(std::span<const double> gamma, std::span<const std::size_t> variables, double drive, double s) {
    if (!std::isnan(statistics_.absorbed_from)) return;
    for (const std::size_t i : variables)
      if (is_absorbed(device_, i, gamma, input(gamma, drive), regime_, options_)) {
        statistics_.absorbed_from = origin_ + s;
        statistics_.absorbed = i;
        return;
      }
  }

  /// Records what lies in [from, to]: points of the uniform grid that have not been recorded, or what straight lines
  /// would not show. The latter ends a little before `to`, where voltage and current may jump.
  /// @param gamma_at the state at a local time
  template <class StateAt>
  void record_inside(Recording& recording, const Drive& drive, double from, double to, const StateAt& gamma_at) {
    constexpr double before = 1e-9;  // of the interval
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

  /// The same where nothing moves. Between the turns of a drive there is nothing that lines could overlook.
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

  /// The drive at a time, and how fast it changes.
  struct Moment {
    double drive, rate;
  };
  static Moment moment(const Drive& drive, double s) { return {drive(s), drive.rate(s)}; }
  /// The step whose curves are known.
  struct Step {
    double s, h, end;  ///< its begin, its length, and where its piece ends
    Drive drive;
  };

  /// A watched function in a state, at a time and under an input; `h` is the length of the step.
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

  /// Whether it matters by how much the curves may be off: they decide about a switch. One that stays away from its
  /// bounds by more than it bends does not.
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
      const double slack = tolerated(i, std::abs(bound));  // what is beyond by no more is on it
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
  /// Whether what has been found is the first.
  static bool keep_first(Landing& landing, std::size_t what, const watch::Finding& found) {
    if (found.kind == watch::Finding::unresolved) landing.kind = Landing::unresolved;
    const bool first =
        found.kind == watch::Finding::crossing && (landing.kind == Landing::none || found.share < landing.share);
    if (first) landing = {Landing::switches, what, found.share, found.slope};
    return first;
  }

  /// The first switch in the step from x to `out` whose curves are known, located along them. Beyond a
  /// bound there is no state, so that the other functions are followed up to there.
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
  /// In how many parts of the step whose curves are known the functions of the state are looked at; the last one is
  /// shorter.
  [[nodiscard]] double parts_of_step() {
    double move = 0;  // ranges
    for (std::size_t j = 0; j < active_.size(); ++j) {
      const Hull<double> hull = curve_hull(j);
      move = std::max(move, (hull.largest - hull.least) / device_.scale(active_[j]));
    }
    return std::clamp(move / watch::most_move, 1.0, watch::most_parts_of_step);
  }
  /// The values of the candidates along the curves between two shares of the step, and what the doubt about the curves
  /// makes of them at the end.
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
  /// What the tolerance, and the rounding of the drive, make of a candidate at a share of the step.
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

  /// What is to switch, in the state `out` at the share of the step where that is looked for; sampled_ holds the
  /// variables that rest.
  template <class State>
  [[nodiscard]] double value_of(const Landing& landing, const State& out) {
    for (std::size_t j = 0; j < active_.size(); ++j) sampled_[active_[j]] = part(out, j);
    const Moment now = moment(step_.drive, step_.s + landing.share * step_.h);
    return measure(watched_[landing.what], sampled_, now, input(sampled_, now.drive), step_.h);
  }

  /// Repeats the step up to where its first switch is, and corrects that by what the function is there. Leaves the
  /// state there in `out`.
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
      if (landing.share == 0 && value <= 0) return;  // it is negative where the step begins
      if (std::abs(value) <= watch::located * landing.slack) return;
      if (landing.share == 0 && correction > 0) break;  // corrections lead out of the step
      if (share_before >= 0 && landing.share != share_before) {
        const double secant = (value - before) / (landing.share - share_before);
        if (secant < 0) landing.slope = secant;
      }
      // where it begins on its surface the zero there is not the one that is looked for
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

  /// From where a limit of the source is met to where it is passed, by digits of time: none is exceeded.
  template <class State, class StateAt>
  void past_limit(Landing& landing, const State& out, const StateAt& state_at) {
    constexpr double most_digits = 1024.0;
    for (double digits = 1.0; value_of(landing, out) > 0 && digits <= most_digits && landing.share < 1.0; digits *= 2) {
      landing.share = std::min(1.0, landing.share + digits * watch::digits_of_share(step_.s, step_.h));
      state_at(landing.share);
    }
  }

  /// Gives the guard along which the state slides, and those that are zero with it, the signs of a side of it.
  void take_side(std::size_t side) {
    for (std::size_t k = 0; k < together_.size(); ++k)
      if (together_[k] != 0) regime_[k] = (side == 1) == (together_[k] > 0);
  }
  /// What both sides of the guard along which the state slides do there. @returns the share of the positive one
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
  /// Finds the guards that are zero along the surface of sliding_, so that they switch with it.
  void find_companions(std::span<const double> gamma, const Moment& now) {
    together_.assign(together_.size(), 0);
    together_[sliding_] = 1;
    const std::vector<double> own = slopes_of(sliding_, gamma, now);
    for (const std::size_t k : state_guards_)
      if (k != sliding_ && k < device_.guards() && at_surface(k, gamma, now.drive))
        together_[k] = static_cast<int>(same_surface(device_, own, slopes_of(k, gamma, now)));
  }
  /// The derivatives of a guard by each variable, and by time.
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

  /// Clears sliding_ unless both sides of that guard lead back to it. Where the state slid before, and no longer
  /// does, the regime becomes that of the side into which it goes.
  void keep_sliding(std::span<const double> gamma, const Drive& drive, double s, bool slid) {
    const Moment now = moment(drive, s);
    const Regime<double> before = regime_;
    const std::vector<int> were = together_;
    const auto by_sign = [&] {  // of those that were zero, and are no longer held there
      for (std::size_t k = 0; k < were.size(); ++k)
        if (were[k] != 0 && together_[k] == 0) regime_[k] = guard(k, gamma, now.drive) > 0;
    };
    if (slid && !at_surface(sliding_, gamma, now.drive)) {
      end_sliding();  // the drive has jumped: the regime is that of the state
      return by_sign();
    }
    find_companions(gamma, now);
    by_sign();
    (void)look_at_sides(gamma, now.drive, now.rate);
    bool all = true;  // the guards that have switched together
    for (std::size_t k = 0; k < flipped_.size(); ++k) all = all && (slid || !flipped_[k] || together_[k] != 0);
    if (all && sides_.attract()) return require_continuous_port(gamma, now.drive, s);
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
  /// The state goes to a side of the guard along which it slid.
  void leave_for(std::size_t side, std::span<const double> gamma, double drive) {
    take_side(side);
    for (std::size_t k = 0; k < together_.size(); ++k)
      if (together_[k] != 0) surface_[k] = std::abs(guard(k, gamma, drive));
    end_sliding();
  }
  /// A guard is zero, but for what the tolerance makes of it.
  [[nodiscard]] bool at_surface(std::size_t k, std::span<const double> gamma, double drive) {
    std::copy(gamma.begin(), gamma.end(), sampled_.begin());
    const double value = guard(k, sampled_, drive);
    double slack = 0;  // what the tolerance makes of it
    for (std::size_t i = 0; i < sampled_.size(); ++i) {
      sampled_[i] += tolerated(i, std::abs(gamma[i]));
      slack += std::abs(guard(k, sampled_, drive) - value);
      sampled_[i] = gamma[i];
    }
    return std::abs(value) <= watch::most_departure * slack;
  }
  /// @throws NumericalError if voltage or current is another one on either side of the guard
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
           fmt::format("both sides of guard {} lead back to it, and the port jumps there, so that no state follows; "
                       "put a capacitor in parallel or a resistor in series, or make the switch gradual",
                       sliding_));
  }
  /// Takes the state back to the surface along which it slides, from where the errors of a step have left it.
  void return_to_surface(std::span<double> gamma, const Drive& drive, double s) {
    const Moment now = moment(drive, s);
    (void)look_at_sides(gamma, now.drive, now.rate);
    const double off = guard(sliding_, gamma, now.drive);
    for (const std::size_t i : active_)
      if (const double back = gamma[i] + sides_.way_back(i, off); std::isfinite(back))
        gamma[i] = std::clamp(back, device_.lower(i), device_.upper(i));
    for (std::size_t k = 0; k < together_.size(); ++k)
      if (together_[k] != 0 && k != sliding_ && !at_surface(k, gamma, now.drive))
        fail(s, Failure::switches_in_place,
             fmt::format("guards {} and {} were zero together while the state slid along them, and have parted; "
                         "no single state follows where guards meet: write them as one guard, or make the switches "
                         "gradual",
                         sliding_, k));
  }

  /// Surfaces that the state has left in a step count again.
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

  /// Whether a guard that switches at a value has come there continuously; else the input has jumped.
  /// @param slack of its own, where it is the one that has been located
  [[nodiscard]] bool came_to_surface(const Watched& guard, double value, double slack) const {
    const auto place = std::ranges::find(candidates_, static_cast<std::size_t>(&guard - watched_.data()));
    const double begin = begins_[static_cast<std::size_t>(place - candidates_.begin())];
    return std::abs(value) <= std::max(slack, watch::continuous * std::abs(begin));
  }
  /// Makes the switch: flips the guard, or puts the variable onto its bound, and with it what has come there to a last
  /// digit. A release needs nothing: settle() sees it.
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
      for (const Watched& other : watched_) {  // and what switches at the same time
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
      // the input is continuous where a limit of the source is met: the state does not slide there
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
  D device_;  ///< in the coordinates that are integrated
  Coordinates coordinates_;
  std::vector<double> shown_;
  IntegrationOptions options_;
  Statistics statistics_;
  bool separate_ = false;
  bool looks_at_state_ = false;
  std::vector<std::size_t> everything_, state_guards_;
  stepper::Any<double> one_;
  stepper::Any<Joint> joint_;
  stepper::Rosenbrock4 rosenbrock_;
  bool stiff_ = false;     ///< rosenbrock4 makes the steps
  bool prepared_ = false;  ///< derivatives, or series, are those where the present step begins
  std::vector<double> jacobian_, by_time_;
  bool by_series_ = false;  ///< Taylor series make the step
  stepper::TaylorSeries<double> series_;
  bool barred_ = false;               ///< from the step that begins at the present state
  double pair_step_ = 0.0;            ///< what the pair would try next [s], where it made the last step
  double longest_series_ = 0.0;       ///< the longest step that they admit [s]; NaN where the drift has none
  std::vector<double> drive_series_;  ///< coefficients of the drive
  bool may_slide_ = false;            ///< the device tells how fast a guard changes
  std::size_t sliding_ = nobody;      ///< the guard that the state keeps at zero
  std::size_t switched_ = nobody;     ///< the guard that has just switched, of several the one that was located
  std::vector<int> together_;         ///< one a guard: 1 or -1 where it is held at zero, and grows or falls with it
  Sides<double> sides_;               ///< of that guard; see look_at_sides()
  double origin_ = 0;                 ///< absolute time of local time 0 [s]
  Regime<double> regime_, regime_before_;  ///< the latter: of before_
  std::uint64_t looped_ = 0;               ///< steps tried
  double recorded_until_ = 0;              ///< of all rows but those of the grid
  Row before_;  ///< recorded in lines: a little before the end of the last step, until that end has a row
  std::vector<std::size_t> active_;
  std::vector<std::size_t> arrived_;  ///< the variables that the last step brought to a bound
  std::vector<Pin> pins_;
  std::vector<double> scratch_, sampled_ = std::vector<double>(scratch_.size());
  std::vector<Quintic<double>> curves_;          ///< of the moving variables, throughout the step that was made last
  std::vector<Polynomial<double>> long_curves_;  ///< the same of a step that Taylor series make
  Polynomial<double> bernstein_;
  std::vector<double> doubts_;  ///< by how much each of them may be off beyond the error of the step
  std::vector<double> bend_, twist_;
  Step step_{};
  std::vector<Watched> watched_;
  std::vector<double> surface_;                ///< one a guard: its size where it has switched
  std::vector<bool> flipped_;                  ///< one a guard: it has just switched
  std::vector<std::size_t> candidates_;        ///< places in watched_ of what may switch in a step, and for each
  std::vector<watch::Values<double>> values_;  ///< its values along the curves
  std::vector<double> begins_;                 ///< its value where the step begins
  std::vector<double> doubt_;                  ///< by how much it may be off
};

}  // namespace memdyn
