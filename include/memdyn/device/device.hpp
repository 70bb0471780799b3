// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <array>
#include <boost/container/small_vector.hpp>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "memdyn/core/error.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// The signs of a device's guards, frozen during a step: one truth value per guard and lane, true if the guard is
/// positive. Within a regime the right-hand side is smooth.
template <class T>
using Regime = boost::container::small_vector<Mask<T>, 16, std::allocator<Mask<T>>>;  // aligned for wide masks

/// A port quantity of a device: the input of its equations, or the quantity that a source prescribes.
enum class Quantity { current, voltage };
inline constexpr std::string_view quantity_names[] = {"current", "voltage"};
[[nodiscard]] constexpr std::string_view name_of(Quantity quantity) {
  return quantity_names[static_cast<int>(quantity)];
}
[[nodiscard]] constexpr const char* unit_of(Quantity quantity) { return quantity == Quantity::current ? "A" : "V"; }

/// Whether a model has a property, and if not, why.
struct Property {
  bool holds = true;
  const char* why = "";
};
[[nodiscard]] constexpr Property lacks(const char* why) { return {false, why}; }

/// At this z Kvatinsky's window exp(-exp(z)) is about 1e-300: a bound with a larger z absorbs.
inline constexpr double shut_window = 6.5;
inline constexpr Property held_by_window = lacks("its window holds a bound: a_on or a_off lies beyond it by many w_c");

/// Properties that a device claims; the conformance suite (`memdyn check`) tests them.
struct Properties {
  Property passive{};        ///< V I >= 0 in every state
  Property pinched{};        ///< V = 0 where I = 0, in every state
  Property leaves_bounds{};  ///< a state at a bound leaves it when the drift turns inward: no bound is absorbing
  Property grows{};          ///< monotone: V increases with I in every state, so that each determines the other
  bool fades = false;        ///< volatile: the state moves at zero input
  int smoothness = smooth;   ///< number of continuous derivatives of the drift within a regime

  static constexpr int smooth = 100;  ///< all derivatives are continuous
};

/// The voltage across a device [V], as a function of its state and its input.
template <class D, class Gamma, class T>
[[nodiscard]] T voltage_of(const D& device, const Gamma& gamma, const T& u) {
  if constexpr (requires { device.voltage(gamma, u); }) {
    return device.voltage(gamma, u);
  } else if constexpr (D::control == Quantity::voltage) {
    return u;
  } else if constexpr (requires { device.open_voltage(gamma); }) {
    return T(device.open_voltage(gamma)) + T(device.memristance(gamma)) * u;
  } else {
    return T(device.memristance(gamma)) * u;
  }
}
/// The current through a device [A], as a function of its state and its input.
template <class D, class Gamma, class T>
[[nodiscard]] T current_of(const D& device, const Gamma& gamma, const T& u) {
  if constexpr (requires { device.current(gamma, u); }) {
    return device.current(gamma, u);
  } else if constexpr (D::control == Quantity::current) {
    return u;
  } else {
    return u / T(device.memristance(gamma));
  }
}

