// SPDX-License-Identifier: MIT
#include "run/rule_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <span>

#include "memdyn/assess/reproduction.hpp"
#include "memdyn/run/training.hpp"
#include "run/epoch_records.hpp"
#include "run/estimate.hpp"
#include "run/run_inputs.hpp"

namespace memdyn {
namespace {

/// The root mean square; NaN for no values.
double rms(std::span<const double> values) {
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

/// How the trainings with one value of the number compare with those by the rule.
struct Compared {
  std::vector<double> epochs_to_success;  ///< task x realization
  std::vector<double> divergence;         ///< task x epoch: rms difference of the weights
  std::vector<StudiedTask> tasks;
};

/// The trainings with one value of the number.
class StudiedTrainings {
 public:
  StudiedTrainings(const TrainingPlan& plan, const Progress& progress)
      : plan_(plan), result_(train(plan, progress)), weights_(&result_.records.front().values) {
    if (result_.failure) std::rethrow_exception(result_.failure);
  }

  [[nodiscard]] const std::vector<double>& errors() const { return result_.total_error; }
  [[nodiscard]] double pulses() const { return result_.pulses; }

  /// task x epoch: rms change of the weights since they were drawn.
  [[nodiscard]] std::vector<double> change() const {
    return over_epochs(
        [&](std::size_t at, std::size_t initial) { return (*weights_)[at] - result_.weight_initial[initial]; });
  }
  /// Compares with the trainings by the rule. @param changes change() of the rule
  [[nodiscard]] Compared compared(const StudiedTrainings& rule, const std::vector<double>& changes,
                                  double solved) const {
    Compared all{epochs_to_success(solved), divergence(rule), {}};
    for (std::size_t task = 0; task < tasks(); ++task) {
      std::size_t succeeded = 0;
      std::size_t predicted = 0;
      std::vector<double> epochs;
      for (std::size_t run = task * plan_.realizations; run < (task + 1) * plan_.realizations; ++run) {
        const bool success = errors_of(run).back() < solved;
        succeeded += success ? 1 : 0;
        predicted += success == (rule.errors_of(run).back() < solved) ? 1 : 0;
        if (success) epochs.push_back(all.epochs_to_success[run]);
      }
      const std::size_t last = (task + 1) * plan_.epochs - 1;
      all.tasks.push_back({share_of(succeeded, plan_.realizations), share_of(predicted, plan_.realizations),
                           all.divergence[last] / changes[last], epochs.empty() ? missing : median(epochs)});
    }
    return all;
  }

 private:
  [[nodiscard]] std::size_t tasks() const { return plan_.tasks.size(); }
  /// The first epoch of each training whose error is below `solved`, from 1; NaN if there is none.
  [[nodiscard]] std::vector<double> epochs_to_success(double solved) const {
    std::vector<double> first;
    for (std::size_t run = 0; run < tasks() * plan_.realizations; ++run) {
      const auto errors = errors_of(run);
      const auto found = std::ranges::find_if(errors, [&](double error) { return error < solved; });
      first.push_back(found == errors.end() ? missing : static_cast<double>(found - errors.begin() + 1));
    }
    return first;
  }
  /// task x epoch: rms difference of the weights from those of other trainings.
  [[nodiscard]] std::vector<double> divergence(const StudiedTrainings& other) const {
    return over_epochs([&](std::size_t at, std::size_t) { return (*weights_)[at] - (*other.weights_)[at]; });
  }
  [[nodiscard]] std::span<const double> errors_of(std::size_t run) const {
    return std::span(result_.total_error).subspan(run * plan_.epochs, plan_.epochs);
  }
  /// @param difference of a weight, from its place in the records and among the initial weights
  template <class Difference>
  [[nodiscard]] std::vector<double> over_epochs(const Difference& difference) const {
    const std::size_t width = result_.weights;
    const std::size_t recorded = result_.records.front().width;  // with the learning rate of a single layer
    std::vector<double> all;
    std::vector<double> differences(plan_.realizations * width);
    for (std::size_t task = 0; task < tasks(); ++task)
      for (std::size_t epoch = 0; epoch < plan_.epochs; ++epoch) {
        for (std::size_t r = 0; r < plan_.realizations; ++r)
          for (std::size_t w = 0; w < width; ++w) {
            const std::size_t run = task * plan_.realizations + r;
            differences[r * width + w] = difference((run * plan_.epochs + epoch) * recorded + w, run * width + w);
          }
        all.push_back(rms(differences));
      }
    return all;
  }

  const TrainingPlan& plan_;
  TrainingResult result_;
  const std::vector<double>* weights_;  ///< task x realization x epoch x variable
};

/// The file, and the arrays of each step of a study.
class StudyWriter {
 public:
  StudyWriter(ResultFile& file, const RuleStudyPlan& plan) : file_(file), plan_(plan) {
    const TrainingPlan& training = plan.rule;
    file.axis("value", plan.values, {plan.unit, "value of " + plan.key});
    create_training_axes(file, training);
    file.attribute("key", plan.key);
    file.attribute("solved", plan.solved);
    file.attribute("required_share", plan.share);
    file.attribute("instruction_set", std::string(name_of(training.set)));
    file.attribute("pulses", missing);
    trainings("rule_", {}, "by the rule");
    trainings("reference_", {}, "integrated, with the rule's own value");
    trainings("", {"value"}, "integrated");
    open("rule_weight_change", {"gate", "epoch"}, "root mean square change of the weights by the rule");
    for (const char* name : {"certain", "last", "violated"})
      file.open_array(fmt::format("limit_{}", name), ResultFile::Kind::real, {"gate"}, {plan.unit, limit_caption(name)},
                      missing);
    file.begin_appending();
  }

  /// @param prefix of the names @param place of the values, 0 for those without
  void put(const std::string& prefix, std::size_t place, const std::vector<double>& errors, const Compared& compared) {
    block(prefix + "total_error", place, errors);
    block(prefix + "epochs_to_success", place, compared.epochs_to_success);
    if (prefix != "rule_") block(prefix + "weight_divergence", place, compared.divergence);
    for (const auto& [name, share] :
         {std::pair{"success", &StudiedTask::succeeded}, {"predicted", &StudiedTask::predicted}}) {
      if (prefix == "rule_" && std::string_view(name) == "predicted") continue;
      for (const auto& [end, member] :
           {std::pair{"share", &Share::share}, {"share_low", &Share::low}, {"share_high", &Share::high}}) {
        std::vector<double> values;
        for (const auto& task : compared.tasks) values.push_back(task.*share.*member);
        block(fmt::format("{}{}_{}", prefix, name, end), place, values);
      }
    }
    file_.flush(names_);
  }
  void put_change(const std::vector<double>& change) { block("rule_weight_change", 0, change); }
  void put(const std::vector<RuleLimit>& limits) {
    for (const auto& [name, member] :
         {std::pair{"certain", &RuleLimit::certain}, {"last", &RuleLimit::last}, {"violated", &RuleLimit::violated}}) {
      std::vector<double> values;
      for (const auto& limit : limits) values.push_back(limit.*member ? plan_.values[*(limit.*member)] : missing);
      file_.put(fmt::format("limit_{}", name), 0, values);
    }
  }

 private:
  static std::string limit_caption(std::string_view name) {
    if (name == "certain")
      return "value up to which the rule predicts the required share of outcomes, with 95 % confidence";
    if (name == "last")
      return "value up to which the rule predicts the required share of the outcomes that were measured";
    return "first value at which the rule does not predict the required share of outcomes, with 95 % confidence";
  }
  void open(const std::string& name, const std::vector<std::string>& axes, const std::string& long_name) {
    file_.open_array(name, ResultFile::Kind::real, axes, {"1", long_name}, missing);
    names_.push_back(name);
  }
  /// Opens the arrays of one kind of training.
  void trainings(const std::string& prefix, const std::vector<std::string>& axes, const std::string& what) {
    const auto along = [&](std::vector<std::string> more) {
      more.insert(more.begin(), axes.begin(), axes.end());
      return more;
    };
    open(prefix + "total_error", along({"gate", "realization", "epoch"}), "total error of an epoch, " + what);
    open(prefix + "epochs_to_success", along({"gate", "realization"}),
         "first epoch whose total error is below the limit of success, " + what);
    if (prefix != "rule_")
      open(prefix + "weight_divergence", along({"gate", "epoch"}),
           "root mean square difference of the weights from those by the rule, " + what);
    for (const auto& [name, words] : {std::pair{"success_share", "share of trainings that succeed, "},
                                      {"predicted_share", "share of trainings whose outcome the rule predicts, "}}) {
      if (prefix == "rule_" && std::string_view(name) == "predicted_share") continue;
      open(prefix + name, along({"gate"}), words + what);
      open(prefix + name + "_low", along({"gate"}), fmt::format("{}{}: lower end of 95 % confidence", words, what));
      open(prefix + name + "_high", along({"gate"}), fmt::format("{}{}: upper end of 95 % confidence", words, what));
    }
  }
  void block(const std::string& name, std::size_t place, const std::vector<double>& values) {
    file_.put(name, place * values.size(), values);
  }

  ResultFile& file_;
  const RuleStudyPlan& plan_;
  std::vector<std::string> names_;
};

/// @param predicted of each value
RuleLimit limit_of(const std::vector<Share>& predicted, double share) {
  RuleLimit limit;
  const auto last_of = [&](double Share::* member) -> std::optional<std::size_t> {
    const auto end = std::ranges::find_if(predicted, [&](const Share& one) { return !(one.*member >= share); });
    if (end == predicted.begin()) return {};
    return static_cast<std::size_t>(end - predicted.begin()) - 1;
  };
  limit.last = last_of(&Share::share);
  limit.certain = last_of(&Share::low);
  const auto violated = std::ranges::find_if(predicted, [&](const Share& one) { return one.high < share; });
  if (violated != predicted.end()) limit.violated = static_cast<std::size_t>(violated - predicted.begin());
  return limit;
}

}  // namespace

Share share_of(std::size_t count, std::size_t all) {
  constexpr double z = 1.959963984540054;  // of a normal distribution, 2.5 % are above
  const auto n = static_cast<double>(all);
  const double p = static_cast<double>(count) / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  // exact ends, which rounding would miss
  return {p, count == 0 ? 0.0 : centre - half, count == all ? 1.0 : centre + half};
}

void require_studyable(const RuleStudyPlan& plan, const std::filesystem::path& part) {
  require_room(need_of(plan), plan.reference.sizes, part);
  require_trainable(plan.rule, "");
  require_trainable(plan.reference, "");
  for (std::size_t v = 0; v < plan.values.size(); ++v) try {
      require_trainable(plan.integrated[v], "");
    } catch (const InputError& error) {
      throw InputError("", "study.values", fmt::format("{}", plan.values[v]), error.what());
    }
}

RuleStudyResult study_rule(const RuleStudyPlan& plan, const std::filesystem::path& output, const Progress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  OutputTarget target(output);
  require_studyable(plan, target.part());
  RunInputs inputs = inputs_of(plan.reference);
  inputs.command = "validate";
  ResultFile file(std::move(target), {plan.rule.title, plan.rule.text, plan.rule.seed, false, inputs});
  RuleStudyResult result;
  try {
    StudyWriter writer(file, plan);
    const std::size_t all = plan.trainings();
    std::size_t done = 0;
    const Progress part = [&](double share) {
      progress((static_cast<double>(done) + share) / static_cast<double>(all));
    };
    const StudiedTrainings rule(plan.rule, part);
    const auto changes = rule.change();
    const auto compare = [&](const StudiedTrainings& trained, const std::string& prefix, std::size_t place) {
      auto compared = trained.compared(rule, changes, plan.solved);
      writer.put(prefix, place, trained.errors(), compared);
      result.pulses += trained.pulses();
      ++done;
      return std::move(compared.tasks);
    };
    writer.put_change(changes);
    result.rule = compare(rule, "rule_", 0);
    result.reference = compare(StudiedTrainings(plan.reference, part), "reference_", 0);
    for (std::size_t v = 0; v < plan.values.size(); ++v)
      result.values.push_back(compare(StudiedTrainings(plan.integrated[v], part), "", v));
    for (std::size_t task = 0; task < plan.rule.tasks.size(); ++task) {
      std::vector<Share> predicted;
      for (const auto& value : result.values) predicted.push_back(value[task].predicted);
      result.limits.push_back(limit_of(predicted, plan.share));
    }
    writer.put(result.limits);
    file.end_appending();
    file.attribute("pulses", result.pulses);
  } catch (...) {
    file.conclude(std::current_exception());
    throw;
  }
  file.conclude();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace memdyn
