// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include "memdyn/scalar/lanes.hpp"
#include "memdyn/scalar/root.hpp"

namespace memdyn {

template <class B>
class Series;
template <class B>
struct LanesOf<Series<B>> : LanesOf<B> {};
template <class B>
inline constexpr bool is_series<Series<B>> = true;
template <class B>
struct NumbersOf<Series<B>> {
  using Type = B;
};
template <class T>
concept IsSeries = is_series<T>;

/// The operations of an expression on series, in order of execution, and the coefficients of their results. Evaluating
/// the expression once computes the values and records the tape. Running the tape then computes the coefficients of one
/// order after another, by the recurrences of Griewank and Walther 2008 (Evaluating Derivatives, tables 13.1 and 13.2).
/// @tparam B double, or a pack of lanes
template <class B>
class SeriesTape {
 public:
  enum class Op : unsigned char {
    add,
    add_number,
    subtract,
    subtract_from_number,
    multiply,
    scale,
    divide,
    divide_number,
    divide_by_number,
    revalue,  ///< replaces the value, keeps the derivatives
    exponential,
    logarithm,
    square_root,
    power,
    sine,             ///< and cosine
    hyperbolic_sine,  ///< and cosine
    hyperbolic_tangent,
    arc_sine,
    arc_cosine,
    arc_tangent,
    select,
    root,
  };

  /// @param most_order highest order of a coefficient; >= 1
  explicit SeriesTape(std::size_t most_order) : width_(most_order + 1) {}
  /// Discards the recorded operations.
  void clear() {
    operations_.clear();
    taken_ = 0;
  }
  /// Computes the coefficients of order n of all results; those of lower orders must have been computed.
  void run(std::size_t n) { run(n, 0, operations_.size()); }

  /// Scope in which the operations of this thread are recorded on a tape.
  class InUse {
   public:
    explicit InUse(SeriesTape& tape) : outer_(std::exchange(current(), &tape)) {}
    ~InUse() { current() = outer_; }
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;
    InUse(InUse&&) = delete;
    InUse& operator=(InUse&&) = delete;

   private:
    SeriesTape* outer_;
  };
  /// The tape on which this thread records; null if there is none.
  static SeriesTape*& current() {
    static constinit thread_local SeriesTape* tape = nullptr;
    return tape;
  }

  /// Records an operation and computes its value. @returns the coefficients of its result
  const B* record(Op op, const B* a, const B* b = nullptr) {
    operations_.push_back({op, take(), a, b, needs_room(op) ? take() : nullptr, Mask<B>(false), 0});
    compute(operations_.back(), 0);
    return operations_.back().result;
  }
  const B* record(Op op, const B* a, const B& number) {
    B* place = take();
    place[0] = number;
    if (op == Op::divide_by_number) place[1] = B(1.0) / number;
    return record(op, a, place);
  }
  /// The second result of the last recorded operation (such as the cosine of a sine).
  [[nodiscard]] const B* companion() const { return operations_.back().room; }
  const B* record_select(const Mask<B>& mask, const Series<B>& yes, const Series<B>& no) {
    operations_.push_back({Op::select, take(), coefficients_of(yes), coefficients_of(no), nullptr, mask, 0});
    compute(operations_.back(), 0);
    return operations_.back().result;
  }
  /// Records the root of an increasing function f; see root_of_growing().
  template <class Function>
  const B* record_root(const Function& f, double start) {
    const std::size_t own = operations_.size();
    operations_.push_back({Op::root, take(), nullptr, nullptr, take(), Mask<B>(false), 0});
    B* root = operations_.back().result;
    const std::size_t taken = taken_;
    root[0] = root_of_growing<B>(
        [&](const B& u) {
          const B value = f(Series<B>(u)).value();
          operations_.resize(own + 1);
          taken_ = taken;
          return value;
        },
        start);
    const B* excess = coefficients_of(f(Series<B>::of(root)));
    operations_[own].a = excess;
    operations_[own].end = operations_.size();
    return root;
  }

 private:
  struct Operation {
    Op op;
    B* result;
    const B *a, *b;   ///< coefficients of the operands; `b` may be one number
    B* room;          ///< coefficients of a second result
    Mask<B> mask;     ///< for select
    std::size_t end;  ///< for root: index after the operations of its function, which follow the root on the tape
  };
  static constexpr std::size_t in_block = 32;

