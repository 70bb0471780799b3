// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// Two arguments a and b of a function f, and its values fa and fb.
template <class T>
struct Bracket {
  T a, fa, b, fb;
};

/// Chandrupatla's method of root finding (doi:10.1016/S0965-9978(96)00051-8), one iteration at a time, independently in
/// each lane.
template <class T>
class Narrowing {
 public:
  /// @param bracket fa and fb must differ in sign in the lanes of `open`; it is left as it is in the others
  /// @param t where the first iteration evaluates f, as a fraction of the distance from a to b
  /// @param least absolute tolerance of the root; the relative tolerance is one or two units in the last place
  Narrowing(const Bracket<T>& bracket, const Mask<T>& open, double least, const T& t = T(0.5))
      : bracket_(bracket), open_(open), least_(least), c_(bracket.b), fc_(bracket.fb), t_(t) {}
  /// Restarts the lanes of `where` with another bracket.
  void begin(const Mask<T>& where, const Bracket<T>& bracket, const Mask<T>& open, const T& t) {
    bracket_ = {select(where, bracket.a, bracket_.a), select(where, bracket.fa, bracket_.fa),
                select(where, bracket.b, bracket_.b), select(where, bracket.fb, bracket_.fb)};
    c_ = select(where, bracket.b, c_);
    fc_ = select(where, bracket.fb, fc_);
    t_ = select(where, t, t_);
    open_ = (where && open) || and_not(open_, where);
  }
  [[nodiscard]] const Bracket<T>& bracket() const { return bracket_; }
  /// The lanes that have not finished. A lane finishes when its bracket is narrow enough, or when f was NaN (then `fa`
  /// is that NaN).
  [[nodiscard]] const Mask<T>& open() const { return open_; }
  /// The argument at which to evaluate f next; `a` in the lanes that have finished.
  [[nodiscard]] T next() const { return select(open_, bracket_.a + t_ * (bracket_.b - bracket_.a), bracket_.a); }
  /// Completes an iteration with fx = f(next()).
  void take(const T& fx) {
    using std::abs;
    using std::max;
    using std::min;
    auto& [a, fa, b, fb] = bracket_;
    const T x = next();
    const Mask<T> same = (fx < T(0.0)) == (fa < T(0.0));
    const T old_b = b;
    const T old_fb = fb;
    c_ = select(open_, select(same, a, old_b), c_);
    fc_ = select(open_, select(same, fa, old_fb), fc_);
    b = select(and_not(open_, same), a, b);
    fb = select(and_not(open_, same), fa, fb);
    a = select(open_, x, a);
    fa = select(open_, fx, fa);
    const T digits = T(4.5e-16) * abs(select(abs(fa) < abs(fb), a, b)) + T(least_);
    const T one(1.0);  // division is slow: compute reciprocals once
    const T per_way = one / (b - a);
    const T per_rise = one / (fc_ - fb);
    const T share = digits * abs(per_way);
    open_ = open_ && !(share > T(0.5)) && fx == fx;
    const T xi = (a - b) / (c_ - b);
    const T phi = (fa - fb) * per_rise;
    const T inverse = (fa * per_rise) * ((c_ - a) * per_way * fb / (fc_ - fa) - fc_ / (fb - fa));
    t_ = select(phi * phi < xi && (T(1.0) - phi) * (T(1.0) - phi) < T(1.0) - xi, inverse, T(0.5));
    t_ = min(T(1.0) - share, max(share, t_));
  }

 private:
  Bracket<T> bracket_;
  Mask<T> open_;
  double least_;
  T c_, fc_, t_;
};

/// Narrows the brackets in the lanes of `open`, where fa and fb must differ in sign; see Narrowing.
template <class T, class Function>
void narrow(Bracket<T>& bracket, const Mask<T>& open, const Function& f, double least) {
  Narrowing<T> narrowing(bracket, open, least);
  for (int look = 0; look < 200 && any(narrowing.open()); ++look) narrowing.take(f(narrowing.next()));
  bracket = narrowing.bracket();
}

/// Whether f is merely steep between the neighbouring numbers a and b, as the inverse of a flat function is, and does
/// not jump there: then over 2^20 bracket widths to either side it changes by much more than from a to b.
template <class T, class Function>
[[nodiscard]] Mask<T> is_steep(const Function& f, const Bracket<T>& bracket) {
  using std::abs;
  const T way = T(0x1p20) * (bracket.b - bracket.a);
  const T jump = abs(bracket.fb - bracket.fa);
  return abs(T(f(T(bracket.b + way))) - T(f(T(bracket.a - way)))) >= T(30.0) * jump;
}

