// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include "memdyn/device/model.hpp"
#include "memdyn/scalar/root.hpp"

namespace memdyn {

/// A current or voltage source, and a resistance in series with the device. The source may have a compliance, as
/// instruments do: a limit of the other quantity at its terminals, one per polarity: the current of a voltage source,
/// or the voltage of a current source (across device and resistance). The source holds the limit wherever its drive
/// would exceed it.
struct Source {
  static constexpr double none = std::numeric_limits<double>::infinity();

  Quantity quantity = Quantity::current;
  double series_resistance = 0.0;                ///< [Ohm], finite, >= 0
  std::array<double, 2> compliance{none, none};  ///< magnitudes of the negative and positive limit [A] or [V], > 0
};

/// A device under a source, as a device whose drive is the quantity that the source prescribes. If that is not the
/// model's own input, or a resistance is in series, `input` solves for the model's input: in closed form for
/// V = E(γ) + R(γ) I and for I = I(γ), else by bracketed root finding to machine precision. The input is NaN if there
/// is no solution, also within the model.
///
/// A source with a compliance has one guard per finite limit, which depends on state and drive. Since the current
/// increases with the voltage, the guard can be evaluated without solving for the unlimited input (R: resistance in
/// series; I_c, V_c: limits):
///
///                    model of currents               model of voltages
///   voltage source   V(γ, I_c) + R I_c < drive       I(γ, drive - R I_c) > I_c
///   current source   V(γ, drive) + R drive > V_c     I(γ, V_c - R drive) < drive
///
/// @tparam N number of variables if known at compile time, else 0
template <class T, std::size_t N = 0>
class Driven {
 public:
  static constexpr bool coupled = true;

  Driven(std::shared_ptr<const Model<T>> model, const Source& source)
      : model_(std::move(model)),
        quantity_(source.quantity),
        resisted_(source.series_resistance != 0.0),
        resistance_(source.series_resistance),
        direct_(native(quantity_) && source.compliance == Source{}.compliance),
        plain_(direct_ && !model_->solves) {
    for (const std::size_t side : {0, 1})
      if (const double limit = source.compliance[side]; std::isfinite(limit)) {
        sides_[limits_] = side;
        limit_[limits_++] = side == 0 ? -limit : limit;
      }
  }
  [[nodiscard]] const Model<T>& model() const { return *model_; }
  /// This device in the coordinates that integrators use.
  [[nodiscard]] Driven integrated() const {
    Driven own = *this;
    if (auto model = model_->integrated()) own.model_ = std::move(model);
    return own;
  }
  [[nodiscard]] bool transformed() const { return model_->transformed; }
  [[nodiscard]] T state(std::size_t i, const T& coordinate) const { return model_->state(i, coordinate); }
  [[nodiscard]] T coordinate(std::size_t i, const T& state) const { return model_->coordinate(i, state); }
  /// See Model::undefined.
  template <class Gamma, class R>
  [[nodiscard]] std::string undefined(const Gamma& gamma, const T& u, const R& regime) const {
    return model_->undefined(first_of(gamma), u, {regime.data(), regime.size()});
  }
  [[nodiscard]] Quantity quantity() const { return quantity_; }
  /// The quantity that the source holds at its terminals in a regime, and its value: the drive, or the other quantity
  /// at its limit.
  template <class R>
  [[nodiscard]] std::pair<Quantity, double> held(double drive, const R& regime) const {
    for (std::size_t j = 0; j < limits_; ++j)
      if (regime[guards() + j]) return {other(), limit_[j]};
    return {quantity_, drive};
  }
  /// Replaces the numeric parameters of the model.
  void take(const T* numbers) { model_ = model_->with(numbers); }
  /// Replaces the numbers of the source: series resistance [Ohm], > 0 if there was one, and the magnitudes of the
  /// negative and the positive limit (only those that were finite).
  void take_source(const T* numbers) {
    resistance_ = numbers[0];
    for (std::size_t j = 0; j < limits_; ++j) limit_[j] = sides_[j] == 0 ? T(-numbers[1]) : numbers[2];
  }

