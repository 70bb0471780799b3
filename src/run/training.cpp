// SPDX-License-Identifier: MIT
#include "memdyn/run/training.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <map>
#include <mutex>
#include <numeric>

#include "core/long_vectors.hpp"
#include "learn/learner.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "record/checkpoint.hpp"
#include "run/drawn_devices.hpp"
#include "run/epoch_records.hpp"
#include "run/estimate.hpp"
#include "run/regression.hpp"
#include "run/threads.hpp"
#include "run/training_recorder.hpp"

namespace memdyn {
namespace {

/// Initial weights and biases from Glorot's uniform distribution, U(-1, 1) sqrt(6 / (n_in + n_out)), layer by layer.
std::vector<double> initial_weights(const std::vector<std::size_t>& layers, RandomStream random) {
  std::vector<double> weights;
  for (std::size_t l = 1; l < layers.size(); ++l) {
    const double range = std::sqrt(6.0 / static_cast<double>(layers[l - 1] + layers[l]));
    for (std::size_t i = 0; i < (layers[l - 1] + 1) * layers[l]; ++i) weights.push_back(random.uniform(-range, range));
  }
  return weights;
}

struct Rows {
  Dataset learnt, held_out;
  Scaling inputs{}, targets{};  ///< scalings that were applied
};
Rows rows_of(const LearningTask& task, std::uint64_t seed, std::uint64_t realization) {
  if (task.draw > 0) {
    RandomStream random(seed, realization, Purpose::samples);
    return {draw(task.table, task.draw, random), {}};
  }
  std::vector<std::size_t> order(task.table.rows());
  std::iota(order.begin(), order.end(), 0);
  RandomStream random(seed, realization, Purpose::split);
  random.shuffle(order);
  const auto kept =
      order.size() - static_cast<std::size_t>(std::round(task.held_out * static_cast<double>(order.size())));
  Rows rows{task.table.select(std::span(order).first(kept)), task.table.select(std::span(order).subspan(kept))};
  if (task.standardize) rows.inputs = Scaling(rows.learnt.inputs, task.table.n_in);
  if (task.standardize_targets) rows.targets = Scaling(rows.learnt.targets, task.table.n_out);
  for (Dataset* part : {&rows.learnt, &rows.held_out}) {
    rows.inputs.apply(part->inputs);
    rows.targets.apply(part->targets);
  }
  return rows;
}

/// What a training leaves if it is killed. Once a second the workers hand in the states of their realizations after
/// their last epoch, and the thread that shows the progress writes them. The errors of epochs go to their place in the
/// file, since they do not change any more; the rest goes in turn to one of two slots. The number of the slot is
/// written last, so that the slot which it names is whole. restore_training() reads this.
class Checkpoints {
 public:
  /// @param numbers of the state of a realization (Learner::state_count)
  Checkpoints(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result, std::size_t numbers)
      : file_(file),
        result_(result),
        numbers_(numbers),
        epochs_(plan.tasks.size() * plan.realizations, -1.0),
        saved_(epochs_.size(), -1.0),
        weights_(filled(epochs_.size() * result.weights, std::nan(""))),
        accuracy_(epochs_.size(), std::nan("")),
        states_(filled(epochs_.size() * numbers, std::nan(""))),
        most_epochs_(plan.epochs) {
    using Kind = ResultFile::Kind;
    using checkpoint::in_slot;
    file.checkpoint_array(std::string(checkpoint::mark), Kind::code, {1}, checkpoint::no_slot);
    for (std::size_t slot = 0; slot < checkpoint::slots; ++slot) {
      const std::size_t tasks = plan.tasks.size();
      file.checkpoint_array(in_slot(slot, "epochs"), Kind::integer, {tasks, plan.realizations}, -1);
      file.checkpoint_array(in_slot(slot, "accuracy"), Kind::real, {tasks, plan.realizations}, std::nan(""));
      file.checkpoint_array(in_slot(slot, "weight"), Kind::real, {tasks, plan.realizations, result.weights},
                            std::nan(""));
      file.checkpoint_array(in_slot(slot, "state"), Kind::real, {tasks, plan.realizations, numbers}, std::nan(""));
    }
  }

