// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// The dense output of one variable: Σ c_k θ^k, with the share θ of the step.
template <class T>
using Quintic = std::array<T, 6>;

/// The cubic with the values and slopes at both ends of a step, plus θ² (1 - θ)² (bend + skew θ).
/// @param rise0 the slope at the start of the step, times its length
/// @param rise1 the slope at its end, times its length
template <class T>
[[nodiscard]] Quintic<T> quintic(const T& x0, const T& rise0, const T& x1, const T& rise1, const T& bend,
                                 const T& skew) {
  const T change = x1 - x0;
  return {x0,
          rise0,
          T(3.0) * change - T(2.0) * rise0 - rise1 + bend,
          rise0 + rise1 - T(2.0) * (change + bend) + skew,
          bend - T(2.0) * skew,
          skew};
}

template <class T>
[[nodiscard]] T value_at(const Quintic<T>& c, const T& theta) {
  return c[0] + theta * (c[1] + theta * (c[2] + theta * (c[3] + theta * (c[4] + theta * c[5]))));
}
/// dx/dθ
template <class T>
[[nodiscard]] T slope_at(const Quintic<T>& c, const T& theta) {
  return c[1] + theta * (T(2.0) * c[2] + theta * (T(3.0) * c[3] + theta * (T(4.0) * c[4] + theta * (T(5.0) * c[5]))));
}

/// d²x/dθ²
template <class T>
[[nodiscard]] T bend_at(const Quintic<T>& c, const T& theta) {
  return T(2.0) * c[2] + theta * (T(6.0) * c[3] + theta * (T(12.0) * c[4] + theta * T(20.0) * c[5]));
}

/// A lower and an upper bound of the quintic over the step: the hull of its Bernstein coefficients.
template <class T>
struct Hull {
  T least, largest;
};
template <class T>
[[nodiscard]] Hull<T> hull_of(const Quintic<T>& c) {
  using std::max;
  using std::min;
  const T b1 = c[0] + T(0.2) * c[1];
  const T b2 = c[0] + T(0.4) * c[1] + T(0.1) * c[2];
  const T b3 = c[0] + T(0.6) * c[1] + T(0.3) * c[2] + T(0.1) * c[3];
  const T b4 = c[0] + T(0.8) * c[1] + T(0.6) * c[2] + T(0.4) * c[3] + T(0.2) * c[4];
  const T b5 = c[0] + c[1] + c[2] + c[3] + c[4] + c[5];
  return {min(min(min(c[0], b1), min(b2, b3)), min(b4, b5)), max(max(max(c[0], b1), max(b2, b3)), max(b4, b5))};
}

/// A polynomial of any degree, Σ c_k θ^k; the functions below are those of a quintic.
template <class T>
using Polynomial = std::vector<T>;
template <class T>
[[nodiscard]] T value_at(const Polynomial<T>& c, const T& theta) {
  T sum = c.back();
  for (std::size_t k = c.size() - 1; k-- > 0;) sum = sum * theta + c[k];
  return sum;
}
template <class T>
[[nodiscard]] T slope_at(const Polynomial<T>& c, const T& theta) {
  T sum(0.0);
  for (std::size_t k = c.size() - 1; k > 0; --k) sum = sum * theta + T(static_cast<double>(k)) * c[k];
  return sum;
}
template <class T>
[[nodiscard]] T bend_at(const Polynomial<T>& c, const T& theta) {
  T sum(0.0);
  for (std::size_t k = c.size() - 1; k > 1; --k) sum = sum * theta + T(static_cast<double>(k * (k - 1))) * c[k];
  return sum;
}
/// @param room memory for the Bernstein coefficients, which are not needed if the linear term shows that the polynomial
/// is monotone
template <class T>
[[nodiscard]] Hull<T> hull_of(const Polynomial<T>& c, Polynomial<T>& room) {
  using std::abs;
  using std::max;
  using std::min;
  T others(0.0);
  T end = c[0];
  for (std::size_t k = 1; k < c.size(); ++k) {
    if (k > 1) others += T(static_cast<double>(k)) * abs(c[k]);
    end += c[k];
  }
  const Hull<T> ends{min(c[0], end), max(c[0], end)};
  const Mask<T> monotone = c.size() > 1 ? others <= abs(c[1]) : Mask<T>(true);
  if (all(monotone)) return ends;
  room = c;
  const std::size_t degree = c.size() - 1;
  double over = 1.0;  // 1 over a binomial coefficient
  for (std::size_t k = 0; k <= degree; ++k) {
    room[k] = room[k] * T(over);
    over *= static_cast<double>(k + 1) / static_cast<double>(degree - k);
  }
  for (std::size_t level = 1; level <= degree; ++level)
    for (std::size_t k = degree; k >= level; --k) room[k] += room[k - 1];
  Hull<T> hull{room[0], room[0]};
  for (const T& one : room) hull = {min(hull.least, one), max(hull.largest, one)};
  return {select(monotone, ends.least, hull.least), select(monotone, ends.largest, hull.largest)};
}

}  // namespace memdyn
