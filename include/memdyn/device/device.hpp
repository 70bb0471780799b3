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

/// The frozen signs of a device's guards while a step is taken: one truth value a guard (true where the guard is
/// positive), a lane. Inside of a regime the right-hand side is smooth.
template <class T>
using Regime = boost::container::small_vector<Mask<T>, 16, std::allocator<Mask<T>>>;  // aligned for wide masks

/// A port quantity of a device: what its equations take as their input, or what a source prescribes.
enum class Quantity { current, voltage };
inline constexpr std::string_view quantity_names[] = {"current", "voltage"};
[[nodiscard]] constexpr std::string_view name_of(Quantity quantity) {
  return quantity_names[static_cast<int>(quantity)];
}
[[nodiscard]] constexpr const char* unit_of(Quantity quantity) { return quantity == Quantity::current ? "A" : "V"; }

/// Whether a model has a property, and why not where it is missing.
struct Property {
  bool holds = true;
  const char* why = "";
};
[[nodiscard]] constexpr Property lacks(const char* why) { return {false, why}; }

/// Kvatinsky's window exp(-exp(z)) leaves 1e-300 of a drift at this z: a bound that lies as far beyond absorbs.
inline constexpr double shut_window = 6.5;
inline constexpr Property held_by_window = lacks("its window holds a bound: a_on or a_off lies beyond it by many w_c");

/// What a device promises; the conformance suite (`memdyn check`) holds it to that.
struct Properties {
  Property passive{};        ///< V I >= 0 in every state
  Property pinched{};        ///< V = 0 where I = 0, in every state
  Property leaves_bounds{};  ///< a state at a bound leaves it at once when the drift turns inward: no bound absorbs it
  Property grows{};          ///< V grows with I in every state: each has one answer to the other
  bool fades = false;        ///< volatile: the state moves at rest
  int smoothness = smooth;   ///< continuous derivatives of the drift inside of a regime

  static constexpr int smooth = 100;  ///< all of them
};

/// The voltage over a device [V], of its state and its input.
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
/// The current through a device [A], of its state and its input.
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

/// A memristor, Eq. 1 of Silva et al. 2020 (doi:10.1016/j.neunet.2019.10.013): V = R(γ, I) I, γ̇ = f(γ, I); or, where
/// the voltage is the input, I = G(γ, V) V, γ̇ = f(γ, V). `gamma` is anything indexable by variable, one value of T a
/// variable; the input is called u here, a current in [A] or a voltage in [V].
///
/// A model gives
///  - `control`                     which of the two its input is
///  - `size()`                      number of internal variables
///  - `memristance(gamma)`          R(γ) [Ohm], where it does not depend on the input; elsewhere
///    `voltage(gamma, I)` [V] of a current-controlled model, `current(gamma, V)` [A] of a voltage-controlled one
///  - `open_voltage(gamma)`         E(γ) [V] of a current-controlled element that stores one: V = E(γ) + R(γ) I;
///    `fixes_voltage` where R = 0
///  - `drift(i, gamma, u, regime)`  γ̇ of variable i [unit of γ / s]; selects by the regime, never branches on u or γ
///  - `rate(i, u, regime)`, `shape(i, gamma, regime)`  where the drift is a factor of the input alone times one of the
///    state: its factors; the first is then evaluated once while the input is constant
///  - `moves(i, regime)`            false where the drift of i vanishes throughout the regime
///  - `guards()`, `guard(k, gamma, u)`  smooth functions whose sign changes are the switching surfaces
///  - `drive_level(k)`              the input at which guard k changes sign, NaN if it depends on the state
///  - `lower(i)`, `upper(i)`        bounds of variable i, infinite where there is none
///  - `scale(i)`                    the range of variable i that absolute tolerances are relative to, > 0
///  - `guards_depend_on_state`      false if every guard has a drive level
///  - `coupled`                     false if γ̇_i depends on no other variable than γ_i
///  - `alone(i)`                    where an uncoupled model has several variables: variable i as a model by itself
///  - `drift_depends_on_state`      false if γ̇ is a function of the input alone (a pulse then has a closed form)
///  - `properties()`                what it promises
///  - `variants()`                  where it has options: parameters, beside the defaults, that exercise them
///  - `integrated()`                where integrators had better take other coordinates than the state: the model in
///    those, `transformed()` where they differ; its `state(i, coordinate)` and `coordinate(i, state)` lead from one to
///    the other and grow, and in all else γ is the coordinates
///  - `typical_input()`             where its guards do not tell it: a size of the input that moves its state
///  - `variable_name(i)`, `unit()`  names of the variables, and the unit that they share
///  - `name`, `summary`, `Parameters` with `fields`, `parameters()`  the model's name and its documented parameters;
///    constructed from `Parameters`, which it checks: a device with bad parameters cannot exist
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

