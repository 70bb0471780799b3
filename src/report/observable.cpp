// SPDX-License-Identifier: MIT
#include "report/observable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"
#include "report/gnuplot.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

/// Trajectories that a picture can show.
constexpr std::size_t most_trajectories = 500;

std::string without_group(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

RecordedTrajectories::RecordedTrajectories(const ResultReader& file) : file_(file) {
  for (const char* axis : {"time", "trajectory/time"})
    if (time_.empty() && file.has(axis)) time_ = axis;
  if (time_.empty())
    throw IoError(file.name() +
                  ": holds nothing along time; a sweep records trajectories with record.interval, a training with "
                  "[record]");
  rows_ = file.length(time_);
  if (rows_ == 0) throw IoError(file.name() + ": has no rows along time, so there is nothing to draw");
  if (kind_of(file) == ResultKind::sweep)
    for (const auto& axis : file.axes("status")) {
      axes_.push_back(axis);
      values_.push_back(file.numbers(axis));
      if (values_.back().empty()) throw IoError(file.name() + ": the axis " + in_message(axis) + " is empty");
    }
  all_.push_back({.name = "time", .path = time_, .units = file.text(time_, "units")});
  for (const auto& path : file.datasets())
    if (path != time_) add(path);
}

void RecordedTrajectories::add(const std::string& path) {
  const auto type = file_.type(path);
  if (type != ResultReader::Type::real && type != ResultReader::Type::integer) return;
  const auto axes = file_.axes(path);
  const auto shape = file_.shape(path);
  const auto time = static_cast<std::size_t>(std::ranges::find(axes, "time") - axes.begin());
  if (axes.size() != shape.size() || time == axes.size() || axes.size() > time + 2) return;
  if (file_.path_of_axis(path, "time") != time_) return;
  const std::vector<std::string> before(axes.begin(), axes.begin() + static_cast<std::ptrdiff_t>(time));
  if (!before.empty() && before != axes_) return;
  std::vector<std::size_t> needed;
  if (!before.empty())
    for (const auto& values : values_) needed.push_back(values.size());
  needed.push_back(rows_);
  Along one{.name = without_group(path), .path = path, .units = file_.text(path, "units"), .of_each = !before.empty()};
  if (axes.size() == time + 2) {
    one.has_axis = true;
    one.width = shape.back();
    needed.push_back(one.width);
    const std::string axis = file_.path_of_axis(path, axes.back());
    if (file_.has(axis) && file_.type(axis) == ResultReader::Type::text) one.labels = file_.strings(axis, one.width);
    if (file_.has(axis + "_unit")) one.label_units = file_.strings(axis + "_unit", one.width);
  }
  require_shape(file_, path, needed);
  if (one.width > 0) all_.push_back(std::move(one));
}

const RecordedTrajectories::Along* RecordedTrajectories::find(const std::string& name) const {
  const auto found = std::ranges::find(all_, name, &Along::name);
  return found == all_.end() ? nullptr : &*found;
}

std::vector<std::string> RecordedTrajectories::names() const {
  constexpr std::size_t most = 40;
  std::vector<std::string> names;
  for (const Along& one : all_) {
    if (!one.has_axis) names.push_back(one.name);
    for (std::size_t k = 0; one.has_axis && k < one.width && names.size() < most; ++k)
      names.push_back(one.name == "gamma" && !one.labels.empty()
                          ? one.labels[k]
                          : fmt::format("{}[{}]", one.name, one.labels.empty() ? std::to_string(k) : one.labels[k]));
  }
  if (find("current") != nullptr && find("voltage") != nullptr)
    for (const char* more : {"memristance", "conductance", "power"})
      if (find(more) == nullptr) names.emplace_back(more);
  return names;
}

std::vector<std::string> RecordedTrajectories::variables() const {
  const Along* gamma = find("gamma");
  return gamma == nullptr ? std::vector<std::string>{} : gamma->labels;
}

bool RecordedTrajectories::resolve_label(const std::string& name, Observable& found) const {
  const auto take = [&](const Along& one, std::size_t at) {
    const std::string label = one.labels.empty() ? std::to_string(at) : one.labels[at];
    found = {.name = one.name == "gamma" ? label : fmt::format("{}[{}]", one.name, label),
             .unit = one.label_units.empty() ? one.units : one.label_units[at],
             .columns = {{{one.path, at}, {}}}};
    return true;
  };
  for (const Along& one : all_) {  // DATASET[LABEL], DATASET[INDEX]
    if (!one.has_axis || !name.starts_with(one.name + "[") || !name.ends_with("]")) continue;
    const std::string label = name.substr(one.name.size() + 1, name.size() - one.name.size() - 2);
    for (std::size_t k = 0; k < one.width; ++k)
      if (label == (one.labels.empty() ? std::to_string(k) : one.labels[k])) return take(one, k);
    if (label.size() <= 9 && !label.empty() && std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; }))
      if (const std::size_t k = std::stoul(label); k < one.width) return take(one, k);
  }
  const Along* only = nullptr;
  std::size_t at = 0;
  for (const Along& one : all_) {
    const auto k = static_cast<std::size_t>(std::ranges::find(one.labels, name) - one.labels.begin());
    if (k == one.labels.size()) continue;
    if (one.name == "gamma") return take(one, k);
    if (only != nullptr)
      throw InputError("plot", "name", name,
                       fmt::format("is in {0} and in {1}: write {0}[{2}] or {1}[{2}]", in_message(only->name),
                                   in_message(one.name), in_message(name)));
    only = &one;
    at = k;
  }
  return only != nullptr && take(*only, at);
}

