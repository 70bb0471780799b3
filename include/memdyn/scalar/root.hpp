// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// Two arguments, and what a function is there.
template <class T>
struct Bracket {
  T a, fa, b, fb;
};

/// Chandrupatla's method (doi:10.1016/S0965-9978(96)00051-8), a look at a time, in each lane for itself.
template <class T>
class Narrowing {
 public:
  /// @param bracket whose ends differ in sign where `open` holds; elsewhere it stays as it is
  /// @param t the first look, as a share of the way from a to b
  /// @param least the argument is wanted to this, or to a last digit or two of it where that is more
  Narrowing(const Bracket<T>& bracket, const Mask<T>& open, double least, const T& t = T(0.5))
      : bracket_(bracket), open_(open), least_(least), c_(bracket.b), fc_(bracket.fb), t_(t) {}
  /// Begins anew in some lanes.
  void begin(const Mask<T>& where, const Bracket<T>& bracket, const Mask<T>& open, const T& t) {
    bracket_ = {select(where, bracket.a, bracket_.a), select(where, bracket.fa, bracket_.fa),
                select(where, bracket.b, bracket_.b), select(where, bracket.fb, bracket_.fb)};
    c_ = select(where, bracket.b, c_);
    fc_ = select(where, bracket.fb, fc_);
    t_ = select(where, t, t_);
    open_ = (where && open) || and_not(open_, where);
  }
  [[nodiscard]] const Bracket<T>& bracket() const { return bracket_; }
  /// The lanes in which it goes on: until the bracket is narrow, or a look gave no number (which then is `fa`).
  [[nodiscard]] const Mask<T>& open() const { return open_; }
  /// Where to look next; at `a` in the lanes in which it does not go on.
  [[nodiscard]] T next() const { return select(open_, bracket_.a + t_ * (bracket_.b - bracket_.a), bracket_.a); }
  /// Takes what the function is at next().
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
    const T one(1.0);  // a lane divides slowly
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

/// Narrows brackets whose ends differ in sign in the lanes where `open` holds; see Narrowing.
template <class T, class Function>
void narrow(Bracket<T>& bracket, const Mask<T>& open, const Function& f, double least) {
  Narrowing<T> narrowing(bracket, open, least);
  for (int look = 0; look < 200 && any(narrowing.open()); ++look) narrowing.take(f(narrowing.next()));
  bracket = narrowing.bracket();
}

/// Whether f passes 0 between neighbouring numbers a and b by being steep, as the inverse of what is flat there is, and
/// not by a jump: over 2^20 digits to either side it changes by much more.
template <class T, class Function>
[[nodiscard]] Mask<T> is_steep(const Function& f, const Bracket<T>& bracket) {
  using std::abs;
  const T way = T(0x1p20) * (bracket.b - bracket.a);
  const T jump = abs(bracket.fb - bracket.fa);
  return abs(T(f(T(bracket.b + way))) - T(f(T(bracket.a - way)))) >= T(30.0) * jump;
}

/// Where f, which grows, passes 0: looked for from `start` > 0 on, eightfold each time, to either side of 0. NaN where
/// f is not a number, keeps its sign, or jumps from one to the other.
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
  const auto open = [&] { return and_not((bracket.fb < zero) == below && bracket.fb == bracket.fb, at_zero); };
  Mask<T> same = open();
  for (int growth = 0; growth < 100 && any(same); ++growth) {
    bracket.a = select(same, bracket.b, bracket.a);
    bracket.fa = select(same, bracket.fb, bracket.fa);
    bracket.b = select(same, T(8.0) * bracket.b, bracket.b);
    bracket.fb = select(same, T(f(bracket.b)), bracket.fb);
    same = open();
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

/// The same of dual numbers: with the derivatives of the implicit function.
template <class T, class Function>
  requires requires(T x) { x.derivatives(); }
[[nodiscard]] T root_of_growing(const Function& f, double start) {
  T root(root_of_growing<double>([&](double x) { return f(T(x)).value(); }, start));
  // with the root's own derivative a seed s, that of f is F_γ + F_u s, which is to vanish: F_u by a seed large enough
  // that F_γ does not swallow it, and then once more from there; in each direction for itself
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
