// SPDX-License-Identifier: MIT
#include "memdyn/study/training.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "memdyn/learn/closed_form.hpp"
#include "memdyn/learn/multilayer.hpp"
#include "memdyn/learn/single_layer.hpp"
#include "memdyn/record/table.hpp"

namespace memdyn {
namespace {

std::vector<std::size_t> sizes(const Network& network) {
  return network.multilayer ? network.layers : std::vector<std::size_t>{network.window.moving() - 1, 1};
}
std::size_t weight_count(const Network& network) {
  const auto layers = sizes(network);
  std::size_t count = 0;
  for (std::size_t l = 1; l < layers.size(); ++l) count += (layers[l - 1] + 1) * layers[l];
  return count;
}

/// Glorot's uniform distribution, biases too: U(-1, 1) sqrt(6 / (n_in + n_out)), layer by layer.
std::vector<double> initial_weights(const std::vector<std::size_t>& layers, RandomStream random) {
  std::vector<double> weights;
  for (std::size_t l = 1; l < layers.size(); ++l) {
    const double range = std::sqrt(6.0 / static_cast<double>(layers[l - 1] + layers[l]));
    for (std::size_t i = 0; i < (layers[l - 1] + 1) * layers[l]; ++i) weights.push_back(random.uniform(-range, range));
  }
  return weights;
}

template <template <class> class Engine, class D>
Engine<D> engine(const D& device, const IntegrationOptions& options) {
  if constexpr (std::is_constructible_v<Engine<D>, D, IntegrationOptions>) {
    return Engine<D>(device, options);
  } else {
    return Engine<D>(device);
  }
}

/// Calls `use` with a fresh learner of the plan's kind.
template <template <class> class Engine, class Use>
void with_learner(const TrainingPlan& plan, const LearningTask& task, const Use& use) {
  const Network& n = plan.network;
  if (n.multilayer) {
    using Learner = Multilayer<Engine<SynapticDrift>, Engine<HpDrift>>;
    Learner learner(engine<Engine>(n.synapse, plan.options), engine<Engine>(n.node, plan.options),
                    {n.layers, task.learning_rate, n.synapse.parameters().B, n.t_read, n.coding, n.reading});
    use(learner);
  } else {
    auto p = n.window.parameters();
    p.learning_rate = task.learning_rate;
    SingleLayer<Engine<ThresholdWindow>> learner(engine<Engine>(ThresholdWindow(p), plan.options),
                                                 {n.t_read, n.coding, n.reading});
    use(learner);
  }
}

struct Rows {
  Dataset learnt, held_out;
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
  if (task.standardize) {
    rows.held_out = standardized(rows.held_out, rows.learnt);
    rows.learnt = standardized(rows.learnt, rows.learnt);
  }
  return rows;
}

/// Right where the largest output is that of the largest target; of a single output, where it is on the target's side.
template <class Learner>
double accuracy(Learner& learner, const Dataset& data) {
  std::vector<double> out(learner.n_out());
  std::size_t right = 0;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    learner.predict(data.input(row), out);
    const auto target = data.target(row);
    const auto best = [](auto first, auto last) { return std::max_element(first, last) - first; };
    right += out.size() == 1 ? (out[0] > 0.5) == (target[0] > 0.5)
                             : best(out.begin(), out.end()) == best(target.begin(), target.end());
  }
  return static_cast<double>(right) / static_cast<double>(data.rows());
}

/// The file's table of recorded trajectories.
class TrajectoryRecorder {
 public:
  template <class Learner>
  TrajectoryRecorder(ResultFile& file, const Learner& learner, const std::vector<std::string>& variables) {
    using Kind = ResultFile::Kind;
    file.axis("trajectory/variable", variables, {"1", "internal variable"});
    table_.emplace(file, "trajectory/",
                   std::vector<Column>{
                       {"time", Kind::real, {"s", "time since the training began"}},
                       {"gate", Kind::integer, {"1", "index of the gate"}},
                       {"realization", Kind::integer, {"1", "realization"}},
                       {"epoch", Kind::integer, {"1", "epoch"}},
                       {"device", Kind::integer, {"1", "index of the device that is pulsed"}},
                       {"phase", Kind::code, {"1", "phase of the algorithm"}},
                       {"current", Kind::real, {"A", "current through that device"}},
                       {"voltage", Kind::real, {"V", "voltage across that device"}},
                       {"gamma", Kind::real, {learner.unit(), "internal variables"}, "variable", variables.size()}});
    file.meanings("trajectory/phase", phase_names);
  }
  void row(const TrainingSample& sample, std::size_t task, std::size_t realization, std::size_t epoch,
           std::span<const double> gamma) {
    table_->put(sample.time);
    for (std::size_t index : {task, realization, epoch, sample.device}) table_->put(static_cast<double>(index));
    table_->put(static_cast<double>(sample.phase));
    table_->put(sample.current);
    table_->put(sample.voltage);
    table_->put_all(gamma);
    table_->end_row();
  }

