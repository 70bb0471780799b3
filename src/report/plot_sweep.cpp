// SPDX-License-Identifier: MIT
#include "report/plot_sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "core/message.hpp"
#include "core/quantile.hpp"
#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/run/sweep.hpp"

namespace memdyn {
namespace {

bool logarithmic(const std::vector<double>& values) {
  if (values.size() < 2 || values.front() * values.back() <= 0) return false;
  const double middle = values[values.size() / 2];
  const double ratio = values.back() / values.front();
  return (ratio > 20 || ratio < 0.05) &&
         (values.size() == 2 || std::abs(std::log(middle / values.front()) / std::log(ratio) - 0.5) < 0.1);
}

/// A quantity of a sweep, its axes (without the axis of samples), and its values: grid points x samples.
struct Swept {
  std::string name, title, units;
  std::vector<std::string> axes;
  std::vector<std::vector<double>> along;
  std::size_t samples = 1;
  std::vector<double> values;
  std::string cuts;  ///< the fixed axes and their values, for the title
  Prefix prefix{1, ""};
};

std::string axis_label(const std::string& name, const Prefix& prefix, const std::string& units) {
  return units == "1" ? name : fmt::format("{} ({}{})", name, prefix.sign, units);
}

/// The options that choose an entry along the last axis of a quantity.
constexpr std::pair<const char*, std::string PlotOptions::*> entry_options[] = {{"variable", &PlotOptions::variable},
                                                                                {"part", &PlotOptions::part}};

/// The axis of the times at which states of a trajectory are recorded.
constexpr const char* times_axis = "reduce_time";

/// True if a dataset has one value for each trajectory, or one for each variable or part, or such values at given
/// times.
bool of_trajectories(const ResultReader& file, const std::string& name) {
  if (!file.has(name)) return false;
  auto axes = file.axes(name);
  if (!axes.empty() && (axes.back() == "variable" || axes.back() == "part")) axes.pop_back();
  if (!axes.empty() && axes.back() == times_axis) axes.pop_back();
  return axes == file.axes("status");
}

std::string quantity_of(const ResultReader& file, const std::string& given) {
  if (of_trajectories(file, given)) return given;
  std::vector<std::string> names{"switching_time", "loop_area", "gamma_final"};
  for (const auto& name : sweep_quantities()) names.push_back(name);
  names.insert(names.end(), {"end_time", "status"});
  std::erase_if(names, [&](const auto& name) { return !of_trajectories(file, name); });
  if (given.empty()) return names.front();
  const std::set<std::string> known(names.begin(), names.end());
  throw InputError("plot", "--quantity", '"' + given + '"',
                   fmt::format("must be a quantity of each trajectory, here {}, or a number that was drawn{}",
                               fmt::join(known, ", "), suggestion(given, known)));
}

/// Fixes an axis at its value nearest to `at`, and appends that value to `cuts`.
void cut(const ResultReader& file, Swept& s, std::size_t axis, double at) {
  const auto& along = s.along[axis];
  const auto distance = [&](double value) { return std::abs(value - at); };
  const auto kept = static_cast<std::size_t>(std::ranges::min_element(along, {}, distance) - along.begin());
  std::size_t inner = s.samples;
  for (std::size_t a = axis + 1; a < s.axes.size(); ++a) inner *= s.along[a].size();
  std::vector<double> left;
  for (std::size_t outer = 0; outer < s.values.size(); outer += inner * along.size()) {
    const auto from = s.values.begin() + static_cast<std::ptrdiff_t>(outer + kept * inner);
    left.insert(left.end(), from, from + static_cast<std::ptrdiff_t>(inner));
  }
  s.values = std::move(left);
  s.cuts += fmt::format("{}{} = {}", s.cuts.empty() ? "" : ", ", s.axes[axis],
                        on_axis(along[kept], file.text(s.axes[axis], "units")));
  s.axes.erase(s.axes.begin() + static_cast<std::ptrdiff_t>(axis));
  s.along.erase(s.along.begin() + static_cast<std::ptrdiff_t>(axis));
}

/// Makes the times of the values the last axis, before that of the samples, which they follow in the file.
void add_times(const ResultReader& file, Swept& s) {
  s.axes.emplace_back(times_axis);
  s.along.push_back(file.numbers(times_axis, {file.length(times_axis)}));
  const std::size_t count = s.along.back().size();
  std::vector<double> values(s.values.size());
  for (std::size_t n = 0; n < values.size(); ++n) {
    const std::size_t trajectory = n / count;
    values[(trajectory / s.samples * count + n % count) * s.samples + trajectory % s.samples] = s.values[n];
  }
  s.values = std::move(values);
}

Swept swept(const ResultReader& file, const PlotOptions& options) {
  Swept s;
  s.name = quantity_of(file, options.quantity);
  s.title = file.text(s.name, "long_name");
  s.units = file.text(s.name, "units");
  std::vector<std::size_t> shape;
  for (const auto& axis : file.axes("status")) {
    shape.push_back(points_of(file, axis));
    if (axis == "sample") {
      s.samples = shape.back();
    } else {
      s.axes.push_back(axis);
      s.along.push_back(file.numbers(axis, {shape.back()}));
    }
  }
  const auto dimensions = file.axes(s.name);
  const bool at_times = dimensions.size() > shape.size() && dimensions[shape.size()] == times_axis;
  if (at_times) shape.push_back(file.length(times_axis));
  const std::string along = dimensions.size() > shape.size() ? dimensions.back() : "";
  const auto names = along.empty() ? std::vector<std::string>{} : file.strings(along);
  if (!along.empty()) shape.push_back(names.size());
  s.values = file.numbers(s.name, shape);
  if (s.values.empty()) throw IoError(file.name() + ": " + in_message(s.name) + " is empty; there is nothing to draw");
  std::size_t entry = 0;
  for (const auto& [axis, option] : entry_options) {
    const std::string& wanted = options.*option;
    if (wanted.empty()) continue;
    const std::string key = fmt::format("--{}", axis);
    if (along != axis)
      throw InputError("plot", key, wanted,
                       fmt::format("{} is not a quantity of a single {}; remove this option", s.name, axis));
    entry = static_cast<std::size_t>(std::ranges::find(names, wanted) - names.begin());
    if (entry == names.size())
      throw InputError(
          "plot", key, wanted,
          fmt::format("must be one of {}{}", fmt::join(names, ", "), suggestion(wanted, {names.begin(), names.end()})));
  }
  if (!along.empty()) {
    const std::size_t count = names.size();
    if (count > 1) s.title += ", " + names[entry];
    if (count > 1 && along == "variable" && s.units == "1")  // variables of several units, not their times
      s.units = file.strings("variable_unit", count)[entry];
    for (std::size_t i = 0; i * count < s.values.size(); ++i) s.values[i] = s.values[i * count + entry];
    s.values.resize(s.values.size() / count);
  }
  if (at_times) add_times(file, s);
  for (const auto& [name, at] : options.at) {
    const auto axis = std::ranges::find(s.axes, name);
    if (!std::isfinite(at)) throw InputError("plot", "--at", fmt::format("{}={}", name, at), "must be a finite number");
    if (axis == s.axes.end())
      throw InputError("plot", "--at", name,
                       fmt::format("must be an axis that is not fixed yet, one of {}{}", fmt::join(s.axes, ", "),
                                   suggestion(name, {s.axes.begin(), s.axes.end()})));
    cut(file, s, static_cast<std::size_t>(axis - s.axes.begin()), at);
  }
  while (s.axes.size() > 2) cut(file, s, 0, s.along[0].front());
  if (std::ranges::none_of(s.values, [](double value) { return std::isfinite(value); }))
    throw InputError("plot", "--quantity", '"' + s.name + '"',
                     "has no value in this file; the dataset status gives the reason");
  if (s.units != "1") s.prefix = prefix_of(s.values);
  s.values = scaled(std::move(s.values), s.prefix.factor);
  return s;
}

/// The finite values at a grid point, sorted.
std::vector<double> known(const Swept& s, std::size_t point) {
  std::vector<double> all;
  for (std::size_t i = 0; i < s.samples; ++i)
    if (const double v = s.values[point * s.samples + i]; std::isfinite(v)) all.push_back(v);
  std::ranges::sort(all);
  return all;
}

void set_axis(Script& script, const ResultReader& file, const Swept& s, std::size_t axis, char letter,
              std::vector<double>& along) {
  const auto units = file.text(s.axes[axis], "units");
  const Prefix prefix = units == "1" ? Prefix{1, ""} : prefix_of(s.along[axis]);
  along = scaled(s.along[axis], prefix.factor);
  const auto [low, high] = std::ranges::minmax(along);
  if (logarithmic(along)) script.add("set logscale {}\n", letter);
  script.add("set {}label {}\n", letter, Script::literal(axis_label(s.axes[axis], prefix, units)));
  if (low < high) script.range({&letter, 1}, low, high);
}

void plot_histogram(Script& script, const Swept& s) {
  auto all = known(s, 0);
  const double width = all.back() > all.front() ? (all.back() - all.front()) /
                                                      std::clamp(std::sqrt(static_cast<double>(all.size())), 5.0, 80.0)
                                                : 1.0;
  std::vector<std::vector<double>> columns(2);
  for (std::size_t i = 0; i < all.size();) {
    const double left = all.front() + width * std::floor((all[i] - all.front()) / width);
    std::size_t count = 0;
    while (i < all.size() && (count == 0 || all[i] < left + width)) ++i, ++count;
    columns[0].push_back(left + width / 2);
    columns[1].push_back(static_cast<double>(count));
  }
  script.block("data", columns);
  script.add("set xlabel {}\n",
             Script::literal(fmt::format("{}\n{} of {} samples: median {:.4g}, 10 to 90 %: {:.4g} to {:.4g}",
                                         axis_label(s.title, s.prefix, s.units), all.size(), s.samples,
                                         quantile(all, 0.5), quantile(all, 0.1), quantile(all, 0.9))));
  script.add("set ylabel 'samples'\nset yrange [0:*]\nset boxwidth {}\nset style fill solid 0.6 border lc rgb '{}'\n",
             width, colour(0));
  script.add("plot $data using 1:2 with boxes lc rgb '{}' notitle\n", colour(0));
}

void plot_line(Script& script, const ResultReader& file, const Swept& s) {
  std::vector<std::vector<double>> columns(4);
  set_axis(script, file, s, 0, 'x', columns[0]);
  for (std::size_t point = 0; point < columns[0].size(); ++point) {
    auto all = known(s, point);
    for (const auto& [column, q] : {std::pair{1, 0.5}, std::pair{2, 0.1}, std::pair{3, 0.9}})
      columns[column].push_back(all.empty() ? std::nan("") : quantile(all, q));
  }
  script.block("data", columns);
  script.add("set ylabel {}\nset key top right\n", Script::literal(axis_label(s.title, s.prefix, s.units)));
  if (s.samples == 1) script.range_for_flat(columns[1]);
  if (s.samples > 1)
    script.add(
        "plot $data using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '{0}' title '10 to 90 %', "
        "$data using 1:2 with linespoints pt 7 ps 0.4 lw 2 lc rgb '{0}' title 'median of {1} samples'\n",
        colour(0), s.samples);
  else
    script.add("plot $data using 1:2 with linespoints pt 7 ps 0.4 lw 2 lc rgb '{}' notitle\n", colour(0));
}

/// The edges of the cells of a heat map: midpoints between neighbouring values, in logarithms on a logarithmic axis.
std::vector<double> edges(const std::vector<double>& along) {
  const bool log = logarithmic(along);
  const auto measure = [&](double v) { return log ? std::log(v) : v; };
  const auto back = [&](double v) { return log ? std::exp(v) : v; };
  std::vector<double> all;
  for (std::size_t i = 0; i + 1 < along.size(); ++i) all.push_back((measure(along[i]) + measure(along[i + 1])) / 2);
  if (all.empty()) return {along[0] - 0.5, along[0] + 0.5};
  all.insert(all.begin(), 2 * measure(along.front()) - all.front());
  all.push_back(2 * measure(along.back()) - all.back());
  for (double& v : all) v = back(v);
  return all;
}

void plot_map(Script& script, const ResultReader& file, const Swept& s) {
  std::vector<double> x;
  std::vector<double> y;
  set_axis(script, file, s, 1, 'x', x);
  set_axis(script, file, s, 0, 'y', y);
  const auto xs = edges(x);
  const auto ys = edges(y);
  std::vector<std::vector<double>> columns(7);
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t j = 0; j < y.size(); ++j)
    for (std::size_t i = 0; i < x.size(); ++i) {
      auto all = known(s, j * x.size() + i);
      if (all.empty()) continue;
      const double value = quantile(all, 0.5);
      low = std::min(low, value);
      high = std::max(high, value);
      const double cell[] = {x[i],
                             y[j],
                             std::min(xs[i], xs[i + 1]),
                             std::max(xs[i], xs[i + 1]),
                             std::min(ys[j], ys[j + 1]),
                             std::max(ys[j], ys[j + 1]),
                             value};
      for (std::size_t c = 0; c < 7; ++c) columns[c].push_back(cell[c]);
    }
  if (columns[0].empty()) throw IoError(in_message(s.name) + ": no grid point has a value");
  script.block("data", columns);
  const auto [x_low, x_high] = std::ranges::minmax(xs);
  const auto [y_low, y_high] = std::ranges::minmax(ys);
  script.range("x", x_low, x_high);
  script.range("y", y_low, y_high);
  script.add("unset grid\n");
  if (low == high) script.add("set cbrange [{}:{}]\n", low - 1, high + 1);
  if (low > 0 && high / low > 100) script.add("set logscale cb\nset format cb '%g'\n");
  script.add("set rmargin at screen 0.79\nset cblabel {} offset 1.5\n",
             Script::literal(axis_label(s.title, s.prefix, s.units) +
                             (s.samples > 1 ? fmt::format(", median of {} samples", s.samples) : "")));
  script.add(
      "{}set style fill solid border\nplot $data using 1:2:3:4:5:6:7 with boxxyerror lw 0.4 lc palette notitle\n",
      Script::map_palette);
}

}  // namespace

Script sweep_picture(const ResultReader& file, const std::filesystem::path& picture, const PlotOptions& options) {
  const Swept s = swept(file, options);
  Script script(picture, 760, 520);
  script.add("set title {}\nset format x '%g'\nset format y '%g'\n",
             Script::literal(file.text("/", "title") + (s.cuts.empty() ? "" : "\n" + s.cuts)));
  if (s.axes.empty()) {
    plot_histogram(script, s);
  } else if (s.axes.size() == 1) {
    plot_line(script, file, s);
  } else {
    plot_map(script, file, s);
  }
  return script;
}

}  // namespace memdyn
