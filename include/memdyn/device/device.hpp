// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "memdyn/core/lanes.hpp"

namespace memdyn {

/// The frozen signs of a device's guards while a step is taken: one truth value a guard (true where the guard is
/// positive), a lane. Inside of a regime the right-hand side is smooth.
template <class T>
using Regime = boost::container::small_vector<Mask<T>, 16, std::allocator<Mask<T>>>;  // aligned for wide masks

/// A current-controlled memristor, Eq. 1 of Silva et al. 2020 (doi:10.1016/j.neunet.2019.10.013):
/// V = R(γ, I) I, γ̇ = f(γ, I). `gamma` is anything indexable by variable, one value of T a variable.
///
/// A model gives
///  - `size()`                      number of internal variables
///  - `voltage(gamma, I)`           [V], for I in [A]
///  - `drift(i, gamma, I, regime)`  γ̇ of variable i [unit of γ / s]; selects by the regime, never branches on I or γ
///  - `rate(i, I, regime)`, `shape(i, gamma, regime)`  where the drift is a factor of the drive alone times one of the
///    state: its factors; the first is then evaluated once while the drive is constant
///  - `moves(i, regime)`            false where the drift of i vanishes throughout the regime
///  - `guards()`, `guard(k, gamma, I)`  smooth functions whose sign changes are the switching surfaces
///  - `drive_level(k)`              the current [A] at which guard k changes sign, NaN if it depends on the state
///  - `lower(i)`, `upper(i)`        bounds of variable i, infinite where there is none
///  - `scale(i)`                    the range of variable i that absolute tolerances are relative to, > 0
///  - `guards_depend_on_state`      false if every guard has a drive level
///  - `coupled`                     false if γ̇_i depends on no other variable than γ_i
///  - `alone(i)`                    where an uncoupled model has several variables: variable i as a model by itself
///  - `drift_depends_on_state`     false if γ̇ is a function of the current alone (a pulse then has a closed form)
///  - `name`, `Parameters` with `fields`, `parameters()`  the model's name and its documented parameters;
///    constructed from `Parameters`, which it checks: a device with bad parameters cannot exist
template <class D, class T>
concept DeviceFor =
    requires(const D device, std::size_t i, const std::vector<T>& gamma, const T& current, const Regime<T>& regime) {
      { device.size() } -> std::convertible_to<std::size_t>;
      { device.voltage(gamma, current) } -> std::convertible_to<T>;
      { device.drift(i, gamma, current, regime) } -> std::convertible_to<T>;
      { device.moves(i, regime) } -> std::convertible_to<Mask<T>>;
      { device.guards() } -> std::convertible_to<std::size_t>;
      { device.guard(i, gamma, current) } -> std::convertible_to<T>;
      { device.drive_level(i) } -> std::convertible_to<double>;
      { device.lower(i) } -> std::convertible_to<double>;
      { device.upper(i) } -> std::convertible_to<double>;
      { device.scale(i) } -> std::convertible_to<double>;
      { D::coupled } -> std::convertible_to<bool>;
      { D::guards_depend_on_state } -> std::convertible_to<bool>;
      { D::name } -> std::convertible_to<std::string_view>;
    };

/// One definition serves plain numbers and lanes of them (and dual numbers: core/scalar.hpp).
template <class D>
concept Device = DeviceFor<D, double> && DeviceFor<D, Pack>;

/// A Regime for devices of one model: of fixed size where the model fixes its number of guards.
template <class D, class T>
struct RegimeOfModel {
  using Type = Regime<T>;
};
template <class D, class T>
  requires requires { std::integral_constant<std::size_t, D::guards()>{}; }
struct RegimeOfModel<D, T> {
  using Type = std::array<Mask<T>, D::guards()>;
};
template <class D, class T>
using RegimeOf = typename RegimeOfModel<D, T>::Type;

/// The truth value of every guard at (γ, I).
template <class D, class T, class Gamma, class R>
void evaluate_regime(const D& device, const Gamma& gamma, const T& current, R& regime) {
  if constexpr (requires { regime.resize(device.guards()); }) regime.resize(device.guards());
  for (std::size_t k = 0; k < regime.size(); ++k) regime[k] = device.guard(k, gamma, current) > T(0.0);
}

/// Variable i of an uncoupled device, as a device by itself.
template <class D>
const auto& variable_alone(const D& device, std::size_t i) {
  if constexpr (requires { device.alone(i); }) {
    return device.alone(i);
  } else {
    return device;
  }
}

/// A regime as text, one 0 or 1 a guard: "0110".
inline std::string to_string(const Regime<double>& regime) {
  std::string text;
  for (bool side : regime) text += side ? '1' : '0';
  return text.empty() ? "none" : text;
}

}  // namespace memdyn
