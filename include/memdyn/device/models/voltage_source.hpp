// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/device.hpp"
#include "memdyn/device/models/stateless.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A constant voltage in series with other elements, an element of composites without an internal variable:
///
///   V = E
///
/// Guards: none.
template <class P>
class VoltageSourceOf : public Stateless {
 public:
  template <class T>
  using With = VoltageSourceOf<T>;
  static constexpr std::string_view name = "voltage-source";
  static constexpr std::string_view summary = "constant voltage, an element of composites (in series)\n\n  V = E";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool fixes_voltage = true;

  struct Parameters {
    P E = 1.0;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"E", "V", -1e15, 1e15, true, "voltage of the source"}, p.E);
    }
  };

  /// @throws InputError naming key, value and range
  explicit VoltageSourceOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  VoltageSourceOf() : VoltageSourceOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() {
    return {.passive = lacks("a source delivers energy"), .pinched = lacks("a source has a voltage without a current")};
  }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(0.0);
  }
  template <class Gamma>
  [[nodiscard]] auto open_voltage(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(p_.E);
  }

 private:
  Parameters p_;
};
using VoltageSource = VoltageSourceOf<double>;

}  // namespace memdyn
