// SPDX-License-Identifier: MIT
#include "run/epoch_records.hpp"

#include <algorithm>
#include <cmath>

#include "core/long_vectors.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/record/result_reader.hpp"

namespace memdyn {

void create_training_axes(ResultFile& file, const TrainingPlan& plan) {
  std::vector<std::string> gates;
  for (const auto& task : plan.tasks) gates.push_back(task.name);
  file.axis("gate", gates, {"1", "task"});
  file.axis("realization", numbered<std::int64_t>(plan.realizations, 0),
            {"1", "realization of data and initial weights"});
  file.axis("epoch", numbered<std::int64_t>(plan.epochs, 1), {"1", "epoch"});
}

bool are_read(const TrainingPlan& plan) {
  return plan.record_accuracy || !plan.evaluate_epochs.empty() ||
         std::ranges::any_of(plan.tasks, [](const LearningTask& task) { return task.regression || task.held_out > 0; });
}

std::vector<EpochRecord> epoch_records(const TrainingPlan& plan, std::size_t variables) {
  std::vector<EpochRecord> records;
  const std::size_t rows = plan.tasks.size() * plan.realizations * plan.epochs;
  const auto add = [&](const char* name, std::size_t width) {
    records.push_back({name, width, filled(rows * width, std::nan(""))});
  };
  if (plan.record_weights)
    for (const char* name : {"weights", "gamma"}) add(name, variables);
  if (plan.record_accuracy)
    for (const char* name : {"accuracy_training", "accuracy_held_out"}) add(name, 1);
  return records;
}

double recorded_per_epoch(const TrainingPlan& plan, double weights) {
  return (plan.record_weights ? 2 * weights : 0.0) + (plan.record_accuracy ? 2.0 : 0.0);
}

void create_epoch_records(ResultFile& file, const TrainingResult& result, const std::vector<std::string>& variables,
                          const std::string& unit) {
  for (const EpochRecord& record : result.records) {
    std::vector<std::string> axes{"gate", "realization", "epoch"};
    Caption caption{"1", "fraction of the learnt rows classified correctly after an epoch"};
    if (record.name == "accuracy_held_out") caption.long_name = "fraction of the held-out rows, likewise";
    if (record.name == "weights") {
      file.axis("variable", variables, {"1", "internal variable"});
      caption.long_name = "weight after an epoch";
    }
    if (record.name == "gamma") caption = {unit, "internal variable of the device of a weight after an epoch"};
    if (record.name == "weights" || record.name == "gamma") axes.emplace_back("variable");
    file.open_array(record.name, ResultFile::Kind::real, axes, caption, std::nan(""));
  }
}

std::span<double> place(EpochRecord& record, std::size_t run, std::size_t epochs, std::size_t epoch) {
  return std::span(record.values).subspan((run * epochs + epoch) * record.width, record.width);
}

void resume_epoch_records(const ResultReader& left, TrainingResult& result) {
  for (EpochRecord& record : result.records) {
    auto saved = left.stream(record.name);
    if (saved.size() != record.values.size())
      throw IoError(left.name() + ": " + record.name + " has another size than in this training");
    record.values = saved.next(record.values.size());
  }
}

double accuracy_of(std::span<const double> outputs, const Dataset& rows) {
  const auto best = [](auto values) { return std::ranges::max_element(values) - values.begin(); };
  double hits = 0;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const auto out = outputs.subspan(row * rows.n_out, rows.n_out);
    const auto target = rows.target(row);
    const bool right = out.size() == 1 ? (out[0] > 0.5) == (target[0] > 0.5) : best(out) == best(target);
    hits += right ? 1.0 : 0.0;
  }
  return hits / static_cast<double>(rows.rows());
}

}  // namespace memdyn
