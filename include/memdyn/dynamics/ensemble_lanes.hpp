// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <type_traits>
#include <vector>

#include "memdyn/core/root.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/drive/piece.hpp"
#include "memdyn/dynamics/absorption.hpp"
#include "memdyn/dynamics/lane_source.hpp"
#include "memdyn/dynamics/method.hpp"
#include "memdyn/dynamics/options.hpp"

namespace memdyn {

/// Many trajectories, one in each lane of T, by the rules of Integrator: regime, step size, error, pinned bounds,
/// events and end are a lane's own, and a lane whose trajectory ends takes the next one from the source. D may have
/// parameters that differ by lane. `Integrals`: charge, flux, energy and loop area are integrated beside the state.
///
/// For one instruction set a trajectory does not depend on its lane or on its neighbours, to the last bit.
/// @tparam N number of variables of the device if it is fixed, else 0
template <class T, std::size_t N, bool Integrals>
class EnsembleLanes {
  using D = Driven<T, N>;
  using M = Mask<T>;
  static constexpr std::size_t extra = Integrals ? std::size_t{integrals} : 0;
  using State = std::conditional_t<(N > 0), std::array<T, N + extra>, std::vector<T>>;

 public:
  EnsembleLanes(D device, const IntegrationOptions& options, const Level& level = {}, double most_steps = infinite)
      : device_(std::move(device)),
        options_(options),
        level_(level),
        most_steps_(most_steps),
        size_(device_.size()),
        by_voltage_(device_.quantity() == Quantity::voltage),
        plain_(options.method == Method::dopri5 || options.method == Method::automatic),
        stepper_(options.method) {
    guards_ = device_.guards();
    regime_.resize(guards_ + device_.source_guards(), M(false));
    ahead_ = regime_;
    for (std::size_t k = 0; k < regime_.size(); ++k)
      if (k >= guards_ || std::isnan(lane(T(device_.drive_level(k)), 0))) state_guards_.push_back(k);
    for (State* state : {&x_, &slope_, &out_, &slope_out_, &error_, &trial_, &trial_slope_}) {
      if constexpr (N == 0) state->resize(size_ + extra);
      for (std::size_t j = 0; j < size_ + extra; ++j) (*state)[j] = T(0.0);
    }
    variables_.resize(size_);
    rates_.resize(size_, T(0.0));
    for (std::size_t l = 0; l < lanes<T>; ++l) lane_mask_[l] = only<T>(l);
  }

  /// Runs until the source has no more trajectories, or is stopping.
  void run(LaneSource& source) {
    using std::abs;
    using std::max;
    using std::min;
    const double control_exponent = -1.0 / stepper_.control_order();
    alive_ = M(true);
    M need(true), begun(false);
    for (std::size_t steps = 1; refill(need, begun, source); ++steps) {
      if (steps % 1024 == 0 && source.stopping()) return;
      if (any(fresh_)) settle(begun);
      const M last = s_ + h_ * T(1 + 1e-12) >= end_;
      h_ = select(last, end_ - s_, h_);
      const T theta = share();
      const T tried = theta * h_;
      if (plain_) {
        const auto rates = [this](const State& now, State& dxdt, const T& at) { derivative(now, dxdt, at); };
        dormand_prince_.step(rates, x_, slope_, s_, out_, slope_out_, tried, error_);
      } else {
        step(tried);
      }
      T size(0.0);
      for (std::size_t j = 0; j < size_ + extra; ++j) {
        const T magnitude = max(abs(x_[j]), abs(out_[j]));
        const T tolerance =
            j < size_ ? T(options_.absolute * device_.scale(j) + options_.relative * magnitude)
                      : T(1e-300 + options_.absolute * integral_scale_[j - size_] +
                          options_.relative * max(magnitude, tried * max(abs(slope_[j]), abs(slope_out_[j]))));
        const T ratio = abs(error_[j]) / tolerance;
        size = select(ratio <= size || is_nan(size), size, ratio);  // a NaN stays
      }
      const M under_way = and_not(alive_, need);
      M accept = and_not(size <= T(1.0) && under_way, landing_);
      M landed(false), nowhere(false);
      if (any(landing_)) look(theta, tried, landed, nowhere);
      const M turned = turns();
      if (inside_matters() || any(turned && accept) || any(accept && bounds_room(out_) < T(0.0)))
        landing_ = landing_ || switches(accept, turned && accept, tried);
      accept = and_not(accept, landing_) || landed;
      size = select(nowhere, T(std::nan("")), size);
      const M rejected = and_not(and_not(under_way, accept), landing_);
      if (const M turning = turned && accept; any(turning)) {
        observe_turns(turning, tried);
        watch_bounds(turning, out_, input(out_, drive_(s_ + tried)));
      }
      if constexpr (Integrals) observe_memristances(accept, tried);
      if (any(landed)) apply(landed, s_ + tried);
      for (std::size_t j = 0; j < size_ + extra; ++j) {
        x_[j] = select(accept, out_[j], x_[j]);
        slope_[j] = select(accept, slope_out_[j], slope_[j]);
      }
      s_ = select(accept, select(last && theta == T(1.0), end_, s_ + tried), s_);
      accepted_ += counted(accept);
      rejected_ += counted(rejected);
      observe(accept, x_, s_);
      if (level_.variable != Level::none) watch_level(accept);
      fresh_ = landed;
      need = need || (accept && s_ >= end_);

      in_place_ = select(accept, select(landed && tried <= T(1e-14) * end_, in_place_ + T(1.0), T(0.0)), in_place_);
      const T bounded = select(size < T(1e10), max(size, T(1e-10)), T(1e10));
      const T ideal = T(0.87) * rough_power(bounded, control_exponent);
      const T change = select(accept, min(T(5.0), ideal), max(T(0.2), min(ideal, T(1.0))));
      h_ = select(landing_, h_, select(landed, min(h_, end_ - s_), h_ * change));
      h_ = min(h_, drive_.longest);
      const M stuck = rejected && (h_ <= T(4e-16) * abs(s_) || h_ <= T(1e-18) * end_);
      const M chattering = alive_ && in_place_ > T(most_events_in_place);
      const M weary = alive_ && accepted_ + rejected_ > T(most_steps_);
      if (any(stuck || chattering || weary)) {
        for (std::size_t l = 0; l < lanes<T>; ++l) {
          if (holds(weary, l)) failure_[l] = LaneFailure::step_limit;
          if (holds(chattering, l)) failure_[l] = LaneFailure::switches_in_place;
          if (!holds(stuck, l)) continue;
          double moves = 0.0;  // within the last digits of time, in ranges
          for (std::size_t i = 0; i < size_; ++i)
            for (const double slope : {lane(slope_[i], l), lane(slope_out_[i], l)})
              if (std::isfinite(slope))
                moves = std::max(moves, std::abs(slope) * 4e-16 * lane(T(end_ / device_.scale(i)), l));
          failure_[l] = moves > 1e-6 && std::isfinite(lane(slope_[0], l))            ? LaneFailure::runs_away
                        : std::isfinite(lane(size, l))                               ? LaneFailure::tolerance
                        : std::isnan(lane(input(out_, drive_(s_ + T(5.0) * h_)), l)) ? LaneFailure::no_solution
                                                                                     : LaneFailure::not_finite;
        }
        need = need || stuck || chattering || weary;
        landing_ = and_not(landing_, weary);
      }
    }
  }

