// SPDX-License-Identifier: MIT
#include "study/gnuplot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "memdyn/core/error.hpp"

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
  add("set terminal {} size {},{} {} font 'Helvetica,{}'\n", svg ? "svg" : "pngcairo", svg ? width : 2 * width,
      svg ? height : 2 * height, svg ? "dynamic enhanced background 'white'" : "enhanced", points_);
  if (!svg) add("set termoption linewidth 2\n");
  add("set output '{}'\nset encoding utf8\nset border lc rgb '#444444'\nset tics textcolor rgb '#222222'\n",
      quoted(picture.string()));
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

std::string Script::quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, 1, '\'');
  return text;
}

void Script::draw() const {
  if (std::system("command -v gnuplot >/dev/null 2>&1") != 0)
    throw IoError("gnuplot is not installed, so " + picture_.string() +
                  " was not drawn (the data are complete); install gnuplot-nox and use \"memdyn plot\"");
  std::FILE* file = std::fopen(picture_.c_str(), "ab");  // gnuplot would draw on the terminal
  if (file == nullptr)
    throw IoError(picture_.string() + ": cannot be created; check that the folder exists and may be written");
  std::fclose(file);
  std::FILE* pipe = popen("gnuplot", "w");
  if (pipe == nullptr) throw IoError(picture_.string() + ": gnuplot cannot be started");
  const bool written = std::fwrite(text_.data(), 1, text_.size(), pipe) == text_.size();
  if (pclose(pipe) != 0 || !written) throw IoError(picture_.string() + ": gnuplot failed; its message is above");
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
  const double rounded = std::stod(fmt::format("{:.2e}", value));  // 999.9 is 1 k
  const Prefix prefix = prefix_of({rounded});
  return fmt::format("{:.3g} {}{}", rounded * prefix.factor, prefix.sign, unit);
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& v : values) v *= factor;
  return values;
}

}  // namespace memdyn