  /// Takes over the last whole checkpoint of an earlier run. @returns whether there is one @throws IoError
  bool resume(const ResultReader& left) {
    const double slot = left.numbers(checkpoint::path(checkpoint::mark), {1}).front();
    if (!(slot >= 0 && slot < checkpoint::slots)) return false;
    const auto take = [&](const char* name, std::vector<double>& into) {
      auto values = left.stream(in_slot(static_cast<std::size_t>(slot), name));
      if (values.size() != into.size())
        throw IoError(left.name() + ": the saved " + name + " has another size than in this training");
      into = values.next(into.size());
    };
    take("epochs", epochs_);
    take("accuracy", accuracy_);
    take("weight", weights_);
    take("state", states_);
    for (const double epochs : epochs_)
      if (!(epochs >= -1 && epochs <= static_cast<double>(most_epochs_)))
        throw IoError(left.name() + ": the saved numbers of epochs are damaged");
    changed_ = true;
    return true;
  }
  /// Finished epochs of each run; -1 if it has not begun.
  [[nodiscard]] const std::vector<double>& epochs() const { return epochs_; }
  /// The state of a run after these epochs.
  [[nodiscard]] const double* state(std::size_t run) const { return &states_[run * numbers_]; }

  /// The number of times that the workers had to hand in their states.
  [[nodiscard]] std::uint64_t turn() const { return turn_.load(std::memory_order_relaxed); }
  /// Takes one realization after some epochs. @param weights its weights, `stride` apart
  /// @param state its state when the last epoch ended
  void hand_in(std::size_t run, std::size_t epochs, const double* weights, std::size_t stride,
               std::span<const double> state) {
    const std::lock_guard lock(mutex_);
    epochs_[run] = static_cast<double>(epochs);
    accuracy_[run] = result_.accuracy[run];
    for (std::size_t i = 0; i < result_.weights; ++i) weights_[run * result_.weights + i] = weights[i * stride];
    std::ranges::copy(state, states_.begin() + static_cast<std::ptrdiff_t>(run * numbers_));
    changed_ = true;
  }
  /// Writes a checkpoint once a second, or less often if one takes long.
  void keep_up() {
    constexpr std::chrono::seconds period{1};
    constexpr int most_share = 20;  // of the time is spent with checkpoints
    const auto begin = std::chrono::steady_clock::now();
    if (begin < next_) return;
    save();
    const auto end = std::chrono::steady_clock::now();
    next_ = end + std::max<std::chrono::steady_clock::duration>(period, most_share * (end - begin));
    ++turn_;
  }

  /// Writes what was handed in. @throws IoError
  void save() {
    const std::lock_guard lock(mutex_);
    if (!changed_) return;
    for (std::size_t run = 0; run < epochs_.size(); ++run) {
      if (saved_[run] == epochs_[run]) continue;
      const auto weights = std::span(result_.weight_initial).subspan(run * result_.weights, result_.weights);
      if (saved_[run] < 0) file_.put("weight_initial", run * result_.weights, weights);
      const auto from = static_cast<std::size_t>(std::max(0.0, saved_[run]));
      const auto count = static_cast<std::size_t>(epochs_[run]) - from;
      const std::size_t first = run * most_epochs_ + from;
      file_.put("total_error", first, std::span(result_.total_error).subspan(first, count));
      for (const EpochRecord& record : result_.records)
        file_.put(record.name, first * record.width,
                  std::span(record.values).subspan(first * record.width, count * record.width));
      saved_[run] = epochs_[run];
    }
    std::vector<std::string> names{"total_error", "weight_initial"};
    for (const EpochRecord& record : result_.records) names.push_back(record.name);
    for (const auto& [name, values] : std::initializer_list<std::pair<const char*, const std::vector<double>&>>{
             {"epochs", epochs_}, {"accuracy", accuracy_}, {"weight", weights_}, {"state", states_}}) {
      names.push_back(in_slot(slot_, name));
      file_.put(names.back(), 0, values);
    }
    file_.flush(names);
    const std::vector<std::string> mark{checkpoint::path(checkpoint::mark)};
    file_.put(mark[0], 0, std::vector{static_cast<double>(slot_)});
    file_.flush(mark);
    slot_ = (slot_ + 1) % checkpoint::slots;
    changed_ = false;
  }

 private:
  static std::string in_slot(std::size_t slot, const char* name) {
    return checkpoint::path(checkpoint::in_slot(slot, name));
  }

