// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/models/threshold_drift.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The HP memristor with linear drift and a threshold: the node of the multilayer perceptron.
///
/// Strukov et al. 2008 (doi:10.1038/nature06932), Eq. 5-6; Silva et al. 2020, Eq. 7-8, mirrored for negative currents:
///
///   V = (R_on x + R_off (1 - x)) I        x = γ/D, or γ/D + 1/2 in the shifted range
///   γ̇ = c (I ∓ I_γ/c)  where ±I > I_γ/c   c = μ_V R_on / D
///
/// `approximate` drops the R_on term (Eq. 12). With I_γ = 0 this is the device of Strukov et al.
/// Guards: I - I_γ/c, -I - I_γ/c (in the current alone). Bounds: hard, 0..D or -D/2..D/2.
/// Smoothness: linear within every regime, continuous across them.
template <class P>
class HpDriftOf : public ThresholdDriftOf<P> {
 public:
  template <class T>
  using With = HpDriftOf<T>;
  static constexpr std::string_view name = "hp-drift";
  static constexpr std::string_view summary =
      "HP memristor with linear drift and a threshold: the node of the multilayer perceptron\n\n"
      "  V = (R_on x + R_off (1 - x)) I      x = gamma/D, or gamma/D + 1/2 in the shifted range\n"
      "  dgamma/dt = c (I -+ I_gamma/c) where +-I > I_gamma/c, c = mu_v R_on / D\n\n"
      "Strukov et al. 2008, doi:10.1038/nature06932; Silva et al. 2020, Eq. 7-8, mirrored";

  struct Parameters {
    P R_on = 1.0;
    P R_off = 101.0;
    P D = 1.0;
    P mu_v = 1.0;
    P I_gamma = 10.0;
    bool mirrored = true;
    bool shifted = true;
    bool approximate = false;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 1e-3, 1e12, true, "memristance of the doped film"}, p.R_on);
      visit(Field{"R_off", "Ohm", 1e-3, 1e15, true, "memristance of the undoped film"}, p.R_off);
      visit(Field{"D", "m", 1e-10, 1e3, true, "thickness of the film"}, p.D);
      visit(Field{"mu_v", "m2/(V s)", 1e-19, 1e6, true, "average ion mobility"}, p.mu_v);
      visit(Field{"I_gamma", "m/s", 0, 1e6, true, "threshold, a velocity: c times the threshold current"}, p.I_gamma);
      visit(Field{"mirrored", "", 0, 0, true, "drift under negative currents too"}, p.mirrored);
      visit(Field{"shifted", "", 0, 0, true, "internal variable in -D/2..D/2"}, p.shifted);
      visit(Field{"approximate", "", 0, 0, true, "drop the R_on term of the voltage (Eq. 12)"}, p.approximate);
    }
  };

  /// @throws InputError naming key, value and range
  explicit HpDriftOf(const Parameters& p)
      : ThresholdDriftOf<P>(p.mu_v * p.R_on / p.D, p.I_gamma, p.mirrored), p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>)
      if (p_.R_on >= p_.R_off)
        throw InputError(std::string(name), "R_on", fmt::format("{} Ohm", p_.R_on),
                         fmt::format("must be below R_off = {} Ohm", p_.R_off));
  }
  HpDriftOf() : HpDriftOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    return {{.I_gamma = 0.0}, {.mirrored = false}, {.shifted = false}, {.approximate = true}};
  }

  template <class Gamma>
  [[nodiscard]] auto memristance(const Gamma& gamma) const {
    using T = std::decay_t<decltype(gamma[0])>;
    const T x = T(gamma[0] * per_D_) + T(p_.shifted ? 0.5 : 0.0);
    const T undoped = p_.R_off * (T(1.0) - x);
    return p_.approximate ? undoped : T(p_.R_on * x + undoped);
  }
  [[nodiscard]] P lower(std::size_t /*i*/) const { return p_.shifted ? -0.5 * p_.D : P(0.0); }
  [[nodiscard]] P upper(std::size_t /*i*/) const { return p_.shifted ? 0.5 * p_.D : p_.D; }
  [[nodiscard]] P scale(std::size_t /*i*/) const { return p_.D; }

 private:
  Parameters p_;
  P per_D_ = 1.0 / p_.D;
};
using HpDrift = HpDriftOf<double>;

}  // namespace memdyn
