// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "dynamics/trapezoids.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/method.hpp"
#include "memdyn/dynamics/step_control.hpp"

namespace memdyn {

/// The integrator of trainings in lanes: sends rectangular pulses to many devices of one kind, a pack T of them at
/// once.
///
/// Under a constant current an uncoupled variable moves one way only and stays at a bound that it reaches, so that no
/// root finding is needed. If one step is within the tolerance in every lane of every device, the pulse is that step;
/// otherwise each device takes as many steps as each lane needs. If the drift does not depend on the state, it is
/// constant throughout a pulse and every pair is exact; the cheapest, Heun's and Euler's, is used.
template <class D, class T>
class PulseLanes {
  using M = Mask<T>;

 public:
  using Scalar = T;

  /// @param device the device in all lanes
  /// @param set the instruction set of T
  PulseLanes(const D& device, const IntegrationOptions& options, InstructionSet set)
      : device_(device), options_(options), set_(set) {}
  [[nodiscard]] const D& device() const noexcept { return device_; }

  /// Sends one pulse through each device, all of one duration.
  /// @param gamma variable x device, within their bounds; advanced in place
  /// @param current [A], one per device
  /// @param duration [s]
  /// @return true if some variable had a drift
  /// @throws NumericalError naming device, time and regime
  bool pulse(std::span<T> gamma, std::span<const T> current, const T& duration) {
    if constexpr (!D::coupled && !D::guards_depend_on_state) {
      const std::size_t devices = current.size();
      bool moved = false;
      for (std::size_t i = 0; i < device_.size(); ++i) {
        const auto& part = variable_alone(device_, i);
        if (std::isinf(part.drive_level(0))) continue;  // no current reaches it
        moved = move(part, gamma.subspan(i * devices, devices), current, duration) || moved;
      }
      return moved;
    } else {
      Pulses source(gamma, current, duration);
      integrate_ensemble(set_, device_, {.integration = options_, .integrals = false, .level = {}}, source);
      if (source.failure != Failure::none)
        throw NumericalError(std::string(D::name), source.time, "of a lane", source.failure);
      return true;
    }
  }

  /// Sends one pulse with edges through each device, for a drift that depends on the current alone. Each edge ends a
  /// piece where the current passes the level of a guard, in each lane by itself. Within a piece the drift is a smooth
  /// function of time, and linear if it is linear in the current; Heun's step is then exact.
  /// @throws NumericalError if a state is not finite
  bool pulse(std::span<T> gamma, const Trapezoids<T>& pulses)
    requires(!D::coupled && !D::guards_depend_on_state && !D::drift_depends_on_state)
  {
    const std::size_t devices = pulses.peak.size();
    bool moved = false;
    for (std::size_t i = 0; i < device_.size(); ++i) {
      const auto& part = variable_alone(device_, i);
      if (std::isinf(part.drive_level(0))) continue;  // no current reaches it
      moved = sweep(part, gamma.subspan(i * devices, devices), pulses) || moved;
    }
    return moved;
  }

 private:
  /// A single uncoupled variable in place of the γ of its device.
  struct Alone {
    const T& value;
    const T& operator[](std::size_t) const { return value; }
  };
  /// Calls `use.operator()<Stepper>()` with the stepper for this drift and method.
  template <class Use>
  auto with_stepper(const Use& use) const {
    if constexpr (!D::drift_depends_on_state) {
      return use.template operator()<stepper::HeunEuler<T, T>>();
    } else if (options_.method == Method::dopri5 || options_.method == Method::automatic) {
      return use.template operator()<stepper::DormandPrince<T, T>>();
    } else if (options_.method == Method::bogacki_shampine32) {
      return use.template operator()<stepper::BogackiShampine<T, T>>();
    } else {
      return use.template operator()<stepper::Fehlberg<T, T>>();
    }
  }

  /// Integrates one variable of all devices. `part` is a constant copy, so that it stays in registers.
  template <class Part>
  bool move(const Part part, std::span<T> gamma, std::span<const T> current, const T& duration) {
    bool moving = false;
    for (std::size_t d = 0; d < gamma.size() && !moving; ++d) {
      const T drive = current[d];
      RegimeOf<Part, T> regime;
      evaluate_regime(part, Alone{gamma[d]}, drive, regime);
      moving = any(part.moves(0, regime));
    }
    if (!moving) return false;
    next_.resize(gamma.size());
    with_stepper([&]<class Stepper>() {
      if (step<Stepper>(part, gamma, current, duration)) [[likely]] {
        std::copy(next_.begin(), next_.end(), gamma.begin());
      } else {
        for (std::size_t d = 0; d < gamma.size(); ++d) adapt<Stepper>(part, gamma[d], current[d], duration);
      }
    });
    return true;
  }

  /// A part of an edge between two levels of guards.
  template <class Part>
  struct EdgePiece {
    T low, high;  ///< the currents at its ends, of which `low` is nearer to 0 [A]
    T share;      ///< of the duration of the edge
    RegimeOf<Part, T> regime;
    M drifts;
    bool any_drifts = false;
  };
  template <class Part>
  using EdgePieces = std::array<EdgePiece<Part>, Part::guards() + 1>;