 private:
  static constexpr double infinite = std::numeric_limits<double>::infinity();
  static constexpr double negligible = 1e-16;  ///< of a variable's range: a move that rounding alone can make
  static constexpr double undecided = 1e-12;   ///< an inward drift at a bound that has just set in is no larger
  static constexpr double most_events_in_place = 100;
  static constexpr int longest_wait = 3;  ///< [steps]

  struct Variable {
    M pinned = M(false), reached = M(false), released = M(false);
    T side = T(0.0);  ///< of the bound that it rests at: +1 upper, -1 lower
    T lowest = T(0.0), highest = T(0.0);
  };

  static M choose(const M& mask, const M& yes, const M& no) { return (mask && yes) || and_not(no, mask); }
  static T counted(const M& mask) { return select(mask, T(1.0), T(0.0)); }

  bool holds(const M& mask, std::size_t l) const { return any(mask && lane_mask_[l]); }

  bool limits() const { return regime_.size() > guards_; }
  /// The model's input under a drive, in the frozen regime.
  T input(const State& now, const T& drive) const { return device_.input(now, drive, regime_); }
  /// A guard of the model at its input `u`, or else of its source under the drive.
  T guard_of(std::size_t k, const State& now, const T& drive, const T& u) const {
    return k < guards_ ? device_.guard(k, now, u) : device_.source_guard(k - guards_, now, drive);
  }
  T drift(std::size_t i, const State& now, const T& u) const {
    if (drive_.steady && device_.factored()) return rates_[i] * device_.shape(i, now, regime_);
    return device_.drift(i, now, u, regime_);
  }
  void derivative(const State& now, State& dxdt, const T& at) const {
    const T u = input(now, drive_(at));
    for (std::size_t i = 0; i < size_; ++i) dxdt[i] = select(variables_[i].pinned, T(0.0), drift(i, now, u));
    if (!device_.direct()) dxdt[0] += u - u;  // NaN where no input gives the drive
    if constexpr (Integrals) {
      const T voltage = device_.voltage(now, u);
      const T current = device_.current(now, u);
      // Between rests ∮V dI = -∮I dV, of the device as of device and resistance. That the source holds a limit changes
      // nothing: it does so from where the quantity that it limits passes that value under the drive to where it does
      // so again.
      const T area = (by_voltage_ ? T(-current)
                      : limits()  ? device_.terminal_voltage(now, u)
                                  : voltage) *
                     drive_.rate(at);
      dxdt[size_ + charge] = current;
      dxdt[size_ + flux] = voltage;
      dxdt[size_ + energy] = voltage * current;
      dxdt[size_ + area_positive] = select(sign_ > T(0.0), area, T(0.0));
      dxdt[size_ + area_negative] = select(sign_ < T(0.0), area, T(0.0));
    }
  }

