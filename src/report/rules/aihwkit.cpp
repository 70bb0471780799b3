// SPDX-License-Identifier: MIT
// IBM Analog Hardware Acceleration Kit 1.1: the keywords of PiecewiseStepDevice, as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "report/rules/rule.hpp"

namespace memdyn::rules {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view device_file = "device.json", population_file = "devices.json";
constexpr std::size_t most_nodes = 63;  // fewer than 64
/// Steps must be above 0: what stands for one that is 0, as a share of the middle one.
constexpr double least_step = 1e-7;

/// The weight is w = -1 + 2 (G - G_lowest) / (G_highest - G_lowest).
double weight_of(const Measured& device, double conductance) {
  return -1 + 2 * (conductance - device.lowest()) / device.range();
}

/// The lengths of the steps from the nodes, in weights.
std::vector<double> steps(const Measured& device, Polarity polarity) {
  std::vector<double> all;
  for (std::size_t k = 0; k < device.conductance.size(); ++k) {
    const double step = (polarity == up ? 2 : -2) * device.uncut(polarity, k) / device.range();
    if (step < 0)
      cannot_hold("aihwkit", fmt::format("a pulse {} changes a conductance of {:.4g} S the wrong way",
                                         polarity == up ? "up" : "down", device.conductance[k]));
    all.push_back(step);
  }
  return all;
}

/// What differs between the devices that were drawn: bounds, and the length of their steps, per device.
Json population(const Measured& device, const std::array<std::vector<double>, 2>& nominal, Json& keywords) {
  const std::size_t nodes = device.conductance.size();
  std::array<std::vector<double>, 4> of;  // bounds (low, high), scales (up, down)
  for (std::size_t n = 0; n < device.samples; ++n) {
    const auto own = std::span(device.sample_conductance).subspan(n * nodes, nodes);
    if (std::isnan(own.front())) continue;
    of[0].push_back(weight_of(device, own.front()));
    of[1].push_back(weight_of(device, own.back()));
    for (const auto polarity : {up, down}) {
      const auto change = std::span(device.sample_change).subspan((n * 2 + polarity) * nodes, nodes);
      double product = 0, square = 0;  // least squares of a common factor over the nodes that no bound cuts
      for (std::size_t k = 0; k < nodes; ++k) {
        if (device.cut[polarity][k]) continue;
        product += std::abs(2 * change[k] / device.range()) * nominal[polarity][k];
        square += nominal[polarity][k] * nominal[polarity][k];
      }
      of[2 + polarity].push_back(keywords.at("dw_min").get<double>() * product / square);
    }
  }
  const auto deviation = [](const std::vector<double>& values, double unit) {
    if (values.size() < 2) return 0.0;
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return std::sqrt(sum / (count - 1)) / unit;
  };
  keywords["w_min_dtod"] = deviation(of[0], 1);
  keywords["w_max_dtod"] = deviation(of[1], 1);
  keywords["dw_min_dtod"] = deviation(of[2], keywords.at("dw_min").get<double>());
  return {{"min_bound", of[0]}, {"max_bound", of[1]}, {"dwmin_up", of[2]}, {"dwmin_down", of[3]}};
}

std::vector<Exported> write_aihwkit(const Measured& device, std::vector<std::string>& notes) {
  const std::size_t nodes = device.conductance.size();
  if (nodes > most_nodes)
    cannot_hold("aihwkit", fmt::format("the table has {} nodes, and the format at most {}: set nodes in [table]", nodes,
                                       most_nodes));
  if (device.forgets)
    cannot_hold("aihwkit", "the device forgets at rest, in seconds, and the format only once a batch");
  std::array<std::vector<double>, 2> lengths{steps(device, up), steps(device, down)};
  const double middle = lengths[up][nodes / 2];
  if (!(middle > 0)) cannot_hold("aihwkit", "a pulse up changes nothing in the middle of the range");
  std::size_t replaced = 0;
  const auto nominal = lengths;
  for (auto& all : lengths)
    for (double& step : all) {
      step /= middle;
      if (step >= least_step) continue;
      step = least_step;
      ++replaced;
    }
  if (replaced > 0)
    notes.push_back(
        fmt::format("{} steps shorter than {:.0e} of the middle one are written as that", replaced, least_step));
  notes.emplace_back("weights are single precision; no variation from pulse to pulse");
  Json keywords{{"w_min", -1.0},
                {"w_max", 1.0},
                {"dw_min", middle},
                {"up_down", 0.0},
                {"up_down_dtod", 0.0},
                {"w_min_dtod", 0.0},
                {"w_max_dtod", 0.0},
                {"dw_min_dtod", 0.0},
                {"dw_min_std", 0.0},
                {"piecewise_up", lengths[up]},
                {"piecewise_down", lengths[down]}};
  std::vector<Exported> files;
  if (device.samples > 0) {
    const Json all = population(device, nominal, keywords);
    notes.emplace_back("devices differ in their bounds and in a factor of their steps, up and down; not in the shape");
    files.push_back({std::string(population_file), all.dump(1) + '\n'});
  }
  files.push_back({std::string(device_file), keywords.dump(1) + '\n'});
  files.push_back(
      {"load.py", fmt::format("# {} S is the weight -1, {} S the weight 1.\n"
                              "import json, pathlib\n"
                              "from aihwkit.simulator.configs.devices import PiecewiseStepDevice\n"
                              "device = PiecewiseStepDevice(**json.loads(pathlib.Path(__file__).with_name(\"{}\")"
                              ".read_text()))\n",
                              device.lowest(), device.conductance.back(), device_file)});
  files.push_back(
      {"scale.json",
       Json{{"conductance_of_minus_one", device.lowest()}, {"conductance_of_one", device.conductance.back()}}.dump(1) +
           '\n'});
  return files;
}

/// PiecewiseStepDevice, without noise, in single precision.
class Piecewise final : public Rule {
 public:
  explicit Piecewise(const std::vector<Exported>& files) {
    const auto keywords = Json::parse(text_of(files, device_file));
    const auto scale = Json::parse(text_of(files, "scale.json"));
    lowest_ = scale.at("conductance_of_minus_one").get<double>();
    range_ = scale.at("conductance_of_one").get<double>() - lowest_;
    step_ = keywords.at("dw_min").get<float>();
    low_ = keywords.at("w_min").get<float>();
    high_ = keywords.at("w_max").get<float>();
    nodes_ = {keywords.at("piecewise_up").get<std::vector<float>>(),
              keywords.at("piecewise_down").get<std::vector<float>>()};
  }
  void start(double conductance) override { weight_ = static_cast<float>(-1 + 2 * (conductance - lowest_) / range_); }
  void pulse(Polarity polarity) override {
    const auto& nodes = nodes_[polarity];
    const auto sections = static_cast<float>(nodes.size() - 1);
    const float place = std::max((weight_ - low_) / (high_ - low_) * sections, 0.0F);
    const auto k = std::min(static_cast<std::size_t>(place), nodes.size() - 2);
    const float t = std::min(place - static_cast<float>(k), 1.0F);
    const float step = step_ * ((1 - t) * nodes[k] + t * nodes[k + 1]);
    weight_ = std::clamp(polarity == up ? weight_ + step : weight_ - step, low_, high_);
  }
  [[nodiscard]] double conductance() const override { return lowest_ + (weight_ + 1.0) / 2 * range_; }

