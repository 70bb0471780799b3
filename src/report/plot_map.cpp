// SPDX-License-Identifier: MIT
#include "report/plot_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "memdyn/core/error.hpp"
#include "memdyn/run/table.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

constexpr std::array polarities{"up", "down"};
/// The axes of the arrays after that of the polarity.
enum Axis : std::size_t { amplitude, width, edge, state };
constexpr std::array axis_names{"amplitude_factor", "width", "edge", "map_gamma"};
constexpr std::array axis_labels{"amplitude, relative", "width", "edges", "state before"};

/// The error of a pulse, over what the rule predicts, and its cause.
struct Cell {
  double error = 0;
  std::size_t cause = 0;
};

class MapPicture {
 public:
  MapPicture(const ResultReader& file, const std::filesystem::path& picture)
      : file_(file),
        axes_(read_axes(file)),
        x_(several(width) || !several(edge) ? width : edge),
        y_(several(amplitude) ? amplitude : state),
        columns_(chosen(x_ == edge ? 1 : axes_[edge].size())),
        script_(picture, std::max(620, 60 + 400 * static_cast<int>(columns_.size())), 1120) {
    std::vector<std::size_t> shape{polarities.size()};
    for (const auto& axis : axes_) shape.push_back(axis.size());
    change_ = file.numbers("map_change", shape);
    rule_ = file.numbers("map_rule", shape);
    cause_ = file.numbers("map_cause", shape);
    for (const double cause : cause_)
      if (!(cause >= 0 && cause < static_cast<double>(cause_names.size())))
        throw IoError(
            fmt::format("{}: map_cause has the unknown code {}; there is nothing to draw", file.name(), cause));
  }

  Script draw() {
    std::string title = file_.text("/", "title") + "\nthe rule drift x width against the integrated device";
    if (y_ != state) title += ", from the state " + on_axis(axes_[state][middle()], file_.text("map_gamma", "units"));
    script_.add("set multiplot layout 4,{} title {}\n", columns_.size(), Script::literal(title));
    script_.add("set style fill solid noborder\nunset grid\n{}set logscale cb\nset format cb '%g'\n",
                Script::map_palette);
    for (const Axis axis : {x_, y_}) set_axis(axis, axis == x_ ? 'x' : 'y');
    set_colours();
    for (std::size_t polarity = 0; polarity < polarities.size(); ++polarity) {
      for (const std::size_t column : columns_) add_errors(polarity, column);
      for (const std::size_t column : columns_) add_causes(polarity, column);
    }
    script_.add("unset multiplot\n");
    return std::move(script_);
  }

 private:
  [[nodiscard]] bool several(Axis axis) const { return axes_[axis].size() > 1; }
  static std::vector<std::vector<double>> read_axes(const ResultReader& file) {
    if (!file.has("map_change"))
      throw IoError(file.name() + ": has no map of pulses; \"memdyn validate\" writes one for a scenario with [map]");
    std::vector<std::vector<double>> axes;
    for (const char* name : axis_names) axes.push_back(file.numbers(name, {points_of(file, name)}));
    return axes;
  }
  /// At most three of some columns: the first, one in the middle, and the last.
  static std::vector<std::size_t> chosen(std::size_t count) {
    if (count < 4) {
      std::vector<std::size_t> all(count);
      for (std::size_t k = 0; k < count; ++k) all[k] = k;
      return all;
    }
    return {0, count / 2, count - 1};
  }

  /// Cells have the same size, whatever the distances of the values.
  void set_axis(Axis axis, char letter) {
    const auto& values = axes_[axis];
    const std::string unit = file_.text(axis_names[axis], "units");
    const Prefix prefix = unit == "1" ? Prefix{1, ""} : prefix_of(values);
    constexpr std::size_t most = 6;
    const std::size_t stride = (values.size() + most - 1) / most;
    std::string tics;
    for (std::size_t k = 0; k < values.size(); k += stride)
      tics += fmt::format("{}'{:.3g}' {}", k == 0 ? "" : ", ", values[k] * prefix.factor, k);
    script_.add("set {0}label {1}\nset {0}tics ({2}) scale 0\nset {0}range [-0.5:{3}]\n", letter,
                Script::literal(unit == "1" ? axis_labels[axis]
                                            : fmt::format("{} ({}{})", axis_labels[axis], prefix.sign, unit)),
                tics, static_cast<double>(values.size()) - 0.5);
  }

