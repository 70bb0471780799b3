// SPDX-License-Identifier: MIT
#include "memdyn/assess/universality.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numbers>

#include "assess/polynomial_floor.hpp"
#include "core/long_vectors.hpp"
#include "memdyn/core/error.hpp"
#include "run/threads.hpp"

namespace memdyn {
namespace {

/// [Franke 1979, A critical comparison of some methods for interpolation of scattered data, NPS-53-79-003, p. 13]
double franke(double x, double y) {
  const auto bell = [](double u, double v) { return std::exp(-u - v); };
  const auto square = [](double u) { return u * u; };
  return 0.75 * bell(square(9 * x - 2) / 4, square(9 * y - 2) / 4) +
         0.75 * bell(square(9 * x + 1) / 49, (9 * y + 1) / 10) +
         0.5 * bell(square(9 * x - 7) / 4, square(9 * y - 3) / 4) - 0.2 * bell(square(9 * x - 4), square(9 * y - 7));
}

/// A function of one input at 101 points on [-1, 1].
template <class Function>
Dataset curve(const Function& function) {
  Dataset table{.n_in = 1, .n_out = 1, .inputs = {}, .targets = {}};
  constexpr int half = 50;
  for (int k = -half; k <= half; ++k) {
    const double x = static_cast<double>(k) / half;
    table.inputs.push_back(x);
    table.targets.push_back(function(x));
  }
  return table;
}

/// A function of two inputs at 11 x 11 points on [0, 1]².
template <class Function>
Dataset surface(const Function& function) {
  Dataset table{.n_in = 2, .n_out = 1, .inputs = {}, .targets = {}};
  constexpr int parts = 10;
  for (int i = 0; i <= parts; ++i)
    for (int k = 0; k <= parts; ++k) {
      const double x = static_cast<double>(i) / parts;
      const double y = static_cast<double>(k) / parts;
      table.inputs.insert(table.inputs.end(), {x, y});
      table.targets.push_back(function(x, y));
    }
  return table;
}

constexpr std::size_t activations = std::size(UniversalityPlan::activations);
constexpr std::size_t outputs = std::size(UniversalityPlan::outputs);

/// The trainings of one network for one target.
struct Job {
  std::size_t target, activation, output;
  std::vector<std::size_t> hidden;  ///< widths of the hidden layers
  std::size_t width = 0;            ///< index among the widths of a single hidden layer

  [[nodiscard]] bool deep() const { return hidden.size() > 1; }
  [[nodiscard]] double size() const {
    double devices = 0;
    std::size_t below = 1;
    for (const std::size_t nodes : hidden) devices += static_cast<double>(std::exchange(below, nodes) * nodes);
    return devices + static_cast<double>(below);
  }
};

/// A device whose threshold the reads of these trainings do not reach: up to 11 A, once in 10^11 pulses.
template <class Device>
Device with_wide_margin(const Device& device) {
  auto parameters = device.parameters();
  constexpr double factor = 2;
  parameters.I_gamma *= factor;
  return Device(parameters);
}

class Study {
 public:
  Study(const UniversalityPlan& plan, ResultFile& file)
      : plan_(plan), file_(file), targets_(approximation_targets()), evaluated_(plan.evaluated()) {
    for (std::size_t target = 0; target < targets_.size(); ++target)
      for (std::size_t output = 0; output < outputs; ++output) {
        for (std::size_t activation = 0; activation < activations; ++activation)
          for (std::size_t width = 0; width < plan.hidden.size(); ++width)
            jobs_.push_back({target, activation, output, {plan.hidden[width]}, width});
        jobs_.push_back({target, 0, output, plan.deep});
      }
    std::ranges::stable_sort(jobs_, std::greater(), &Job::size);  // the longest first, so that all threads end together
    progress_ = std::vector<std::atomic<double>>(jobs_.size());
    const double none = std::nan("");
    const std::size_t trainings = targets_.size() * plan.realizations;
    const std::size_t networks = trainings * activations * plan.hidden.size();
    result.total_error.assign(networks * evaluated_.size(), none);
    result.final_error.assign(networks * outputs, none);
    result.deep_error.assign(trainings * outputs, none);
    for (const auto& target : targets_)
      for (const NodeActivation hidden : UniversalityPlan::activations)
        for (const NodeActivation output : UniversalityPlan::outputs)
          result.floor.push_back(hidden == NodeActivation::square ? polynomial_floor(target.table, 2, output) : none);
    for (const auto& target : targets_)
      for (const NodeActivation output : UniversalityPlan::outputs)
        result.deep_floor.push_back(polynomial_floor(target.table, 4, output));
    create_file();
  }

