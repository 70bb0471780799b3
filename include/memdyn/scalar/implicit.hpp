// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "memdyn/scalar/lanes.hpp"
#include "memdyn/scalar/root.hpp"
#include "memdyn/scalar/series.hpp"

namespace memdyn {

/// The root of f between `low` and `high`, in either order, in each lane. NaN if f is NaN at an argument that is tried,
/// does not differ in sign between the two, or changes its sign in a jump. A jump that a shift of 1e-10 of the distance
/// from `low` to `high` would make up for is taken for a rounding error. If there are several roots, it is one of them.
template <class T, class Function>
[[nodiscard]] T root_between(const Function& f, const T& low, const T& high) {
  using std::abs;
  using std::max;
  using std::min;
  constexpr double near = 0x1p-30;  // of the distance: there f must differ by much more than across the root
  const T zero(0.0);
  Bracket<T> bracket{low, T(f(low)), high, T(f(high))};
  const T size = min(abs(bracket.fa), abs(bracket.fb));
  const Mask<T> at_low = bracket.fa == zero;
  const Mask<T> at_high = and_not(bracket.fb == zero, at_low);
  const Mask<T> numbers = bracket.fa == bracket.fa && bracket.fb == bracket.fb;
  const Mask<T> apart = and_not(numbers, (bracket.fa < zero) == (bracket.fb < zero));
  Mask<T> open = and_not(and_not(apart, at_low), at_high);
  narrow(bracket, open, f, 1e-300);
  const Mask<T> first = abs(bracket.fa) < abs(bracket.fb);
  const T root = select(first, bracket.a, bracket.b);
  const T left = select(first, abs(bracket.fa), abs(bracket.fb));
  Mask<T> found = open && left <= T(1e-10) * size;
  open = and_not(open && left == left, found);
  if (any(open)) {
    const T least = min(low, high);
    const T most = max(low, high);
    const auto inside = [&](const T& x) { return T(f(T(min(most, T(max(least, x)))))); };
    const T way = T(near) * (most - least);
    const T change = abs(T(inside(T(root + way)) - inside(T(root - way))));
    const Mask<T> smooth = change >= T(30.0) * abs(T(bracket.fb - bracket.fa));
    found = found || (open && (smooth || is_steep(inside, bracket)));
  }
  const T within = select(found, root, T(std::numeric_limits<double>::quiet_NaN()));
  return select(at_low, low, select(at_high, high, within));
}

/// The root of f whose value is known, with the derivatives of the implicit function that f defines there.
/// @tparam T a scalar that carries derivatives: a dual number or a series
template <class T, class Number, class Function>
  requires CarriesDerivatives<T>
[[nodiscard]] T implicit_root(const Function& f, const Number& root) {
  // root_of_growing() finds a root and differentiates there. Here it is 0, the distance from the known root: the value
  // of f is replaced by that distance, the derivatives are kept.
  const auto distance = [&](const T& way) {
    T found = f(T(T(root) + way));
    if constexpr (is_series<T>) {
      return found.with_value(way.value());
    } else {
      found.value() = way.value();
      return found;
    }
  };
  return T(root) + root_of_growing<T>(distance, 1.0);
}

}  // namespace memdyn