  /// A step of length `h` in each lane, from the state to `out_`, `slope_out_` and `error_`.
  void step(const T& h) {
    const auto rates = [this](const State& now, State& dxdt, const T& at) { derivative(now, dxdt, at); };
    stepper_.step(stepper::rates_of<State, T>(rates), x_, slope_, s_, out_, slope_out_, h, error_);
  }

  /// Gives the lanes that need one their next piece, or their next trajectory; false when all lanes are idle. What
  /// begins a piece costs as much for one as for all, so that a lane waits a few steps for another that needs one, too.
  bool refill(M& need, M& begun, LaneSource& source) {
    begun = M(false);
    if (!any(need)) return true;
    if (count(need) == 1 && any(and_not(alive_, need)) && waited_ < longest_wait) {
      ++waited_;
      return true;
    }
    waited_ = 0;
    std::swap(begun, need);
    return next_pieces(begun, source);
  }
  [[gnu::noinline]] bool next_pieces(const M& need, LaneSource& source) {
    const Piece* pieces[lanes<T>] = {};
    bool begun = false;
    double needs[lanes<T>];
    memdyn::store(needs, counted(need));
    for (std::size_t l = 0; l < lanes<T>; ++l) {
      if (needs[l] == 0.0) continue;
      if (live_[l] && sampled_[l] && failure_[l] == LaneFailure::none) {
        write_state(l);
        source.sample(l, numbers_.data());
      }
      const Piece* piece = live_[l] && failure_[l] == LaneFailure::none ? source.next_piece(l) : nullptr;
      bool own = true;  // the device in this lane has its parameters
      while (piece == nullptr || (own && rests(*piece, l))) {
        if (piece == nullptr) {
          if (live_[l]) finish(l, source);
          numbers_.resize(std::max(numbers_.size(), size_));
          live_[l] = source.begin(l, numbers_.data());
          if (!live_[l]) break;
          start(l);
          begun = true;
          own = source.parameters() == nullptr && source.sources() == nullptr;
        } else {
          rested_until_[l] = piece->origin + piece->end;
          if (piece->crossing) set_lane(events_, l, lane(events_, l) + 1.0);
        }
        piece = source.next_piece(l);
      }
      if (piece != nullptr) rested_until_[l] = std::nan("");
      pieces[l] = piece;
      sampled_[l] = piece != nullptr && piece->sampled;
      if (piece != nullptr && piece->crossing) set_lane(events_, l, lane(events_, l) + 1.0);
      if (!live_[l]) alive_ = alive_ && !lane_mask_[l];
    }
    if (!any(alive_)) return false;
    if (const double* numbers = begun ? source.parameters() : nullptr) {
      std::vector<T> parameters(device_.model().numbers);
      for (std::size_t p = 0; p < parameters.size(); ++p) parameters[p] = load<T>(numbers + p * lanes<T>);
      device_.take(parameters.data());
    }
    if (const double* numbers = begun ? source.sources() : nullptr) {
      T source_numbers[3];
      for (std::size_t n = 0; n < std::size(source_numbers); ++n) source_numbers[n] = load<T>(numbers + n * lanes<T>);
      device_.take_source(source_numbers);
    }
    drive_.put(pieces);
    s_ = select(need, select(alive_, drive_.begin, T(0.0)), s_);
    end_ = select(alive_, drive_.end, T(0.0));
    using std::min;
    h_ = select(need, min(drive_.longest, end_ - s_), h_);
    if constexpr (Integrals) {
      const T middle = drive_(s_ + T(0.5) * (end_ - s_));
      sign_ = select(need, select(middle > T(0.0), T(1.0), select(middle < T(0.0), T(-1.0), T(0.0))), sign_);
    }
    for (Variable& v : variables_) {  // what was reached or released was so in the piece before
      v.reached = v.reached && !need;
      v.released = v.released && !need;
    }
    fresh_ = fresh_ || need;
    return true;
  }

  /// Nothing happens in a lane during a piece, and nothing is asked for at its end: the drive is constant, and moves no
  /// variable.
  bool rests(const Piece& piece, std::size_t l) {
    if (Integrals || !device_.direct() || !state_guards_.empty() || level_.variable == Level::memristance) return false;
    if (piece.sampled || piece.from != piece.to || piece.amplitude != 0.0 || piece.fall != 0.0) return false;
    for (std::size_t k = 0; k < guards_; ++k) ahead_[k] = device_.guard(k, x_, T(piece.from)) > T(0.0);
    for (std::size_t i = 0; i < size_; ++i)
      if (holds(device_.moves(i, ahead_), l)) return false;
    return true;
  }

