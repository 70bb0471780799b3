// SPDX-License-Identifier: MIT
#pragma once

#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <cstddef>
#include <vector>

#include "memdyn/drive/waveform.hpp"
#include "memdyn/dynamics/driven_device.hpp"

namespace memdyn {

/// A plain and slow integration to hold the event-exact one against. It shares the device's equations and the source
/// with that, but neither steps nor the search for switches. Each segment is integrated in equal steps of order 8; a
/// step in which the state moves far is halved. A switch shows as a change of sign between the ends of a step, which
/// then is halved until it ends there. A dip that is shorter than a step is not seen.
class Careful {
 public:
  enum class End {
    done,
    slides,    ///< switches on and on at one place
    undefined  ///< the drift is not a number, or nothing gives what the source prescribes
  };

  /// @param steps a segment
  Careful(const DrivenDevice& device, int steps) : device_(device), steps_(steps), pinned_(device.size(), 0.0) {}

  /// Integrates the segments of a waveform from `first` on.
  /// @param states to which the state at the end of each is appended
  End run(std::vector<double> gamma, const Waveform& drive, std::size_t first,
          std::vector<std::vector<double>>& states);

 private:
  using State = std::vector<double>;

  void begin(const State& gamma, const Segment& segment);
  End advance(State& gamma, const Segment& segment);
  [[nodiscard]] State rates(const State& gamma, double drive) const;
  [[nodiscard]] State step(const State& gamma, const Segment& segment, double s, double h);
  [[nodiscard]] double guard(std::size_t k, const State& gamma, double drive) const;
  [[nodiscard]] bool moves_far(const State& from, const State& to) const;
  /// Whether a guard's sign differs from the regime, a variable is beyond a bound, or one that rests at a bound is
  /// driven inward. With `apply` regime, bounds and pins are made to agree.
  bool switches(State& gamma, double drive, bool apply);

  const DrivenDevice& device_;
  int steps_;
  Regime<double> regime_;
  std::vector<double> pinned_;  ///< one a variable: -1 at its lower bound, +1 at its upper one, 0 if it moves
  boost::numeric::odeint::runge_kutta_fehlberg78<State> stepper_;
};

}  // namespace memdyn
