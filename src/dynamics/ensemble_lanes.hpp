// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "dynamics/rosenbrock_lanes.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/drive/piece.hpp"
#include "memdyn/dynamics/absorption.hpp"
#include "memdyn/dynamics/dense_step.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/lane_source.hpp"
#include "memdyn/dynamics/method.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/dynamics/sliding.hpp"
#include "memdyn/dynamics/step_control.hpp"
#include "memdyn/dynamics/taylor.hpp"
#include "memdyn/dynamics/watch.hpp"
#include "memdyn/scalar/root.hpp"

namespace memdyn {

/// Integrates many trajectories, one in each lane of T, by the rules of Integrator. Each lane has its own regime, step
/// size, error, pinned bounds, events and end; a lane whose trajectory ends takes the next one from the source.
/// Parameters of the device may differ between lanes.
///
/// For one instruction set, a trajectory is bit-identical in any lane and with any neighbours.
/// @tparam N number of variables of the device if it is fixed, else 0
/// @tparam Integrals compute charge, flux, energy and loop area beside the state
template <class T, std::size_t N, bool Integrals>
class EnsembleLanes {
  using D = Driven<T, N>;
  using M = Mask<T>;
  using State = std::conditional_t<(N > 0), std::array<T, N>, std::vector<T>>;

 public:
  /// @param series the device over series. Without it no state slides, and auto is dopri5; taylor and rosenbrock4 need
  /// it
  /// @param extremes, parts see EnsembleOptions
  EnsembleLanes(D device, const IntegrationOptions& options, const Level& level = {}, double most_steps = infinite,
                std::optional<Driven<Series<T>>> series = std::nullopt, bool extremes = false,
                const Transition& transition = {}, bool parts = false)
      : device_(std::move(device)),
        options_(options),
        most_steps_(most_steps),
        extremes_(extremes),
        size_(device_.size()),
        by_voltage_(device_.quantity() == Quantity::voltage),
        plain_(options.method != Method::bogacki_shampine32 && options.method != Method::fehlberg78),
        stepper_(options.method),
        along_series_(options.method == Method::taylor),
        may_stiffen_(series.has_value() &&
                     (options.method == Method::automatic || options.method == Method::rosenbrock4)),
        series_device_(std::move(series)),
        series_(stepper::taylor_order(options.loosest())),
        first_order_(1) {
    if (level.variable != Level::none) levels_.push_back({level});
    if (const int of = transition.variable; of != Level::none)
      for (const bool high : {false, true})
        levels_.push_back({{.variable = of, .value = high ? transition.high : transition.low, .every = true},
                           high ? WatchedLevel::high : WatchedLevel::low});
    guards_ = device_.guards();
    regime_.resize(guards_ + device_.source_guards(), M(false));
    ahead_ = regime_;
    for (std::size_t k = 0; k < regime_.size(); ++k)
      if (k >= guards_ || std::isnan(lane(T(device_.drive_level(k)), 0))) state_guards_.push_back(k);
    for (State* state : {&x_, &slope_, &out_, &slope_out_, &error_, &trial_, &trial_slope_}) {
      if constexpr (N == 0) state->resize(size_);
      for (std::size_t j = 0; j < size_; ++j) (*state)[j] = T(0.0);
    }
    variables_.resize(size_);
    if (parts) parts_.resize(device_.model().parts);
    ports_.resize(parts_.size());
    rates_.resize(size_, T(0.0));
    curves_.resize(size_);
    if (along_series_) long_curves_.resize(size_, Polynomial<T>(series_.order() + 1, T(0.0)));
    hulls_.resize(size_, {T(0.0), T(0.0)});
    doubts_.resize(size_, T(0.0));
    leaves_.resize(state_guards_.size(), M(false));
    surface_.resize(state_guards_.size(), T(0.0));
    slides_ = located_ = flipped_ = leaves_;
    together_.assign(leaves_.size(), T(0.0));
    for (std::size_t l = 0; l < lanes<T>; ++l) lane_mask_[l] = only<T>(l);
  }

  /// Runs until the source has no more trajectories, or LaneSource::stopping() is true.
  void run(LaneSource& source) {
    using std::abs;
    using std::max;
    using std::min;
    alive_ = M(true);
    stiff_ = M(options_.method == Method::rosenbrock4);
    M need(true), begun(false);
    for (std::size_t steps = 1; refill(need, begun, source); ++steps) {
      if (steps % 1024 == 0 && source.stopping()) return;
      if (any(fresh_)) settle(begun);
      if (along_series_) expand();
      linearised_ = false;
      const M last = step_control::is_last(s_, h_, end_);
      h_ = select(last, end_ - s_, h_);
      const T theta = select(landing_, share_, T(1.0));
      const T tried = theta * h_;
      step(tried);
      T size = size_ > 0 ? size_of_error() : error_without_state(tried);
      if (along_series_)
        for (std::size_t j = 0; j < size_; ++j)
          size = select(and_not(has_series_, abs(slope_out_[j]) < T(infinite)), T(std::nan("")), size);
      const M under_way = and_not(alive_, need);
      M accept = and_not(size <= T(1.0) && under_way, landing_);
      M landed(false), nowhere(false), unresolved(false);
      if (any(landing_)) correct(tried, landed, nowhere, unresolved);
      describe(tried);
      const T proof =
          select(stiff_, T(watch::bold(options_.loosest(), true)), T(watch::bold(options_.loosest(), false))) * proven_;
      M turned(false);
      if (along_series_) turned = accept && series_turned();
      accept = and_not(accept, turned);
      barred_ = barred_ || turned;
      const M bold = accept && tried > proof;
      if (const M looked_at = bold || (accept && has_series_); any(looked_at)) {
        const M refuted = looked_at && !confirmed(looked_at, bold, tried);
        size = select(refuted, T(step_control::most_error), size);
        accept = and_not(accept, refuted);
      }
      if (const M advances = accept && tried > T(0.0); any(advances)) find_switches(advances, nowhere, unresolved);
      accept = and_not(and_not(and_not(accept, landing_), nowhere), unresolved) || landed;
      size = select(nowhere, T(std::nan("")), size);
      const M rejected = and_not(and_not(under_way, accept), landing_);
      if (any(accept)) observe_step(accept, tried, source);
      leave_surfaces(and_not(accept, landed));
      if (any(landed)) apply(landed, s_ + tried);
      M on_bound(false);
      for (std::size_t j = 0; j < size_; ++j) {
        // a variable beyond its bound by less than the tolerance is on the bound
        const T next = select(accept, min(T(device_.upper(j)), max(T(device_.lower(j)), out_[j])), x_[j]);
        slope_[j] = select(accept, slope_out_[j], slope_[j]);
        const M beyond = accept && next != out_[j];
        variables_[j].arrives = beyond && next != x_[j];
        on_bound = on_bound || beyond;
        x_[j] = next;
      }
      M arrived(false);
      s_ = select(accept, select(last && theta == T(1.0), end_, s_ + tried), s_);
      if (any(on_bound)) {
        derivative(x_, trial_slope_, s_);
        for (std::size_t j = 0; j < size_; ++j) {
          slope_[j] = select(on_bound, trial_slope_[j], slope_[j]);
          Variable& v = variables_[j];
          const M outward =
              and_not(v.arrives && slope_[j] * (out_[j] - x_[j]) > T(0.0) && s_ < end_, landed || sliding_);
          v.reached = v.reached || outward;
          events_ += counted(outward);
          arrived = arrived || outward;
        }
      }
      if (any(sliding_)) return_to_surface(and_not(accept && sliding_, landed));
      accepted_ += counted(accept);
      rejected_ += counted(rejected);
      observe(accept, x_, s_);
      proven_ = select(landed, T(0.0), select(accept, tried, proven_));
      fresh_ = and_not(landed || arrived, s_ >= end_);  // at the end of a piece the next piece settles
      need = need || (accept && s_ >= end_);

      in_place_ = select(accept, select(landed && step_control::is_in_place(tried, end_), in_place_ + T(1.0), T(0.0)),
                         in_place_);
      T change = step_control::change(size, accept, stepper_.control_order());
      if (any(stiff_))
        change = select(stiff_, step_control::change(size, accept, stepper::Rosenbrock4::control_order), change);
      change = select(accept && has_series_, T(stepper::Taylor::most_growth), select(turned, T(1.0), change));
      h_ = select(landing_, h_, select(landed, min(h_, end_ - s_), h_ * select(unresolved, T(0.5), change)));
      h_ = min(h_, drive_.longest);
      if (along_series_) {
        barred_ = and_not(barred_, accept);
        pair_step_ = select(accept, select(has_series_ || landed, T(0.0), h_), pair_step_);
      }
      M stuck = and_not(and_not(rejected, unresolved), turned) && step_control::is_exhausted(s_, h_, end_);
      if (any(stuck)) stuck = and_not(stuck, arrive(stuck));
      const M chattering = alive_ && (in_place_ > T(watch::most_events_in_place) || parted_);
      const M weary = alive_ && accepted_ + rejected_ > T(most_steps_);
      if (any(stuck || chattering || weary)) {
        for (std::size_t l = 0; l < lanes<T>; ++l) {
          if (holds(weary, l)) failure_[l] = Failure::step_limit;
          if (holds(chattering, l)) failure_[l] = Failure::switches_in_place;
          if (!holds(stuck, l)) continue;
          double moves = 0.0;  // within the resolution of time, in ranges
          for (std::size_t i = 0; i < size_; ++i)
            for (const double slope : {lane(slope_[i], l), lane(slope_out_[i], l)})
              if (std::isfinite(slope))
                moves = std::max(moves,
                                 std::abs(slope) * step_control::digits_of_time * lane(T(end_ / device_.scale(i)), l));
          failure_[l] = moves > step_control::most_move_in_digits && std::isfinite(lane(slope_[0], l))
                            ? Failure::runs_away
                        : std::isfinite(lane(size, l))                               ? Failure::tolerance
                        : std::isnan(lane(input(out_, drive_(s_ + T(5.0) * h_)), l)) ? Failure::no_solution
                                                                                     : Failure::not_finite;
        }
        need = need || stuck || chattering || weary;
        landing_ = and_not(landing_, weary);
      }
      in_piece_ += counted(accept);
      if (may_stiffen_ && options_.method == Method::automatic) change_method(and_not(and_not(accept, landed), need));
    }
  }

 private:
  static constexpr double infinite = std::numeric_limits<double>::infinity();
  static constexpr int longest_wait = 3;            ///< [steps]
  static constexpr int most_parts = 1 << 22;        ///< limit per step: more than its shortest parts
  static constexpr double shortest_part = 0x1p-20;  ///< of a step
  static constexpr double negligible_part = 1e-3;   ///< share of the tolerance of an integral so far
  static constexpr double finest_level = 1.0 / 64;  ///< share of a step within which a level's passage is located
  static constexpr double on_level =
      1e-10;  ///< share of the largest distance from a level: more than its passage's error

  /// When an extreme was first reached. A later value takes its place if it is beyond it by more than rounding, or by
  /// more than the error of the integration if the quantity has been away from it meanwhile: `indistinct` tolerances,
  /// as errors of steps add up. Values are times -1 for a lowest one.
  struct Moment {
    T time = T(0.0);   ///< [s]
    T value = T(0.0);  ///< at that time
    T away = T(0.0);   ///< 1 if the quantity has since been lower by more than that, else 0
    static constexpr double indistinct = 10;

    /// @param size magnitude of the quantity, for its rounding error
    void observe(const M& where, const T& now, const T& at, const T& size, const T& tolerance) {
      constexpr double rounding = 8 * std::numeric_limits<double>::epsilon();
      const M later = where && now > value + select(away > T(0.0), T(T(indistinct) * tolerance), T(T(rounding) * size));
      time = select(later, at, time);
      value = select(later, now, value);
      away = select(later, T(0.0), away);
      observe_fall(where, now, tolerance);
    }
    void observe_fall(const M& where, const T& now, const T& tolerance) {
      away = select(where && now < value - T(indistinct) * tolerance, T(1.0), away);
    }
  };
  struct Variable {
    M pinned = M(false), reached = M(false), released = M(false);
    M arrives = M(false);  ///< reached a bound in the last step, by less than the tolerance beyond it
    std::array<M, 2> leaves{M(false), M(false)};  ///< step starts at the lower bound, at the upper
    T side = T(0.0);                              ///< bound where it is: +1 upper, -1 lower, 0 none
    T lowest = T(0.0), highest = T(0.0);
    Moment lowest_at, highest_at;
  };
  /// The extremes of a quantity of the port.
  struct PortExtremes {
    T low = T(0.0), high = T(0.0);
    Moment low_at, high_at;
  };
  /// The integrals and the extremes of a part of a composite.
  struct PartTotals {
    T energy = T(0.0);
    std::array<T, port_quantities> sizes{T(0.0), T(0.0), T(0.0)};  ///< see sizes_
    std::array<PortExtremes, port_quantities> port;
  };
  /// A quantity over a part of a step: its mean, its largest magnitude at the nodes, a bound of the integral of its
  /// magnitude, and the lanes in which the polynomial through the nodes is within the tolerance.
  struct Quadrature {
    T mean, largest, size;
    M good;
  };
  /// The passages of the level in one lane.
  struct LanePassages {
    std::array<Passages, 2> of;  ///< by Level::Direction
    std::vector<double> times;   ///< of the first passages in the direction of the level [s]
    Duty duty;
    TransitionTimes transition;
  };
  /// A level that is watched: the level of the options, or one of the transition.
  struct WatchedLevel {
    enum Role : std::uint8_t { own, low, high };
    Level level;
    Role role = own;
    T side = T(0.0);                       ///< of the level, ±1; 0 before it is known
    T surface = T(watch::not_on_surface);  ///< size of the distance from the level that counts as zero until the
                                           ///< quantity has left the level; not_on_surface if it has
  };
  /// A passage of a level of the transition.
  struct Edge {
    double time;  ///< [s]
    bool high;
    Level::Direction direction;
    /// Order in time; at a jump over both levels, in the order of the jump.
    bool operator<(const Edge& other) const {
      if (time != other.time) return time < other.time;
      if (direction != other.direction) return direction < other.direction;
      return direction == Level::rising ? high < other.high : high > other.high;
    }
  };

