// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/models/stateless.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A nonlinear resistor whose current is a cubic polynomial of its voltage, an element of composites without an
/// internal variable:
///
///   I = G_1 V + G_2 V² + G_3 V³
///
/// With G_1 < 0 < G_3 it has a negative differential conductance around V = 0, as the active element of van der Pol's
/// oscillator (van der Pol 1926, doi:10.1080/14786442608564127). Guards: none.
template <class P>
class PolynomialResistorOf : public Stateless {
 public:
  template <class T>
  using With = PolynomialResistorOf<T>;
  static constexpr std::string_view name = "polynomial-resistor";
  static constexpr std::string_view summary =
      "nonlinear resistor, cubic in its voltage, an element of composites\n\n"
      "  I = G_1 V + G_2 V^2 + G_3 V^3";
  static constexpr Quantity control = Quantity::voltage;

  struct Parameters {
    P G_1 = 1e-3;
    P G_2 = 0.0;
    P G_3 = 1e-3;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"G_1", "S", -1e15, 1e15, true, "linear coefficient"}, p.G_1);
      visit(Field{"G_2", "A/V^2", -1e15, 1e15, true, "quadratic coefficient"}, p.G_2);
      visit(Field{"G_3", "A/V^3", -1e15, 1e15, true, "cubic coefficient"}, p.G_3);
    }
  };

  /// @throws InputError naming key, value and range
  explicit PolynomialResistorOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  PolynomialResistorOf() : PolynomialResistorOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() { return {{.G_2 = 1e-3}, {.G_1 = -1e-3}, {.G_2 = 1e-2}}; }
  /// By the discriminants of I/V and of dI/dV. A polynomial that is 0 determines no voltage.
  [[nodiscard]] Properties properties() const {
    const auto never_negative = [&](double constant, double linear, double quadratic) {
      return constant >= 0 && quadratic >= 0 && linear * linear <= 4 * constant * quadratic;
    };
    const bool some = p_.G_1 != 0 || p_.G_2 != 0 || p_.G_3 != 0;
    return {.passive = never_negative(p_.G_1, p_.G_2, p_.G_3) ? Property{} : lacks("I/V is negative at some voltages"),
            .pinched = p_.G_1 > 0 && never_negative(p_.G_1, p_.G_2, p_.G_3)
                           ? Property{}
                           : lacks("its current is 0 at other voltages than 0, too"),
            .grows = some && never_negative(p_.G_1, 2 * p_.G_2, 3 * p_.G_3)
                         ? Property{}
                         : lacks("its current falls while its voltage rises, over some voltages")};
  }
  [[nodiscard]] static double typical_input() { return 1.0; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& /*gamma*/, const T& voltage) const {
    return T(voltage * (p_.G_1 + voltage * (p_.G_2 + voltage * p_.G_3)));
  }

 private:
  Parameters p_;
};
using PolynomialResistor = PolynomialResistorOf<double>;

}  // namespace memdyn
