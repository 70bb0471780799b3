// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/device.hpp"
#include "memdyn/device/models/stateless.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A linear resistor, V = R I: an element of composites, without an internal variable of its own.
template <class P>
class ResistorOf : public Stateless {
 public:
  template <class T>
  using With = ResistorOf<T>;
  static constexpr std::string_view name = "resistor";
  static constexpr std::string_view summary = "linear resistor, an element of composites\n\n  V = R I";
  static constexpr Quantity control = Quantity::current;

  struct Parameters {
    P R = 1e3;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R", "Ohm", 0, 1e15, false, "resistance"}, p.R);
    }
  };

  /// @throws InputError naming key, value and range
  explicit ResistorOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  ResistorOf() : ResistorOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() { return {}; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(p_.R);
  }

 private:
  Parameters p_;
};
using Resistor = ResistorOf<double>;

}  // namespace memdyn
