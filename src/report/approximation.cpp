// SPDX-License-Identifier: MIT
#include "report/approximation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/quantile.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {

/// The predictions of a regression beside its data.
struct Regression {
  std::vector<std::string> inputs, outputs;
  std::size_t realizations = 0, rows = 0;
  std::vector<double> row_input, row_target;  ///< row x input, row x output
  std::vector<std::vector<double>> grid;      ///< values of each input
  std::vector<double> prediction;             ///< realization x output x point of the grid

  [[nodiscard]] std::size_t points() const {
    std::size_t count = 1;
    for (const auto& axis : grid) count *= axis.size();
    return count;
  }
  /// The predictions of all finished realizations for one output at one point.
  [[nodiscard]] std::vector<double> at(std::size_t output, std::size_t point) const {
    std::vector<double> all;
    for (std::size_t r = 0; r < realizations; ++r)
      if (const double value = prediction[(r * outputs.size() + output) * points() + point]; std::isfinite(value))
        all.push_back(value);
    return all;
  }
};

Regression regression_of(const ResultReader& file) {
  if (!file.has("row_target"))
    throw InputError(file.name(), "--view", "prediction", "is a view of a regression (data.task = \"regression\")");
  if (!file.has("prediction"))
    throw IoError(file.name() + ": has no predictions on a grid; write them with grid in [record] of the scenario");
  Regression r;
  r.inputs = file.strings("input");
  r.outputs = file.strings("output");
  r.realizations = file.length("realization");
  r.rows = file.length("row");
  if (r.inputs.size() > 2)
    throw IoError(
        fmt::format("{}: the network has {} inputs; the picture shows one or two", file.name(), r.inputs.size()));
  r.row_input = file.numbers("row_input", {r.rows, r.inputs.size()});
  r.row_target = file.numbers("row_target", {r.rows, r.outputs.size()});
  std::vector<std::size_t> shape{r.realizations, r.outputs.size()};
  for (std::size_t i = 0; i < r.inputs.size(); ++i) {
    r.grid.push_back(file.numbers(fmt::format("grid_{}", i + 1)));
    shape.push_back(r.grid.back().size());
  }
  r.prediction = file.numbers("prediction", shape);
  if (r.rows == 0 || r.prediction.empty())
    throw IoError(file.name() + ": has no rows or no grid; nothing can be drawn");
  return r;
}

Script curves(const ResultReader& file, const Regression& r, const std::filesystem::path& picture) {
  Script script(picture, 760, 500);
  script.add(
      "set title {}\nset xlabel {}\nset key outside bottom center horizontal\nset offsets 0,0,graph 0.04,graph 0.04\n",
      Script::literal(fmt::format("{}\npoints: target; line: median of {} realizations; band: 10 to 90 %",
                                  file.text("/", "title"), r.realizations)),
      Script::literal(r.inputs[0]));
  if (r.outputs.size() == 1) script.add("set ylabel {}\nunset key\n", Script::literal(r.outputs[0]));
  std::string bands, lines;
  for (std::size_t k = 0; k < r.outputs.size(); ++k) {
    std::vector<std::vector<double>> target(2), answer(4);
    for (std::size_t row = 0; row < r.rows; ++row) {
      target[0].push_back(r.row_input[row]);
      target[1].push_back(r.row_target[row * r.outputs.size() + k]);
    }
    for (std::size_t point = 0; point < r.points(); ++point) {
      auto all = r.at(k, point);
      answer[0].push_back(r.grid[0][point]);
      for (const auto& [column, q] : {std::pair{1, 0.5}, std::pair{2, 0.1}, std::pair{3, 0.9}})
        answer[column].push_back(all.empty() ? std::nan("") : quantile(all, q));
    }
    script.block(fmt::format("target{}", k), target);
    script.block(fmt::format("answer{}", k), answer);
    bands +=
        fmt::format("$answer{} using 1:3:4 with filledcurves fs transparent solid 0.2 noborder lc rgb '{}' notitle, ",
                    k, colour(k));
    lines += fmt::format(
        "{0}$target{1} using 1:2 with points pt 6 ps 0.6 lc rgb '{2}' notitle, $answer{1} using 1:2 with lines lw 2 lc "
        "rgb '{2}' title {3}",
        k == 0 ? "" : ", ", k, colour(k), Script::literal(r.outputs[k]));
  }
  script.range("x", r.grid[0].front(), r.grid[0].back());
  script.add("plot {}{}\n", bands, lines);
  return script;
}

