// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/message.hpp"
#include "memdyn/report/inspection.hpp"
#include "report/isolated.hpp"
#include "report/json.hpp"
#include "report/line_differences.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

using Json = nlohmann::ordered_json;
/// Counts of a sweep whose sum over all trajectories is worth knowing.
constexpr std::string_view totals[] = {"steps_accepted", "steps_rejected", "events"};

std::string_view name_of(ResultReader::Type type) {
  constexpr std::string_view names[] = {"real", "integer", "text", "other"};
  return names[static_cast<std::size_t>(type)];
}

Json json_of(const AttributeValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          return held;
        } else {
          Json all = Json::array();
          for (const auto one : held) {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, double>)
              all.push_back(json_number(one));
            else
              all.push_back(one);
          }
          return all.size() == 1 ? all.front() : all;
        }
      },
      value);
}

Json json_of(const std::vector<AttributeInfo>& attributes) {
  Json all = Json::object();
  for (const auto& one : attributes) all[one.name] = json_of(one.value);
  return all;
}

Json json_of(const std::vector<std::pair<std::string, std::uint64_t>>& codes) {
  Json all = Json::object();
  for (const auto& [meaning, count] : codes) all[meaning] = count;
  return all;
}

Json json_of(const DatasetInfo& dataset) {
  Json one{{"type", name_of(dataset.type)},
           {"axes", dataset.axes},
           {"shape", dataset.shape},
           {"units", dataset.units},
           {"long_name", dataset.long_name}};
  if (ResultReader::is_number(dataset.type)) {
    const bool any = dataset.range.numbers > 0;
    one["minimum"] = any ? json_number(dataset.range.low) : Json();
    one["maximum"] = any ? json_number(dataset.range.high) : Json();
    one["nan"] = dataset.range.nans;
  }
  if (!dataset.words.empty()) one["values"] = dataset.words;
  if (!dataset.codes.empty()) one["codes"] = json_of(dataset.codes);
  return one;
}

std::string json_text(const ResultInfo& info, const std::string& file) {
  Json all{{"file", file},
           {"kind", memdyn::name_of(info.kind)},
           {"title", info.title},
           {"complete", info.complete == "yes"},
           {"provenance", json_of(info.provenance)},
           {"axes", Json::object()},
           {"datasets", Json::object()}};
  for (const auto& dataset : info.datasets) {
    all[dataset.is_axis ? "axes" : "datasets"][dataset.name] = json_of(dataset);
    if (dataset.name == "event") all["events"] = json_of(dataset.codes);
    if (dataset.name == "status") all["trajectories"] = json_of(dataset.codes);
    if (info.kind == ResultKind::sweep && std::ranges::count(totals, dataset.name) > 0)
      all["statistics"][dataset.name] = json_number(dataset.sum);
  }
  all["attributes"] = json_of(info.attributes);
  all["scenario"] = info.scenario;
  return all.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

/// Rows of words in aligned columns.
class Columns {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string text() const {
    constexpr std::size_t widest = 40;  // a longer word moves only its own row
    std::vector<std::size_t> width;
    for (const auto& row : rows_) {
      width.resize(std::max(width.size(), row.size()), 0);
      for (std::size_t k = 0; k < row.size(); ++k) width[k] = std::max(width[k], std::min(widest, row[k].size()));
    }
    std::string all;
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t k = 0; k < row.size(); ++k) line += fmt::format("  {:{}}", row[k], width[k]);
      all += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return all;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// The range of a dataset, or its words, in words.
std::string range_in_words(const DatasetInfo& dataset) {
  constexpr std::size_t most_shown = 6;
  if (!ResultReader::is_number(dataset.type)) {
    std::string text;
    for (std::size_t k = 0; k < std::min(most_shown, dataset.words.size()); ++k)
      text += fmt::format("{}{}", k > 0 ? ", " : "", in_message(dataset.words[k]));
    return dataset.words.size() > most_shown ? text + ", ..." : text;
  }
  const Range& range = dataset.range;
  std::string text = range.numbers == 0        ? "no value"
                     : range.low == range.high ? fmt::format("{:.6g}", range.low)
                                               : fmt::format("{:.6g} to {:.6g}", range.low, range.high);
  return range.nans > 0 ? fmt::format("{}; {} NaN", text, range.nans) : text;
}

std::string codes_in_words(const std::vector<std::pair<std::string, std::uint64_t>>& codes) {
  std::string text;
  for (const auto& [meaning, count] : codes)
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", in_message(meaning), count);
  return text.empty() ? "none" : text;
}

std::vector<std::string> row_of(const DatasetInfo& dataset) {
  std::string extent;
  for (std::size_t k = 0; k < dataset.shape.size(); ++k)
    extent +=
        fmt::format("{}{}{}", k > 0 ? " x " : "",
                    k < dataset.axes.size() ? in_message(dataset.axes[k]) + " " : std::string(), dataset.shape[k]);
  if (extent.empty()) extent = "1 value";
  const auto range = dataset.codes.empty() ? range_in_words(dataset) : codes_in_words(dataset.codes);
  return {in_message(dataset.name), in_message(extent), in_message(dataset.units), in_message(range),
          in_message(dataset.long_name)};
}

std::string section(const std::string& head, const Columns& columns) {
  const auto text = columns.text();
  return text.empty() ? "" : head + '\n' + text;
}

std::string plain_text(const ResultInfo& info, const std::string& file) {
  std::string text =
      fmt::format("{}: {}, {}\n", file,
                  info.kind == ResultKind::unknown ? "neither a simulation, a sweep nor a training"
                                                   : fmt::format("a {}", memdyn::name_of(info.kind)),
                  info.complete == "yes" ? "complete" : "not complete (rows of a run that did not finish)");
  Columns provenance;
  provenance.add({"title", in_message(info.title)});
  for (const auto& one : info.provenance) provenance.add({in_message(one.name), in_words(one.value)});
  provenance.add({"scenario", fmt::format("{} lines (--json shows them)", lines_of(info.scenario).size())});
  Columns axes, datasets, attributes;
  for (const auto& dataset : info.datasets) (dataset.is_axis ? axes : datasets).add(row_of(dataset));
  for (const auto& one : info.attributes) attributes.add({in_message(one.name), in_words(one.value)});
  text += provenance.text() + section("axes", axes) + section("datasets", datasets) + section("attributes", attributes);
  for (const auto& dataset : info.datasets) {
    if (dataset.name == "event") text += "events by kind: " + codes_in_words(dataset.codes) + '\n';
    if (dataset.name == "status") text += "trajectories by status: " + codes_in_words(dataset.codes) + '\n';
    if (info.kind == ResultKind::sweep && std::ranges::count(totals, dataset.name) > 0)
      text += fmt::format("{} in all: {}\n", dataset.name, dataset.sum);
  }
  return text;
}

}  // namespace

std::string describe(const std::filesystem::path& file, Form form, const Progress& progress) {
  const std::string name = in_message(file.string());
  return isolated(
      name,
      [&](const Progress& alive) {
        const ResultInfo info = inspect(ResultReader(file), alive);
        return form == Form::json ? json_text(info, file.string()) : plain_text(info, name);
      },
      progress);
}

}  // namespace memdyn