  ResultFile& file_;
  const TrainingResult& result_;
  std::size_t numbers_;
  std::mutex mutex_;
  std::vector<double> epochs_, saved_;  ///< finished epochs of each run, -1 if it has not begun; those in the file
  std::vector<double> weights_, accuracy_, states_;  ///< after these epochs
  std::size_t most_epochs_;
  std::size_t slot_ = 0;
  bool changed_ = false;
  std::atomic<std::uint64_t> turn_ = 0;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

/// Creates the coordinates and the arrays of results; their elements are NaN until they are written.
void create_arrays(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result) {
  create_training_axes(file, plan);
  file.axis("weight", numbered<std::int64_t>(result.weights, 0),
            {"1", "weight, layer by layer, biases after connections"});
  const auto open = [&](const char* name, const std::vector<std::string>& axes, const char* long_name) {
    file.open_array(name, ResultFile::Kind::real, axes, {"1", long_name}, std::nan(""));
  };
  open("total_error", {"gate", "realization", "epoch"}, "total error of an epoch");
  open("weight_initial", {"gate", "realization", "weight"}, "initial weight");
  open("weight_final", {"gate", "realization", "weight"}, "final weight");
  open("accuracy", {"gate", "realization"}, "fraction of held-out rows classified correctly");
  if (const auto& classes = plan.tasks[0].table.classes; !classes.empty())
    file.axis("class", classes, {"1", "class of each output"});
  DrawnDevices(plan).write(file);
  create_epoch_records(file, result, variable_names(plan.network), variable_unit(plan.network));
  const Quantity quantity =
      plan.network.kind == NetworkKind::crossbar ? plan.network.crossbar.quantity : Quantity::current;
  file.attribute("drive_quantity", std::string(name_of(quantity)));
  if (plan.tasks[0].regression) create_regression(file, plan);
  create_summary(file, plan);
}

/// Realizations of one task that are trained in lockstep, one per lane, after the same number of epochs that an earlier
/// run has finished.
struct Group {
  std::size_t task;
  std::vector<std::size_t> realizations;
  std::size_t epochs = 0;
};

class TrainingRun {
 public:
  TrainingRun(const TrainingPlan& plan, ResultFile* file, std::size_t threads) : plan_(plan), devices_(plan) {
    const std::size_t runs = plan.tasks.size() * plan.realizations;
    const auto example = learner({0, {0}});
    result.weights = example->weight_count();
    result.kappa = example->kappa();
    const double none = std::nan("");
    result.total_error = filled(runs * plan.epochs, none);
    result.weight_initial = filled(runs * result.weights, none);
    result.weight_final = filled(runs * result.weights, none);
    result.accuracy.assign(runs, none);
    result.fixed_error.assign(runs * plan.evaluate_epochs.size(), none);
    result.records = epoch_records(plan, variable_names(plan.network).size());
    if (std::ranges::any_of(plan.tasks, &LearningTask::regression)) prepare_regression();

    if (file != nullptr) create_file(*file, example->state_count());
    for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
      std::map<std::size_t, std::vector<std::size_t>> others;  // by the epochs that they have finished
      for (std::size_t r = 0; r < plan.realizations; ++r) {
        const Group alone{task, {r}, finished(task * plan.realizations + r)};
        if (file != nullptr && std::ranges::count(plan.record_realizations, r) > 0) {
          recorded.push_back(alone);
        } else {
          others[alone.epochs].push_back(r);
        }
        epochs_done_ += alone.epochs;
      }
      for (const auto& [epochs, realizations] : others) divide({task, realizations, epochs}, threads);
    }
    // realization after realization, as their rows are in the file
    std::ranges::stable_sort(recorded, {}, [](const Group& group) { return group.realizations.front(); });
    result.resumed = static_cast<double>(epochs_done_);
  }

