// SPDX-License-Identifier: MIT
// CrossSim 2.0: tables of the change by one pulse, over conductance and cumulative probability.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/quantile.hpp"
#include "report/rules/rule.hpp"

namespace memdyn::rules {
namespace {

constexpr std::string_view names[] = {"dG_increasing.txt", "dG_decreasing.txt"};
constexpr double read_voltage = 0.1;  // [V], of the currents in set.csv and reset.csv

std::vector<Exported> write_crosssim(const Measured& device, std::vector<std::string>& notes) {
  if (device.forgets) cannot_hold("crosssim-2.0", "the device forgets at rest");
  constexpr std::size_t most_points = 101;
  const std::size_t points = std::clamp<std::size_t>(device.samples, 2, most_points);
  std::vector<Exported> files;
  for (const auto polarity : {up, down}) {
    std::vector<double> cumulative;
    for (std::size_t c = 0; c < points; ++c)
      cumulative.push_back(static_cast<double>(c) / static_cast<double>(points - 1));
    std::string text = fmt::format(
        "change of the conductance [S] by one pulse {}: rows cumulative probability, columns "
        "conductance [S]\n{}\n{}\n\n",
        polarity == up ? "up" : "down", fmt::join(device.conductance, ","), fmt::join(cumulative, ","));
    std::vector<std::vector<double>> rows(points);
    for (std::size_t k = 0; k < device.conductance.size(); ++k) {
      auto changes = changes_at(device, polarity, k);
      for (std::size_t c = 0; c < points; ++c) rows[c].push_back(quantile(changes, cumulative[c]));
    }
    for (const auto& row : rows) text += fmt::format("{}\n", fmt::join(row, ","));
    files.push_back({std::string(names[polarity]), text});
    std::string ramp = "current [A] at 0.1 V after each pulse\n";
    for (const double conductance : device.series[polarity]) ramp += fmt::format("{}\n", conductance * read_voltage);
    files.push_back({polarity == up ? "set.csv" : "reset.csv", ramp});
  }
  notes.emplace_back(device.samples > 0 ? "the spread is that over devices; no variation from pulse to pulse"
                                        : "no variation: every row is the same");
  notes.emplace_back("currents at 0.1 V follow from the conductance at the read voltage of the table");
  return files;
}

/// Straight lines between the columns of the middle row, cut to the range of the conductances.
class Lookup final : public Rule {
 public:
  explicit Lookup(const std::vector<Exported>& files) {
    for (const auto polarity : {up, down}) {
      const std::string& text = text_of(files, names[polarity]);
      const auto rows = rows_of(std::string_view(text).substr(text.find('\n') + 1));
      conductances_ = rows.at(0);
      const std::size_t matrix = rows.size() - rows.at(1).size();
      change_[polarity] = rows.at(matrix + rows.at(1).size() / 2);
    }
  }
  void start(double conductance) override { conductance_ = conductance; }
  void pulse(Polarity polarity) override {
    const auto& change = change_[polarity];
    const double place =
        std::max(0.0, (conductance_ - conductances_.front()) / (conductances_.back() - conductances_.front()) *
                          static_cast<double>(change.size() - 1));
    const auto k = std::min(static_cast<std::size_t>(place), change.size() - 2);
    conductance_ = std::clamp(conductance_ + std::lerp(change[k], change[k + 1], place - static_cast<double>(k)),
                              conductances_.front(), conductances_.back());
  }
  [[nodiscard]] double conductance() const override { return conductance_; }

 private:
  std::vector<double> conductances_;
  std::array<std::vector<double>, 2> change_;
  double conductance_ = 0;
};

}  // namespace

const Format crosssim_2{
    "crosssim-2.0", "CrossSim 2.0, lookup tables", write_crosssim,
    [](const std::vector<Exported>& files) -> std::unique_ptr<Rule> { return std::make_unique<Lookup>(files); }};

}  // namespace memdyn::rules