  [[nodiscard]] std::string_view name() const { return model_->name; }
  [[nodiscard]] static constexpr std::size_t size()
    requires(N > 0)
  {
    return N;
  }
  [[nodiscard]] std::size_t size() const
    requires(N == 0)
  {
    return model_->scale.size();
  }
  [[nodiscard]] T lower(std::size_t i) const { return model_->lower[i]; }
  [[nodiscard]] T upper(std::size_t i) const { return model_->upper[i]; }
  [[nodiscard]] T scale(std::size_t i) const { return model_->scale[i]; }
  [[nodiscard]] std::size_t guards() const { return model_->levels.size(); }
  /// The drive level of guard k; NaN if the input is solved for, as the guard then depends on the state.
  [[nodiscard]] T drive_level(std::size_t k) const { return direct_ ? model_->levels[k] : T(std::nan("")); }

  /// The drive is the model's own input and there is no limit; some states may still admit no input (Model::solves).
  [[nodiscard]] bool native() const { return direct_; }
  /// native(), and every state admits the drive as input.
  [[nodiscard]] bool direct() const { return plain_; }
  [[nodiscard]] bool factored() const { return direct_ && model_->factored; }
  /// The model's input [A] or [V]; whether a limit is held follows from the state.
  template <class Gamma>
  [[nodiscard]] T input(const Gamma& gamma, const T& drive) const {
    if (plain_) return drive;
    if (limits_ == 0) return solve(first_of(gamma), quantity_, drive);
    Regime<T> regime;
    freeze_source(gamma, drive, regime);
    return limited(first_of(gamma), drive, regime);
  }
  /// The model's input [A] or [V]; whether a limit is held follows from a frozen regime.
  template <class Gamma, class R>
  [[nodiscard]] T input(const Gamma& gamma, const T& drive, const R& regime) const {
    if (plain_) return drive;
    return limits_ == 0 ? solve(first_of(gamma), quantity_, drive) : limited(first_of(gamma), drive, regime);
  }

  /// Number of guards of the source; in a regime their signs follow those of the model's guards. Guard j is positive
  /// where limit j is held.
  [[nodiscard]] std::size_t source_guards() const { return limits_; }
  template <class Gamma>
  [[nodiscard]] T source_guard(std::size_t j, const Gamma& gamma, const T& drive) const {
    const T* state = first_of(gamma);
    const T limit = limit_[j];
    const T sign(sides_[j] == 0 ? -1.0 : 1.0);
    const T resistance = resistance_;
    const bool of_voltage = model_->control == Quantity::voltage;
    if (quantity_ == Quantity::voltage)
      return of_voltage ? T(sign * (model_->current(state, T(drive - resistance * limit)) - limit))
                        : T(sign * (drive - model_->voltage(state, limit) - resistance * limit));
    return of_voltage ? T(sign * (drive - model_->current(state, T(limit - resistance * drive))))
                      : T(sign * (model_->voltage(state, drive) + resistance * drive - limit));
  }

  /// Sets the signs of the source's guards in a regime.
  template <class Gamma>
  void freeze_source(const Gamma& gamma, const T& drive, Regime<T>& regime) const {
    regime.resize(guards() + limits_, Mask<T>(false));
    for (std::size_t j = 0; j < limits_; ++j) regime[guards() + j] = source_guard(j, gamma, drive) > T(0.0);
  }

