// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <memory>
#include <string_view>

#include "memdyn/core/root.hpp"
#include "memdyn/device/model.hpp"

namespace memdyn {

/// What drives a device: an ideal source of current or of voltage, and a resistance in series with the device.
struct Source {
  Quantity quantity = Quantity::current;
  double series_resistance = 0.0;  ///< [Ohm], finite, >= 0
};

/// A device under a source, as a device whose drive is what the source prescribes. Where that is not the model's own
/// input, or a resistance is in series, `input` solves for it: in closed form for V = E(γ) + R(γ) I, else by a
/// bracketed root to the last digits. NaN where there is no solution, within the model too.
/// @tparam N number of variables if it is fixed, else 0
template <class T, std::size_t N = 0>
class Driven {
 public:
  static constexpr bool coupled = true;

  Driven(std::shared_ptr<const Model<T>> model, const Source& source)
      : model_(std::move(model)),
        quantity_(source.quantity),
        resistance_(source.series_resistance),
        direct_(quantity_ == model_->control && (quantity_ == Quantity::current || resistance_ == 0.0)),
        plain_(direct_ && !model_->solves) {}
  [[nodiscard]] const Model<T>& model() const { return *model_; }
  [[nodiscard]] Quantity quantity() const { return quantity_; }
  /// Gives the model other numbers among its parameters.
  void take(const T* numbers) { model_ = model_->with(numbers); }

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
  /// Of the drive; where the input is solved for, it depends on the state.
  [[nodiscard]] T drive_level(std::size_t k) const { return direct_ ? model_->levels[k] : T(std::nan("")); }

  /// The drive is the model's own input, and every state takes it.
  [[nodiscard]] bool direct() const { return plain_; }
  [[nodiscard]] bool factored() const { return direct_ && model_->factored; }
  template <class Gamma>
  [[nodiscard]] T input(const Gamma& gamma, const T& drive) const {
    return plain_ ? drive : solve(&gamma[0], drive);
  }

  template <class Gamma>
  [[nodiscard]] T voltage(const Gamma& gamma, const T& u) const {
    return model_->voltage(&gamma[0], u);
  }
  template <class Gamma>
  [[nodiscard]] T current(const Gamma& gamma, const T& u) const {
    return model_->current(&gamma[0], u);
  }
  template <class Gamma, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& u, const R& regime) const {
    return model_->drift(i, &gamma[0], u, {regime.data(), regime.size()});
  }
  template <class R>
  [[nodiscard]] T rate(std::size_t i, const T& u, const R& regime) const {
    return model_->rate(i, u, {regime.data(), regime.size()});
  }
  template <class Gamma, class R>
  [[nodiscard]] T shape(std::size_t i, const Gamma& gamma, const R& regime) const {
    return model_->shape(i, &gamma[0], {regime.data(), regime.size()});
  }
  template <class R>
  [[nodiscard]] Mask<T> moves(std::size_t i, const R& regime) const {
    return model_->moves(i, {regime.data(), regime.size()});
  }
  template <class Gamma>
  [[nodiscard]] T guard(std::size_t k, const Gamma& gamma, const T& u) const {
    return model_->guard(k, &gamma[0], u);
  }

 private:
  [[gnu::noinline]] T solve(const T* gamma, const T& drive) const {
    const bool by_voltage = quantity_ == Quantity::voltage;
    const bool of_voltage = model_->control == Quantity::voltage;
    if (direct_) {
      const T answer = of_voltage ? model_->current(gamma, drive) : model_->voltage(gamma, drive);
      return T(drive + (answer - answer));
    }
    if (model_->ohmic) {
      const T memristance = model_->memristance(gamma);
      const T open = model_->open_voltage(gamma);
      const T total = memristance + T(resistance_);
      const T current = by_voltage ? select(total == T(0.0), T(std::nan("")), T((drive - open) / total)) : drive;
      return of_voltage ? T(open + memristance * current) : current;
    }
    const auto excess = [&](const T& u) {
      if (!by_voltage) return T(model_->current(gamma, u) - drive);
      if (of_voltage) return T(u + T(resistance_) * model_->current(gamma, u) - drive);
      return T(model_->voltage(gamma, u) + T(resistance_) * u - drive);
    };
    return root_of_growing<T>(excess, of_voltage ? 1e-2 : 1e-6);
  }

  std::shared_ptr<const Model<T>> model_;
  Quantity quantity_;
  double resistance_;
  bool direct_;  ///< the drive is the model's own input
  bool plain_;   ///< and it need not be looked whether the model takes it
};

}  // namespace memdyn
