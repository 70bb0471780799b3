// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>

#include "memdyn/scalar/series.hpp"

namespace memdyn {

inline constexpr std::size_t order = 20;
using S = Series<double>;
using Coefficients = std::array<double, order + 1>;

/// The coefficients of a function of the series x.
template <class Function>
Coefficients expanded(const Function& f, const Coefficients& x) {
  SeriesTape<double> tape(order);
  const SeriesTape<double>::InUse in_use(tape);
  const S recorded = f(S::of(x.data()));
  Coefficients result{};
  for (std::size_t n = 0; n <= order; ++n) {
    if (n > 0) tape.run(n);
    result[n] = recorded[n];
  }
  return result;
}
/// Those of from + t.
inline Coefficients identity(double from) {
  Coefficients x{};
  x[0] = from;
  x[1] = 1.0;
  return x;
}

}  // namespace memdyn
