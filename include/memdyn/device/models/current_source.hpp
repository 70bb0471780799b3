// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/device.hpp"
#include "memdyn/device/models/stateless.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A constant current in parallel with other elements, an element of composites without an internal variable:
///
///   I = J
///
/// Guards: none.
template <class P>
class CurrentSourceOf : public Stateless {
 public:
  template <class T>
  using With = CurrentSourceOf<T>;
  static constexpr std::string_view name = "current-source";
  static constexpr std::string_view summary = "constant current, an element of composites (in parallel)\n\n  I = J";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool fixes_current = true;

  struct Parameters {
    P J = 1e-3;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"J", "A", -1e15, 1e15, true, "current of the source"}, p.J);
    }
  };

  /// @throws InputError naming key, value and range
  explicit CurrentSourceOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  CurrentSourceOf() : CurrentSourceOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() {
    return {.passive = lacks("a source delivers energy"), .pinched = lacks("a source has a current without a voltage")};
  }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& /*gamma*/, const T& /*voltage*/) const {
    return T(p_.J);
  }

 private:
  Parameters p_;
};
using CurrentSource = CurrentSourceOf<double>;

}  // namespace memdyn