/// A memristor, Eq. 1 of Silva et al. 2020 (doi:10.1016/j.neunet.2019.10.013): V = R(γ, I) I, γ̇ = f(γ, I); or, with
/// the voltage as the input, I = G(γ, V) V, γ̇ = f(γ, V). `gamma` is indexable by variable, one value of T per variable;
/// u is the input, a current in [A] or a voltage in [V].
///
/// Members of a model:
///  - `control`                     whether the input is the current or the voltage
///  - `size()`                      number of internal variables
///  - `memristance(gamma)`          R(γ) [Ohm], if it does not depend on the input; otherwise
///    `voltage(gamma, I)` [V] of a current-controlled model, `current(gamma, V)` [A] of a voltage-controlled one
///  - `open_voltage(gamma)`         (optional) E(γ) [V] of a current-controlled element that stores a voltage:
///    V = E(γ) + R(γ) I; `fixes_voltage` is defined if R = 0
///  - `fixes_current`               (optional) defined if the current is a function of the state alone
///  - `drift(i, gamma, u, regime)`  γ̇ of variable i [unit of γ / s]; selects by the regime, never branches on u or γ
///  - `rate(i, u, regime)`, `shape(i, gamma, regime)`  (optional) the factors of the drift, if it is a function of the
///    input times a function of the state; the rate is then evaluated once while the input is constant
///  - `moves(i, regime)`            false if the drift of i vanishes throughout the regime
///  - `guards()`, `guard(k, gamma, u)`  smooth functions whose sign changes are the switching surfaces
///  - `drive_level(k)`              the input at which guard k changes sign, NaN if it depends on the state
///  - `lower(i)`, `upper(i)`        bounds of variable i, infinite if there is none
///  - `scale(i)`                    the range of variable i that absolute tolerances are relative to, > 0
///  - `guards_depend_on_state`      false if every guard has a drive level
///  - `coupled`                     false if γ̇_i depends on no other variable than γ_i
///  - `alone(i)`                    variable i as a model by itself, if an uncoupled model has several variables
///  - `drift_depends_on_state`      false if γ̇ is a function of the input alone (a pulse then has a closed form)
///  - `properties()`                the properties that it claims
///  - `variants()`                  (optional) parameter sets, besides the defaults, that exercise its options
///  - `integrated()`                (optional) the model in the coordinates that suit integrators, if these are not the
///    state; `transformed()` is true if they differ. Its increasing functions `state(i, coordinate)` and
///    `coordinate(i, state)` convert; in all other members γ is then the coordinates
///  - `typical_input()`             (optional) an input magnitude that moves the state; needed only if the guards do
///    not imply one
///  - `variable_name(i)`, `unit()`  names of the variables, and the unit that they share
///  - `name`, `summary`, `Parameters` with `fields`, `parameters()`  name and documented parameters of the model; the
///    constructor takes and checks `Parameters`, so that a device with invalid parameters cannot exist
///  - `With<T>`                     the model with parameters of another scalar
template <class D, class T>
concept DeviceFor =
    requires(const D device, std::size_t i, const std::vector<T>& gamma, const T& u, const Regime<T>& regime) {
      { device.size() } -> std::convertible_to<std::size_t>;
      { voltage_of(device, gamma, u) } -> std::convertible_to<T>;
      { device.drift(i, gamma, u, regime) } -> std::convertible_to<T>;
      { device.moves(i, regime) } -> std::convertible_to<Mask<T>>;
      { device.guards() } -> std::convertible_to<std::size_t>;
      { device.guard(i, gamma, u) } -> std::convertible_to<T>;
      { device.drive_level(i) } -> std::convertible_to<double>;
      { device.lower(i) } -> std::convertible_to<double>;
      { device.upper(i) } -> std::convertible_to<double>;
      { device.scale(i) } -> std::convertible_to<double>;
      { device.properties() } -> std::convertible_to<Properties>;
      { D::control } -> std::convertible_to<Quantity>;
      { D::coupled } -> std::convertible_to<bool>;
      { D::guards_depend_on_state } -> std::convertible_to<bool>;
      { D::drift_depends_on_state } -> std::convertible_to<bool>;
      { D::name } -> std::convertible_to<std::string_view>;
    };

