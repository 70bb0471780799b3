// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/device.hpp"
#include "memdyn/device/models/stateless.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A threshold-free selector of crossbar cells, whose current is a hyperbolic sine of its voltage (as of tunnelling
/// through a barrier at low field, Simmons 1963, doi:10.1063/1.1702682); an element of composites without an internal
/// variable:
///
///   I = I_0 sinh(V / V_0)
///
/// Guards: none.
template <class P>
class SelectorOf : public Stateless {
 public:
  template <class T>
  using With = SelectorOf<T>;
  static constexpr std::string_view name = "selector";
  static constexpr std::string_view summary =
      "selector with the current of a hyperbolic sine, an element of composites\n\n"
      "  I = I_0 sinh(V / V_0)";
  static constexpr Quantity control = Quantity::voltage;

  struct Parameters {
    P I_0 = 1e-9;
    P V_0 = 0.1;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"I_0", "A", 0, 1e3, false, "scale of the current"}, p.I_0);
      visit(Field{"V_0", "V", 0, 1e3, false, "voltage over which the current grows e-fold"}, p.V_0);
    }
  };

  /// @throws InputError naming key, value and range
  explicit SelectorOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  SelectorOf() : SelectorOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() { return {}; }
  [[nodiscard]] double typical_input() const { return 10.0 * p_.V_0; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& /*gamma*/, const T& voltage) const {
    return T(p_.I_0 * hyperbolic_sine(T(voltage / p_.V_0)));
  }

 private:
  Parameters p_;
};
using Selector = SelectorOf<double>;

}  // namespace memdyn
