// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A linear inductor, an element of composites; its current is its internal variable:
///
///   I = i           di/dt = V / L   [A/s]
///
/// Guards: none. Bounds: none; tolerances are relative to the range `I_scale`. Smoothness: linear.
template <class P>
class InductorOf {
 public:
  template <class T>
  using With = InductorOf<T>;
  static constexpr std::string_view name = "inductor";
  static constexpr std::string_view summary =
      "linear inductor, an element of composites; its current is its variable\n\n"
      "  I = i      di/dt = V / L";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool fixes_current = true;
  static constexpr bool coupled = false, guards_depend_on_state = false, drift_depends_on_state = false;

  struct Parameters {
    P L = 1e-6;
    P I_scale = 1e-3;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"L", "H", 0, 1e6, false, "inductance"}, p.L);
      visit(Field{"I_scale", "A", 0, 1e6, false, "range of its current that tolerances are relative to"}, p.I_scale);
    }
  };

  /// @throws InputError naming key, value and range
  explicit InductorOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  InductorOf() : InductorOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() {
    return {.passive = lacks("an inductor returns the energy that it stores"),
            .pinched = lacks("an inductor keeps its current without a voltage")};
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "i"; }
  [[nodiscard]] static const char* unit() { return "A"; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& gamma, const T& /*voltage*/) const {
    return T(gamma[0]);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& voltage, const R& /*regime*/) const {
    return T(voltage / p_.L);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 0; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& voltage) const {
    return voltage;
  }
  [[nodiscard]] static double drive_level(std::size_t /*k*/) { return 0.0; }
  [[nodiscard]] static double lower(std::size_t /*i*/) { return -infinity; }
  [[nodiscard]] static double upper(std::size_t /*i*/) { return infinity; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.I_scale; }

 private:
  Parameters p_;
};
using Inductor = InductorOf<double>;

}  // namespace memdyn
