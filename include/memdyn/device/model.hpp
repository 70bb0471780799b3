// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// Voltage [V] and current [A] of a part of a composite, in the direction of the whole composite.
template <class T>
struct PartPort {
  T voltage, current;
};

/// Type-erased interface of a device model: one indirect call per evaluation. The concept DeviceFor documents the
/// functions.
template <class T>
class Model {
 public:
  using Signs = std::span<const Mask<T>>;  ///< a regime, one mask per guard

  virtual ~Model() = default;
  [[nodiscard]] virtual T voltage(const T* gamma, const T& u) const = 0;
  [[nodiscard]] virtual T current(const T* gamma, const T& u) const = 0;
  [[nodiscard]] virtual T memristance(const T* gamma) const = 0;                     ///< R [Ohm] if `ohmic`, else NaN
  [[nodiscard]] virtual T open_voltage(const T* /*gamma*/) const { return T(0.0); }  ///< E [V] if `ohmic`
  [[nodiscard]] virtual T drift(std::size_t i, const T* gamma, const T& u, Signs regime) const = 0;
  [[nodiscard]] virtual T rate(std::size_t i, const T& u, Signs regime) const = 0;       ///< NaN unless `factored`
  [[nodiscard]] virtual T shape(std::size_t i, const T* gamma, Signs regime) const = 0;  ///< NaN unless `factored`
  [[nodiscard]] virtual Mask<T> moves(std::size_t i, Signs regime) const = 0;
  [[nodiscard]] virtual T guard(std::size_t k, const T* gamma, const T& u) const = 0;
  /// This model in the coordinates that integrators use; null if these are the state.
  [[nodiscard]] virtual std::shared_ptr<const Model> integrated() const { return nullptr; }
  [[nodiscard]] virtual T state(std::size_t /*i*/, const T& coordinate) const { return coordinate; }
  [[nodiscard]] virtual T coordinate(std::size_t /*i*/, const T& state) const { return state; }
  /// Describes the part of the model that is not a finite number in this state; empty if the model finds none.
  [[nodiscard]] virtual std::string undefined(const T* /*gamma*/, const T& /*u*/, Signs /*regime*/) const { return {}; }
  /// Writes voltage and current of the `parts` parts of a composite, each part before the parts within it.
  virtual void ports(const T* /*gamma*/, const T& /*u*/, PartPort<T>* /*to*/) const {}
  /// This model with other numeric parameters, in the order of its fields.
  [[nodiscard]] virtual std::shared_ptr<const Model> with(const T* numbers) const = 0;

  std::string_view name;
  Quantity control = Quantity::current;
  bool ohmic = false;                  ///< V = E(gamma) + R(gamma) I
  bool fixes_voltage = false;          ///< V = E(gamma), independent of the current
  bool fixes_current = false;          ///< I = I(gamma), independent of the voltage
  bool solves = false;                 ///< solves for the inputs of its parts; in some states there may be no solution
  bool factored = false;               ///< the drift is rate x shape
  bool transformed = false;            ///< γ is the integrated coordinates, not the state
  std::size_t numbers = 0;             ///< number of numeric parameters
  std::size_t parts = 0;               ///< of a composite: number of its parts, including those within parts
  std::vector<T> lower, upper, scale;  ///< one per variable
  std::vector<T> levels;               ///< one per guard: the input at which it changes sign, or NaN
};

/// The largest magnitude of the finite drive levels of a model's guards; 0 if there is none.
[[nodiscard]] inline double farthest_level(const Model<double>& model) {
  double farthest = 0.0;
  for (const double level : model.levels)
    if (std::isfinite(level)) farthest = std::max(farthest, std::abs(level));
  return farthest;
}

namespace detail {
template <class D, class T>
class ModelOf final : public Model<T> {
  using Signs = typename Model<T>::Signs;
  static constexpr bool has_factors =
      requires(const D device, T u, Signs signs) { device.rate(std::size_t{}, u, signs); };
  static constexpr bool has_memristance = requires(const D device, const T* gamma) { device.memristance(gamma); };
  static constexpr bool has_coordinates = requires(const D device) { device.integrated(); };
  static constexpr bool has_open_voltage = requires(const D device, const T* gamma) { device.open_voltage(gamma); };

 public:
  explicit ModelOf(D device, bool in_coordinates = false)
      : device_(in_coordinates ? integrated_form(device) : std::move(device)), in_coordinates_(in_coordinates) {
    this->transformed = is_transformed(device_);
    this->name = D::name;
    this->control = D::control;
    this->ohmic = has_memristance;
    this->fixes_voltage = requires { D::fixes_voltage; };
    this->fixes_current = requires { D::fixes_current; };
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
  [[nodiscard]] T open_voltage(const T* gamma) const override {
    if constexpr (has_open_voltage) return device_.open_voltage(gamma);
    return T(0.0);
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
        using Number = std::decay_t<decltype(number)>;
        if constexpr (is_series<T>) {  // parameters are numbers, not series
          if constexpr (std::is_same_v<Number, NumberOf<T>>) number = (numbers++)->value();
        } else if constexpr (std::is_same_v<Number, T>) {
          number = *numbers++;
        }
      });
      return std::make_shared<ModelOf>(D(parameters), in_coordinates_);
    }
    return std::make_shared<ModelOf>(device_, in_coordinates_);
  }
  [[nodiscard]] std::shared_ptr<const Model<T>> integrated() const override {
    if constexpr (has_coordinates) return std::make_shared<ModelOf>(device_, true);
    return nullptr;
  }
  [[nodiscard]] T state(std::size_t i, const T& coordinate) const override {
    if constexpr (has_coordinates) return device_.state(i, coordinate);
    return coordinate;
  }
  [[nodiscard]] T coordinate(std::size_t i, const T& state) const override {
    if constexpr (has_coordinates) return device_.coordinate(i, state);
    return state;
  }

 private:
  D device_;
  bool in_coordinates_;
};
}  // namespace detail

/// Wraps a device as a Model over the scalar T.
template <class T, class D>
[[nodiscard]] std::shared_ptr<const Model<T>> model_of(D device) {
  return std::make_shared<detail::ModelOf<D, T>>(std::move(device));
}

}  // namespace memdyn