/// The size at which that many squares, on a grid, nearly touch.
double point_size(std::size_t count) {
  constexpr double of_one = 55, largest = 4, smallest = 0.3;
  return std::clamp(of_one / std::sqrt(static_cast<double>(count)), smallest, largest);
}

Script maps(const ResultReader& file, const Regression& r, const std::filesystem::path& picture) {
  Script script(picture, 960, 60 + 400 * static_cast<int>(r.outputs.size()));
  script.add(
      "set multiplot layout {},2 title {}\nset xlabel {}\nset ylabel {}\n{}set format '%g'\nunset key\nset style fill "
      "solid border\n",
      r.outputs.size(), Script::literal(file.text("/", "title")), Script::literal(r.inputs[0]),
      Script::literal(r.inputs[1]), Script::map_palette);
  const std::size_t columns = r.grid[1].size();
  for (std::size_t k = 0; k < r.outputs.size(); ++k) {
    std::vector<std::vector<double>> target(3), answer(3);
    for (std::size_t row = 0; row < r.rows; ++row) {
      target[0].push_back(r.row_input[row * 2]);
      target[1].push_back(r.row_input[row * 2 + 1]);
      target[2].push_back(r.row_target[row * r.outputs.size() + k]);
    }
    for (std::size_t point = 0; point < r.points(); ++point) {
      auto all = r.at(k, point);
      answer[0].push_back(r.grid[0][point / columns]);
      answer[1].push_back(r.grid[1][point % columns]);
      answer[2].push_back(all.empty() ? std::nan("") : quantile(all, 0.5));
    }
    script.block(fmt::format("target{}", k), target);
    script.block(fmt::format("answer{}", k), answer);
    const auto [low, high] = std::ranges::minmax(target[2]);
    script.range("cb", low, high);
    const auto half_cell = [](const std::vector<double>& axis) {
      return (axis.back() - axis.front()) / static_cast<double>(2 * (axis.size() - 1));
    };
    const double x = half_cell(r.grid[0]);
    const double y = half_cell(r.grid[1]);
    script.range("x", r.grid[0].front() - x, r.grid[0].back() + x);
    script.range("y", r.grid[1].front() - y, r.grid[1].back() + y);
    script.add("set title {}\nplot $target{} using 1:2:3 with points pt 5 ps {} lc palette\n",
               Script::literal(r.outputs[k] + ": target"), k, point_size(r.rows));
    script.add("set title {}\nplot $answer{} using 1:2:({}):({}):3 with boxxyerror lw 0.4 lc palette\n",
               Script::literal(fmt::format("{}: prediction, median of {} realizations", r.outputs[k], r.realizations)),
               k, x, y);
  }
  script.add("unset multiplot\n");
  return script;
}

/// A pair of activations, the errors of its networks of one width, and their floor.
struct DrawnErrors {
  std::string name;
  std::vector<std::vector<double>> errors;  ///< of each width
  double floor;
};

