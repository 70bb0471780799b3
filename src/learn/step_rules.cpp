// SPDX-License-Identifier: MIT
#include "learn/step_rules.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/NonLinearOptimization>
#include <unsupported/Eigen/NumericalDiff>

#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {

constexpr std::string_view of_constant[] = {"dw"};
constexpr std::string_view of_linear[] = {"dw", "gamma"};
constexpr std::string_view of_exponential[] = {"dw", "A", "gamma"};

/// Largest A of the exponential rule. Towards A = 1 the rule becomes the difference of two large numbers, which readers
/// in single precision cannot resolve.
constexpr double most_of_factor = 0.95;

constexpr StepRule rules[] = {
    {"constant", "dw", of_constant, [](double /*w*/, const double* p) { return p[0]; }},
    {"soft-bounds", "dw (1 - w)", of_constant, [](double w, const double* p) { return p[0] * (1 - w); }},
    {"linear", "dw (1 - gamma w)", of_linear, [](double w, const double* p) { return p[0] * (1 - p[1] * w); }},
    {"power", "dw ((1 - w)/2)^gamma", of_linear,
     [](double w, const double* p) { return p[0] == 0 ? 0.0 : p[0] * std::pow(std::max(0.0, 1 - w) / 2, p[1]); }},
    {"exponential", "dw max(0, 1 - A exp(gamma w))", of_exponential,
     [](double w, const double* p) {
       const double left = p[1] == 0 ? 1.0 : std::max(0.0, 1 - p[1] * std::exp(p[2] * w));
       return p[0] == 0 ? 0.0 : p[0] * left;
     },
     most_of_factor},
};

/// What a rule leaves of the changes of one polarity, in units of the largest change, as Eigen's method wants it.
struct Residuals {
  using Scalar = double;
  using InputType = Eigen::VectorXd;
  using ValueType = Eigen::VectorXd;
  using JacobianType = Eigen::MatrixXd;
  static constexpr int InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic;

  const StepRule& rule;
  std::vector<double> place, length;  ///< of each node that is used
  double unit = 0;

  /// The parameters of the rule from free numbers, and back.
  [[nodiscard]] Eigen::VectorXd bounded(Eigen::VectorXd numbers) const {
    if (std::isfinite(rule.most_of_second))
      numbers[1] =
          std::clamp(middle() + half() * std::tanh(numbers[1]), StepRule::least_of_second, rule.most_of_second);
    return numbers;
  }
  [[nodiscard]] Eigen::VectorXd free(Eigen::VectorXd parameters) const {
    if (std::isfinite(rule.most_of_second)) parameters[1] = std::atanh((parameters[1] - middle()) / half());
    return parameters;
  }
  [[nodiscard]] double middle() const { return (rule.most_of_second + StepRule::least_of_second) / 2; }
  [[nodiscard]] double half() const { return (rule.most_of_second - StepRule::least_of_second) / 2; }
  /// Whether the fit takes free numbers, and no parameters.
  bool takes_free = true;

  [[nodiscard]] int inputs() const { return static_cast<int>(rule.parameters.size()); }
  [[nodiscard]] int values() const { return static_cast<int>(place.size()); }
  int operator()(const Eigen::VectorXd& given, Eigen::VectorXd& left) const {
    const Eigen::VectorXd parameters = takes_free ? bounded(given) : given;
    constexpr double very_wrong = 1e6;  // where the rule has no finite value
    for (std::size_t k = 0; k < place.size(); ++k) {
      const double one = (rule.length(place[k], parameters.data()) - length[k]) / unit;
      left[static_cast<Eigen::Index>(k)] = std::isfinite(one) ? one : very_wrong;
    }
    return 0;
  }
};

Residuals residuals(const StepRule& rule, const WeightSteps& steps, std::size_t polarity) {
  Residuals all{rule, {}, {}};
  const double sign = polarity == 0 ? 1 : -1;
  for (std::size_t k = 0; k < steps.weight.size(); ++k) {
    if (steps.cut[polarity][k]) continue;
    all.place.push_back(sign * steps.weight[k]);
    all.length.push_back(sign * steps.change[polarity][k]);
    all.unit = std::max(all.unit, std::abs(steps.change[polarity][k]));
  }
  if (all.place.size() <= rule.parameters.size() || all.unit == 0)
    throw InputError(
        fmt::format("a bound cuts the changes by pulses {}, or they move nothing, but for {} nodes: shorten them, or "
                    "raise their amplitude",
                    polarity == 0 ? "up" : "down", all.place.size()));
  return all;
}

using Differentiated = Eigen::NumericalDiff<Residuals, Eigen::Central>;

