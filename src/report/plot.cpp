// SPDX-License-Identifier: MIT
#include "memdyn/report/plot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "learn/pulser.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "report/approximation.hpp"
#include "report/gnuplot.hpp"
#include "report/isolated.hpp"
#include "report/plot_table.hpp"
#include "report/quantile.hpp"
#include "report/result_info.hpp"
#include "report/thinning.hpp"

namespace memdyn {
namespace {

/// The y range; widened if the values are constant apart from rounding, which would otherwise fill the axis.
std::string range_for_flat(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return "";
  const auto [low, high] = std::ranges::minmax(values);
  if (high - low > 1e-4 * std::max(std::abs(high), std::abs(low))) return "set yrange [*:*]\n";
  const double margin = high == 0 && low == 0 ? 1.0 : 0.1 * std::max(std::abs(high), std::abs(low));
  return fmt::format("set yrange [{}:{}]\n", low - margin, high + margin);
}

Script training(const ResultReader& file, const std::filesystem::path& picture) {
  auto shape = file.shape("total_error");
  shape.resize(3);
  shape[0] = file.length("gate");
  shape[2] = file.length("epoch");
  const auto error = file.numbers("total_error", shape);
  const auto gates = file.strings("gate", shape[0]);
  const auto epochs = file.numbers("epoch", {shape[2]});
  if (error.empty()) throw IoError(file.name() + ": total_error is empty; there is nothing to draw");
  Script script(picture, 760, 500);
  script.add("set title {}\n", Script::literal(file.text("/", "title")));
  script.add("set xlabel 'epoch (line: mean of {} realizations; band: 10 to 90 %)'\n", shape[1]);
  script.add("set ylabel 'total error of an epoch, E = ½ Σ (T − O)²'\nset key top right\n");
  double top = 0;
  std::string plots;
  for (std::size_t g = 0; g < shape[0]; ++g) {
    std::vector<std::vector<double>> columns(4, std::vector<double>(shape[2]));
    for (std::size_t e = 0; e < shape[2]; ++e) {
      std::vector<double> all;
      for (std::size_t r = 0; r < shape[1]; ++r)
        if (const double v = error[(g * shape[1] + r) * shape[2] + e]; std::isfinite(v)) all.push_back(v);
      columns[0][e] = epochs[e];
      if (all.empty()) {
        for (int c : {1, 2, 3}) columns[c][e] = std::nan("");
        continue;
      }
      columns[1][e] = std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
      columns[2][e] = quantile(all, 0.1);
      columns[3][e] = quantile(all, 0.9);
      top = std::max(top, columns[3][e]);
    }
    script.block(fmt::format("data{}", g), columns);
    plots += fmt::format(
        "{}$data{} using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '{}' notitle, "
        "$data{} using 1:2 with lines lw 2 lc rgb '{}' title {}",
        g == 0 ? "" : ", ", g, colour(g), g, colour(g), Script::literal(gates[g]));
  }
  script.range("x", epochs.front(), epochs.back());
  script.range("y", 0, top > 0 ? 1.05 * top : 1.0);
  script.add("plot {}\n", plots);
  return script;
}

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

std::size_t rows_of(const ResultReader& file) {
  const std::size_t rows = file.length("time");
  if (rows == 0)
    throw IoError(file.name() + ": has no rows, so there is nothing to draw; set steps = true or interval in [record]");
  return rows;
}

/// Throws unless a dataset has this shape.
void require_shape(const ResultReader& file, const std::string& name, const std::vector<std::size_t>& shape) {
  if (const auto found = file.shape(name); found != shape)
    throw IoError(fmt::format("{}: {}: has the shape ({}), but must have ({}), as its axes do", file.name(), name,
                              fmt::join(found, ", "), fmt::join(shape, ", ")));
}

/// Goes through the rows of several arrays. `visit` receives one block for each array.
void go_through(const ResultReader& file, const std::vector<std::pair<std::string, std::size_t>>& arrays,
                std::size_t rows, const Progress& progress,
                const std::function<void(std::size_t, const std::vector<const std::vector<double>*>&)>& visit) {
  constexpr std::size_t block = 16'384;  // rows
  std::vector<ResultReader::Stream> streams;
  for (const auto& [name, width] : arrays) streams.push_back(file.stream(name));
  for (std::size_t done = 0; done < rows; done += block) {
    const std::size_t count = std::min(block, rows - done);
    std::vector<const std::vector<double>*> blocks;
    for (std::size_t k = 0; k < arrays.size(); ++k) blocks.push_back(&streams[k].next(count * arrays[k].second));
    visit(count, blocks);
    progress(0);
  }
}

/// The first and the last time.
std::array<double, 2> span_of_time(const ResultReader& file, std::size_t rows, const Progress& progress) {
  std::array<double, 2> span{std::nan(""), std::nan("")};
  go_through(file, {{"time", 1}}, rows, progress, [&](std::size_t /*rows*/, const auto& blocks) {
    if (std::isnan(span[0])) span[0] = blocks[0]->front();
    span[1] = blocks[0]->back();
  });
  return span;
}

/// Rows that fill the same pixels as all of them do.
void read_thinned(const ResultReader& file, std::size_t rows, Trajectory& all, const Progress& progress) {
  const std::size_t variables = all.names.size();
  const std::size_t width = 3 + variables;
  for (const char* name : {"current", "voltage"}) require_shape(file, name, {rows});
  require_shape(file, "gamma", {rows, variables});
  const auto [first, last] = span_of_time(file, rows, progress);
  TimeThinning thinning(first, last, width);
  std::vector<double> row(width);
  go_through(file, {{"time", 1}, {"current", 1}, {"voltage", 1}, {"gamma", variables}}, rows, progress,
             [&](std::size_t count, const auto& blocks) {
               for (std::size_t r = 0; r < count; ++r) {
                 for (std::size_t c = 0; c < 3; ++c) row[c] = (*blocks[c])[r];
                 for (std::size_t v = 0; v < variables; ++v) row[3 + v] = (*blocks[3])[r * variables + v];
                 thinning.add(row);
               }
             });
  const auto kept = thinning.rows();
  for (std::size_t at = 0; at < kept.size(); at += width) {
    all.time.push_back(kept[at]);
    all.current.push_back(kept[at + 1]);
    all.voltage.push_back(kept[at + 2]);
    for (std::size_t v = 0; v < variables; ++v) all.gamma.push_back(kept[at + 3 + v]);
  }
}

Trajectory trajectory(const ResultReader& file, const Progress& progress) {
  const std::size_t rows = rows_of(file);
  const std::size_t variables = file.length("variable");
  Trajectory all{.names = file.strings("variable", variables)};
  if (rows > rows_drawn_as_they_are) {
    read_thinned(file, rows, all, progress);
  } else {
    all.time = file.numbers("time", {rows});
    all.current = file.numbers("current", {rows});
    all.voltage = file.numbers("voltage", {rows});
    all.gamma = file.numbers("gamma", {rows, variables});
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
/// bound is reached or left.
std::vector<double> changes_of_regime(const ResultReader& file, std::size_t rows, const Progress& progress) {
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
      if (!first && (switches || now != before)) changes.push_back((*blocks[0])[row]);
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

/// Style of the lines in a picture of a simulation, and a note if straight lines between the rows do not represent the
/// trajectory.
struct Line {
  std::string style = "lines";
  std::string note;  ///< empty if they do
};
Line line_of(const ResultReader& file, std::size_t rows) {
  constexpr std::size_t most_points = 1000;
  const std::string recorded = file.text("/", "rows");
  if (recorded == rows_of_lines) return {};
  return {rows <= most_points ? "linespoints pt 7 ps 0.35" : "lines",
          "\nstraight lines between recorded rows: " + (recorded.empty() ? "steps" : recorded)};
}

Script simulation(const ResultReader& file, const std::filesystem::path& picture, const Progress& progress) {
  Trajectory all = trajectory(file, progress);
  const std::size_t rows = rows_of(file);
  const auto t = prefix_of(all.time);
  const auto i = prefix_of(all.current);
  const auto v = prefix_of(all.voltage);
  const auto columns = scaled_columns(all, t, i, v);
  const Line line = line_of(file, rows);
  Script script(picture, 820, 270 * static_cast<int>(2 + all.panels.size()));
  script.block("data", columns);
  const std::string marks = add_marks(script, scaled(changes_of_regime(file, rows, progress), t.factor));
  const std::string lines = marks.empty() ? "" : marks + "notitle";
  script.range("x", columns[0].front(), columns[0].back());
  script.add("set multiplot layout {},1 title {}\n", 2 + all.panels.size(), Script::literal(file.text("/", "title")));
  script.add("set lmargin 13\nset rmargin 4\nset key outside top right horizontal\nset format y '%g'\n");
  script.add("set offsets 0,0,graph 0.08,graph 0.08\n");
  script.add("set ylabel 'current ({}A)'\nplot $data using 1:2 with {} lw 1.6 lc rgb '{}' notitle{}\n", i.sign,
             line.style, colour(6), marks.empty() ? "" : marks + "title 'change of regime'");
  script.add("{}", range_for_flat(columns[2]));
  script.add("set ylabel 'voltage ({}V)'\nplot $data using 1:3 with {} lw 1.6 lc rgb '{}' notitle{}\n", v.sign,
             line.style, colour(1), lines);
  script.add("set yrange [*:*]\n");
  for (const Trajectory::Panel& panel : all.panels) {
    if (&panel == &all.panels.back())
      script.add("set xlabel {}\n", Script::literal(fmt::format("time ({}s){}", t.sign, line.note)));
    script.add("set ylabel {}\nplot ", Script::literal(fmt::format("state ({}{})", panel.prefix.sign, panel.unit)));
    for (const std::size_t k : panel.variables)
      script.add("{}$data using 1:{} with {} lw 1.8 lc rgb '{}' title {}", k == panel.variables.front() ? "" : ", ",
                 k + 4, line.style, colour(k), Script::literal(all.names[k]));
    script.add("{}\n", lines);
  }
  script.add("unset multiplot\n");
  return script;
}

/// Voltage, current and time of a loop: gnuplot's columns 1, 2, 3.
std::vector<std::vector<double>> loop_points(const ResultReader& file, std::size_t rows, const Progress& progress) {
  if (rows <= rows_drawn_as_they_are)
    return {file.numbers("voltage", {rows}), file.numbers("current", {rows}), file.numbers("time", {rows})};
  const std::vector<std::pair<std::string, std::size_t>> arrays{{"voltage", 1}, {"current", 1}, {"time", 1}};
  for (const auto& [name, width] : arrays) require_shape(file, name, {rows});
  std::array<Range, 2> ranges;
  go_through(file, {arrays[0], arrays[1]}, rows, progress, [&](std::size_t /*rows*/, const auto& blocks) {
    for (const std::size_t k : {0, 1}) ranges[k].add(*blocks[k]);
  });
  PathThinning thinning({ranges[0].low, ranges[0].high}, {ranges[1].low, ranges[1].high});
  go_through(file, arrays, rows, progress, [&](std::size_t count, const auto& blocks) {
    for (std::size_t row = 0; row < count; ++row)
      thinning.add({(*blocks[0])[row], (*blocks[1])[row], (*blocks[2])[row]});
  });
  std::vector<std::vector<double>> columns(3);
  for (const auto& point : thinning.points())
    for (std::size_t k = 0; k < 3; ++k) columns[k].push_back(point[k]);
  return columns;
}

Script loop(const ResultReader& file, const std::filesystem::path& picture, const Progress& progress) {
  const std::size_t rows = rows_of(file);
  const auto points = loop_points(file, rows, progress);
  const auto& [voltage, current, time] = std::tie(points[0], points[1], points[2]);
  const auto t = prefix_of(time);
  const auto i = prefix_of(current);
  const auto v = prefix_of(voltage);
  Script script(picture, 620, 520);
  script.block("data", {scaled(voltage, v.factor), scaled(current, i.factor), scaled(time, t.factor)});
  const Line line = line_of(file, rows);
  script.add("set title {}\nset xlabel {}\nset ylabel 'current ({}A)'\nset xzeroaxis\nset yzeroaxis\n",
             Script::literal(file.text("/", "title")),
             Script::literal(fmt::format("voltage ({}V){}", v.sign, line.note)), i.sign);
  script.add("set cblabel 'time ({}s)'\nset palette defined (0 '#0072b2', 0.5 '#e69f00', 1 '#d55e00')\n", t.sign);
  script.add("set offsets graph 0.05,graph 0.05,graph 0.05,graph 0.05\n");
  script.add("plot $data using 1:2:3 with {} lw 2 lc palette notitle\n", line.style);
  return script;
}

/// The rows of a recorded training around the first update that moves a weight: from the last read of that device to
/// the update of the node that was driven in between, or, without such a node, to a few pulses after the update.
struct UpdateSpan {
  std::size_t begin = 0, end = 0;      ///< rows [begin, end)
  std::vector<std::size_t> variables;  ///< the updated weight, and the variable that the drive of the node moves
};

UpdateSpan first_update(const std::vector<double>& time, const std::vector<double>& device,
                        const std::vector<double>& phase, const std::vector<double>& current,
                        const std::vector<double>& gamma) {
  constexpr std::size_t pulses_without_node = 8;
  // first row of each pulse: a pulse begins at the time at which the previous one, and the rest after it, ends
  std::vector<std::size_t> starts;
  const auto rests = [&](std::size_t row) {
    return current[row] == 0 && current[row - 1] != 0 && device[row] == device[row - 1] && phase[row] == phase[row - 1];
  };
  for (std::size_t row = 0; row < time.size(); ++row)
    if (row == 0 || (time[row] <= time[row - 1] && !rests(row))) starts.push_back(row);
  const std::size_t pulses = starts.size();
  starts.push_back(time.size());
  const auto is = [&](std::size_t p, Phase wanted) { return phase[starts[p]] == static_cast<double>(wanted); };
  const auto follows = [&](std::size_t p) { return time[starts[p]] == time[starts[p] - 1]; };
  const std::size_t n = time.empty() ? 0 : gamma.size() / time.size();
  const auto moved = [&](std::size_t p) {  // the first variable that a pulse moves; n if it moves none
    std::size_t k = 0;
    while (k < n && gamma[starts[p] * n + k] == gamma[(starts[p + 1] - 1) * n + k]) ++k;
    return k;
  };
  std::size_t update = 0;
  while (update < pulses && !(is(update, Phase::update) && moved(update) < n)) ++update;
  if (update == pulses) return {};
  UpdateSpan span{.variables = {moved(update)}};
  std::size_t from = update;
  for (std::size_t p = update; p > 0 && follows(p) && from == update; --p)
    if (is(p - 1, Phase::read) && device[starts[p - 1]] == device[starts[update]]) from = p - 1;
  std::size_t driven = from;
  while (driven < update && !(is(driven, Phase::drive) && moved(driven) < n)) ++driven;
  const bool node = driven < update;
  if (node) span.variables.push_back(moved(driven));
  std::size_t to = update + 1;
  const auto goes_on = [&] {
    if (!node) return to < update + pulses_without_node;
    return is(to, Phase::update) && device[starts[to - 1]] != device[starts[driven]];
  };
  while (to < pulses && follows(to) && goes_on()) ++to;
  span.begin = starts[from];
  span.end = starts[to];
  return span;
}

/// The leading rows of recorded pulses, up to the first update.
struct Pulses {
  std::vector<double> time, device, phase, current, gamma;
  UpdateSpan span;
};

/// Reads ever more leading rows until the first update, and a row after it, is among them.
Pulses rows_of_first_update(const ResultReader& file, const Progress& progress) {
  const std::size_t rows = file.length("trajectory/time");
  const std::size_t n = file.length("trajectory/variable");
  for (const char* name : {"current", "device", "phase"})
    require_shape(file, std::string("trajectory/") + name, {rows});
  require_shape(file, "trajectory/gamma", {rows, n});
  constexpr std::size_t first_try = 1 << 16;
  constexpr std::size_t growth = 8;
  for (std::size_t count = std::min(rows, first_try);; count = std::min(rows, growth * count)) {
    const auto read = [&](const char* name) { return file.first_rows(std::string("trajectory/") + name, count); };
    Pulses all{read("time"), read("device"), read("phase"), read("current"), read("gamma"), {}};
    progress(0);
    all.span = first_update(all.time, all.device, all.phase, all.current, all.gamma);
    if (count == rows || all.span.end < count) {
      if (count == rows || all.span.begin != all.span.end) return all;
    }
  }
}

Script transient(const ResultReader& file, const std::filesystem::path& picture, const Progress& progress) {
  const auto [time, device, phase, current, gamma, span] = rows_of_first_update(file, progress);
  const auto& [begin, end, variables] = span;
  const std::size_t n = file.length("trajectory/variable");
  const auto names = file.strings("trajectory/variable", n);
  const auto unit = file.text("trajectory/gamma", "units");
  if (begin == end)
    throw IoError(file.name() + ": no update moves a weight in the recorded trajectories; record more epochs");
  std::vector<std::vector<double>> columns(3 + variables.size());
  for (std::size_t row = begin; row < end; ++row) {
    columns[0].push_back(time[row] - time[begin]);
    columns[1].push_back(phase[row]);
    columns[2].push_back(current[row]);
    for (std::size_t k = 0; k < variables.size(); ++k)
      columns[3 + k].push_back(gamma[row * n + variables[k]] - gamma[begin * n + variables[k]]);
  }
  const Prefix t = prefix_of(columns[0]);
  columns[0] = scaled(columns[0], t.factor);
  const Prefix i = prefix_of(columns[2]);
  columns[2] = scaled(columns[2], i.factor);
  std::vector<std::string> labels{fmt::format("current ({}A)", i.sign)};
  for (std::size_t k = 0; k < variables.size(); ++k) {
    const Prefix g = unit == "1" ? Prefix{1, ""} : prefix_of(columns[3 + k]);
    columns[3 + k] = scaled(columns[3 + k], g.factor);
    labels.push_back(fmt::format("change of {} ({}{})", names[variables[k]], g.sign, unit));
  }
  Script script(picture, 820, 240 + 240 * static_cast<int>(variables.size()));
  script.block("data", columns);
  script.add(
      "set multiplot layout {},1 title {}\nset lmargin 14\nset rmargin 4\nset offsets 0,0,graph 0.1,graph 0.1\nset "
      "format y '%g'\nset key outside top right horizontal\n",
      labels.size(), Script::literal(file.text("/", "title") + ": the first updates"));
  script.range("x", 0, columns[0].back());
  for (std::size_t panel = 0; panel < labels.size(); ++panel) {
    if (panel + 1 == labels.size()) script.add("set xlabel 'time since the start of the window ({}s)'\n", t.sign);
    script.add("set ylabel {}\nplot $data using 1:{} with lines lw 1 lc rgb '#888888' notitle",
               Script::literal(labels[panel]), 3 + panel);
    for (std::size_t p = 0; p < std::size(phase_names); ++p)  // draw each phase that occurs in its own colour
      if (std::count(columns[1].begin(), columns[1].end(), static_cast<double>(p)) > 0)
        script.add(", $data using 1:($2=={}?${}:1/0) with lines lw 3 lc rgb '{}' {}", p, 3 + panel, colour(p),
                   panel == 0 ? fmt::format("title '{}'", phase_names[p]) : "notitle");
    script.add("\n");
  }
  script.add("unset multiplot\n");
  return script;
}

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

/// True if a dataset has one value, or one per variable, for each trajectory.
bool of_trajectories(const ResultReader& file, const std::string& name) {
  if (!file.has(name)) return false;
  auto axes = file.axes(name);
  if (!axes.empty() && axes.back() == "variable") axes.pop_back();
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
  const auto units = file.text(s.axes[axis], "units");
  const Prefix prefix = units == "1" ? Prefix{1, ""} : prefix_of({along[kept]});
  s.cuts += fmt::format("{}{} = {:g}", s.cuts.empty() ? "" : ", ", s.axes[axis], along[kept] * prefix.factor);
  if (units != "1") s.cuts += fmt::format(" {}{}", prefix.sign, units);
  s.axes.erase(s.axes.begin() + static_cast<std::ptrdiff_t>(axis));
  s.along.erase(s.along.begin() + static_cast<std::ptrdiff_t>(axis));
}

Swept swept(const ResultReader& file, const PlotOptions& options) {
  Swept s;
  s.name = quantity_of(file, options.quantity);
  s.title = file.text(s.name, "long_name");
  s.units = file.text(s.name, "units");
  std::vector<std::size_t> shape;
  for (const auto& axis : file.axes("status")) {
    shape.push_back(file.length(axis));
    if (shape.back() == 0)
      throw IoError(file.name() + ": the axis " + in_message(axis) + " is empty; there is nothing to draw");
    if (axis == "sample") {
      s.samples = shape.back();
    } else {
      s.axes.push_back(axis);
      s.along.push_back(file.numbers(axis, {shape.back()}));
    }
  }
  std::size_t variable = 0;
  const auto names = file.strings("variable");
  const bool per_variable = file.axes(s.name).size() > shape.size();
  if (per_variable) shape.push_back(names.size());
  s.values = file.numbers(s.name, shape);
  if (s.values.empty()) throw IoError(file.name() + ": " + in_message(s.name) + " is empty; there is nothing to draw");
  if (!options.variable.empty()) {
    if (!per_variable)
      throw InputError("plot", "--variable", options.variable,
                       s.name + " is not a quantity of a single variable; remove this option");
    variable = static_cast<std::size_t>(std::ranges::find(names, options.variable) - names.begin());
    if (variable == names.size())
      throw InputError("plot", "--variable", options.variable,
                       fmt::format("must be one of {}{}", fmt::join(names, ", "),
                                   suggestion(options.variable, {names.begin(), names.end()})));
  }
  if (per_variable) {
    const std::size_t count = names.size();
    if (count > 1) {
      s.title += ", " + names[variable];
      s.units = file.strings("variable_unit", count)[variable];
    }
    for (std::size_t i = 0; i * count < s.values.size(); ++i) s.values[i] = s.values[i * count + variable];
    s.values.resize(s.values.size() / count);
  }
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
  if (s.samples == 1) script.add("{}", range_for_flat(columns[1]));
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

Script script_of(const ResultReader& file, const std::filesystem::path& picture, const PlotOptions& options,
                 const Progress& progress) {
  const View view = options.view;
  const auto refuse_view = [&](const char* remedy) {
    throw InputError(file.name(), "--view", std::string(view_names[static_cast<std::size_t>(view)]), remedy);
  };
  if (file.has("status") && file.has("end_time")) {
    if (view != View::overview) refuse_view("a sweep has an overview only; select the quantity with --quantity");
    return sweep_picture(file, picture, options);
  }
  if (!options.quantity.empty() || !options.variable.empty() || !options.at.empty())
    throw InputError(file.name() + ": --quantity, --variable and --at apply to sweeps only");
  if (view == View::prediction) return prediction_picture(file, picture);
  if (kind_of(file) == ResultKind::universality) {
    if (view != View::overview) refuse_view("the errors of approximations have an overview only");
    return universality_picture(file, picture);
  }
  if (kind_of(file) == ResultKind::table) {
    if (view != View::overview) refuse_view("a table has an overview only");
    return table_picture(file, picture);
  }
  const bool trained = file.has("total_error");
  if (trained && view == View::loop)
    refuse_view("is a view of a simulation; a training has overview, transient and prediction");
  if (!trained && view == View::transient && file.has("voltage"))
    refuse_view("is a view of a training; a simulation has overview and loop");
  if (view == View::transient) {
    if (file.has("trajectory/time")) return transient(file, picture, progress);
    throw IoError(file.name() + ": has no recorded transient; record one with [record] in the scenario");
  }
  if (trained) return training(file, picture);
  if (file.has("gamma") && file.has("voltage"))
    return view == View::loop ? loop(file, picture, progress) : simulation(file, picture, progress);
  throw IoError(file.name() +
                ": is not a simulation (gamma, voltage), a training (total_error), a sweep (status, end_time) or a "
                "table (conductance_change)");
}

}  // namespace

void plot(const std::filesystem::path& result, const std::filesystem::path& picture, const PlotOptions& options,
          const Progress& progress) {
  const std::string script = isolated(
      in_message(result.string()),
      [&](const Progress& alive) { return script_of(ResultReader(result), picture, options, alive).text(); }, progress);
  Script::draw(picture, script, progress);
}

}  // namespace memdyn