  /// @param recorder of the epochs that are recorded, if the group is one of those
  void learn(const Group& group, TrajectoryRecorder* recorder = nullptr) {
    const auto learner = this->learner(group);
    const std::size_t lanes = learner->lanes();
    struct Lane {
      std::vector<std::size_t> order;
      RandomStream random;
    };
    std::vector<Lane> all;
    std::vector<Rows> data;  // of each lane
    std::vector<double> weights(result.weights * lanes);
    for (std::size_t l = 0; l < lanes; ++l) {  // unused lanes repeat the last realization
      const std::size_t realization = group.realizations[std::min(l, group.realizations.size() - 1)];
      data.push_back(rows_of(plan_.tasks[group.task], plan_.seed, realization));
      auto& lane = all.emplace_back(Lane{{}, RandomStream(plan_.seed, realization, Purpose::order)});
      lane.order.resize(data[l].learnt.rows());
      std::iota(lane.order.begin(), lane.order.end(), 0);
      for (std::size_t epoch = 0; epoch < group.epochs; ++epoch) {
        stop_if_interrupted();
        lane.random.shuffle(lane.order);
      }
      auto initial = initial_weights(plan_.network.sizes(), {plan_.seed, realization, Purpose::initial_weights});
      initial[0] *= 1 + plan_.nudge;
      name(*learner, l, realization);
      for (std::size_t i = 0; i < initial.size(); ++i) weights[i * lanes + l] = initial[i];
    }
    learner->set_weights(weights.data());
    const auto keep = [&](std::vector<double>& into) {
      learner->get_weights(weights.data());
      for (std::size_t l = 0; l < group.realizations.size(); ++l)
        for (std::size_t i = 0; i < result.weights; ++i)
          into[run(group, l) * result.weights + i] = weights[i * lanes + l];
    };
    keep(result.weight_initial);
    for (std::size_t l = 0; group.epochs > 0 && l < lanes; ++l)
      learner->set_state(l, checkpoints->state(run(group, std::min(l, group.realizations.size() - 1))));

    const std::size_t rows = all[0].order.size();
    const std::size_t n_in = plan_.tasks[group.task].table.n_in;
    const std::size_t n_out = plan_.tasks[group.task].table.n_out;
    std::vector<double> inputs(rows * n_in * lanes), targets(rows * n_out * lanes),
        errors = filled(plan_.epochs * lanes, 0.0);
    const auto keep_errors = [&](std::size_t epoch) {
      for (std::size_t l = 0; l < group.realizations.size(); ++l)
        result.total_error[run(group, l) * plan_.epochs + epoch] = errors[epoch * lanes + l];
    };
    std::uint64_t turn = 0;
    // it reads for accuracies and errors, so that no read of them counts, or disturbs the training
    const auto judge = are_read(plan_) ? this->learner(group) : nullptr;
    for (std::size_t l = 0; judge && l < lanes; ++l)
      name(*judge, l, group.realizations[std::min(l, group.realizations.size() - 1)]);
    std::vector<double> states(group.realizations.size() * learner->state_count());
    const auto state_of = [&](std::size_t l) {
      const std::size_t numbers = learner->state_count();
      return std::span(states).subspan(l * numbers, numbers);
    };
    const auto keep_states = [&] {
      for (std::size_t l = 0; l < group.realizations.size(); ++l) learner->get_state(l, state_of(l).data());
    };
    const auto hand_in = [&](std::size_t epochs) {
      turn = checkpoints->turn();
      if (recorder != nullptr) recorder->flush();  // the checkpoint declares these rows valid
      learner->get_weights(weights.data());
      for (std::size_t l = 0; l < group.realizations.size(); ++l)
        checkpoints->hand_in(run(group, l), epochs, &weights[l], lanes, state_of(l));
    };
    for (std::size_t epoch = group.epochs; epoch < plan_.epochs; ++epoch) {
      if (checkpoints && epoch > group.epochs && (stop_ || turn != checkpoints->turn())) {
        keep_states();
        hand_in(epoch);
      }
      if (stop_) return;
      if (recorder != nullptr) recorder->keep_up();
      const bool tapped = recorder != nullptr && std::ranges::binary_search(plan_.record_epochs, epoch + 1);
      if (tapped) {
        recorder->at(group.task, group.realizations[0], epoch + 1);
        learner->record_to(recorder, 0);
      }
      for (std::size_t l = 0; l < lanes; ++l) {
        stop_if_interrupted();
        Lane& lane = all[l];
        lane.random.shuffle(lane.order);
        double* input = inputs.data() + l;
        double* target = targets.data() + l;
        for (const std::size_t row : lane.order) {
          const double* from = &data[l].learnt.inputs[row * n_in];
          for (std::size_t i = 0; i < n_in; ++i, input += lanes) *input = from[i];
          from = &data[l].learnt.targets[row * n_out];
          for (std::size_t i = 0; i < n_out; ++i, target += lanes) *target = from[i];
        }
      }
      learner->learn(inputs.data(), targets.data(), rows, &errors[epoch * lanes]);
      keep_errors(epoch);
      if (tapped) learner->record_to(nullptr, 0);
      const auto fixed = std::ranges::find(plan_.evaluate_epochs, epoch + 1);
      const bool is_fixed = fixed != plan_.evaluate_epochs.end();
      if (is_fixed || !result.records.empty()) keep_states();
      if (is_fixed) {
        take_states(*judge, states, data.size());
        keep_fixed_error(group, *judge, data, static_cast<std::size_t>(fixed - plan_.evaluate_epochs.begin()));
      }
      if (!result.records.empty()) {
        learner->get_weights(weights.data());
        keep_records(group, epoch, weights, states, judge.get(), data);
      }
      epochs_done_.fetch_add(group.realizations.size(), std::memory_order_relaxed);
    }
    keep_states();
    keep(result.weight_final);
    if (judge) {
      take_states(*judge, states, data.size());
      if (plan_.tasks[group.task].regression) {
        judge_regression(group, *judge, data);
      } else {
        judge_classes(group, *judge, data);
      }
    }
    if (checkpoints) hand_in(plan_.epochs);
    const std::lock_guard lock(mutex_);
    result.calibration.merge(learner->calibration(group.realizations.size()));
    for (std::size_t l = 0; l < group.realizations.size(); ++l) {
      result.pulses += learner->pulses(l);
      result.updates += learner->updates(l);
    }
  }