  void run(const Progress& progress) {
    const std::size_t wanted = threads_or_cores(plan_.threads);
    std::atomic<std::size_t> next = 0;
    in_threads(
        std::min(wanted, jobs_.size()),
        [&] {
          for (std::size_t i = next++; i < jobs_.size() && !stop_; i = next++) learn(i);
        },
        [&] { progress(share()); }, [&](const std::exception_ptr& why) { fail(why); });
  }

  UniversalityResult result;

 private:
  void create_file() {
    const auto names = [](const auto& all) {
      std::vector<std::string> words;
      for (const NodeActivation one : all) words.emplace_back(name_of(one));
      return words;
    };
    std::vector<std::string> target_names;
    for (const auto& target : targets_) target_names.push_back(target.name);
    file_.axis("target", target_names, {"1", "function that is approximated"});
    file_.axis("activation", names(UniversalityPlan::activations), {"1", "activation of the hidden nodes"});
    file_.axis("output", names(UniversalityPlan::outputs), {"1", "activation of the output node"});
    file_.axis("hidden", std::vector<std::int64_t>(plan_.hidden.begin(), plan_.hidden.end()),
               {"1", "number of hidden nodes, in one layer"});
    file_.axis("realization", numbered<std::int64_t>(plan_.realizations, 0), {"1", "realization of initial weights"});
    file_.axis("epoch", std::vector<std::int64_t>(evaluated_.begin(), evaluated_.end()),
               {"1", "epoch after which the weights are held fixed"});
    const auto open = [&](const char* name, const std::vector<std::string>& axes, const char* long_name) {
      file_.open_array(name, ResultFile::Kind::real, axes, {"1", long_name}, std::nan(""));
    };
    open("total_error", {"target", "activation", "hidden", "realization", "epoch"},
         "total error over the points at fixed weights, linear output node");
    open("final_error", {"target", "activation", "output", "hidden", "realization"},
         "total error over the points at fixed weights, after the last epoch");
    open("deep_error", {"target", "output", "realization"},
         "total error of two hidden layers of square nodes, after the last epoch");
    open("floor", {"target", "activation", "output"}, "least total error of any width of one hidden layer");
    open("deep_floor", {"target", "output"}, "least total error of any widths of two hidden layers");
    file_.put("floor", 0, result.floor);
    file_.put("deep_floor", 0, result.deep_floor);
    file_.attribute("instruction_set", std::string(name_of(plan_.set)));
    file_.attribute("provenance/threads", static_cast<double>(threads_or_cores(plan_.threads)));
    create_summary(file_, training(jobs_.front()));
    file_.begin_appending();
  }

  void learn(std::size_t number) {
    const Job& job = jobs_[number];
    const TrainingPlan plan = training(job);
    const auto trained = train(plan, [&](double done) {
      progress_[number] = done;
      if (stop_) throw Interrupted();
    });
    if (trained.failure) std::rethrow_exception(trained.failure);
    const std::lock_guard lock(mutex_);
    keep(job, trained.fixed_error);
    result.calibration[job.output].merge(trained.calibration);
    result.pulses += trained.pulses;
  }

  [[nodiscard]] TrainingPlan training(const Job& job) const {
    const ApproximationTarget& target = targets_[job.target];
    TrainingPlan plan;
    plan.tasks.push_back(
        {.name = target.name, .table = target.table, .draw = 0, .learning_rate = target.learning_rate});
    plan.network = paper_network(true, {});
    plan.network.synapse = with_wide_margin(plan.network.synapse);
    plan.network.node = with_wide_margin(plan.network.node);
    plan.network.layers = {target.table.n_in};
    plan.network.layers.insert(plan.network.layers.end(), job.hidden.begin(), job.hidden.end());
    plan.network.layers.push_back(1);
    plan.network.hidden = UniversalityPlan::activations[job.activation];
    plan.network.output = UniversalityPlan::outputs[job.output];
    plan.realizations = plan_.realizations;
    plan.epochs = plan_.epochs;
    plan.seed = plan_.seed;
    plan.threads = 1;
    plan.set = plan_.set;
    plan.twin = plan_.twin;
    plan.evaluate_epochs = evaluated_;
    return plan;
  }