  template <class Gamma>
  [[nodiscard]] T voltage(const Gamma& gamma, const T& u) const {
    return model_->voltage(first_of(gamma), u);
  }
  /// The voltage across device and resistance [V].
  template <class Gamma>
  [[nodiscard]] T terminal_voltage(const Gamma& gamma, const T& u) const {
    return T(model_->voltage(first_of(gamma), u) + resistance_ * model_->current(first_of(gamma), u));
  }
  template <class Gamma>
  [[nodiscard]] T current(const Gamma& gamma, const T& u) const {
    return model_->current(first_of(gamma), u);
  }
  /// See Model::ports.
  template <class Gamma>
  void ports(const Gamma& gamma, const T& u, PartPort<T>* to) const {
    model_->ports(first_of(gamma), u, to);
  }
  template <class Gamma, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& u, const R& regime) const {
    return model_->drift(i, first_of(gamma), u, {regime.data(), regime.size()});
  }
  template <class R>
  [[nodiscard]] T rate(std::size_t i, const T& u, const R& regime) const {
    return model_->rate(i, u, {regime.data(), regime.size()});
  }
  template <class Gamma, class R>
  [[nodiscard]] T shape(std::size_t i, const Gamma& gamma, const R& regime) const {
    return model_->shape(i, first_of(gamma), {regime.data(), regime.size()});
  }
  template <class R>
  [[nodiscard]] Mask<T> moves(std::size_t i, const R& regime) const {
    return model_->moves(i, {regime.data(), regime.size()});
  }
  template <class Gamma>
  [[nodiscard]] T guard(std::size_t k, const Gamma& gamma, const T& u) const {
    return model_->guard(k, first_of(gamma), u);
  }

 private:
  /// The address of a state, which may have no variables.
  template <class Gamma>
  [[nodiscard]] static const T* first_of(const Gamma& gamma) {
    if constexpr (requires { gamma.data(); }) {
      return gamma.data();
    } else {
      return gamma;
    }
  }
  [[nodiscard]] Quantity other() const {
    return quantity_ == Quantity::voltage ? Quantity::current : Quantity::voltage;
  }
  /// Holding `quantity` at the terminals prescribes the model's own input.
  [[nodiscard]] bool native(Quantity quantity) const {
    return quantity == model_->control && (quantity == Quantity::current || !resisted_);
  }
  template <class R>
  [[nodiscard]] T limited(const T* gamma, const T& drive, const R& regime) const {
    T u = solve(gamma, quantity_, drive);
    for (std::size_t j = 0; j < limits_; ++j)
      if (any(regime[guards() + j])) u = select(regime[guards() + j], solve(gamma, other(), limit_[j]), u);
    return u;
  }
  [[gnu::noinline]] T solve(const T* gamma, Quantity held, const T& drive) const {
    const bool by_voltage = held == Quantity::voltage;
    const bool of_voltage = model_->control == Quantity::voltage;
    if (native(held)) {
      if (!model_->solves) return drive;
      const T answer = of_voltage ? model_->current(gamma, drive) : model_->voltage(gamma, drive);
      return T(drive + (answer - answer));
    }
    if (model_->ohmic) {
      const T memristance = model_->memristance(gamma);
      const T open = model_->open_voltage(gamma);
      const T total = memristance + resistance_;
      const T current = by_voltage ? select(total == T(0.0), T(std::nan("")), T((drive - open) / total)) : drive;
      return of_voltage ? T(open + memristance * current) : current;
    }
    if (model_->fixes_current)
      return by_voltage ? T(drive - resistance_ * model_->current(gamma, drive)) : T(std::nan(""));
    const auto excess = [&](const T& u) {
      if (!by_voltage) return T(model_->current(gamma, u) - drive);
      if (of_voltage) return T(u + resistance_ * model_->current(gamma, u) - drive);
      return T(model_->voltage(gamma, u) + resistance_ * u - drive);
    };
    return root_of_growing<T>(excess, of_voltage ? 1e-2 : 1e-6);
  }

  std::shared_ptr<const Model<T>> model_;
  Quantity quantity_;
  bool resisted_;  ///< there is a resistance in series
  T resistance_;
  bool direct_;                             ///< the drive is the model's own input, without a limit
  bool plain_;                              ///< and every state admits it, so that nothing needs to be solved
  std::size_t limits_ = 0;                  ///< number of finite limits
  std::array<std::size_t, 2> sides_{};      ///< polarity of each finite limit: 0 negative, 1 positive
  std::array<T, 2> limit_{T(0.0), T(0.0)};  ///< each finite limit, signed [A] or [V]
};

}  // namespace memdyn
