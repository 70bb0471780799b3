// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/drive/segment.hpp"

namespace memdyn {

/// A piecewise drive: segments one after another. Values [A], times [s]. Never empty; every segment has a positive
/// duration, and no value or time of it is larger than `largest`.
class Waveform {
 public:
  static constexpr double largest = 1e15;  ///< size of a value [A], a time [s] or a phase [rad]

  /// @throws InputError for no segment, one of zero or negative duration, or a number that is too large or not finite
  explicit Waveform(std::vector<Segment> segments);

  [[nodiscard]] const std::vector<Segment>& segments() const noexcept { return segments_; }
  /// Start of each segment [s], one more than segments: the last is the end. Summed with compensation.
  [[nodiscard]] const std::vector<double>& starts() const noexcept { return starts_; }
  [[nodiscard]] double duration() const noexcept { return starts_.back(); }
  /// The drive at time t in [0, duration]; at a breakpoint, that of the later segment. 0 outside.
  [[nodiscard]] double value(double t) const;

  /// This, then `next`.
  [[nodiscard]] Waveform then(const Waveform& next) const;
  /// `count` copies, one after another. @throws InputError for count = 0
  [[nodiscard]] Waveform repeat(std::size_t count) const;
  /// Every value times `factor`.
  [[nodiscard]] Waveform scale(double factor) const;
  /// The drive delayed by `delay` > 0 of zero drive.
  [[nodiscard]] Waveform shift(double delay) const;

 private:
  std::vector<Segment> segments_;
  std::vector<double> starts_;
};

/// Rectangular, or with linear edges: `rise` and `fall` come before and after the plateau of length `width` [s].
struct PulseShape {
  double amplitude;  ///< [A]
  double width;      ///< [s], > 0
  double rise = 0;   ///< [s], >= 0
  double fall = 0;   ///< [s], >= 0
  double base = 0;   ///< [A], the drive between pulses
};
[[nodiscard]] Waveform pulse(const PulseShape& shape);
/// `count` pulses, one every `period` [s] >= rise + width + fall.
/// @throws InputError if the pulses do not fit into the period
[[nodiscard]] Waveform pulse_train(const PulseShape& shape, double period, std::size_t count);
/// 0 to +amplitude to -amplitude to 0 in one `period` [s], `count` times.
[[nodiscard]] Waveform triangle_sweep(double amplitude, double period, std::size_t count = 1);
/// `cycles` > 0 periods of a sine; the number may have a fraction.
[[nodiscard]] Waveform sine_burst(double amplitude, double frequency, double cycles);
/// Linear interpolation between rows "time,value" of a CSV file (blank lines, lines that begin with # and a heading, a
/// first row without any number, are skipped). Times must increase strictly; equal times are refused (use two close
/// ones for a jump).
/// @throws IoError if the file cannot be read, InputError naming file and line
[[nodiscard]] Waveform waveform_from_csv(const std::filesystem::path& path);

}  // namespace memdyn