  /// Puts the state that `numbers_` holds into a lane, and clears what was counted there.
  void start(std::size_t l) {
    rested_until_[l] = 0.0;
    for (std::size_t j = 0; j < size_ + extra; ++j) set_lane(x_[j], l, j < size_ ? numbers_[j] : 0.0);
    for (std::size_t i = 0; i < size_; ++i) {
      set_lane(variables_[i].lowest, l, numbers_[i]);
      set_lane(variables_[i].highest, l, numbers_[i]);
    }
    for (T* counter : {&accepted_, &rejected_, &events_, &in_place_, &last_drive_, &level_side_})
      set_lane(*counter, l, 0.0);
    set_lane(memristance_low_, l, infinite);
    set_lane(memristance_high_, l, -infinite);
    set_lane(switched_, l, std::nan(""));
    set_lane(absorbed_, l, std::nan(""));
    failure_[l] = LaneFailure::none;
  }
  void write_state(std::size_t l) {
    for (std::size_t i = 0; i < size_; ++i) numbers_[i] = lane(x_[i], l);
  }
  [[gnu::noinline]] void finish(std::size_t l, LaneSource& source) {
    if constexpr (Integrals) jump(lane_mask_[l], T(0.0));
    LaneOutcome outcome;
    outcome.failure = failure_[l];
    outcome.time = std::isnan(rested_until_[l]) ? lane(drive_.origin + s_, l) : rested_until_[l];
    numbers_.resize(3 * size_ + integrals);
    for (std::size_t i = 0; i < size_; ++i) {
      numbers_[i] = lane(x_[i], l);
      numbers_[size_ + i] = lane(variables_[i].lowest, l);
      numbers_[2 * size_ + i] = lane(variables_[i].highest, l);
    }
    for (std::size_t q = 0; q < extra; ++q) numbers_[3 * size_ + q] = lane(x_[size_ + q], l);
    outcome.gamma = numbers_.data();
    outcome.lowest = outcome.gamma + size_;
    outcome.highest = outcome.lowest + size_;
    outcome.integrals = outcome.highest + size_;
    outcome.memristance_low = lane(memristance_low_, l);
    outcome.memristance_high = lane(memristance_high_, l);
    outcome.switched = lane(switched_, l);
    outcome.absorbed = lane(absorbed_, l);
    outcome.accepted = lane(accepted_, l);
    outcome.rejected = lane(rejected_, l);
    outcome.events = lane(events_, l);
    source.end(l, outcome);
  }

  /// Regime, pins and slope of the lanes that have just begun a piece or landed on an event. What has just happened to
  /// a variable (it reached its bound, it was released) stands, whatever rounding makes of a drift of nearly zero.
  [[gnu::noinline]] void settle(const M& begun) {
    using std::abs;
    for (std::size_t k = guards_; any(begun) && k < regime_.size(); ++k)
      regime_[k] = choose(begun, device_.source_guard(k - guards_, x_, drive_(s_)) > T(0.0), regime_[k]);
    const T now = input(x_, drive_(s_));
    const T middle = input(x_, drive_(s_ + T(0.5) * (end_ - s_)));
    if (any(begun)) {
      std::size_t next = 0;
      for (std::size_t k = 0; k < guards_; ++k) {
        const bool by_state = next < state_guards_.size() && state_guards_[next] == k;
        if (by_state) ++next;
        regime_[k] = choose(begun, device_.guard(k, x_, by_state ? now : middle) > T(0.0), regime_[k]);
      }
    }
    if (device_.factored())
      for (std::size_t i = 0; i < size_; ++i) rates_[i] = device_.rate(i, now, regime_);
    if (any(begun)) {
      if constexpr (Integrals) {
        jump(begun, drive_(s_));
        // What an integral comes to in the piece, roughly: where it begins as a power of time, no step would be small
        // enough for a relative tolerance alone. Off the middle, where the rate of a sine vanishes.
        derivative(x_, trial_slope_, s_ + T(0.3) * (end_ - s_));
        for (std::size_t q = 0; q < extra; ++q) {
          const T size = abs(trial_slope_[size_ + q]) * (end_ - s_);
          integral_scale_[q] = select(begun, select(size < T(infinite), size, T(0.0)), integral_scale_[q]);
        }
      }
    }
    M still(true), held(true);  // no variable moves; or those that would are held at their bounds
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      const T side =
          select(x_[i] >= T(device_.upper(i)), T(1.0), select(x_[i] <= T(device_.lower(i)), T(-1.0), T(0.0)));
      const M moves = device_.moves(i, regime_);
      M pin(false);
      if (any(side != T(0.0))) {
        T outward = side * drift(i, x_, now);
        outward = select(outward <= T(0.0) && -outward * (end_ - s_) <= T(undecided * device_.scale(i)),
                         T(side * drift(i, x_, middle)), outward);
        pin = side != T(0.0) && moves && !v.released &&
              (outward * (end_ - s_) >= T(-negligible * device_.scale(i)) || v.reached);
      }
      v.pinned = choose(fresh_, pin, v.pinned);
      v.side = select(fresh_, side, v.side);
      v.reached = v.released = M(false);
      still = and_not(still, moves);
      held = held && (v.pinned || !moves);
    }
    watch_bounds(fresh_, x_, middle);
    if (level_.variable != Level::none) watch_level(fresh_);
    if constexpr (!Integrals) {  // what rests throughout its piece is at the end of it
      M rests = held && drive_.constant();
      if (state_guards_.empty() && level_.variable != Level::memristance) rests = rests || still;
      s_ = select(fresh_ && rests && now == now, end_, s_);
    }
    pinning_ = false;
    for (const Variable& v : variables_) pinning_ = pinning_ || any(v.pinned && alive_ && s_ < end_);
    derivative(x_, trial_slope_, s_);
    for (std::size_t j = 0; j < size_ + extra; ++j) slope_[j] = select(fresh_, trial_slope_[j], slope_[j]);
    for (std::size_t i = 0; i < size_; ++i) {  // as the Integrator's
      const T crossing = T(device_.scale(i)) / abs(slope_[i]);
      h_ = select(fresh_ && crossing < h_, crossing, h_);
    }
    observe(fresh_, x_, s_);
  }

