// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

namespace detail {
/// Fills each part k of several masks or packs with function(k).
template <class All, class Function>
[[gnu::always_inline]] inline All each(const Function& function) {
  All result;
  std::size_t k = 0;
  for (auto& part : result.part) part = function(k++);
  return result;
}
}  // namespace detail

/// Mask of Packs: N masks of single packs.
template <class M, std::size_t N>
struct PacksMask {
  M part[N];

  PacksMask() = default;
  explicit PacksMask(bool all) {
    for (M& one : part) one = M(all);
  }

  [[gnu::always_inline]] friend PacksMask operator&&(const PacksMask& a, const PacksMask& b) {
    return detail::each<PacksMask>([&](std::size_t k)
                                       __attribute__((always_inline)) { return a.part[k] && b.part[k]; });
  }
  [[gnu::always_inline]] friend PacksMask operator||(const PacksMask& a, const PacksMask& b) {
    return detail::each<PacksMask>([&](std::size_t k)
                                       __attribute__((always_inline)) { return a.part[k] || b.part[k]; });
  }
  [[gnu::always_inline]] friend PacksMask operator==(const PacksMask& a, const PacksMask& b) {
    return detail::each<PacksMask>([&](std::size_t k)
                                       __attribute__((always_inline)) { return a.part[k] == b.part[k]; });
  }
  [[gnu::always_inline]] friend PacksMask operator!=(const PacksMask& a, const PacksMask& b) {
    return detail::each<PacksMask>([&](std::size_t k)
                                       __attribute__((always_inline)) { return a.part[k] != b.part[k]; });
  }
  [[gnu::always_inline]] PacksMask operator!() const {
    return detail::each<PacksMask>([&](std::size_t k) __attribute__((always_inline)) { return !part[k]; });
  }
};

/// N packs used as one pack with N times the lanes, to hide latency: while one pack waits for the result of an
/// operation, the others compute. Results are bit-identical to those of a single pack.
template <class P, std::size_t N>
struct Packs {
  P part[N];

  Packs() = default;
  Packs(double all) {  // implicit, as a pack's
    for (P& one : part) one = P(all);
  }
  [[nodiscard]] static Packs load_unaligned(const double* from) {
    return detail::each<Packs>([&](std::size_t k)
                                   __attribute__((always_inline)) { return memdyn::load<P>(from + k * lanes<P>); });
  }
  void store_unaligned(double* to) const {
    for (std::size_t k = 0; k < N; ++k) memdyn::store(to + k * lanes<P>, part[k]);
  }

#define MEMDYN_OPERATOR(op)                                                                               \
  [[gnu::always_inline]] friend Packs operator op(const Packs& a, const Packs& b) {                       \
    return detail::each<Packs>([&](std::size_t k)                                                         \
                                   __attribute__((always_inline)) { return P(a.part[k] op b.part[k]); }); \
  }                                                                                                       \
  Packs& operator op##=(const Packs & other) { return *this = *this op other; }
  MEMDYN_OPERATOR(+)
  MEMDYN_OPERATOR(-)
  MEMDYN_OPERATOR(*)
  MEMDYN_OPERATOR(/)
#undef MEMDYN_OPERATOR
#define MEMDYN_OPERATOR(op)                                                                                            \
  [[gnu::always_inline]] friend PacksMask<Mask<P>, N> operator op(const Packs & a, const Packs & b) {                  \
    return detail::each<PacksMask<Mask<P>, N>>([&](std::size_t k)                                                      \
                                                   __attribute__((always_inline)) { return a.part[k] op b.part[k]; }); \
  }
  MEMDYN_OPERATOR(<)
  MEMDYN_OPERATOR(<=)
  MEMDYN_OPERATOR(>)
  MEMDYN_OPERATOR(>=)
  MEMDYN_OPERATOR(==)
  MEMDYN_OPERATOR(!=)
#undef MEMDYN_OPERATOR
  [[gnu::always_inline]] Packs operator-() const {
    return detail::each<Packs>([&](std::size_t k) __attribute__((always_inline)) { return P(-part[k]); });
  }

#define MEMDYN_FUNCTION(name)                                                      \
  friend Packs name(const Packs& x) {                                              \
    return detail::each<Packs>([&](std::size_t k) __attribute__((always_inline)) { \
      using std::name;                                                             \
      return P(name(x.part[k]));                                                   \
    });                                                                            \
  }
  MEMDYN_FUNCTION(abs)
  MEMDYN_FUNCTION(sqrt)
  MEMDYN_FUNCTION(log)
  MEMDYN_FUNCTION(sinh)
  MEMDYN_FUNCTION(cosh)
  MEMDYN_FUNCTION(tanh)
  MEMDYN_FUNCTION(asin)
  MEMDYN_FUNCTION(acos)
  MEMDYN_FUNCTION(atan)
#undef MEMDYN_FUNCTION
#define MEMDYN_FUNCTION(name)                                                      \
  friend Packs name(const Packs& a, const Packs& b) {                              \
    return detail::each<Packs>([&](std::size_t k) __attribute__((always_inline)) { \
      using std::name;                                                             \
      return P(name(a.part[k], b.part[k]));                                        \
    });                                                                            \
  }
  MEMDYN_FUNCTION(min)
  MEMDYN_FUNCTION(max)
  MEMDYN_FUNCTION(pow)
#undef MEMDYN_FUNCTION
};