  /// Cuts an edge from 0 to `peak` at the levels of the guards. @param levels in rising order
  template <class Part>
  static void cut_edge(const Part& part, const std::array<double, Part::guards()>& levels, const T& x, const T& peak,
                       EdgePieces<Part>& pieces) {
    using std::max;
    using std::min;
    const M negative = peak < T(0.0);
    const T inverse = select(peak == T(0.0), T(0.0), T(1.0) / peak);
    T begins(0.0);
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      T ends(1.0);  // the levels in the order in which the current passes them; those of the other sign are at 0
      if (k < levels.size())
        ends = min(T(1.0), max(T(0.0), select(negative, T(levels[levels.size() - 1 - k]), T(levels[k])) * inverse));
      EdgePiece<Part>& piece = pieces[k];
      piece.share = ends - begins;
      piece.any_drifts = any(piece.share > T(0.0));
      if (piece.any_drifts) {
        piece.low = peak * begins;
        piece.high = peak * ends;
        evaluate_regime(part, Alone{x}, T(T(0.5) * (piece.low + piece.high)), piece.regime);
        piece.drifts = part.moves(0, piece.regime) && piece.share > T(0.0);
        piece.any_drifts = any(piece.drifts);
      }
      begins = ends;
    }
  }

  /// Advances one variable in the lanes in which it drifts, while the current runs from one value to another.
  template <class Part>
  static void advance_piece(const Part& part, T& x, const RegimeOf<Part, T>& regime, const M& drifts, const T& from,
                            const T& to, const T& duration) {
    using std::max;
    using std::min;
    const auto rates = [&](const T& now, T& dxds, const T& share) {  // of the duration
      dxds = duration * part.drift(0, Alone{now}, T(from + share * (to - from)), regime);
    };
    T slope, out, slope_out, error;
    rates(x, slope, T(0.0));
    stepper::HeunEuler<T, T> stepper;
    stepper.step(rates, x, slope, T(0.0), out, slope_out, T(1.0), error);
    x = select(drifts, min(T(part.upper(0)), max(T(part.lower(0)), out)), x);
  }

  /// Integrates one variable of all devices over pulses with edges. The drift depends on the current alone, so that the
  /// rising and the falling part of a piece make one step; and a pulse moves a variable one way only, so that a bound
  /// cuts the sum of the steps wherever it is reached.
  template <class Part>
  [[gnu::flatten]] bool sweep(const Part part, std::span<T> gamma, const Trapezoids<T>& pulses) {
    std::array<double, Part::guards()> levels;
    for (std::size_t k = 0; k < levels.size(); ++k) levels[k] = part.drive_level(k);
    std::ranges::sort(levels);
    const T none(0.0);
    RegimeOf<Part, T> at_rest;
    evaluate_regime(part, Alone{none}, none, at_rest);
    bool moved = false;
    M finite(true);
    EdgePieces<Part> pieces{};
    for (std::size_t d = 0; d < gamma.size(); ++d) {
      T x = gamma[d];
      const T peak = pulses.peak[d];
      RegimeOf<Part, T> at_peak;
      evaluate_regime(part, Alone{x}, peak, at_peak);
      const M on_top = part.moves(0, at_peak);
      M passes = part.moves(0, at_rest);
      for (std::size_t k = 0; k < levels.size(); ++k)
        passes = passes || and_not(at_peak[k], at_rest[k]) || and_not(at_rest[k], at_peak[k]);
      finite = finite && x - x == none && peak - peak == none;
      if (!any(on_top || passes)) continue;
      if (pulses.rise > 0.0 || pulses.fall > 0.0) {
        cut_edge(part, levels, x, peak, pieces);
      } else {
        for (EdgePiece<Part>& piece : pieces) piece.any_drifts = false;
      }
      for (const EdgePiece<Part>& piece : pieces) {
        if (!piece.any_drifts) continue;
        advance_piece(part, x, piece.regime, piece.drifts, piece.low, piece.high,
                      T(piece.share * T(pulses.rise + pulses.fall)));
        moved = true;
      }
      if (any(on_top)) advance_piece(part, x, at_peak, on_top, peak, peak, pulses.width[d]);
      moved = moved || any(on_top);
      gamma[d] = x;
    }
    if (!all(finite)) throw NumericalError(std::string(D::name), 0.0, "of a lane", Failure::not_finite);
    return moved;
  }

  template <class Part>
  [[nodiscard]] T tolerance(const Part& part, const T& from, const T& to) const {
    using std::abs;
    using std::max;
    return T(options_.absolute * part.scale(0)) + T(options_.relative) * max(abs(from), abs(to));
  }