/// The model's input for a state and a drive in a frozen regime: the drive itself, unless the device solves for the
/// input.
template <class D, class Gamma, class T, class R>
[[nodiscard]] T input_of(const D& device, const Gamma& gamma, const T& drive, const R& regime) {
  if constexpr (requires { device.input(gamma, drive, regime); }) {
    return device.input(gamma, drive, regime);
  } else {
    return drive;
  }
}
/// A device in the coordinates that integrators use: itself, unless it defines others.
template <class D>
[[nodiscard]] D integrated_form(const D& device) {
  if constexpr (requires { device.integrated(); }) {
    return device.integrated();
  } else {
    return device;
  }
}
/// True if the integrated coordinates are not the state.
template <class D>
[[nodiscard]] bool is_transformed(const D& device) {
  if constexpr (requires { device.transformed(); }) return device.transformed();
  return false;
}
/// The model's name.
template <class D>
[[nodiscard]] std::string_view name_of_model(const D& device) {
  if constexpr (requires { device.name(); }) {
    return device.name();
  } else {
    return D::name;
  }
}

/// Number of guards of the device's source; in a regime their signs follow those of the model's guards.
template <class D>
[[nodiscard]] std::size_t source_guards_of(const D& device) {
  if constexpr (requires { device.source_guards(); }) return device.source_guards();
  return 0;
}

/// The drive level of every guard; NaN for a guard that depends on the state.
template <class D>
[[nodiscard]] std::vector<double> levels_of(const D& device) {
  std::vector<double> levels;
  for (std::size_t k = 0; k < device.guards(); ++k) levels.push_back(device.drive_level(k));
  levels.insert(levels.end(), source_guards_of(device), std::nan(""));
  return levels;
}

/// Whether the state is sampled within steps, which then must end at the extrema of the drive: true if a guard depends
/// on the state, or a variable can rest at a bound.
template <class D>
[[nodiscard]] bool looks_at_state(const D& device) {
  for (std::size_t i = 0; i < device.size(); ++i)
    if (std::isfinite(device.lower(i)) || std::isfinite(device.upper(i))) return true;
  for (const double level : levels_of(device))
    if (std::isnan(level)) return true;
  return false;
}

/// @throws InputError unless `gamma` has one finite value per variable of the device, within its bounds
template <class D, class Gamma>
void check_state(const D& device, const Gamma& gamma) {
  const std::string where(name_of_model(device));
  if (gamma.size() != device.size())
    throw InputError(where, "gamma", fmt::format("{} values", gamma.size()),
                     fmt::format("needs {}, one per variable", device.size()));
  for (std::size_t i = 0; i < gamma.size(); ++i)
    if (!(gamma[i] >= device.lower(i) && gamma[i] <= device.upper(i) && std::isfinite(gamma[i])))
      throw InputError(where, fmt::format("gamma[{}]", i), fmt::format("{}", gamma[i]),
                       fmt::format("must be finite and in [{}, {}]", device.lower(i), device.upper(i)));
}

/// One definition serves doubles and packs (and dual numbers: core/scalar.hpp).
template <class D>
concept Device = DeviceFor<D, double> && DeviceFor<D, Pack>;

/// The Regime for devices of one model: an array if the number of guards is a compile-time constant.
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

/// Sets the truth value of every guard of the model at (γ, u); also makes room for the guards of the source.
template <class D, class T, class Gamma, class R>
void evaluate_regime(const D& device, const Gamma& gamma, const T& u, R& regime) {
  if constexpr (requires { regime.resize(device.guards()); })
    regime.resize(device.guards() + source_guards_of(device), Mask<T>(false));
  for (std::size_t k = 0; k < device.guards(); ++k) regime[k] = device.guard(k, gamma, u) > T(0.0);
}
/// Sets the truth value of every guard under a drive, first those of the source, because the input depends on them.
template <class D, class T, class Gamma, class R>
void freeze_regime(const D& device, const Gamma& gamma, const T& drive, R& regime) {
  if constexpr (requires { device.source_guards(); }) device.freeze_source(gamma, drive, regime);
  evaluate_regime(device, gamma, input_of(device, gamma, drive, regime), regime);
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

/// A regime as text, one 0 or 1 per guard: "0110".
inline std::string to_string(const Regime<double>& regime) {
  std::string text;
  for (bool side : regime) text += side ? '1' : '0';
  return text.empty() ? "none" : text;
}

}  // namespace memdyn