  static bool needs_room(Op op) {
    return op == Op::sine || op == Op::hyperbolic_sine || op == Op::hyperbolic_tangent || op == Op::arc_sine ||
           op == Op::arc_cosine || op == Op::arc_tangent;
  }
  /// Memory for the coefficients of one result.
  [[nodiscard]] B* take() {
    if (taken_ == places_.size()) grow();
    return places_[taken_++];
  }
  [[gnu::noinline]] void grow() {
    blocks_.emplace_back(in_block * width_, B(0.0));
    for (std::size_t n = 0; n < in_block; ++n) places_.push_back(blocks_.back().data() + n * width_);
  }
  [[nodiscard]] const B* coefficients_of(const Series<B>& one) {
    if (!one.is_number()) return one.coefficients();
    B* place = take();
    place[0] = one.value();
    for (std::size_t n = 1; n < width_; ++n) place[n] = B(0.0);
    return place;
  }

  void run(std::size_t n, std::size_t from, std::size_t to) {
    for (std::size_t k = from; k < to; ++k) {
      const Operation& one = operations_[k];
      if (one.op == Op::root) {
        solve(n, k);
        k = one.end - 1;
      } else {
        compute(one, n);
      }
    }
  }
  /// Computes the coefficient of order n of a root: the coefficient of order n of its function is linear in it.
  [[gnu::noinline]] void solve(std::size_t n, std::size_t k) {
    using std::abs;
    const Operation& one = operations_[k];
    B& slope = one.room[0];
    const auto residual = [&](const B& trial) {
      one.result[n] = trial;
      run(n, k + 1, one.end);
      return one.a[n];
    };
    const B alone = residual(B(0.0));
    if (n == 1) {  // a seed large enough not to be lost in rounding against `alone`; then secant steps to the root
      B seed(1.0);
      B with = residual(seed);
      for (int growth = 0; growth < 50; ++growth) {
        const Mask<B> lost = abs(B(with - alone)) < B(1e-3) * abs(alone);
        if (!any(lost)) break;
        seed = select<>(lost, B(B(0x1p20) * seed), seed);
        with = residual(seed);
      }
      for (int correction = 0; correction < 2; ++correction) {
        seed = select<>(alone == B(0.0), seed, B(-alone * seed / (with - alone)));
        with = residual(seed);
      }
      slope = (with - alone) / seed;
    }
    (void)residual(select<>(alone == B(0.0), B(0.0), B(-alone / slope)));
  }