  /// One range of colours for all panels.
  void set_colours() {
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    for (std::size_t polarity = 0; polarity < polarities.size(); ++polarity)
      for (const std::size_t column : columns_)
        for (std::size_t j = 0; j < axes_[y_].size(); ++j)
          for (std::size_t i = 0; i < axes_[x_].size(); ++i)
            if (const double error = cell(polarity, column, i, j).error; error > 0 && std::isfinite(error)) {
              low = std::min(low, error);
              high = std::max(high, error);
            }
    constexpr double least = 1e-12;
    if (high > 0) script_.range("cb", std::max(low, least), std::max(high, least));
  }

  /// The pulse of a cell. If no axis shows the state, it is that in the middle.
  [[nodiscard]] Cell cell(std::size_t polarity, std::size_t column, std::size_t i, std::size_t j) const {
    std::array<std::size_t, axis_names.size()> at{0, 0, columns_.size() > 1 ? column : 0, middle()};
    at[x_] = i;
    at[y_] = j;
    std::size_t n = polarity;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) n = n * axes_[axis].size() + at[axis];
    return {cause_[n] == 0 ? 0 : std::abs((change_[n] - rule_[n]) / rule_[n]), static_cast<std::size_t>(cause_[n])};
  }
  [[nodiscard]] std::size_t middle() const { return axes_[state].size() / 2; }

  void head(std::size_t polarity, std::size_t column, const char* what) {
    const std::string edges = file_.text("edge", "units");
    script_.add("set title {}\n", Script::literal(fmt::format(
                                      "{}{}: {}", polarities[polarity],
                                      x_ == edge ? "" : ", edges " + with_prefix(axes_[edge][column], edges), what)));
  }

  void add_errors(std::size_t polarity, std::size_t column) {
    std::vector<std::vector<double>> columns(3);
    for (std::size_t j = 0; j < axes_[y_].size(); ++j)
      for (std::size_t i = 0; i < axes_[x_].size(); ++i) {
        const double error = cell(polarity, column, i, j).error;
        if (!(error > 0) || !std::isfinite(error)) continue;
        columns[0].push_back(static_cast<double>(i));
        columns[1].push_back(static_cast<double>(j));
        columns[2].push_back(error);
      }
    head(polarity, column, "relative error");
    const std::string name = fmt::format("error{}_{}", polarity, column);
    script_.block(name, columns);
    script_.add("unset key\nplot ${} using 1:2:(0.5):(0.5):3 with boxxyerror lc palette\n", name);
  }

  void add_causes(std::size_t polarity, std::size_t column) {
    std::array<std::vector<std::vector<double>>, cause_names.size()> of_cause;
    for (auto& columns : of_cause) columns.resize(2);
    for (std::size_t j = 0; j < axes_[y_].size(); ++j)
      for (std::size_t i = 0; i < axes_[x_].size(); ++i) {
        auto& columns = of_cause[cell(polarity, column, i, j).cause];
        columns[0].push_back(static_cast<double>(i));
        columns[1].push_back(static_cast<double>(j));
      }
    std::string plots;
    for (std::size_t cause = 0; cause < cause_names.size(); ++cause) {
      if (of_cause[cause][0].empty()) continue;
      const std::string name = fmt::format("cause{}_{}_{}", cause, polarity, column);
      script_.block(name, of_cause[cause]);
      plots +=
          fmt::format("{}${} using 1:2:(0.5):(0.5) with boxxyerror lc rgb '{}' title '{}'", plots.empty() ? "" : ", ",
                      name, cause == 0 ? "#dddddd" : colour(cause - 1), cause_names[cause]);
    }
    head(polarity, column, "its largest part");
    script_.add("set key outside right center vertical samplen 1\nplot {}\n", plots);
  }

  const ResultReader& file_;
  std::vector<std::vector<double>> axes_;
  Axis x_, y_;
  std::vector<std::size_t> columns_;  ///< the edges that are drawn
  Script script_;
  std::vector<double> change_, rule_, cause_;
};

}  // namespace

Script map_picture(const ResultReader& file, const std::filesystem::path& picture) {
  return MapPicture(file, picture).draw();
}

}  // namespace memdyn
