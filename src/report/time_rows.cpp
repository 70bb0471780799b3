// SPDX-License-Identifier: MIT
#include "report/time_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "report/result_info.hpp"
#include "report/thinning.hpp"

namespace memdyn {

void require_shape(const ResultReader& file, const std::string& name, const std::vector<std::size_t>& shape) {
  if (const auto found = file.shape(name); found != shape)
    throw IoError(fmt::format("{}: {}: has the shape ({}), but must have ({}), as its axes do", file.name(),
                              in_message(name), fmt::join(found, ", "), fmt::join(shape, ", ")));
}

void go_through(const ResultReader& file, const std::vector<std::pair<std::string, std::size_t>>& arrays,
                std::size_t rows, const Progress& progress,
                const std::function<void(std::size_t, const std::vector<const std::vector<double>*>&)>& visit) {
  constexpr std::size_t most_rows = 16'384;
  constexpr std::size_t most_values = std::size_t{1} << 20;  // of all arrays together
  std::size_t width = 1;
  for (const auto& [name, values] : arrays) width += values;
  const std::size_t block = std::clamp<std::size_t>(most_values / width, 1, most_rows);
  std::vector<ResultReader::Stream> streams;
  for (const auto& [name, values] : arrays) streams.push_back(file.stream(name));
  for (std::size_t done = 0; done < rows; done += block) {
    const std::size_t count = std::min(block, rows - done);
    std::vector<const std::vector<double>*> blocks;
    for (std::size_t k = 0; k < arrays.size(); ++k) blocks.push_back(&streams[k].next(count * arrays[k].second));
    visit(count, blocks);
    progress(0);
  }
}

void TimeWindow::add(std::span<const double> row, const std::function<void(std::span<const double>)>& pass) {
  const double time = row[0];
  if (!previous_.empty() && previous_[0] < span_.from && time > span_.from) pass_between(row, span_.from, pass);
  if (span_.holds(time)) pass(row);
  if (!previous_.empty() && previous_[0] < span_.to && time > span_.to) pass_between(row, span_.to, pass);
  previous_.assign(row.begin(), row.end());
}

void TimeWindow::pass_between(std::span<const double> row, double time,
                              const std::function<void(std::span<const double>)>& pass) {
  const double share = (time - previous_[0]) / (row[0] - previous_[0]);
  between_.resize(row.size());
  for (std::size_t k = 0; k < row.size(); ++k) between_[k] = previous_[k] + share * (row[k] - previous_[k]);
  between_[0] = time;
  pass(between_);
}

void refuse_empty(const ResultReader& file, const TimeSpan& span, double low, double high) {
  if (!(low <= high)) throw IoError(file.name() + ": no time of its rows is a number; there is nothing to draw");
  throw InputError(file.name(), "--from, --to", fmt::format("{}, {}", span.from, span.to),
                   fmt::format("no row lies between these times; the file holds {:g} to {:g} s", low, high));
}

std::vector<double> rows_within(const ResultReader& file,
                                const std::vector<std::pair<std::string, std::size_t>>& arrays, std::size_t rows,
                                const TimeSpan& span, const Progress& progress) {
  Range all;
  Range within;
  TimeWindow times(span);
  go_through(file, {arrays[0]}, rows, progress, [&](std::size_t /*rows*/, const auto& blocks) {
    all.add(*blocks[0]);
    for (const double time : *blocks[0]) times.add({&time, 1}, [&](std::span<const double> row) { within.add(row); });
  });
  if (within.numbers == 0) refuse_empty(file, span, all.low, all.high);
  std::size_t width = 0;
  for (const auto& [name, values] : arrays) width += values;
  TimeThinning thinning(within.low, within.high, width);
  const bool few = within.numbers <= rows_drawn_as_they_are;
  std::vector<double> kept;
  const auto keep = [&](std::span<const double> row) {
    few ? static_cast<void>(kept.insert(kept.end(), row.begin(), row.end())) : thinning.add(row);
  };
  TimeWindow window(span);
  std::vector<double> row;
  go_through(file, arrays, rows, progress, [&](std::size_t count, const auto& blocks) {
    for (std::size_t r = 0; r < count; ++r) {
      row.clear();
      for (std::size_t k = 0; k < arrays.size(); ++k) {
        const auto from = blocks[k]->begin() + static_cast<std::ptrdiff_t>(r * arrays[k].second);
        row.insert(row.end(), from, from + static_cast<std::ptrdiff_t>(arrays[k].second));
      }
      window.add(row, keep);
    }
  });
  return few ? kept : thinning.rows();
}

}  // namespace memdyn
