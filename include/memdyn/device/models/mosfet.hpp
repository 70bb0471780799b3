// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/models/stateless.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The channel of an n-channel MOSFET with a fixed gate voltage, from drain to source, by the square law (level 1 of
/// SPICE; Shichman and Hodges 1968, doi:10.1109/JSSC.1968.1049902); an element of composites without an internal
/// variable:
///
///   I = K/2 (a² - b²) (1 + lambda |V|) + G_min V      a = max(V_g - V_th, 0), b = max(V_g - V_th - V, 0)
///
/// V and I are those from drain to source, V_g is the gate voltage against the source. At V < 0 drain and source change
/// their roles, as the device is symmetric. b = 0 in saturation; a = b = 0 where the channel is off. A p-channel is the
/// same part, reversed, with the magnitudes of its voltages.
/// Guards: V - (V_g - V_th), V. The current and its slope are continuous at both.
template <class P>
class MosfetOf : public Stateless {
 public:
  template <class T>
  using With = MosfetOf<T>;
  static constexpr std::string_view name = "mosfet";
  static constexpr std::string_view summary =
      "channel of a MOSFET with a fixed gate voltage, square law (level 1), an element of composites\n\n"
      "  I = K/2 (a^2 - b^2) (1 + lambda |V|) + G_min V\n"
      "  a = max(V_g - V_th, 0), b = max(V_g - V_th - V, 0)";
  static constexpr Quantity control = Quantity::voltage;

  struct Parameters {
    P K = 2e-4;
    P V_g = 1.2;
    P V_th = 0.4;
    P lambda = 0.02;
    P G_min = 1e-12;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"K", "A/V^2", 0, 1e6, false,
                  "transconductance parameter, mobility x oxide capacitance x width / length"},
            p.K);
      visit(Field{"V_g", "V", -1e3, 1e3, true, "gate voltage against the source"}, p.V_g);
      visit(Field{"V_th", "V", -1e3, 1e3, true, "threshold voltage"}, p.V_th);
      visit(Field{"lambda", "1/V", 0, 1e3, true, "channel-length modulation"}, p.lambda);
      visit(Field{"G_min", "S", 0, 1, false, "conductance in parallel, as in SPICE: each current then has one voltage"},
            p.G_min);
    }
  };

  /// @throws InputError naming key, value and range
  explicit MosfetOf(const Parameters& p) : p_(validated<P>(name, p)) {}
  MosfetOf() : MosfetOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() { return {{.V_g = 0.0}, {.lambda = 0.0}}; }
  [[nodiscard]] static Properties properties() { return {}; }
  [[nodiscard]] static double typical_input() { return 1.0; }

  template <class Gamma, class T>
  [[nodiscard]] T current(const Gamma& /*gamma*/, const T& voltage) const {
    const T zero(0.0);
    const T over(p_.V_g - p_.V_th);
    const T under = T(over - voltage);
    // a² - b², without the difference of two nearly equal squares where both are large
    const T conducts = select<>(under > zero, T(voltage * (over + under)), T(over * over));
    const T turned = select<>(under > zero, T(-(under * under)), zero);
    const T squares = select<>(over > zero, conducts, turned);
    const T size = select<>(voltage > zero, voltage, T(-voltage));
    return T(0.5 * p_.K * squares * (1.0 + p_.lambda * size) + p_.G_min * voltage);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return 2; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& voltage) const {
    return k == 0 ? T(voltage - (p_.V_g - p_.V_th)) : voltage;
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return k == 0 ? P(p_.V_g - p_.V_th) : P(0.0); }

 private:
  Parameters p_;
};
using Mosfet = MosfetOf<double>;

}  // namespace memdyn
