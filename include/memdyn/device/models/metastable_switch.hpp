// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The generalised mean metastable switch: a large ensemble of thermally activated two-state switches, in parallel with
/// a Schottky path without memory.
///
/// Nugent & Molter 2014 (doi:10.1371/journal.pone.0085175), in the limit of many switches; Molter & Nugent 2016, "The
/// Generalized Metastable Switch Memristor Model":
///
///   dX/dt = (P_on(V) (1 - X) - P_off(V) X) / tau
///   P_on  = 1/(1 + exp(-(V - V_on)/V_T)),  P_off = 1 - 1/(1 + exp(-(V + V_off)/V_T)),  V_T = k T/q
///   I = phi V (X/R_on + (1 - X)/R_off) + (1 - phi) (alpha_f exp(beta_f V) - alpha_r exp(-beta_r V))
///
/// X is the fraction of switches that are on. Both probabilities are positive at V = 0: the device is volatile, with a
/// time constant of tau exp(V_on/V_T). Guards: none. Bounds: 0..1, which the drift never crosses. Smoothness: analytic.
template <class P>
class MetastableSwitchOf {
 public:
  template <class T>
  using With = MetastableSwitchOf<T>;
  static constexpr std::string_view name = "metastable-switch";
  static constexpr std::string_view summary =
      "generalised mean metastable switch: an ensemble of thermally agitated switches, and a Schottky path\n\n"
      "  dX/dt = (P_on (1 - X) - P_off X) / tau\n"
      "  P_on = 1/(1 + exp(-(V - V_on)/V_T)),  P_off = 1/(1 + exp((V + V_off)/V_T)),  V_T = k T/q\n"
      "  I = phi V (X/R_on + (1 - X)/R_off) + (1 - phi) (alpha_f exp(beta_f V) - alpha_r exp(-beta_r V))\n\n"
      "Nugent & Molter 2014, doi:10.1371/journal.pone.0085175";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P R_on = 500.0;
    P R_off = 1500.0;
    P V_on = 0.27;
    P V_off = 0.27;
    P tau = 1e-4;
    P T = 298.5;
    P phi = 1.0;
    P alpha_f = 0.0;
    P beta_f = 1.0;
    P alpha_r = 0.0;
    P beta_r = 1.0;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 1e-2, 1e11, true, "resistance with every switch on"}, p.R_on);
      visit(Field{"R_off", "Ohm", 1e-2, 1e11, true, "resistance with every switch off"}, p.R_off);
      visit(Field{"V_on", "V", 0, 100, true, "voltage at which half of the attempts turn a switch on"}, p.V_on);
      visit(Field{"V_off", "V", 0, 100, true, "its size for turning off, at negative voltages"}, p.V_off);
      visit(Field{"tau", "s", 1e-12, 1e4, true, "time of an attempt"}, p.tau);
      visit(Field{"T", "K", 1, 1e4, true, "temperature"}, p.T);
      visit(Field{"phi", "", 0, 1, false, "share of the current with memory"}, p.phi);
      visit(Field{"alpha_f", "A", 0, 10, true, "Schottky current forward"}, p.alpha_f);
      visit(Field{"beta_f", "1/V", 0, 1e3, false, "its exponent"}, p.beta_f);
      visit(Field{"alpha_r", "A", 0, 10, true, "Schottky current in reverse"}, p.alpha_r);
      visit(Field{"beta_r", "1/V", 0, 1e3, false, "its exponent"}, p.beta_r);
    }
  };

  /// @throws InputError naming key, value and range
  explicit MetastableSwitchOf(const Parameters& p) : p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>)
      if (p_.R_on >= p_.R_off)
        throw InputError(std::string(name), "R_on", fmt::format("{} Ohm", p_.R_on),
                         fmt::format("must be below R_off = {} Ohm", p_.R_off));
  }
  MetastableSwitchOf() : MetastableSwitchOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    return {{.phi = 0.9, .alpha_f = 1e-5, .alpha_r = 1e-5}, {.phi = 0.9, .alpha_f = 1e-5, .alpha_r = 1e-6}};
  }
  [[nodiscard]] Properties properties() const {
    if (all(p_.alpha_f == p_.alpha_r) || all(p_.phi == P(1.0))) return {.passive = {}, .pinched = {}, .fades = true};
    constexpr Property offset = lacks("its Schottky path carries a current at 0 V if alpha_f and alpha_r differ");
    return {.passive = offset, .pinched = offset, .fades = true};
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "X"; }
  [[nodiscard]] static const char* unit() { return "1"; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& gamma, const T& voltage) const {
    const T conductance = T(gamma[0] * per_R_on_) + T((1.0 - gamma[0]) * per_R_off_);
    T leak = schottky(p_.alpha_f, T(p_.beta_f * voltage)) - schottky(p_.alpha_r, T(-p_.beta_r * voltage));
    const auto alike = p_.alpha_f == p_.alpha_r;
    if (any(alike)) {  // as a product, to avoid cancellation around 0 V
      const T rise = schottky(P(2.0 * p_.alpha_f), T(0.5 * (p_.beta_f - p_.beta_r) * voltage));
      const T both = rise * hyperbolic_sine(T(0.5 * (p_.beta_f + p_.beta_r) * voltage));
      leak = select<>(alike, T(select<>(rise == T(0.0), T(0.0), both)), leak);
    }
    return T(p_.phi * (voltage * conductance)) + leak;
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& gamma, const T& voltage, const R& /*regime*/) const {
    const T on = logistic(T((voltage - p_.V_on) * per_V_T_));
    const T off = logistic(T(-(voltage + p_.V_off) * per_V_T_));
    return T(T(on * (1.0 - gamma[0])) - T(off * gamma[0])) * per_tau_;
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 0; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& /*voltage*/) const {
    return T(1.0);
  }
  [[nodiscard]] static P drive_level(std::size_t /*k*/) { return P(0.0); }
  [[nodiscard]] static P lower(std::size_t /*i*/) { return P(0.0); }
  [[nodiscard]] static P upper(std::size_t /*i*/) { return P(1.0); }
  [[nodiscard]] static P scale(std::size_t /*i*/) { return P(1.0); }

 private:
  /// The current of one direction of the Schottky path; 0 if its factor is 0, even if the exponential overflows.
  template <class T>
  [[nodiscard]] T schottky(const P& alpha, const T& z) const {
    const P factor = (1.0 - p_.phi) * alpha;
    return select<>(factor == P(0.0), T(0.0), T(factor * exponential(z)));
  }
  /// Uses exp(-|z|), which cannot overflow, so that the derivative of a dual number stays finite.
  template <class T>
  static T logistic(const T& z) {
    const auto positive = z > T(0.0);
    const T e = exponential(select<>(positive, T(-z), z));
    return select<>(positive, T(1.0), e) / T(1.0 + e);
  }
  static constexpr double k_per_q = 1.380649e-23 / 1.602176634e-19;  ///< [V/K]
  Parameters p_;
  P per_R_on_ = 1.0 / p_.R_on;
  P per_R_off_ = 1.0 / p_.R_off;
  P per_V_T_ = 1.0 / (k_per_q * p_.T);
  P per_tau_ = 1.0 / p_.tau;
};
using MetastableSwitch = MetastableSwitchOf<double>;

}  // namespace memdyn
