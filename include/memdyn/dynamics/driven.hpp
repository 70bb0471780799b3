// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "memdyn/core/root.hpp"
#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// What drives a device: an ideal source of current or of voltage, and a resistance in series with the device.
struct Source {
  Quantity quantity = Quantity::current;
  double series_resistance = 0.0;  ///< [Ohm], finite, >= 0
};

/// A model behind one interface, whichever it is: one indirect call an evaluation. See the concept of a device for what
/// the functions mean.
template <class T>
class Model {
 public:
  using Signs = std::span<const Mask<T>>;  ///< a regime

  virtual ~Model() = default;
  [[nodiscard]] virtual T voltage(const T* gamma, const T& u) const = 0;
  [[nodiscard]] virtual T current(const T* gamma, const T& u) const = 0;
  [[nodiscard]] virtual T memristance(const T* gamma) const = 0;  ///< where `ohmic`
  [[nodiscard]] virtual T drift(std::size_t i, const T* gamma, const T& u, Signs regime) const = 0;
  [[nodiscard]] virtual T rate(std::size_t i, const T& u, Signs regime) const = 0;       ///< where `factored`
  [[nodiscard]] virtual T shape(std::size_t i, const T* gamma, Signs regime) const = 0;  ///< where `factored`
  [[nodiscard]] virtual Mask<T> moves(std::size_t i, Signs regime) const = 0;
  [[nodiscard]] virtual T guard(std::size_t k, const T* gamma, const T& u) const = 0;
  /// The same model with other numbers among its parameters, in the order of its fields.
  [[nodiscard]] virtual std::shared_ptr<const Model> with(const T* numbers) const = 0;

  std::string_view name;
  Quantity control = Quantity::current;
  bool ohmic = false;                  ///< V = R(gamma) I
  bool factored = false;               ///< the drift is rate x shape
  std::size_t numbers = 0;             ///< among its parameters
  std::vector<T> lower, upper, scale;  ///< one a variable
  std::vector<T> levels;               ///< one a guard: the input at which it changes sign, or NaN
};

namespace detail {
template <class D, class T>
class ModelOf final : public Model<T> {
  using Signs = typename Model<T>::Signs;
  static constexpr bool has_factors =
      requires(const D device, T u, Signs signs) { device.rate(std::size_t{}, u, signs); };
  static constexpr bool has_memristance = requires(const D device, const T* gamma) { device.memristance(gamma); };

 public:
  explicit ModelOf(D device) : device_(std::move(device)) {
    this->name = D::name;
    this->control = D::control;
    this->ohmic = has_memristance;
    this->factored = has_factors;
    for (std::size_t i = 0; i < device_.size(); ++i) {
      this->lower.push_back(T(device_.lower(i)));
      this->upper.push_back(T(device_.upper(i)));
      this->scale.push_back(T(device_.scale(i)));
    }
    for (std::size_t k = 0; k < device_.guards(); ++k) this->levels.push_back(T(device_.drive_level(k)));
    if constexpr (requires { device_.parameters(); })
      for_each_number(device_.parameters(), [this](const auto&) { ++this->numbers; });
  }
  [[nodiscard]] T voltage(const T* gamma, const T& u) const override { return voltage_of(device_, gamma, u); }
  [[nodiscard]] T current(const T* gamma, const T& u) const override { return current_of(device_, gamma, u); }
  [[nodiscard]] T memristance(const T* gamma) const override {
    if constexpr (has_memristance) return device_.memristance(gamma);
    return T(std::nan(""));
  }
  [[nodiscard]] T drift(std::size_t i, const T* gamma, const T& u, Signs regime) const override {
    return device_.drift(i, gamma, u, regime);
  }
  [[nodiscard]] T rate(std::size_t i, const T& u, Signs regime) const override {
    if constexpr (has_factors) return device_.rate(i, u, regime);
    return T(std::nan(""));
  }
  [[nodiscard]] T shape(std::size_t i, const T* gamma, Signs regime) const override {
    if constexpr (has_factors) return device_.shape(i, gamma, regime);
    return T(std::nan(""));
  }
  [[nodiscard]] Mask<T> moves(std::size_t i, Signs regime) const override { return device_.moves(i, regime); }
  [[nodiscard]] T guard(std::size_t k, const T* gamma, const T& u) const override { return device_.guard(k, gamma, u); }
  [[nodiscard]] std::shared_ptr<const Model<T>> with(const T* numbers) const override {
    if constexpr (requires { device_.parameters(); }) {
      auto parameters = device_.parameters();
      for_each_number(parameters, [&](auto& number) {
        if constexpr (std::is_same_v<std::decay_t<decltype(number)>, T>) number = *numbers++;
      });
      return std::make_shared<ModelOf>(D(parameters));
    }
    return std::make_shared<ModelOf>(device_);
  }

 private:
  D device_;
};
}  // namespace detail

/// A device behind the interface of its scalar.
template <class T, class D>
[[nodiscard]] std::shared_ptr<const Model<T>> model_of(D device) {
  return std::make_shared<detail::ModelOf<D, T>>(std::move(device));
}

/// A device under a source, as a device whose drive is what the source prescribes. Where that is not the model's own
/// input, or a resistance is in series, `input` solves for it: in closed form for V = R(γ) I, else by a bracketed root
/// to the last digits. NaN where there is no solution.
/// @tparam N number of variables if it is fixed, else 0
template <class T, std::size_t N = 0>
class Driven {
 public:
  static constexpr bool coupled = true;

  Driven(std::shared_ptr<const Model<T>> model, const Source& source)
      : model_(std::move(model)),
        quantity_(source.quantity),
        resistance_(source.series_resistance),
        direct_(quantity_ == model_->control && (quantity_ == Quantity::current || resistance_ == 0.0)) {}
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

  /// The drive is the model's own input.
  [[nodiscard]] bool direct() const { return direct_; }
  [[nodiscard]] bool factored() const { return direct_ && model_->factored; }
  template <class Gamma>
  [[nodiscard]] T input(const Gamma& gamma, const T& drive) const {
    return direct_ ? drive : solve(&gamma[0], drive);
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
    if (model_->ohmic) {
      const T memristance = model_->memristance(gamma);
      const T total = memristance + T(resistance_);
      const T current = by_voltage ? select(total == T(0.0), T(std::nan("")), T(drive / total)) : drive;
      return of_voltage ? T(memristance * current) : current;
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
  bool direct_;
};

}  // namespace memdyn
