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
  constexpr const char* colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                     "#e69f00", "#56b4e9", "#000000", "#8c8c8c"};
  return colours[i % std::size(colours)];
}

namespace {
/// Sizes of a picture in the units of its format, from pixels on a screen.
constexpr double dots_of_png = 2;    // in each direction, so that a line is sharp
constexpr double inches = 1.0 / 96;  // of a pixel [CSS Values and Units 4, section 6.2]
constexpr int points_of_svg = 14, points_of_png = 26, points_of_pdf = 11;
}  // namespace

Script::Script(const std::filesystem::path& picture, int width, int height) : picture_(picture) {
  const auto ending = picture.extension();
  if (ending == ".svg") {
    points_ = points_of_svg;
    add("set terminal svg size {},{} noenhanced dynamic background 'white' font 'Helvetica,{}'\n", width, height,
        points_);
  } else if (ending == ".png") {
    points_ = points_of_png;
    add("set terminal pngcairo size {},{} noenhanced font 'Helvetica,{}'\nset termoption linewidth 2\n",
        dots_of_png * width, dots_of_png * height, points_);
  } else if (ending == ".pdf") {
    points_ = points_of_pdf;
    add("set terminal pdfcairo size {:.3f}in,{:.3f}in noenhanced font 'Helvetica,{}'\n", inches * width,
        inches * height, points_);
  } else {
    throw InputError("plot", "picture", '"' + picture.string() + '"', "must end in .svg, .png or .pdf");
  }
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

void Script::range_for_flat(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return;
  const auto [low, high] = std::ranges::minmax(values);
  if (high - low > 1e-4 * std::max(std::abs(high), std::abs(low))) return add("set yrange [*:*]\n");
  const double margin = high == 0 && low == 0 ? 1.0 : 0.1 * std::max(std::abs(high), std::abs(low));
  add("set yrange [{}:{}]\n", low - margin, high + margin);
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
  if (gnuplot.exit_status != 0 && gnuplot.errors.find("terminal type") != std::string::npos)
    throw IoError(fmt::format(
        "{} was not drawn: this gnuplot cannot write {}; install one with Cairo (gnuplot-nox on Debian), or "
        "choose a name that ends in .svg",
        in_message(picture.string()), in_message(picture.extension().string())));
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

std::string on_axis(double value, const std::string& unit) {
  if (unit == "1" || unit.empty()) return fmt::format("{:g}", value);
  const Prefix prefix = prefix_of({value});
  return fmt::format("{:g} {}{}", value * prefix.factor, prefix.sign, unit);
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& v : values) v *= factor;
  return values;
}

}  // namespace memdyn
