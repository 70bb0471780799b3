// SPDX-License-Identifier: MIT
#include "report/result_info.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "core/message.hpp"

namespace memdyn {
namespace {

/// Words of a text array that are kept.
constexpr std::size_t most_words = 1000;

/// Counts the codes of a dataset.
class CodeCount {
 public:
  explicit CodeCount(std::vector<std::pair<double, std::string>> meanings)
      : meanings_(std::move(meanings)), counts_(meanings_.size() + 1, 0) {}
  void add(std::span<const double> values) {
    if (meanings_.empty()) return;
    for (const double value : values) {
      const auto at = std::ranges::find(meanings_, value, &std::pair<double, std::string>::first);
      ++counts_[static_cast<std::size_t>(at - meanings_.begin())];
    }
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> counts() const {
    std::vector<std::pair<std::string, std::uint64_t>> all;
    for (std::size_t k = 0; k < meanings_.size(); ++k) all.emplace_back(meanings_[k].second, counts_[k]);
    if (counts_.back() > 0) all.emplace_back("codes without a meaning", counts_.back());
    return all;
  }

 private:
  std::vector<std::pair<double, std::string>> meanings_;
  std::vector<std::uint64_t> counts_;
};

DatasetInfo dataset_of(const ResultReader& file, const std::string& name, ReadProgress& reading) {
  DatasetInfo info{.name = name,
                   .units = file.text(name, "units"),
                   .long_name = file.text(name, "long_name"),
                   .type = file.type(name),
                   .is_axis = file.is_axis(name),
                   .axes = file.axes(name),
                   .shape = file.shape(name)};
  if (info.type == ResultReader::Type::text && info.shape.size() == 1) {
    info.words = file.strings(name);
    info.words.resize(std::min(info.words.size(), most_words));
  }
  if (info.type != ResultReader::Type::real && info.type != ResultReader::Type::integer) return info;
  CodeCount codes(meanings_of(file, name));
  scan(file, name, reading, [&](std::uint64_t /*first*/, std::span<const double> values) {
    info.range.add(values);
    codes.add(values);
    for (const double value : values)
      if (std::isfinite(value)) info.sum += value;
  });
  info.codes = codes.counts();
  return info;
}

/// Sorts the attributes of an object into those of provenance and others.
void add_attributes(const ResultReader& file, const std::string& object, ResultInfo& info) {
  const std::string prefix = object == "/" ? "" : object + "/";
  const std::set<std::string> own{"title", "scenario", "complete"};  // these have a place of their own
  const std::set<std::string> lasting{"format", "format_version", "seed"};
  for (const auto& name : file.attributes(object)) {
    if (object == "/" && own.contains(name)) continue;
    const bool origin = is_volatile(object, name) || (object == "/" && lasting.contains(name));
    auto& all = origin ? info.provenance : info.attributes;
    all.push_back({prefix + name, file.attribute(object, name)});
  }
}

}  // namespace

ResultKind kind_of(const ResultReader& file) {
  if (file.has("status") && file.has("end_time")) return ResultKind::sweep;
  if (file.has("final_error") && file.has("floor")) return ResultKind::universality;
  if (file.has("rule_total_error") && file.has("predicted_share")) return ResultKind::study;
  if (file.has("total_error") || file.has("trajectory/time")) return ResultKind::training;
  if ((file.has("gamma") || file.has("drive")) && file.has("voltage")) return ResultKind::simulation;
  if (file.has("conductance_change")) return ResultKind::table;
  return ResultKind::unknown;
}

std::string_view name_of(ResultKind kind) {
  constexpr std::string_view names[] = {"simulation", "sweep",           "training", "test of universality",
                                        "table",      "study of a rule", "unknown"};
  return names[static_cast<std::size_t>(kind)];
}

bool is_volatile(const std::string& object, const std::string& attribute) {
  static const std::set<std::string> of_root{"software", "commit", "build", "created"};
  return object == "provenance" || object.starts_with("provenance/") || (object == "/" && of_root.contains(attribute));
}

std::size_t points_of(const ResultReader& file, const std::string& axis) {
  const std::size_t points = file.length(axis);
  if (points == 0)
    throw IoError(file.name() + ": the axis " + in_message(axis) + " is empty; there is nothing to draw");
  return points;
}

std::uint64_t values_of(const ResultReader& file, const std::string& name) {
  const auto type = file.type(name);
  return type == ResultReader::Type::real || type == ResultReader::Type::integer ? file.stream(name).size() : 0;
}

void scan(const ResultReader& file, const std::string& name, ReadProgress& reading,
          const std::function<void(std::uint64_t, std::span<const double>)>& visit) {
  auto stream = file.stream(name);
  for (std::uint64_t at = 0; at < stream.size();) {
    const auto& values = stream.next(block_of_values);
    visit(at, values);
    at += values.size();
    reading.add(values.size());
  }
}

void Range::add(std::span<const double> values) {
  for (const double value : values) {
    if (std::isnan(value)) {
      ++nans;
      continue;
    }
    ++numbers;
    low = std::min(low, value);
    high = std::max(high, value);
  }
}

std::vector<std::pair<double, std::string>> meanings_of(const ResultReader& file, const std::string& name) {
  const auto attributes = file.attributes(name);
  if (!std::ranges::binary_search(attributes, "flag_values")) return {};
  std::istringstream words(file.text(name, "flag_meanings"));
  std::vector<std::pair<double, std::string>> all;
  std::visit(
      [&](const auto& values) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(values)>, std::string>)
          for (const auto value : values)
            if (std::string word; words >> word) all.emplace_back(static_cast<double>(value), word);
      },
      file.attribute(name, "flag_values"));
  return all;
}

ResultInfo inspect(const ResultReader& file, const Progress& progress) {
  ResultInfo info{.kind = kind_of(file),
                  .title = file.text("/", "title"),
                  .complete = file.text("/", "complete"),
                  .scenario = file.text("/", "scenario")};
  add_attributes(file, "/", info);
  for (const auto& group : file.groups()) add_attributes(file, group, info);
  const auto names = file.datasets();
  std::uint64_t values = 0;
  for (const auto& name : names) values += values_of(file, name);
  ReadProgress reading(values, progress);
  for (const auto& name : names) info.datasets.push_back(dataset_of(file, name, reading));
  return info;
}

std::string in_words(const AttributeValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          return in_message(held);
        } else {
          constexpr std::size_t most = 8;
          std::string text;
          for (std::size_t k = 0; k < std::min(most, held.size()); ++k)
            text += fmt::format("{}{}", k > 0 ? ", " : "", held[k]);
          return held.size() > most ? fmt::format("{}, ... ({} values)", text, held.size()) : text;
        }
      },
      value);
}

}  // namespace memdyn
