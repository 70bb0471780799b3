// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/device/models/power_drift.hpp"

namespace memdyn {

/// TEAM, the threshold adaptive memristor: a power law of the current beyond a threshold, slowed near each end by a
/// double exponential.
///
/// Kvatinsky et al. 2013 (doi:10.1109/TCSI.2012.2215714), Eq. 14 (drift), 15-17 (voltage), 18-19 (windows):
///
///   dx/dt = k_off (I/I_off - 1)^alpha_off exp(-exp((x - a_off)/w_c))    I > I_off > 0
///         = k_on  (I/I_on  - 1)^alpha_on  exp(-exp(-(x - a_on)/w_c))    I < I_on < 0
///         = 0                                                          between
///   V = R_on exp(lambda y) I, lambda = ln(R_off/R_on), or (R_on + (R_off - R_on) y) I where `linear`
///   y = (x - x_on)/(x_off - x_on)
///
/// The defaults have the order of magnitude of the fits in that paper but are not one of them. Guards: I - I_off,
/// I_on - I (in the current alone). Bounds: hard, x_on..x_off. Smoothness: analytic within every regime, continuous
/// across them.
template <class P>
class TeamOf : public PowerDriftOf<P> {
 public:
  template <class T>
  using With = TeamOf<T>;
  static constexpr std::string_view name = "team";
  static constexpr std::string_view summary =
      "TEAM: a power law of the current beyond a threshold, slowed near each end\n\n"
      "  dx/dt = k_off (I/I_off - 1)^alpha_off exp(-exp((x - a_off)/w_c))   where I > I_off\n"
      "        = k_on (I/I_on - 1)^alpha_on exp(-exp(-(x - a_on)/w_c))      where I < I_on, else 0\n"
      "  V = R_on (R_off/R_on)^y I, or linear in y;  y = (x - x_on)/(x_off - x_on)\n\n"
      "Kvatinsky et al. 2013, doi:10.1109/TCSI.2012.2215714";
  static constexpr Quantity control = Quantity::current;

  struct Parameters {
    P R_on = 50.0;
    P R_off = 1000.0;
    P x_on = 0.0;
    P x_off = 3e-9;
    P k_on = -1e-3;
    P k_off = 1e-3;
    P I_on = -1e-4;
    P I_off = 1e-4;
    P alpha_on = 3.0;
    P alpha_off = 3.0;
    P a_on = 0.6e-9;
    P a_off = 2.4e-9;
    P w_c = 0.1e-9;
    bool linear = false;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"R_on", "Ohm", 1e-3, 1e12, true, "memristance at x_on"}, p.R_on);
      visit(Field{"R_off", "Ohm", 1e-3, 1e15, true, "memristance at x_off"}, p.R_off);
      visit(Field{"x_on", "m", -1e-3, 1e-3, true, "lower bound of the internal variable"}, p.x_on);
      visit(Field{"x_off", "m", -1e-3, 1e-3, true, "upper bound"}, p.x_off);
      visit(Field{"k_on", "m/s", -1e6, 0, true, "drift scale under negative currents, not positive"}, p.k_on);
      visit(Field{"k_off", "m/s", 0, 1e6, true, "drift scale under positive currents"}, p.k_off);
      visit(Field{"I_on", "A", -1e3, -1e-15, true, "negative threshold"}, p.I_on);
      visit(Field{"I_off", "A", 1e-15, 1e3, true, "positive threshold"}, p.I_off);
      visit(Field{"alpha_on", "", 1, 100, true, "exponent under negative currents"}, p.alpha_on);
      visit(Field{"alpha_off", "", 1, 100, true, "exponent under positive currents"}, p.alpha_off);
      visit(Field{"a_on", "m", -1e-3, 1e-3, true, "where drift towards x_on slows"}, p.a_on);
      visit(Field{"a_off", "m", -1e-3, 1e-3, true, "where drift towards x_off slows"}, p.a_off);
      visit(Field{"w_c", "m", 1e-13, 1e-3, true, "width of the slowing"}, p.w_c);
      visit(Field{"linear", "", 0, 0, true, "memristance linear in x instead of exponential"}, p.linear);
    }
  };

  /// @throws InputError naming key, value and range
  explicit TeamOf(const Parameters& p) : PowerDriftOf<P>(name, "x_on", "x_off", law_of(validated<P>(name, p))), p_(p) {}
  TeamOf() : TeamOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    return {{.linear = true},
            {.alpha_on = 1.0, .alpha_off = 1.0},
            {.a_on = -3e-9, .a_off = 6e-9},  // hardly a window
            {.a_on = -3e-9, .a_off = 6e-9, .linear = true}};
  }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "x"; }

 private:
  static typename PowerDriftOf<P>::Law law_of(const Parameters& p) {
    return {.R_on = p.R_on,
            .R_off = p.R_off,
            .linear = p.linear,
            .lower = p.x_on,
            .upper = p.x_off,
            .u_on = p.I_on,
            .u_off = p.I_off,
            .k_on = p.k_on,
            .k_off = p.k_off,
            .alpha_on = p.alpha_on,
            .alpha_off = p.alpha_off,
            .windowed = true,
            .a_on = p.a_on,
            .a_off = p.a_off,
            .w_c = p.w_c};
  }
  Parameters p_;
};
using Team = TeamOf<double>;

}  // namespace memdyn
