// SPDX-License-Identifier: MIT
// XBTorch 2026: grids of conductance and of its change, and cumulative probabilities, for set and reset.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "report/rules/rule.hpp"

namespace memdyn::rules {
namespace {

constexpr std::string_view prefixes[] = {"set", "reset"};
constexpr std::size_t most_changes = 1001;  // of the grid for devices that were drawn

std::string column(const std::vector<double>& numbers) { return fmt::format("{}\n", fmt::join(numbers, "\n")); }

std::string name(Polarity polarity, std::string_view what) {
  return fmt::format("{}_{}.txt", prefixes[polarity], what);
}

/// Cumulative probabilities of a single possible change. The reader takes the change whose probability is nearest to a
/// number in [0, 1): values beyond that range leave it no other choice.
std::vector<double> certain(std::size_t chosen, std::size_t changes) {
  std::vector<double> row(changes, 2.0);
  std::fill_n(row.begin(), chosen, -1.0);
  row[chosen] = 0.5;
  return row;
}

std::vector<Exported> write_xbtorch(const Measured& device, std::vector<std::string>& notes) {
  if (device.forgets) cannot_hold("xbtorch", "the device forgets at rest");
  std::vector<Exported> files;
  for (const auto polarity : {up, down}) {
    std::vector<std::vector<double>> changes;
    for (std::size_t k = 0; k < device.conductance.size(); ++k) changes.push_back(changes_at(device, polarity, k));
    std::vector<double> grid;
    for (const auto& one : changes) grid.insert(grid.end(), one.begin(), one.end());
    std::ranges::sort(grid);
    grid.erase(std::unique(grid.begin(), grid.end()), grid.end());
    if (device.samples > 0 && grid.size() > most_changes) {
      const auto [low, high] = std::pair(grid.front(), grid.back());
      grid.resize(most_changes);
      for (std::size_t j = 0; j < most_changes; ++j)
        grid[j] = std::lerp(low, high, static_cast<double>(j) / static_cast<double>(most_changes - 1));
    }
    std::string rows;
    for (const auto& one : changes) {
      std::vector<double> row;
      if (device.samples == 0) {
        row =
            certain(static_cast<std::size_t>(std::ranges::lower_bound(grid, one.front()) - grid.begin()), grid.size());
      } else {
        for (const double change : grid)
          row.push_back(static_cast<double>(std::ranges::upper_bound(one, change) - one.begin()) /
                        static_cast<double>(one.size()));
      }
      rows += fmt::format("{}\n", fmt::join(row, " "));
    }
    files.push_back({name(polarity, "conductance"), column(device.conductance)});
    files.push_back({name(polarity, "change"), column(grid)});
    files.push_back({name(polarity, "cdf"), rows});
  }
  notes.emplace_back("the change is that of the nearest node, without interpolation: more nodes in [table] are better");
  notes.emplace_back(device.samples > 0 ? "the spread is that over devices; no variation from pulse to pulse"
                                        : "one change a node, by probabilities beyond 0 and 1 for the others");
  return files;
}

/// The nearest row, the change whose probability is nearest to a half, cut to the range.
class Nearest final : public Rule {
 public:
  explicit Nearest(const std::vector<Exported>& files) {
    for (const auto polarity : {up, down}) {
      for (const auto& row : rows_of(text_of(files, name(polarity, "conductance"))))
        tables_[polarity].conductance.push_back(row.at(0));
      for (const auto& row : rows_of(text_of(files, name(polarity, "change"))))
        tables_[polarity].change.push_back(row.at(0));
      tables_[polarity].cdf = rows_of(text_of(files, name(polarity, "cdf")));
    }
  }
  void start(double conductance) override { conductance_ = conductance; }
  void pulse(Polarity polarity) override {
    const Table& table = tables_[polarity];
    const auto& row = table.cdf[nearest(table.conductance, conductance_)];
    conductance_ =
        std::clamp(conductance_ + table.change[nearest(row, 0.5)], table.conductance.front(), table.conductance.back());
  }
  [[nodiscard]] double conductance() const override { return conductance_; }

 private:
  struct Table {
    std::vector<double> conductance, change;
    std::vector<std::vector<double>> cdf;
  };
  static std::size_t nearest(const std::vector<double>& all, double to) {
    return static_cast<std::size_t>(std::ranges::min_element(all, {}, [to](double one) { return std::abs(one - to); }) -
                                    all.begin());
  }
  std::array<Table, 2> tables_;
  double conductance_ = 0;
};

}  // namespace

const Format xbtorch{
    "xbtorch", "XBTorch 2026", write_xbtorch,
    [](const std::vector<Exported>& files) -> std::unique_ptr<Rule> { return std::make_unique<Nearest>(files); }};

}  // namespace memdyn::rules
