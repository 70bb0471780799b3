// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <xsimd/xsimd.hpp>

#ifdef __FAST_MATH__
#error "Memdyn needs NaN and infinity, which -ffast-math removes: compile without it (also -Ofast)"
#endif

namespace memdyn {

/// A SIMD pack of doubles, as wide as the instruction set that this source is compiled for: one trajectory per lane.
using Pack = xsimd::batch<double>;

/// Traits that let one source serve `double` and packs of doubles: masks replace truth values, select() replaces
/// branches, lane() accesses a single lane. A double is a pack of one lane.
template <class T>
struct LanesOf {
  using Mask = bool;
  static constexpr std::size_t count = 1;
};
template <class A>
struct LanesOf<xsimd::batch<double, A>> {
  using Mask = xsimd::batch_bool<double, A>;
  static constexpr std::size_t count = xsimd::batch<double, A>::size;
};
/// One truth value for a scalar, one per lane for a pack.
template <class T>
using Mask = typename LanesOf<T>::Mask;
template <class T>
inline constexpr std::size_t lanes = LanesOf<T>::count;
/// Scalars that carry derivatives: dual numbers (scalar.hpp) and series (series.hpp).
template <class T>
concept CarriesDerivatives = requires(const T& x) { x.value(); };
template <class T>
inline constexpr bool is_series = false;
/// The number type of a scalar: the type of the coefficients for a series, else T itself.
template <class T>
struct NumbersOf {
  using Type = T;
};
template <class T>
using NumberOf = typename NumbersOf<T>::Type;

/// `yes` in the lanes where the mask is true, `no` elsewhere; does not branch on a pack.
template <class T>
T select(bool mask, const T& yes, const T& no) {
  return mask ? yes : no;
}
template <class A>
xsimd::batch<double, A> select(const xsimd::batch_bool<double, A>& mask, const xsimd::batch<double, A>& yes,
                               const xsimd::batch<double, A>& no) {
  return xsimd::select(mask, yes, no);
}
/// a && !b
[[nodiscard]] inline bool and_not(bool a, bool b) { return a && !b; }
template <class A>
[[nodiscard]] xsimd::batch_bool<double, A> and_not(const xsimd::batch_bool<double, A>& a,
                                                   const xsimd::batch_bool<double, A>& b) {
  return a & ~b;
}
[[nodiscard]] inline bool any(bool mask) { return mask; }
[[nodiscard]] inline bool all(bool mask) { return mask; }
template <class A>
[[nodiscard]] bool any(const xsimd::batch_bool<double, A>& mask) {
  return xsimd::any(mask);
}
template <class A>
[[nodiscard]] bool all(const xsimd::batch_bool<double, A>& mask) {
  return xsimd::all(mask);
}

/// Number of lanes in which the mask is true.
[[nodiscard]] inline std::size_t count(bool mask) { return mask ? 1 : 0; }
template <class A>
[[nodiscard]] std::size_t count(const xsimd::batch_bool<double, A>& mask) {
  using T = xsimd::batch<double, A>;
  return static_cast<std::size_t>(xsimd::hadd(xsimd::select(mask, T(1.0), T(0.0))));
}

/// Largest errors of the functions of packs [units in the last place] over the given arguments, as measured and
/// asserted by tests/scalar/lanes_test.cpp for every instruction set:
///
///   exponential, exp, log    1      |x| <= 700; 1e-300 .. 1e300
///   sine, cosine             1      |x| <= 1e6
///   sinh, cosh, tanh         2
///   power(x, y)             20      x in 0.1 .. 10, y in 0.1 .. 5; y ln x is rounded before it is exponentiated, so
///                          250      the error grows with |y ln x|: x in 1e-6 .. 1e6, y in 0.1 .. 10
///
/// sin x and cos x. The functions of xsimd choose the argument reduction by the largest argument of the pack, so the
/// result of a lane would depend on its neighbours. These use the Cody-Waite reduction in two parts and the polynomials
/// of fdlibm (s_sin.c, k_sin.c, k_cos.c), with the same operations for every argument. The error is at most 1 ulp for
/// |x| < 1e6; for larger arguments it is that of changing x in its last place.
template <class T>
[[nodiscard]] T sine(const T& x) {
  using std::sin;
  return sin(x);
}
template <class T>
[[nodiscard]] T cosine(const T& x) {
  using std::cos;
  return cos(x);
}
namespace detail {
/// sin(x + quarters π/2)
template <class A>
xsimd::batch<double, A> sine_of_quarters(const xsimd::batch<double, A>& x, double quarters) {
  using T = xsimd::batch<double, A>;
  const auto whole = [](const T& number) { return T(number + T(0x1.8p52)) - T(0x1.8p52); };
  const T k = whole(x * T(0x1.45f306dc9c883p-1));  // 2/π
  const T r = x - k * T(0x1.921fb544p0);           // the first 33 bits of π/2: exact
  const T more = k * T(0x1.0b4611a6p-34);          // the next 33
  const T rest = r - more;
  const T low = k * T(0x1.3198a2e037073p-69) - ((r - rest) - more);
  const T y = rest - low;
  const T tail = (rest - y) - low;
  const T z = y * y;
  const T v = z * y;
  const T odd = T(8.33333333332248946124e-03) +
                z * (T(-1.98412698298579493134e-04) +
                     z * (T(2.75573137070700676789e-06) +
                          z * (T(-2.50507602534068634195e-08) + z * T(1.58969099521155010221e-10))));
  const T sin_y = y - ((z * (T(0.5) * tail - v * odd) - tail) - v * T(-1.66666666666666324348e-01));
  const T even = z * (T(4.16666666666666019037e-02) +
                      z * (T(-1.38888888888741095749e-03) +
                           z * (T(2.48015872894767294178e-05) +
                                z * (T(-2.75573143513906633035e-07) +
                                     z * (T(2.08757232129817482790e-09) + z * T(-1.13596475577881948265e-11))))));
  const T half = T(0.5) * z;
  const T one = T(1.0) - half;
  const T cos_y = one + (((T(1.0) - one) - half) + (z * even - y * tail));
  const T turned = k + T(quarters);
  const T quarter = turned - T(4.0) * whole(T(0.25) * turned);  // in -2 .. 2
  const T size = xsimd::select(quarter * quarter == T(1.0), cos_y, sin_y);
  return xsimd::select(quarter < T(-0.5) || quarter > T(1.5), -size, size);
}
}  // namespace detail
template <class A>
xsimd::batch<double, A> sine(const xsimd::batch<double, A>& x) {
  return detail::sine_of_quarters(x, 0.0);
}
template <class A>
xsimd::batch<double, A> cosine(const xsimd::batch<double, A>& x) {
  return detail::sine_of_quarters(x, 1.0);
}

/// The lanes with a NaN. It does not use x != x, which is false for a NaN with xsimd's AVX.
template <class T>
[[nodiscard]] Mask<T> is_nan(const T& x) {
  return and_not(Mask<T>(true), x == x);
}

/// a b + c, rounded once if the instruction set has a fused operation (on AVX-512 xsimd::fma takes two operations).
[[nodiscard]] inline double fused(double a, double b, double c) { return a * b + c; }
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> fused(const xsimd::batch<double, A>& a,
                                                            const xsimd::batch<double, A>& b,
                                                            const xsimd::batch<double, A>& c) {
#ifdef __AVX512F__
  if constexpr (xsimd::batch<double, A>::size == 8) return _mm512_fmadd_pd(a, b, c);
#endif
  return xsimd::fma(a, b, c);
}

/// e^x, as used by devices and drives: std::exp for a double, Eigen's for a dual number. For a pack it is the Taylor
/// polynomial of degree 13 over |x - k ln 2| <= ln 2 / 2, computed in registers: on sets that cannot convert 64-bit
/// integers (SSE2, AVX2), xsimd::exp moves the exponent through memory, and a drift with an exponential of an
/// exponential waits for that twice. On AVX-512, which can look up one of 8 numbers per lane, the degree is 8 over
/// |x - k ln 2| <= ln 2 / 16, with k a multiple of 1/8. The result is 0 below -708 and infinite above 709.78.
template <class T>
[[nodiscard]] T exponential(const T& x) {
  using std::exp;
  return exp(x);
}
#ifdef __AVX512F__
[[nodiscard, gnu::always_inline]] inline xsimd::batch<double, xsimd::avx512bw> exponential(
    const xsimd::batch<double, xsimd::avx512bw>& x) {
  using T = xsimd::batch<double, xsimd::avx512bw>;
  const T shifter(0x1.8p49);  // adding it rounds to a multiple of 1/8, kept in the low bits of the sum
  const T shifted = fused(T(_mm512_min_pd(T(710.0), x)), T(0x1.71547652b82fep0), shifter);
  const T k = shifted - shifter;
  const T r = fused(k, T(-0x1.a39ef35793c76p-33), fused(k, T(-0x1.62e42feep-1), x));  // k (32 bits of ln 2) is exact
  const T r2 = r * r;
  const T high = fused(r2, T(1.0 / 40320), fused(r, T(1.0 / 5040), T(1.0 / 720)));
  const T low = fused(r2, fused(r, T(1.0 / 120), T(1.0 / 24)), fused(r, T(1.0 / 6), T(1.0 / 2)));
  const T rise = fused(r2, fused(r2 * r2, high, low), r);  // e^r - 1
  const T root = _mm512_permutexvar_pd(                    // 2^(fractional part of k)
      _mm512_castpd_si512(shifted),
      _mm512_setr_pd(0x1p+0, 0x1.172b83c7d517bp+0, 0x1.306fe0a31b715p+0, 0x1.4bfdad5362a27p+0, 0x1.6a09e667f3bcdp+0,
                     0x1.8ace5422aa0dbp+0, 0x1.ae89f995ad3adp+0, 0x1.d5818dcfba487p+0));
  const __mmask8 counts = _mm512_cmp_pd_mask(x, T(-708.0), _CMP_NLT_UQ);
  return _mm512_maskz_scalef_pd(counts, fused(rise, root, root), k);
}
#endif
template <class A>
[[nodiscard, gnu::always_inline]] inline xsimd::batch<double, A> exponential(const xsimd::batch<double, A>& x) {
  using T = xsimd::batch<double, A>;
  using Bits = xsimd::batch<std::int64_t, A>;
  const T shifter(0x1.8p52);  // adding it rounds to an integer, kept in the low bits of the sum
  const T shifted = fused(x, T(0x1.71547652b82fep0), shifter);
  const T k = shifter - shifted;
  const T r = fused(k, T(0x1.a39ef35793c76p-33), fused(k, T(0x1.62e42feep-1), x));  // k (32 bits of ln 2) is exact
  const T r2 = r * r;
  const T r4 = r2 * r2;
  const T low = fused(r2, fused(r, T(1.0 / 120), T(1.0 / 24)), fused(r, T(1.0 / 6), T(1.0 / 2)));
  const T middle = fused(r2, fused(r, T(1.0 / 362880), T(1.0 / 40320)), fused(r, T(1.0 / 5040), T(1.0 / 720)));
  const T high =
      fused(r2, fused(r, T(1.0 / 6227020800.0), T(1.0 / 479001600)), fused(r, T(1.0 / 39916800), T(1.0 / 3628800)));
  const T rise = fused(r2, fused(r4, fused(r4, high, middle), low), r);  // e^r - 1
  // 2^(k-1), assembled from its bits
  const T half = xsimd::bitwise_cast<T>(Bits((xsimd::bitwise_cast<Bits>(shifted) << 52) + Bits(0x3fe0000000000000)));
  const T halved = fused(rise, half, half);
  const T bounded =
      xsimd::select(x > T(0x1.62e42fefa39efp9), T(std::numeric_limits<double>::infinity()), halved + halved);
  return xsimd::select(x < T(-708.0), T(0.0), bounded);
}

/// x^y for 1e-100 < x < 1e100 and -1 < y < 0, for step-size control. For packs it takes a tenth of the operations of
/// power() and is 0 to 13 % too large: it reads the bits of a number as its base-2 logarithm, which is then
/// interpolated linearly between powers of two.
template <class T>
[[nodiscard]] T rough_power(const T& x, double y) {
  return std::pow(x, y);
}
template <class A>
[[nodiscard]] xsimd::batch<double, A> rough_power(const xsimd::batch<double, A>& x, double y) {
  using T = xsimd::batch<double, A>;
  using Bits = xsimd::batch<std::uint64_t, A>;
  // log2 x in units of 2^-40, counted from the smallest exponent, as an integer in the low bits of 2^52 .. 2^53
  const T logarithm = xsimd::bitwise_cast<T>((xsimd::bitwise_cast<Bits>(x) >> 12) | Bits(0x4330000000000000));
  const T raised = T(y) * (logarithm - T(0x1p52)) + T(0x1p52 + (1.0 - y) * 1023 * 0x1p40);
  return xsimd::bitwise_cast<T>(xsimd::bitwise_cast<Bits>(raised) << 12);
}

/// ln x
template <class T>
[[nodiscard]] T logarithm(const T& x) {
  using std::log;
  return log(x);
}
/// sinh x
template <class T>
[[nodiscard]] T hyperbolic_sine(const T& x) {
  using std::sinh;
  return sinh(x);
}
/// cosh x
template <class T>
[[nodiscard]] T hyperbolic_cosine(const T& x) {
  using std::cosh;
  return cosh(x);
}
/// tanh x
template <class T>
[[nodiscard]] T hyperbolic_tangent(const T& x) {
  using std::tanh;
  return tanh(x);
}
/// arcsin x, NaN beyond [-1, 1]; at the ends it has no derivative.
template <class T>
[[nodiscard]] T arc_sine(const T& x) {
  using std::asin;
  return asin(x);
}
/// arccos x, likewise
template <class T>
[[nodiscard]] T arc_cosine(const T& x) {
  using std::acos;
  return acos(x);
}
/// arctan x
template <class T>
[[nodiscard]] T arc_tangent(const T& x) {
  using std::atan;
  if constexpr (requires { x.derivatives(); }) {  // a dual number of Eigen, which has no arctangent of these
    T result(atan(x.value()));
    result.derivatives() = x.derivatives() / (1.0 + x.value() * x.value());
    return result;
  } else {
    return atan(x);
  }
}
/// √x
template <class T>
[[nodiscard]] T square_root(const T& x) {
  using std::sqrt;
  return sqrt(x);
}
/// x^y for x >= 0; y has the type of x, or is one number for all lanes.
template <class T, class Exponent>
[[nodiscard]] T power(const T& x, const Exponent& y) {
  using std::pow;
  if constexpr (lanes<T> == 1 || CarriesDerivatives<T>) {
    return pow(x, y);
  } else {
    const T exponent(y);
    return select(exponent == T(0.0), T(1.0), exponential(T(exponent * log(x))));
  }
}

/// max(x, 0), for an x that is >= 0 apart from rounding errors: a power of a negative number would be NaN. For a series
/// only the value is replaced, because its derivatives are still needed at 0.
template <class T>
[[nodiscard]] T not_negative(const T& x) {
  if constexpr (is_series<T>) {
    return all(x > T(0.0)) ? x : x.with_value(not_negative(x.value()));
  } else {
    return select<>(x > T(0.0), x, T(0.0));
  }
}

/// exp(-exp(z)), the double exponential of window functions. Above z = 700 it and its derivatives are 0.
template <class T>
[[nodiscard]] T double_exponential(const T& z) {
  if constexpr (CarriesDerivatives<T>) {
    return exponential(T(-exponential(select<>(z < T(700.0), z, T(700.0)))));
  } else {
    return exponential(T(-exponential(z)));
  }
}

/// Loads `lanes<T>` consecutive numbers as a T, and stores them; alignment is not required.
template <class T>
[[nodiscard]] T load(const double* from) {
  if constexpr (lanes<T> == 1) {
    return *from;
  } else {
    return T::load_unaligned(from);
  }
}
template <class T>
void store(double* to, const T& value) {
  if constexpr (lanes<T> == 1) {
    *to = value;
  } else {
    value.store_unaligned(to);
  }
}
/// Reads or sets the number in one lane. It relies on a pack being an array of numbers in memory.
template <class T>
[[nodiscard]] double lane(const T& value, std::size_t index) {
  double number = 0.0;
  std::memcpy(&number, reinterpret_cast<const std::byte*>(&value) + index * sizeof number, sizeof number);
  return number;
}
template <class T>
void set_lane(T& value, std::size_t index, double number) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) == lanes<T> * sizeof number);
  std::memcpy(reinterpret_cast<std::byte*>(&value) + index * sizeof number, &number, sizeof number);
}
/// The mask that is true in one lane only.
template <class T>
[[nodiscard]] Mask<T> only(std::size_t index) {
  double marks[lanes<T>] = {};
  marks[index] = 1.0;
  return memdyn::load<T>(marks) > T(0.5);
}

}  // namespace memdyn