  /// @param errors realization x evaluated epoch
  void keep(const Job& job, const std::vector<double>& errors) {
    std::vector<double> last;
    for (std::size_t at = evaluated_.size() - 1; at < errors.size(); at += evaluated_.size())
      last.push_back(errors[at]);
    if (job.deep()) return put("deep_error", result.deep_error, job.target * outputs + job.output, last);
    const std::size_t hidden = job.target * activations + job.activation;
    put("final_error", result.final_error, (hidden * outputs + job.output) * plan_.hidden.size() + job.width, last);
    if (job.output == UniversalityPlan::linear_output)
      put("total_error", result.total_error, hidden * plan_.hidden.size() + job.width, errors);
  }
  /// Stores a block of an array, whose blocks all have this size.
  void put(const char* name, std::vector<double>& array, std::size_t block, const std::vector<double>& values) {
    std::ranges::copy(values, array.begin() + static_cast<std::ptrdiff_t>(block * values.size()));
    file_.put(name, block * values.size(), values);
    file_.flush(std::vector<std::string>{name});
  }

  void fail(const std::exception_ptr& why) {
    const std::lock_guard lock(mutex_);
    if (!result.failure) result.failure = why;
    stop_ = true;
  }
  [[nodiscard]] double share() const {
    double done = 0;
    double all = 0;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      done += progress_[i] * jobs_[i].size();
      all += jobs_[i].size();
    }
    return done / all;
  }

  const UniversalityPlan& plan_;
  ResultFile& file_;
  std::vector<ApproximationTarget> targets_;
  std::vector<std::uint64_t> evaluated_;
  std::vector<Job> jobs_;
  std::vector<std::atomic<double>> progress_;  ///< of each job
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
};

/// The smallest number; infinite for none.
double least(std::span<const double> values) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const double value : values) smallest = std::min(smallest, value);
  return smallest;
}

}  // namespace

std::vector<ApproximationTarget> approximation_targets() {
  return {{"sine", curve([](double x) { return 0.5 + 0.4 * std::sin(2 * std::numbers::pi * x); }), 0.02},
          {"step", curve([](double x) { return x < 0 ? 0.1 : 0.9; }), 0.02},
          {"franke", surface(franke), 0.05}};
}

std::vector<std::uint64_t> UniversalityPlan::evaluated() const {
  constexpr std::size_t most = 100;
  const std::size_t count = std::min(most, epochs);
  std::vector<std::uint64_t> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = epochs * (i + 1) / count;
  return all;
}

UniversalityResult test_universality(const UniversalityPlan& plan, const Progress& progress, ResultFile& file) {
  const auto begin = std::chrono::steady_clock::now();
  Study study(plan, file);
  study.run(progress);
  UniversalityResult& result = study.result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  try {
    file.end_appending();
    write_summary(file, result.calibration[UniversalityPlan::linear_output], result.pulses);
  } catch (...) {
    if (!result.failure) result.failure = std::current_exception();
  }
  file.conclude(result.failure);
  return std::move(result);
}

namespace {
/// The errors of all realizations after the last epoch.
std::span<const double> final_errors(const UniversalityPlan& plan, const UniversalityResult& result, std::size_t target,
                                     std::size_t activation, std::size_t output, std::size_t width) {
  const std::size_t block = ((target * activations + activation) * outputs + output) * plan.hidden.size() + width;
  return std::span(result.final_error).subspan(block * plan.realizations, plan.realizations);
}
std::span<const double> deep_errors(const UniversalityPlan& plan, const UniversalityResult& result, std::size_t target,
                                    std::size_t output) {
  return std::span(result.deep_error).subspan((target * outputs + output) * plan.realizations, plan.realizations);
}
double median_of(std::span<const double> values) { return median({values.begin(), values.end()}); }
}  // namespace