 private:
  std::optional<GrowingTable> table_;
};

class Run {
 public:
  Run(const TrainingPlan& plan, ResultFile* file) : plan_(plan), file_(file) {
    const std::size_t runs = plan.tasks.size() * plan.realizations;
    result.weights = weight_count(plan.network);
    const double none = std::nan("");
    result.total_error.assign(runs * plan.epochs, none);
    result.weight_initial.assign(runs * result.weights, none);
    result.weight_final.assign(runs * result.weights, none);
    result.accuracy.assign(runs, none);
  }

  void one(std::size_t task, std::size_t realization, std::optional<TrajectoryRecorder>* recorder) {
    if (plan_.twin) {
      with_learner<ClosedForm>(plan_, plan_.tasks[task], [&](auto& l) { learn(l, task, realization, recorder); });
    } else {
      with_learner<Integrator>(plan_, plan_.tasks[task], [&](auto& l) { learn(l, task, realization, recorder); });
    }
  }

  [[nodiscard]] bool recorded(std::size_t realization) const {
    return file_ != nullptr && std::ranges::count(plan_.record_realizations, realization) > 0;
  }
  [[nodiscard]] double share() const {
    return static_cast<double>(epochs_done_) /
           static_cast<double>(plan_.tasks.size() * plan_.realizations * plan_.epochs);
  }
  void stop() { stop_ = true; }
  [[nodiscard]] bool stopped() const { return stop_; }

  TrainingResult result;

 private:
  template <class Learner>
  void learn(Learner& learner, std::size_t task, std::size_t realization, std::optional<TrajectoryRecorder>* recorder) {
    const std::size_t run = task * plan_.realizations + realization;
    const Rows rows = rows_of(plan_.tasks[task], plan_.seed, realization);
    auto weights = initial_weights(sizes(plan_.network), {plan_.seed, realization, Purpose::initial_weights});
    weights[0] *= 1 + plan_.nudge;
    learner.set_weights(weights);
    weights = learner.weights();
    std::copy(weights.begin(), weights.end(),
              result.weight_initial.begin() + static_cast<std::ptrdiff_t>(run * result.weights));
    std::vector<std::size_t> order(rows.learnt.rows());
    std::iota(order.begin(), order.end(), 0);
    RandomStream random(plan_.seed, realization, Purpose::order);
    std::vector<double> errors(plan_.epochs);
    for (std::size_t epoch = 0; epoch < plan_.epochs; ++epoch) {
      if (stop_) return;
      const bool tapped = recorder != nullptr && std::ranges::count(plan_.record_epochs, epoch + 1) > 0;
      if (tapped) {
        if (!*recorder) recorder->emplace(*file_, learner, learner.variable_names());
        learner.record_to([&, epoch](const TrainingSample& sample) {
          (*recorder)->row(sample, task, realization, epoch + 1, learner.gamma());
        });
      }
      random.shuffle(order);
      double error = 0;
      for (std::size_t row : order) error += learner.learn(rows.learnt.input(row), rows.learnt.target(row));
      errors[epoch] = error;
      if (tapped) learner.record_to({});
      epochs_done_.fetch_add(1, std::memory_order_relaxed);
    }
    const Calibration calibration = learner.calibration();
    const std::uint64_t pulses = learner.pulses();
    if (rows.held_out.rows() > 0) result.accuracy[run] = accuracy(learner, rows.held_out);
    std::copy(errors.begin(), errors.end(),
              result.total_error.begin() + static_cast<std::ptrdiff_t>(run * plan_.epochs));
    weights = learner.weights();
    std::copy(weights.begin(), weights.end(),
              result.weight_final.begin() + static_cast<std::ptrdiff_t>(run * result.weights));
    const std::lock_guard lock(mutex_);
    result.calibration.merge(calibration);
    result.pulses += pulses;
  }

  const TrainingPlan& plan_;
  ResultFile* file_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> epochs_done_ = 0;
  std::mutex mutex_;
};

}  // namespace

Network paper_network(bool multilayer, const Reading& reading) {
  Network network;
  network.multilayer = multilayer;
  network.reading = reading;
  if (!multilayer) {
    ThresholdWindow::Parameters window;
    window.printed = reading.printed_window;
    network.window = ThresholdWindow(window);
    return network;
  }
  SynapticDrift::Parameters synapse;
  HpDrift::Parameters node;
  network.t_read = 0.0015;
  if (reading.output != Reading::Output::difference) {
    // R = 1 Ohm at rest, so that the voltage is an output by itself, and a film thick enough for the reads to stay off
    // its bounds; c = 1, kappa = 0.15
    node.R_off = 1.99;
    node.R_on = 0.01;
    node.D = synapse.D = 160.0;
    node.mu_v = 16000.0;
    synapse.mu_v = 160.0;
    synapse.B = 0.1;
    node.I_gamma = synapse.I_gamma = 100.0;
    network.t_read = 0.15 * 160.0 / 1.98;
  } else if (reading.printed_drive) {
    node.D = synapse.D = 1e-8;
    node.mu_v = synapse.mu_v = 1e-14;
    node.I_gamma = synapse.I_gamma = 1e-5;
    synapse.B = 1.6e9;
    network.t_read = 15e-6;
  }
  node.mirrored = !reading.one_sided_node;
  synapse.mirrored = !reading.one_sided_synapse;
  network.node = HpDrift(node);
  network.synapse = SynapticDrift(synapse);
  return network;
}