/// Adds the panel of one target.
void add_panel(Script& script, const std::vector<double>& widths, const std::vector<DrawnErrors>& all,
               std::size_t panel) {
  std::string plots;
  for (std::size_t s = 0; s < all.size(); ++s) {
    std::vector<std::vector<double>> medians(2), dots(2);
    for (std::size_t h = 0; h < widths.size(); ++h) {
      auto errors = all[s].errors[h];
      for (const double e : errors) {
        dots[0].push_back(widths[h]);
        dots[1].push_back(e);
      }
      medians[0].push_back(widths[h]);
      medians[1].push_back(errors.empty() ? std::nan("") : quantile(errors, 0.5));
    }
    if (dots[0].empty()) continue;
    script.block(fmt::format("median{}_{}", panel, s), medians);
    script.block(fmt::format("dots{}_{}", panel, s), dots);
    plots += fmt::format(
        "{0}$dots{1}_{2} using 1:2 with points pt 6 ps 0.8 lc rgb '{3}' notitle, $median{1}_{2} using 1:2 with "
        "linespoints pt 7 ps 0.7 lw 2 lc rgb '{3}' title {4}",
        plots.empty() ? "" : ", ", panel, s, colour(s), Script::literal(all[s].name));
    if (std::isfinite(all[s].floor))
      plots += fmt::format(", {} with lines dt 2 lw 1.5 lc rgb '{}' title {}", all[s].floor, colour(s),
                           Script::literal("floor: " + all[s].name));
  }
  if (plots.empty()) return script.add("set multiplot next\n");  // no training of this target was finished
  script.add("plot {}\n", plots);
}

}  // namespace

Script prediction_picture(const ResultReader& file, const std::filesystem::path& picture) {
  const Regression r = regression_of(file);
  return r.inputs.size() == 1 ? curves(file, r, picture) : maps(file, r, picture);
}

Script universality_picture(const ResultReader& file, const std::filesystem::path& picture) {
  const auto targets = file.strings("target");
  const auto activations = file.strings("activation");
  const auto outputs = file.strings("output");
  const auto widths = file.numbers("hidden");
  const std::size_t realizations = file.length("realization");
  const auto errors =
      file.numbers("final_error", {targets.size(), activations.size(), outputs.size(), widths.size(), realizations});
  const auto floors = file.numbers("floor", {targets.size(), activations.size(), outputs.size()});
  if (std::ranges::none_of(errors, [](double e) { return std::isfinite(e); }))
    throw IoError(file.name() + ": no training was finished; there is nothing to draw");
  Script script(picture, 380 * static_cast<int>(targets.size()), 560);
  script.add("set multiplot layout 1,{} title {}\n", targets.size(),
             Script::literal(fmt::format("{}\ncircles: {} realizations; line: their median; dashed: the least error of "
                                         "any number of square nodes",
                                         file.text("/", "title"), realizations)));
  script.add("set logscale x 2\nset logscale y\nset format y '%g'\nset xlabel 'hidden nodes'\n");
  script.add("set tmargin at screen 0.82\nset bmargin at screen 0.26\n");
  script.add("set key at screen 0.5,0.07 center center maxrows 2 font ',{}'\n", script.points(0.8));
  script.range("x", 0.8 * widths.front(), 1.25 * widths.back());
  for (std::size_t t = 0; t < targets.size(); ++t) {
    std::vector<DrawnErrors> all;
    for (std::size_t a = 0; a < activations.size(); ++a)
      for (std::size_t o = 0; o < outputs.size(); ++o) {
        const std::size_t pair = (t * activations.size() + a) * outputs.size() + o;
        auto& series = all.emplace_back(
            DrawnErrors{fmt::format("{} nodes, {} output", activations[a], outputs[o]), {}, floors[pair]});
        for (std::size_t h = 0; h < widths.size(); ++h) {
          auto& of_width = series.errors.emplace_back();
          for (std::size_t r = 0; r < realizations; ++r)
            if (const double e = errors[(pair * widths.size() + h) * realizations + r]; std::isfinite(e))
              of_width.push_back(e);
        }
      }
    script.add("set title {}\n", Script::literal(targets[t]));
    if (t == 0) script.add("set ylabel 'total error at the end, E = ½ Σ (T − O)²'\n");
    add_panel(script, widths, all, t);
    script.add("unset ylabel\nunset key\n");  // they belong to all panels
  }
  script.add("unset multiplot\n");
  return script;
}

}  // namespace memdyn
