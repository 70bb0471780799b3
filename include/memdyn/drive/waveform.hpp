// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "memdyn/drive/segment.hpp"

namespace memdyn {

/// A piecewise drive: a sequence of segments. Values are in [A] for a current drive, in [V] for a voltage drive; times
/// in [s]. It has at least one segment; durations are positive, and no value or time is larger than `largest`.
class Waveform {
 public:
  static constexpr double largest = 1e15;  ///< largest magnitude of a value [A] or [V], a time [s] or a phase [rad]

  /// @throws InputError if there is no segment, a duration is not positive, a number is too large or not finite, or
  /// doubles do not resolve a segment: a duration, period or time constant below the spacing of doubles at the start of
  /// the segment, or a phase of more than 1e12 rad; Interrupted
  explicit Waveform(std::vector<Segment> segments);

  [[nodiscard]] const std::vector<Segment>& segments() const noexcept { return segments_; }
  /// Start of each segment [s], and as the last entry the end of the waveform: segments().size() + 1 values, by
  /// compensated summation.
  [[nodiscard]] const std::vector<double>& starts() const noexcept { return starts_; }
  [[nodiscard]] double duration() const noexcept { return starts_.back(); }
  /// The drive at time t in [0, duration], taken from the later segment at a breakpoint; 0 outside.
  [[nodiscard]] double value(double t) const;

  /// This waveform followed by `next`.
  [[nodiscard]] Waveform then(const Waveform& next) const;
  /// `count` copies, one after another. @throws InputError for count = 0
  [[nodiscard]] Waveform repeat(std::size_t count) const;
  /// Every value times `factor`.
  [[nodiscard]] Waveform scale(double factor) const;
  /// Every value plus `offset` [A] or [V].
  [[nodiscard]] Waveform raise(double offset) const;
  /// This waveform after a delay [s], > 0, with zero drive.
  [[nodiscard]] Waveform shift(double delay) const;

 private:
  std::vector<Segment> segments_;
  std::vector<double> starts_;
};

/// The sum of waveforms that begin together, as long as the longest; each is 0 after its end. Segments that have a
/// closed form together (constants and ramps, sines of one frequency, exponentials of one time constant) become one.
/// @throws InputError also if a sum has too many extrema or changes faster than doubles resolve
[[nodiscard]] Waveform sum_of(std::span<const Waveform> waveforms);

/// A rectangular or trapezoidal pulse: linear edges `rise` and `fall` before and after the plateau of length `width`.
struct PulseShape {
  double amplitude;  ///< [A] or [V]
  double width;      ///< [s], > 0
  double rise = 0;   ///< [s], >= 0
  double fall = 0;   ///< [s], >= 0
  double base = 0;   ///< [A] or [V], the drive between pulses
};
[[nodiscard]] Waveform pulse(const PulseShape& shape);
/// `count` pulses, one per `period` [s] >= rise + width + fall.
/// @throws InputError if the pulses do not fit into the period
[[nodiscard]] Waveform pulse_train(const PulseShape& shape, double period, std::size_t count);
/// `count` periods [s] of a triangle: 0 to +amplitude to -amplitude to 0.
[[nodiscard]] Waveform triangle_sweep(double amplitude, double period, std::size_t count = 1);
/// `count` periods [s] of a ramp from 0 to `amplitude`, from which it jumps back.
[[nodiscard]] Waveform sawtooth(double amplitude, double period, std::size_t count = 1);
/// Levels at equal distances, from the first to the last.
struct StaircaseShape {
  double from, to;     ///< first and last level [A] or [V]
  std::size_t levels;  ///< >= 1; one alone is `from`
  double width;        ///< of each level [s], > 0
  double rise = 0;     ///< of the ramp from one level to the next [s], >= 0
};
[[nodiscard]] Waveform staircase(const StaircaseShape& shape);
/// A pulse, and after a gap the same turned over, `ratio` times as high and as much shorter, so that the integrals of
/// both cancel.
struct BiphasicShape {
  double amplitude;   ///< of the first pulse [A] or [V]
  double width;       ///< of the first pulse [s], > 0
  double rise = 0;    ///< of the first pulse [s], >= 0
  double fall = 0;    ///< likewise
  double gap = 0;     ///< between both [s], >= 0
  double ratio = 1;   ///< > 0
  double period = 0;  ///< one pair per period [s]; 0: one pair after another
};
/// @throws InputError if the pulses do not fit into the period
[[nodiscard]] Waveform biphasic(const BiphasicShape& shape, std::size_t count = 1);
/// A spike as of a neuron: a pulse, and a tail of the other sign that decays:
/// -tail_amplitude exp(-t/tau), from the end of the pulse on.
struct SpikeShape {
  double amplitude;       ///< of the pulse [A] or [V]
  double width;           ///< of its plateau [s], > 0
  double tail_amplitude;  ///< where the tail begins [A] or [V]
  double tau;             ///< of the tail [s], > 0
  double tail_duration;   ///< [s], > 0; then the drive jumps to 0
  double rise = 0;        ///< from 0 to the plateau [s], >= 0
  double fall = 0;        ///< from the plateau to the beginning of the tail [s], >= 0
};
[[nodiscard]] Waveform spike(const SpikeShape& shape);
/// `cycles` > 0 periods of a sine of `frequency` [Hz]; not necessarily an integer.
[[nodiscard]] Waveform sine_burst(double amplitude, double frequency, double cycles);
/// Linear interpolation, from the first row on, between rows of time and value: a table of numbers, or PWL text of
/// SPICE (data/scenarios/README.md, "Tables of numbers"). Times must not fall; two values at one time are a jump.
/// @throws IoError if the file cannot be read, InputError naming file and line if a row is not valid
[[nodiscard]] Waveform waveform_from_csv(const std::filesystem::path& path);
/// The same from the text of such a file. @param name of the file in messages
[[nodiscard]] Waveform waveform_from_csv(const std::string& text, const std::string& name);

}  // namespace memdyn
