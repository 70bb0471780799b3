// SPDX-License-Identifier: MIT
#include "report/plot_simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "memdyn/core/error.hpp"
#include "report/legend.hpp"
#include "report/time_rows.hpp"

namespace memdyn {
namespace {

/// The data of a simulation; variables with the same unit share a panel.
struct Trajectory {
  std::vector<double> time{}, current{}, voltage{}, gamma{};
  std::vector<std::string> names{};
  struct Panel {
    std::string unit;
    Prefix prefix{1, ""};
    std::vector<std::size_t> variables{};
  };
  std::vector<Panel> panels{};
};

/// The number of rows. @throws IoError if there is none
std::size_t rows_of(const ResultReader& file) {
  const std::size_t rows = file.length("time");
  if (rows == 0)
    throw IoError(file.name() + ": has no rows, so there is nothing to draw; set steps = true or interval in [record]");
  return rows;
}

Trajectory trajectory(const ResultReader& file, const TimeSpan& span, const Progress& progress) {
  const std::size_t rows = rows_of(file);
  const std::size_t variables = file.length("variable");
  Trajectory all{.names = file.strings("variable", variables)};
  for (const char* name : {"current", "voltage"}) require_shape(file, name, {rows});
  std::vector<std::pair<std::string, std::size_t>> arrays{{"time", 1}, {"current", 1}, {"voltage", 1}};
  if (variables > 0) {
    require_shape(file, "gamma", {rows, variables});
    arrays.emplace_back("gamma", variables);
  }
  const auto kept = rows_within(file, arrays, rows, span, progress);
  for (std::size_t at = 0; at < kept.size(); at += 3 + variables) {
    all.time.push_back(kept[at]);
    all.current.push_back(kept[at + 1]);
    all.voltage.push_back(kept[at + 2]);
    for (std::size_t v = 0; v < variables; ++v) all.gamma.push_back(kept[at + 3 + v]);
  }
  const auto units = file.has("variable_unit") ? file.strings("variable_unit", variables)
                                               : std::vector(variables, file.text("gamma", "units"));
  for (std::size_t k = 0; k < variables; ++k) {
    auto panel = std::ranges::find(all.panels, units[k], &Trajectory::Panel::unit);
    if (panel == all.panels.end()) panel = all.panels.insert(panel, {.unit = units[k]});
    panel->variables.push_back(k);
  }
  return all;
}

/// Changes of the regime that are marked in a picture; more would hide the curves.
constexpr std::size_t most_marks = 200;

/// Times at which the regime changes (in older files one number per row, in newer ones one per row and guard), or a
/// bound is reached or left, within a span of time.
std::vector<double> changes_of_regime(const ResultReader& file, std::size_t rows, const TimeSpan& span,
                                      const Progress& progress) {
  require_shape(file, "event", {rows});
  std::vector<std::pair<std::string, std::size_t>> arrays{{"time", 1}, {"event", 1}};
  if (file.has("regime")) {
    auto shape = file.shape("regime");
    shape.resize(std::clamp<std::size_t>(shape.size(), 1, 2));
    shape[0] = rows;
    require_shape(file, "regime", shape);
    arrays.emplace_back("regime", shape.size() == 2 ? shape[1] : 1);
  }
  std::vector<double> changes;
  std::vector<double> before;
  go_through(file, arrays, rows, progress, [&](std::size_t count, const auto& blocks) {
    for (std::size_t row = 0; row < count && changes.size() <= most_marks; ++row) {
      std::vector<double> now;
      if (arrays.size() == 3) {
        const auto begin = blocks[2]->begin() + static_cast<std::ptrdiff_t>(row * arrays[2].second);
        now.assign(begin, begin + static_cast<std::ptrdiff_t>(arrays[2].second));
      }
      const double event = (*blocks[1])[row];
      const bool switches =
          event >= static_cast<double>(Event::state_event) && event != static_cast<double>(Event::between);
      const bool first = before.empty() && row == 0;
      if (!first && (switches || now != before) && span.holds((*blocks[0])[row])) changes.push_back((*blocks[0])[row]);
      before = std::move(now);
    }
  });
  return changes;
}

/// Time, current, voltage and variables, scaled by SI prefixes: gnuplot's columns 1, 2, 3, and from 4 on.
std::vector<std::vector<double>> scaled_columns(Trajectory& all, const Prefix& t, const Prefix& i, const Prefix& v) {
  std::vector<std::vector<double>> columns{scaled(all.time, t.factor), scaled(all.current, i.factor),
                                           scaled(all.voltage, v.factor)};
  columns.resize(3 + all.names.size());
  for (Trajectory::Panel& panel : all.panels) {
    std::vector<double> values;
    for (std::size_t row = 0; row < all.time.size(); ++row)
      for (const std::size_t k : panel.variables) values.push_back(all.gamma[row * all.names.size() + k]);
    if (panel.unit != "1") panel.prefix = prefix_of(values);
    for (std::size_t n = 0; n < values.size(); ++n)
      columns[3 + panel.variables[n % panel.variables.size()]].push_back(values[n] * panel.prefix.factor);
  }
  return columns;
}

/// Adds a data block with vertical lines at some times. @returns the end of a plot command that draws them
std::string add_marks(Script& script, const std::vector<double>& times) {
  if (times.empty() || times.size() > most_marks) return "";
  std::vector<std::vector<double>> marks(2);
  for (const double at : times)
    for (const double y : {0.0, 1.0, std::nan("")}) {
      marks[0].push_back(at);
      marks[1].push_back(y);
    }
  script.block("marks", marks);
  script.add("set y2range [0:1]\n");
  return ", $marks using 1:2 axes x1y2 with lines dt 3 lw 0.8 lc rgb '#888888' ";
}

}  // namespace

Script simulation_picture(const ResultReader& file, const std::filesystem::path& picture, const TimeSpan& span,
                          const Progress& progress) {
  Trajectory all = trajectory(file, span, progress);
  const std::size_t rows = rows_of(file);
  const auto t = prefix_of(all.time);
  const auto i = prefix_of(all.current);
  const auto v = prefix_of(all.voltage);
  const auto columns = scaled_columns(all, t, i, v);
  const LineStyle line = line_style(file, rows);
  Script script(picture, 820, 270 * static_cast<int>(2 + all.panels.size()));
  script.block("data", columns);
  const std::string marks = add_marks(script, scaled(changes_of_regime(file, rows, span, progress), t.factor));
  const std::string lines = marks.empty() ? "" : marks + "notitle";
  script.range("x", columns[0].front(), columns[0].back());
  script.add("set multiplot layout {},1 title {}\n", 2 + all.panels.size(), Script::literal(file.text("/", "title")));
  script.add("set lmargin 13\nset rmargin 4\nset key outside top right horizontal\nset format y '%g'\n");
  script.add("set offsets 0,0,graph 0.08,graph 0.08\n");
  script.add("set ylabel 'current ({}A)'\nplot $data using 1:2 with {} lw 1.6 lc rgb '{}' notitle{}\n", i.sign,
             line.style, colour(6), marks.empty() ? "" : marks + "title 'change of regime'");
  script.range_for_flat(columns[2]);
  const std::string bottom =
      fmt::format("set xlabel {}\n", Script::literal(fmt::format("time ({}s){}", t.sign, line.note)));
  if (all.panels.empty()) script.add("{}", bottom);
  script.add("set ylabel 'voltage ({}V)'\nplot $data using 1:3 with {} lw 1.6 lc rgb '{}' notitle{}\n", v.sign,
             line.style, colour(1), lines);
  script.add("set yrange [*:*]\n");
  for (const Trajectory::Panel& panel : all.panels) {
    if (&panel == &all.panels.back()) script.add("{}", bottom);
    script.add("set ylabel {}\nplot ", Script::literal(fmt::format("state ({}{})", panel.prefix.sign, panel.unit)));
    for (const std::size_t k : panel.variables)
      script.add("{}$data using 1:{} with {} lw 1.8 lc rgb '{}' title {}", k == panel.variables.front() ? "" : ", ",
                 k + 4, line.style, colour(k), Script::literal(all.names[k]));
    script.add("{}\n", lines);
  }
  script.add("unset multiplot\n");
  return script;
}

}  // namespace memdyn
