// SPDX-License-Identifier: MIT
#include "run/table_rules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/long_vectors.hpp"
#include "learn/step_rules.hpp"
#include "memdyn/core/interruption.hpp"

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
std::vector<double> single_pulses(const DeviceRule& rule, const WeightSteps& steps, const Scale& scale,
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
  if (rule.name == table_rule_name) report.largest = report.rms = missing;  // it is 0 by construction
  return changes;
}

/// The numbers of pulses after which errors are written: 1, 10, 100, ... up to the longest history.
std::vector<std::size_t> counts_of(const std::vector<PulseHistory>& histories) {
  std::size_t longest = 0;
  for (const PulseHistory& history : histories) longest = std::max(longest, history.polarity.size());
  std::vector<std::size_t> counts;
  for (std::size_t count = 1; count <= longest; count *= 10) counts.push_back(count);
  return counts;
}

/// What a rule predicts for a history, as conductances, and the errors of that.
std::vector<double> follow(const DeviceRule& rule, const PulseHistory& history, const Scale& scale,
                           RuleReport::Order& order) {
  std::vector<double> conductances;
  conductances.reserve(history.polarity.size());
  order.name = history.name;
  double weight = scale.weight(history.start);
  for (std::size_t n = 0; n < history.polarity.size(); ++n) {
    stop_if_interrupted();
    weight = rule.after(weight, history.polarity[n] > 0 ? 0 : 1);
    conductances.push_back(scale.conductance(weight));
    order.largest = std::max(order.largest, std::abs(conductances[n] - history.conductance[n]) / scale.range);
    if (10 * (n + 1) <= history.polarity.size()) order.early = order.largest;
  }
  return conductances;
}

/// The values of a list after each of some numbers of pulses; NaN where it is shorter.
std::vector<double> after(const std::vector<std::size_t>& counts, const std::vector<double>& each) {
  std::vector<double> some;
  for (const std::size_t count : counts) some.push_back(count <= each.size() ? each[count - 1] : missing);
  return some;
}

/// Writes what pulses did to the device, in every order.
void write_histories(ResultFile& file, const std::vector<PulseHistory>& histories,
                     const std::vector<std::size_t>& counts) {
  std::vector<std::string> names;
  std::vector<double> starts, conductances;
  for (const PulseHistory& history : histories) {
    names.push_back(history.name);
    starts.push_back(history.start);
    const auto some = after(counts, history.conductance);
    conductances.insert(conductances.end(), some.begin(), some.end());
  }
  file.axis("order", names, {"1", "order of pulses up and down"});
  file.axis("count", std::vector<std::int64_t>(counts.begin(), counts.end()), {"1", "pulses so far"});
  file.open_array("order_start", ResultFile::Kind::real, {"order"}, {"S", "conductance before the first pulse"},
                  missing);
  file.put("order_start", 0, starts);
  file.open_array("order_conductance", ResultFile::Kind::real, {"order", "count"},
                  {"S", "conductance after the pulses, integrated"}, missing);
  file.put("order_conductance", 0, conductances);
}

RuleReport named(const DeviceRule& one) {
  const StepRule* rule = one.rule;
  RuleReport report{.name = one.name,
                    .formula = rule != nullptr               ? std::string(rule->formula)
                               : one.name == table_rule_name ? "straight lines between the nodes"
                                                             : "straight lines between the rows of its file",
                    .parameters = {},
                    .values = one.parameters,
                    .deviations = one.deviations};
  if (rule != nullptr)
    for (const auto parameter : rule->parameters) report.parameters.emplace_back(parameter);
  return report;
}

/// A given rule, for the weights of this device.
DeviceRule for_device(const GivenRule& given, const Scale& scale) {
  DeviceRule rule{.name = given.name, .parameters = given.parameters, .deviations = {}};
  if (given.formula.empty()) {
    WeightSteps& steps = rule.table.emplace();
    for (std::size_t k = 0; k < given.conductance.size(); ++k) {
      steps.weight.push_back(scale.weight(given.conductance[k]));
      for (std::size_t p = 0; p < polarities; ++p) steps.change[p].push_back(2 * given.change[p][k] / scale.range);
    }
  } else {
    rule.rule = &*std::ranges::find(step_formulas(), given.formula, &StepRule::name);
    for (std::size_t p = 0; p < polarities; ++p) rule.deviations[p].assign(given.parameters[p].size(), missing);
  }
  return rule;
}

}  // namespace

std::vector<RuleReport> write_rules(ResultFile& file, const PulseTable& table,
                                    const std::vector<PulseHistory>& histories, const std::vector<GivenRule>& given) {
  const Scale scale{table.conductance.front(), table.conductance.back() - table.conductance.front()};
  const WeightSteps steps = steps_of(table, scale);
  std::vector<RuleReport> reports;
  std::vector<std::string> names;
  std::vector<double> changes, conductances, errors, largest, parameters, deviations;
  const auto counts = counts_of(histories);
  write_histories(file, histories, counts);
  const auto add = [](std::vector<double>& all, const std::vector<double>& more, std::size_t length) {
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), length - more.size(), missing);
  };
  auto rules = fit_rules(steps);
  for (const GivenRule& one : given) rules.push_back(for_device(one, scale));
  for (const DeviceRule& one : rules) {
    RuleReport& report = reports.emplace_back(named(one));
    names.push_back(report.name);
    add(changes, single_pulses(one, steps, scale, report), polarities * steps.weight.size());
    for (const PulseHistory& history : histories) {
      auto predicted = follow(one, history, scale, report.orders.emplace_back());
      const bool of_table = report.orders.size() == 1;
      if (of_table) add(conductances, predicted, predicted.size());
      for (std::size_t n = 0; n < predicted.size(); ++n)
        predicted[n] = (predicted[n] - history.conductance[n]) / scale.range;
      const auto some = after(counts, predicted);
      add(errors, some, counts.size());
      largest.push_back(report.orders.back().largest);
      if (!of_table) continue;
      const auto of_report = after({100, 10'000}, predicted);
      report.after_100 = of_report.front();
      report.after_10000 = of_report.back();
    }
    for (std::size_t p = 0; p < polarities; ++p) {
      add(parameters, one.parameters[p], StepRule::most_parameters);
      add(deviations, one.deviations[p], StepRule::most_parameters);
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
  write("rule_order_error", {"rule", "order", "count"},
        {"1", "error of the predicted conductance after the pulses, as a share of the range"}, errors);
  write("rule_order_largest", {"rule", "order"}, {"1", "largest magnitude of that error after any of the pulses"},
        largest);
  write("rule_parameter", {"rule", "polarity", "parameter"}, {"1", "parameter of the rule, for weights in -1 .. 1"},
        parameters);
  write("rule_parameter_deviation", {"rule", "polarity", "parameter"}, {"1", "standard deviation of the parameter"},
        deviations);
  return reports;
}

}  // namespace memdyn
