// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/models/threshold_drift.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The synaptic memristor: a connection of the multilayer perceptron.
///
/// Silva et al. 2020, Eq. 17-18, mirrored for negative currents. The weight is w = B γ (dimensionless):
///
///   V = w I · 1 Ohm                          γ in -D/2..D/2, w in -BD/2..BD/2
///   γ̇ = c (I ∓ I_γ/c)  where ±I > I_γ/c      c = μ_V R_on / D
///
/// Guards: I - I_γ/c, -I - I_γ/c (in the current alone). Bounds: hard. Smoothness: as HpDrift.
/// Not passive: a negative weight gives V I < 0.
template <class P>
class SynapticDriftOf : public ThresholdDriftOf<P> {
 public:
  template <class T>
  using With = SynapticDriftOf<T>;
  static constexpr std::string_view name = "synaptic-drift";
  static constexpr std::string_view summary =
      "synaptic memristor with a threshold: a connection of the multilayer perceptron\n\n"
      "  V = w I, w = B gamma (1 Ohm)\n"
      "  dgamma/dt = c (I -+ I_gamma/c) where +-I > I_gamma/c, c = mu_v R_on / D\n\n"
      "Silva et al. 2020, Eq. 17-18, mirrored";

  struct Parameters {
    P R_on = 1.0;
    P D = 1.0;
    P mu_v = 1.0;
    P I_gamma = 10.0;
    P B = 16.0;
    bool mirrored = true;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 1e-3, 1e12, true, "memristance that scales the drift"}, p.R_on);
      visit(Field{"D", "m", 1e-10, 1e3, true, "range of the internal variable"}, p.D);
      visit(Field{"mu_v", "m2/(V s)", 1e-19, 1e6, true, "average ion mobility"}, p.mu_v);
      visit(Field{"I_gamma", "m/s", 0, 1e6, true, "threshold, a velocity: c times the threshold current"}, p.I_gamma);
      visit(Field{"B", "1/m", 0, 1e15, false, "weight per internal variable"}, p.B);
      visit(Field{"mirrored", "", 0, 0, true, "drift under negative currents too"}, p.mirrored);
    }
  };

  /// @throws InputError naming key, value and range
  explicit SynapticDriftOf(const Parameters& p)
      : ThresholdDriftOf<P>(p.mu_v * p.R_on / p.D, p.I_gamma, p.mirrored), p_(validated<P>(name, p)) {}
  SynapticDriftOf() : SynapticDriftOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() { return {{.mirrored = false}}; }

  [[nodiscard]] Properties properties() const {
    Properties all = ThresholdDriftOf<P>::properties();
    all.passive = lacks("a negative weight gives V I < 0");
    return all;
  }
  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    return std::decay_t<decltype(gamma[0])>(p_.B * gamma[0]);
  }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return -0.5 * p_.D; }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return 0.5 * p_.D; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.D; }

 private:
  Parameters p_;
};
using SynapticDrift = SynapticDriftOf<double>;

}  // namespace memdyn
