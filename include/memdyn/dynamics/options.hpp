// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "memdyn/core/error.hpp"

namespace memdyn {

/// The methods, by name:
///  - "dopri5": Dormand and Prince 1980, order 5(4)
///  - "bogacki-shampine32": Bogacki and Shampine 1989, order 3(2)
///  - "fehlberg78": Fehlberg 1968, order 8, with an error estimate by step halving
///  - "rosenbrock4": RODAS4P2, Steinebach 2020, order 4(3), L-stable, with exact Jacobians: for stiff devices
///  - "taylor": Taylor series, Jorba and Zou 2005, with an order that follows from the tolerance, for smooth devices;
///    dopri5 where the drift has no series (a root at 0)
///  - "auto": dopri5, or rosenbrock4 where one of its steps reaches ten times as far: there stability, not accuracy,
///    limits the steps of dopri5
enum class Method { dopri5, bogacki_shampine32, fehlberg78, rosenbrock4, taylor, automatic };
inline constexpr std::string_view method_names[] = {
    "dopri5", "bogacki-shampine32", "fehlberg78", "rosenbrock4", "taylor", "auto"};
[[nodiscard]] constexpr std::string_view name_of(Method method) { return method_names[static_cast<int>(method)]; }

/// Method and tolerances. The error estimate of a step is kept below relative·|γ_i| + absolute·scale(i) for every
/// variable i.
struct IntegrationOptions {
  Method method = Method::automatic;
  double relative = 1e-9;   ///< in (0, 1)
  double absolute = 1e-12;  ///< share of the range of the variable; in (0, 1)
  /// The larger of the two tolerances.
  [[nodiscard]] double loosest() const { return relative > absolute ? relative : absolute; }
  /// The tolerated error of a step, for a variable of this scale and magnitude.
  template <class T>
  [[nodiscard]] T tolerated(const T& scale, const T& magnitude) const {
    return T(absolute) * scale + T(relative) * magnitude;
  }
  /// @throws InputError if the method is neither an explicit pair nor auto
  void require_explicit(std::string_view what) const {
    if (method == Method::rosenbrock4 || method == Method::taylor)
      throw InputError(std::string(what), "method", std::string(name_of(method)),
                       "is for simulations and sweeps only; use dopri5, bogacki-shampine32, fehlberg78 or auto");
  }
  /// @throws InputError naming key, value and range if a tolerance is outside of (0, 1)
  void validate() const {
    for (auto [key, given] : {std::pair{"relative", relative}, std::pair{"absolute", absolute}})
      if (!(given > 0 && given < 1)) throw InputError("tolerance", key, fmt::format("{}", given), "must be in (0, 1)");
  }
};

}  // namespace memdyn
