// SPDX-License-Identifier: MIT
#include "scenario/rule_study_plan.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "device/text/units.hpp"
#include "scenario/read_scenario.hpp"

namespace memdyn {
namespace {

/// The tables in which the number may be.
constexpr std::array tables{"network.", "synapse.", "node.", "device.", "vary"};

TrainingPlan trained(const TomlSection& root, const std::vector<std::string>& settings) {
  TrainingPlan plan = read_training(root.with(settings), true);
  plan.text = root.text_of_file();
  plan.inputs = root.inputs();
  plan.record_weights = true;
  plan.record_accuracy = false;
  plan.record_realizations.clear();
  plan.record_epochs.clear();
  return plan;
}

void read_values(TomlSection& study, RuleStudyPlan& plan) {
  plan.key = study.text("key");
  if (std::ranges::none_of(tables, [&](const char* table) { return plan.key.starts_with(table); }))
    study.refuse("key", "must be a number of [network], [synapse], [node], [device] or [[vary]], as in --set");
  plan.values = study.numbers("values");
  constexpr std::size_t most = 1000;
  if (plan.values.empty() || plan.values.size() > most)
    study.refuse("values", fmt::format("must be 1 to {} numbers", most));
  if (std::set<double>(plan.values.begin(), plan.values.end()).size() < plan.values.size())
    study.refuse("values", "must all be different");
  plan.unit = study.text("unit", plan.unit);
  study.located([&] { return Unit(plan.unit); }, "unit");
  plan.solved = study.number("solved", plan.solved);
  if (!(plan.solved > 0)) study.refuse("solved", "must be above 0");
  plan.share = study.number("share", plan.share);
  if (!(plan.share > 0 && plan.share < 1)) study.refuse("share", "must be between 0 and 1");
}

}  // namespace

bool is_rule_study(const TomlSection& root) { return root.has("study"); }

RuleStudyPlan read_rule_study(TomlSection root) {
  (void)read_training(root, true);  // reports what is wrong at its line in the file
  auto study = root.section("study");
  RuleStudyPlan plan;
  read_values(study, plan);
  const auto setting = [&](double value) { return fmt::format("{}={}", plan.key, value); };
  std::vector<std::string> of_rule;
  if (study.has("rule")) of_rule.push_back(setting(study.number("rule")));
  const auto with = [&](const char* more) {
    auto settings = of_rule;
    settings.emplace_back(more);
    return settings;
  };
  const char* where = study.has("rule") ? "rule" : "key";
  plan.rule = study.located([&] { return trained(root, with("run.twin=true")); }, where);
  plan.reference = study.located([&] { return trained(root, with("run.twin=false")); }, where);
  for (const double value : plan.values)
    plan.integrated.push_back(
        study.located([&] { return trained(root, {setting(value), "run.twin=false"}); }, "values"));
  for (const auto& one : plan.integrated)
    if (one.network.sizes() != plan.rule.network.sizes())
      study.refuse("key", "must not change the number of weights, which are compared");
  return plan;
}

}  // namespace memdyn
