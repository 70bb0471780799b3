// SPDX-License-Identifier: MIT
#include "report/rules/rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>

#include "memdyn/core/error.hpp"

namespace memdyn::rules {

double Measured::uncut(Polarity polarity, std::size_t node) const {
  const auto& bound = cut[polarity];
  const std::size_t nodes = bound.size();
  for (std::size_t distance = 0; distance < nodes; ++distance) {  // towards the side from which pulses come first
    const bool below = node >= distance && !bound[node - distance];
    const bool above = node + distance < nodes && !bound[node + distance];
    if (polarity == up && below) return change[polarity][node - distance];
    if (above) return change[polarity][node + distance];
    if (below) return change[polarity][node - distance];
  }
  throw InputError("a bound of the state cuts the change by every pulse of the table: shorten the pulses");
}

const std::vector<Format>& formats() {
  static const std::vector<Format> all{aihwkit, aihwkit_csv, crosssim_2, crosssim_3, xbtorch, neurosim};
  return all;
}

std::vector<std::vector<double>> rows_of(std::string_view text) {
  std::vector<std::vector<double>> rows;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
    std::ranges::replace(line, ',', ' ');
    std::vector<double> row;
    const char* at = line.c_str();
    for (char* next = nullptr;; at = next) {
      const double number = std::strtod(at, &next);
      if (next == at) break;
      row.push_back(number);
    }
    if (!row.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

const std::string& text_of(const std::vector<Exported>& files, std::string_view name) {
  return std::ranges::find(files, name, &Exported::name)->text;
}

void cannot_hold(std::string_view format, const std::string& why) {
  throw InputError("export", "--format", std::string(format), why);
}

std::array<std::vector<double>, 2> monotone_series(const Measured& device, std::string_view format) {
  constexpr std::size_t least_points = 4;
  auto series = device.series;
  for (const auto polarity : {up, down}) {
    auto& curve = series[polarity];
    std::size_t points = 1;
    while (points < curve.size() &&
           (polarity == up ? curve[points] > curve[points - 1] : curve[points] < curve[points - 1]))
      ++points;
    if (points < least_points)
      cannot_hold(format, fmt::format("pulse {} of the series {} changes the conductance not at all, or the wrong way",
                                      points, polarity == up ? "up" : "down"));
    curve.resize(points);
  }
  return series;
}

std::vector<double> changes_at(const Measured& device, Polarity polarity, std::size_t node) {
  const std::size_t nodes = device.conductance.size();
  const double conductance = device.conductance[node];
  std::vector<double> all;
  for (std::size_t n = 0; n < device.samples; ++n) {
    const auto own = std::span(device.sample_conductance).subspan(n * nodes, nodes);
    if (!(own.front() <= conductance && conductance <= own.back() && own.front() < own.back())) continue;
    const auto change = std::span(device.sample_change).subspan((n * 2 + polarity) * nodes, nodes);
    const double place = (conductance - own.front()) / (own.back() - own.front()) * static_cast<double>(nodes - 1);
    const auto k = std::min(static_cast<std::size_t>(place), nodes - 2);
    all.push_back(std::lerp(change[k], change[k + 1], place - static_cast<double>(k)));
  }
  if (all.empty()) all.push_back(device.change[polarity][node]);
  std::ranges::sort(all);
  return all;
}

void AlongCurves::pulse(Polarity polarity) {
  const auto& curve = curves_[polarity];
  const auto last = static_cast<double>(curve.size() - 1);
  const auto beyond = [&](double point) { return polarity == up ? point >= conductance_ : point <= conductance_; };
  const auto at = std::ranges::find_if(curve, beyond) - curve.begin();
  double place = static_cast<double>(at);
  if (at == std::ssize(curve)) {
    place = last;
  } else if (at > 0) {
    const auto k = static_cast<std::size_t>(at);
    place -= (curve[k] - conductance_) / (curve[k] - curve[k - 1]);
  }
  place = std::min(place + 1, last);
  const auto k = std::min(static_cast<std::size_t>(place), curve.size() - 2);
  conductance_ = std::lerp(curve[k], curve[k + 1], place - static_cast<double>(k));
}

}  // namespace memdyn::rules
