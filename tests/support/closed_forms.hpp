// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "memdyn/device/models/hp_drift.hpp"

/// A device whose guards depend on its state, for tests of state events: Pershin and Di Ventra's threshold device with
/// a voltage threshold, γ = R [Ohm]: V = R I, Ṙ = β (V - V_t) where V > V_t, β (V + V_t) where V < -V_t, else 0.
struct StateThreshold {
  static constexpr std::string_view name = "state-threshold";
  static constexpr memdyn::Quantity control = memdyn::Quantity::current;
  static constexpr bool coupled = false;
  static constexpr bool drift_depends_on_state = true;
  static constexpr bool guards_depend_on_state = true;
  double beta = 1.0, threshold = 2.0, low = 0.1, high = 10.0;

  static std::size_t size() { return 1; }
  static memdyn::Properties properties() { return {}; }
  template <class Gamma, class T>
  T voltage(const Gamma& gamma, const T& current) const {
    return gamma[0] * current;
  }
  template <class Gamma, class T, class R>
  T drift(std::size_t, const Gamma& gamma, const T& current, const R& regime) const {
    const T v = gamma[0] * current;
    return memdyn::select<>(regime[0], T(beta * (v - threshold)),
                            memdyn::select<>(regime[1], T(beta * (v + threshold)), T(0.0)));
  }
  template <class R>
  auto moves(std::size_t, const R& regime) const -> typename R::value_type {
    return regime[0] || regime[1];
  }
  static std::size_t guards() { return 2; }
  template <class Gamma, class T>
  T guard(std::size_t k, const Gamma& gamma, const T& current) const {
    const T v = gamma[0] * current;
    return k == 0 ? T(v - threshold) : T(-v - threshold);
  }
  static double drive_level(std::size_t) { return std::nan(""); }
  double lower(std::size_t) const { return low; }
  double upper(std::size_t) const { return high; }
  double scale(std::size_t) const { return high - low; }
};
static_assert(memdyn::Device<StateThreshold>);

/// The device of data/devices/strukov_2008.toml.
inline memdyn::HpDrift strukov() {
  memdyn::HpDrift::Parameters p;
  p.R_on = 100;
  p.R_off = 16e3;
  p.D = 1e-8;
  p.mu_v = 1e-14;
  p.I_gamma = 0;
  p.shifted = false;
  return memdyn::HpDrift(p);
}

/// ∫ max(0, A sin(ωt) - L) dt over one positive half wave, 0 < L < A.
inline double sine_above(double amplitude, double omega, double level) {
  const double t1 = std::asin(level / amplitude) / omega;
  const double t2 = std::numbers::pi / omega - t1;
  return 2 * amplitude * std::cos(omega * t1) / omega - level * (t2 - t1);
}
