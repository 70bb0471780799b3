// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <variant>

namespace memdyn {

/// Smooth pieces of a drive. Local time s runs from 0 to `duration` [s]; values are the drive's [A].

/// value
struct Constant {
  double duration;
  double value;
};
/// from + (to - from) s / duration
struct Ramp {
  double duration;
  double from;
  double to;
};
/// offset + amplitude sin(2π frequency s + phase); frequency in [Hz], > 0; phase in [rad]
struct Sine {
  double duration;
  double amplitude;
  double frequency;
  double phase = 0.0;
  double offset = 0.0;
};
/// to + (from - to) exp(-s / tau); tau in [s], > 0
struct Exponential {
  double duration;
  double from;
  double to;
  double tau;
};
using Segment = std::variant<Constant, Ramp, Sine, Exponential>;

/// Length [s].
[[nodiscard]] double duration(const Segment& segment);
/// The drive [A] at local time s in [0, duration].
[[nodiscard]] double value(const Segment& segment, double s);
/// dI/ds [A/s] there.
[[nodiscard]] double rate(const Segment& segment, double s);
/// Fills c with the Taylor coefficients of the drive at local time s: value(s + σ unit) = Σ c_k σ^k, unit in [s].
void expand(const Segment& segment, double s, double unit, std::span<double> c);
/// The first local time in (after, duration) at which the drive passes through `level`, in closed form; +infinity if
/// there is none. Called again with its own result it gives the crossing after that one. A sine that only touches the
/// level does not pass through it.
[[nodiscard]] double next_crossing(const Segment& segment, double level, double after);
/// The first local time in (after, duration) at which a sine turns; +infinity if there is none. Between such times
/// every segment is monotone.
[[nodiscard]] double next_turn(const Segment& segment, double after);
/// The first local time in (after, duration) at which a piece ends beside crossings: where a sine turns, if `turns`,
/// and where an exponential has come to its end but for 4e-18 of its way; +infinity if there is none.
[[nodiscard]] double next_cut(const Segment& segment, double after, bool turns);
/// The longest step [s] from local time s on that cannot mistake the segment for a simpler one: an eighth of a period
/// of a sine (the error estimate of a quarter can be 0 by chance, that of a whole one is), the time constant of an
/// exponential until it has come to its end; infinite otherwise.
[[nodiscard]] double longest_step(const Segment& segment, double s = 0.0);

}  // namespace memdyn