  /// The first event in the step of one lane, and the state of its location.
  struct Switch {
    bool some = false;
    std::size_t what = 0;  ///< number of the function; see release_of()
    double share = 1.0, slope = 0.0, slack = 0.0;
    double before = 0.0, share_before = -1.0;  ///< value and share of the last try; share < 0: none
    int corrections = 0;
  };

  static M choose(const M& mask, const M& yes, const M& no) { return (mask && yes) || and_not(no, mask); }
  static T counted(const M& mask) { return select(mask, T(1.0), T(0.0)); }

  bool holds(const M& mask, std::size_t l) const { return any(mask && lane_mask_[l]); }

  bool limits() const { return regime_.size() > guards_; }
  /// The input of the model under a drive, in the frozen regime.
  T input(const State& now, const T& drive) const { return device_.input(now, drive, regime_); }
  /// The value of guard k: of the model at its input `u`, or of the source under the drive.
  T guard_of(std::size_t k, const State& now, const T& drive, const T& u) const {
    return k < guards_ ? device_.guard(k, now, u) : device_.source_guard(k - guards_, now, drive);
  }
  /// The drift in the frozen regime, whether or not the state slides.
  T drift(std::size_t i, const State& now, const T& u) const {
    if (drive_.steady && device_.factored()) return rates_[i] * device_.shape(i, now, regime_);
    return device_.drift(i, now, u, regime_);
  }
  void derivative(const State& now, State& dxdt, const T& at) {
    const T u = input(now, drive_(at));
    for (std::size_t i = 0; i < size_; ++i) dxdt[i] = select(variables_[i].pinned, T(0.0), drift(i, now, u));
    if (!device_.direct() && size_ > 0) dxdt[0] += u - u;  // NaN if no input gives the drive
    if (!any(sliding_)) return;
    const T share = look_at_sides(now, at);
    for (std::size_t i = 0; i < size_; ++i) dxdt[i] = select(sliding_, sides_.velocity_along(i, share), dxdt[i]);
  }
  [[nodiscard]] T tolerated(std::size_t i, const T& magnitude) const {
    return options_.tolerated(T(device_.scale(i)), magnitude);
  }

  /// The larger magnitude of a variable at both ends of the last step.
  [[nodiscard]] T magnitude(std::size_t i) const {
    using std::abs;
    using std::max;
    return max(abs(x_[i]), abs(out_[i]));
  }
  /// The error estimate of the last step, in units of the tolerance.
  [[nodiscard]] T size_of_error() const {
    using std::abs;
    T size(0.0);
    for (std::size_t i = 0; i < size_; ++i) {
      const T ratio = abs(error_[i]) / tolerated(i, magnitude(i));
      size = select(ratio <= size || is_nan(size), size, ratio);  // a NaN stays
    }
    return size;
  }

  /// The error of a step of a device without a state: 0, or NaN if no input gives the drive in it.
  [[nodiscard]] T error_without_state(const T& h) const {
    T error(0.0);
    for (const double share : watch::share) {
      const T u = input(x_, drive_(s_ + T(share) * h));
      error += u - u;
    }
    return error;
  }

  /// Makes a step of length `h` in each lane, from the state to `out_`, `slope_out_` and `error_`.
  void step(const T& h) {
    const M implicit = alive_ && stiff_;
    if (any(implicit) && !any(and_not(alive_, stiff_))) return implicit_step(h);
    const auto rates = [this](const State& now, State& dxdt, const T& at) { derivative(now, dxdt, at); };
    if (along_series_ && all(has_series_)) return series_step(rates, h);
    if (plain_) {
      dormand_prince_.step(rates, x_, slope_, s_, out_, slope_out_, h, error_);
    } else {
      stepper_.step(stepper::rates_of<State, T>(rates), x_, slope_, s_, out_, slope_out_, h, error_);
    }
    // lanes whose step is made by another method than the pair
    if (any(has_series_)) merge(has_series_, [&] { series_step(rates, h); });
    if (any(implicit)) merge(implicit, [&] { implicit_step(h); });
  }
  /// Makes a step by another method, and keeps its results in the given lanes only.
  template <class Step>
  void merge(const M& where, const Step& other) {
    const State out = out_;
    const State slope_out = slope_out_;
    const State error = error_;
    other();
    for (std::size_t i = 0; i < size_; ++i) {
      out_[i] = select(where, out_[i], out[i]);
      slope_out_[i] = select(where, slope_out_[i], slope_out[i]);
      error_[i] = select(where, error_[i], error[i]);
    }
  }
  /// Makes a step along the Taylor series.
  template <class Rates>
  void series_step(const Rates& rates, const T& h) {
    const T sigma = h / series_.unit();
    for (std::size_t i = 0; i < size_; ++i) {
      out_[i] = series_.value(i, sigma);
      error_[i] = series_.error(i, sigma);
    }
    rates(out_, slope_out_, s_ + h);
  }
  /// Computes the Taylor series at the start of the steps, sets the lanes that use them (has_series_), and limits the
  /// steps of these lanes to the reach of the series.
  [[gnu::noinline]] void expand() {
    using std::abs;
    using std::max;
    using std::min;
    const T unit = select(h_ > T(0.0), h_, T(1.0));
    drive_series_.resize(series_.order());
    drive_.expand(s_, unit, drive_series_);
    const auto rates = [&](const auto& x, const Series<T>& /*t*/, auto& dxdt) {
      drifts_of_series(x, Series<T>::of(drive_series_.data()), dxdt);
    };
    series_.expand(rates, std::span<const T>(&x_[0], size_), T(0.0), unit);
    T reach(infinite);
    for (std::size_t i = 0; i < size_; ++i) {
      const T own = series_.reach(i, tolerated(i, T(abs(x_[i]))));
      reach = select(own >= reach, reach, own);  // a NaN stays
      reach = select(is_nan(own), own, reach);
    }
    const T least = max(T(stepper::Taylor::least_reach) * end_, T(0.5) * pair_step_);
    has_series_ = and_not(reach * unit > least, barred_ || sliding_);
    h_ = select(has_series_, select(landing_, h_, min(h_, T(reach * unit))), h_);
  }
  /// The lanes in which the polynomial turns but the drift does not: the step has passed a point where the drift has no
  /// series.
  [[nodiscard]] M series_turned() const {
    M turned(false);
    for (std::size_t i = 0; i < size_; ++i)
      turned = turned || (has_series_ && slope_out_[i] * curve_slope(i, T(1.0)) < T(0.0));
    return turned;
  }
  /// The drifts of all variables as series; 0 for pinned variables.
  void drifts_of_series(const std::vector<Series<T>>& x, const Series<T>& drive, std::vector<Series<T>>& dxdt) const {
    const Driven<Series<T>>& device = *series_device_;
    // decided per lane: under a constant drive the factor of the input is a number, even if it has no series
    const M constant = device.factored() ? drive_.constant() : M(false);
    const Series<T> u = all(constant) ? drive : device.input(x, drive, regime_);
    for (std::size_t i = 0; i < size_; ++i) {
      Series<T> drift = all(constant) ? Series<T>(0.0) : device.drift(i, x, u, regime_);
      if (any(constant)) drift = select<>(constant, Series<T>(rates_[i]) * device.shape(i, x, regime_), drift);
      dxdt[i] = any(variables_[i].pinned) ? select<>(variables_[i].pinned, Series<T>(0.0), drift) : drift;
    }
  }
  /// Makes a step of rosenbrock4.
  void implicit_step(const T& h) {
    linearise();
    const M moves = h > T(0.0);  // h = 0: an event at the start of the step
    const auto rates = [this](const std::vector<T>& at, std::vector<T>& dxdt, const T& t) {
      for (std::size_t i = 0; i < size_; ++i) trial_[i] = at[i];
      derivative(trial_, trial_slope_, t);
      for (std::size_t i = 0; i < size_; ++i) dxdt[i] = trial_slope_[i];
    };
    rosenbrock_.step(rates, begin_, s_, select(moves, h, T(1.0)), end_state_, end_error_);
    for (std::size_t i = 0; i < size_; ++i) {
      out_[i] = select(moves, end_state_[i], x_[i]);
      error_[i] = select(moves, end_error_[i], T(0.0));
    }
    derivative(out_, slope_out_, s_ + h);
  }
  /// Computes the right-hand side and its derivatives at the start of the steps, by series of order 1 along each
  /// variable and along time.
  void linearise() {
    using std::abs;
    if (std::exchange(linearised_, true)) return;
    begin_.x.assign(&x_[0], &x_[0] + size_);
    begin_.dxdt.assign(&slope_[0], &slope_[0] + size_);
    begin_.jacobian.resize(size_ * size_);
    begin_.by_time.resize(size_);
    std::vector<std::array<T, 2>> numbers(size_ + 1);
    std::vector<Series<T>> x;
    std::vector<Series<T>> dxdt(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      numbers[i] = {x_[i], T(0.0)};
      x.push_back(Series<T>::of(numbers[i].data()));
    }
    numbers[size_] = {drive_(s_), T(0.0)};
    first_order_.clear();
    const typename SeriesTape<T>::InUse in_use(first_order_);
    drifts_of_series(x, Series<T>::of(numbers[size_].data()), dxdt);
    for (std::size_t j = 0; j <= size_; ++j) {
      numbers[j][1] = j < size_ ? T(1.0) : drive_.rate(s_);
      first_order_.run(1);
      for (std::size_t i = 0; i < size_; ++i) {
        const T one = dxdt[i][1];  // √x at 0 has no derivative; the error estimate still guards the step
        (j < size_ ? begin_.jacobian[i * size_ + j] : begin_.by_time[i]) = select(abs(one) < T(infinite), one, T(0.0));
      }
      numbers[j][1] = T(0.0);
    }
  }

  /// The lanes in which stability may limit the steps of the pair, by the rule of the Integrator.
  [[nodiscard]] M may_be_stiff() {
    using std::abs;
    const T size = size_of_error();
    for (std::size_t i = 0; i < size_; ++i) trial_[i] = x_[i] + error_[i] / size;
    derivative(trial_, trial_slope_, s_);
    T change(0.0);
    for (std::size_t i = 0; i < size_; ++i) {
      const T one = h_ * abs(trial_slope_[i] - slope_[i]) / tolerated(i, magnitude(i));
      change = select(one <= change || is_nan(change), change, one);
    }
    return !(change < T(stepper::Rosenbrock4::least_stiffness));
  }
  /// After a number of accepted steps, tries a step of the other method and changes the lanes in which it reaches
  /// farther, by the rule of the Integrator.
  [[gnu::noinline]] void change_method(const M& accept) {
    using std::min;
    M due = and_not(accept && in_piece_ >= next_trial_, sliding_);
    if (!any(due)) return;
    next_trial_ = select(due, T(2.0) * next_trial_ + T(stepper::Rosenbrock4::steps_before_trial), next_trial_);
    const T reach = select(stiff_, h_, T(stepper::Rosenbrock4::reach) * h_);
    due = due && reach <= min(drive_.longest, end_ - s_);
    if (any(and_not(due, stiff_))) due = due && (stiff_ || may_be_stiff());
    if (!any(due)) return;
    stiff_ = stiff_ != due;
    linearised_ = false;
    step(select(due, reach, T(0.0)));
    const M better = due && size_of_error() <= T(1.0);
    stiff_ = stiff_ != and_not(due, better);
    h_ = select(better, reach, h_);
  }