TrainingResult train(const TrainingPlan& plan, const Progress& progress, ResultFile* file) {
  const auto begin = std::chrono::steady_clock::now();
  Run run(plan, file);
  std::exception_ptr failure;
  std::mutex failing;
  std::atomic<std::size_t> next = 0;
  std::atomic<unsigned> working = 0;
  const std::size_t runs = plan.tasks.size() * plan.realizations;
  const auto work = [&](const auto& each) {
    try {
      each();
    } catch (...) {
      const std::lock_guard lock(failing);
      if (!failure) failure = std::current_exception();
      run.stop();
    }
    --working;
  };
  std::vector<std::jthread> threads;
  const auto wait = [&] {
    while (working > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      try {
        progress(run.share());
      } catch (...) {
        const std::lock_guard lock(failing);
        if (!failure) failure = std::current_exception();
        run.stop();
      }
    }
    threads.clear();
  };
  // recorded runs one after another, so that their rows are in order
  std::optional<TrajectoryRecorder> recorder;
  working = 1;
  threads.emplace_back([&] {
    work([&] {
      for (std::size_t i = 0; i < runs; ++i)
        if (run.recorded(i % plan.realizations)) run.one(i / plan.realizations, i % plan.realizations, &recorder);
    });
  });
  wait();
  recorder.reset();
  const std::size_t wanted = plan.threads > 0 ? plan.threads : std::max(1U, std::thread::hardware_concurrency());
  const auto count = static_cast<unsigned>(std::min(wanted, runs));
  working = count;
  for (unsigned t = 0; t < count; ++t)
    threads.emplace_back([&] {
      work([&] {
        for (std::size_t i = next++; i < runs && !run.stopped(); i = next++)
          if (!run.recorded(i % plan.realizations)) run.one(i / plan.realizations, i % plan.realizations, nullptr);
      });
    });
  wait();
  run.result.failure = failure;
  run.result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::move(run.result);
}

std::string describe(const Calibration& c) {
  return fmt::format(
      "calibration: largest read {:.3g} A, lowest threshold {:.3g} A; largest update {:.3g} A, limit {:.3g} A; "
      "largest residual of a restore {:.1e}\n"
      "             overlapping windows {}, read disturbs {}, lost updates {}, pinned weights {}, imperfect restores "
      "{}{}\n",
      c.largest_read, c.lowest_threshold, c.largest_update, c.update_limit, c.largest_residual, c.overlapping_windows,
      c.read_disturbs, c.lost_updates, c.pinned_weights, c.imperfect_restores, c.clean() ? "" : "  <- WARNING");
}

void write_training(ResultFile& file, const TrainingPlan& plan, const TrainingResult& result) {
  std::vector<std::string> gates;
  for (const auto& task : plan.tasks) gates.push_back(task.name);
  const auto numbered = [](std::size_t count, std::int64_t first) {
    std::vector<std::int64_t> all(count);
    std::iota(all.begin(), all.end(), first);
    return all;
  };
  file.axis("gate", gates, {"1", "what is learnt"});
  file.axis("realization", numbered(plan.realizations, 0), {"1", "realization of data and initial weights"});
  file.axis("epoch", numbered(plan.epochs, 1), {"1", "epoch"});
  file.axis("weight", numbered(result.weights, 0), {"1", "weight, layer by layer, biases after connections"});
  file.array("total_error", result.total_error, {"gate", "realization", "epoch"}, {"1", "total error of an epoch"});
  file.array("weight_initial", result.weight_initial, {"gate", "realization", "weight"}, {"1", "initial weight"});
  file.array("weight_final", result.weight_final, {"gate", "realization", "weight"}, {"1", "final weight"});
  file.array("accuracy", result.accuracy, {"gate", "realization"}, {"1", "share of held-out rows answered rightly"});
  const Calibration& c = result.calibration;
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, double>>{
           {"largest_read", c.largest_read},
           {"lowest_threshold", c.lowest_threshold},
           {"largest_update", c.largest_update},
           {"update_limit", c.update_limit},
           {"overlapping_windows", static_cast<double>(c.overlapping_windows)},
           {"read_disturbs", static_cast<double>(c.read_disturbs)},
           {"lost_updates", static_cast<double>(c.lost_updates)},
           {"pinned_weights", static_cast<double>(c.pinned_weights)},
           {"imperfect_restores", static_cast<double>(c.imperfect_restores)},
           {"pulses", static_cast<double>(result.pulses)}})
    file.attribute(name, value);
  file.attribute("complete", std::string(result.failure ? "no" : "yes"));
  file.flush();
}

}  // namespace memdyn
