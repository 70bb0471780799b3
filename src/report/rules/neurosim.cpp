// SPDX-License-Identifier: MIT
// NeuroSim: the constants of its exponential curve, G(P) = B (1 - exp(-P/A)) + G_min, for each polarity.
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>

#include "report/rules/rule.hpp"

namespace memdyn::rules {
namespace {

constexpr std::string_view file_name = "neurosim.txt";

/// The share of the range that is passed after a share `x` of the pulses, for a curve of the constant a = A/N.
double passed(double x, double a) { return std::expm1(-x / a) / std::expm1(-1 / a); }

/// The curve of one polarity.
struct Curve {
  double a = 0;         ///< A/N; negative if the changes grow with the pulses
  double residual = 0;  ///< largest difference to what was integrated, as a share of the range

  /// NeuroSim's label of nonlinearity: ten times the largest perpendicular distance of the normalised curve from the
  /// diagonal, over 0.7.
  [[nodiscard]] double label() const {
    const double b = -1 / std::expm1(-1 / a);
    const double x = a * std::log(b / a);
    return std::copysign(10 / 0.7 * std::abs(passed(x, a) - x) / std::sqrt(2.0), a);
  }
};

/// The largest label that NeuroSim's table has.
constexpr double largest_label = 9;

/// @param series after 0, 1, ... pulses
Curve fit(const std::vector<double>& series) {
  const auto last = static_cast<double>(series.size() - 1);
  const auto share = [&](std::size_t k) { return (series[k] - series.front()) / (series.back() - series.front()); };
  const auto difference = [&](std::size_t k, double a) { return passed(static_cast<double>(k) / last, a) - share(k); };
  const auto squares = [&](double bend) {  // 1/a, which is 0 for the diagonal
    double sum = 0;
    for (std::size_t k = 0; k < series.size(); ++k) {
      const double one = std::abs(bend) < 1e-9 ? static_cast<double>(k) / last - share(k) : difference(k, 1 / bend);
      sum += one * one;
    }
    return sum;
  };
  constexpr double most_bent = 200;
  constexpr int digits = 26;  // half those of a double: a minimum has no more
  const double bend = boost::math::tools::brent_find_minima(squares, -most_bent, most_bent, digits).first;
  Curve curve{std::abs(bend) < 1e-9 ? std::copysign(1e9, bend) : 1 / bend, 0};
  for (std::size_t k = 0; k < series.size(); ++k)
    curve.residual = std::max(curve.residual, std::abs(difference(k, curve.a)));
  return curve;
}

std::vector<Exported> write_neurosim(const Measured& device, std::vector<std::string>& notes) {
  if (device.forgets) cannot_hold("neurosim", "the device forgets at rest");
  const auto series = monotone_series(device, "neurosim");
  const auto& rising = series[up];
  const auto& falling = series[down];
  const double lowest = rising.front();
  const double highest = rising.back();
  const Curve potentiation = fit(rising);
  const Curve depression = fit(falling);
  notes.push_back(
      fmt::format("the curves differ from what was integrated by at most {:.2g} (up) and {:.2g} (down) of the "
                  "range",
                  potentiation.residual, depression.residual));
  if (const double ends = std::abs(falling.back() - lowest) / (highest - lowest); ends > 1e-3)
    notes.push_back(
        fmt::format("the pulses down end {:.2g} of the range from the lowest conductance, which NeuroSim "
                    "takes for their end",
                    ends));
  for (const Curve* one : {&potentiation, &depression})
    if (std::abs(one->label()) > largest_label)
      notes.push_back(
          fmt::format("the label {:.3g} is beyond {}, the largest of NeuroSim's table", one->label(), largest_label));
  const auto up_pulses = static_cast<double>(rising.size() - 1);
  const auto down_pulses = static_cast<double>(falling.size() - 1);
  return {{std::string(file_name),
           fmt::format(
               "maxConductance {}\nminConductance {}\nmaxNumLevelLTP {}\nmaxNumLevelLTD {}\nNL_LTP {}\nNL_LTD {}\n"
               "A_LTP {}\nA_LTD {}\nresidual_LTP {}\nresidual_LTD {}\n",
               highest, lowest, up_pulses, down_pulses, potentiation.label(), -depression.label(),
               potentiation.a * up_pulses, depression.a * down_pulses, potentiation.residual, depression.residual)}};
}

std::unique_ptr<Rule> read(const std::vector<Exported>& files) {
  std::string text = text_of(files, file_name);
  std::vector<double> numbers;  // in the order of the file
  for (auto at = text.find(' '); at != std::string::npos; at = text.find(' ', at + 1))
    numbers.push_back(std::strtod(&text[at], nullptr));
  const double highest = numbers.at(0);
  const double lowest = numbers.at(1);
  std::array<std::vector<double>, 2> curves;
  for (const auto polarity : {up, down}) {
    const auto pulses = static_cast<std::size_t>(numbers.at(2 + polarity));
    const double a = numbers.at(6 + polarity) / static_cast<double>(pulses);
    for (std::size_t k = 0; k <= pulses; ++k) {
      const double share = passed(static_cast<double>(k) / static_cast<double>(pulses), a);
      curves[polarity].push_back(polarity == up ? std::lerp(lowest, highest, share)
                                                : std::lerp(highest, lowest, share));
    }
  }
  return std::make_unique<AlongCurves>(std::move(curves));
}

}  // namespace

const Format neurosim{"neurosim", "NeuroSim, RealDevice", write_neurosim, read};

}  // namespace memdyn::rules
