// SPDX-License-Identifier: MIT
#pragma once

#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <cstddef>
#include <vector>

#include "memdyn/drive/waveform.hpp"
#include "memdyn/dynamics/driven_device.hpp"

namespace memdyn {

/// A simple and slow reference integration for tests of the event-driven integrators. It shares the equations of the
/// device and the source with these, but neither step-size control nor event location. Each segment is integrated in
/// equal steps of order 8; a step in which the state moves far is halved. An event is a sign change between the ends of
/// a step, which is then bisected until it ends at the event. A dip shorter than a step is missed.
class Careful {
 public:
  enum class End {
    done,
    slides,    ///< the regime keeps switching at one point
    undefined  ///< the drift is not a number, or no input satisfies the source
  };

  /// @param steps number of steps per segment
  Careful(const DrivenDevice& device, int steps) : device_(device), steps_(steps), pinned_(device.size(), 0.0) {}

  /// Integrates the segments of a waveform from `first` on.
  /// @param states output: the state at the end of each segment is appended
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
  /// Whether a guard's sign differs from the regime, a variable is beyond a bound, or a pinned variable is driven
  /// inward. With `apply`, regime, state and pins are updated accordingly.
  bool switches(State& gamma, double drive, bool apply);

  const DrivenDevice& device_;
  int steps_;
  Regime<double> regime_;
  std::vector<double> pinned_;  ///< one per variable: -1 if pinned at the lower bound, +1 at the upper one, else 0
  boost::numeric::odeint::runge_kutta_fehlberg78<State> stepper_;
};

}  // namespace memdyn