bool RecordedTrajectories::resolve(const std::string& name, Observable& found) const {
  const Along* one = find(name);
  if (one != nullptr && one->width == 1) {
    found = {.name = one->name,
             .unit = one->label_units.empty() ? one->units : one->label_units[0],
             .columns = {{{one->path, 0}, {}}}};
    return true;
  }
  const Along* current = find("current");
  const Along* voltage = find("voltage");
  if (one == nullptr && current != nullptr && voltage != nullptr && !current->has_axis && !voltage->has_axis) {
    const Observable::Column i{current->path, 0};
    const Observable::Column v{voltage->path, 0};
    if (name == "memristance") found = {name, "ohm", Observable::Form::quotient, {v, i}};
    if (name == "conductance") found = {name, "S", Observable::Form::quotient, {i, v}};
    if (name == "power") found = {name, "W", Observable::Form::product, {v, i}};
    if (!found.name.empty()) return true;
  }
  return resolve_label(name, found);
}

bool RecordedTrajectories::has(const std::string& name) const {
  Observable found;
  return resolve(name, found);
}

Observable RecordedTrajectories::quantity(const std::string& option, const std::string& name) const {
  Observable found;
  if (resolve(name, found)) return found;
  std::vector<std::string> known;
  for (const auto& one : names()) known.push_back(in_message(one));
  throw InputError(file_.name(), option, '"' + name + '"',
                   fmt::format("must be a quantity along time, one of {}{}", fmt::join(known, ", "),
                               suggestion(name, {known.begin(), known.end()})));
}

std::vector<RecordedTrajectories::One> RecordedTrajectories::chosen(
    const std::vector<std::pair<std::string, double>>& at, std::string& fixed,
    std::pair<std::string, std::string>& axis) const {
  std::vector<std::size_t> taken(axes_.size(), 0);
  std::vector<bool> free(axes_.size(), true);
  for (const auto& [name, value] : at) {
    const auto k = static_cast<std::size_t>(std::ranges::find(axes_, name) - axes_.begin());
    if (k == axes_.size() || !free[k] || !std::isfinite(value))
      throw InputError(file_.name(), "--at", fmt::format("{}={}", name, value),
                       axes_.empty()
                           ? "this file has one trajectory, so that no axis can be fixed"
                           : fmt::format("must be a finite number on an axis that is not fixed yet, one of "
                                         "{}{}",
                                         fmt::join(axes_, ", "), suggestion(name, {axes_.begin(), axes_.end()})));
    free[k] = false;
    const auto distance = [&](double v) { return std::abs(v - value); };
    taken[k] = static_cast<std::size_t>(std::ranges::min_element(values_[k], {}, distance) - values_[k].begin());
  }
  const auto in_words = [&](std::size_t k, std::size_t i) {
    return fmt::format("{} = {}", axes_[k], on_axis(values_[k][i], file_.text(axes_[k], "units")));
  };
  std::vector<std::size_t> open;
  double count = 1;
  for (std::size_t k = 0; k < axes_.size(); ++k) {
    if (!free[k]) fixed += (fixed.empty() ? "" : ", ") + in_words(k, taken[k]);
    if (free[k] && values_[k].size() > 1) open.push_back(k);
    if (free[k]) count *= static_cast<double>(values_[k].size());
  }
  if (count > static_cast<double>(most_trajectories))
    throw InputError(file_.name(), "--at", fmt::format("{} trajectories are left", count),
                     fmt::format("a picture shows at most {}: fix an axis, one of {}, as in --at {}={:g}",
                                 most_trajectories, fmt::join(axes_, ", "), axes_.front(), values_.front().front()));
  axis = open.size() == 1 ? std::pair{axes_[open[0]], file_.text(axes_[open[0]], "units")}
                          : std::pair<std::string, std::string>{"trajectory", "1"};
  std::vector<One> all;
  std::vector<std::size_t> index = taken;
  for (bool more = true; more;) {
    One one;
    for (std::size_t k = 0; k < axes_.size(); ++k) one.number = one.number * values_[k].size() + index[k];
    for (const std::size_t k : open) one.label += (one.label.empty() ? "" : ", ") + in_words(k, index[k]);
    one.value = open.size() == 1 ? values_[open[0]][index[open[0]]] : static_cast<double>(one.number);
    all.push_back(std::move(one));
    more = false;
    for (std::size_t n = open.size(); n-- > 0 && !more;) {
      more = ++index[open[n]] < values_[open[n]].size();
      if (!more) index[open[n]] = 0;
    }
  }
  return all;
}

