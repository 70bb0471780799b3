// SPDX-License-Identifier: MIT
#include "report/gnuplot.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "record/whole_file.hpp"
#include "report/process.hpp"

namespace memdyn {

std::string colour(std::size_t i) {
  constexpr const char* colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};
  return colours[i % std::size(colours)];
}

Script::Script(const std::filesystem::path& picture, int width, int height)
    : picture_(picture), points_(picture.extension() == ".svg" ? 14 : 26) {
  const auto ending = picture.extension();
  if (ending != ".svg" && ending != ".png")
    throw InputError("plot", "picture", '"' + picture.string() + '"', "must end in .svg or .png");
  const bool svg = ending == ".svg";
  add("set terminal {} size {},{} noenhanced {} font 'Helvetica,{}'\n", svg ? "svg" : "pngcairo",
      svg ? width : 2 * width, svg ? height : 2 * height, svg ? "dynamic background 'white'" : "", points_);
  if (!svg) add("set termoption linewidth 2\n");
  add("set encoding utf8\nset border lc rgb '#444444'\nset tics textcolor rgb '#222222'\n");
  add("set grid lc rgb '#dddddd' lt 1 lw 0.6\n");
}

void Script::block(const std::string& name, const std::vector<std::vector<double>>& columns) {
  add("${} << EOD\n", name);
  for (std::size_t row = 0; row < columns.front().size(); ++row) {
    for (const auto& column : columns) add("{} ", column[row]);
    text_ += '\n';
  }
  text_ += "EOD\n";
}

void Script::range(std::string_view axis, double low, double high) {
  if (!std::isfinite(low) || !std::isfinite(high)) return add("set {}range [*:*]\n", axis);
  const double margin = low != high ? 0 : low == 0 ? 1 : 0.1 * std::abs(low);
  add("set {}range [{}:{}]\n", axis, low - margin, high + margin);
}

std::string Script::literal(const std::string& text) {
  constexpr int most_lines = 8;
  std::string result = "\"";
  std::size_t begin = 0;
  for (int line = 0; line < most_lines && begin <= text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (line > 0) result += "\\012";
    for (const unsigned char c : in_message(std::string_view(text).substr(begin, end - begin)))
      result += c < 0x80 && std::isalpha(c) != 0 ? std::string(1, static_cast<char>(c)) : fmt::format("\\{:03o}", c);
    begin = end + 1;
  }
  return result + '"';
}

void Script::draw(const std::filesystem::path& picture, const std::string& text, const Progress& progress) {
  const Finished gnuplot = [&] {
    try {
      return run({"gnuplot", "--default-settings"}, text, progress);
    } catch (const IoError& error) {
      throw IoError(
          fmt::format("{}; {} was not drawn (the data are complete): install gnuplot-nox and run \"memdyn plot\"",
                      error.what(), in_message(picture.string())));
    }
  }();
  if (gnuplot.exit_status != 0 || gnuplot.output.empty())
    throw IoError(fmt::format("{} was not drawn: gnuplot failed with status {}: {}", in_message(picture.string()),
                              gnuplot.exit_status, gnuplot.errors));
  std::string drawn = gnuplot.output;
  if (picture.extension() == ".svg")  // XML forbids "]]>" in text, and gnuplot does not escape it
    for (std::size_t at = 0; (at = drawn.find("]]>", at)) != std::string::npos;) drawn.replace(at, 3, "]]&gt;");
  write_whole(picture, drawn);
}

Prefix prefix_of(const std::vector<double>& values) {
  double largest = 0;
  for (double v : values)
    if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
  constexpr Prefix all[] = {{1e-9, "G"}, {1e-6, "M"}, {1e-3, "k"}, {1, ""},    {1e3, "m"},
                            {1e6, "µ"},  {1e9, "n"},  {1e12, "p"}, {1e15, "f"}};
  if (largest == 0) return {1, ""};
  for (const auto& p : all)
    if (largest * p.factor >= 1) return p;
  return all[std::size(all) - 1];
}

std::string with_prefix(double value, const std::string& unit) {
  const double rounded = std::stod(fmt::format("{:.2e}", value));  // so that 999.9 becomes 1 k
  const Prefix prefix = prefix_of({rounded});
  return fmt::format("{:.3g} {}{}", rounded * prefix.factor, prefix.sign, unit);
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& v : values) v *= factor;
  return values;
}

}  // namespace memdyn