std::string describe(const UniversalityPlan& plan, const UniversalityResult& result) {
  std::string text;
  for (std::size_t o = 0; o < outputs; ++o)
    text += fmt::format("{} output nodes, {}", name_of(UniversalityPlan::outputs[o]), describe(result.calibration[o]));
  text += fmt::format("median E after the last epoch\n  {:<8}{:<11}{:<8}", "target", "hidden", "output");
  for (const std::size_t width : plan.hidden) text += fmt::format("{:>9}", width);
  text += fmt::format("{:>9}{:>11}{:>9}\n", "floor", fmt::format("{}", fmt::join(plan.deep, "+")), "floor");
  const auto targets = approximation_targets();
  for (std::size_t t = 0; t < targets.size(); ++t)
    for (std::size_t a = 0; a < activations; ++a)
      for (std::size_t o = 0; o < outputs; ++o) {
        text += fmt::format("  {:<8}{:<11}{:<8}", targets[t].name, name_of(UniversalityPlan::activations[a]),
                            name_of(UniversalityPlan::outputs[o]));
        for (std::size_t h = 0; h < plan.hidden.size(); ++h)
          text += fmt::format("{:>9.4g}", median_of(final_errors(plan, result, t, a, o, h)));
        if (UniversalityPlan::activations[a] == NodeActivation::square)
          text += fmt::format("{:>9.4g}{:>11.4g}{:>9.4g}", result.floor[(t * activations + a) * outputs + o],
                              median_of(deep_errors(plan, result, t, o)), result.deep_floor[t * outputs + o]);
        text += '\n';
      }
  return text;
}

std::vector<Claim> claims(const UniversalityPlan& plan, const UniversalityResult& result) {
  std::vector<Claim> all;
  const auto targets = approximation_targets();
  const std::size_t widths = plan.hidden.size();
  const auto below = [&](const std::string& statement, double limit, double measured) {
    all.push_back({statement, fmt::format("< {}", limit), measured, measured < limit});
  };
  const auto above = [&](const std::string& statement, double measured) {
    constexpr double rounding = 1e-9;
    all.push_back({statement, ">= 1", measured, measured >= 1 - rounding});
  };
  constexpr std::size_t square = 0, rectified = 1, linear = UniversalityPlan::linear_output;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const std::string& name = targets[t].name;
    const double* floor = &result.floor[(t * activations + square) * outputs];
    const std::size_t of_target = activations * widths * plan.realizations * plan.evaluated().size();
    const auto history = std::span(result.total_error).subspan(t * of_target, of_target / activations);
    const std::size_t canonical = (t * activations + square) * outputs + square;
    above(fmt::format("{}, square nodes, linear output: least E over the floor", name), least(history) / floor[linear]);
    above(
        fmt::format("{}, square nodes and output: least E over the floor", name),
        least(
            std::span(result.final_error).subspan(canonical * widths * plan.realizations, widths * plan.realizations)) /
            floor[square]);
    if (plan.epochs < UniversalityPlan{}.epochs) continue;
    const double lower = least({floor, outputs});
    below(fmt::format("{}, {} rectified nodes: median E over the lower floor", name, plan.hidden.back()),
          name == "sine" ? 0.1 : 0.5, median_of(final_errors(plan, result, t, rectified, linear, widths - 1)) / lower);
    below(fmt::format("{}, rectified: median E of {} nodes over that of {}", name, plan.hidden.back(), plan.hidden[0]),
          0.5,
          median_of(final_errors(plan, result, t, rectified, linear, widths - 1)) /
              median_of(final_errors(plan, result, t, rectified, linear, 0)));
    const auto deep = deep_errors(plan, result, t, linear);
    below(fmt::format("{}, two layers of square nodes: median E over the floor of one", name), 1,
          median_of(deep) / floor[linear]);
    above(fmt::format("{}, two layers of square nodes: least E over their own floor", name),
          least(deep) / result.deep_floor[t * outputs + linear]);
  }
  return all;
}

}  // namespace memdyn
