// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// Line colour i of a picture; told apart also by the colour-blind (Okabe and Ito).
[[nodiscard]] std::string colour(std::size_t i);

/// A script for gnuplot. It consists of the program's own words, numbers and literal() alone: nothing that a user gave
/// is ever parsed. Data go inline as named blocks, the picture comes back through a pipe; gnuplot opens no file.
class Script {
 public:
  /// @param picture ends in .svg or .png; @param width, height in pixels, of which a PNG has twice as many
  /// @throws InputError for another ending
  Script(const std::filesystem::path& picture, int width, int height);
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...);
  }
  /// One block; a column that is a NaN breaks the line.
  void block(const std::string& name, const std::vector<std::vector<double>>& columns);
  /// Sets the range of an axis ("x", "y", "cb"), widened where both ends are one; gnuplot's own choice if not finite.
  void range(std::string_view axis, double low, double high);
  /// Size of letters, as a share of the picture's.
  [[nodiscard]] double points(double share) const { return share * points_; }
  /// Any text as a string of gnuplot, in its quotes: all but ASCII letters as octal escapes, so that no text ends the
  /// string or begins a substitution, and no digit continues an escape. A line break stays one; the rest is as in a
  /// message.
  static std::string literal(const std::string& text);
  /// Draws, and writes the picture when it is whole.
  /// @throws IoError if gnuplot is missing or fails, or the picture cannot be written; whatever `progress` throws
  void draw(const Progress& progress) const;

 private:
  std::filesystem::path picture_;
  int points_;
  std::string text_;
};

/// Factor and prefix that bring the largest of some values near 1 .. 1000.
struct Prefix {
  double factor;
  const char* sign;
};
[[nodiscard]] Prefix prefix_of(const std::vector<double>& values);
/// To three digits: "1.35 mV".
[[nodiscard]] std::string with_prefix(double value, const std::string& unit);
[[nodiscard]] std::vector<double> scaled(std::vector<double> values, double factor);

}  // namespace memdyn
