// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A volatile memristor with a balance of potentiation and depression: a junction of a nanowire network.
///
/// Miranda, Milano & Ricciardi 2020 (doi:10.1109/TNANO.2020.3009734). Milano et al. 2022
/// (doi:10.1038/s41563-021-01099-9) use |V|, because the orientation of a junction is arbitrary:
///
///   dg/dt = k_p (1 - g) - k_d g,   k_p = k_p0 exp(eta_p |V|),   k_d = k_d0 exp(-eta_d |V|)
///   I = (g_min (1 - g) + g_max g) V
///
/// Guard: V (both rates have a kink at 0). Bounds: 0..1, which the drift never crosses.
/// Smoothness: analytic within either regime, continuous across.
template <class P>
class RateBalanceOf {
 public:
  template <class T>
  using With = RateBalanceOf<T>;
  static constexpr std::string_view name = "rate-balance";
  static constexpr std::string_view summary =
      "volatile memristor by a balance of potentiation and depression: a junction of a nanowire network\n\n"
      "  dg/dt = k_p (1 - g) - k_d g,  k_p = k_p0 exp(eta_p |V|),  k_d = k_d0 exp(-eta_d |V|)\n"
      "  I = (g_min (1 - g) + g_max g) V\n\n"
      "Miranda, Milano & Ricciardi 2020, doi:10.1109/TNANO.2020.3009734";
  static constexpr Quantity control = Quantity::voltage;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = true;

  struct Parameters {
    P k_p0 = 2.555173332603108574e-06;
    P k_d0 = 64.88388862524891465;
    P eta_p = 34.92155165334443012;
    P eta_d = 5.590601016803570467;
    P g_min = 1.014708121672117710e-03;
    P g_max = 2.723493729125820492e-03;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"k_p0", "1/s", 1e-30, 1e12, true, "rate of potentiation at 0 V"}, p.k_p0);
      visit(Field{"k_d0", "1/s", 1e-30, 1e12, true, "rate of depression at 0 V"}, p.k_d0);
      visit(Field{"eta_p", "1/V", 0, 1e4, true, "exponent of potentiation"}, p.eta_p);
      visit(Field{"eta_d", "1/V", 0, 1e4, true, "exponent of depression"}, p.eta_d);
      visit(Field{"g_min", "S", 1e-15, 10, true, "conductance at g = 0"}, p.g_min);
      visit(Field{"g_max", "S", 1e-15, 10, true, "conductance at g = 1"}, p.g_max);
    }
  };

  /// @throws InputError naming key, value and range
  explicit RateBalanceOf(const Parameters& p) : p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>)
      if (p_.g_min >= p_.g_max)
        throw InputError(std::string(name), "g_min", fmt::format("{} S", p_.g_min),
                         fmt::format("must be below g_max = {} S", p_.g_max));
  }
  RateBalanceOf() : RateBalanceOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() { return {{.eta_d = 0.0}}; }
  [[nodiscard]] static double typical_input() { return 0.5; }
  [[nodiscard]] static Properties properties() { return {.passive = {}, .pinched = {}, .fades = true}; }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "g"; }
  [[nodiscard]] static const char* unit() { return "1"; }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    using T = std::decay_t<decltype(gamma[0])>;
    return T(1.0 / T(p_.g_min * (1.0 - gamma[0]) + p_.g_max * gamma[0]));
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& gamma, const T& voltage, const R& regime) const {
    const T size = select<>(regime[0], voltage, T(-voltage));
    const T potentiation = p_.k_p0 * exponential(T(p_.eta_p * size));
    const T depression = p_.k_d0 * exponential(T(-p_.eta_d * size));
    return T(potentiation * (1.0 - gamma[0])) - T(depression * gamma[0]);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& /*regime*/) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 1; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& voltage) const {
    return voltage;
  }
  [[nodiscard]] static P drive_level(std::size_t /*k*/) { return P(0.0); }
  [[nodiscard]] static P lower(std::size_t /*i*/) { return P(0.0); }
  [[nodiscard]] static P upper(std::size_t /*i*/) { return P(1.0); }
  [[nodiscard]] static P scale(std::size_t /*i*/) { return P(1.0); }

 private:
  Parameters p_;
};
using RateBalance = RateBalanceOf<double>;

}  // namespace memdyn