/// The model's input of a state and a drive, in a frozen regime: the drive, unless the device solves for it.
template <class D, class Gamma, class T, class R>
[[nodiscard]] T input_of(const D& device, const Gamma& gamma, const T& drive, const R& regime) {
  if constexpr (requires { device.input(gamma, drive, regime); }) {
    return device.input(gamma, drive, regime);
  } else {
    return drive;
  }
}
/// A device in the coordinates that integrators take: itself, unless it has others.
template <class D>
[[nodiscard]] D integrated_form(const D& device) {
  if constexpr (requires { device.integrated(); }) {
    return device.integrated();
  } else {
    return device;
  }
}
/// Its state is not what is integrated.
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

/// How many guards the source of a device has beside those of the model: their signs follow in a regime.
template <class D>
[[nodiscard]] std::size_t source_guards_of(const D& device) {
  if constexpr (requires { device.source_guards(); }) return device.source_guards();
  return 0;
}

/// The drive levels of all guards, NaN where one depends on the state.
template <class D>
[[nodiscard]] std::vector<double> levels_of(const D& device) {
  std::vector<double> levels;
  for (std::size_t k = 0; k < device.guards(); ++k) levels.push_back(device.drive_level(k));
  levels.insert(levels.end(), source_guards_of(device), std::nan(""));
  return levels;
}

/// Whether something in the state is looked at now and then within a step, which must not go beyond where the drive
/// turns: a guard that depends on the state, or a bound at which a variable may rest.
template <class D>
[[nodiscard]] bool looks_at_state(const D& device) {
  for (std::size_t i = 0; i < device.size(); ++i)
    if (std::isfinite(device.lower(i)) || std::isfinite(device.upper(i))) return true;
  for (const double level : levels_of(device))
    if (std::isnan(level)) return true;
  return false;
}

/// @throws InputError unless `gamma` has one finite value a variable of the device, inside of its bounds
template <class D, class Gamma>
void check_state(const D& device, const Gamma& gamma) {
  const std::string where(name_of_model(device));
  if (gamma.size() != device.size())
    throw InputError(where, "gamma", fmt::format("{} values", gamma.size()),
                     fmt::format("needs {}, one a variable", device.size()));
  for (std::size_t i = 0; i < gamma.size(); ++i)
    if (!(gamma[i] >= device.lower(i) && gamma[i] <= device.upper(i) && std::isfinite(gamma[i])))
      throw InputError(where, fmt::format("gamma[{}]", i), fmt::format("{}", gamma[i]),
                       fmt::format("must be finite and in [{}, {}]", device.lower(i), device.upper(i)));
}

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

/// The truth value of every guard of the model at (γ, u); room for those of the source.
template <class D, class T, class Gamma, class R>
void evaluate_regime(const D& device, const Gamma& gamma, const T& u, R& regime) {
  if constexpr (requires { regime.resize(device.guards()); })
    regime.resize(device.guards() + source_guards_of(device), Mask<T>(false));
  for (std::size_t k = 0; k < device.guards(); ++k) regime[k] = device.guard(k, gamma, u) > T(0.0);
}
/// The truth value of every guard under a drive: of those of the source first, as the input depends on them.
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

/// A regime as text, one 0 or 1 a guard: "0110".
inline std::string to_string(const Regime<double>& regime) {
  std::string text;
  for (bool side : regime) text += side ? '1' : '0';
  return text.empty() ? "none" : text;
}

}  // namespace memdyn
