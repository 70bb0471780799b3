// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "memdyn/core/error.hpp"

namespace memdyn {

/// The embedded Runge-Kutta pairs, by name:
///  - "dopri5": Dormand and Prince 1980, order 5(4)
///  - "bogacki-shampine32": Bogacki and Shampine 1989, order 3(2)
///  - "fehlberg78": Fehlberg 1968, order 8, its error by half steps
enum class Method { dopri5, bogacki_shampine32, fehlberg78 };
inline constexpr std::string_view method_names[] = {"dopri5", "bogacki-shampine32", "fehlberg78"};
[[nodiscard]] constexpr std::string_view name_of(Method method) { return method_names[static_cast<int>(method)]; }

/// How exact. The local error of a step is held below relative·|γ_i| + absolute·scale(i) in every variable.
struct IntegrationOptions {
  Method method = Method::dopri5;
  double relative = 1e-9;   ///< in (0, 1)
  double absolute = 1e-12;  ///< of the variable's range; in (0, 1)
  /// @throws InputError naming key, value and range
  void validate() const {
    for (auto [key, given] : {std::pair{"relative", relative}, std::pair{"absolute", absolute}})
      if (!(given > 0 && given < 1)) throw InputError("tolerance", key, fmt::format("{}", given), "must be in (0, 1)");
  }
};

}  // namespace memdyn
