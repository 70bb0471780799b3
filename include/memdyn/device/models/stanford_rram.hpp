// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The Stanford/PKU model of filamentary oxide memory: a tunnelling gap that a field and self-heating open and close.
///
/// Guan, Yu & Wong 2012 (doi:10.1109/LED.2012.2210856), and version 1.0.0 of its Verilog-A code, Jiang & Wong 2014
/// (doi:10.4231/D37H1DN48), whose names and defaults the parameters have:
///
///   dg/dt = -Vel0 exp(-Ea/V_T) sinh(gamma (a0/tox) V/V_T),   gamma = gamma0 - beta (g/g1)^3,   V_T = k T/q
///   T = T_ini + |V I| Rth
///   I = I0 exp(-g/g0) sinh(V/V0)
///
/// Positive voltages close the gap. The Verilog-A code has g in nm under the cube, hence g1 = 1 nm. Three parts of that
/// code are omitted. (1) Random steps. (2) Its condition that the drift vanishes where gamma |V|/tox < F_min
/// (1.4e9 V/m): an opening gap lowers gamma, so under a rising reset voltage the state would slide along that
/// threshold, with no drift on one side and a large drift on the other. (3) gamma0 = 16 under negative voltages,
/// whatever the parameter; with the default gamma0 it has no effect. Guards: none (V I >= 0, so that |V I| has no
/// kink). Bounds: hard, gap_min..gap_max. Smoothness: analytic.
template <class P>
class StanfordRramOf {
 public:
  template <class T>
  using With = StanfordRramOf<T>;
  static constexpr std::string_view name = "stanford-rram";
  static constexpr std::string_view summary =
      "Stanford/PKU oxide memory: a tunnelling gap that a field and self-heating open and close\n\n"
      "  dg/dt = -Vel0 exp(-Ea/V_T) sinh(gamma (a0/tox) V/V_T),  gamma = gamma0 - beta (g/g1)^3\n"
      "  V_T = k T/q,  T = T_ini + |V I| Rth\n"
      "  I = I0 exp(-g/g0) sinh(V/V0)\n\n"
      "Guan, Yu & Wong 2012, doi:10.1109/LED.2012.2210856; Jiang & Wong 2014, doi:10.4231/D37H1DN48";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P I0 = 1e-3;
    P g0 = 0.25e-9;
    P V0 = 0.25;
    P Vel0 = 10.0;
    P Ea = 0.6;
    P gamma0 = 16.0;
    P beta = 0.8;
    P g1 = 1e-9;
    P a0 = 0.25e-9;
    P tox = 12e-9;
    P T_ini = 298.0;
    P Rth = 2.1e3;
    P gap_min = 0.2e-9;
    P gap_max = 1.7e-9;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"I0", "A", 1e-12, 10, true, "current scale at no gap"}, p.I0);
      visit(Field{"g0", "m", 1e-12, 1e-7, true, "decay length of the current"}, p.g0);
      visit(Field{"V0", "V", 1e-3, 100, true, "voltage scale of the current"}, p.V0);
      visit(Field{"Vel0", "m/s", 1e-6, 1e8, true, "velocity of the gap without a barrier"}, p.Vel0);
      visit(Field{"Ea", "eV", 0, 10, true, "activation energy of vacancies"}, p.Ea);
      visit(Field{"gamma0", "", 0, 1e4, false, "enhancement of the field at no gap"}, p.gamma0);
      visit(Field{"beta", "", 0, 1e4, true, "its decrease over the gap"}, p.beta);
      visit(Field{"g1", "m", 1e-12, 1e-6, true, "unit of the gap in that decrease"}, p.g1);
      visit(Field{"a0", "m", 1e-11, 1e-8, true, "distance of atoms"}, p.a0);
      visit(Field{"tox", "m", 1e-10, 1e-6, true, "thickness of the oxide"}, p.tox);
      visit(Field{"T_ini", "K", 1, 1e4, true, "temperature of the surroundings"}, p.T_ini);
      visit(Field{"Rth", "K/W", 0, 1e9, true, "thermal resistance"}, p.Rth);
      visit(Field{"gap_min", "m", 0, 1e-7, true, "lower bound of the gap"}, p.gap_min);
      visit(Field{"gap_max", "m", 1e-12, 1e-7, true, "upper bound"}, p.gap_max);
    }
  };

  /// @throws InputError naming key, value and range
  explicit StanfordRramOf(const Parameters& p) : p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>) {
      if (p_.gap_min >= p_.gap_max)
        throw InputError(std::string(name), "gap_min", fmt::format("{} m", p_.gap_min),
                         fmt::format("must be below gap_max = {} m", p_.gap_max));
      if (p_.gap_max > p_.tox)
        throw InputError(std::string(name), "gap_max", fmt::format("{} m", p_.gap_max),
                         fmt::format("must not exceed tox = {} m", p_.tox));
      const double widest = p_.g1 * std::cbrt(p_.gamma0 / p_.beta);
      if (p_.gap_max >= widest)
        throw InputError(std::string(name), "gap_max", fmt::format("{} m", p_.gap_max),
                         fmt::format("must be below {} m = g1 (gamma0/beta)^(1/3), where the field enhancement "
                                     "gamma vanishes",
                                     widest));
    }
  }
  StanfordRramOf() : StanfordRramOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() { return {{.beta = 0.0}, {.Rth = 0.0}, {.gap_min = 0.0}}; }
  [[nodiscard]] static Properties properties() { return {}; }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "g"; }
  [[nodiscard]] static const char* unit() { return "m"; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& gamma, const T& voltage) const {
    return T(p_.I0 * exponential(T(-gamma[0] * per_g0_))) * hyperbolic_sine(T(voltage * per_V0_));
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& gamma, const T& voltage, const R& /*regime*/) const {
    const T temperature = T(p_.Rth * (voltage * current(gamma, voltage))) + T(p_.T_ini);
    const T per_V_T = T(1.0 / k_per_q) / temperature;
    const T relative = gamma[0] * per_g1_;
    const T enhancement = T(p_.gamma0) - T(p_.beta * (relative * (relative * relative)));
    const T barrier = -p_.Ea * per_V_T;
    const T field = T(enhancement * a0_per_tox_) * T(voltage * per_V_T);
    // combine the exponents: exp(barrier) can underflow where sinh(field) overflows
    return -half_Vel0_ * T(exponential(T(barrier + field)) - exponential(T(barrier - field)));
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
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.gap_min; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.gap_max; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.gap_max - p_.gap_min; }

 private:
  static constexpr double k_per_q = 1.380649e-23 / 1.602176634e-19;  ///< [V/K]
  Parameters p_;
  P per_g0_ = 1.0 / p_.g0;
  P per_V0_ = 1.0 / p_.V0;
  P per_g1_ = 1.0 / p_.g1;
  P a0_per_tox_ = p_.a0 / p_.tox;
  P half_Vel0_ = 0.5 * p_.Vel0;
};
using StanfordRram = StanfordRramOf<double>;

}  // namespace memdyn
