// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// The fifth period of a device under a sine of its own input.
struct Loop {
  std::vector<double> voltage{}, current{};  ///< [V], [A], one a sample
  double swing = 0;                          ///< the largest share of its range that a variable passes through
  /// Sizes of the areas of both lobes (of positive and of negative drive) over the product of the ranges of V and I: 0
  /// for a line, at most 1. That it falls to zero as the frequency grows is, with the pinch, the memristor's
  /// fingerprint (Adhikari et al. 2013, doi:10.1109/TCSI.2013.2256171).
  double area = std::nan("");
};

/// A variable under a constant drive.
struct Switching {
  bool rises = true;
  double time = std::nan("");  ///< [s] from 10 % to 90 % of its range, or back where it falls; NaN if it does not
  std::string why{};           ///< it does not
};

/// What tells a device from another: loops at multiples of its own frequency, and switching times.
struct Fingerprint {
  static constexpr std::array<double, 4> multiples{0.1, 1, 10, 100};

  std::string name, model;
  Source source;
  double amplitude = 0;             ///< of what the source prescribes, [A] or [V]
  double frequency = std::nan("");  ///< its own [Hz]: the fastest that moves a variable through half its range
  std::array<Loop, multiples.size()> loops{};
  std::array<Switching, 2> switching{};  ///< under +amplitude, -amplitude
  std::string failure{};                 ///< of the loops, in words; empty if there was none
};

/// Measures a device under its own input. The amplitude is the typical input, or 1.5 times the largest level of a guard
/// where that is more. If the loops then fail numerically, as where a current runs away under a voltage, a resistance
/// is put in series that equals the memristance in the middle of the range, with twice the voltage; if that fails too,
/// the amplitude is lessened by a fifth, and so on down to a tenth of it. What fails still is told in the result.
///
/// Loops begin near the bound from which a positive drive leads away. Where the slowest drives do not move a variable
/// through half of its range, the device's own frequency is that of half of what they do move it through.
/// @throws whatever `progress` throws
[[nodiscard]] Fingerprint fingerprint(const std::string& name, const AnyDevice& device, const Progress& progress);

/// The loops of all devices, side by side. @throws IoError, InputError and what `progress` throws, as plot()
void draw_gallery(const std::vector<Fingerprint>& all, const std::filesystem::path& picture, const Progress& progress);
/// The numbers of all devices, as a table of Markdown.
[[nodiscard]] std::string fingerprint_table(const std::vector<Fingerprint>& all);
/// The same as a file, which replaces an older one when it is whole. @throws IoError
void write_fingerprints(const std::vector<Fingerprint>& all, const std::filesystem::path& table);

}  // namespace memdyn
