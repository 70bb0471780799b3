// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/device.hpp"

namespace memdyn {

/// What the elements of composites without an internal variable share; a class that derives from it adds its port. It
/// has no guards, unless the class declares some.
struct Stateless {
  static constexpr bool coupled = false, guards_depend_on_state = false, drift_depends_on_state = false;

  [[nodiscard]] static constexpr std::size_t size() { return 0; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return {}; }
  [[nodiscard]] static const char* unit() { return "1"; }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& /*u*/, const R& /*regime*/) const {
    return T(0.0);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(false);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 0; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& u) const {
    return u;
  }
  [[nodiscard]] static double drive_level(std::size_t /*k*/) { return 0.0; }
  [[nodiscard]] static double lower(std::size_t /*i*/) { return 0.0; }
  [[nodiscard]] static double upper(std::size_t /*i*/) { return 0.0; }
  [[nodiscard]] static double scale(std::size_t /*i*/) { return 1.0; }
};

}  // namespace memdyn