template <class P, std::size_t N>
struct LanesOf<Packs<P, N>> {
  using Mask = PacksMask<memdyn::Mask<P>, N>;
  static constexpr std::size_t count = N * lanes<P>;
};

template <class P, std::size_t N>
[[nodiscard, gnu::always_inline]] inline Packs<P, N> select(const PacksMask<Mask<P>, N>& mask, const Packs<P, N>& yes,
                                                            const Packs<P, N>& no) {
  return detail::each<Packs<P, N>>(
      [&](std::size_t k) __attribute__((always_inline)) { return select(mask.part[k], yes.part[k], no.part[k]); });
}
template <class M, std::size_t N>
[[nodiscard, gnu::always_inline]] inline PacksMask<M, N> and_not(const PacksMask<M, N>& a, const PacksMask<M, N>& b) {
  return detail::each<PacksMask<M, N>>([&](std::size_t k)
                                           __attribute__((always_inline)) { return and_not(a.part[k], b.part[k]); });
}
template <class M, std::size_t N>
[[nodiscard, gnu::always_inline]] inline bool any(const PacksMask<M, N>& mask) {
  M some = mask.part[0];
  for (std::size_t k = 1; k < N; ++k) some = some || mask.part[k];
  return any(some);
}
template <class M, std::size_t N>
[[nodiscard]] bool all(const PacksMask<M, N>& mask) {
  M every = mask.part[0];
  for (std::size_t k = 1; k < N; ++k) every = every && mask.part[k];
  return all(every);
}
template <class M, std::size_t N>
[[nodiscard]] std::size_t count(const PacksMask<M, N>& mask) {
  std::size_t all = 0;
  for (const M& one : mask.part) all += count(one);
  return all;
}
template <class P, std::size_t N>
[[nodiscard]] Packs<P, N> sine(const Packs<P, N>& x) {
  return detail::each<Packs<P, N>>([&](std::size_t k) __attribute__((always_inline)) { return sine(x.part[k]); });
}
template <class P, std::size_t N>
[[nodiscard]] Packs<P, N> cosine(const Packs<P, N>& x) {
  return detail::each<Packs<P, N>>([&](std::size_t k) __attribute__((always_inline)) { return cosine(x.part[k]); });
}
template <class P, std::size_t N>
[[nodiscard, gnu::always_inline]] inline Packs<P, N> exponential(const Packs<P, N>& x) {
  return detail::each<Packs<P, N>>([&](std::size_t k)
                                       __attribute__((always_inline)) { return exponential(x.part[k]); });
}

template <class P, std::size_t N>
[[nodiscard, gnu::always_inline]] inline Packs<P, N> fused(const Packs<P, N>& a, const Packs<P, N>& b,
                                                           const Packs<P, N>& c) {
  return detail::each<Packs<P, N>>(
      [&](std::size_t k) __attribute__((always_inline)) { return fused(a.part[k], b.part[k], c.part[k]); });
}
template <class P, std::size_t N>
[[nodiscard, gnu::always_inline]] inline Packs<P, N> rough_power(const Packs<P, N>& x, double y) {
  return detail::each<Packs<P, N>>([&](std::size_t k)
                                       __attribute__((always_inline)) { return rough_power(x.part[k], y); });
}

}  // namespace memdyn