  static B over(std::size_t n) { return B(1.0 / static_cast<double>(n)); }
  /// Σ a_k b_{n-k}, k from `from` to `to`
  [[gnu::always_inline]] static B product(const B* a, const B* b, std::size_t from, std::size_t to, std::size_t n) {
    B even(0.0), odd(0.0);  // two independent sums halve the latency
    std::size_t k = from;
    for (; k < to; k += 2) {
      even = fused(a[k], b[n - k], even);
      odd = fused(a[k + 1], b[n - k - 1], odd);
    }
    if (k == to) even = fused(a[k], b[n - k], even);
    return even + odd;
  }
  /// Σ k/n a_k b_{n-k}, k from 1 to n: the coefficient of order n of r, given r' = a' b
  [[gnu::always_inline]] static B derived(const B* a, const B* b, std::size_t n) {
    B even(0.0), odd(0.0);
    std::size_t k = 1;
    for (; k < n; k += 2) {
      even = fused(B(B(static_cast<double>(k)) * a[k]), b[n - k], even);
      odd = fused(B(B(static_cast<double>(k + 1)) * a[k + 1]), b[n - k - 1], odd);
    }
    if (k == n) even = fused(B(B(static_cast<double>(n)) * a[n]), b[0], even);
    return (even + odd) * over(n);
  }
  /// Computes the coefficient of order n of the result of an operation.
  void compute(const Operation& one, std::size_t n) {
    const B* const a = one.a;
    const B* const b = one.b;
    B* const r = one.result;
    switch (one.op) {
      case Op::add:
        r[n] = a[n] + b[n];
        break;
      case Op::add_number:
        r[n] = n == 0 ? B(a[0] + b[0]) : a[n];
        break;
      case Op::subtract:
        r[n] = a[n] - b[n];
        break;
      case Op::subtract_from_number:
        r[n] = n == 0 ? B(b[0] - a[0]) : B(-a[n]);
        break;
      case Op::multiply:
        r[n] = product(a, b, 0, n, n);
        break;
      case Op::scale:
        r[n] = a[n] * b[0];
        break;
      case Op::divide:
        r[n] = n == 0 ? B(a[0] / b[0]) : B((a[n] - product(b, r, 1, n, n)) / b[0]);
        break;
      case Op::divide_number:
        r[n] = n == 0 ? B(b[0] / a[0]) : B(-product(a, r, 1, n, n) / a[0]);
        break;
      case Op::divide_by_number:
        r[n] = n == 0 ? B(a[0] / b[0]) : B(a[n] * b[1]);
        break;
      case Op::revalue:
        r[n] = n == 0 ? b[0] : a[n];
        break;
      case Op::exponential:  // r' = a' r
        r[n] = n == 0 ? exponential(a[0]) : derived(a, r, n);
        break;
      case Op::logarithm:  // a r' = a'
        r[n] = n == 0 ? logarithm(a[0]) : B((a[n] - derived_inside(r, a, n)) / a[0]);
        break;
      case Op::square_root:  // r r = a
        r[n] = n == 0 ? square_root(a[0]) : B((a[n] - product(r, r, 1, n - 1, n)) / (r[0] + r[0]));
        break;
      case Op::power: {  // a r' = y a' r
        if (n == 0) {
          r[0] = power(a[0], b[0]);
          break;
        }
        B sum(0.0);
        for (std::size_t k = 1; k <= n; ++k)
          sum = fused(B(B(b[0] * B(static_cast<double>(k)) - B(static_cast<double>(n - k))) * a[k]), r[n - k], sum);
        r[n] = sum * over(n) / a[0];
        break;
      }
      case Op::sine:  // s' = a' c, c' = -a' s
        r[n] = n == 0 ? sine(a[0]) : derived(a, one.room, n);
        one.room[n] = n == 0 ? cosine(a[0]) : B(-derived(a, r, n));
        break;
      case Op::hyperbolic_sine:  // s' = a' c, c' = a' s
        r[n] = n == 0 ? hyperbolic_sine(a[0]) : derived(a, one.room, n);
        one.room[n] = n == 0 ? hyperbolic_cosine(a[0]) : derived(a, r, n);
        break;
      case Op::hyperbolic_tangent:  // r' = (1 - r²) a'
        r[n] = n == 0 ? hyperbolic_tangent(a[0]) : derived(a, one.room, n);
        one.room[n] = B(n == 0 ? 1.0 : 0.0) - product(r, r, 0, n, n);
        break;
      case Op::arc_sine:  // w r' = a', with w = sqrt(1 - a²): w' = -r' a
        r[n] = n == 0 ? arc_sine(a[0]) : B((a[n] - derived_inside(r, one.room, n)) / one.room[0]);
        one.room[n] = n == 0 ? width_at(a[0]) : B(-derived(r, a, n));
        break;
      case Op::arc_cosine:  // w r' = -a', w' = r' a
        r[n] = n == 0 ? arc_cosine(a[0]) : B(-(a[n] + derived_inside(r, one.room, n)) / one.room[0]);
        one.room[n] = n == 0 ? width_at(a[0]) : derived(r, a, n);
        break;
      case Op::arc_tangent:  // (1 + a²) r' = a'
        one.room[n] = B(n == 0 ? 1.0 : 0.0) + product(a, a, 0, n, n);
        r[n] = n == 0 ? arc_tangent(a[0]) : B((a[n] - derived_inside(r, one.room, n)) / one.room[0]);
        break;
      case Op::select:
        r[n] = select<>(one.mask, a[n], b[n]);
        break;
      case Op::root:
        break;  // see solve()
    }
  }
  /// sqrt(1 - x²), without cancellation near the ends
  static B width_at(const B& x) { return square_root(B((B(1.0) - x) * (B(1.0) + x))); }
  /// Σ k/n a_k b_{n-k}, k from 1 to n - 1
  static B derived_inside(const B* a, const B* b, std::size_t n) {
    B sum(0.0);
    for (std::size_t k = 1; k < n; ++k) sum = fused(B(B(static_cast<double>(k)) * a[k]), b[n - k], sum);
    return sum * over(n);
  }

