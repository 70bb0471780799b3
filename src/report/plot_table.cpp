// SPDX-License-Identifier: MIT
#include "report/plot_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/quantile.hpp"
#include "memdyn/core/error.hpp"
#include "report/result_info.hpp"
#include "report/rules/rule.hpp"

namespace memdyn {
namespace {

constexpr const char* names[] = {"up", "down"};

/// Adds the block of a polarity: conductance, change, and the 10th and 90th percentile over the drawn devices.
void add_changes(Script& script, const rules::Measured& device, rules::Polarity polarity, const Prefix& g,
                 const Prefix& change) {
  std::vector<std::vector<double>> columns(4);
  for (std::size_t k = 0; k < device.conductance.size(); ++k) {
    auto all = rules::changes_at(device, polarity, k);
    columns[0].push_back(device.conductance[k] * g.factor);
    columns[1].push_back(device.change[polarity][k] * change.factor);
    for (const auto& [column, q] : {std::pair{2, 0.1}, std::pair{3, 0.9}})
      columns[column].push_back(quantile(all, q) * change.factor);
  }
  script.block(names[polarity], columns);
}

/// What rules predict, for the pictures of a file of "memdyn validate".
struct Rules {
  std::vector<std::string> names;
  std::vector<double> change;    ///< rule x polarity x node [S]
  std::vector<double> sequence;  ///< rule x step [S]
};

Rules read_rules(const ResultReader& file, const rules::Measured& device) {
  if (!file.has("rule")) return {};
  Rules all{file.strings("rule"), {}, {}};
  const std::size_t count = all.names.size();
  all.change = file.numbers("rule_change", {count, 2, device.conductance.size()});
  all.sequence = file.numbers("rule_sequence_conductance", {count, device.sequence.size()});
  return all;
}

/// Smaller errors are not drawn [% of the range]: below it the axis would show rounding.
constexpr double least_error = 1e-6;

/// An error as it is drawn [%]: one of 0 lies below the axis, so that its line does not seem to have ended.
double drawn(double error) { return std::max(100 * error, least_error / 1000); }

/// Adds a block: the largest error of a rule so far, in percent of the range, after 1, 2, ... pulses, spaced in
/// logarithms.
void add_errors(Script& script, const rules::Measured& device, const Rules& all, std::size_t rule) {
  constexpr double spacing = 1.02;
  const std::size_t steps = device.sequence.size();
  std::vector<std::vector<double>> columns(2);
  double largest = 0;
  double next = 1;
  for (std::size_t n = 0; n < steps; ++n) {
    largest = std::max(largest, std::abs(all.sequence[rule * steps + n] - device.sequence[n]) / device.range());
    const auto pulses = static_cast<double>(n + 1);
    if (pulses < next && n + 1 < steps) continue;
    next = pulses * spacing;
    columns[0].push_back(pulses);
    columns[1].push_back(drawn(largest));
  }
  script.block(fmt::format("errors{}", rule), columns);
}

/// The colour of a polarity, and of a rule, which differ.
std::string colour_of(rules::Polarity polarity) { return colour(polarity == rules::up ? 0 : 6); }
/// The line of a rule; those beyond the six that every file has are dashed.
std::string line_of_rule(std::size_t rule) {
  constexpr std::size_t colours[] = {1, 2, 3, 4, 5, 7};
  return fmt::format("lc rgb '{}'{}", colour(colours[rule % std::size(colours)]),
                     rule < std::size(colours) ? "" : " dt 2");
}

/// The panel of the change by one pulse; rules are lines.
void plot_changes(Script& script, const rules::Measured& device, const Rules& fitted) {
  std::vector<double> all = device.change[rules::up];
  all.insert(all.end(), device.change[rules::down].begin(), device.change[rules::down].end());
  const Prefix change = prefix_of(all);
  const Prefix g = prefix_of(device.conductance);
  const std::size_t nodes = device.conductance.size();
  for (const auto polarity : {rules::up, rules::down}) add_changes(script, device, polarity, g, change);
  std::string plots;
  for (const auto polarity : {rules::up, rules::down})
    if (device.samples > 0)
      plots += fmt::format("${} using 1:3:4 with filledcurves fs transparent solid 0.18 noborder lc rgb '{}' notitle, ",
                           names[polarity], colour_of(polarity));
  for (std::size_t rule = 0; rule < fitted.names.size(); ++rule) {
    std::vector<std::vector<double>> columns{scaled(device.conductance, g.factor)};
    for (const std::size_t polarity : {0, 1}) {
      const auto from = fitted.change.begin() + static_cast<std::ptrdiff_t>((rule * 2 + polarity) * nodes);
      columns.push_back(scaled({from, from + static_cast<std::ptrdiff_t>(nodes)}, change.factor));
    }
    script.block(fmt::format("rule{}", rule), columns);
    plots += fmt::format(
        "$rule{0} using 1:2 with lines lw 1.4 {1} title {2}, $rule{0} using 1:3 with lines lw 1.4 {1} notitle, ", rule,
        line_of_rule(rule), Script::literal(fitted.names[rule]));
  }
  for (const auto polarity : {rules::up, rules::down})
    plots += fmt::format("${0} using 1:2 with {1} lc rgb '{2}' title '{0}'{3}", names[polarity],
                         fitted.names.empty() ? "linespoints pt 7 ps 0.3 lw 2" : "points pt 7 ps 0.4",
                         colour_of(polarity), polarity == rules::up ? ", " : "");
  script.range("x", device.lowest() * g.factor, device.conductance.back() * g.factor);
  script.add("set xlabel 'conductance before the pulse ({}S)'\nset ylabel 'change by one pulse ({}S)'\nplot {}\n",
             g.sign, change.sign, plots);
}

/// The panel of the series of equal pulses.
void plot_series(Script& script, const rules::Measured& device) {
  const Prefix g = prefix_of(device.conductance);
  std::vector<std::vector<double>> columns(2);
  for (const auto polarity : {rules::up, rules::down})
    for (const double conductance : device.series[polarity]) {
      columns[0].push_back(static_cast<double>(columns[0].size()));
      columns[1].push_back(conductance * g.factor);
    }
  script.block("series", columns);
  script.range("x", 0, columns[0].back());
  script.add("set xlabel 'pulses, up and then down'\nset ylabel 'conductance ({}S)'\n", g.sign);
  script.add("plot $series using 1:2 with linespoints pt 7 ps 0.3 lw 2 lc rgb '{}' notitle\n", colour_of(rules::up));
}

/// The panel of the errors of rules.
void plot_errors(Script& script, const rules::Measured& device, const Rules& fitted) {
  std::string plots;
  for (std::size_t rule = 0; rule < fitted.names.size(); ++rule) {
    add_errors(script, device, fitted, rule);
    plots += fmt::format("{}$errors{} using 1:2 with lines lw 2 {} title {}", rule == 0 ? "" : ", ", rule,
                         line_of_rule(rule), Script::literal(fitted.names[rule]));
  }
  script.range("x", 1, static_cast<double>(device.sequence.size()));
  script.add(
      "set logscale xy\nset yrange [{:g}<*:*]\nset xlabel 'pulses of a sequence of runs up and down'\n"
      "set ylabel 'largest error so far (% of the range)'\nplot {}\n",
      least_error, plots);
}

/// What rules predict of pulses in several orders.
struct Orders {
  std::vector<std::string> rules, orders;
  std::vector<double> counts;  ///< of pulses
  std::vector<double> errors;  ///< rule x order x count, shares of the range
};

Orders read_orders(const ResultReader& file) {
  if (!file.has("rule_order_error"))
    throw IoError(file.name() + ": has no orders of pulses; \"memdyn validate\" writes them");
  Orders all{file.strings("rule"), file.strings("order"), file.numbers("count", {points_of(file, "count")}), {}};
  all.errors = file.numbers("rule_order_error", {all.rules.size(), all.orders.size(), all.counts.size()});
  return all;
}

/// The panel of one order.
void plot_order(Script& script, const Orders& all, std::size_t order) {
  std::string plots;
  for (std::size_t rule = 0; rule < all.rules.size(); ++rule) {
    std::vector<std::vector<double>> columns(2);
    for (std::size_t n = 0; n < all.counts.size(); ++n) {
      const double error = std::abs(all.errors[(rule * all.orders.size() + order) * all.counts.size() + n]);
      columns[0].push_back(all.counts[n]);
      columns[1].push_back(drawn(error));
    }
    const std::string block = fmt::format("order{}_{}", order, rule);
    script.block(block, columns);
    plots += fmt::format("{}${} using 1:2 with linespoints pt 7 ps 0.6 lw 2 {} title {}", rule == 0 ? "" : ", ", block,
                         line_of_rule(rule), Script::literal(all.rules[rule]));
  }
  script.add("set title {}\nplot {}\n", Script::literal(all.orders[order]), plots);
}

}  // namespace

Script orders_picture(const ResultReader& file, const std::filesystem::path& picture) {
  const Orders all = read_orders(file);
  constexpr int columns = 2;
  const int rows = (static_cast<int>(all.orders.size()) + columns - 1) / columns;
  Script script(picture, 560 * columns, 360 * rows);
  script.add("set multiplot layout {},{} title {}\nset lmargin 12\nset rmargin 3\n", rows, columns,
             Script::literal(file.text("/", "title") + "\nerrors of rules after pulses in several orders"));
  script.add(
      "set key outside bottom center horizontal maxcols 6 samplen 1.5\nset logscale xy\nset format xy '%g'\n"
      "set xlabel 'pulses'\nset ylabel 'error (% of the range)'\nset yrange [{:g}<*:*]\n",
      least_error);
  const auto most = std::ranges::max_element(all.counts);
  if (most != all.counts.end()) script.range("x", 1, *most);
  for (std::size_t order = 0; order < all.orders.size(); ++order) plot_order(script, all, order);
  script.add("unset multiplot\n");
  return script;
}

Script table_picture(const ResultReader& file, const std::filesystem::path& picture) {
  const rules::Measured device = rules::read_measured(file);
  const Rules fitted = read_rules(file, device);
  const int panels = fitted.names.empty() ? 2 : 3;
  Script script(picture, 760, 380 * panels);
  script.add(
      "set multiplot layout {},1 title {}\nset lmargin 13\nset rmargin 4\nset format y '%g'\n", panels,
      Script::literal(file.text("/", "title") +
                      (device.samples > 0 ? fmt::format("\nbands: 10 to 90 % of {} devices", device.samples) : "")));
  script.add(
      "set key outside top center horizontal maxcols 7 samplen 1.5\nset xzeroaxis\nset offsets 0,0,graph 0.05,graph "
      "0.05\n");
  plot_changes(script, device, fitted);
  plot_series(script, device);
  if (!fitted.names.empty()) plot_errors(script, device, fitted);
  script.add("unset multiplot\n");
  return script;
}

}  // namespace memdyn
