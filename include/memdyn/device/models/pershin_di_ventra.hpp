// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The bipolar memristor with a threshold of Pershin and Di Ventra; its memristance is its state.
///
/// Pershin & Di Ventra 2010 (doi:10.1016/j.neunet.2010.05.001), and as model R2 in Biolek, Di Ventra & Pershin 2013
/// (Radioengineering 22, 945; there alpha = 0):
///
///   dR/dt = beta (V - (|V + V_t| - |V - V_t|)/2) + alpha (|V + V_t| - |V - V_t|)/2     R_on <= R <= R_off
///         = beta (V -+ V_t) +- alpha V_t   where +-V > V_t,   alpha V   between
///   V = R I
///
/// Positive voltages raise R. The published step functions, which stop R at R_on and R_off, are hard bounds.
/// Guards: V - V_t, -V - V_t (in the voltage alone). Bounds: hard, R_on..R_off.
/// Smoothness: linear within every regime, continuous across them.
template <class P>
class PershinDiVentraOf {
 public:
  template <class T>
  using With = PershinDiVentraOf<T>;
  static constexpr std::string_view name = "pershin-di-ventra";
  static constexpr std::string_view summary =
      "bipolar memristor with a threshold; its memristance is its state\n\n"
      "  dR/dt = beta (V -+ V_t) +- alpha V_t   where +-V > V_t\n"
      "        = alpha V                        between\n"
      "  V = R I,  R in R_on..R_off\n\n"
      "Pershin & Di Ventra 2010, doi:10.1016/j.neunet.2010.05.001; Biolek et al. 2013, model R2";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = false;

  struct Parameters {
    P R_on = 1e3;
    P R_off = 10e3;
    P alpha = 0.0;
    P beta = 1e13;
    P V_t = 4.6;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 1e-2, 1e11, true, "lowest memristance"}, p.R_on);
      visit(Field{"R_off", "Ohm", 1e-2, 1e11, true, "highest memristance"}, p.R_off);
      visit(Field{"alpha", "Ohm/(V s)", 0, 1e18, true, "rate below the threshold"}, p.alpha);
      visit(Field{"beta", "Ohm/(V s)", 0, 1e18, false, "rate beyond the threshold"}, p.beta);
      visit(Field{"V_t", "V", 1e-4, 1e3, true, "threshold"}, p.V_t);
    }
  };

  /// @throws InputError naming key, value and range
  explicit PershinDiVentraOf(const Parameters& p) : p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>)
      if (p_.R_on >= p_.R_off)
        throw InputError(std::string(name), "R_on", fmt::format("{} Ohm", p_.R_on),
                         fmt::format("must be below R_off = {} Ohm", p_.R_off));
  }
  PershinDiVentraOf() : PershinDiVentraOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() { return {{.alpha = 1e12}}; }
  [[nodiscard]] static Properties properties() { return {}; }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "R"; }
  [[nodiscard]] static const char* unit() { return "Ohm"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(gamma[0]);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& voltage, const R& regime) const {
    const P creep = p_.alpha * p_.V_t;
    return select<>(regime[0], T(p_.beta * (voltage - p_.V_t) + creep),
                    select<>(regime[1], T(p_.beta * (voltage + p_.V_t) - creep), T(p_.alpha * voltage)));
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const -> typename R::value_type {
    return creeps_ ? typename R::value_type(true) : regime[0] || regime[1];
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 2; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& voltage) const {
    return k == 0 ? T(voltage - p_.V_t) : T(-voltage - p_.V_t);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return k == 0 ? p_.V_t : -p_.V_t; }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.R_on; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.R_off; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.R_off - p_.R_on; }

 private:
  Parameters p_;
  bool creeps_ = any(p_.alpha > P(0.0));
};
using PershinDiVentra = PershinDiVentraOf<double>;

}  // namespace memdyn