 private:
  double lowest_, range_;
  float step_, low_, high_, weight_ = 0;
  std::array<std::vector<float>, 2> nodes_;
};

std::vector<Exported> write_curves(const Measured& device, std::vector<std::string>& notes) {
  if (device.forgets) cannot_hold("aihwkit-csv", "the device forgets at rest");
  const auto series = monotone_series(device, "aihwkit-csv");
  const std::size_t points = std::min(series[up].size(), series[down].size());
  std::string text;
  for (std::size_t k = 0; k < points; ++k) text += fmt::format("{},{}\n", series[up][k], series[down][k]);
  if (points < device.series[up].size())
    notes.push_back(fmt::format(
        "the first {} pulses: later ones change nothing, or the two columns would differ in length", points - 1));
  notes.emplace_back("the curves of consecutive pulses alone: a fit to them is the reader's");
  return {{"pulses.csv", text}};
}

std::unique_ptr<Rule> read_curves(const std::vector<Exported>& files) {
  std::array<std::vector<double>, 2> curves;
  for (const auto& row : rows_of(text_of(files, "pulses.csv")))
    for (const auto polarity : {up, down}) curves[polarity].push_back(row.at(polarity));
  return std::make_unique<AlongCurves>(std::move(curves));
}

}  // namespace

const Format aihwkit{
    "aihwkit", "aihwkit 1.1, PiecewiseStepDevice", write_aihwkit,
    [](const std::vector<Exported>& files) -> std::unique_ptr<Rule> { return std::make_unique<Piecewise>(files); }};
const Format aihwkit_csv{"aihwkit-csv", "aihwkit 1.1, the fitting utility of its example 21", write_curves,
                         read_curves};

}  // namespace memdyn::rules
