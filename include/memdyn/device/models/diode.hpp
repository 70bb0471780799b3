// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/models/stateless.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// A junction diode (Shockley 1949, doi:10.1002/j.1538-7305.1949.tb03645.x), an element of composites without an
/// internal variable:
///
///   I = I_s (exp(V / (n V_T)) - 1) + G_min V      V_T = k T / q
///
/// G_min is the conductance that SPICE adds to every junction. Without it a reverse current beyond I_s would have no
/// voltage. A resistance in series is a `resistor` beside it. Guards: none.
template <class P>
class DiodeOf : public Stateless {
 public:
  template <class T>
  using With = DiodeOf<T>;
  static constexpr std::string_view name = "diode";
  static constexpr std::string_view summary =
      "junction diode (Shockley), an element of composites\n\n"
      "  I = I_s (exp(V / (n V_T)) - 1) + G_min V      V_T = k T / q";
  static constexpr Quantity control = Quantity::voltage;

  struct Parameters {
    P I_s = 1e-14;
    P n = 1.0;
    P T = 300.0;
    P G_min = 1e-12;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"I_s", "A", 0, 1, false, "saturation current"}, p.I_s);
      visit(Field{"n", "", 0.1, 100, true, "ideality factor"}, p.n);
      visit(Field{"T", "K", 1, 1e4, true, "temperature"}, p.T);
      visit(Field{"G_min", "S", 0, 1, false, "conductance in parallel, as in SPICE: each current then has one voltage"},
            p.G_min);
    }
  };

  /// @throws InputError naming key, value and range
  explicit DiodeOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  DiodeOf() : DiodeOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() { return {{.n = 2.0}, {.T = 400.0}}; }
  [[nodiscard]] static Properties properties() { return {}; }
  [[nodiscard]] double typical_input() const { return std::log1p(usual_current / p_.I_s) / per_volt_; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& /*gamma*/, const T& voltage) const {
    // exp(x) - 1 = 2 sinh(x/2) exp(x/2) keeps its digits near 0, where a series of parts solves for tiny currents
    const T x(voltage * per_volt_);
    const T half(0.5 * select<>(x > T(least_), x, T(least_)));
    return T(2.0 * p_.I_s * hyperbolic_sine(half) * exponential(half) + p_.G_min * voltage);
  }

 private:
  static constexpr double k_per_q = 1.380649e-23 / 1.602176634e-19;  ///< [V/K]
  static constexpr double least_ = -100.0;       ///< below it exp(x) - 1 is -1, and sinh(x/2) would overflow in the end
  static constexpr double usual_current = 1e-4;  ///< through small junctions [A]
  Parameters p_;
  P per_volt_ = 1.0 / (p_.n * k_per_q * p_.T);  ///< 1 / (n V_T) [1/V]
};
using Diode = DiodeOf<double>;

}  // namespace memdyn