  /// From the level to what is watched; NaN where there is no memristance.
  T level_distance(const State& now, const T& drive, const T& u) const {
    return (level_.variable == Level::memristance ? memristance(now, drive, u)
                                                  : state(static_cast<std::size_t>(level_.variable), now)) -
           T(level_.value);
  }
  /// V/I [Ohm]; NaN where I = 0, and where the drive passes 0: what is left of it there is rounding.
  T memristance(const State& now, const T& drive, const T& u) const {
    using std::abs;
    const T current = device_.current(now, u);
    return select(current == T(0.0) || abs(drive) < T(1e-9) * drive_.largest, T(std::nan("")),
                  T(device_.voltage(now, u) / current));
  }

  /// Variable i as it is shown.
  T state(std::size_t i, const State& now) const { return device_.state(i, now[i]); }

  /// Notes, in the given lanes, when a bound is first seen to have absorbed a variable.
  void watch_bounds(const M& where, const State& now, const T& u) {
    for (std::size_t i = 0; i < size_; ++i)
      absorbed_ = select(where && is_nan(absorbed_) && is_absorbed(device_, i, now, u, regime_, options_),
                         drive_.origin + s_, absorbed_);
  }

  /// Notes, in the given lanes, on which side of the level a trajectory is, once it is on one.
  [[gnu::noinline]] void watch_level(const M& where) {
    const T drive = drive_(s_);
    const T distance = level_distance(x_, drive, input(x_, drive));
    level_side_ = select(where && level_side_ == T(0.0),
                         select(distance > T(0.0), T(1.0), select(distance < T(0.0), T(-1.0), T(0.0))), level_side_);
  }

  /// How far the nearest bound is; negative where one has been passed. A variable that was at its bound when the step
  /// began is not stopped there by what does not move it outward.
  T bounds_room(const State& now) const {
    using std::min;
    T least(infinite);
    for (std::size_t i = 0; i < size_; ++i) {
      const T upper(device_.upper(i));
      const T lower(device_.lower(i));
      const T distance = min(T(upper - now[i]), T(now[i] - lower));
      const M leaves = (x_[i] >= upper || x_[i] <= lower) && distance >= T(0.0);
      least = min(least, select(variables_[i].pinned || leaves, T(infinite), distance));
    }
    return least;
  }
  /// How far the nearest switch is, in units of its own: negative where something has switched.
  [[gnu::noinline]] T room(const State& now, const T& at) const {
    using std::min;
    T least = bounds_room(now);
    if (!inside_matters()) return least;
    const T drive = drive_(at);
    const T u = input(now, drive);
    for (const std::size_t k : state_guards_) {
      const T guard = guard_of(k, now, drive, u);
      least = min(least, select(regime_[k], guard, -guard));
    }
    if (pinning_)
      for (std::size_t i = 0; i < size_; ++i)
        least = min(least, select(variables_[i].pinned, hold(i, now, u), T(infinite)));
    if (level_.variable != Level::none) least = min(least, level_room(now, drive, u));
    return least;
  }
  /// Positive while the drift of a pinned variable points outward.
  T hold(std::size_t i, const State& now, const T& u) const {
    return variables_[i].side * drift(i, now, u) * h_ + T(negligible * device_.scale(i));
  }
  T level_room(const State& now, const T& drive, const T& u) const {
    const T distance = level_side_ * level_distance(now, drive, u);
    return select(level_side_ != T(0.0) && is_nan(switched_) && distance == distance, distance, T(infinite));
  }
  bool inside_matters() const { return !state_guards_.empty() || pinning_ || level_.variable != Level::none; }

  /// The lanes in which the drift of a variable has another sign at the end of the step.
  M turns() const {
    M turning(false);
    for (std::size_t i = 0; i < size_; ++i) turning = turning || slope_[i] * slope_out_[i] < T(0.0);
    return turning;
  }

  /// How much of its step each lane is to try: the whole, or where it looks next for a switch.
  T share() const {
    const Bracket<T>& bracket = switch_.bracket();
    return select(landing_, select(switch_.open(), switch_.next(), past(bracket)), T(1.0));
  }
  /// The end of the bracket at which the sign has changed.
  static T past(const Bracket<T>& bracket) { return select(bracket.fa < T(0.0), bracket.a, bracket.b); }

  /// The state at a share of a step of length h, by the cubic through both ends, into `trial_`.
  void inside_of(const T& h, const T& share) {
    const T u = T(1.0) - share;
    for (std::size_t i = 0; i < size_; ++i)
      trial_[i] = u * u * ((T(1.0) + T(2.0) * share) * x_[i] + share * h * slope_[i]) +
                  share * share * ((T(3.0) - T(2.0) * share) * out_[i] - u * h * slope_out_[i]);
  }