  std::size_t width_, taken_ = 0;
  std::vector<Operation> operations_;
  std::vector<B*> places_;
  std::vector<std::vector<B>> blocks_;
};

/// A power series Σ c_k σ^k in some variable σ. A device is instantiated with it to find the Taylor coefficients of its
/// drift along a trajectory. A number is a series with one coefficient; operations on other series are recorded on a
/// SeriesTape.
///
/// The value c_0 is bit-identical to the result of the same operations on numbers. Comparisons compare values. Outside
/// the domain of a function the coefficients are NaN; they are not finite for √0, for fractional powers of 0, and for
/// arcsin and arccos of 1 and -1, which have no power series.
/// @tparam B double, or a pack of lanes
template <class B>
class Series {
  using Tape = SeriesTape<B>;
  using Op = typename Tape::Op;

 public:
  Series() : Series(0.0) {}
  Series(double value) : number_(value) {}  // NOLINT(google-explicit-constructor): a number is a series
  Series(const B& value)                    // NOLINT(google-explicit-constructor)
    requires(!std::same_as<B, double>)
      : number_(value) {}
  /// A series that refers to `coefficients`, which must outlive it.
  [[nodiscard]] static Series of(const B* coefficients) {
    Series one;
    one.coefficients_ = coefficients;
    return one;
  }

  [[nodiscard]] bool is_number() const { return coefficients_ == nullptr; }
  /// Null for a number.
  [[nodiscard]] const B* coefficients() const { return coefficients_; }
  [[nodiscard]] const B& value() const { return is_number() ? number_ : *coefficients_; }
  /// The coefficient of order n, which must have been computed.
  [[nodiscard]] B operator[](std::size_t n) const {
    if (!is_number()) return coefficients_[n];
    return n == 0 ? number_ : B(0.0);
  }

  friend Series operator+(const Series& a, const Series& b) {
    if (a.is_number()) return b.is_number() ? Series(B(a.number_ + b.number_)) : b + a;
    return b.is_number() ? recorded(Op::add_number, a, b.number_) : recorded(Op::add, a, b.coefficients_);
  }
  friend Series operator-(const Series& a, const Series& b) {
    if (a.is_number())
      return b.is_number() ? Series(B(a.number_ - b.number_)) : recorded(Op::subtract_from_number, b, a.number_);
    return b.is_number() ? recorded(Op::add_number, a, B(-b.number_)) : recorded(Op::subtract, a, b.coefficients_);
  }
  friend Series operator-(const Series& a) {
    return a.is_number() ? Series(B(-a.number_)) : recorded(Op::scale, a, B(-1.0));
  }
  friend Series operator*(const Series& a, const Series& b) {
    if (a.is_number()) return b.is_number() ? Series(B(a.number_ * b.number_)) : b * a;
    return b.is_number() ? recorded(Op::scale, a, b.number_) : recorded(Op::multiply, a, b.coefficients_);
  }
  friend Series operator/(const Series& a, const Series& b) {
    if (a.is_number())
      return b.is_number() ? Series(B(a.number_ / b.number_)) : recorded(Op::divide_number, b, a.number_);
    return b.is_number() ? recorded(Op::divide_by_number, a, b.number_) : recorded(Op::divide, a, b.coefficients_);
  }
  Series& operator+=(const Series& other) { return *this = *this + other; }
  Series& operator-=(const Series& other) { return *this = *this - other; }
  Series& operator*=(const Series& other) { return *this = *this * other; }
  Series& operator/=(const Series& other) { return *this = *this / other; }

  friend Mask<B> operator<(const Series& a, const Series& b) { return a.value() < b.value(); }
  friend Mask<B> operator>(const Series& a, const Series& b) { return a.value() > b.value(); }
  friend Mask<B> operator<=(const Series& a, const Series& b) { return a.value() <= b.value(); }
  friend Mask<B> operator>=(const Series& a, const Series& b) { return a.value() >= b.value(); }
  friend Mask<B> operator==(const Series& a, const Series& b) { return a.value() == b.value(); }