/// Streams of the datasets that some quantities need, row by row.
struct RecordedTrajectories::Reader {
  struct Source {
    std::size_t width;
    std::vector<double> common{};  ///< of a dataset that all trajectories share
    std::vector<ResultReader::Stream> stream{};
    const std::vector<double>* block = nullptr;
  };
  std::vector<std::string> paths;
  std::vector<Source> sources;
  std::vector<std::pair<std::size_t, std::size_t>> columns;  ///< source and place, of each number of a row

  std::size_t column(const RecordedTrajectories& all, const Observable::Column& wanted) {
    const auto k = static_cast<std::size_t>(std::ranges::find(paths, wanted.dataset) - paths.begin());
    if (k == paths.size()) {
      const Along& one = *std::ranges::find(all.all_, wanted.dataset, &Along::path);
      paths.push_back(one.path);
      Source& source = sources.emplace_back(Source{one.width});
      if (one.of_each || all.axes_.empty())
        source.stream.push_back(all.file_.stream(one.path));
      else
        source.common = all.file_.numbers(one.path);
    }
    columns.emplace_back(k, wanted.at);
    return columns.size() - 1;
  }
  void next(std::size_t rows) {
    for (Source& source : sources)
      if (!source.stream.empty()) source.block = &source.stream.front().next(rows * source.width);
  }
  /// @param row in the trajectory, and @param in_block in the block
  void take(std::size_t row, std::size_t in_block, std::vector<double>& into) const {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const Source& source = sources[columns[k].first];
      into[k] = source.block != nullptr ? (*source.block)[in_block * source.width + columns[k].second]
                                        : source.common[row * source.width + columns[k].second];
    }
  }
};

void RecordedTrajectories::go_through(const std::vector<Observable>& quantities, const std::vector<One>& chosen,
                                      const TimeSpan& span, const Progress& progress, const Visit& visit) const {
  Reader reader;
  reader.column(*this, {time_, 0});
  std::vector<std::array<std::size_t, 2>> operands;
  for (const Observable& one : quantities) {
    auto& pair = operands.emplace_back();
    for (std::size_t k = 0; k < (one.form == Observable::Form::value ? 1U : 2U); ++k)
      pair[k] = reader.column(*this, one.columns[k]);
  }
  const std::size_t identity = reader.columns.size();  // of a training: its gate, realization and epoch
  for (const char* name : {"gate", "realization", "epoch"})
    if (const Along* one = find(name); one != nullptr && !one->has_axis && one->path.find('/') != std::string::npos)
      reader.column(*this, {one->path, 0});
  std::size_t width = 1;
  for (const auto& source : reader.sources) width += source.width;
  constexpr std::size_t most_rows = 16'384;
  constexpr std::size_t most_values = std::size_t{1} << 20;
  const std::size_t block = std::clamp<std::size_t>(most_values / width, 1, most_rows);
  std::vector<double> row(reader.columns.size());
  std::vector<double> before;
  std::vector<double> values(1 + quantities.size());
  bool joins = false;
  std::size_t number = 0;
  const auto pass = [&](std::span<const double> passed) {
    values[0] = passed[0];
    for (std::size_t q = 0; q < quantities.size(); ++q) {
      const double a = passed[operands[q][0]];
      const double b = passed[operands[q][1]];
      const auto form = quantities[q].form;
      values[1 + q] = form == Observable::Form::value ? a : form == Observable::Form::product ? a * b : a / b;
    }
    visit(number, values, joins);
    joins = true;
  };
  std::uint64_t trajectory = 0;
  for (number = 0; number < chosen.size(); ++trajectory) {
    const bool wanted = chosen[number].number == trajectory;
    TimeWindow window(span);
    joins = false;
    before.clear();
    for (std::size_t done = 0; done < rows_; done += block) {
      const std::size_t count = std::min(block, rows_ - done);
      reader.next(count);
      for (std::size_t r = 0; wanted && r < count; ++r) {
        reader.take(done + r, r, row);
        const bool other = !before.empty() && row[0] != before[0] &&
                           !std::equal(row.begin() + static_cast<std::ptrdiff_t>(identity), row.end(),
                                       before.begin() + static_cast<std::ptrdiff_t>(identity));
        if (other || (!before.empty() && row[0] < before[0])) {
          window.restart();
          joins = false;
        }
        before = row;
        window.add(row, pass);
      }
      progress(0);
    }
    if (wanted) ++number;
  }
}

}  // namespace memdyn
