// SPDX-License-Identifier: MIT
#include "memdyn/report/plot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/record/result_reader.hpp"
#include "report/approximation.hpp"
#include "report/gnuplot.hpp"
#include "report/isolated.hpp"
#include "report/plot_curves.hpp"
#include "report/plot_map.hpp"
#include "report/plot_simulation.hpp"
#include "report/plot_study.hpp"
#include "report/plot_sweep.hpp"
#include "report/plot_table.hpp"
#include "report/plot_training.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

/// The views of each kind of file, by its kind.
std::vector<View> views_of(ResultKind kind) {
  if (kind == ResultKind::simulation) return {View::overview, View::loop, View::parts};
  if (kind == ResultKind::training) return {View::overview, View::transient, View::prediction};
  if (kind == ResultKind::table) return {View::overview, View::map, View::orders};
  return {View::overview};
}

/// What a picture consists of, from the options and the kinds of the files.
enum class Content {
  curves,
  simulation,
  errors,
  transient,
  prediction,
  universality,
  table,
  map,
  orders,
  study,
  sweep
};

Content content_of(const std::vector<ResultReader>& files, const PlotOptions& options) {
  if (!options.x.empty() || !options.y.empty()) {
    if (options.view != View::overview)
      throw InputError("plot", "--view", std::string(view_names[static_cast<std::size_t>(options.view)]),
                       "does not go with --x and --y, which choose what is drawn; give one or the other");
    return Content::curves;
  }
  const ResultKind kind = kind_of(files[0]);
  for (const auto& file : files) {
    if (const ResultKind other = kind_of(file); other != kind)
      throw InputError(fmt::format("plot: {} is a {}, and {} a {}: choose what both have along time, with --x and --y",
                                   files[0].name(), name_of(kind), file.name(), name_of(other)));
    if (kind == ResultKind::unknown)
      throw IoError(file.name() +
                    ": is not a simulation (drive, voltage), a training (total_error), a sweep (status, end_time) or a "
                    "table (conductance_change)");
  }
  const auto views = views_of(kind);
  if (std::ranges::find(views, options.view) == views.end()) {
    std::vector<std::string_view> names;
    for (const View view : views) names.push_back(view_names[static_cast<std::size_t>(view)]);
    throw InputError(files[0].name(), "--view", std::string(view_names[static_cast<std::size_t>(options.view)]),
                     fmt::format("is not a view of a {}, which has {}{}", name_of(kind), fmt::join(names, ", "),
                                 kind == ResultKind::sweep ? "; select the quantity with --quantity" : ""));
  }
  if (options.view == View::loop || options.view == View::parts) return Content::curves;
  if (options.view == View::transient) return Content::transient;
  if (options.view == View::prediction) return Content::prediction;
  if (options.view == View::map) return Content::map;
  if (options.view == View::orders) return Content::orders;
  if (kind == ResultKind::simulation)
    return files.size() > 1 || options.log_x || options.log_y ? Content::curves : Content::simulation;
  if (kind == ResultKind::training && !files[0].has("total_error"))
    return files[0].has("trajectory/time") ? Content::transient : Content::errors;
  if (kind == ResultKind::training) return Content::errors;
  if (kind == ResultKind::universality) return Content::universality;
  if (kind == ResultKind::study) return Content::study;
  return kind == ResultKind::table ? Content::table : Content::sweep;
}

/// Refuses options that this picture does not have.
void check(const std::vector<ResultReader>& files, Content content, const PlotOptions& options) {
  const std::string& file = files[0].name();
  const bool window =
      options.from > -std::numeric_limits<double>::infinity() || options.to < std::numeric_limits<double>::infinity();
  if (window && content != Content::curves && content != Content::simulation && content != Content::transient)
    throw InputError(file + ": --from and --to choose a span of time, which this picture does not have");
  if (!(options.from < options.to))
    throw InputError("plot", "--from, --to", fmt::format("{}, {}", options.from, options.to),
                     "must be numbers, the first below the second [s]");
  if ((options.log_x || options.log_y) && content != Content::curves && (content != Content::errors || options.log_x))
    throw InputError(file + ": --log is for quantities along time (--x, --y, --view loop)" +
                     (content == Content::errors ? "; the errors of a training have --log y" : ""));
  if (content != Content::sweep && (!options.quantity.empty() || !options.variable.empty() || !options.part.empty()))
    throw InputError(file +
                     ": --quantity, --variable and --part apply to sweeps only; --x and --y choose quantities along "
                     "time");
  if (content != Content::sweep && content != Content::curves && !options.at.empty())
    throw InputError(file + ": --at applies to sweeps only");
  if (files.size() > 1 && content != Content::curves && content != Content::errors)
    throw InputError(file +
                     ": this picture shows one file; several are drawn over one another if they have "
                     "quantities along time, or the errors of trainings");
}

/// The voltages and the currents of all parts of a circuit, as PlotOptions::y. @throws IoError if it is no circuit
std::vector<std::string> quantities_of_parts(const ResultReader& file) {
  if (!file.has("part_voltage"))
    throw IoError(file.name() + ": has no part_voltage; parts are those of a circuit, series or parallel");
  std::vector<std::string> all;
  for (const char* quantity : {"part_voltage", "part_current"})
    for (const auto& part : file.strings("part")) all.push_back(fmt::format("{}[{}]", quantity, part));
  return all;
}

Script script_of(const std::vector<ResultReader>& files, const std::filesystem::path& picture, PlotOptions options,
                 const Progress& progress) {
  const Content content = content_of(files, options);
  check(files, content, options);
  const ResultReader& file = files[0];
  if (options.view == View::loop) {
    options.x = "voltage";
    options.y = {"current"};
  }
  if (options.view == View::parts) options.y = quantities_of_parts(file);
  switch (content) {
    case Content::curves:
      return curves_picture(files, picture, options, progress);
    case Content::simulation:
      return simulation_picture(file, picture, {options.from, options.to}, progress);
    case Content::errors:
      return errors_picture(files, picture, options.log_y);
    case Content::transient:
      if (!file.has("trajectory/time"))
        throw IoError(file.name() + ": has no recorded transient; record one with [record] in the scenario");
      return transient_picture(file, picture, {options.from, options.to}, progress);
    case Content::prediction:
      return prediction_picture(file, picture);
    case Content::universality:
      return universality_picture(file, picture);
    case Content::study:
      return study_picture(file, picture);
    case Content::map:
      return map_picture(file, picture);
    case Content::orders:
      return orders_picture(file, picture);
    case Content::table:
      return table_picture(file, picture);
    case Content::sweep:
      break;
  }
  return sweep_picture(file, picture, options);
}

}  // namespace

void plot(const std::vector<std::filesystem::path>& results, const std::filesystem::path& picture,
          const PlotOptions& options, const Progress& progress) {
  if (results.empty() || results.size() > most_files)
    throw InputError("plot", "result", fmt::format("{} files", results.size()),
                     fmt::format("give 1 to {} result files", most_files));
  std::string names;
  for (const auto& result : results) names += (names.empty() ? "" : ", ") + in_message(result.string());
  const std::string script = isolated(
      names,
      [&](const Progress& alive) {
        const std::vector<ResultReader> files(results.begin(), results.end());
        return script_of(files, picture, options, alive).text();
      },
      progress);
  Script::draw(picture, script, progress);
}

void plot(const std::filesystem::path& result, const std::filesystem::path& picture, const PlotOptions& options,
          const Progress& progress) {
  plot(std::vector{result}, picture, options, progress);
}

}  // namespace memdyn
