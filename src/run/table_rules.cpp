// SPDX-License-Identifier: MIT
#include "run/table_rules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assess/step_rules.hpp"
#include "core/long_vectors.hpp"

namespace memdyn {
namespace {

constexpr std::size_t polarities = 2;

/// Conductances as weights: -1 at the lowest of the table, 1 at the highest.
struct Scale {
  double lowest, range;
  [[nodiscard]] double weight(double conductance) const { return -1 + 2 * (conductance - lowest) / range; }
  [[nodiscard]] double conductance(double weight) const { return lowest + (weight + 1) / 2 * range; }
};

WeightSteps steps_of(const PulseTable& table, const Scale& scale) {
  WeightSteps steps{{}, {}, table.cut};
  for (std::size_t k = 0; k < table.conductance.size(); ++k) {
    steps.weight.push_back(scale.weight(table.conductance[k]));
    for (std::size_t p = 0; p < polarities; ++p)
      steps.change[p].push_back(2 * (table.conductance_after[p][k] - table.conductance[k]) / scale.range);
  }
  return steps;
}

/// What a rule predicts for single pulses, and the errors of that.
std::vector<double> single_pulses(const FittedRule& rule, const WeightSteps& steps, const Scale& scale,
                                  RuleReport& report) {
  std::vector<double> changes;
  double squares = 0;
  for (std::size_t p = 0; p < polarities; ++p)
    for (std::size_t k = 0; k < steps.weight.size(); ++k) {
      const double change = rule.after(steps.weight[k], p) - steps.weight[k];
      const double error = (change - steps.change[p][k]) / 2;
      report.largest = std::max(report.largest, std::abs(error));
      squares += error * error;
      changes.push_back(change / 2 * scale.range);
    }
  report.rms = std::sqrt(squares / static_cast<double>(changes.size()));
  return changes;
}

/// What a rule predicts for the sequence, and the errors of that.
std::vector<double> whole_sequence(const FittedRule& rule, const PulseSequence& sequence, const Scale& scale,
                                   RuleReport& report) {
  std::vector<double> conductances;
  report.after_100 = report.after_10000 = missing;
  double weight = scale.weight(sequence.start);
  for (std::size_t n = 0; n < sequence.polarity.size(); ++n) {
    weight = rule.after(weight, sequence.polarity[n] > 0 ? 0 : 1);
    conductances.push_back(scale.conductance(weight));
    const double error = (conductances[n] - sequence.conductance[n]) / scale.range;
    report.largest_in_sequence = std::max(report.largest_in_sequence, std::abs(error));
    if (n + 1 == 100) report.after_100 = error;
    if (n + 1 == 10'000) report.after_10000 = error;
  }
  return conductances;
}

RuleReport named(const FittedRule& fitted) {
  RuleReport report{.name = std::string(fitted.rule->name),
                    .formula = std::string(fitted.rule->formula),
                    .parameters = {},
                    .values = fitted.parameters,
                    .deviations = fitted.deviations};
  for (const auto parameter : fitted.rule->parameters) report.parameters.emplace_back(parameter);
  return report;
}

}  // namespace

std::vector<RuleReport> write_rules(ResultFile& file, const PulseTable& table, const PulseSequence& sequence) {
  const Scale scale{table.conductance.front(), table.conductance.back() - table.conductance.front()};
  const WeightSteps steps = steps_of(table, scale);
  std::vector<RuleReport> reports;
  std::vector<std::string> names;
  std::vector<double> changes, conductances, parameters, deviations;
  const auto add = [](std::vector<double>& all, const std::vector<double>& more, std::size_t length) {
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), length - more.size(), missing);
  };
  for (const FittedRule& fitted : fit_rules(steps)) {
    RuleReport& report = reports.emplace_back(named(fitted));
    names.push_back(report.name);
    add(changes, single_pulses(fitted, steps, scale, report), polarities * steps.weight.size());
    add(conductances, whole_sequence(fitted, sequence, scale, report), sequence.polarity.size());
    for (std::size_t p = 0; p < polarities; ++p) {
      add(parameters, fitted.parameters[p], StepRule::most_parameters);
      add(deviations, fitted.deviations[p], StepRule::most_parameters);
    }
  }
  file.axis("rule", names, {"1", "rule for the change of a weight by one pulse"});
  file.axis("parameter", numbered<std::int64_t>(StepRule::most_parameters, 0), {"1", "parameter of a rule"});
  const auto write = [&](const char* name, const std::vector<std::string>& axes, const Caption& caption,
                         const std::vector<double>& values) {
    file.open_array(name, ResultFile::Kind::real, axes, caption, missing);
    file.put(name, 0, values);
  };
  write("rule_change", {"rule", "polarity", "node"}, {"S", "change by one pulse that the rule predicts"}, changes);
  write("rule_sequence_conductance", {"rule", "step"}, {"S", "conductance after the pulse that the rule predicts"},
        conductances);
  write("rule_parameter", {"rule", "polarity", "parameter"}, {"1", "parameter of the rule, for weights in -1 .. 1"},
        parameters);
  write("rule_parameter_deviation", {"rule", "polarity", "parameter"}, {"1", "standard deviation of the parameter"},
        deviations);
  return reports;
}

}  // namespace memdyn
