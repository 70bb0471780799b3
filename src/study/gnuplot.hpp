// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

namespace memdyn {

/// Line colour i of a picture; told apart also by the colour-blind (Okabe and Ito).
[[nodiscard]] std::string colour(std::size_t i);

/// A script for gnuplot; data go inline as named blocks.
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
  /// Size of letters, as a share of the picture's.
  [[nodiscard]] double points(double share) const { return share * points_; }
  static std::string quoted(std::string text);
  /// @throws IoError if gnuplot is missing or fails
  void draw() const;

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
