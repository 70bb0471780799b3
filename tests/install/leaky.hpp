// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A conductance that a voltage raises beyond a threshold, and that decays: V = I / G, with
///
///   dG/dt = a (V - V_t) - G/tau   where V > V_t
///         = -G/tau                elsewhere                        [S/s]
///
/// Guard: V - V_t. Bounds: hard, G_min..G_max. Smoothness: linear inside of every regime.
template <class P>
class LeakyOf {
 public:
  template <class T>
  using With = LeakyOf<T>;
  static constexpr std::string_view name = "leaky";
  static constexpr std::string_view summary =
      "conductance that grows beyond a threshold and decays\n\n"
      "  dG/dt = a (V - V_t) - G/tau where V > V_t, else -G/tau";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false, guards_depend_on_state = false, drift_depends_on_state = true;

  struct Parameters {
    P a = 1e-3;
    P V_t = 0.5;
    P tau = 1.0;
    P G_min = 1e-6;
    P G_max = 1e-3;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"a", "S/(V s)", 0, 1e6, false, "growth beyond the threshold"}, p.a);
      visit(Field{"V_t", "V", 0, 1e3, true, "threshold"}, p.V_t);
      visit(Field{"tau", "s", 1e-15, 1e9, true, "time of the decay"}, p.tau);
      visit(Field{"G_min", "S", 1e-15, 1e3, true, "lower bound"}, p.G_min);
      visit(Field{"G_max", "S", 1e-15, 1e3, true, "upper bound"}, p.G_max);
    }
  };
  /// @throws InputError naming key, value and range
  explicit LeakyOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  LeakyOf() : LeakyOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() {
    return {.leaves_bounds = lacks("it decays to G_min whatever the sign of the voltage"), .fades = true};
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "G"; }
  [[nodiscard]] static const char* unit() { return "S"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    using T = std::decay_t<decltype(gamma[0])>;
    return T(T(1.0) / gamma[0]);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& gamma, const T& voltage, const R& regime) const {
    return select<>(regime[0], T(p_.a * (voltage - p_.V_t)), T(0.0)) - gamma[0] / p_.tau;
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 1; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& voltage) const {
    return voltage - p_.V_t;
  }
  [[nodiscard]] P drive_level(std::size_t /*k*/) const { return p_.V_t; }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.G_min; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.G_max; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.G_max - p_.G_min; }

 private:
  Parameters p_;
};
using Leaky = LeakyOf<double>;

}  // namespace memdyn