  [[nodiscard]] double share() const {
    return static_cast<double>(epochs_done_) /
           static_cast<double>(plan_.tasks.size() * plan_.realizations * plan_.epochs);
  }
  void stop() { stop_ = true; }
  [[nodiscard]] bool stopped() const { return stop_; }

  TrainingResult result;
  std::vector<Group> recorded, groups;
  std::optional<TrajectoryRecorder> recorder;
  std::optional<Checkpoints> checkpoints;

 private:
  void create_file(ResultFile& file, std::size_t numbers) {
    file.attribute("instruction_set", std::string(name_of(plan_.set)));
    file.attribute("provenance/threads", static_cast<double>(threads_or_cores(plan_.threads)));
    const auto left = file.left();
    create_arrays(file, plan_, result);
    const auto realized = [&](std::size_t realization) { return realization < plan_.realizations; };
    const auto reached = [&](std::size_t epoch) { return epoch <= plan_.epochs; };
    if (std::ranges::any_of(plan_.record_realizations, realized) && std::ranges::any_of(plan_.record_epochs, reached))
      recorder.emplace(file, plan_);
    checkpoints.emplace(file, plan_, result, numbers);
    file.begin_appending();
    if (left) resume(*left);
    file.take_over();
  }
  /// Takes over what an earlier run has saved.
  void resume(const ResultReader& left) {
    if (!left.has(checkpoint::group) || !checkpoints->resume(left)) return;
    auto errors = left.stream("total_error");
    auto initial = left.stream("weight_initial");
    if (errors.size() != result.total_error.size() || initial.size() != result.weight_initial.size())
      throw IoError(left.name() + ": total_error or weight_initial has another size than in this training");
    result.weight_initial = initial.next(result.weight_initial.size());
    const auto saved = errors.next(result.total_error.size());
    for (std::size_t run = 0; run < checkpoints->epochs().size(); ++run)
      std::copy_n(&saved[run * plan_.epochs], finished(run), &result.total_error[run * plan_.epochs]);
    resume_epoch_records(left, result);
    if (recorder) recorder->resume(left, checkpoints->epochs());
    checkpoints->save();
  }
  /// The epochs of a run that an earlier run has finished.
  [[nodiscard]] std::size_t finished(std::size_t run) const {
    return checkpoints ? static_cast<std::size_t>(std::max(0.0, checkpoints->epochs()[run])) : 0;
  }
  /// Adds groups of realizations. Large ones share the overhead beside the arithmetic: these are the fewest that divide
  /// evenly among the threads.
  void divide(const Group& all, std::size_t threads) {
    const auto& one = all.realizations;
    const std::size_t lanes = lane_count(plan_.set, plan_.network, hold(plan_));
    const std::size_t packs = (one.size() + lanes - 1) / lanes;
    const std::size_t parts = std::max(threads / std::gcd(threads, plan_.tasks.size()),
                                       (packs + most_packs_of_group - 1) / most_packs_of_group);
    const auto bound = [&](std::size_t p) {
      return one.begin() + static_cast<std::ptrdiff_t>(std::min(one.size(), packs * p / parts * lanes));
    };
    for (std::size_t part = 0; part < parts; ++part)
      if (bound(part) < bound(part + 1)) groups.push_back({all.task, {bound(part), bound(part + 1)}, all.epochs});
  }
  void prepare_regression() {
    const LearningTask& task = plan_.tasks[0];
    if (plan_.tasks.size() > 1)
      throw InputError("", "tasks", fmt::format("{}", plan_.tasks.size()), "must be one task, which is a regression");
    const std::size_t values = plan_.realizations * task.table.n_out;
    if (plan_.grid > 0) grid_ = grid_rows(grid_axes(task.table, plan_.grid));
    result.regression.rms_training.assign(values, std::nan(""));
    result.regression.rms_held_out.assign(values, std::nan(""));
    result.regression.prediction.assign(values * grid_.size() / task.table.n_in, std::nan(""));
  }

