// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A linear capacitor, an element of composites; its voltage is its internal variable:
///
///   V = v           dv/dt = I / C   [V/s]
///
/// Guards: none. Bounds: none; tolerances are relative to the range `V_scale`. Smoothness: linear.
template <class P>
class CapacitorOf {
 public:
  template <class T>
  using With = CapacitorOf<T>;
  static constexpr std::string_view name = "capacitor";
  static constexpr std::string_view summary =
      "linear capacitor, an element of composites; its voltage is its variable\n\n"
      "  V = v      dv/dt = I / C";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool fixes_voltage = true;
  static constexpr bool coupled = false, guards_depend_on_state = false, drift_depends_on_state = false;

  struct Parameters {
    P C = 1e-12;
    P V_scale = 1.0;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"C", "F", 0, 1e6, false, "capacitance"}, p.C);
      visit(Field{"V_scale", "V", 0, 1e6, false, "range of its voltage that tolerances are relative to"}, p.V_scale);
    }
  };

  /// @throws InputError naming key, value and range
  explicit CapacitorOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  CapacitorOf() : CapacitorOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() {
    return {.passive = lacks("a capacitor returns the energy that it stores"),
            .pinched = lacks("a capacitor keeps its voltage without a current")};
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "v"; }
  [[nodiscard]] static const char* unit() { return "V"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(0.0);
  }
  template <class Gamma>
  [[nodiscard]] auto open_voltage(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(gamma[0]);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& current, const R& /*regime*/) const {
    return T(current / p_.C);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 0; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& current) const {
    return current;
  }
  [[nodiscard]] static double drive_level(std::size_t /*k*/) { return 0.0; }
  [[nodiscard]] static double lower(std::size_t /*i*/) { return -infinity; }
  [[nodiscard]] static double upper(std::size_t /*i*/) { return infinity; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.V_scale; }

 private:
  Parameters p_;
};
using Capacitor = CapacitorOf<double>;

}  // namespace memdyn
