// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

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
