// SPDX-License-Identifier: MIT
#include "report/plot_curves.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "report/curve.hpp"
#include "report/legend.hpp"
#include "report/observable.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

/// Names in a legend; more curves are coloured by a number instead.
constexpr std::size_t most_names = 12;

/// A curve: a quantity of a trajectory of a file against the x of the picture.
struct Curve {
  std::uint64_t points = 0;
  Extent x{}, y{};
  bool falls = false;  ///< its x falls somewhere
  std::vector<std::vector<double>> columns{};
};

/// A trajectory of a picture, with a curve for each quantity.
struct Shown {
  std::size_t file = 0;
  std::string label;
  double value = 0;           ///< that colours it, if there are many
  std::vector<Curve> curves;  ///< one for each y of the picture; without points if its file lacks the quantity
};

/// A quantity of the picture.
struct Drawn {
  std::string name, unit;
  std::size_t panel = 0;
};

struct Panel {
  std::string unit;
  std::vector<std::size_t> quantities{};
  Extent y{};
  Prefix prefix{1, ""};
};

struct Picture {
  Drawn x;
  std::vector<Drawn> y{};
  std::vector<Panel> panels{};
  std::vector<Shown> shown{};
  Extent times{};
  Extent extent_x{};
  std::string fixed{};                                ///< the axes that are fixed, in words
  std::pair<std::string, std::string> colour_axis{};  ///< name and unit of what colours many trajectories
  [[nodiscard]] bool many() const { return shown.size() > most_names; }
};

/// A quantity of the picture; the units of all files must agree.
void agree(Drawn& drawn, const Observable& found, const ResultReader& file, const std::string& option) {
  if (drawn.name.empty()) drawn = {found.name, found.unit};
  if (drawn.unit != found.unit)
    throw InputError(file.name(), option, found.name,
                     fmt::format("is in {} here, and in {} in another file; draw them apart", in_message(found.unit),
                                 in_message(drawn.unit)));
}