/// The standard deviations of parameters, from what the fit leaves and the slopes there.
Eigen::VectorXd deviations_of(const Differentiated& all, const Eigen::VectorXd& parameters) {
  Eigen::VectorXd left(all.values());
  Eigen::MatrixXd slopes(all.values(), all.inputs());
  all(parameters, left);
  all.df(parameters, slopes);
  const Eigen::VectorXd sizes = slopes.colwise().norm();
  for (Eigen::Index i = 0; i < slopes.cols(); ++i)
    slopes.col(i) /= std::max(sizes[i], std::numeric_limits<double>::min());
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(slopes, Eigen::ComputeThinV);
  constexpr double least = 1e-9;  // below it, rounding decides about a direction
  const auto& singular = svd.singularValues();
  const double error = std::sqrt(left.squaredNorm() / (all.values() - all.inputs()));
  Eigen::VectorXd deviations(parameters.size());
  for (Eigen::Index i = 0; i < deviations.size(); ++i) {
    double variance = 0;
    for (Eigen::Index k = 0; k < singular.size(); ++k)
      variance += std::pow(svd.matrixV()(i, k) / (singular[k] > least ? singular[k] : 0.0), 2);
    deviations[i] = !std::isfinite(variance) || sizes[i] == 0 ? std::numeric_limits<double>::infinity()
                                                              : error * std::sqrt(variance) / sizes[i];
  }
  return deviations;
}

/// Where fits begin, since a fit finds the nearest of several minima: all parameters but the first from a list, and the
/// first, a factor, by least squares.
std::vector<Eigen::VectorXd> starts(const Residuals& all) {
  const std::size_t parameters = all.rule.parameters.size();
  const std::vector<double> seconds = parameters > 1 ? std::vector{0.3, -0.9, -30.0, 0.9, 2.0, 5.0} : std::vector{0.0};
  const std::vector<double> thirds = parameters > 2 ? std::vector{1.0, -1.0, 0.3, -0.3, 3.0, -3.0} : std::vector{0.0};
  std::vector<Eigen::VectorXd> list;
  for (const double second : seconds)
    for (const double third : thirds) {
      const std::array from{1.0, std::min(second, 0.9 * all.rule.most_of_second), third};
      double product = 0;
      double square = 0;
      for (std::size_t k = 0; k < all.place.size(); ++k) {
        const double unit = all.rule.length(all.place[k], from.data());
        if (!std::isfinite(unit)) continue;
        product += unit * all.length[k];
        square += unit * unit;
      }
      if (!(square > 0) || product == 0) continue;
      list.emplace_back(Eigen::Map<const Eigen::VectorXd>(from.data(), all.inputs()));
      list.back()[0] = product / square;
    }
  return list;
}

void fit(DeviceRule& fitted, const WeightSteps& steps, std::size_t polarity) {
  const StepRule& rule = *fitted.rule;
  Differentiated all(residuals(rule, steps, polarity));
  Eigen::VectorXd numbers;
  double least = std::numeric_limits<double>::infinity();
  for (const Eigen::VectorXd& start : starts(all)) {
    Eigen::VectorXd tried = all.free(start);
    Eigen::LevenbergMarquardt method(all);
    method.parameters.maxfev = 10'000;
    method.parameters.xtol = method.parameters.ftol = 1e-14;
    method.minimize(tried);
    if (method.fnorm < least) {
      least = method.fnorm;
      numbers = tried;
    }
  }
  const Eigen::VectorXd parameters = all.bounded(numbers);
  all.takes_free = false;
  const Eigen::VectorXd deviations = deviations_of(all, parameters);
  fitted.parameters[polarity].assign(parameters.begin(), parameters.end());
  fitted.deviations[polarity].assign(deviations.begin(), deviations.end());
}

/// A value at a weight: straight lines between nodes, and the value of the nearest node beyond them.
double interpolated(const std::vector<double>& nodes, const std::vector<double>& values, double weight) {
  const auto above = std::ranges::upper_bound(nodes, weight) - nodes.begin();
  if (above == 0) return values.front();
  if (above == std::ssize(nodes)) return values.back();
  const auto k = static_cast<std::size_t>(above) - 1;
  return std::lerp(values[k], values[k + 1], (weight - nodes[k]) / (nodes[k + 1] - nodes[k]));
}

}  // namespace

std::span<const StepRule> step_formulas() { return rules; }

double DeviceRule::after(double weight, std::size_t polarity) const {
  if (table) return std::clamp(weight + interpolated(table->weight, table->change[polarity], weight), -1.0, 1.0);
  const double sign = polarity == 0 ? 1 : -1;
  return std::clamp(weight + sign * rule->length(sign * weight, parameters[polarity].data()), -1.0, 1.0);
}

std::vector<DeviceRule> fit_rules(const WeightSteps& steps) {
  std::vector<DeviceRule> all;
  for (const StepRule& rule : rules) {
    DeviceRule& fitted =
        all.emplace_back(DeviceRule{.name = std::string(rule.name), .rule = &rule, .parameters = {}, .deviations = {}});
    for (const std::size_t polarity : {0, 1}) fit(fitted, steps, polarity);
  }
  all.push_back({.name = std::string(table_rule_name), .table = steps, .parameters = {}, .deviations = {}});
  return all;
}

}  // namespace memdyn