  /// The outputs of all lanes for rows of inputs of each lane.
  template <class Inputs>
  [[nodiscard]] std::vector<std::vector<double>> answers(Learner& learner, const std::vector<Rows>& data,
                                                         const Inputs& inputs_of) const {
    std::vector<std::vector<double>> inputs;
    for (const Rows& rows : data) inputs.push_back(inputs_of(rows));
    const Dataset& table = plan_.tasks[0].table;
    return outputs_of(learner, inputs, table.n_in, table.n_out);
  }
  static const std::vector<double>& learnt_inputs(const Rows& rows) { return rows.learnt.inputs; }
  static const std::vector<double>& held_out_inputs(const Rows& rows) { return rows.held_out.inputs; }

  /// @param states of each realization; lanes that are not used repeat the last
  static void take_states(Learner& judge, const std::vector<double>& states, std::size_t lanes) {
    const std::size_t numbers = judge.state_count();
    for (std::size_t l = 0; l < lanes; ++l) judge.set_state(l, &states[std::min(l * numbers, states.size() - numbers)]);
  }

  /// @param at which of `evaluate_epochs`
  void keep_fixed_error(const Group& group, Learner& learner, const std::vector<Rows>& data, std::size_t at) {
    const auto outputs = answers(learner, data, learnt_inputs);
    for (std::size_t l = 0; l < group.realizations.size(); ++l)
      result.fixed_error[run(group, l) * plan_.evaluate_epochs.size() + at] =
          total_error_of(outputs[l], data[l].learnt.targets);
  }

  /// Keeps what is recorded after an epoch, from 0.
  /// @param weights weight x lane
  /// @param states of each realization; they begin with the internal variables, in the order of the weights
  /// @param judge a learner of its own, if accuracies are recorded
  void keep_records(const Group& group, std::size_t epoch, const std::vector<double>& weights,
                    const std::vector<double>& states, Learner* judge, const std::vector<Rows>& data) {
    const std::size_t lanes = data.size();
    const std::size_t numbers = states.size() / group.realizations.size();
    std::vector<std::vector<double>> learnt, held_out;  // outputs of each lane
    if (plan_.record_accuracy) {
      take_states(*judge, states, lanes);
      learnt = answers(*judge, data, learnt_inputs);
      if (data[0].held_out.rows() > 0) held_out = answers(*judge, data, held_out_inputs);
    }
    for (EpochRecord& record : result.records)
      for (std::size_t l = 0; l < group.realizations.size(); ++l) {
        const auto to = place(record, run(group, l), plan_.epochs, epoch);
        if (record.name == "weights") {
          // the learning rate of a single layer is a variable, but no weight
          for (std::size_t i = 0; i < to.size(); ++i)
            to[i] = i < result.weights ? weights[i * lanes + l] : states[l * numbers + i];
        } else if (record.name == "gamma") {
          std::copy_n(&states[l * numbers], to.size(), to.begin());
        } else if (record.name == "accuracy_training") {
          to[0] = accuracy_of(learnt[l], data[l].learnt);
        } else if (!held_out.empty()) {
          to[0] = accuracy_of(held_out[l], data[l].held_out);
        }
      }
  }

  void judge_classes(const Group& group, Learner& learner, const std::vector<Rows>& data) {
    if (data[0].held_out.rows() == 0) return;
    const auto outputs = answers(learner, data, held_out_inputs);
    for (std::size_t l = 0; l < group.realizations.size(); ++l)
      result.accuracy[run(group, l)] = accuracy_of(outputs[l], data[l].held_out);
  }

  void judge_regression(const Group& group, Learner& learner, const std::vector<Rows>& data) {
    const std::size_t n_in = plan_.tasks[0].table.n_in;
    const std::size_t n_out = plan_.tasks[0].table.n_out;
    const auto keep_rms = [&](const auto& inputs_of, Dataset Rows::* part, std::vector<double>& into) {
      if ((data[0].*part).rows() == 0) return;
      const auto outputs = answers(learner, data, inputs_of);
      for (std::size_t l = 0; l < group.realizations.size(); ++l) {
        const auto rms = rms_of(outputs[l], (data[l].*part).targets, n_out, data[l].targets);
        std::ranges::copy(rms, &into[run(group, l) * n_out]);
      }
    };
    keep_rms(learnt_inputs, &Rows::learnt, result.regression.rms_training);
    keep_rms(held_out_inputs, &Rows::held_out, result.regression.rms_held_out);
    if (grid_.empty()) return;
    const auto outputs = answers(learner, data, [&](const Rows& rows) {
      auto inputs = grid_;
      rows.inputs.apply(inputs);
      return inputs;
    });
    const std::size_t points = grid_.size() / n_in;
    for (std::size_t l = 0; l < group.realizations.size(); ++l)
      for (std::size_t i = 0; i < points * n_out; ++i)
        result.regression.prediction[(run(group, l) * n_out + i % n_out) * points + i / n_out] =
            data[l].targets.original(outputs[l][i], i % n_out);
  }