  /// Makes one step for each device, into next_. @returns false if an error estimate exceeds the tolerance
  template <class Stepper, class Part>
  [[gnu::flatten]] bool step(const Part part, std::span<const T> gamma, std::span<const T> current, const T duration) {
    using std::abs;
    using std::max;
    using std::min;
    const T absolute(options_.absolute * part.scale(0));
    [[maybe_unused]] const T relative(options_.relative);
    T* next = next_.data();
    M good(true);
    for (std::size_t d = 0; d < gamma.size(); ++d) {
      const T x = gamma[d];
      const T drive = current[d];
      RegimeOf<Part, T> regime;
      evaluate_regime(part, Alone{x}, drive, regime);
      const auto rates = [&](const T& now, T& dxdt, const T& /*at*/) {
        dxdt = part.drift(0, Alone{now}, drive, regime);
      };
      T slope, out, slope_out, error;
      rates(x, slope, T(0.0));
      Stepper stepper;
      stepper.step(rates, x, slope, T(0.0), out, slope_out, duration, error);
      if constexpr (D::drift_depends_on_state) {
        good = good && abs(error) <= absolute + relative * max(abs(x), abs(out));
      } else {
        good = good && abs(error) <= absolute;  // it is zero, unless something is not finite
      }
      next[d] = min(T(part.upper(0)), max(T(part.lower(0)), out));
    }
    return all(good);
  }

  /// Integrates one device with step-size control in each lane.
  template <class Stepper, class Part>
  [[gnu::noinline]] void adapt(const Part& part, T& x, const T& current, const T& duration) {
    using std::abs;
    using std::max;
    using std::min;
    RegimeOf<Part, T> regime;
    evaluate_regime(part, Alone{x}, current, regime);
    const auto rates = [&](const T& now, T& dxdt, const T& /*at*/) {
      dxdt = part.drift(0, Alone{now}, current, regime);
    };
    Stepper stepper;
    T slope, out, slope_out, error;
    rates(x, slope, T(0.0));
    M open = part.moves(0, regime);
    T s(0.0);
    T h = select(open, duration, T(0.0));
    while (any(open)) {
      stepper.step(rates, x, slope, s, out, slope_out, h, error);
      const T size = abs(error) / tolerance(part, x, out);
      const M accept = open && size <= T(1.0);
      const T inside = min(T(part.upper(0)), max(T(part.lower(0)), out));
      x = select(accept, inside, x);
      slope = select(accept, slope_out, slope);
      s = select(accept, s + h, s);
      open = open && !(accept && (inside != out || step_control::is_last(T(0.0), s, duration)));
      h = h * step_control::change(size, accept, Stepper::control_order);
      h = select(open, select(step_control::is_last(s, h, duration), duration - s, h), T(0.0));
      if (const M stuck = open && !accept && step_control::is_exhausted(s, h, duration); any(stuck))
        throw NumericalError(std::string(D::name), 0.0, "of a lane",
                             all(error == error) ? Failure::tolerance : Failure::not_finite);
    }
  }

  /// The source of the general path, integrate_ensemble(): one trajectory per device and lane, of one pulse.
  struct Pulses final : LaneSource {
    Pulses(std::span<T> states, std::span<const T> currents, const T& length)
        : gamma(states), current(currents), duration(length) {}
    bool begin(std::size_t l, double* state) override {
      if (next == current.size() * lanes<T>) return false;
      at[l] = next++;
      for (std::size_t i = 0; i < variables(); ++i) state[i] = lane(variable(i, l), at[l] % lanes<T>);
      Piece& piece = pieces[l];
      piece = {};
      piece.from = piece.to = lane(current[at[l] / lanes<T>], at[l] % lanes<T>);
      piece.end = piece.duration = piece.longest = lane(duration, at[l] % lanes<T>);
      waiting[l] = piece.end > 0;
      return true;
    }
    const Piece* next_piece(std::size_t l) override { return std::exchange(waiting[l], false) ? &pieces[l] : nullptr; }
    void sample(std::size_t /*l*/, const double* /*state*/) override {}
    void end(std::size_t l, const LaneOutcome& outcome) override {
      if (outcome.failure != Failure::none) {
        failure = outcome.failure;
        time = outcome.time;
      }
      for (std::size_t i = 0; i < variables(); ++i) set_lane(variable(i, l), at[l] % lanes<T>, outcome.gamma[i]);
    }
    [[nodiscard]] const double* parameters() const override { return nullptr; }

    [[nodiscard]] std::size_t variables() const { return gamma.size() / current.size(); }
    T& variable(std::size_t i, std::size_t l) { return gamma[i * current.size() + at[l] / lanes<T>]; }

    std::span<T> gamma;
    std::span<const T> current;
    T duration;
    std::size_t next = 0;
    std::array<std::size_t, lanes<T>> at{};
    std::array<Piece, lanes<T>> pieces{};
    std::array<bool, lanes<T>> waiting{};
    Failure failure = Failure::none;
    double time = 0.0;
  };

  D device_;
  IntegrationOptions options_;
  InstructionSet set_;
  std::vector<T> next_;
};

}  // namespace memdyn