  friend Series exp(const Series& a) {
    return a.is_number() ? Series(exponential(a.number_)) : recorded(Op::exponential, a);
  }
  friend Series log(const Series& a) {
    return a.is_number() ? Series(logarithm(a.number_)) : recorded(Op::logarithm, a);
  }
  friend Series sqrt(const Series& a) {
    return a.is_number() ? Series(square_root(a.number_)) : recorded(Op::square_root, a);
  }
  /// a^y for a number y; computed by multiplication if y is a small non-negative integer.
  friend Series pow(const Series& a, const Series& y) {
    const B& exponent = y.value();
    const B value = power(a.value(), exponent);
    if (a.is_number()) return Series(value);
    Mask<B> whole = is_small_whole(exponent);
    Series result = all(whole) ? a : recorded(Op::power, a, exponent);
    while (any(whole)) {  // once for each different exponent: most often once
      std::size_t l = 0;
      while (!any(whole && only<B>(l))) ++l;
      const Mask<B> same = whole && exponent == B(lane(exponent, l));
      const Series own = whole_power(a, static_cast<int>(lane(exponent, l)));
      result = all(same) ? own : of(Tape::current()->record_select(same, own, result));
      whole = and_not(whole, same);
    }
    return result.with_value(value);
  }
  friend Series sin(const Series& a) { return a.is_number() ? Series(sine(a.number_)) : recorded(Op::sine, a); }
  friend Series cos(const Series& a) { return a.is_number() ? Series(cosine(a.number_)) : companion(Op::sine, a); }
  friend Series sinh(const Series& a) {
    return a.is_number() ? Series(hyperbolic_sine(a.number_)) : recorded(Op::hyperbolic_sine, a);
  }
  friend Series cosh(const Series& a) {
    return a.is_number() ? Series(hyperbolic_cosine(a.number_)) : companion(Op::hyperbolic_sine, a);
  }
  friend Series tanh(const Series& a) {
    return a.is_number() ? Series(hyperbolic_tangent(a.number_)) : recorded(Op::hyperbolic_tangent, a);
  }
  friend Series asin(const Series& a) {
    return a.is_number() ? Series(arc_sine(a.number_)) : recorded(Op::arc_sine, a);
  }
  friend Series acos(const Series& a) {
    return a.is_number() ? Series(arc_cosine(a.number_)) : recorded(Op::arc_cosine, a);
  }
  friend Series atan(const Series& a) {
    return a.is_number() ? Series(arc_tangent(a.number_)) : recorded(Op::arc_tangent, a);
  }
  /// `yes` where the mask is true, else `no`. Whether the result is a number does not depend on the mask, because
  /// division by a number and by a constant series round differently.
  [[nodiscard]] static Series choose(const Mask<B>& mask, const Series& yes, const Series& no) {
    if (yes.is_number() && no.is_number()) return Series(select<>(mask, yes.number_, no.number_));
    if (yes.is_number() == no.is_number() && all(mask)) return yes;
    if (yes.is_number() == no.is_number() && !any(mask)) return no;
    return of(Tape::current()->record_select(mask, yes, no));
  }
  /// This series with another value and the same derivatives.
  [[nodiscard]] Series with_value(const B& value) const {
    return is_number() ? Series(value) : recorded(Op::revalue, *this, value);
  }

 private:
  static constexpr double most_product = 16.0;

  template <class... Operand>
  static Series recorded(Op op, const Series& a, const Operand&... b) {
    return of(Tape::current()->record(op, a.coefficients_, b...));
  }
  static Series companion(Op op, const Series& a) {
    (void)recorded(op, a);
    return of(Tape::current()->companion());
  }
  static Mask<B> is_small_whole(const B& exponent) {
    const auto is_one = [](double y) { return y == std::floor(y) && y >= 0 && y <= most_product; };
    const double first = lane(exponent, 0);
    if (all(exponent == B(first))) return Mask<B>(is_one(first));
    double marks[lanes<B>];
    for (std::size_t l = 0; l < lanes<B>; ++l) marks[l] = is_one(lane(exponent, l)) ? 1.0 : 0.0;
    return load<B>(marks) > B(0.5);
  }
  static Series whole_power(const Series& a, int exponent) {
    if (exponent == 0) return recorded(Op::scale, a, B(0.0));  // its value is set
    Series result(1.0);
    Series square = a;
    for (int left = exponent; left > 0; left /= 2) {
      if (left % 2 == 1) result = result.is_number() ? square : result * square;
      if (left > 1) square = square * square;
    }
    return result;
  }

  const B* coefficients_ = nullptr;
  B number_;
};

template <class B>
  requires(lanes<B> > 1)
[[nodiscard]] Series<B> select(const Mask<B>& mask, const Series<B>& yes, const Series<B>& no) {
  return Series<B>::choose(mask, yes, no);
}

/// The root of an increasing function of series, with the coefficients of the implicit function.
template <IsSeries T, class Function>
[[nodiscard]] T root_of_growing(const Function& f, double start) {
  return T::of(SeriesTape<NumberOf<T>>::current()->record_root(f, start));
}

}  // namespace memdyn
