// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
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
#include "memdyn/dynamics/method.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/dynamics/recording.hpp"
#include "memdyn/dynamics/rosenbrock.hpp"

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
        scratch_(device_.size()) {
    options.validate();
    if constexpr (differentiable) {
      options_.method = device_.admitted(options.method);
    } else {
      options.require_explicit(name_of_model(device_));
    }
    const auto levels = levels_of(device_);
    for (std::size_t k = 0; k < levels.size(); ++k)
      if (std::isnan(levels[k])) state_guards_.push_back(k);
    for (std::size_t i = 0; i < device_.size(); ++i) everything_.push_back(i);
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
    stiff_ = options_.method == Method::rosenbrock4;
    const Drive drive{nullptr, current};
    const InCoordinates in_coordinates(device_, gamma, coordinates_);
    memdyn::freeze_regime(device_, gamma, current, regime_);
    integrate_piece(drive, gamma, 0.0, duration, duration, nullptr);
    return std::ranges::any_of(everything_, [this](std::size_t i) { return device_.moves(i, regime_); });
  }

  /// One segment that begins at the absolute time `t0` [s].
  void advance(std::span<double> gamma, const Segment& segment, double t0 = 0, Recording* recording = nullptr) {
    stiff_ = options_.method == Method::rosenbrock4;
    check_state(given_, gamma);
    const InCoordinates in_coordinates(device_, gamma, coordinates_);
    advance_segment(gamma, segment, t0, recording);
  }

  /// A whole waveform from `t0` [s].
  void advance(std::span<double> gamma, const Waveform& waveform, double t0 = 0, Recording* recording = nullptr) {
    stiff_ = options_.method == Method::rosenbrock4;
    check_state(given_, gamma);
    const InCoordinates in_coordinates(device_, gamma, coordinates_);
    for (std::size_t i = 0; i < waveform.segments().size(); ++i)
      advance_segment(gamma, waveform.segments()[i], t0 + waveform.starts()[i], recording);
  }

 private:
  /// A segment, or else a constant current [A].
  struct Drive {
    const Segment* segment;
    double constant;
    double operator()(double s) const { return segment != nullptr ? value(*segment, s) : constant; }
    double rate(double s) const { return segment != nullptr ? memdyn::rate(*segment, s) : 0.0; }
  };
  using Joint = std::vector<double>;
  /// A single uncoupled variable, seen as the γ of its device.
  struct Alone {
    double value;
    double operator[](std::size_t) const { return value; }
  };
  /// The device tells the derivatives of its drift: what rosenbrock4 needs.
  static constexpr bool differentiable = requires { &D::differentiate; };
  static constexpr int most_events_in_place = 100;
  /// Accepted steps before a look at whether the other kind of method is the better one, an explicit pair or
  /// rosenbrock4; twice as many before each further look. And how much further rosenbrock4 must reach, as each of its
  /// steps is some three times the work.
  static constexpr std::uint64_t steps_before_look = 20;
  static constexpr double stiff_reach = 10.0;
  /// Of a variable's range: a move that rounding alone can make.
  static constexpr double negligible = 1e-16;
  /// Of a variable's range: an inward drift at a bound that has just set in is no larger.
  static constexpr double undecided = 1e-12;
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

  [[noreturn]] void fail(double s, const std::string& what) const {
    throw NumericalError(std::string(name_of_model(device_)), origin_ + s, to_string(regime_), what);
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
        fail(s, fmt::format("in this state nothing gives the {} of {} {} that is asked for", name_of(quantity), held,
                            unit_of(quantity)));
      }
    }
  }

  /// Guards in the drive take their sign from the middle of the piece, the others from its start.
  void freeze_regime(std::span<const double> gamma, double start, double middle) {
    memdyn::freeze_regime(device_, gamma, middle, regime_);
    if (state_guards_.empty()) return;
    for (std::size_t k = device_.guards(); k < regime_.size(); ++k) regime_[k] = guard(k, gamma, start) > 0;
    for (std::size_t k : state_guards_)
      if (k < device_.guards()) regime_[k] = guard(k, gamma, start) > 0;
  }

  /// A guard of the model, or else of its source, under a drive.
  template <class Gamma>
  double guard(std::size_t k, const Gamma& gamma, double drive) const {
    if constexpr (requires { device_.source_guards(); })
      if (k >= device_.guards()) return device_.source_guard(k - device_.guards(), gamma, drive);
    return device_.guard(k, gamma, input(gamma, drive));
  }

  void record(Recording& recording, double s, double current, std::span<const double> gamma, Event event) {
    if (recording.steps) emit(recording, origin_ + s, current, gamma, event);
  }

  void emit(Recording& recording, double time, double drive, std::span<const double> gamma, Event event) {
    const double u = input(gamma, drive);
    if (std::isnan(u)) require_solution(gamma, drive, time - origin_, false);
    const double voltage = voltage_of(device_, gamma, u);
    const double current = current_of(device_, gamma, u);
    if (!std::isfinite(voltage) || !std::isfinite(current))
      fail(time - origin_,
           fmt::format("in this state the {} is not a finite number", std::isfinite(voltage) ? "current" : "voltage"));
    recording.emit({time, drive, voltage, current, state_of(device_, coordinates_, gamma, shown_), regime_, event});
  }

  void advance_segment(std::span<double> gamma, const Segment& segment, double t0, Recording* recording) {
    origin_ = t0;
    const auto* constant = std::get_if<Constant>(&segment);
    const Drive drive{constant != nullptr ? nullptr : &segment, constant != nullptr ? constant->value : 0.0};
    const double end = duration(segment);
    const double longest = longest_step(segment);
    double s = 0;
    Event begins = Event::segment;
    while (s < end) {
      double next = end;
      for (std::size_t k = 0; k < device_.guards(); ++k)
        if (const double level = device_.drive_level(k); !std::isnan(level))
          next = std::min(next, next_crossing(segment, level, s));
      const double turn = looks_at_state_ ? next_turn(segment, s) : end;
      const Event ends = turn < next ? Event::step : Event::time_event;
      next = std::min(next, turn);
      freeze_regime(gamma, drive(s), drive(s + (next - s) / 2));
      if (recording != nullptr) record(*recording, s, drive(s), gamma, begins);
      if (begins == Event::time_event) ++statistics_.time_events;
      begins = ends;
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

  /// A variable that rests at a bound because its drift points outward there.
  struct Pin {
    std::size_t variable;
    double side;  ///< +1 upper, -1 lower
  };
  struct Landing {
    enum Kind { none, guard, bound, release, nowhere } kind = none;  ///< nowhere: a shorter step gives no number
    double theta = 1;                                                ///< share of the step
    std::size_t which = 0;  ///< guard; place in the active list; place in the list of pins
    double side = 0;        ///< of a bound
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
    int in_place = 0;
    std::size_t reached = nobody;   // the variable that the last step brought to its bound
    std::size_t released = nobody;  // the one whose drift has just turned inward

    std::uint64_t next_look = statistics_.accepted + steps_before_look;
    std::uint64_t until_look = steps_before_look;
    const auto slopes = [&](const auto& now, auto&& dxdt, double at) {
      if constexpr (alone) {
        dxdt = drift(active_.front(), Alone{now}, drive(at));
      } else {
        for (std::size_t j = 0; j < active_.size(); ++j) scratch_[active_[j]] = now[j];
        const double u = input(scratch_, drive(at));
        for (std::size_t j = 0; j < active_.size(); ++j) dxdt[j] = drift(active_[j], scratch_, u);
        if (std::isnan(u)) dxdt[0] = u;  // whatever the guards make of it
      }
    };
    const auto rates = stepper::rates_of<State, double>(slopes);
    const auto step = [&](double length) {
      if constexpr (differentiable && !alone) {
        if (stiff_) return stiff_step(slopes, drive, x, slope, s, out, slope_out, length, error);
      }
      if constexpr (alone) {
        if constexpr (!D::drift_depends_on_state) {
          if (drive.segment == nullptr) {  // the slope is constant: any pair's step is this one
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
        const double ratio =
            std::abs(part(error, j)) / (options_.absolute * device_.scale(active_[j]) + options_.relative * magnitude);
        if (!(ratio <= size) && !std::isnan(size)) size = ratio;  // a NaN stays
      }
      return size;
    };
    const auto control_exponent = [&] {
      return -1.0 / (stiff_ ? stepper::Rosenbrock4::control_order : stepper.control_order());
    };
    const auto reject = [&](double size) {
      ++statistics_.rejected;
      h *= size > 1 && std::isfinite(size) ? std::max(0.2, 0.9 * std::pow(size, control_exponent())) : 0.2;
      if (h > 4e-16 * std::abs(s) && h > 1e-18 * end) return;
      require_solution(gamma, drive(s), s, true);
      require_solution(gamma, drive(std::min(end, s + 10 * h)), s, false);
      double moves = 0;  // within the last digits of time, in ranges
      for (std::size_t j = 0; j < active_.size(); ++j)
        for (const State* one : {&slope, &slope_out})
          if (std::isfinite(part(*one, j)))
            moves = std::max(moves, std::abs(part(*one, j)) * 4e-16 * end / device_.scale(active_[j]));
      if (moves > 1e-6 && finite(slope)) fail(s, "the state runs away, faster than time has digits for");
      if (finite(slope) && !std::isnan(size))
        fail(s, fmt::format("the tolerance relative = {}, absolute = {} cannot be reached", options_.relative,
                            options_.absolute));
      const auto what = undefined_ahead(gamma, slope, drive, s, h, end);
      fail(s, what.empty() ? "the drift is not a finite number" : what);
    };
    // the other kind of method takes over if a step of it shows that it does better.
    const auto look = [&] {
      const double reach = stiff_ ? h : stiff_reach * h;
      if (active_.empty() || reach > std::min(longest, end - s)) return;
      stiff_ = !stiff_;
      step(reach);
      if (!(size_of_error() <= 1)) {
        stiff_ = !stiff_;
        return;
      }
      h = reach;
      if (stiff_ && std::isnan(statistics_.stiff_from)) statistics_.stiff_from = origin_ + s;
    };

    while (s < end) {
      if (fresh) {
        require_solution(gamma, drive(s), s, false);
        settle(gamma, variables, drive, s, end, reached, released);
        watch_bounds(gamma, variables, drive(s + (end - s) / 2), s);
        reached = released = nobody;
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
        } else if (pins_.empty() && state_guards_.empty()) {
          if (recording != nullptr) record_grid(*recording, drive, s, end, [&](double) { return gamma; });
          return;
        }
        fresh = false;
        linearised_ = false;
      }
      const bool last = s + h * (1 + 1e-12) >= end;
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

      if (active_.empty()) require_solution(gamma, drive(s + h), s + h, false);
      const auto state_at = [&](double theta) {  // repeats the step with another length
        if (!active_.empty() && theta * h > 0) {
          step(theta * h);
        } else {
          out = x;
        }
      };
      const Landing landing = find_landing<State>(x, out, slope, slope_out, s, h, drive, gamma, state_at);
      if (landing.kind == Landing::nowhere) {
        reject(std::nan(""));
        continue;
      }
      const double length = landing.theta * h;
      if (recording != nullptr && recording->interval > 0) {
        record_grid(*recording, drive, s, s + length, [&](double at) {
          state_at((at - s) / h);
          std::copy(gamma.begin(), gamma.end(), sampled_.begin());
          for (std::size_t j = 0; j < active_.size(); ++j) sampled_[active_[j]] = part(out, j);
          return std::span<double>(sampled_);
        });
        state_at(landing.theta);
      }
      for (std::size_t j = 0; j < active_.size(); ++j) gamma[active_[j]] = part(out, j);
      ++statistics_.accepted;
      if (stiff_) ++statistics_.stiff;

      for (std::size_t j = 0; j < active_.size(); ++j)
        if (part(slope, j) * part(slope_out, j) < 0) watch_bounds(gamma, {&active_[j], 1}, drive(s + length), s);
      if (landing.kind == Landing::none) {
        s = last ? end : s + h;
        in_place = 0;
        std::swap(x, out);
        std::swap(slope, slope_out);
        if (recording != nullptr && !last) record(*recording, s, drive(s), gamma, Event::step);
        if (last) continue;
        linearised_ = false;
        h = std::min(longest, h * std::min(5.0, 0.9 * std::pow(std::max(size, 1e-10), control_exponent())));
        if constexpr (differentiable && !alone)
          if (options_.method == Method::automatic && statistics_.accepted >= next_look) {
            look();
            until_look *= 2;
            next_look += until_look;
          }
        continue;
      }
      s = last && landing.theta == 1 ? end : s + length;
      if (length > 1e-14 * end) {
        in_place = 0;
      } else if (++in_place > most_events_in_place) {
        fail(s, "switches back and forth without advancing");
      }
      if (landing.kind == Landing::bound) reached = active_[landing.which];
      if (landing.kind == Landing::release) released = pins_[landing.which].variable;
      const Event event = apply(landing, gamma);
      fresh = true;
      h = std::min(end - s, h);
      if (recording != nullptr) record(*recording, s, drive(s), gamma, event);
    }
  }

  /// A step of rosenbrock4 in the moving variables, and the drift at its end.
  template <class Slopes>
  void stiff_step(const Slopes& slopes, const Drive& drive, const Joint& x, const Joint& slope, double s, Joint& out,
                  Joint& slope_out, double h, Joint& error) {
    const std::size_t n = x.size();
    if (!linearised_) {
      jacobian_.resize(n * n);
      by_time_.resize(n);
      for (std::size_t j = 0; j < n; ++j) scratch_[active_[j]] = x[j];
      device_.differentiate(active_, scratch_, drive(s), drive.rate(s), regime_, jacobian_.data(), by_time_.data());
      for (std::vector<double>* list : {&jacobian_, &by_time_})  // √x at 0: the estimate of the error sees to the rest
        std::ranges::replace_if(*list, [](double one) { return !std::isfinite(one); }, 0.0);
      linearised_ = true;
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
    active_.clear();
    pins_.clear();
    for (std::size_t i : variables) {
      if (!device_.moves(i, regime_)) continue;
      const double side = gamma[i] >= device_.upper(i) ? 1.0 : gamma[i] <= device_.lower(i) ? -1.0 : 0.0;
      if (side != 0 && i != released) {
        double outward = side * drift(i, gamma, input(gamma, drive(s)));
        if (outward <= 0 && -outward * (end - s) <= undecided * device_.scale(i))
          outward = side * drift(i, gamma, input(gamma, drive(s + (end - s) / 2)));
        if (outward * (end - s) >= -negligible * device_.scale(i) || i == reached) {
          pins_.push_back({i, side});
          continue;
        }
      }
      active_.push_back(i);
    }
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

  /// Records the points of the uniform grid in [from, to] that have not been recorded.
  template <class StateAt>
  void record_grid(Recording& recording, const Drive& drive, double from, double to, const StateAt& gamma_at) {
    if (!(recording.interval > 0)) return;
    const double rounding = 1e-15 * (origin_ + to);
    for (;; ++recording.sample) {
      const double time = static_cast<double>(recording.sample) * recording.interval;
      if (time - origin_ > to + rounding) return;
      const double s = std::clamp(time - origin_, from, to);
      emit(recording, time, drive(s), gamma_at(s), Event::sample);
    }
  }

  /// The first switch inside of an accepted step, or none. Leaves `out` and `slope_out` at the landing.
  template <class State, class StateAt>
  Landing find_landing(const State& x, State& out, State& slope, State& slope_out, double s, double h,
                       const Drive& drive, std::span<const double> gamma, const StateAt& state_at) {
    Landing landing;
    const State whole = out;  // root searches leave `out` elsewhere
    const State slope_whole = slope_out;
    for (std::size_t j = 0; j < active_.size(); ++j) {
      const double x0 = part(x, j);
      const double x1 = part(whole, j);
      const double f0 = part(slope, j);
      const double f1 = part(slope_whole, j);
      const std::size_t i = active_[j];
      const double upper = device_.upper(i);
      const double lower = device_.lower(i);
      if (x1 <= upper && x1 >= lower && f0 * f1 >= 0) continue;
      // the extrema of the cubic through both ends tell where to look
      const double a = 6 * (x0 - x1) / h + 3 * (f0 + f1);
      const double b = 6 * (x1 - x0) / h - 4 * f0 - 2 * f1;
      const double q = -(b + std::copysign(std::sqrt(std::max(0.0, b * b - 4 * a * f0)), b)) / 2;
      double looks[3] = {q / a, f0 / q, 1.0};
      if (looks[0] > looks[1]) std::swap(looks[0], looks[1]);
      for (const double side : {1.0, -1.0}) {
        const double bound = side > 0 ? upper : lower;
        if (!std::isfinite(bound)) continue;
        const auto room = [&](const State& now) { return side * (bound - part(now, j)); };
        double from = 0;
        for (double look : looks) {
          look = std::min(look, landing.theta);
          if (!(look > from)) continue;
          // cubic Hermite through both ends
          const double u = 1 - look;
          const double guess = look == 1 ? x1
                                         : (1 + 2 * look) * u * u * x0 + look * u * u * h * f0 +
                                               look * look * (3 - 2 * look) * x1 - look * look * u * h * f1;
          if (side * (bound - guess) < 0)
            locate(landing, Landing::bound, j, side, from, look, state_at, [&] { return room(out); });
          from = look;
        }
      }
    }
    if (!state_guards_.empty() || !pins_.empty()) {
      std::copy(gamma.begin(), gamma.end(), sampled_.begin());
      const State& x1 = whole;
      const State& f1 = slope_whole;
      const double limit = landing.theta;
      const auto place = [&](const State& now) -> std::vector<double>& {
        for (std::size_t j = 0; j < active_.size(); ++j) sampled_[active_[j]] = part(now, j);
        return sampled_;
      };
      const auto cubic = [&](double to) {  // through both ends
        State guess = x1;
        const double u = 1 - to;
        if (to < 1)
          for (std::size_t j = 0; j < active_.size(); ++j)
            part(guess, j) = (1 + 2 * to) * u * u * part(x, j) + to * u * u * h * part(slope, j) +
                             to * to * (3 - 2 * to) * part(x1, j) - to * to * u * h * part(f1, j);
        return guess;
      };
      const auto watch = [&](Landing::Kind kind, std::size_t which, const auto& positive) {
        const auto guess = [&](double to) { return positive(place(cubic(to)), s + to * h); };
        double before = 0;  // what it is at the two looks before
        double value = guess(0);
        const auto found = [&](double from, double to) {
          locate(landing, kind, which, 0.0, from, to, state_at, [&] { return positive(place(out), s + located_ * h); });
          return landing.kind == kind && landing.which == which;
        };
        for (const double look : {0.25, 0.5, 0.75, 1.0}) {
          const double to = std::min(look, limit);
          const double next = guess(to);
          if (next >= 0 && look > 0.25 && to == look) {  // a dip between three looks, by the parabola through them
            const double curvature = before - 2 * value + next;
            const double away = 0.5 * (before - next) / curvature;
            const double dip = look - 0.25 + 0.25 * away;
            if (curvature > 0 && std::abs(away) < 1 && value - 0.25 * (before - next) * away < 0 && guess(dip) < 0 &&
                found(away < 0 ? look - 0.5 : look - 0.25, dip))
              return;
          }
          if (next < 0 && found(look - 0.25, to)) return;
          if (to == limit) return;
          before = value;
          value = next;
        }
      };
      for (std::size_t k : state_guards_)
        watch(Landing::guard, k, [&](const std::vector<double>& at, double time) {
          const double sign = guard(k, at, drive(time));
          return regime_[k] ? sign : -sign;
        });
      for (std::size_t p = 0; p < pins_.size(); ++p)
        watch(Landing::release, p, [&](const std::vector<double>& at, double time) {
          const std::size_t variable = pins_[p].variable;
          return pins_[p].side * drift(variable, at, input(at, drive(time))) * h + negligible * device_.scale(variable);
        });
    }
    if (landing.kind != Landing::none) {
      state_at(landing.theta);
      // bounds that are reached together, closer than the cubic tells them apart
      for (std::size_t j = 0; j < active_.size(); ++j)
        for (const double side : {1.0, -1.0}) {
          const double bound = side > 0 ? device_.upper(active_[j]) : device_.lower(active_[j]);
          const auto room = [&] { return side * (bound - part(out, j)); };
          if (!(room() < 0)) continue;
          locate(landing, Landing::bound, j, side, 0.0, landing.theta, state_at, room);
          state_at(landing.theta);
        }
    } else {
      out = whole;
      slope_out = slope_whole;
    }
    return landing;
  }

  /// The share of the step in [from, to] at which `positive` (of the state that `state_at` leaves) becomes negative,
  /// kept if it is the earliest so far. The end of the bracket is taken, so that the sign has changed there.
  template <class StateAt, class Positive>
  void locate(Landing& landing, typename Landing::Kind kind, std::size_t which, double side, double from, double to,
              const StateAt& state_at, const Positive& positive) {
    const auto at = [&](double theta) {
      located_ = theta;
      state_at(theta);
      const double value = positive();
      if (std::isnan(value)) landing.kind = Landing::nowhere;
      return std::isnan(value) ? -1.0 : value;
    };
    const double high = at(to);
    if (high >= 0) return;
    double begin = from;
    double low = at(from);
    if (low <= 0 && from == 0) {  // a step that begins on a switching surface may leave it the right way first
      begin = 0x1p-20 * to;
      low = at(begin);
    }
    double theta = from;
    if (low > 0) {
      std::uintmax_t iterations = 100;
      theta = boost::math::tools::toms748_solve(at, begin, to, low, high, boost::math::tools::eps_tolerance<double>(52),
                                                iterations)
                  .second;
    }
    if (landing.kind == Landing::nowhere) return;
    if (landing.kind == Landing::none || theta < landing.theta) landing = {kind, theta, which, side};
  }

  /// Makes the switch: flips the guard, or puts the variable onto its bound, and with it what has come there to a last
  /// digit. A release needs nothing: settle() sees it.
  Event apply(const Landing& landing, std::span<double> gamma) {
    for (const std::size_t i : active_) gamma[i] = std::clamp(gamma[i], device_.lower(i), device_.upper(i));
    if (landing.kind == Landing::guard) {
      regime_[landing.which] = !regime_[landing.which];
      ++statistics_.state_events;
      return landing.which < device_.guards() ? Event::state_event : Event::compliance;
    }
    if (landing.kind == Landing::bound) {
      const std::size_t i = active_[landing.which];
      gamma[i] = landing.side > 0 ? device_.upper(i) : device_.lower(i);
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
  bool stiff_ = false;       ///< rosenbrock4 makes the steps
  bool linearised_ = false;  ///< the derivatives are those where the present step begins
  std::vector<double> jacobian_, by_time_;
  double origin_ = 0;   ///< absolute time of local time 0 [s]
  double located_ = 0;  ///< share of the step that a root search is looking at
  Regime<double> regime_;
  std::vector<std::size_t> active_;
  std::vector<Pin> pins_;
  std::vector<double> scratch_, sampled_ = std::vector<double>(scratch_.size());
};

}  // namespace memdyn
