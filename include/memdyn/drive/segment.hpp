// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <variant>

namespace memdyn {

/// Smooth segments of a drive u(s). Local time s runs from 0 to `duration` [s]; values are in [A] for a current drive,
/// in [V] for a voltage drive.

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
/// offset + amplitude sin(2π (frequency s + (final_frequency - frequency) s² / (2 duration)) + phase): a sine whose
/// frequency [Hz], > 0, runs linearly from one to the other
struct Chirp {
  double duration;
  double amplitude;
  double frequency;
  double final_frequency;
  double phase = 0.0;
  double offset = 0.0;
};
class SumOfTerms;
/// offset + factor Σ terms: segments of the other kinds, and functions of time, for which there is no common closed
/// form. Its events are isolated by bounds over intervals; see drive/sum.hpp.
struct Sum {
  double duration;
  std::shared_ptr<const SumOfTerms> terms;
  double factor = 1.0;
  double offset = 0.0;  ///< [A] or [V]
};
using Segment = std::variant<Constant, Ramp, Sine, Exponential, Chirp, Sum>;

/// Length [s].
[[nodiscard]] double duration(const Segment& segment);
/// The drive [A] or [V] at local time s in [0, duration].
[[nodiscard]] double value(const Segment& segment, double s);
/// du/ds [A/s] or [V/s] at local time s.
[[nodiscard]] double rate(const Segment& segment, double s);
/// Fills c with the Taylor coefficients of the drive at local time s: value(s + σ unit) = Σ c_k σ^k, unit in [s].
void expand(const Segment& segment, double s, double unit, std::span<double> c);
/// The segment between two local times, as one of its own.
[[nodiscard]] Segment part_of(const Segment& segment, double begin, double end);
/// The first local time in (after, duration) at which the drive crosses `level`, in closed form, or bracketed to the
/// last digits for a sum; +infinity if there is none. With `after` set to the last result it returns the next crossing.
/// A segment that only touches the level does not cross it.
[[nodiscard]] double next_crossing(const Segment& segment, double level, double after);
/// The first local time in (after, duration) at which a sine, a chirp or a sum has an extremum; +infinity if there is
/// none. Every segment is monotone between such times.
[[nodiscard]] double next_turn(const Segment& segment, double after);
/// The longest step [s] from local time s that an error estimate can be trusted with: an eighth of the period of a sine
/// (over a quarter of a period the estimate can vanish by chance, over a whole period it does vanish), or of a chirp at
/// its highest frequency before the next cut; the time constant of an exponential until it has settled; of a sum, what
/// the ratios of its derivatives imply; infinite otherwise.
[[nodiscard]] double longest_step(const Segment& segment, double s = 0.0);

/// The end of a stretch of a segment without a time event inside.
struct StretchEnd {
  double end;      ///< local time [s]
  bool crossing;   ///< the drive crosses a level there
  double longest;  ///< longest step in the stretch [s]; see longest_step()
};
/// The end of the stretch from local time `after` on: where the drive first crosses one of the levels, or a cut for
/// another reason: an extremum of a sine, if `turns`; an extremum or a zero of a chirp or a sum; where an exponential
/// has settled to within 4e-18 of its change; the end of the segment.
/// @param levels [A] or [V]; NaN for none
[[nodiscard]] StretchEnd end_of_stretch(const Segment& segment, std::span<const double> levels, double after,
                                        bool turns);

}  // namespace memdyn