  /// Gives a lane of a learner the devices and the random numbers of a realization.
  void name(Learner& learner, std::size_t lane, std::size_t realization) const {
    learner.set_realization(lane, plan_.seed, realization);
    devices_.give(learner, lane, realization);
  }
  [[nodiscard]] std::unique_ptr<Learner> learner(const Group& group) const {
    const std::size_t lanes = lane_count(plan_.set, plan_.network, hold(plan_));
    return make_learner(plan_.set, plan_.network, plan_.tasks[group.task].learning_rate, plan_.options, plan_.twin,
                        hold(plan_), (group.realizations.size() + lanes - 1) / lanes);
  }
  [[nodiscard]] std::size_t run(const Group& group, std::size_t lane) const {
    return group.task * plan_.realizations + group.realizations[lane];
  }

  const TrainingPlan& plan_;
  DrawnDevices devices_;
  std::vector<double> grid_;  ///< regression: points at which the trained networks are evaluated, point x input
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> epochs_done_ = 0;
  std::mutex mutex_;
};

/// Saves what the workers have handed in. An error must not hide the one that stopped them; if nothing did, the next
/// write reports it.
void save_rest(Checkpoints& checkpoints) noexcept {
  try {
    checkpoints.save();
  } catch (const Error&) {
    return;
  }
}

}  // namespace

void require_trainable(const TrainingPlan& plan, const std::filesystem::path& part) {
  require_room(need_of(plan, threads_or_cores(plan.threads)), plan.sizes, part);
  (void)make_learner(plan.set, plan.network, plan.tasks.front().learning_rate, plan.options, plan.twin, hold(plan), 1);
  DrawnDevices(plan).check();
}

TrainingResult train(const TrainingPlan& plan, const Progress& progress, ResultFile* file) {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t wanted = threads_or_cores(plan.threads);
  std::optional<TrainingRun> begun;
  try {
    require_trainable(plan, file != nullptr ? file->place() : "");
    begun.emplace(plan, file, wanted);
  } catch (...) {
    if (file != nullptr) file->conclude(std::current_exception());
    throw;
  }
  TrainingRun& run = *begun;
  std::exception_ptr failure;
  std::mutex failing;
  const auto fail = [&](const std::exception_ptr& why) {
    const std::lock_guard lock(failing);
    if (!failure) failure = why;
    run.stop();
  };
  const auto report = [&] {
    if (run.checkpoints && !run.stopped()) run.checkpoints->keep_up();
    progress(run.share());
  };
  if (!run.recorded.empty()) {  // in one thread, so that the rows are in order
    in_threads(
        1,
        [&] {
          for (const Group& group : run.recorded) run.learn(group, run.recorder ? &*run.recorder : nullptr);
          if (run.recorder) run.recorder->flush();
        },
        report, fail);
  }
  std::atomic<std::size_t> next = 0;
  in_threads(
      std::min(wanted, run.groups.size()),
      [&] {
        for (std::size_t i = next++; i < run.groups.size() && !run.stopped(); i = next++) run.learn(run.groups[i]);
      },
      report, fail);
  if (run.checkpoints) save_rest(*run.checkpoints);
  run.result.failure = failure;
  run.result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::move(run.result);
}

namespace {
/// The calibration of the devices of one kind, as one line.
std::string describe(const KindCalibration& c) {
  const char* unit = unit_of(c.quantity);
  std::string line = fmt::format("  {}: largest read {:.3g} {}, ", c.kind, c.largest_read, unit);
  line += std::isfinite(c.lowest_threshold)
              ? fmt::format("lowest threshold {:.3g} {}, margin {:.3g} {}", c.lowest_threshold, unit, c.margin(), unit)
              : "threshold depends on the state";
  line += fmt::format("; largest update {:.3g} {}", c.largest_update, unit);
  if (std::isfinite(c.update_limit)) line += fmt::format(", limit {:.3g} {}", c.update_limit, unit);
  if (c.leaves_residual)
    line += fmt::format("; residual of an update at most {:.1e}, {:.1e} (rms)", c.largest_update_residual,
                        c.rms_update_residual);
  if (c.moves_others)
    line += fmt::format("; an update moves a resting weight by at most {:.1e}, {:.1e} (rms)", c.largest_rest_move,
                        c.rms_rest_move);
  if (c.restored) line += fmt::format("; largest residual of a restore {:.1e}", c.largest_residual);
  line += fmt::format("; read disturbs {}, lost updates {}, pinned weights {}", c.read_disturbs, c.lost_updates,
                      c.pinned_weights);
  if (c.unverified_writes > 0) line += fmt::format(", unverified writes {}", c.unverified_writes);
  if (c.restored) line += fmt::format(", imperfect restores {}, idle drives {}", c.imperfect_restores, c.idle_drives);
  return line + (c.clean() ? "\n" : "  <- WARNING\n");
}
}  // namespace

std::string describe(const Calibration& calibration) {
  if (calibration.kinds.empty()) return "calibration: no realization was finished\n";
  std::string text = "calibration:\n";
  for (const auto& kind : calibration.kinds) text += describe(kind);
  return text + fmt::format("  thresholds respected: {}\n", calibration.thresholds_respected() ? "yes" : "no");
}

namespace {
/// The numbers of the calibration report, by the ends of their names in the file.
constexpr std::pair<const char*, double KindCalibration::*> reported_numbers[] = {
    {"largest_read", &KindCalibration::largest_read},
    {"lowest_threshold", &KindCalibration::lowest_threshold},
    {"largest_update", &KindCalibration::largest_update},
    {"update_limit", &KindCalibration::update_limit},
    {"read_disturbs", &KindCalibration::read_disturbs},
    {"lost_updates", &KindCalibration::lost_updates},
    {"pinned_weights", &KindCalibration::pinned_weights},
    {"unverified_writes", &KindCalibration::unverified_writes},
    {"imperfect_restores", &KindCalibration::imperfect_restores},
    {"idle_drives", &KindCalibration::idle_drives},
    {"largest_residual", &KindCalibration::largest_residual},
    {"largest_update_residual", &KindCalibration::largest_update_residual},
    {"rms_update_residual", &KindCalibration::rms_update_residual},
    {"largest_rest_move", &KindCalibration::largest_rest_move},
    {"rms_rest_move", &KindCalibration::rms_rest_move}};

/// Writes `value(kind, member)` for each number that is reported of each kind of device.
template <class Value>
void write_reported(ResultFile& file, const Calibration& calibration, const Value& value) {
  for (const KindCalibration& kind : calibration.kinds)
    for (const auto& [name, member] : reported_numbers)
      file.attribute(fmt::format("{}_{}", kind.kind, name), value(kind, member));
}
}  // namespace

void create_summary(ResultFile& file, const TrainingPlan& plan) {
  // the kinds of devices that a report will have are known to the controller
  const auto learner =
      make_learner(plan.set, plan.network, plan.tasks.front().learning_rate, plan.options, plan.twin, hold(plan), 1);
  write_reported(file, learner->calibration(0), [](const auto&, auto) { return missing; });
  file.attribute("thresholds_respected", std::string());
  file.attribute("pulses", missing);
}

void write_summary(ResultFile& file, const Calibration& calibration, double pulses) {
  write_reported(file, calibration, [](const KindCalibration& kind, auto member) { return kind.*member; });
  if (!calibration.kinds.empty())
    file.attribute("thresholds_respected", std::string(calibration.thresholds_respected() ? "yes" : "no"));
  file.attribute("pulses", pulses);
}

namespace {
void write_results(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result) {
  if (!file.has("gate")) create_arrays(file, plan, result);
  const auto put = [&](const char* name, std::span<const double> values) {
    if (result.failure) return file.put(name, 0, values);  // the user may have asked to stop: what there is, is saved
    in_blocks(values.size(),
              [&](std::size_t first, std::size_t last) { file.put(name, first, values.subspan(first, last - first)); });
  };
  put("total_error", result.total_error);
  put("weight_initial", result.weight_initial);
  put("weight_final", result.weight_final);
  put("accuracy", result.accuracy);
  for (const EpochRecord& record : result.records) put(record.name.c_str(), record.values);
  if (plan.tasks[0].regression) {
    put("rms_training", result.regression.rms_training);
    put("rms_held_out", result.regression.rms_held_out);
    if (plan.grid > 0) put("prediction", result.regression.prediction);
  }
  file.end_appending();
  write_summary(file, result.calibration, result.pulses);
}
}  // namespace

void write_training(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result) {
  try {
    if (file.writable()) write_results(file, plan, result);
  } catch (...) {
    file.conclude(result.failure ? result.failure : std::current_exception());
    if (!result.failure) throw;
    return;
  }
  file.conclude(result.failure);
}

}  // namespace memdyn
