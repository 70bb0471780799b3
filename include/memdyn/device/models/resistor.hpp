// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A linear resistor, V = R I: an element of composites, without an internal variable of its own.
template <class P>
class ResistorOf {
 public:
  template <class T>
  using With = ResistorOf<T>;
  static constexpr std::string_view name = "resistor";
  static constexpr std::string_view summary = "linear resistor, an element of composites\n\n  V = R I";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false, guards_depend_on_state = false, drift_depends_on_state = false;

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

  [[nodiscard]] static constexpr std::size_t size() { return 0; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return {}; }
  [[nodiscard]] static const char* unit() { return "1"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(p_.R);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& /*current*/, const R& /*regime*/) const {
    return T(0.0);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(false);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 0; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& current) const {
    return current;
  }
  [[nodiscard]] static double drive_level(std::size_t /*k*/) { return 0.0; }
  [[nodiscard]] static double lower(std::size_t /*i*/) { return 0.0; }
  [[nodiscard]] static double upper(std::size_t /*i*/) { return 0.0; }
  [[nodiscard]] static double scale(std::size_t /*i*/) { return 1.0; }

 private:
  Parameters p_;
};
using Resistor = ResistorOf<double>;

}  // namespace memdyn
