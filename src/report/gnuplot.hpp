// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// Line colour i of a picture, from the palette of Okabe and Ito for colour-blind readers.
[[nodiscard]] std::string colour(std::size_t i);

/// A gnuplot script. It consists only of the program's own text, numbers and the results of literal(), so that gnuplot
/// never parses text from a user. Data are inline named blocks, and the picture returns through a pipe: gnuplot opens
/// no file.
class Script {
 public:
  /// @param picture must end in .svg, .png or .pdf @param width, height in pixels; a PNG has twice as many in each
  /// direction
  /// @throws InputError for another extension
  Script(const std::filesystem::path& picture, int width, int height);
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...);
  }
  /// Adds a data block; a NaN interrupts the line.
  void block(const std::string& name, const std::vector<std::vector<double>>& columns);
  /// Sets the range of an axis ("x", "y", "cb"), widened if both ends are equal; automatic if an end is not finite.
  void range(std::string_view axis, double low, double high);
  /// Sets the y range: automatic, or widened by a tenth if the values differ by less than 1e-4 of their size, because
  /// rounding would otherwise fill the axis, whose labels have six digits.
  void range_for_flat(std::vector<double> values);
  /// Sets the colours of maps (viridis, which colour-blind readers can tell apart).
  static constexpr std::string_view map_palette =
      "set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', 0.75 '#5ec962', 1 '#fde725')\n";
  /// Font size in points, as a fraction of the default size of the picture.
  [[nodiscard]] double points(double share) const { return share * points_; }
  /// Any text as a quoted gnuplot string. All bytes except ASCII letters become octal escapes, so that no text can end
  /// the string or begin a substitution, and no digit can continue an escape. Line breaks are kept; other characters
  /// are escaped as by in_message().
  static std::string literal(const std::string& text);
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Draws the picture, and writes the file only when the picture is complete.
  /// @throws IoError if gnuplot is missing or fails, or the picture cannot be written; whatever `progress` throws
  void draw(const Progress& progress) const { draw(picture_, text_, progress); }
  /// The same for the text of a script.
  static void draw(const std::filesystem::path& picture, const std::string& text, const Progress& progress);

 private:
  std::filesystem::path picture_;
  int points_ = 0;
  std::string text_;
};

/// An SI prefix and its factor.
struct Prefix {
  double factor;
  const char* sign;
};
/// The prefix that scales the largest of some values into 1 .. 1000.
[[nodiscard]] Prefix prefix_of(const std::vector<double>& values);
/// A value with an SI prefix, to three digits: "1.35 mV".
[[nodiscard]] std::string with_prefix(double value, const std::string& unit);
/// A value on an axis, with an SI prefix unless it is a pure number, to six digits: "16 kOhm".
[[nodiscard]] std::string on_axis(double value, const std::string& unit);
/// All values times `factor`.
[[nodiscard]] std::vector<double> scaled(std::vector<double> values, double factor);

}  // namespace memdyn
