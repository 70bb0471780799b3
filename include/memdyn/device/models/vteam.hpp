// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/models/power_drift.hpp"

namespace memdyn {

/// VTEAM, the voltage threshold adaptive memristor: TEAM's counterpart with a voltage for its input.
///
/// Kvatinsky et al. 2015 (doi:10.1109/TCSII.2015.2433536), Eq. 3 (drift), 5 (current):
///
///   dw/dt = k_off (V/V_off - 1)^alpha_off f_off(w)    V > V_off > 0
///         = k_on  (V/V_on  - 1)^alpha_on  f_on(w)     V < V_on < 0
///         = 0                                         between
///   I = V / (R_on + (R_off - R_on) y), or V exp(-lambda y) / R_on, lambda = ln(R_off/R_on), unless `linear`
///   y = (w - w_on)/(w_off - w_on)
///
/// f_off, f_on: 1 for `window` "rectangular", and for "kvatinsky" TEAM's exp(-exp((w - a_off)/w_c)) and
/// exp(-exp(-(w - a_on)/w_c)) (Kvatinsky et al. 2013, doi:10.1109/TCSI.2012.2215714, Eq. 18-19).
/// Guards: V - V_off, V_on - V (in the voltage alone). Bounds: hard, w_on..w_off.
/// Smoothness: analytic within every regime, continuous across them.
template <class P>
class VteamOf : public PowerDriftOf<P> {
 public:
  template <class T>
  using With = VteamOf<T>;
  static constexpr std::string_view name = "vteam";
  static constexpr std::string_view summary =
      "VTEAM: a power law of the voltage beyond a threshold\n\n"
      "  dw/dt = k_off (V/V_off - 1)^alpha_off f_off(w)   where V > V_off\n"
      "        = k_on (V/V_on - 1)^alpha_on f_on(w)       where V < V_on, else 0\n"
      "  I = V / (R_on + (R_off - R_on) y), or exponential in y;  y = (w - w_on)/(w_off - w_on)\n\n"
      "Kvatinsky et al. 2015, doi:10.1109/TCSII.2015.2433536";
  static constexpr Quantity control = Quantity::voltage;

  struct Parameters {
    P R_on = 50.0;
    P R_off = 1000.0;
    P w_on = 0.0;
    P w_off = 3e-9;
    P k_on = -10.0;
    P k_off = 5e-4;
    P V_on = -0.2;
    P V_off = 0.02;
    P alpha_on = 3.0;
    P alpha_off = 1.0;
    std::string window = "rectangular";
    P a_on = 0.6e-9;
    P a_off = 2.4e-9;
    P w_c = 0.1e-9;
    bool linear = true;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 1e-3, 1e12, true, "memristance at w_on"}, p.R_on);
      visit(Field{"R_off", "Ohm", 1e-3, 1e15, true, "memristance at w_off"}, p.R_off);
      visit(Field{"w_on", "m", -1e-3, 1e-3, true, "lower bound of the internal variable"}, p.w_on);
      visit(Field{"w_off", "m", -1e-3, 1e-3, true, "upper bound"}, p.w_off);
      visit(Field{"k_on", "m/s", -1e6, 0, true, "drift scale under negative voltages, not positive"}, p.k_on);
      visit(Field{"k_off", "m/s", 0, 1e6, true, "drift scale under positive voltages"}, p.k_off);
      visit(Field{"V_on", "V", -1e3, -1e-9, true, "negative threshold"}, p.V_on);
      visit(Field{"V_off", "V", 1e-9, 1e3, true, "positive threshold"}, p.V_off);
      visit(Field{"alpha_on", "", 1, 100, true, "exponent under negative voltages"}, p.alpha_on);
      visit(Field{"alpha_off", "", 1, 100, true, "exponent under positive voltages"}, p.alpha_off);
      visit(Field{"window", "", 0, 0, true, "rectangular or kvatinsky"}, p.window);
      visit(Field{"a_on", "m", -1e-3, 1e-3, true, "where drift towards w_on slows"}, p.a_on);
      visit(Field{"a_off", "m", -1e-3, 1e-3, true, "where drift towards w_off slows"}, p.a_off);
      visit(Field{"w_c", "m", 1e-13, 1e-3, true, "width of the slowing"}, p.w_c);
      visit(Field{"linear", "", 0, 0, true, "memristance linear in w instead of exponential"}, p.linear);
    }
  };

  /// @throws InputError naming key, value and range
  explicit VteamOf(const Parameters& p)
      : PowerDriftOf<P>(name, "w_on", "w_off", law_of(validated<P>(name, p))), p_(p) {}
  VteamOf() : VteamOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    return {{.linear = false}, {.alpha_off = 3.0}, {.window = "kvatinsky"}, {.window = "kvatinsky", .linear = false}};
  }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "w"; }

 private:
  static typename PowerDriftOf<P>::Law law_of(const Parameters& p) {
    return {.R_on = p.R_on,
            .R_off = p.R_off,
            .linear = p.linear,
            .lower = p.w_on,
            .upper = p.w_off,
            .u_on = p.V_on,
            .u_off = p.V_off,
            .k_on = p.k_on,
            .k_off = p.k_off,
            .alpha_on = p.alpha_on,
            .alpha_off = p.alpha_off,
            .windowed = one_of(name, "window", p.window, {"rectangular", "kvatinsky"}) == 1,
            .a_on = p.a_on,
            .a_off = p.a_off,
            .w_c = p.w_c};
  }
  Parameters p_;
};
using Vteam = VteamOf<double>;

}  // namespace memdyn