  /// Takes a look from the lanes that are `landing_`, after a step of length `tried`, the share `theta` of the whole.
  /// Those that are done leave them: they have `landed`, or where a shorter step gives no number are `nowhere`, and the
  /// step is to be rejected.
  [[gnu::noinline]] void look(const T& theta, const T& tried, M& landed, M& nowhere) {
    switch_.take(room(out_, s_ + tried));
    const M done = and_not(landing_, switch_.open());
    nowhere = done && is_nan(switch_.bracket().fa);
    landed = and_not(done && past(switch_.bracket()) == theta, nowhere);
    landing_ = and_not(landing_, landed || nowhere);
  }

  /// Of the accepted lanes those where something has switched inside of the step: at its end, at a quarter of it, or
  /// where a parabola through three of those looks dips. From there on they look for the share of the step at which
  /// that happens, while the other lanes go on.
  [[gnu::noinline]] M switches(const M& accept, const M& turning, const T& tried) {
    using std::abs;
    const T at_end = room(out_, s_ + h_);
    M bad = accept && at_end < T(0.0);
    M inside = bad || turning;  // where something may have switched and switched back
    if (!state_guards_.empty() || level_.variable != Level::none) inside = accept;
    for (const Variable& v : variables_) inside = inside || (v.pinned && accept);
    if (!any(inside)) return bad;
    const auto guess = [&](const T& share) {
      inside_of(h_, share);
      return T(room(trial_, s_ + share * h_));
    };
    T high(1.0);
    T f[] = {room(x_, s_), T(0.0), T(0.0), T(0.0), at_end};  // at every quarter
    T f_guess = at_end;
    M returns(false);  // something switches and switches back
    for (std::size_t look = 3; look > 0; --look) {
      const T share(0.25 * static_cast<double>(look));
      f[look] = guess(share);
      const M crossed = inside && f[look] < T(0.0);
      bad = bad || crossed;
      returns = returns || and_not(crossed, f[look + 1] < T(0.0));
      f_guess = select(crossed, f[look], f_guess);
      high = select(crossed, share, high);
    }
    T f_before(0.0);
    for (std::size_t look = 0; look < 4; ++look)
      f_before = select(high == T(0.25 * static_cast<double>(look + 1)), f[look], f_before);
    T dip(1.0);  // between three looks, by the parabola through them
    for (std::size_t look = 3; look > 0; --look) {
      const T left = f[look - 1];
      const T right = f[look + 1];
      const T curvature = left - T(2.0) * f[look] + right;
      const T away = T(0.5) * (left - right) / curvature;
      const T place = T(0.25) * (T(static_cast<double>(look)) + away);
      dip = select(inside && curvature > T(0.0) && abs(away) < T(1.0) && place < high && left >= T(0.0) &&
                       f[look] >= T(0.0) && right >= T(0.0) && f[look] - T(0.25) * (left - right) * away < T(0.0),
                   place, dip);
    }
    if (any(dip < T(1.0))) {
      const T least = guess(dip);
      const M crossed = dip < T(1.0) && least < T(0.0);
      bad = bad || crossed;
      returns = returns || crossed;
      f_guess = select(crossed, least, f_guess);
      f_before = select(crossed, T(0.0), f_before);
      high = select(crossed, dip, high);
    }
    if (!any(bad)) return bad;

    // where the line through the looks on either side passes, a place to look at first
    const T first =
        select(f_before > T(0.0) && f_guess < T(0.0), high - T(0.25) * f_guess / (f_guess - f_before), T(0.5) * high);
    high = select(returns, high, T(1.0));
    T low(0.0);
    T f_low = f[0];
    T f_high = at_end;
    const auto at = [&](const T& share) {
      step(share * h_);
      return T(room(out_, s_ + share * h_));
    };
    if (any(returns)) {
      f_high = select(returns, at(high), f_high);
      bad = bad && f_high < T(0.0);  // else the guess saw what the step does not
    }
    // a step that begins on a switching surface and leaves it the right way
    const M leaves = bad && f_low < T(0.0);
    if (any(leaves)) {
      const T ahead = select(leaves, T(0x1p-20) * high, low);
      const T f_ahead = at(ahead);
      low = select(leaves && f_ahead > T(0.0), ahead, low);
      f_low = select(leaves && f_ahead > T(0.0), f_ahead, f_low);
    }
    if (any(returns || leaves)) step(tried);
    const M open = bad && f_low >= T(0.0);
    const T way = (high - first) / (high - low);
    switch_.begin(bad, {select(open, high, low), select(open, f_high, f_low), low, f_low}, open,
                  select(way > T(0.0) && way < T(1.0), way, T(0.5)));
    return bad;
  }

