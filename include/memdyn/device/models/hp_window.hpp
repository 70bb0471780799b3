// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// HP linear ion drift with a window, in terms of the doped fraction x = w/D of the film, 0..1.
///
/// Strukov et al. 2008 (doi:10.1038/nature06932), Eq. 5-6, with a factor f:
///
///   V = (R_on x + R_off (1 - x)) I
///   dx/dt = k J f(x)      k = mu_v R_on / D^2 [1/C]; J = I, or -I where `reversed`
///
///   window        f where J > 0                   f where J < 0
///   rectangular   1                               1
///   strukov       x (1 - x)                       the same          Strukov 2008; Benderli and Wey 2009
///   joglekar      1 - (2x - 1)^2p                 the same          Joglekar and Wolf 2009, Eq. 12
///   biolek        1 - x^2p                        1 - (1 - x)^2p    Biolek et al. 2009
///   prodromakis   j (1 - ((x - 1/2)^2 + 3/4)^p)   the same          Prodromakis et al. 2011, Eq. 3
///   zha           j (1 - (x^2/4 + 3/4)^p)         with 1 - x for x  Zha et al. 2016
///   kvatinsky     exp(-exp((x - a_on)/w_c))       exp(-exp((a_off - x)/w_c))   Kvatinsky et al. 2013
///   asymmetric    1 below x = 1                   1 above x = 0     Biolek et al. 2021, Eq. 7
///
/// Joglekar doi:10.1088/0143-0807/30/4/001; Biolek, Radioengineering 18(2), 210 (2009); Prodromakis
/// doi:10.1109/TED.2011.2158004; Zha doi:10.1109/TCSII.2015.2505959; Kvatinsky doi:10.1109/TCSI.2012.2215714, whose x
/// is the undoped fraction; Biolek 2021 doi:10.1109/ACCESS.2021.3059241. Bounds are hard, and a state leaves them when
/// the current is reversed, so the windows rectangular and asymmetric are equivalent.
///
/// The windows strukov, joglekar and prodromakis vanish at both bounds. x approaches a bound and never reaches it, and
/// a double soon cannot represent 1 - x. By default, if p is an integer, integrators therefore use z = ln(x/(1 - x)),
/// which has no bounds: dz/dt = k J f/(x (1 - x)), with a polynomial f/(x (1 - x)). The state is still x, in the open
/// interval (0, 1). Local errors are controlled in z, relative |z| + absolute; the error of x is smaller by the factor
/// x (1 - x). A state that begins at 0 or at 1 stays there. With `logit` = true the state itself is z; with false x is
/// integrated, and a bound absorbs a state that comes close to it.
///
/// p must be an integer for joglekar, for biolek, and with `logit`. Guard: I. Bounds: 0..1, none with `logit`.
/// Smoothness: analytic within every regime.
template <class P>
class HpWindowOf {
 public:
  template <class T>
  using With = HpWindowOf<T>;
  static constexpr std::string_view name = "hp-window";
  static constexpr std::string_view summary =
      "HP memristor with linear drift, slowed by a window\n\n"
      "  V = (R_on x + R_off (1 - x)) I      x in 0..1\n"
      "  dx/dt = mu_v R_on / D^2 I f(x, I)   f: rectangular, strukov, joglekar, biolek, prodromakis, zha, kvatinsky,\n"
      "                                      asymmetric\n\n"
      "Strukov et al. 2008, doi:10.1038/nature06932; the windows' sources: hp_window.hpp";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P R_on = 100.0;
    P R_off = 16000.0;
    P D = 1e-8;
    P mu_v = 1e-14;
    bool reversed = false;
    std::string window = "joglekar";
    P p = 1.0;
    P j = 1.0;
    P a_on = 0.8;
    P a_off = 0.2;
    P w_c = 0.03;
    /// If not given, x is the state, and z is integrated if the window allows it.
    std::optional<bool> logit = std::nullopt;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 1e-3, 1e9, true, "memristance of the doped film"}, p.R_on);
      visit(Field{"R_off", "Ohm", 1e-3, 1e12, true, "memristance of the undoped film"}, p.R_off);
      visit(Field{"D", "m", 1e-10, 1e-5, true, "thickness of the film"}, p.D);
      visit(Field{"mu_v", "m2/(V s)", 1e-19, 1e-6, true, "average ion mobility"}, p.mu_v);
      visit(Field{"reversed", "", 0, 0, true, "positive current shrinks the doped part"}, p.reversed);
      visit(Field{"window", "", 0, 0, true,
                  "rectangular, strukov, joglekar, biolek, prodromakis, zha, kvatinsky or asymmetric"},
            p.window);
      visit(Field{"p", "", 0, 1000, false, "exponent of joglekar, biolek, prodromakis and zha"}, p.p);
      visit(Field{"j", "", 0, 1000, false, "factor of prodromakis and zha"}, p.j);
      visit(Field{"a_on", "", -1, 2, true, "kvatinsky: where growth slows"}, p.a_on);
      visit(Field{"a_off", "", -1, 2, true, "kvatinsky: where shrinking slows"}, p.a_off);
      visit(Field{"w_c", "", 1e-4, 10, true, "kvatinsky: width of the slowing"}, p.w_c);
      visit(Field{"logit", "", 0, 0, true,
                  "true: the variable is ln(x/(1 - x)); false: x, integrated directly; automatic: x, integrated as "
                  "ln(x/(1 - x)) where the window allows it"},
            p.logit);
    }
  };

  /// @throws InputError naming key, value and range
  explicit HpWindowOf(const Parameters& p)
      : p_(validated<P>(name, p)),
        window_(static_cast<Window>(one_of(
            name, "window", p.window,
            {"rectangular", "strukov", "joglekar", "biolek", "prodromakis", "zha", "kvatinsky", "asymmetric"}))) {
    for (std::size_t l = 0; l < lanes<P>; ++l) {
      const double exponent = lane(p_.p, l);
      if (exponent != std::floor(exponent)) whole_ = and_not(whole_, only<P>(l));
      terms_ = std::max(terms_, static_cast<int>(exponent));
    }
    by_logit_ = Mask<P>(is_logit());
    if constexpr (std::is_same_v<P, double>) {
      if (p_.R_on >= p_.R_off)
        throw InputError(std::string(name), "R_on", fmt::format("{} Ohm", p_.R_on),
                         fmt::format("must be below R_off = {} Ohm", p_.R_off));
      if (is_logit() && !vanishes())
        throw InputError(std::string(name), "logit", "true",
                         fmt::format("needs a window that vanishes at both bounds (strukov, joglekar, prodromakis), "
                                     "not {}: a bound that can be reached is infinitely far away",
                                     p_.window));
      if (!whole_ && (window_ == Window::joglekar || window_ == Window::biolek))
        throw InputError(std::string(name), "p", fmt::format("{}", p_.p),
                         fmt::format("must be a whole number in 1..1000 with the window {}", p_.window));
      if (!whole_ && is_logit() && window_ == Window::prodromakis)
        throw InputError(std::string(name), "p", fmt::format("{}", p_.p),
                         "must be a whole number in 1..1000 with logit");
    }
  }
  HpWindowOf() : HpWindowOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    std::vector<Parameters> all{{.reversed = true}};
    for (const char* window : {"rectangular", "strukov", "kvatinsky", "asymmetric"}) all.push_back({.window = window});
    for (const double p : {2.0, 7.0}) all.push_back({.p = p});
    for (const char* window : {"biolek", "prodromakis", "zha"})
      for (const double p : {1.0, 2.0, 7.0}) all.push_back({.window = window, .p = p});
    all.push_back({.window = "prodromakis", .p = 1.5});
    for (const char* window : {"biolek", "zha", "kvatinsky"})  // these depend on the sign of the current
      all.push_back({.reversed = true, .window = window, .p = 2.0});
    for (const bool logit : {false, true}) {
      all.push_back({.window = "strukov", .logit = logit});
      for (const char* window : {"joglekar", "prodromakis"})
        for (const double p : {1.0, 2.0, 7.0}) all.push_back({.window = window, .p = p, .logit = logit});
    }
    return all;
  }
  [[nodiscard]] Properties properties() const {
    if (window_ == Window::kvatinsky && (p_.a_on < -shut_window * p_.w_c || p_.a_off > 1.0 + shut_window * p_.w_c))
      return {.leaves_bounds = held_by_window};
    if (!vanishes() || is_logit()) return {};
    if (p_.logit) return {.leaves_bounds = lacks("the window vanishes at both bounds, which absorb; remove logit")};
    if (window_ == Window::prodromakis)
      return {.leaves_bounds = lacks("the window vanishes at both bounds: use an integer p, and begin between them")};
    return {.leaves_bounds = lacks("the window vanishes at both bounds: begin between them")};
  }

  /// This device with z as the integrated coordinate, unless `logit` is given or the window does not vanish.
  [[nodiscard]] HpWindowOf integrated() const {
    HpWindowOf own = *this;
    if (!p_.logit && vanishes()) own.by_logit_ = window_ == Window::prodromakis ? whole_ : Mask<P>(true);
    return own;
  }
  [[nodiscard]] bool transformed() const { return !p_.logit && any(by_logit_); }
  /// x as a function of z; never 0 or 1 for a finite z, because these states are absorbing.
  template <class T>
  [[nodiscard]] T state(std::size_t /*i*/, const T& coordinate) const {
    if (!transformed()) return coordinate;
    const T least(std::numeric_limits<double>::denorm_min());
    const T most(1.0 - 0x1p-53);
    const T doped = shares(coordinate).doped;
    const T inside = select<>(doped < least, least, select<>(doped > most, most, doped));
    return select<>(by_logit_, T(select<>(is_finite(coordinate), inside, doped)), coordinate);
  }
  /// z as a function of x.
  template <class T>
  [[nodiscard]] T coordinate(std::size_t /*i*/, const T& state) const {
    if (!transformed()) return state;
    return select<>(by_logit_, T(logarithm(T(state / (1.0 - state)))), state);
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] std::string variable_name(std::size_t /*i*/) const { return is_logit() ? "z" : "x"; }
  [[nodiscard]] static const char* unit() { return "1"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const auto [x, y] = shares<T>(gamma[0]);
    return T(p_.R_on * x + p_.R_off * y);
  }

  /// [1/s]
  template <class T, class R>
  [[nodiscard]] T rate(std::size_t /*i*/, const T& current, const R& /*regime*/) const {
    return T(k_ * current);
  }
  /// f, or f/(x (1 - x)) with `logit`
  template <class Gamma, class R>
  [[nodiscard]] auto shape(std::size_t /*i*/, const Gamma& gamma, const R& regime) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const auto [x, y] = shares<T>(gamma[0]);
    const auto ahead = [&](const T& growing, const T& shrinking) {
      return p_.reversed ? select<>(regime[0], shrinking, growing) : select<>(regime[0], growing, shrinking);
    };
    const auto at_both = [&](const T& rest) {
      if (!any(by_logit_)) return T(x * y * rest);
      return T(select<>(by_logit_, T(select<>(is_finite(gamma[0]), rest, T(0.0))), T(x * y * rest)));
    };
    switch (window_) {
      case Window::rectangular:
      case Window::asymmetric:
        break;
      case Window::strukov:
        return at_both(T(1.0));
      case Window::joglekar:
        return at_both(T(4.0 * geometric_sum(T((x - y) * (x - y)))));
      case Window::biolek: {
        const T covered = ahead(x, y);
        return T(1.0 - power(T(covered * covered), p_.p));
      }
      case Window::prodromakis: {
        const T base = T(1.0 - x * y);  // (x - 1/2)^2 + 3/4
        if (all(whole_)) return at_both(T(p_.j * geometric_sum(base)));
        const T direct = p_.j * (1.0 - power(base, p_.p));
        return any(whole_) ? T(select<>(whole_, at_both(T(p_.j * geometric_sum(base))), direct)) : direct;
      }
      case Window::zha: {
        const T covered = ahead(x, y);
        return T(p_.j * (1.0 - power(T(0.25 * covered * covered + 0.75), p_.p)));
      }
      case Window::kvatinsky: {
        const T beyond = ahead(T(x - p_.a_on), T(p_.a_off - x));
        return double_exponential(T(beyond * per_w_c_));
      }
    }
    return T(1.0);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& current, const R& regime) const {
    return rate(i, current, regime) * shape(i, gamma, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 1; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& current) const {
    return current;
  }
  [[nodiscard]] P drive_level(std::size_t /*k*/) const { return P(0.0); }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return select<>(by_logit_, P(-infinity), P(0.0)); }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return select<>(by_logit_, P(infinity), P(1.0)); }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return P(1.0); }

 private:
  enum class Window { rectangular, strukov, joglekar, biolek, prodromakis, zha, kvatinsky, asymmetric };
  template <class T>
  struct Shares {
    T doped, undoped;
  };
  /// The state is z, as requested by `logit`.
  [[nodiscard]] bool is_logit() const { return p_.logit.value_or(false); }
  [[nodiscard]] bool vanishes() const {
    return window_ == Window::strukov || window_ == Window::joglekar || window_ == Window::prodromakis;
  }
  template <class T>
  [[nodiscard]] static auto is_finite(const T& number) {
    return number < T(infinity) && number > T(-infinity);
  }
  template <class T>
  [[nodiscard]] Shares<T> shares(const T& state) const {
    if (!any(by_logit_)) return {state, T(1.0 - state)};
    const auto mostly_doped = state > T(0.0);
    const T smaller = exponential(select<>(mostly_doped, T(-state), state));  // never overflows
    const T total = T(1.0 + smaller);
    const T doped = select<>(mostly_doped, T(1.0), smaller) / total;
    const T undoped = select<>(mostly_doped, smaller, T(1.0)) / total;
    return {T(select<>(by_logit_, doped, state)), T(select<>(by_logit_, undoped, T(1.0 - state)))};
  }
  /// (1 - u^p)/(1 - u), without cancellation at u = 1
  template <class T>
  [[nodiscard]] T geometric_sum(const T& u) const {
    T sum(0.0);
    for (int k = 0; k < terms_; ++k) {
      if constexpr (std::is_same_v<P, double>) {
        sum = T(1.0 + u * sum);
      } else {
        sum = select<>(T(static_cast<double>(k)) < T(p_.p), T(1.0 + u * sum), sum);
      }
    }
    return sum;
  }
  Parameters p_;
  Window window_;
  Mask<P> whole_ = Mask<P>(true);      ///< p is an integer
  Mask<P> by_logit_ = Mask<P>(false);  ///< z is the integrated coordinate
  int terms_ = 0;
  P k_ = (p_.reversed ? P(-1.0) : P(1.0)) * p_.mu_v * p_.R_on / (p_.D * p_.D);
  P per_w_c_ = 1.0 / p_.w_c;
};
using HpWindow = HpWindowOf<double>;

}  // namespace memdyn