/// The root of an increasing function f. The search for a bracket starts from `start` > 0 or -`start` and grows the
/// argument eightfold each time. Where f is NaN, beyond its domain or where it overflows, the search returns towards
/// the last argument where it is not. NaN if f is NaN at 0, does not change its sign, or changes it in a jump.
template <class T, class Function>
[[nodiscard]] T root_of_growing(const Function& f, double start) {
  using std::abs;
  const T zero(0.0);
  Bracket<T> bracket{zero, T(f(zero)), zero, zero};
  const T size = abs(bracket.fa);
  const Mask<T> at_zero = bracket.fa == zero;
  const Mask<T> below = bracket.fa < zero;
  bracket.b = select(below, T(start), T(-start));
  bracket.fb = f(bracket.b);
  T edge = zero;  // an argument where f is NaN; 0 if none is known
  const auto open = [&] {
    const Mask<T> same = (bracket.fb < zero) == below || bracket.fb != bracket.fb;
    return and_not(same && bracket.fa == bracket.fa, at_zero);
  };
  Mask<T> searching = open();
  for (int look = 0; look < 100 && any(searching); ++look) {
    const Mask<T> grows = searching && bracket.fb == bracket.fb;
    edge = select(and_not(searching, grows), bracket.b, edge);
    bracket.a = select(grows, bracket.b, bracket.a);
    bracket.fa = select(grows, bracket.fb, bracket.fa);
    const T between = select(bracket.a == zero, T(T(0.125) * edge), T(T(0.5) * (bracket.a + edge)));
    bracket.b = select(searching, select(edge == zero, T(T(8.0) * bracket.b), between), bracket.b);
    bracket.fb = select(searching, T(f(bracket.b)), bracket.fb);
    searching = open();
  }
  Mask<T> found = and_not(bracket.fb == bracket.fb, at_zero || (bracket.fb < zero) == below);
  narrow(bracket, found, f, 1e-300);
  const Mask<T> first = abs(bracket.fa) < abs(bracket.fb);
  const T root = select(first, bracket.a, bracket.b);
  const T left = select(first, abs(bracket.fa), abs(bracket.fb));
  const Mask<T> close = left <= T(1e-10) * size;
  Mask<T> steep = and_not(found && left <= T(1e-6) * size, close);
  if (any(steep)) steep = steep && is_steep(f, bracket);
  found = found && (close || steep);
  return select(at_zero, zero, select(found, root, T(std::numeric_limits<double>::quiet_NaN())));
}

/// The root of an increasing function of dual numbers, with the derivatives of the implicit function.
template <class T, class Function>
  requires requires(T x) { x.derivatives(); }
[[nodiscard]] T root_of_growing(const Function& f, double start) {
  T root(root_of_growing<double>([&](double x) { return f(T(x)).value(); }, start));
  // Implicit function theorem: with du = s, df = F_γ + F_u s must be 0. Find F_u from a seed s that is large enough for
  // F_u s not to be lost in rounding against F_γ, then refine s by secant steps. Each direction is solved separately.
  using Derivatives = std::decay_t<decltype(root.derivatives())>;
  const auto residual = [&](const Derivatives& seed) {
    root.derivatives() = seed;
    return Derivatives(f(root).derivatives());
  };
  Derivatives seed = Derivatives::Zero(root.derivatives().size());
  const Derivatives alone = residual(seed);
  seed.setOnes();
  Derivatives with = residual(seed);
  const auto swallowed = [&] { return ((with - alone).array().abs() < 1e-3 * alone.array().abs()).eval(); };
  for (int n = 0; n < 50 && swallowed().any(); ++n) {
    seed = swallowed().select(0x1p20 * seed, seed);
    with = residual(seed);
  }
  for (int n = 0; n < 3 && (alone.array() != 0.0).any(); ++n) {
    seed = (alone.array() == 0.0).select(seed, -(alone.array() * seed.array() / (with - alone).array()).matrix());
    with = residual(seed);
  }
  root.derivatives() = (alone.array() == 0.0).select(Derivatives::Zero(seed.size()), seed);
  return root;
}

}  // namespace memdyn