  /// Makes the switches that the landed lanes have come to with `out_`, at local time `at`.
  [[gnu::noinline]] void apply(const M& landed, const T& at) {
    const T drive = drive_(at);
    const T u = input(out_, drive);
    // the level first: it is a clock, and switches nothing
    if (level_.variable != Level::none) {
      const M passed = landed && level_room(out_, drive, u) < T(0.0);
      switched_ = select(passed, drive_.origin + at, switched_);
    }
    M flipped(false);  // where a drift vanishes as its threshold is passed, that is the event and not a release
    for (const std::size_t k : state_guards_) {
      const T guard = guard_of(k, out_, drive, u);
      const M flips = landed && select(regime_[k], guard, -guard) < T(0.0);
      regime_[k] = choose(flips, !regime_[k], regime_[k]);
      events_ += counted(flips);
      flipped = flipped || flips;
    }
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      const T upper(device_.upper(i));
      const T lower(device_.lower(i));
      const M released = and_not(landed, flipped) && v.pinned && hold(i, out_, u) < T(0.0);
      const M above = landed && !v.pinned && out_[i] > upper;
      const M below = landed && !v.pinned && out_[i] < lower;
      out_[i] = select(above, upper, select(below, lower, out_[i]));
      v.released = released;
      v.reached = above || below;
      events_ += counted(released) + counted(above || below);
    }
  }

  /// Extremes of what there is, in the given lanes, by a state at a local time.
  void observe(const M& where, const State& now, const T& at) {
    using std::max;
    using std::min;
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      v.lowest = select(where, min(v.lowest, now[i]), v.lowest);
      v.highest = select(where, max(v.highest, now[i]), v.highest);
    }
    if constexpr (Integrals) last_drive_ = select(where, drive_(at), last_drive_);
  }
  /// The memristance that is current in the given lanes, and one more of which there is an extreme.
  void observe_memristance(const M& where, const T& known) {
    using std::max;
    using std::min;
    const M defined = where && known == known;
    memristance_low_ = select(defined, min(memristance_low_, known), memristance_low_);
    memristance_high_ = select(defined, max(memristance_high_, known), memristance_high_);
  }
  /// The same throughout an accepted step of length `tried`, by the cubic through both ends: at these, or close by
  /// where I = 0, in the middle, and where a parabola through three of those looks has its extreme.
  [[gnu::noinline]] void observe_memristances(const M& where, const T& tried) {
    const auto at = [&](const T& share) {
      inside_of(tried, share);
      const T drive = drive_(s_ + share * tried);
      return T(memristance(trial_, drive, input(trial_, drive)));
    };
    const auto known = [&](const T& share, double inside) {
      T there = at(share);
      if (const M unknown = where && is_nan(there); any(unknown)) there = select(unknown, at(T(inside)), there);
      observe_memristance(where, there);
      return there;
    };
    const T begin = known(T(0.0), 1e-4);
    const T end = known(T(1.0), 1.0 - 1e-4);
    const T middle = at(T(0.5));
    observe_memristance(where, middle);
    T a(0.0), m(0.5), b(1.0), fa = begin, fm = middle, fb = end;
    M open = where;
    for (int look = 0; look < 2; ++look) {
      const T left = (m - a) * (fm - fb);
      const T right = (m - b) * (fm - fa);
      const T place = m - T(0.5) * ((m - a) * left - (m - b) * right) / (left - right);
      open = open && place > a && place < b;
      if (!any(open)) break;
      const T there = at(place);
      observe_memristance(open, there);
      const M before = place < m;
      const T low = select(before, a, m);
      const T f_low = select(before, fa, fm);
      b = select(before, m, b);
      fb = select(before, fm, fb);
      a = low;
      fa = f_low;
      m = place;
      fm = there;
    }
  }

  /// Where a variable turns inside of a step, here of length `tried`, its extreme is there: the cubic through both ends
  /// tells where, and a step of that length how large it is, to the second order in the error of the place.
  [[gnu::noinline]] void observe_turns(const M& turning, const T& tried) {
    using std::max;
    using std::sqrt;
    const State end = out_;
    const State slope_end = slope_out_;
    for (std::size_t i = 0; i < size_; ++i) {
      const M here = turning && slope_[i] * slope_end[i] < T(0.0);
      if (!any(here)) continue;
      const T rise = (end[i] - x_[i]) / tried;
      const T a = T(3.0) * (slope_[i] + slope_end[i]) - T(6.0) * rise;  // of the slope a u^2 + b u + slope
      const T b = T(6.0) * rise - T(4.0) * slope_[i] - T(2.0) * slope_end[i];
      const T root = sqrt(max(b * b - T(4.0) * a * slope_[i], T(0.0)));
      const T q = T(-0.5) * (b + select(b < T(0.0), -root, root));
      const T other = slope_[i] / q;
      const T first = q / a;
      const T u = select(first > T(0.0) && first < T(1.0), first, other);
      const T share = select(here && u > T(0.0) && u < T(1.0), u, T(1.0));
      step(share * tried);
      const T at = s_ + share * tried;
      observe(here, out_, at);
      if constexpr (Integrals) observe_memristance(here, memristance(out_, drive_(at), input(out_, drive_(at))));
    }
    out_ = end;
    slope_out_ = slope_end;
  }

  /// The loop area of a jump of the drive at a frozen state, by Gauss and Legendre's five points in as many halves as
  /// it takes.
  [[gnu::noinline]] void jump(const M& where, const T& drive) {
    using std::max;
    using std::min;
    if (!any(where && drive != last_drive_)) return;
    const auto smooth = [&](const T& from, const T& to) {
      T size(0.0);
      const T whole = gauss(from, to, &size);
      return refined(from, to, whole, T(1e-14) * size, 40);
    };
    const auto area = [&](const T& from, const T& to) {  // on either side of where a limit is met
      T cut = from;
      for (std::size_t j = 0; j + guards_ < regime_.size(); ++j) {
        const auto guard = [&](const T& at) { return T(device_.source_guard(j, x_, at)); };
        Bracket<T> bracket{from, guard(from), to, guard(to)};
        const M passes = where && (bracket.fa > T(0.0)) != (bracket.fb > T(0.0));
        narrow(bracket, passes, guard, 1e-300);
        cut = select(passes, bracket.a, cut);
      }
      return T(smooth(from, cut) + smooth(cut, to));
    };
    const T zero(0.0);
    T& positive = x_[size_ + area_positive];
    T& negative = x_[size_ + area_negative];
    positive = select(where, positive + area(max(last_drive_, zero), max(drive, zero)), positive);
    negative = select(where, negative + area(min(last_drive_, zero), min(drive, zero)), negative);
    last_drive_ = select(where, drive, last_drive_);
  }
  /// @param size is added the integral of the absolute value, where it is asked for
  [[nodiscard]] T gauss(const T& from, const T& to, T* size = nullptr) const {
    using std::abs;
    static constexpr double node[] = {0.0, 0.5384693101056831, -0.5384693101056831, 0.9061798459386640,
                                      -0.9061798459386640};
    static constexpr double weight[] = {0.5688888888888889, 0.4786286704993665, 0.4786286704993665, 0.2369268850561891,
                                        0.2369268850561891};
    T sum(0.0);
    for (int p = 0; p < 5; ++p) {
      const T u = device_.input(x_, T(T(0.5) * (from + to) + T(0.5 * node[p]) * (to - from)));
      const T value = by_voltage_ ? T(-device_.current(x_, u))
                      : limits()  ? device_.terminal_voltage(x_, u)
                                  : device_.voltage(x_, u);
      sum += T(weight[p]) * value;
      if (size != nullptr) *size += T(0.5 * weight[p]) * abs(value * (to - from));
    }
    return T(T(0.5) * (to - from) * sum);
  }
  /// `whole`, of [from, to], by halves, and by theirs in the lanes where that changes it by more than rounding.
  [[nodiscard]] T refined(const T& from, const T& to, const T& whole, const T& rounding, int depth) const {
    using std::abs;
    const T middle = T(0.5) * (from + to);
    const T left = gauss(from, middle);
    const T right = gauss(middle, to);
    const T sum = left + right;
    const M done = !(abs(sum - whole) > T(1e-13) * abs(sum) + rounding);
    if (depth == 0 || all(done)) return sum;
    return select(
        done, sum,
        T(refined(from, middle, left, rounding, depth - 1) + refined(middle, to, right, rounding, depth - 1)));
  }

  D device_;
  IntegrationOptions options_;
  Level level_;
  double most_steps_;
  std::size_t size_, guards_ = 0;
  bool by_voltage_;
  bool plain_;  ///< the method is dopri5, by its name or as auto
  stepper::Any<State, T> stepper_;
  stepper::DormandPrince<State, T> dormand_prince_;  ///< the default, with the right-hand side inlined
  Regime<T> regime_, ahead_;
  std::vector<std::size_t> state_guards_;
  std::vector<Variable> variables_;
  std::vector<T> rates_;  ///< the factors of the drift that depend on the drive alone, while it is constant
  std::array<T, integrals> integral_scale_ = {};
  bool pinning_ = false;
  int waited_ = 0;  ///< of the lane that needs a piece [steps]
  PieceLanes<T> drive_;
  State x_, slope_, out_, slope_out_, error_, trial_, trial_slope_;
  T s_ = T(0.0), end_ = T(0.0), h_ = T(0.0), in_place_ = T(0.0);
  M alive_ = M(true), fresh_ = M(false);
  M landing_ = M(false);  ///< lanes that look for where inside of their step something switches
  Narrowing<T> switch_{{T(0.0), T(0.0), T(0.0), T(0.0)}, M(false), 1e-14};  ///< by the share of the step
  std::array<M, lanes<T>> lane_mask_;
  std::array<bool, lanes<T>> live_{}, sampled_{};
  std::array<double, lanes<T>> rested_until_{};  ///< if its last piece was passed over [s], else NaN
  std::array<LaneFailure, lanes<T>> failure_{};
  T accepted_ = T(0.0), rejected_ = T(0.0), events_ = T(0.0), last_drive_ = T(0.0), sign_ = T(0.0),
    level_side_ = T(0.0), switched_ = T(0.0), absorbed_ = T(0.0);
  T memristance_low_ = T(0.0), memristance_high_ = T(0.0);
  std::vector<double> numbers_;
};

}  // namespace memdyn
