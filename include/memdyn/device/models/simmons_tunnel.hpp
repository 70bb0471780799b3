// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The tunnel barrier of a TiO2 memristor: its width w switches exponentially in its current.
///
/// Pickett et al. 2009 (doi:10.1063/1.3236506), with i the current and v the voltage of the barrier:
///
///   dw/dt =  f_off sinh(|i|/i_off) exp(-exp((w - a_off)/w_c - |i|/b) - w/w_c)     v > 0
///         = -f_on  sinh(|i|/i_on)  exp(-exp((a_on - w)/w_c - |i|/b) - w/w_c)      v < 0
///
/// i: Simmons 1963 (doi:10.1063/1.1702682), his formula for v < phi_0 with image forces, in the form of Abdalla and
/// Pickett 2011 (doi:10.1109/ISCAS.2011.5937942); v stands for |v|, and i has its sign:
///
///   i = A e^2/(2 pi h dw^2) (phi exp(-B sqrt(phi)) - (phi + v) exp(-B sqrt(phi + v)))
///   phi = phi_0 - v (w_1 + w_2)/(2 w) - 1.15 lambda w/dw ln(w_2 (w - w_1)/(w_1 (w - w_2)))
///   w_1 = 1.2 lambda w/phi_0,  dw = w_2 - w_1 = w (1 - 9.2 lambda/(3 phi_0 + 4 lambda - 2 v))
///   lambda w = e ln 2/(8 pi kappa eps_0),  B = 4 pi dw sqrt(2 m e)/h
///
/// The input is the voltage of the barrier; current and drift are explicit functions of it. The electrodes (215 Ohm in
/// the papers) are a resistance in series with the device: part of the source, not of the model.
///
/// Domain: w_min <= w <= w_max (hard bounds) and |v| <= v_max. The constructor checks that within it phi > 0, i
/// increases with v, and the drift is finite. Beyond v_max ln i is extrapolated along its chord from v_max/2 to v_max,
/// so that the input can be solved for under a source. Products of sinh and exp are computed in logarithms. At constant
/// voltage, or with a small resistance in series, the current of the model can diverge in finite time; no step size
/// resolves that. Guards: v, v - v_max, -v - v_max (in the voltage alone). Smoothness: analytic within every regime,
/// continuous across them.
template <class P>
class SimmonsTunnelOf {
 public:
  template <class T>
  using With = SimmonsTunnelOf<T>;
  static constexpr std::string_view name = "simmons-tunnel";
  static constexpr std::string_view summary =
      "Simmons tunnel barrier, whose width switches exponentially in its current\n\n"
      "  dw/dt =  f_off sinh(|i|/i_off) exp(-exp((w - a_off)/w_c - |i|/b) - w/w_c)   where v > 0\n"
      "        = -f_on sinh(|i|/i_on) exp(-exp((a_on - w)/w_c - |i|/b) - w/w_c)      where v < 0\n"
      "  i(w, v): Simmons' formula with image forces; v over the barrier, without the electrodes\n\n"
      "Pickett et al. 2009, doi:10.1063/1.3236506";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P f_off = 3.5e-6;
    P i_off = 115e-6;
    P a_off = 1.2e-9;
    P f_on = 40e-6;
    P i_on = 8.9e-6;
    P a_on = 1.8e-9;
    P b = 500e-6;
    P w_c = 107e-12;
    P phi_0 = 0.95;
    P kappa = 5.0;
    P A = 1e-14;
    P w_min = 1.1e-9;
    P w_max = 1.9e-9;
    P v_max = 0.9;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"f_off", "m/s", 1e-12, 1e3, true, "drift scale under positive currents"}, p.f_off);
      visit(Field{"i_off", "A", 1e-9, 1, true, "current of the off switching"}, p.i_off);
      visit(Field{"a_off", "m", 1e-10, 1e-8, true, "width at which the off switching slows"}, p.a_off);
      visit(Field{"f_on", "m/s", 1e-12, 1e3, true, "drift scale under negative currents"}, p.f_on);
      visit(Field{"i_on", "A", 1e-9, 1, true, "current of the on switching"}, p.i_on);
      visit(Field{"a_on", "m", 1e-10, 1e-8, true, "width at which the on switching slows"}, p.a_on);
      visit(Field{"b", "A", 1e-8, 1e2, true, "current that shifts a_off and a_on by w_c"}, p.b);
      visit(Field{"w_c", "m", 1e-12, 1e-9, true, "width of the slowing"}, p.w_c);
      visit(Field{"phi_0", "V", 0.05, 10, true, "height of the barrier"}, p.phi_0);
      visit(Field{"kappa", "", 1, 1000, true, "relative permittivity of the barrier"}, p.kappa);
      visit(Field{"A", "m2", 1e-20, 1e-8, true, "area of the barrier"}, p.A);
      visit(Field{"w_min", "m", 1e-10, 1e-8, true, "lower bound of the width"}, p.w_min);
      visit(Field{"w_max", "m", 1e-10, 1e-8, true, "upper bound of the width"}, p.w_max);
      visit(Field{"v_max", "V", 0.01, 10, true, "largest voltage of the formula"}, p.v_max);
    }
  };

  /// @throws InputError naming key, value and range
  explicit SimmonsTunnelOf(const Parameters& p) : p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>) check_domain();
  }
  SimmonsTunnelOf() : SimmonsTunnelOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static Properties properties() { return {}; }
  [[nodiscard]] static double typical_input() { return 0.4; }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "w"; }
  [[nodiscard]] static const char* unit() { return "m"; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& gamma, const T& voltage) const {
    const auto positive = voltage > T(0.0);
    const T size = select<>(positive, voltage, T(-voltage));
    const T i = magnitude(T(gamma[0]), size, size > T(p_.v_max));
    return select<>(positive, i, T(-i));
  }

  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& gamma, const T& voltage, const R& regime) const {
    const T w = gamma[0];
    const T i = magnitude(w, select<>(regime[0], voltage, T(-voltage)), regime[1] || regime[2]);
    const T x = select<>(regime[0], T(i * per_i_off_), T(i * per_i_on_));
    const T away = select<>(regime[0], T(w - p_.a_off), T(p_.a_on - w));
    const T z = away * per_w_c_ - i * per_b_;
    const T slowing = exponential(select<>(z < T(700.0), z, T(700.0)));
    // sinh(x) exp(-y) = exp(x - y) (1 - exp(-2 x))/2
    const T speed = T(exponential(T(x - slowing - w * per_w_c_)) * (1.0 - exponential(T(-2.0 * x))));
    return select<>(regime[0], T(0.5 * p_.f_off * speed), T(-0.5 * p_.f_on * speed));
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 3; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& voltage) const {
    return k == 0 ? voltage : k == 1 ? T(voltage - p_.v_max) : T(-voltage - p_.v_max);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return k == 0 ? P(0.0) : k == 1 ? p_.v_max : P(-p_.v_max); }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.w_min; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.w_max; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.w_max - p_.w_min; }

 private:
  // CODATA 2018
  static constexpr double e = 1.602176634e-19;       // [C]
  static constexpr double h = 6.62607015e-34;        // [J s]
  static constexpr double m = 9.1093837015e-31;      // [kg]
  static constexpr double eps_0 = 8.8541878128e-12;  // [F/m]
  static constexpr double pi = std::numbers::pi;

  template <class T>
  struct Barrier {
    T dw, phi;
  };
  template <class T>
  [[nodiscard]] Barrier<T> barrier(const T& w, const T& v) const {
    const T dw = T(w - 9.2 * image_ / (3.0 * p_.phi_0 + 4.0 * image_ / w - 2.0 * v));
    const T w_2 = T(w_1_ + dw);
    const T ratio = T(w_2 * (w - w_1_) / (w_1_ * (w - w_2)));
    return {dw, T(p_.phi_0 - v * (w_1_ + w_2) / (2.0 * w) - 1.15 * image_ / dw * logarithm(ratio))};
  }
  /// Simmons' i [A]. The difference of the two terms is computed as 2 phi sinh(d/2) - v exp(-d/2), where d is the
  /// difference of the exponents, to avoid cancellation at small voltages.
  template <class T>
  [[nodiscard]] T formula(const T& w, const T& v) const {
    using std::sqrt;
    const auto [dw, phi] = barrier(w, v);
    const T root = sqrt(phi);
    const T exponent = T(B_ * dw * root);
    const T half = T(0.5 * B_ * dw * v / (sqrt(T(phi + v)) + root));
    const T difference = T(2.0 * phi * hyperbolic_sine(half) - v * exponential(T(-half)));
    return T(scale_ / (dw * dw) * exponential(T(-exponent - half)) * difference);
  }
  /// |i| [A] as a function of |v| [V].
  template <class T, class M>
  [[nodiscard]] T magnitude(const T& w, const T& v, const M& beyond) const {
    const T i = formula(w, select<>(beyond, T(p_.v_max), v));
    if (!any(beyond)) return i;
    const T slope = logarithm(T(i / formula(w, T(0.5 * p_.v_max))));
    return select<>(beyond, T(i * exponential(T(slope * (2.0 * per_v_max_ * v - 2.0)))), i);
  }
  void check_domain() const {
    const auto refuse = [](const char* key, double value, const char* unit, const std::string& remedy) {
      throw InputError(std::string(name), key, fmt::format("{} {}", value, unit), remedy);
    };
    if (p_.w_min >= p_.w_max) refuse("w_min", p_.w_min, "m", fmt::format("must be below w_max = {} m", p_.w_max));
    if (p_.w_min <= w_1_) refuse("w_min", p_.w_min, "m", fmt::format("must be above w_1 = {} m", w_1_));
    if (3.0 * p_.phi_0 - 2.0 * p_.v_max <= 0.0)
      refuse("v_max", p_.v_max, "V", fmt::format("must be below 1.5 phi_0 = {} V", 1.5 * p_.phi_0));
    // w_2 < w is tightest in a thin barrier without voltage, phi > 0 and growth in a thin one under the largest
    for (const double w : {p_.w_min, p_.w_max})
      for (const double v : {0.0, p_.v_max}) {
        const auto [dw, phi] = barrier(w, v);
        if (!(dw > 0.0 && phi > 0.0))
          refuse(
              "w_min", p_.w_min, "m",
              fmt::format("is too small: the barrier vanishes at w = {} m, v = {} V; increase w_min or decrease v_max",
                          w, v));
        const double above = formula(w, v);
        if (!(v == 0.0 || above > formula(w, 0.99 * v)))
          refuse("v_max", p_.v_max, "V",
                 fmt::format("is too large: the current does not increase up to v_max at w = {} m; decrease v_max or "
                             "increase w_min",
                             w));
        if (!(above < 700.0 * std::min(p_.i_on, p_.i_off)))
          refuse("v_max", p_.v_max, "V",
                 fmt::format("is too large: the current is {} A at w = {} m, and the drift overflows; decrease v_max",
                             above, w));
      }
  }
  Parameters p_;
  double B_ = 4.0 * pi * std::sqrt(2.0 * m * e) / h;                 ///< B/dw [1/(m V^0.5)]
  P image_ = e * std::numbers::ln2 / (8.0 * pi * eps_0) / p_.kappa;  ///< lambda w [V m]
  P w_1_ = 1.2 * image_ / p_.phi_0;
  P scale_ = e * e / (2.0 * pi * h) * p_.A;
  P per_i_off_ = 1.0 / p_.i_off;
  P per_i_on_ = 1.0 / p_.i_on;
  P per_b_ = 1.0 / p_.b;
  P per_w_c_ = 1.0 / p_.w_c;
  P per_v_max_ = 1.0 / p_.v_max;
};
using SimmonsTunnel = SimmonsTunnelOf<double>;

}  // namespace memdyn
