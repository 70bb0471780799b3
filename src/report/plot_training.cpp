// SPDX-License-Identifier: MIT
#include "report/plot_training.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/quantile.hpp"
#include "learn/pulser.hpp"
#include "memdyn/core/error.hpp"
#include "report/legend.hpp"
#include "report/time_rows.hpp"

namespace memdyn {
namespace {

/// Adds the block of a gate: epoch, mean error, 10th and 90th percentile over the realizations.
/// @param of_gate realization x epoch @returns the largest value of the band
double add_errors(Script& script, const std::string& block, const std::vector<double>& epochs,
                  std::span<const double> of_gate) {
  std::vector<std::vector<double>> columns(4, std::vector<double>(epochs.size(), std::nan("")));
  columns[0] = epochs;
  double top = 0;
  for (std::size_t e = 0; e < epochs.size(); ++e) {
    std::vector<double> all;
    for (std::size_t at = e; at < of_gate.size(); at += epochs.size())
      if (std::isfinite(of_gate[at])) all.push_back(of_gate[at]);
    if (all.empty()) continue;
    columns[1][e] = std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    columns[2][e] = quantile(all, 0.1);
    columns[3][e] = quantile(all, 0.9);
    top = std::max(top, columns[3][e]);
  }
  script.block(block, columns);
  return top;
}

/// The rows of a recorded training around the first update that moves a weight: from the last read of that device to
/// the update of the node that was driven in between, or, without such a node, to a few pulses after the update.
struct UpdateSpan {
  std::size_t begin = 0, end = 0;      ///< rows [begin, end)
  std::vector<std::size_t> variables;  ///< the updated weight, and the variable that the drive of the node moves
};

/// Whether two consecutive rows belong to one moment. Their times are neighbouring doubles; before version 2 of the
/// file format they are equal, and they fall where another realization begins.
bool at_one_moment(double before, double after) { return after <= std::nextafter(before, before + 1); }

UpdateSpan first_update(const std::vector<double>& time, const std::vector<double>& device,
                        const std::vector<double>& phase, const std::vector<double>& current,
                        const std::vector<double>& gamma, const TimeSpan& within) {
  constexpr std::size_t pulses_without_node = 8;
  // first row of each pulse: a pulse begins at the time at which the previous one, and the rest after it, ends
  std::vector<std::size_t> starts;
  const auto rests = [&](std::size_t row) {
    return current[row] == 0 && current[row - 1] != 0 && device[row] == device[row - 1] && phase[row] == phase[row - 1];
  };
  for (std::size_t row = 0; row < time.size(); ++row)
    if (row == 0 || (at_one_moment(time[row - 1], time[row]) && !rests(row))) starts.push_back(row);
  const std::size_t pulses = starts.size();
  starts.push_back(time.size());
  const auto is = [&](std::size_t p, Phase wanted) { return phase[starts[p]] == static_cast<double>(wanted); };
  const auto follows = [&](std::size_t p) {
    const double before = time[starts[p] - 1], after = time[starts[p]];
    return before <= after && at_one_moment(before, after);
  };
  const std::size_t n = time.empty() ? 0 : gamma.size() / time.size();
  const auto moved = [&](std::size_t p) {  // the first variable that a pulse moves; n if it moves none
    std::size_t k = 0;
    while (k < n && gamma[starts[p] * n + k] == gamma[(starts[p + 1] - 1) * n + k]) ++k;
    return k;
  };
  std::size_t update = 0;
  while (update < pulses && !(is(update, Phase::update) && within.holds(time[starts[update]]) && moved(update) < n))
    ++update;
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
Pulses rows_of_first_update(const ResultReader& file, const TimeSpan& within, const Progress& progress) {
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
    all.span = first_update(all.time, all.device, all.phase, all.current, all.gamma, within);
    if (count == rows || all.span.end < count) {
      if (count == rows || all.span.begin != all.span.end) return all;
    }
  }
}

}  // namespace

Script errors_picture(const std::vector<ResultReader>& files, const std::filesystem::path& picture, bool logarithmic) {
  Script script(picture, 760, 500);
  const auto labels = labels_of(files);
  std::set<std::size_t> realizations;
  std::string plots;
  double top = 0;
  double last = -std::numeric_limits<double>::infinity();
  double first = -last;
  std::size_t curve = 0;
  for (std::size_t f = 0; f < files.size(); ++f) {
    auto shape = files[f].shape("total_error");
    shape.resize(3);
    shape[0] = files[f].length("gate");
    shape[2] = files[f].length("epoch");
    const auto error = files[f].numbers("total_error", shape);
    const auto gates = files[f].strings("gate", shape[0]);
    const auto epochs = files[f].numbers("epoch", {shape[2]});
    if (error.empty()) throw IoError(files[f].name() + ": total_error is empty; there is nothing to draw");
    realizations.insert(shape[1]);
    first = std::min(first, epochs.front());
    last = std::max(last, epochs.back());
    for (std::size_t g = 0; g < shape[0]; ++g, ++curve) {
      const std::size_t values = shape[1] * shape[2];
      top = std::max(
          top, add_errors(script, fmt::format("data{}", curve), epochs, std::span(error).subspan(g * values, values)));
      plots += fmt::format(
          "{}$data{} using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '{}' notitle, "
          "$data{} using 1:2 with lines lw 2 lc rgb '{}' title {}",
          curve == 0 ? "" : ", ", curve, colour(curve), curve, colour(curve),
          Script::literal(files.size() == 1 ? gates[g] : labels[f] + (shape[0] > 1 ? ": " + gates[g] : "")));
    }
  }
  script.add("set title {}\n", Script::literal(title_of(files)));
  script.add("set xlabel 'epoch (line: mean of {} realizations; band: 10 to 90 %)'\n", fmt::join(realizations, ", "));
  script.add("set ylabel 'total error of an epoch, E = ½ Σ (T − O)²'\nset key top right\n");
  script.range("x", first, last);
  if (logarithmic)
    script.add("set logscale y\nset format y '%g'\n");
  else
    script.range("y", 0, top > 0 ? 1.05 * top : 1.0);
  script.add("plot {}\n", plots);
  return script;
}

Script transient_picture(const ResultReader& file, const std::filesystem::path& picture, const TimeSpan& span,
                         const Progress& progress) {
  const auto [time, device, phase, current, gamma, update] = rows_of_first_update(file, span, progress);
  const auto& [begin, end, variables] = update;
  const std::size_t n = file.length("trajectory/variable");
  const auto names = file.strings("trajectory/variable", n);
  const auto unit = file.text("trajectory/gamma", "units");
  if (begin == end)
    throw IoError(file.name() + ": no update moves a weight in the recorded trajectories" +
                  (span.from > -std::numeric_limits<double>::infinity() ? " between --from and --to" : "") +
                  "; record more epochs");
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

}  // namespace memdyn