  /// Assigns the next piece, or the next trajectory, to the lanes that need one; false if all lanes are idle. The start
  /// of a piece costs as much for one lane as for all, so a lane waits a few steps for another that also needs one.
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
      if (live_[l] && failure_[l] == Failure::none) sample_state(l, lane(T(drive_.origin + s_), l), source);
      const Piece* piece = live_[l] && failure_[l] == Failure::none ? source.next_piece(l) : nullptr;
      bool own = true;  // device and source in this lane have the parameters of its trajectory
      while (piece == nullptr || (own && rests(*piece, l))) {
        if (piece == nullptr) {
          if (live_[l]) finish(l, source);
          numbers_.resize(std::max(numbers_.size(), size_));
          live_[l] = source.begin(l, numbers_.data());
          if (!live_[l]) break;
          start(l);
          next_sample_[l] = source.next_sample(l);
          sampling_ = sampling_ || next_sample_[l] < infinite;
          begun = true;
          own = source.parameters() == nullptr && source.sources() == nullptr;
        } else {
          rested_until_[l] = piece->origin + piece->end;
          sample_state(l, rested_until_[l], source);
          if (piece->crossing) set_lane(events_, l, lane(events_, l) + 1.0);
        }
        piece = source.next_piece(l);
      }
      if (piece != nullptr) rested_until_[l] = std::nan("");
      pieces[l] = piece;
      if (piece != nullptr && piece->crossing) set_lane(events_, l, lane(events_, l) + 1.0);
      if (!live_[l]) alive_ = alive_ && !lane_mask_[l];
    }
    if (!any(alive_)) return false;
    if (const double* numbers = begun ? source.parameters() : nullptr) {
      std::vector<T> parameters(device_.model().numbers);
      for (std::size_t p = 0; p < parameters.size(); ++p) parameters[p] = load<T>(numbers + p * lanes<T>);
      device_.take(parameters.data());
      if (series_device_) series_device_->take(std::vector<Series<T>>(parameters.begin(), parameters.end()).data());
    }
    if (const double* numbers = begun ? source.sources() : nullptr) {
      T source_numbers[3];
      for (std::size_t n = 0; n < std::size(source_numbers); ++n) source_numbers[n] = load<T>(numbers + n * lanes<T>);
      device_.take_source(source_numbers);
      if (series_device_)
        series_device_->take_source(
            std::vector<Series<T>>(std::begin(source_numbers), std::end(source_numbers)).data());
    }
    drive_.put(pieces);
    s_ = select(need, select(alive_, drive_.begin, T(0.0)), s_);
    end_ = select(alive_, drive_.end, T(0.0));
    using std::min;
    h_ = select(need, min(drive_.longest, end_ - s_), h_);
    for (Variable& v : variables_) {  // these flags belong to the piece before
      v.reached = v.reached && !need;
      v.released = v.released && !need;
    }
    fresh_ = fresh_ || need;
    in_piece_ = select(need, T(0.0), in_piece_);
    next_trial_ = select(need, T(stepper::Rosenbrock4::steps_before_trial), next_trial_);
    barred_ = and_not(barred_, need);
    pair_step_ = select(need, T(0.0), pair_step_);
    return true;
  }

  /// True if a piece can be skipped in a lane: the drive is constant, moves no variable, and no reduction needs the
  /// piece.
  bool rests(const Piece& piece, std::size_t l) {
    if (Integrals || !device_.direct() || !state_guards_.empty() || levels_of_port()) return false;
    if (piece.from != piece.to || piece.amplitude != 0.0 || piece.fall != 0.0) return false;
    for (std::size_t k = 0; k < guards_; ++k) ahead_[k] = device_.guard(k, x_, T(piece.from)) > T(0.0);
    for (std::size_t i = 0; i < size_; ++i)
      if (holds(device_.moves(i, ahead_), l)) return false;
    return true;
  }

  static void clear(Moment& moment, std::size_t l, double value) {
    set_lane(moment.time, l, 0.0);
    set_lane(moment.value, l, value);
    set_lane(moment.away, l, 0.0);
  }
  /// Sets the state of a lane to that in `numbers_`, and resets the results of the lane.
  void start(std::size_t l) {
    rested_until_[l] = 0.0;
    for (std::size_t j = 0; j < size_; ++j) set_lane(x_[j], l, numbers_[j]);
    for (T& total : totals_) set_lane(total, l, 0.0);
    for (T& size : sizes_) set_lane(size, l, 0.0);
    for (T& peak : peaks_) set_lane(peak, l, 0.0);
    for (std::size_t i = 0; i < size_; ++i) {
      set_lane(variables_[i].lowest, l, numbers_[i]);
      set_lane(variables_[i].highest, l, numbers_[i]);
      clear(variables_[i].lowest_at, l, -numbers_[i]);
      clear(variables_[i].highest_at, l, numbers_[i]);
    }
    const auto begin = [&](PortExtremes& extremes) {
      set_lane(extremes.low, l, infinite);
      set_lane(extremes.high, l, -infinite);
      for (Moment* moment : {&extremes.low_at, &extremes.high_at}) clear(*moment, l, -infinite);
    };
    std::ranges::for_each(port_, begin);
    for (PartTotals& part : parts_) {
      set_lane(part.energy, l, 0.0);
      for (T& size : part.sizes) set_lane(size, l, 0.0);
      std::ranges::for_each(part.port, begin);
    }
    passages_[l] = {};
    for (WatchedLevel& watched : levels_) {
      set_lane(watched.side, l, 0.0);
      set_lane(watched.surface, l, watch::not_on_surface);
    }
    for (T* counter : {&accepted_, &rejected_, &events_, &in_place_, &last_drive_}) set_lane(*counter, l, 0.0);
    stiff_ = options_.method == Method::rosenbrock4 ? stiff_ || lane_mask_[l] : and_not(stiff_, lane_mask_[l]);
    for (std::size_t g = 0; g < slides_.size(); ++g) {
      for (M* mask : {&slides_[g], &located_[g], &flipped_[g]}) *mask = and_not(*mask, lane_mask_[l]);
      set_lane(together_[g], l, 0.0);
    }
    for (M* mask : {&parted_, &degenerate_}) *mask = and_not(*mask, lane_mask_[l]);
    sliding_ = and_not(sliding_, lane_mask_[l]);
    set_lane(memristance_low_, l, infinite);
    set_lane(memristance_high_, l, -infinite);
    set_lane(switched_, l, std::nan(""));
    set_lane(absorbed_, l, std::nan(""));
    failure_[l] = Failure::none;
  }
  /// Passes the requested states up to a time (within rounding) to the source; the state of the lane does not change
  /// before that time.
  void sample_state(std::size_t l, double until, LaneSource& source) {
    for (; next_sample_[l] <= until * (1 + 1e-15); next_sample_[l] = source.next_sample(l)) {
      write_state(l);
      source.sample(l, numbers_.data());
    }
  }
  /// Passes the requested states within an accepted step of length `tried`, from its dense output; if that is of
  /// lower order than the step, from steps up to the points.
  void sample_step(const M& where, const T& tried, LaneSource& source) {
    if (!plain_ && !stepper_.dense_to_order()) return sample_by_steps(where, tried, source);
    const T begin = drive_.origin + s_;
    for (std::size_t l = 0; l < lanes<T>; ++l) {
      if (!holds(where, l)) continue;
      const double from = lane(begin, l);
      const double length = lane(tried, l);
      while (next_sample_[l] < from + length) {
        const double share = std::clamp((next_sample_[l] - from) / length, 0.0, 1.0);
        give_sample(l, source, [&](std::size_t i) { return curve_at(i, l, share); });
      }
    }
  }
  [[gnu::noinline]] void sample_by_steps(const M& where, const T& tried, LaneSource& source) {
    const State end = out_;
    const State slope_end = slope_out_;
    const T begin = drive_.origin + s_;
    for (;;) {
      T next(infinite);
      for (std::size_t l = 0; l < lanes<T>; ++l) set_lane(next, l, next_sample_[l]);
      const T way = next - begin;
      const M samples = where && way < tried;
      if (!any(samples)) break;
      step(select(samples && way > T(0.0), way, T(0.0)));
      for (std::size_t l = 0; l < lanes<T>; ++l)
        if (holds(samples, l)) give_sample(l, source, [&](std::size_t i) { return lane(out_[i], l); });
    }
    out_ = end;
    slope_out_ = slope_end;
  }
  /// Passes the requested state of a lane, with value_of(i) of each variable clamped to its bounds.
  template <class ValueOf>
  void give_sample(std::size_t l, LaneSource& source, const ValueOf& value_of) {
    for (std::size_t i = 0; i < size_; ++i)
      numbers_[i] = std::clamp(value_of(i), lane(T(device_.lower(i)), l), lane(T(device_.upper(i)), l));
    source.sample(l, numbers_.data());
    next_sample_[l] = source.next_sample(l);
  }
  /// The dense output of variable i at a share of the step: its value, its slope times the length of the step, and its
  /// value in one lane.
  [[nodiscard]] T curve_at(std::size_t i, const T& share) const {
    return along_series_ ? value_at(long_curves_[i], share) : value_at(curves_[i], share);
  }
  [[nodiscard]] T curve_slope(std::size_t i, const T& share) const {
    return along_series_ ? slope_at(long_curves_[i], share) : slope_at(curves_[i], share);
  }
  [[nodiscard]] double curve_at(std::size_t i, std::size_t l, double share) const {
    const auto of_lane = [&](const auto& curve) {
      double sum = lane(curve.back(), l);
      for (std::size_t k = curve.size() - 1; k-- > 0;) sum = sum * share + lane(curve[k], l);
      return sum;
    };
    return along_series_ ? of_lane(long_curves_[i]) : of_lane(curves_[i]);
  }
  void write_state(std::size_t l) {
    for (std::size_t i = 0; i < size_; ++i) numbers_[i] = lane(x_[i], l);
  }
  /// The extremes in one lane.
  [[nodiscard]] static std::array<Extremes, port_quantities> extremes_of(
      const std::array<PortExtremes, port_quantities>& port, std::size_t l) {
    std::array<Extremes, port_quantities> all;
    for (std::size_t q = 0; q < port_quantities; ++q)
      all[q] = {lane(port[q].low, l), lane(port[q].high, l), lane(port[q].low_at.time, l),
                lane(port[q].high_at.time, l)};
    return all;
  }
  [[gnu::noinline]] void finish(std::size_t l, LaneSource& source) {
    if constexpr (Integrals) jump(lane_mask_[l], T(0.0));
    LaneOutcome outcome;
    outcome.failure = failure_[l];
    outcome.time = std::isnan(rested_until_[l]) ? lane(drive_.origin + s_, l) : rested_until_[l];
    numbers_.resize(5 * size_ + integrals);
    for (std::size_t i = 0; i < size_; ++i) {
      const Variable& v = variables_[i];
      std::size_t at = i;
      const std::initializer_list<const T*> all{&x_[i], &v.lowest, &v.highest, &v.lowest_at.time, &v.highest_at.time};
      for (const T* number : all) {
        numbers_[at] = lane(*number, l);
        at += size_;
      }
    }
    for (std::size_t q = 0; q < integrals; ++q) numbers_[5 * size_ + q] = lane(totals_[q], l);
    outcome.gamma = numbers_.data();
    outcome.lowest = outcome.gamma + size_;
    outcome.highest = outcome.lowest + size_;
    if (extremes_) {
      outcome.lowest_time = outcome.highest + size_;
      outcome.highest_time = outcome.lowest_time + size_;
      outcome.port = extremes_of(port_, l);
    }
    part_outcomes_.clear();
    for (const PartTotals& part : parts_) part_outcomes_.push_back({lane(part.energy, l), extremes_of(part.port, l)});
    outcome.parts = part_outcomes_;
    outcome.integrals = outcome.gamma + 5 * size_;
    outcome.largest_current = lane(peaks_[port_current], l);
    outcome.largest_power = lane(peaks_[port_power], l);
    outcome.passages = passages_[l].of;
    outcome.passage_times = passages_[l].times;
    outcome.duty = passages_[l].duty;
    outcome.transition = passages_[l].transition;
    outcome.memristance_low = lane(memristance_low_, l);
    outcome.memristance_high = lane(memristance_high_, l);
    outcome.switched = lane(switched_, l);
    outcome.absorbed = lane(absorbed_, l);
    outcome.accepted = lane(accepted_, l);
    outcome.rejected = lane(rejected_, l);
    outcome.events = lane(events_, l);
    source.end(l, outcome);
  }

  /// Computes regime, pins and slope of the lanes that have just started a piece or reached an event. A variable that
  /// has just reached its bound stays pinned, and one that has just been released stays free, because the sign of a
  /// drift of nearly zero may be rounding.
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
        const M positive = device_.guard(k, x_, by_state ? now : middle) > T(0.0);
        regime_[k] = choose(by_state ? begun && together_[next - 1] == T(0.0) : begun, positive, regime_[k]);
      }
    }
    find_rates(now);
    if (any(begun)) {
      if constexpr (Integrals) jump(begun, drive_(s_));
      for (M& leaves : leaves_) leaves = and_not(leaves, begun);
    }
    sort_variables(fresh_, now, middle);
    if (series_device_ && !state_guards_.empty()) decide_sliding(now, middle);
    if (options_.method == Method::rosenbrock4) stiff_ = choose(fresh_, !sliding_, stiff_);
    // no variable moves; each that would move is pinned. Without a state steps show whether there is an input
    M still(size_ > 0), held(size_ > 0);
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      v.reached = v.released = M(false);
      const M moves = device_.moves(i, regime_);
      still = and_not(still, moves);
      held = held && (v.pinned || !moves);
    }
    if (!state_guards_.empty() && any(sign_resting_guards())) {
      for (std::size_t i = 0; i < size_; ++i) {  // keep the decisions about the variables
        Variable& v = variables_[i];
        v.reached = fresh_ && v.pinned;
        v.released = and_not(fresh_ && v.side != T(0.0), v.pinned);
      }
      return settle(M(false));
    }
    watch_bounds(fresh_, x_, middle);
    if (!levels_.empty()) watch_levels(fresh_);
    // a device that rests throughout its piece continues at its end
    M rests = held && drive_.constant();
    if (state_guards_.empty()) rests = rests || still;
    rests = and_not(fresh_ && rests && now == now, sliding_);
    if (any(rests)) rest(rests);
    s_ = select(rests, end_, s_);
    pinning_ = false;
    for (const Variable& v : variables_) pinning_ = pinning_ || any(v.pinned && alive_ && s_ < end_);
    derivative(x_, trial_slope_, s_);
    for (std::size_t j = 0; j < size_; ++j) slope_[j] = select(fresh_, trial_slope_[j], slope_[j]);
    proven_ = select(fresh_, T(0.0), proven_);
    for (std::size_t i = 0; i < size_; ++i) {  // limit the first step, as the Integrator does
      const T crossing = T(device_.scale(i)) / abs(slope_[i]);
      h_ = select(fresh_ && crossing < h_, crossing, h_);
    }
    observe(fresh_, x_, s_);
  }

  /// Computes the factors of drifts that depend on the input alone.
  void find_rates(const T& now) {
    if (device_.factored())
      for (std::size_t i = 0; i < size_; ++i) rates_[i] = device_.rate(i, now, regime_);
  }
  /// Decides which variables are pinned to a bound, in the given lanes.
  void sort_variables(const M& where, const T& now, const T& middle) {
    using std::abs;
    std::vector<T> free, free_middle;  // drifts of states that slide
    if (any(where && sliding_)) {
      for (const bool later : {false, true}) {
        const T part = look_at_sides(x_, later ? T(s_ + T(0.5) * (end_ - s_)) : s_);
        std::vector<T>& drifts = later ? free_middle : free;
        for (std::size_t i = 0; i < size_; ++i) drifts.push_back(sides_.drift_along(i, part));
      }
    }
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      const T side =
          select(x_[i] >= T(device_.upper(i)), T(1.0), select(x_[i] <= T(device_.lower(i)), T(-1.0), T(0.0)));
      M pin(false);
      if (any(side != T(0.0))) {
        const M moves = device_.moves(i, regime_) || sliding_;
        T drift_now = drift(i, x_, now);
        T drift_middle = drift(i, x_, middle);
        if (!free.empty()) {
          drift_now = select(sliding_, free[i], drift_now);
          drift_middle = select(sliding_, free_middle[i], drift_middle);
        }
        T outward = side * drift_now;
        outward = select(abs(outward) * (end_ - s_) <= T(watch::undecided * device_.scale(i)), T(side * drift_middle),
                         outward);
        pin = side != T(0.0) && moves && !v.released &&
              (outward * (end_ - s_) >= T(-watch::negligible * device_.scale(i)) || v.reached);
      }
      v.pinned = choose(where, pin, v.pinned);
      v.side = select(where, side, v.side);
      v.leaves = {choose(where, side < T(0.0), v.leaves[0]), choose(where, side > T(0.0), v.leaves[1])};
    }
  }

  /// Decides which states slide from now on, by the rule of Integrator::keep_sliding(). If the port jumps at the guard,
  /// the state does not slide, and switches back and forth until the trajectory ends as switches_in_place.
  [[gnu::noinline]] void decide_sliding(const T& now, const T& middle) {
    using std::abs;
    const M slid = fresh_ && sliding_;
    M tries(false);
    for (std::size_t g = 0; g < slides_.size(); ++g) {
      const M one = and_not(fresh_ && located_[g], slid);
      slides_[g] = slides_[g] || one;
      located_[g] = and_not(located_[g], fresh_);
      tries = tries || one;
    }
    if (!any(slid || tries)) return;
    sliding_ = sliding_ || tries;
    if (any(tries)) sort_variables(tries, now, middle);
    const Regime<T> before = regime_;
    const std::vector<T> were = together_;
    M at_surface(false);
    for (std::size_t g = 0; g < slides_.size(); ++g)
      if (any(slides_[g])) at_surface = at_surface || (slides_[g] && is_zero(g));
    const M off = and_not(slid, at_surface);  // the drive has jumped: guards take the signs that they have in the state
    find_companions(and_not(slid || tries, off));
    (void)look_at_sides(x_, s_);
    M stays = and_not((slid || tries) && sides_.attract(), off);
    for (std::size_t g = 0; g < slides_.size(); ++g)  // guards that have switched together
      stays = and_not(stays, and_not(flipped_[g] && together_[g] == T(0.0), slid));
    if (any(stays)) {
      const Regime<T> kept = regime_;
      const T drive = drive_(s_);
      stays = and_not(
          stays, sides_.port_jumps(device_, x_, [&](std::size_t side, const State& beside, T& voltage, T& current) {
            take_side(side);
            const T u = input(beside, drive);
            voltage = device_.voltage(beside, u);
            current = device_.current(beside, u);
            regime_ = kept;
          }));
    }
    parted_ = parted_ || (stays && degenerate_);
    const M ends = and_not(slid || tries, stays);
    events_ += counted(ends && slid);
    const M leaves = and_not(ends && slid, off);
    const T u = input(x_, drive_(s_));
    for (std::size_t g = 0; g < slides_.size(); ++g) {
      M& sign = regime_[state_guards_[g]];
      if (!any(slid && were[g] != T(0.0)) && !any(and_not(ends, slid))) continue;
      const T here = guard_of(state_guards_[g], x_, drive_(s_), u);
      const M parted = slid && were[g] != T(0.0) && (off || together_[g] == T(0.0));
      sign = choose(and_not(ends, slid), before[state_guards_[g]], choose(parted, here > T(0.0), sign));
    }
    const M positive = !(sides_.rate[1] < T(0.0));
    leave_for(and_not(leaves, positive), 0, x_, u);
    leave_for(leaves && positive, 1, x_, u);
    end_sliding(ends);
    stiff_ = and_not(stiff_, sliding_);
    find_rates(now);
    sort_variables(slid || tries, now, middle);
  }
  void end_sliding(const M& where) {
    for (std::size_t g = 0; g < slides_.size(); ++g) {
      slides_[g] = and_not(slides_[g], where);
      together_[g] = select(where, T(0.0), together_[g]);
    }
    sliding_ = and_not(sliding_, where);
  }
  /// Ends sliding: the states move to one side of the guard.
  void leave_for(const M& where, std::size_t side, const State& at, const T& u) {
    using std::abs;
    if (!any(where)) return;
    for (std::size_t g = 0; g < slides_.size(); ++g) {
      const M here = where && together_[g] != T(0.0);
      if (!any(here)) continue;  // so also for guards of the source, along which no state slides
      M& sign = regime_[state_guards_[g]];
      sign = choose(here, on_side(g, side), sign);
      leaves_[g] = leaves_[g] || here;
      surface_[g] = select(here, T(abs(device_.guard(state_guards_[g], at, u))), surface_[g]);
    }
    end_sliding(where);
  }
  /// See Integrator::find_companions().
  void find_companions(const M& where) {
    for (std::size_t g = 0; g < slides_.size(); ++g)
      together_[g] = select(where, select(slides_[g], T(1.0), T(0.0)), together_[g]);
    degenerate_ = and_not(degenerate_, where);
    (void)look_at_sides(x_, s_);
    for (std::size_t g = 0; g < slides_.size(); ++g) {
      if (state_guards_[g] >= guards_) continue;
      M candidate = and_not(where, slides_[g]);
      if (any(candidate)) candidate = candidate && is_zero(g);
      if (!any(candidate)) continue;
      together_[g] = select(candidate, orientation(g), together_[g]);
      const M crosses = candidate && together_[g] == T(0.0);
      if (!any(crosses)) continue;
      const auto moved = [&](std::size_t i, const T& distance) {
        trial_ = x_;
        trial_[i] += distance;
        return device_.guard(state_guards_[g], trial_, input(trial_, drive_(s_)));
      };
      degenerate_ = degenerate_ || (crosses && derivatives_vanish<T>(device_, slopes_of(alone(g)), moved));
    }
  }
  /// See Integrator::orientation().
  [[nodiscard]] T orientation(std::size_t g) {
    return same_surface(device_, slopes_of(slides_), slopes_of(alone(g)), sides_.pace(device_));
  }
  /// One guard in every lane.
  [[nodiscard]] Regime<T> alone(std::size_t g) const {
    Regime<T> which(slides_.size(), M(false));
    which[g] = M(true);
    return which;
  }
  /// The derivatives of the given guard of each lane with respect to each variable, then time.
  [[nodiscard]] std::vector<T> slopes_of(const Regime<T>& which) {
    std::vector<T> slopes;
    std::vector<T> direction(size_, T(0.0));
    const T drive = drive_(s_);
    for (std::size_t i = 0; i < size_; ++i) {
      direction[i] = T(1.0);
      slopes.push_back(guard_rate(which, x_, direction, drive, T(0.0)));
      direction[i] = T(0.0);
    }
    slopes.push_back(guard_rate(which, x_, direction, drive, drive_.rate(s_)));
    return slopes;
  }
  /// The lanes in which a guard is zero at the start of the step, within the tolerance.
  [[nodiscard]] M is_zero(std::size_t g) {
    using std::abs;
    const T drive = drive_(s_);
    const auto value = [&](const State& at) { return device_.guard(state_guards_[g], at, input(at, drive)); };
    const T here = value(x_);
    T slack(0.0);
    for (std::size_t i = 0; i < size_; ++i) {
      trial_ = x_;
      trial_[i] += tolerated(i, T(abs(x_[i])));
      slack += abs(value(trial_) - here);
    }
    return abs(here) <= T(watch::most_departure) * slack;
  }
  /// The value of the guard along which a state slides, in a state at the start of the step.
  [[nodiscard]] T guard_along(const State& at) const {
    const T drive = drive_(s_);
    const T u = input(at, drive);
    T value(0.0);
    for (std::size_t g = 0; g < slides_.size(); ++g)
      if (any(slides_[g])) value = select(slides_[g], device_.guard(state_guards_[g], at, u), value);
    return value;
  }
  /// The sign that a guard has on a side of the one along which a state slides.
  [[nodiscard]] M on_side(std::size_t g, std::size_t side) const {
    return side == 1 ? together_[g] > T(0.0) : together_[g] < T(0.0);
  }
  /// Sets the guards along which states slide, and those that are zero with them, to the signs of one side.
  void take_side(std::size_t side) {
    for (std::size_t g = 0; g < slides_.size(); ++g)
      regime_[state_guards_[g]] = choose(together_[g] != T(0.0), on_side(g, side), regime_[state_guards_[g]]);
  }
  /// Evaluates the drifts on both sides of these guards; see Integrator::look_at_sides().
  [[gnu::noinline]] T look_at_sides(const State& at, const T& time) {
    const Regime<T> kept = regime_;
    const T drive = drive_(time);
    const T drive_rate = drive_.rate(time);
    for (const std::size_t side : {0, 1}) {
      take_side(side);
      std::vector<T>& free = sides_.free[side];
      std::vector<T>& velocity = sides_.velocity[side];
      free.resize(size_, T(0.0));
      velocity.resize(size_, T(0.0));
      const T u = input(at, drive);
      for (std::size_t i = 0; i < size_; ++i) {
        free[i] = select(device_.moves(i, regime_), device_.drift(i, at, u, regime_), T(0.0));
        velocity[i] = select(variables_[i].pinned, T(0.0), free[i]);
      }
      sides_.rate[side] = guard_rate(slides_, at, velocity, drive, drive_rate);
    }
    regime_ = kept;
    return sides_.share();
  }
  /// The rate of the given guard of each lane, by series of order 1.
  [[nodiscard]] T guard_rate(const Regime<T>& which, const State& at, const std::vector<T>& velocity, const T& drive,
                             const T& drive_rate) {
    std::vector<std::array<T, 2>> numbers;
    for (std::size_t i = 0; i < size_; ++i) numbers.push_back({at[i], velocity[i]});
    numbers.push_back({drive, drive_rate});
    std::vector<Series<T>> x;
    for (std::size_t i = 0; i < size_; ++i) x.push_back(Series<T>::of(numbers[i].data()));
    first_order_.clear();
    const typename SeriesTape<T>::InUse in_use(first_order_);
    const Series<T> u = series_device_->input(x, Series<T>::of(numbers.back().data()), regime_);
    std::vector<Series<T>> guards(slides_.size());
    for (std::size_t g = 0; g < slides_.size(); ++g)
      if (any(which[g])) guards[g] = series_device_->guard(state_guards_[g], x, u);
    first_order_.run(1);
    T rate(0.0);
    for (std::size_t g = 0; g < slides_.size(); ++g) rate = select(which[g], guards[g][1], rate);
    return rate;
  }
  /// See Integrator::return_to_surface(); for the given lanes after their steps.
  void return_to_surface(const M& where) {
    using std::abs;
    using std::max;
    using std::min;
    if (!any(where)) return;
    (void)look_at_sides(x_, s_);
    const T off = guard_along(x_);
    for (std::size_t i = 0; i < size_; ++i) {
      const T back = x_[i] + sides_.way_back(i, off);
      x_[i] = select(where && abs(back) < T(infinite), min(T(device_.upper(i)), max(T(device_.lower(i)), back)), x_[i]);
    }
    for (std::size_t g = 0; g < slides_.size(); ++g)
      if (const M with = and_not(where && together_[g] != T(0.0), slides_[g]); any(with))
        parted_ = parted_ || and_not(with, is_zero(g) && orientation(g) == together_[g]);
  }

  /// Sets guards that rest with their variables to their actual sign, by the rule of Integrator::sign_resting_guards().
  /// @returns the lanes in which a guard changed sign
  [[nodiscard]] [[gnu::noinline]] M sign_resting_guards() {
    M signs(false);
    for (std::size_t g = 0; g < state_guards_.size(); ++g) {
      const std::size_t k = state_guards_[g];
      M resting = and_not(fresh_ && leaves_[g], sliding_);
      if (!any(resting)) continue;
      M pinned(false);
      for (const Variable& v : variables_) pinned = pinned || v.pinned;
      const T drive = drive_(s_);
      const T u = input(x_, drive);
      const T now = guard_of(k, x_, drive, u);
      const M positive = now > T(0.0);
      resting = resting && pinned && now == now && choose(regime_[k], !positive, positive);
      if (!any(resting)) continue;
      derivative(x_, trial_slope_, s_);
      for (std::size_t i = 0; i < size_; ++i) trial_[i] = x_[i] + h_ * trial_slope_[i];
      const T later = drive_(s_ + h_);
      resting = resting && guard_of(k, trial_, later, input(trial_, later)) == now;
      const M kept = regime_[k];
      regime_[k] = choose(resting, !kept, kept);
      const T flipped = input(x_, drive);
      for (std::size_t i = 0; i < size_; ++i) {
        const Variable& v = variables_[i];
        const T outward = select(device_.moves(i, regime_), T(v.side * device_.drift(i, x_, flipped, regime_)), T(0.0));
        resting = resting && (!v.pinned || outward * (end_ - s_) >= T(-watch::negligible * device_.scale(i)));
      }
      regime_[k] = choose(resting, regime_[k], kept);
      leaves_[g] = and_not(leaves_[g], resting);
      events_ += counted(resting);
      signs = signs || resting;
    }
    return signs;
  }

  [[nodiscard]] bool levels_of_port() const {
    return std::ranges::any_of(levels_, [](const WatchedLevel& one) { return one.level.of_port(); });
  }
  /// The quantity with a level, minus the level; NaN where it is not defined.
  T level_distance(const Level& level, const State& now, const T& drive, const T& u) const {
    return level_quantity(level, now, drive, u) - T(level.value);
  }
  T level_quantity(const Level& level, const State& now, const T& drive, const T& u) const {
    switch (level.variable) {
      case Level::memristance:
        return memristance(now, drive, u);
      case Level::conductance:
        return T(1.0) / memristance(now, drive, u);
      case Level::current:
        return device_.current(now, u);
      case Level::voltage:
        return device_.voltage(now, u);
      default:
        return state(static_cast<std::size_t>(level.variable), now);
    }
  }
  /// The distance from the level within which the tolerance decides the side.
  [[nodiscard]] double level_slack(const Level& level) const { return options_.relative * std::abs(level.value); }
  /// V/I [Ohm]; NaN if I = 0, and where the drive passes 0, because the drive there is rounding.
  T memristance(const State& now, const T& drive, const T& u) const {
    using std::abs;
    const T current = device_.current(now, u);
    return select(current == T(0.0) || abs(drive) < T(1e-9) * drive_.largest, T(std::nan("")),
                  T(device_.voltage(now, u) / current));
  }

  /// Variable i as a state, not a coordinate.
  T state(std::size_t i, const State& now) const { return device_.state(i, now[i]); }

  /// Stores, in the given lanes, when a bound is first found to have absorbed a variable.
  void watch_bounds(const M& where, const State& now, const T& u) {
    for (std::size_t i = 0; i < size_; ++i)
      absorbed_ = select(where && is_nan(absorbed_) && is_absorbed(device_, i, now, u, regime_, options_),
                         drive_.origin + s_, absorbed_);
  }

  /// Compares quantities with their levels, in the given lanes, at the start of a trajectory or a piece and after an
  /// event, where a quantity may jump.
  [[gnu::noinline]] void watch_levels(const M& where) {
    const T drive = drive_(s_);
    const T u = input(x_, drive);
    for (WatchedLevel& watched : levels_) watch_level(watched, where, level_distance(watched.level, x_, drive, u));
    time_transitions();
  }
  void watch_level(WatchedLevel& watched, const M& where, const T& distance) {
    const double slack = level_slack(watched.level);
    if (!any(and_not(where, watched.side * distance > T(slack)))) return;  // all are where they were
    for (std::size_t l = 0; l < lanes<T>; ++l) {
      const double side = lane(watched.side, l);
      const double off = side * lane(distance, l);
      if (!holds(where, l) || std::isnan(off)) continue;
      if (off < -slack) {
        pass_level(watched, l, lane(drive_.origin + s_, l), watch::not_on_surface);
      } else if (side == 0.0) {
        if (const double start = lane(distance, l); std::abs(start) > slack)
          set_lane(watched.side, l, std::copysign(1.0, start));
      } else if (off <= slack) {
        set_lane(watched.surface, l, std::max(lane(watched.surface, l), slack));
      }
    }
  }
  /// Records a passage of a level in one lane; from here on the quantity is on the other side.
  /// @param surface see WatchedLevel::surface
  void pass_level(WatchedLevel& watched, std::size_t l, double time, double surface) {
    const Level& level = watched.level;
    const double side = lane(watched.side, l);
    const Level::Direction direction = side > 0.0 ? Level::falling : Level::rising;
    set_lane(watched.side, l, -side);
    set_lane(watched.surface, l, surface);
    if (watched.role != WatchedLevel::own) {
      edges_[l].push_back({time, watched.role == WatchedLevel::high, direction});
      return;
    }
    if (level.every) {
      passages_[l].of[direction].add(time);
      passages_[l].duty.add(direction, time);
    }
    if (level.direction != Level::either && level.direction != direction) return;
    if (std::isnan(lane(switched_, l))) set_lane(switched_, l, time);
    if (std::vector<double>& times = passages_[l].times; times.size() < level.timed) times.push_back(time);
  }
  /// Takes the passages of both levels of the transition since the last call, in order of time.
  void time_transitions() {
    for (std::size_t l = 0; l < lanes<T>; ++l) {
      std::ranges::sort(edges_[l], std::less<>());
      for (const Edge& edge : edges_[l]) passages_[l].transition.add(edge.high, edge.direction, edge.time);
      edges_[l].clear();
    }
  }

  /// A function that is positive while the drift of a pinned variable points outward.
  /// @param share see Sides::share()
  T outward_drift(std::size_t i, const State& now, const T& u, const T& share) const {
    T own = drift(i, now, u);
    if (any(sliding_)) own = select(sliding_, sides_.drift_along(i, share), own);
    return variables_[i].side * own * h_ + T(watch::undecided * device_.scale(i));
  }
  bool inside_matters() const { return !state_guards_.empty() || pinning_; }

  /// The functions that are watched have numbers: first the guards that depend on the state; then the release of each
  /// variable from its bound; then, for each side of the guard along which the state slides, whether it still leads to
  /// the guard; then the lower and the upper bound of each variable.
  [[nodiscard]] std::size_t release_of(std::size_t i) const { return state_guards_.size() + i; }
  [[nodiscard]] std::size_t side_of(std::size_t side) const { return release_of(size_) + side; }
  [[nodiscard]] std::size_t bound_of(std::size_t i, std::size_t side) const { return side_of(2) + 2 * i + side; }
  /// Evaluates the watched functions, except the bounds, in a state at a local time; each is positive until its event.
  template <class To>
  void measure(const State& now, const T& at, const To& to, double rounding = 0.0) {
    using std::abs;
    const T share = any(sliding_) ? look_at_sides(now, at) : T(0.0);
    T drive = drive_(at);
    if (rounding > 0.0) drive += T(rounding) * (abs(drive) + abs(drive_.rate(at)) * at);
    const T u = input(now, drive);
    const T unknown = u - u;
    for (std::size_t g = 0; g < state_guards_.size(); ++g) {
      const T guard = guard_of(state_guards_[g], now, drive, u);
      to(g, T(select(together_[g] != T(0.0), T(1.0), select(regime_[state_guards_[g]], guard, -guard)) + unknown));
    }
    if (pinning_)
      for (std::size_t i = 0; i < size_; ++i) to(release_of(i), T(outward_drift(i, now, u, share) + unknown));
    if (any(sliding_))
      for (const std::size_t side : {0, 1})
        to(side_of(side), select(sliding_, T(side == 1 ? -sides_.rate[1] * h_ : sides_.rate[0] * h_), T(1.0)));
  }
  /// Sets `trial_` to the state at a share of the last step, from its dense output.
  void inside_of(const T& share) {
    for (std::size_t i = 0; i < size_; ++i) trial_[i] = curve_at(i, share);
  }
  /// Computes the dense output of the last step, of length h, and its hulls.
  void describe(const T& h) {
    if (!along_series_ || !all(has_series_)) find_curves(h);
    if (along_series_) find_long_curves(h);
    for (std::size_t i = 0; i < size_; ++i)
      hulls_[i] = along_series_ ? hull_of(long_curves_[i], bernstein_) : hull_of(curves_[i]);
  }
  /// Computes `long_curves_`; lanes without a series have the curves of the pair.
  void find_long_curves(const T& h) {
    const T sigma = h / series_.unit();
    for (std::size_t i = 0; i < size_; ++i) {
      Polynomial<T>& curve = long_curves_[i];
      series_.curve(i, sigma, curve);
      curve.resize(std::max(curve.size(), curves_[i].size()), T(0.0));  // the same degree, whatever the neighbours are
      if (all(has_series_)) continue;
      for (std::size_t k = 0; k < curve.size(); ++k)
        curve[k] = select(has_series_, curve[k], k < curves_[i].size() ? curves_[i][k] : T(0.0));
    }
  }
  void find_curves(const T& h) {
    const std::span<Quintic<T>> curves(curves_);
    if (!any(and_not(alive_, stiff_))) {  // no step of a pair has been made
      for (Quintic<T>& curve : curves_) curve = {};
    } else if (plain_) {
      dormand_prince_.dense({x_, slope_}, {out_, slope_out_}, h, curves);
    } else {
      stepper_.dense({x_, slope_}, {out_, slope_out_}, h, curves);
    }
    if (!any(stiff_)) return;
    for (std::size_t i = 0; i < size_; ++i) {
      const auto [bend, twist] = rosenbrock_.bend_and_twist(i);
      const Quintic<T> own{x_[i], out_[i] - x_[i] + bend, twist - bend, -twist, T(0.0), T(0.0)};
      for (std::size_t k = 0; k < own.size(); ++k) curves_[i][k] = select(stiff_, own[k], curves_[i][k]);
    }
  }
  /// Compares the drift along the curves with their slopes at a share of the step. Raises `doubts_` to the difference
  /// times the length of the step, if that is larger.
  void find_doubts(const M& where, double share, const T& h) {
    inside_of(T(share));
    derivative(trial_, trial_slope_, s_ + T(share) * h);
    for (std::size_t i = 0; i < size_; ++i) {
      raise_doubt(where, i, h * trial_slope_[i] - curve_slope(i, T(share)));
    }
  }
  void raise_doubt(const M& where, std::size_t i, const T& departs) {
    using std::abs;
    const T size = abs(departs);
    const M larger = and_not(where, size <= doubts_[i]);
    doubts_[i] = select(larger, select(is_nan(size), T(infinite), size), doubts_[i]);
  }
  /// Sets `doubts_`, in lanes of rosenbrock4, to the difference between a step of half the length and the curves.
  /// Slopes are not compared, because in stiff variables they magnify the errors.
  void try_half(const T& h) {
    using std::abs;
    const State end = out_;
    const State slope_end = slope_out_;
    const State error = error_;
    step(T(0.5) * h);
    for (std::size_t i = 0; i < size_; ++i)
      doubts_[i] = select(stiff_, T(abs(out_[i] - curve_at(i, T(0.5)))), doubts_[i]);
    out_ = end;
    slope_out_ = slope_end;
    error_ = error;
  }
  /// The lanes in which the dense output agrees with the drift; meaningful in the given lanes only. The error estimate
  /// of a bold step can be small by chance.
  /// @param bold the lanes whose steps have grown
  [[nodiscard]] M confirmed(const M& where, const M& bold, const T& h) {
    std::fill(doubts_.begin(), doubts_.end(), T(0.0));
    if (any(stiff_ && where)) try_half(h);
    if (const M by_pair = and_not(where, has_series_ || stiff_); any(by_pair))
      for (const double share : watch::confirm_at(options_.loosest())) find_doubts(by_pair, share, h);
    if (any(has_series_)) {
      for (std::size_t i = 0; i < size_; ++i) raise_doubt(has_series_, i, h * slope_out_[i] - curve_slope(i, T(1.0)));
      if (const M boldly = bold && has_series_; any(boldly))
        for (const double share : watch::inside) find_doubts(boldly, share, h);
    }
    M good(true);
    for (std::size_t i = 0; i < size_; ++i)
      good = good && doubts_[i] <= T(watch::most_departure) * tolerated(i, magnitude(i));
    return good;
  }

  /// Finds the accepted lanes with an event within the step, which start its location (landing_). Lanes in which a
  /// value is not finite are added to `nowhere`, those that need a shorter step to `unresolved`.
  [[gnu::noinline]] void find_switches(const M& accept, M& nowhere, M& unresolved) {
    using std::abs;
    std::fill(doubts_.begin(), doubts_.end(), T(0.0));
    if (!plain_ && !stepper_.dense_to_order()) {
      for (const double share : watch::doubt_at) find_doubts(M(true), share, h_);
      for (T& doubt : doubts_) doubt *= T(watch::curve_of_slope);
    }
    if (const M doubtful = accept && stiff_ && doubts_matter(); any(doubtful)) {
      try_half(h_);
      for (T& doubt : doubts_) doubt = select(and_not(stiff_, doubtful), T(0.0), doubt);
    }
    M near(false);  // lanes in which a bound may be reached
    for (std::size_t i = 0; i < size_; ++i) {
      const Hull<T>& hull = hulls_[i];
      const T upper(device_.upper(i));
      const T lower(device_.lower(i));
      near = near || and_not(accept && (hull.largest + doubts_[i] > upper + tolerated(i, T(abs(upper))) ||
                                        hull.least - doubts_[i] < lower - tolerated(i, T(abs(lower)))),
                             variables_[i].pinned);
    }
    const bool inside = inside_matters();
    if (!inside && !any(near)) return;
    T limit(1.0);
    M found(false);
    for (std::size_t l = 0; any(near) && l < lanes<T>; ++l) {
      if (!holds(near, l)) continue;
      Switch first;
      if (!first_bound(l, first) && !is_shortest(l)) unresolved = unresolved || lane_mask_[l];
      if (first.some) found = found || lane_mask_[l];
      set_lane(limit, l, first.share);
      switch_[l] = first;
    }
    if (inside) find_inside(and_not(accept, unresolved), limit, found, nowhere, unresolved);
    found = and_not(and_not(found, nowhere), unresolved);
    for (std::size_t l = 0; any(found) && l < lanes<T>; ++l)
      if (holds(found, l)) set_lane(share_, l, switch_[l].share);
    landing_ = landing_ || found;
  }
  /// The lanes in which errors of the curves matter, by the rule of Integrator::doubts_matter().
  [[nodiscard]] M doubts_matter() const {
    M matters(!state_guards_.empty());
    for (std::size_t i = 0; i < size_; ++i) {
      const Hull<T>& hull = hulls_[i];
      const T width = hull.largest - hull.least;
      matters = matters || variables_[i].pinned || hull.largest + width > T(device_.upper(i)) ||
                hull.least - width < T(device_.lower(i));
    }
    return matters;
  }
  [[nodiscard]] bool is_shortest(std::size_t l) const {
    return watch::is_shortest(lane(s_, l), lane(h_, l), lane(end_, l));
  }
  /// Finds the first bound that is reached in the step of a lane. @returns false if that is unresolved
  bool first_bound(std::size_t l, Switch& first) const {
    for (std::size_t i = 0; i < size_; ++i) {
      const Variable& v = variables_[i];
      if (holds(v.pinned, l)) continue;
      for (const std::size_t side : {0, 1}) {
        const double bound = lane(T(side == 1 ? device_.upper(i) : device_.lower(i)), l);
        if (!std::isfinite(bound)) continue;
        const Hull<double> hull{lane(hulls_[i].least, l), lane(hulls_[i].largest, l)};
        const double slack = lane(tolerated(i, T(std::abs(bound))), l);
        const double doubt = lane(doubts_[i], l);
        if (side == 1 ? hull.largest + doubt <= bound + slack : hull.least - doubt >= bound - slack) continue;
        watch::Values<double> room;
        for (std::size_t node = 0; node < watch::nodes; ++node) {
          const double value = curve_at(i, l, watch::share[node]);
          room[node] = (side == 1 ? bound - value : value - bound) + slack;
        }
        const auto seen = watch::examine(
            room, [slack](double) { return slack; }, doubt, holds(v.leaves[side], l) ? 0.0 : watch::not_on_surface);
        if (seen.kind == watch::Finding::unresolved) return false;
        if (keep_first(first, bound_of(i, side), seen, 0.0, 1.0)) first.slack = slack;
      }
    }
    return true;
  }
  /// Stores a root if it is the first event so far. @returns true if it is
  static bool keep_first(Switch& first, std::size_t what, const watch::Finding& seen, double from, double to) {
    if (seen.kind != watch::Finding::crossing) return false;
    const double share = from + seen.share * (to - from);
    const bool earlier = !first.some || share < first.share;
    if (earlier) first = {true, what, share, seen.slope / (to - from)};
    return earlier;
  }
  /// Finds the first event of the functions that are evaluated along the curves, up to the share `limit` of the step.
  void find_inside(const M& where, const T& limit, M& found, M& nowhere, M& unresolved) {
    using std::abs;
    const std::size_t count = any(sliding_) ? side_of(2) : release_of(pinning_ ? size_ : 0);
    values_.resize(count);
    doubt_.assign(count, T(0.0));
    const T parts = parts_of_step();
    M open = where;
    for (double part = 0; any(open); ++part) {
      const T from = T(part) / parts * limit;
      const T to = select(T(part + 1) < parts, T(T(part + 1) / parts * limit), limit);
      for (std::size_t node = 0; node < watch::nodes; ++node) {
        const T share = node + 1 < watch::nodes ? T(from + T(watch::share[node]) * (to - from)) : to;
        inside_of(share);
        measure(trial_, s_ + share * h_,
                [&](std::size_t f, const T& value) { values_[f][node] = select(open, value, values_[f][node]); });
      }
      if (any(stiff_) || (!plain_ && !stepper_.dense_to_order())) {
        inside_of(to);
        for (std::size_t i = 0; i < size_; ++i) trial_[i] += doubts_[i];
        measure(trial_, s_ + to * h_, [&](std::size_t f, const T& value) {
          const T size = abs(value - values_[f].back());
          doubt_[f] = select(size < T(infinite), size, T(0.0));
        });
      }
      for (std::size_t f = 0; f < count; ++f) {
        const bool guard = f < state_guards_.size();
        const M leaves = guard && part == 0 ? leaves_[f] : M(false);
        M doubtful = open && (leaves || !watch::stays_positive(values_[f], doubt_[f]));
        if (!guard) doubtful = doubtful && (f < side_of(0) ? variables_[f - release_of(0)].pinned : sliding_);
        for (std::size_t l = 0; any(doubtful) && l < lanes<T>; ++l)
          if (holds(doubtful, l))
            examine_lane(l, f, {lane(from, l), lane(to, l), part == 0}, found, nowhere, unresolved);
      }
      open = and_not(and_not(open, nowhere), unresolved) && T(part + 1) < parts;
      for (std::size_t l = 0; any(found && open) && l < lanes<T>; ++l)
        if (holds(found && open, l) && switch_[l].share <= lane(to, l)) open = and_not(open, lane_mask_[l]);
    }
  }
  /// The number of parts of the step in each of which functions of the state are evaluated; the last part is shorter.
  [[nodiscard]] T parts_of_step() const {
    using std::max;
    using std::min;
    T move(0.0);  // ranges
    for (std::size_t i = 0; i < size_; ++i) {
      const Hull<T>& hull = hulls_[i];
      move = max(move, T((hull.largest - hull.least) / T(device_.scale(i))));
    }
    return min(max(T(move * T(1 / watch::most_move)), T(1.0)), T(watch::most_parts_of_step));
  }
  /// The change of a function, at a share of the step of each lane, if the state shifts by its tolerance and the drive
  /// by its rounding.
  [[nodiscard]] T slack_at(std::size_t f, const T& share) {
    using std::abs;
    T here(0.0);
    T shifted(0.0);
    inside_of(share);
    measure(trial_, s_ + share * h_, [&](std::size_t g, const T& value) { here = g == f ? value : here; });
    for (std::size_t i = 0; i < size_; ++i)
      trial_[i] += select(variables_[i].pinned, T(0.0), tolerated(i, T(abs(trial_[i]))));
    measure(
        trial_, s_ + share * h_, [&](std::size_t g, const T& value) { shifted = g == f ? value : shifted; },
        watch::rounding_of_drive);
    const T size = abs(shifted - here);
    const bool release = f >= release_of(0) && f < side_of(0);
    return select(size < T(infinite), size, T(0.0)) +
           T(release ? T(options_.absolute * device_.scale(f - release_of(0))) : T(0.0));
  }
  /// A part of a step, by its shares.
  struct StepPart {
    double from, to;
    bool first;
  };
  void examine_lane(std::size_t l, std::size_t f, const StepPart& part, M& found, M& nowhere, M& unresolved) {
    watch::Values<double> values;
    bool known = true;
    for (std::size_t node = 0; node < watch::nodes; ++node) {
      values[node] = lane(values_[f][node], l);
      known = known && std::isfinite(values[node]);
    }
    const bool leaves = part.first && f < state_guards_.size() && holds(leaves_[f], l);
    const watch::Slack slack = [&](double share) {
      return lane(slack_at(f, T(part.from + share * (part.to - part.from))), l);
    };
    auto seen =
        watch::examine(values, slack, lane(doubt_[f], l), leaves ? lane(surface_[f], l) : watch::not_on_surface);
    if (seen.kind == watch::Finding::unresolved) {
      if (!known) {
        nowhere = nowhere || lane_mask_[l];
      } else if (!is_shortest(l)) {
        unresolved = unresolved || lane_mask_[l];
      } else if (values.back() < 0) {
        seen.kind = watch::Finding::crossing;
      }
    }
    if (seen.kind != watch::Finding::crossing) return;
    if (!holds(found, l)) switch_[l] = {};
    if (keep_first(switch_[l], f, seen, part.from, part.to)) switch_[l].slack = slack(seen.share);
    found = found || lane_mask_[l];
  }

  /// Event location, after a step up to the estimated root: the lanes that have `landed` on the event; the others get a
  /// better estimate from the value of the function here (secant steps).
  [[gnu::noinline]] void correct(const T& tried, M& landed, M& nowhere, M& unresolved) {
    current_.resize(bound_of(0, 0));
    measure(out_, s_ + tried, [&](std::size_t f, const T& value) { current_[f] = value; });
    for (std::size_t l = 0; l < lanes<T>; ++l) {
      if (!holds(landing_, l)) continue;
      Switch& at = switch_[l];
      const double value = at.what < bound_of(0, 0) ? lane(current_[at.what], l) : bound_room(at.what, l);
      bool done = false;
      if (!std::isfinite(value)) {
        nowhere = nowhere || lane_mask_[l];
        landing_ = and_not(landing_, lane_mask_[l]);
        continue;
      }
      const bool shortest = is_shortest(l);
      if ((at.share == 0.0 && value <= 0.0) || shortest || std::abs(value) <= watch::located * at.slack) done = true;
      if (at.share_before >= 0 && at.share != at.share_before) {
        const double secant = (value - at.before) / (at.share - at.share_before);
        if (secant < 0) at.slope = secant;
      }
      // a step that begins on the surface has a zero at its start, which is not the root to locate
      const double least = begins_on_surface(at.what, l) ? 0.5 * at.share : 0.0;
      const double next = std::clamp(at.share - value / at.slope, least, 1.0);
      bool lost = !done && at.share == 0.0 && at.corrections > 0;
      ++at.corrections;
      lost = lost || (!done && at.corrections == watch::most_corrections);
      if (!done && !(std::abs(next - at.share) > watch::digits_of_share(lane(s_, l), lane(h_, l)))) {
        lost = std::abs(value) > at.slack && next == 1.0;
        done = !lost;
      }
      if (done || lost) {
        landing_ = and_not(landing_, lane_mask_[l]);
        (done ? landed : unresolved) = (done ? landed : unresolved) || lane_mask_[l];
        continue;
      }
      at.before = value;
      at.share_before = at.share;
      at.share = next;
      set_lane(share_, l, next);
    }
  }
  [[nodiscard]] bool begins_on_surface(std::size_t what, std::size_t l) const {
    if (what < state_guards_.size()) return holds(leaves_[what], l);
    if (what < bound_of(0, 0)) return false;
    const std::size_t bound = what - bound_of(0, 0);
    return holds(variables_[bound / 2].leaves[bound % 2], l);
  }
  [[nodiscard]] double bound_room(std::size_t what, std::size_t l) const {
    const std::size_t i = (what - bound_of(0, 0)) / 2;
    const double value = lane(out_[i], l);
    return what == bound_of(i, 1) ? lane(T(device_.upper(i)), l) - value : value - lane(T(device_.lower(i)), l);
  }

  /// Marks the guards and bounds whose surface a state has left in the step of these lanes, so that they are checked
  /// without the zero at the start again.
  void leave_surfaces(const M& where) {
    using std::abs;
    for (std::size_t g = 0; g < leaves_.size(); ++g)
      if (any(leaves_[g] && where))
        leaves_[g] = and_not(leaves_[g],
                             where && together_[g] == T(0.0) && values_[g].back() > surface_[g] + slack_at(g, T(1.0)));
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      const T tolerance = tolerated(i, T(abs(out_[i])));
      v.leaves[0] = and_not(v.leaves[0], where && out_[i] - T(device_.lower(i)) > tolerance);
      v.leaves[1] = and_not(v.leaves[1], where && T(device_.upper(i)) - out_[i] > tolerance);
    }
  }

  /// Applies the events of the landed lanes, in the state `out_` at local time `at`: those that were located, and those
  /// of other functions that change sign there.
  [[gnu::noinline]] void apply(const M& landed, const T& at) {
    using std::abs;
    using std::max;
    Regime<T> chosen(bound_of(size_, 0), M(false));
    T slack(0.0);
    T leeway(0.0);
    for (std::size_t l = 0; l < lanes<T>; ++l) {
      if (!holds(landed, l)) continue;
      const Switch& one = switch_[l];
      chosen[one.what] = chosen[one.what] || lane_mask_[l];
      set_lane(slack, l, one.slack);
      set_lane(leeway, l, lane(h_, l) * watch::leeway(one.slack, one.slope, lane(s_, l), lane(h_, l)));
    }
    current_.resize(bound_of(0, 0));
    measure(x_, s_, [&](std::size_t f, const T& value) { current_[f] = value; });  // at the start of the step
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      const T upper(device_.upper(i));
      const T lower(device_.lower(i));
      const M above = landed && !v.pinned && (out_[i] > upper || chosen[bound_of(i, 1)]);
      const M below = landed && !v.pinned && (out_[i] < lower || chosen[bound_of(i, 0)]);
      out_[i] = select(above, upper, select(below, lower, out_[i]));
      v.released = chosen[release_of(i)];
      v.reached = above || below;
      events_ += counted(v.released) + counted(above || below);
    }
    const T drive = drive_(at);
    const T u = input(out_, drive);
    leeway = select(sliding_, T(0.0), leeway);
    for (std::size_t i = 0; i < size_; ++i) trial_[i] = out_[i] + leeway * slope_out_[i];
    Regime<T> negative(state_guards_.size(), M(false));
    measure(trial_, at + leeway, [&](std::size_t f, const T& value) {
      if (f < negative.size()) negative[f] = value < T(0.0);
    });
    for (std::size_t g = 0; g < state_guards_.size(); ++g) {
      const std::size_t k = state_guards_[g];
      const T guard = guard_of(k, out_, drive, u);
      const M becomes = negative[g] || select(regime_[k], guard, -guard) < T(0.0);
      const M held = landed && together_[g] != T(0.0);
      const M flips = and_not(landed && (chosen[g] || and_not(becomes, leaves_[g])), held);
      regime_[k] = choose(flips, !regime_[k], regime_[k]);
      const T near = max(select(chosen[g], slack, T(0.0)), T(T(watch::continuous) * abs(current_[g])));
      const M came = flips && abs(guard) <= near;  // otherwise the input has jumped
      leaves_[g] =
          choose(and_not(landed, held), came || (and_not(leaves_[g], flips) && abs(guard) <= surface_[g]), leaves_[g]);
      surface_[g] = select(flips, T(abs(guard)), surface_[g]);
      events_ += counted(flips);
      // the input is continuous at a limit of the source, so the state does not slide there
      const M own = k < guards_ ? and_not(flips && chosen[g], sliding_) : M(false);
      located_[g] = choose(landed, own, located_[g]);
      flipped_[g] = choose(landed, flips, flipped_[g]);
    }
    if (any(landed && sliding_)) let_go(landed, chosen, u);
  }
  /// Ends sliding in the lanes in which a side no longer leads to the guard: the state moves to that side.
  void let_go(const M& landed, const Regime<T>& chosen, const T& u) {
    for (const std::size_t side : {0, 1}) {
      const M ends = landed && sliding_ && chosen[side_of(side)];
      events_ += counted(ends);
      leave_for(ends, side, out_, u);
    }
  }

  /// Sets variables to their bounds if they reach them within the resolution of time. @returns the given lanes in which
  /// one did
  [[nodiscard]] [[gnu::noinline]] M arrive(const M& where) {
    using std::abs;
    M arrived(false);
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      const T bound = select(slope_[i] > T(0.0), T(device_.upper(i)), T(device_.lower(i)));
      const T way = abs(bound - x_[i]);
      const M here = and_not(where && way > T(0.0) && way <= tolerated(i, T(abs(x_[i]))) &&
                                 way <= abs(slope_[i]) * T(step_control::digits_of_time) * end_,
                             arrived);
      x_[i] = select(here, bound, x_[i]);
      v.reached = v.reached || here;
      events_ += counted(here);
      arrived = arrived || here;
    }
    fresh_ = fresh_ || arrived;
    h_ = select(arrived, end_ - s_, h_);
    return arrived;
  }

  /// Updates the reductions by an accepted step of length `tried`, along its dense output.
  void observe_step(const M& accept, const T& tried, LaneSource& source) {
    const M where = accept && tried > T(0.0);
    if (sampling_) sample_step(where, tried, source);
    observe_turns(where, tried);
    M turning(false);
    for (std::size_t i = 0; i < size_; ++i)  // without those beyond a bound by rounding
      turning = turning || (slope_[i] * slope_out_[i] < T(0.0) && out_[i] <= T(device_.upper(i)) &&
                            out_[i] >= T(device_.lower(i)));
    turning = turning && where;
    if (any(turning)) watch_bounds(turning, out_, input(out_, drive_(s_ + tried)));
    if constexpr (Integrals) {
      observe_memristances(where, tried);
      integrate(where, tried);
    }
    if (!levels_.empty()) find_levels(where, tried);
  }
  void find_levels(const M& where, const T& tried) {
    for (WatchedLevel& watched : levels_) find_level(watched, where, tried);
    time_transitions();
  }
  /// Finds when a level is passed: the roots of polynomials through the distance from the level along the curves, in
  /// parts of the step that are as short as needed.
  [[gnu::noinline]] void find_level(WatchedLevel& watched, const M& where, const T& tried) {
    using std::min;
    M open = watched.level.every ? where : where && is_nan(switched_);
    const T longest = min(drive_.longest / tried, T(1.0));  // less than 1 only while a device rests
    double shortest = 1.0;
    for (std::size_t l = 0; l < lanes<T>; ++l)
      if (holds(open, l)) shortest = std::fmin(shortest, lane(longest, l));
    T from(0.0);
    T to = longest;
    for (double part = 0; part * shortest < most_parts && any(open); ++part) {
      const watch::Values<T> distances = level_distances(watched.level, open, from, to, tried);
      for (std::size_t l = 0; l < lanes<T>; ++l) {
        if (!holds(open, l)) continue;
        watch::Values<double> values;
        for (std::size_t node = 0; node < watch::nodes; ++node) values[node] = lane(distances[node], l);
        const StepPart next = follow_level(watched, l, values, {lane(from, l), lane(to, l), false}, lane(tried, l));
        if (next.from == 1.0) open = and_not(open, lane_mask_[l]);
        set_lane(from, l, next.from);
        set_lane(to, l, std::min({1.0, next.to, next.from + lane(longest, l)}));
      }
    }
  }
  /// The distances from the level at the nodes of a part of the step; next to a node, where there is none at the node.
  [[nodiscard]] watch::Values<T> level_distances(const Level& level, const M& open, const T& from, const T& to,
                                                 const T& tried) {
    watch::Values<T> distances;
    for (std::size_t node = 0; node < watch::nodes; ++node) {
      const auto distance = [&](double theta) {
        const T share = from + T(theta) * (to - from);
        inside_of(share);
        const T drive = drive_(s_ + share * tried);
        return T(level_distance(level, trial_, drive, input(trial_, drive)));
      };
      distances[node] = distance(watch::share[node]);
      if (any(open && is_nan(distances[node])))  // no memristance at I = 0
        distances[node] =
            select(is_nan(distances[node]), distance(node == 0 ? 1e-4 : watch::share[node] - 1e-4), distances[node]);
    }
    return distances;
  }
  /// Follows the quantity with the level through a part of the step of one lane, given its distances from the level.
  /// @returns the part to follow next, which begins at 1 if there is none
  [[nodiscard]] StepPart follow_level(WatchedLevel& watched, std::size_t l, watch::Values<double> distances,
                                      const StepPart& part, double tried) {
    const double a = part.from;
    const double b = part.to;
    const StepPart beyond{b, b + 2 * (b - a), false};
    double largest = 0.0;
    for (const double distance : distances) largest = std::fmax(largest, std::abs(distance));
    const double surface = std::max(level_slack(watched.level), on_level * largest);
    if (lane(watched.side, l) == 0.0) begin_level(watched, l, distances, surface);
    const double side = lane(watched.side, l);
    if (side == 0.0) return beyond;
    for (double& distance : distances) distance *= side;
    auto seen = watch::examine(distances, [](double) { return 0.0; }, 0.0, lane(watched.surface, l));
    if (seen.kind == watch::Finding::unresolved) {
      if (b - a > shortest_part && largest > 0.0) return {a, 0.5 * (a + b), false};
      seen = {distances.back() < 0.0 ? watch::Finding::crossing : watch::Finding::clear};
    }
    if (seen.kind == watch::Finding::clear) {
      if (distances.back() > lane(watched.surface, l)) set_lane(watched.surface, l, watch::not_on_surface);
      return beyond;
    }
    const double share = a + seen.share * (b - a);
    if (b - a > finest_level)  // repeat in a shorter part around it
      return {std::max(a, share - (b - a) / 8), std::min(b, share + (b - a) / 8), false};
    pass_level(watched, l, lane(drive_.origin, l) + lane(s_, l) + share * tried, surface);
    if (!watched.level.every && !std::isnan(lane(switched_, l))) return {1.0, 1.0, false};
    return {share, share + 2 * (b - a), false};
  }
  /// Sets the side of the level on which a trajectory that has begun on the level, or without a value, leaves it.
  void begin_level(WatchedLevel& watched, std::size_t l, const watch::Values<double>& distances, double surface) {
    const double slack = level_slack(watched.level);
    const auto* leaves = std::ranges::find_if(distances, [&](double one) { return std::abs(one) > slack; });
    if (leaves == distances.end()) return;
    set_lane(watched.side, l, std::copysign(1.0, *leaves));
    if (std::abs(distances.front()) <= slack) set_lane(watched.surface, l, surface);
  }
  /// Adds the integrals over an accepted step of length `tried`, by Clenshaw-Curtis quadrature along the curves, in
  /// parts so short that the polynomial through the nodes is within the tolerance. The drive keeps its sign within a
  /// part.
  [[gnu::noinline]] void integrate(const M& where, const T& tried) {
    using std::max;
    using std::min;
    const auto next_end = [&](const T& from) {  // up to there the drive keeps its sign, within rounding
      const T zero = (drive_.next_zero(s_ + (from + T(1e-12)) * tried) - s_) / tried;
      return T(min(max(zero, from + T(1e-12)), T(1.0)));
    };
    T from(0.0);
    T to = next_end(from);
    M open = where;
    for (int part = 0; part < most_parts && any(open); ++part) {
      std::array<watch::Values<T>, 4> values;  // by PortQuantity, and the integrand of the loop area
      for (std::size_t node = 0; node < watch::nodes; ++node) {
        const T share = from + T(watch::share[node]) * (to - from);
        inside_of(share);
        const T at = s_ + share * tried;
        const T u = input(trial_, drive_(at));
        const T voltage = device_.voltage(trial_, u);
        const T current = device_.current(trial_, u);
        values[port_current][node] = current;
        values[port_voltage][node] = voltage;
        values[port_power][node] = voltage * current;
        // From rest to rest ∮V dI = -∮I dV, for the device alone as for device and resistance in series. A limit that
        // the source holds changes nothing: it is held from where the limited quantity passes that value under the
        // drive to where it passes it again.
        values[3][node] = (by_voltage_ ? T(-current)
                           : limits()  ? device_.terminal_voltage(trial_, u)
                                       : voltage) *
                          drive_.rate(at);
        find_parts(node, u);
      }
      M good = to - from <= T(shortest_part);
      M all_good(true);
      const T whole = (to - from) * tried;
      std::array<T, 4> mean, largest, size;
      for (std::size_t q = 0; q < values.size(); ++q) {
        const Quadrature one = quadrature(values[q], whole, sizes_[q]);
        mean[q] = one.mean;
        largest[q] = one.largest;
        size[q] = one.size;
        all_good = all_good && one.good;
      }
      for (std::size_t p = 0; p < parts_.size(); ++p)
        for (std::size_t q = 0; q < port_quantities; ++q) {
          // a current or voltage that parts leave to another one is known to the digits of the whole
          const T before = parts_[p].sizes[q] + sizes_[q] + size[q];
          all_good = all_good && quadrature(part_values_[p][q], whole, before).good;
        }
      good = open && (good || all_good);
      const T length = select(good, T((to - from) * tried), T(0.0));
      const T drive = drive_(s_ + T(0.5) * (from + to) * tried);
      const auto add = [&](Integral which, const M& counts, const T& value) {
        totals_[which] = select(good && counts, totals_[which] + length * value, totals_[which]);
      };
      for (std::size_t q = 0; q < size.size(); ++q) sizes_[q] = select(good, sizes_[q] + size[q], sizes_[q]);
      for (std::size_t q = 0; q < port_quantities; ++q)
        peaks_[q] = select(good && largest[q] < T(infinite), T(max(peaks_[q], largest[q])), peaks_[q]);
      add(charge, M(true), mean[0]);
      add(flux, M(true), mean[1]);
      add(energy, M(true), mean[2]);
      add(area_positive, drive > T(0.0), mean[3]);
      add(area_negative, drive < T(0.0), mean[3]);
      if (extremes_)
        for (std::size_t q = 0; q < port_quantities; ++q) observe_port(good, port_[q], values[q], {from, to}, tried);
      add_parts(good, {from, to}, tried);
      const T width = to - from;
      from = select(good, to, from);
      to = select(good, T(min(next_end(from), T(from + T(2.0) * width))), T(from + T(0.5) * width));
      open = open && from < T(1.0);
    }
  }
  /// @param length of the part of the step [s]
  /// @param before bound of the integral of its magnitude over the parts before
  [[nodiscard]] Quadrature quadrature(const watch::Values<T>& values, const T& length, const T& before) const {
    using std::abs;
    using std::max;
    const watch::Values<T> c = watch::coefficients(values);
    T largest(0.0), mean(0.0);
    for (std::size_t k = 0; k < watch::nodes; ++k) {
      largest = max(largest, T(abs(values[k])));
      if (k % 2 == 0) mean += c[k] / T(1.0 - static_cast<double>(k * k));
    }
    const T off = watch::remainder(c);
    const T size = largest * length;
    return {mean, largest, size,
            off <= T(options_.relative) * largest ||
                off * length <= T(negligible_part * options_.relative) * (before + size)};
  }
  /// Sets the values at a node of all parts of the device in the state trial_, under an input.
  void find_parts(std::size_t node, const T& u) {
    if (parts_.empty()) return;
    device_.ports(trial_, u, ports_.data());
    part_values_.resize(parts_.size());
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      part_values_[p][port_current][node] = ports_[p].current;
      part_values_[p][port_voltage][node] = ports_[p].voltage;
      part_values_[p][port_power][node] = ports_[p].voltage * ports_[p].current;
    }
  }
  /// Updates the integrals and the extremes of all parts of the device by their values at the nodes.
  /// @param part shares of the step between which they lie
  void add_parts(const M& where, const std::array<T, 2>& part, const T& tried) {
    const T length = (part[1] - part[0]) * tried;
    for (std::size_t p = 0; p < parts_.size(); ++p)
      for (std::size_t q = 0; q < port_quantities; ++q) {
        PartTotals& totals = parts_[p];
        const Quadrature one = quadrature(part_values_[p][q], length, totals.sizes[q]);
        totals.sizes[q] = select(where, totals.sizes[q] + one.size, totals.sizes[q]);
        if (q == port_power) totals.energy = select(where, totals.energy + length * one.mean, totals.energy);
        observe_port(where, totals.port[q], part_values_[p][q], part, tried);
      }
  }
  /// Updates the extremes of a quantity of a port by its values at the nodes of a part of the step.
  void observe_port(const M& where, PortExtremes& extremes, const watch::Values<T>& values,
                    const std::array<T, 2>& part, const T& tried) {
    for (const double sign : {-1.0, 1.0}) observe_port(where, extremes, sign, values, part, tried);
  }
  /// Updates the lowest (`sign` = -1) or the highest (1) value of a quantity of the port, by its values at the nodes of
  /// a part of the step: the best of them, or the extreme of the polynomial through them next to it.
  /// @param part shares of the step between which the part lies
  void observe_port(const M& where, PortExtremes& extremes, double sign, watch::Values<T> values,
                    const std::array<T, 2>& part, const T& tried) {
    using std::abs;
    using std::max;
    using std::min;
    for (T& value : values) value *= T(sign);
    T best(-infinite), place(0.0), left(0.0), right(0.0), drop(0.0);
    for (std::size_t node = 0; node < watch::nodes; ++node) {
      const std::size_t before = node == 0 ? 0 : node - 1;
      const std::size_t after = std::min(node + 1, watch::nodes - 1);
      const M better = values[node] > best;
      best = select(better, values[node], best);
      place = select(better, T(watch::share[node]), place);
      left = select(better, T(watch::share[before]), left);
      right = select(better, T(watch::share[after]), right);
      drop = select(better, T(values[node] - min(values[before], values[after])), drop);
    }
    T& record = sign > 0 ? extremes.high : extremes.low;
    Moment& moment = sign > 0 ? extremes.high_at : extremes.low_at;
    const T size = max(T(abs(extremes.low)), T(abs(extremes.high)));
    const T tolerance = select(size < T(infinite), T(options_.relative) * size, T(0.0));
    T lowest = values[0];
    for (const T& value : values) lowest = min(lowest, value);
    moment.observe_fall(where, lowest, tolerance);
    const M near = where && best + drop > T(sign) * record;
    if (!any(near)) return;
    const watch::Values<T> c = watch::coefficients(values);
    const watch::Values<T> slopes = watch::derivative(c);
    const auto slope = [&](const T& share) { return T(watch::sum_at(slopes, share)); };
    Bracket<T> turn{left, slope(left), right, slope(right)};
    const M turns = near && turn.fa > T(0.0) && turn.fb < T(0.0);
    narrow(turn, turns, slope, watch::negligible);
    const T peak = watch::sum_at(c, turn.a);
    const M inside = turns && peak > best;
    best = select(inside, peak, best);
    place = select(inside, turn.a, place);
    const M beats = near && best > T(sign) * record;
    record = select(beats, T(sign) * best, record);
    moment.observe(near, best, drive_.origin + s_ + (part[0] + place * (part[1] - part[0])) * tried, T(abs(best)),
                   tolerance);
  }
  /// Updates the reductions for a device that rests until the end of its piece.
  void rest(const M& where) {
    if (!Integrals && !levels_of_port()) return;
    for (std::size_t i = 0; i < size_; ++i) {
      curves_[i] = {x_[i], T(0.0), T(0.0), T(0.0), T(0.0), T(0.0)};
      if (along_series_) long_curves_[i].assign(1, x_[i]);
    }
    const T time = select(where, T(end_ - s_), T(1.0));
    if constexpr (Integrals) {
      observe_memristances(where, time);
      integrate(where, time);
    }
    if (levels_of_port()) find_levels(where, time);
  }

  /// The largest magnitude that a variable has had, at least its scale.
  [[nodiscard]] T size_of_extremes(std::size_t i) const {
    using std::abs;
    using std::max;
    return max(T(device_.scale(i)), max(T(abs(variables_[i].lowest)), T(abs(variables_[i].highest))));
  }
  [[nodiscard]] T tolerance_of_extremes(std::size_t i) const { return tolerated(i, size_of_extremes(i)); }
  /// Updates the extremes of the variables, in the given lanes, by a state at a local time.
  void observe(const M& where, const State& now, const T& at) {
    using std::max;
    using std::min;
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      if (extremes_) {
        const T tolerance = tolerance_of_extremes(i);
        v.lowest_at.observe(where, -now[i], drive_.origin + at, size_of_extremes(i), tolerance);
        v.highest_at.observe(where, now[i], drive_.origin + at, size_of_extremes(i), tolerance);
      }
      v.lowest = select(where, min(v.lowest, now[i]), v.lowest);
      v.highest = select(where, max(v.highest, now[i]), v.highest);
    }
    if constexpr (Integrals) last_drive_ = select(where, drive_(at), last_drive_);
  }
  /// Updates the extremes of the memristance, in the given lanes, by one value.
  void observe_memristance(const M& where, const T& known) {
    using std::max;
    using std::min;
    const M defined = where && known == known;
    memristance_low_ = select(defined, min(memristance_low_, known), memristance_low_);
    memristance_high_ = select(defined, max(memristance_high_, known), memristance_high_);
  }
  /// Updates the extremes of the memristance within an accepted step of length `tried`, along its curves: at both ends
  /// (or close by, if I = 0), in the middle, and at the extreme of a parabola through three of these values.
  [[gnu::noinline]] void observe_memristances(const M& where, const T& tried) {
    const auto at = [&](const T& share) {
      inside_of(share);
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
    const T middle = known(T(0.5), 0.5 + 1e-4);
    T a(0.0), m(0.5), b(1.0), fa = begin, fm = middle, fb = end;
    M open = where;
    for (int look = 0; look < 2; ++look) {
      const T left = (m - a) * (fm - fb);
      const T right = (m - b) * (fm - fa);
      const T place = m - T(0.5) * ((m - a) * left - (m - b) * right) / (left - right);
      open = open && place > a && place < b;
      if (!any(open)) break;
      T there = at(place);
      if (const M unknown = open && is_nan(there); any(unknown)) there = select(unknown, at(place + T(1e-4)), there);
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

  /// Updates the extremes of variables that turn within a step: finds the extreme of the curve by Newton's method from
  /// the nearest node.
  [[gnu::noinline]] void observe_turns(const M& where, const T& tried) {
    using std::max;
    using std::min;
    for (std::size_t i = 0; i < size_; ++i) {
      Variable& v = variables_[i];
      const Hull<T>& hull = hulls_[i];
      const T margin = T(watch::located) * tolerated(i, T(0.0));
      const M beyond =
          where && (hull.largest > max(v.highest, out_[i]) + margin || hull.least < min(v.lowest, out_[i]) - margin);
      if (!any(beyond)) continue;
      for (const double sign : {-1.0, 1.0}) {
        T best = T(-infinite);
        T place(0.0);
        for (const double node : watch::share) {
          const T value = T(sign) * curve_at(i, T(node));
          place = select(value > best, T(node), place);
          best = max(best, value);
        }
        for (int step = 0; step < 4; ++step) {
          const T bend = along_series_ ? bend_at(long_curves_[i], place) : bend_at(curves_[i], place);
          const T next = min(T(1.0), max(T(0.0), place - curve_slope(i, place) / bend));
          place = select(T(sign) * bend < T(0.0) && next == next, next, place);
        }
        const T extreme = min(T(device_.upper(i)), max(T(device_.lower(i)), curve_at(i, place)));
        T& record = sign > 0 ? v.highest : v.lowest;
        const M beats = beyond && T(sign) * extreme > T(sign) * record;
        Moment& moment = sign > 0 ? v.highest_at : v.lowest_at;
        moment.observe(beats, T(sign) * extreme, drive_.origin + s_ + place * tried, size_of_extremes(i),
                       tolerance_of_extremes(i));
        record = select(beats, extreme, record);
      }
    }
  }

  /// Adds the loop area of a jump of the drive at a frozen state, by five-point Gauss-Legendre quadrature in as many
  /// halvings as needed.
  [[gnu::noinline]] void jump(const M& where, const T& drive) {
    using std::max;
    using std::min;
    if (!any(where && drive != last_drive_)) return;
    const auto smooth = [&](const T& from, const T& to) {
      T size(0.0);
      const T whole = gauss(from, to, &size);
      return refined(from, to, whole, T(1e-14) * size, 40);
    };
    const auto area = [&](const T& from, const T& to) {  // separately on both sides of a limit
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
    T& positive = totals_[area_positive];
    T& negative = totals_[area_negative];
    positive = select(where, positive + area(max(last_drive_, zero), max(drive, zero)), positive);
    negative = select(where, negative + area(min(last_drive_, zero), min(drive, zero)), negative);
    last_drive_ = select(where, drive, last_drive_);
  }
  /// The integral by one rule over [from, to]. @param size if not null, the integral of the absolute value is added to
  /// it
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
  /// Refines `whole`, the integral over [from, to], by halving, repeatedly in the lanes in which that changes it by
  /// more than rounding.
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
  std::vector<WatchedLevel> levels_;
  double most_steps_;
  bool extremes_;
  std::size_t size_, guards_ = 0;
  bool by_voltage_;
  bool plain_;  ///< the pair is dopri5
  stepper::Any<State, T> stepper_;
  stepper::DormandPrince<State, T> dormand_prince_;  ///< the default, with the right-hand side inlined
  bool along_series_;                                ///< the method is taylor
  bool may_stiffen_;                                 ///< rosenbrock4 may make steps, by its name or in auto
  std::optional<Driven<Series<T>>> series_device_;
  stepper::TaylorSeries<T> series_;
  std::vector<T> drive_series_;  ///< coefficients of the drive
  M barred_ = M(false);          ///< the lanes in which series are barred from the present step
  T pair_step_ = T(0.0);         ///< next step of the pair if it made the last step, else 0 [s]
  M has_series_ = M(false);      ///< the lanes whose steps are made by Taylor series
  Regime<T> regime_, ahead_;
  std::vector<std::size_t> state_guards_;
  std::vector<Variable> variables_;
  std::vector<T> rates_;  ///< factors of the drifts that depend on the input alone; used while the drive is constant
  std::array<T, integrals> totals_ = {};       ///< by Integral
  std::array<T, 4> sizes_ = {};                ///< bounds of the integrals of the absolute values
  std::array<T, port_quantities> peaks_ = {};  ///< largest magnitudes of current, voltage and power
  std::vector<Quintic<T>> curves_;             ///< dense output of the last step, per variable
  std::vector<Polynomial<T>> long_curves_;     ///< the same if the method is taylor
  Polynomial<T> bernstein_;
  std::vector<Hull<T>> hulls_;
  std::vector<T> doubts_;    ///< error of each curve beyond that of the step
  std::vector<T> surface_;   ///< per guard of state_guards_: |guard| at its switch
  Regime<T> leaves_;         ///< likewise: the step starts on its surface
  Regime<T> flipped_;        ///< likewise: it switched at the last event
  Regime<T> located_;        ///< likewise: it was the located one
  Regime<T> slides_;         ///< likewise: the state slides along it
  std::vector<T> together_;  ///< likewise: ±1 if it is zero along the surface, same or opposite sign; else 0
  M sliding_ = M(false);     ///< the state slides
  M parted_ = M(false);      ///< guards that were zero together have parted
  M degenerate_ = M(false);  ///< another guard is zero where the state slides, and its derivatives as well
  Sides<T> sides_;           ///< see look_at_sides()
  std::vector<watch::Values<T>> values_;  ///< of the watched functions along the curves
  std::vector<T> doubt_;                  ///< errors of these values by doubts_
  std::vector<T> current_;
  stepper::RosenbrockLanes<T> rosenbrock_;
  typename stepper::RosenbrockLanes<T>::Begin begin_;  ///< the start of its steps
  SeriesTape<T> first_order_;                          ///< tape of linearise() and guard_rate()
  bool linearised_ = false;
  std::vector<T> end_state_, end_error_;
  M stiff_ = M(false);                         ///< the lanes whose steps are made by rosenbrock4
  T in_piece_ = T(0.0), next_trial_ = T(0.0);  ///< accepted steps in the piece; number at the next trial
  std::array<Switch, lanes<T>> switch_{};
  T share_ = T(1.0);   ///< share of its step that a landing lane tries
  T proven_ = T(0.0);  ///< length of the last step accepted since the piece began or since the last event
  bool pinning_ = false;
  int waited_ = 0;  ///< how long the lane that needs a piece has waited [steps]
  PieceLanes<T> drive_;
  State x_, slope_, out_, slope_out_, error_, trial_, trial_slope_;
  T s_ = T(0.0), end_ = T(0.0), h_ = T(0.0), in_place_ = T(0.0);
  M alive_ = M(true), fresh_ = M(false);
  M landing_ = M(false);  ///< the lanes that are locating an event in their step
  std::array<M, lanes<T>> lane_mask_;
  std::array<bool, lanes<T>> live_{};
  bool sampling_ = false;                        ///< the source has requested states
  std::array<double, lanes<T>> next_sample_{};   ///< LaneSource::next_sample() [s]
  std::array<double, lanes<T>> rested_until_{};  ///< end of the last piece if that was skipped [s], else NaN
  std::array<Failure, lanes<T>> failure_{};
  T accepted_ = T(0.0), rejected_ = T(0.0), events_ = T(0.0), last_drive_ = T(0.0), switched_ = T(0.0),
    absorbed_ = T(0.0);
  T memristance_low_ = T(0.0), memristance_high_ = T(0.0);
  std::array<LanePassages, lanes<T>> passages_;
  std::array<std::vector<Edge>, lanes<T>> edges_;  ///< since the last call of time_transitions()
  std::array<PortExtremes, port_quantities> port_;
  std::vector<PartTotals> parts_;  ///< of a composite, if requested
  std::vector<std::array<watch::Values<T>, port_quantities>> part_values_;
  std::vector<PartPort<T>> ports_;
  std::vector<PartOutcome> part_outcomes_;  ///< of the lane that has ended
  std::vector<double> numbers_;
};

}  // namespace memdyn
