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

/// The fifth period of a device under a sine.
struct Loop {
  std::vector<double> voltage{}, current{};  ///< [V], [A], one per sample
  double swing = 0;                          ///< largest fraction of its range that a variable covers
  /// Sum of the areas of both lobes (positive and negative drive) over the product of the ranges of V and I: 0 for a
  /// line, at most 1. It tends to zero as the frequency grows; with the pinch, that is the memristor's fingerprint
  /// (Adhikari et al. 2013, doi:10.1109/TCSI.2013.2256171).
  double area = std::nan("");
};

/// Switching of a variable under a constant drive.
struct Switching {
  bool rises = true;
  double time = std::nan("");  ///< [s] from 10 % to 90 % of its range, or back if it falls; NaN if it does not switch
  std::string why{};           ///< why it does not switch
};

/// The fingerprint of a device: loops at multiples of its characteristic frequency, and switching times.
struct Fingerprint {
  static constexpr std::array<double, 4> multiples{0.1, 1, 10, 100};

  std::string name, model;
  Source source;
  double amplitude = 0;             ///< amplitude of the source [A] or [V]
  double frequency = std::nan("");  ///< characteristic [Hz]: the highest that moves a variable through half its range
  std::vector<double> start{};      ///< state at which loops begin, one value per variable
  std::array<Loop, multiples.size()> loops{};
  std::array<Switching, 2> switching{};  ///< under +amplitude, -amplitude
  std::string failure{};                 ///< message of the failure of the loops; empty if there was none
};

/// Measures a device under its own input. The amplitude is the larger of the typical input and 1.5 times the largest
/// level of a guard. If the loops then fail numerically, for example because the current diverges under a voltage, a
/// resistance equal to the memristance in the middle of the range is put in series and the voltage is doubled. If that
/// fails too, the amplitude is reduced by a fifth, repeatedly, down to a tenth. A remaining failure is reported in the
/// result.
///
/// Loops begin near the bound from which a positive drive moves the state away. If the slowest drives do not move a
/// variable through half of its range, the characteristic frequency is the one for half of the swing that they reach.
/// @throws whatever `progress` throws
[[nodiscard]] Fingerprint fingerprint(const std::string& name, const AnyDevice& device, const Progress& progress);

/// Draws the loops of all devices side by side. @throws IoError, InputError and what `progress` throws, as plot()
void draw_gallery(const std::vector<Fingerprint>& all, const std::filesystem::path& picture, const Progress& progress);
/// The numbers of all devices as a Markdown table.
[[nodiscard]] std::string fingerprint_table(const std::vector<Fingerprint>& all);
/// Writes that table to a file; an older file is replaced only when the new one is complete. @throws IoError
void write_fingerprints(const std::vector<Fingerprint>& all, const std::filesystem::path& table);

}  // namespace memdyn
