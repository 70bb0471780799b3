// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/parameters.hpp"
#include "memdyn/device/threshold_drift.hpp"

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
struct SynapticDrift {
  static constexpr std::string_view name = "synaptic-drift";
  static constexpr bool coupled = false;

  struct Parameters {
    double R_on = 1.0;
    double D = 1.0;
    double mu_v = 1.0;
    double I_gamma = 10.0;
    double B = 16.0;
    bool mirrored = true;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 0, 1e15, false, "memristance that scales the drift"}, p.R_on);
      visit(Field{"D", "m", 0, 1e3, false, "range of the internal variable"}, p.D);
      visit(Field{"mu_v", "m2/(V s)", 0, 1e6, false, "average ion mobility"}, p.mu_v);
      visit(Field{"I_gamma", "m/s", 0, 1e6, true, "threshold, a velocity: c times the threshold current"}, p.I_gamma);
      visit(Field{"B", "1/m", 0, 1e15, false, "weight per internal variable"}, p.B);
      visit(Field{"mirrored", "", 0, 0, true, "drift under negative currents too"}, p.mirrored);
    }
  };

  Parameters p;

  /// @throws InputError naming key, value and range
  void validate() const { validate_ranges(std::string(name), p); }

  [[nodiscard]] double rate() const { return p.mu_v * p.R_on / p.D; }            ///< c [m/(A s)]
  [[nodiscard]] double threshold_current() const { return p.I_gamma / rate(); }  ///< [A]
  [[nodiscard]] ThresholdDrift kinetics() const { return {rate(), threshold_current(), p.mirrored}; }

  [[nodiscard]] static std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "gamma"; }
  [[nodiscard]] static const char* unit() { return "m"; }

  template <class Gamma, class T>
  [[nodiscard]] T voltage(const Gamma& gamma, const T& current) const {
    return T(p.B * gamma[0]) * current;
  }
  template <class Gamma, class T>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& current, const Regime<T>& regime) const {
    return kinetics().drift(current, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const {
    return kinetics().moves(regime);
  }
  [[nodiscard]] static std::size_t guards() { return 2; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& current) const {
    return kinetics().guard(k, current);
  }
  [[nodiscard]] double drive_level(std::size_t k) const { return kinetics().drive_level(k); }

  [[nodiscard]] double lower(std::size_t /*i*/) const { return -p.D / 2; }
  [[nodiscard]] double upper(std::size_t /*i*/) const { return p.D / 2; }
  [[nodiscard]] double scale(std::size_t /*i*/) const { return p.D; }
};

}  // namespace memdyn