/// The names of the quantities over time if none are given: current, voltage and all variables.
std::vector<std::string> usual(const std::vector<ResultReader>& files) {
  constexpr std::size_t most = 30;
  std::vector<std::string> names;
  for (const auto& file : files) {
    const RecordedTrajectories all(file);
    std::vector<std::string> own;
    for (const char* name : {"current", "voltage"})
      if (all.has(name)) own.emplace_back(name);
    for (const auto& variable : all.variables()) own.push_back(variable);
    for (const auto& name : own)
      if (names.size() < most && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

/// What the picture reads of a file: the x, and those of its quantities that the file has.
struct Part {
  std::vector<Observable> quantities;
  std::vector<std::size_t> drawn;  ///< the y of the picture, of each quantity but the first
  std::vector<RecordedTrajectories::One> chosen;
  std::size_t first_shown = 0;
};

Part part_of(const RecordedTrajectories& all, const ResultReader& file, const std::vector<std::string>& names,
             bool given, const PlotOptions& options, Picture& picture) {
  Part part;
  part.quantities.push_back(all.quantity("--x", options.x.empty() ? "time" : options.x));
  agree(picture.x, part.quantities[0], file, "--x");
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (!given && !all.has(names[k])) continue;
    part.quantities.push_back(all.quantity("--y", names[k]));
    part.drawn.push_back(k);
    agree(picture.y[k], part.quantities.back(), file, "--y");
  }
  std::string fixed;
  part.chosen = all.chosen(options.at, fixed, picture.colour_axis);
  picture.fixed = fixed;
  return part;
}

/// The time at which a row is drawn, and the points of its curves.
void measure(const RecordedTrajectories& all, const Part& part, const TimeSpan& span, Picture& picture,
             const Progress& progress) {
  all.go_through(part.quantities, part.chosen, span, progress,
                 [&](std::size_t number, std::span<const double> row, bool /*joins*/) {
                   picture.times.add(row[0]);
                   picture.extent_x.add(row[1]);
                   auto& curves = picture.shown[part.first_shown + number].curves;
                   for (std::size_t q = 0; q < part.drawn.size(); ++q) {
                     Curve& curve = curves[part.drawn[q]];
                     curve.falls = curve.falls || (curve.points > 0 && row[1] < curve.x.high);
                     curve.x.add(row[1]);
                     curve.y.add(row[2 + q]);
                     ++curve.points;
                   }
                 });
}

std::array<double, 2> as_drawn(const Extent& extent, bool logarithmic) {
  if (!logarithmic) return {extent.low, extent.high};
  return {extent.floor(), std::max(std::abs(extent.low), std::abs(extent.high))};
}

/// Reads the points of all curves of a file.
void read(const RecordedTrajectories& all, const Part& part, const PlotOptions& options, Picture& picture,
          const Progress& progress) {
  constexpr std::uint64_t of_picture = 400'000;
  constexpr std::uint64_t fewest = 500;
  const std::uint64_t curves = picture.shown.size() * picture.y.size();
  const auto most = std::clamp<std::uint64_t>(of_picture / curves, fewest, rows_drawn_as_they_are);
  const std::size_t count = part.chosen.size() * part.drawn.size();
  std::vector<CurveThinning> thinned;
  std::vector<CurveSteps> steps;
  thinned.reserve(count);
  for (std::size_t n = 0; n < part.chosen.size(); ++n)
    for (const std::size_t k : part.drawn) {
      const Curve& curve = picture.shown[part.first_shown + n].curves[k];
      const Extent& y = picture.panels[picture.y[k].panel].y;
      thinned.emplace_back(curve.points, as_drawn(picture.extent_x, options.log_x), as_drawn(y, options.log_y),
                           picture.x.name == "time" && !curve.falls, std::array{options.log_x, options.log_y}, most);
      steps.emplace_back(CurveSteps::Axis{options.log_x, picture.extent_x.floor()},
                         CurveSteps::Axis{options.log_y, y.floor()},
                         [&to = thinned.back()](const CurvePoint& point) { to.add(point); });
    }
  all.go_through(part.quantities, part.chosen, {options.from, options.to}, progress,
                 [&](std::size_t number, std::span<const double> row, bool joins) {
                   for (std::size_t q = 0; q < part.drawn.size(); ++q)
                     steps[number * part.drawn.size() + q].add({row[1], row[2 + q], row[0]}, joins);
                 });
  for (std::size_t n = 0; n < part.chosen.size(); ++n)
    for (std::size_t q = 0; q < part.drawn.size(); ++q)
      picture.shown[part.first_shown + n].curves[part.drawn[q]].columns = thinned[n * part.drawn.size() + q].columns();
}

/// Sorts the quantities into panels by their units.
void arrange(Picture& picture, const std::vector<std::string>& names) {
  for (std::size_t k = 0; k < picture.y.size(); ++k) {
    if (picture.y[k].name.empty()) picture.y[k].name = names[k];  // no file has it
    auto panel = std::ranges::find(picture.panels, picture.y[k].unit, &Panel::unit);
    if (panel == picture.panels.end()) panel = picture.panels.insert(panel, {.unit = picture.y[k].unit});
    panel->quantities.push_back(k);
    picture.y[k].panel = static_cast<std::size_t>(panel - picture.panels.begin());
  }
}

Picture read_picture(const std::vector<ResultReader>& files, const PlotOptions& options, const Progress& progress) {
  const std::vector<std::string> names = options.y.empty() ? usual(files) : options.y;
  const auto labels = labels_of(files);
  Picture picture;
  picture.y.resize(names.size());
  std::vector<RecordedTrajectories> all;
  std::vector<Part> parts;
  for (std::size_t f = 0; f < files.size(); ++f) {
    all.emplace_back(files[f]);
    parts.push_back(part_of(all[f], files[f], names, !options.y.empty(), options, picture));
    parts[f].first_shown = picture.shown.size();
    for (const auto& one : parts[f].chosen) {
      std::string label = files.size() > 1 ? labels[f] : "";
      if (!one.label.empty()) label += (label.empty() ? "" : ": ") + one.label;
      picture.shown.push_back({f, label, one.value, std::vector<Curve>(names.size())});
    }
  }
  if (files.size() > 1 && picture.many()) {
    picture.colour_axis = {"trajectory", "1"};
    for (std::size_t s = 0; s < picture.shown.size(); ++s) picture.shown[s].value = static_cast<double>(s);
  }
  arrange(picture, names);
  const TimeSpan span{options.from, options.to};
  for (std::size_t f = 0; f < files.size(); ++f) measure(all[f], parts[f], span, picture, progress);
  if (!picture.times.any()) {
    Extent times;
    all[0].go_through({}, {parts[0].chosen[0]}, {}, progress,
                      [&](std::size_t, std::span<const double> row, bool) { times.add(row[0]); });
    refuse_empty(files[0], span, times.low, times.high);
  }
  for (const Shown& shown : picture.shown)
    for (std::size_t k = 0; k < names.size(); ++k) picture.panels[picture.y[k].panel].y.add(shown.curves[k].y);
  for (const Panel& panel : picture.panels)
    if (!panel.y.any() || (options.log_y && std::isinf(panel.y.least)))
      throw InputError(files[0].name(), "--y", in_message(picture.y[panel.quantities[0]].name),
                       panel.y.any() ? "is 0 everywhere, which no logarithmic axis shows" : "has no value here");
  if (options.log_x && std::isinf(picture.extent_x.least))
    throw InputError(files[0].name(), "--x", in_message(picture.x.name), "has no value that a logarithmic axis shows");
  for (std::size_t f = 0; f < files.size(); ++f) read(all[f], parts[f], options, picture, progress);
  return picture;
}

/// The label of an axis: what it shows, and its unit.
std::string label_of(const std::string& name, const std::string& unit, const Prefix& prefix, bool logarithmic) {
  const std::string shown = logarithmic && name != "time" ? "|" + name + "|" : name;
  return unit == "1" || unit.empty() ? shown : fmt::format("{} ({}{})", shown, prefix.sign, unit);
}

Prefix prefix_for(const Extent& extent, const std::string& unit, bool logarithmic) {
  return logarithmic || unit == "1" || unit.empty() ? Prefix{1, ""} : prefix_of({extent.low, extent.high});
}

std::string names_of(const Picture& picture, const Panel& panel) {
  constexpr std::size_t longest = 40;
  std::vector<std::string> names;
  for (const std::size_t k : panel.quantities) names.push_back(picture.y[k].name);
  std::string joined = fmt::format("{}", fmt::join(names, ", "));
  if (joined.size() <= longest) return joined;
  const auto dataset = [](const std::string& name) { return name.substr(0, name.find('[')); };
  if (std::ranges::all_of(names, [&](const auto& name) { return dataset(name) == dataset(names[0]); }))
    return dataset(names[0]);
  const auto is_variable = [](const std::string& name) { return name != "current" && name != "voltage"; };
  return std::ranges::all_of(names, is_variable) ? "state" : "";
}

/// How the curves of a picture are told apart.
enum class Colouring { by_quantity, by_trajectory, by_number, by_time };

Colouring colouring_of(const Picture& picture) {
  if (picture.many()) return Colouring::by_number;
  if (picture.shown.size() > 1) return Colouring::by_trajectory;
  const auto single = [](const Panel& panel) { return panel.quantities.size() == 1; };
  const bool alone = std::ranges::all_of(picture.panels, single);
  return alone && picture.x.name != "time" ? Colouring::by_time : Colouring::by_quantity;
}

/// The plot command of a panel; adds the data blocks of its curves.
std::string add_curves(Script& script, const Picture& picture, const Panel& panel, const Prefix& x,
                       const Prefix& colour_prefix, const std::vector<std::string>& styles) {
  const Colouring colouring = colouring_of(picture);
  std::string plots;
  for (std::size_t s = 0; s < picture.shown.size(); ++s)
    for (std::size_t q = 0; q < panel.quantities.size(); ++q) {
      const std::size_t k = panel.quantities[q];
      const Shown& shown = picture.shown[s];
      const Curve& curve = shown.curves[k];
      if (curve.columns.empty() || curve.columns[0].empty()) continue;
      auto columns = curve.columns;
      columns[0] = scaled(std::move(columns[0]), x.factor);
      columns[1] = scaled(std::move(columns[1]), panel.prefix.factor);
      columns[2] = colouring == Colouring::by_number
                       ? std::vector(columns[0].size(), shown.value * colour_prefix.factor)
                       : scaled(std::move(columns[2]), colour_prefix.factor);
      const std::string block = fmt::format("curve{}_{}", s, k);
      script.block(block, columns);
      std::string title = picture.shown.size() > 1 ? shown.label : "";
      if (panel.quantities.size() > 1) title += (title.empty() ? "" : ": ") + picture.y[k].name;
      const bool by_palette = colouring == Colouring::by_number || colouring == Colouring::by_time;
      plots += fmt::format(
          "{}${} using 1:2{} with {} lw {} dt {} lc {} {}", plots.empty() ? "" : ", ", block, by_palette ? ":3" : "",
          styles[shown.file], picture.many() ? 1.0 : 1.8, colouring == Colouring::by_quantity ? 1 : 1 + q % 4,
          by_palette ? "palette" : fmt::format("rgb '{}'", colour(colouring == Colouring::by_trajectory ? s : k)),
          by_palette || title.empty() ? "notitle" : "title " + Script::literal(title));
    }
  return plots;
}

/// Sets what all panels share: the title, the legend and the x axis.
void set_frame(Script& script, const std::vector<ResultReader>& files, const Picture& picture,
               const PlotOptions& options, const Prefix& x) {
  std::string title = title_of(files);
  if (!picture.fixed.empty()) title += (title.empty() ? "" : "\n") + picture.fixed;
  script.add("set multiplot layout {},1 title {}\nset format '%g'\nset lmargin 13\n", picture.panels.size(),
             Script::literal(title));
  script.add("set key outside top center horizontal samplen 2\n");
  if (options.log_x || options.log_y)
    script.add("set logscale {}{}\n", options.log_x ? "x" : "", options.log_y ? "y" : "");
  const auto [low, high] = as_drawn(picture.extent_x, options.log_x);
  const bool margin = picture.x.name != "time" && !options.log_x;
  const double more = margin ? 0.03 * (high - low) : 0;
  script.range("x", (low - more) * x.factor, (high + more) * x.factor);
  if (margin && low < 0 && high > 0) script.add("set yzeroaxis\n");
}

}  // namespace

Script curves_picture(const std::vector<ResultReader>& files, const std::filesystem::path& path,
                      const PlotOptions& options, const Progress& progress) {
  Picture picture = read_picture(files, options, progress);
  const Colouring colouring = colouring_of(picture);
  const bool against_time = picture.x.name == "time";
  const Prefix x = prefix_for(picture.extent_x, picture.x.unit, options.log_x);
  std::vector<std::string> styles;
  std::string note;
  for (const auto& file : files) {
    const bool simulated = kind_of(file) == ResultKind::simulation;
    const LineStyle line = simulated ? line_style(file, file.length("time")) : LineStyle{};
    styles.push_back(line.style);
    if (!line.note.empty()) note = line.note;
  }
  Prefix colour_prefix{1, ""};
  std::string colour_label;
  if (colouring == Colouring::by_time) {
    colour_prefix = prefix_of({picture.times.low, picture.times.high});
    colour_label = fmt::format("time ({}s)", colour_prefix.sign);
  } else if (colouring == Colouring::by_number) {
    Extent numbers;
    for (const Shown& shown : picture.shown) numbers.add(shown.value);
    colour_prefix = prefix_for(numbers, picture.colour_axis.second, false);
    colour_label = label_of(picture.colour_axis.first, picture.colour_axis.second, colour_prefix, false);
  }
  const auto panels = static_cast<int>(picture.panels.size());
  Script script(path, against_time ? 820 : 660, panels == 1 ? 520 : 90 + 270 * panels);
  set_frame(script, files, picture, options, x);
  if (!colour_label.empty())
    script.add("set rmargin 16\nset cblabel {}\n{}", Script::literal(colour_label),
               colouring == Colouring::by_time ? "set palette defined (0 '#0072b2', 0.5 '#e69f00', 1 '#d55e00')\n"
                                               : Script::map_palette);
  else
    script.add("set rmargin 4\n");
  for (std::size_t p = 0; p < picture.panels.size(); ++p) {
    Panel& panel = picture.panels[p];
    panel.prefix = prefix_for(panel.y, panel.unit, options.log_y);
    const std::string plots = add_curves(script, picture, panel, x, colour_prefix, styles);
    if (!options.log_y) {
      script.add("set offsets 0,0,graph 0.06,graph 0.06\n{}",
                 panel.y.low < 0 && panel.y.high > 0 ? "set xzeroaxis\n" : "unset xzeroaxis\n");
      script.range_for_flat({panel.y.low * panel.prefix.factor, panel.y.high * panel.prefix.factor});
    }
    if (p + 1 == picture.panels.size())
      script.add("set xlabel {}\n", Script::literal(label_of(picture.x.name, picture.x.unit, x, options.log_x) + note));
    script.add("set ylabel {}\nplot {}\n",
               Script::literal(label_of(names_of(picture, panel), panel.unit, panel.prefix, options.log_y)), plots);
    if (colouring == Colouring::by_trajectory && panel.quantities.size() == 1) script.add("unset key\n");
  }
  script.add("unset multiplot\n");
  return script;
}

}  // namespace memdyn
