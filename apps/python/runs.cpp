// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine.hpp"
#include "memdyn/assess/conformance.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/report/inspection.hpp"
#include "memdyn/report/plot.hpp"
#include "memdyn/run/prediction.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/run/table.hpp"
#include "memdyn/run/training.hpp"
#include "run/doubts.hpp"
#include "run/rule_study.hpp"
#include "run/run_inputs.hpp"
#include "scenario/read_scenario.hpp"

namespace py = pybind11;

namespace memdyn::python {
namespace {

/// What a run has to tell beside its file: numbers, and warnings for the package to give.
py::dict report_of(const std::vector<std::string>& warnings) {
  py::dict report;
  report["warnings"] = warnings;
  return report;
}

py::dict run_simulation(const Given& given, const std::string& output, const py::object& report_progress) {
  const auto progress = progress_of(report_progress);
  std::vector<std::string> doubts;
  std::optional<Simulated> done;
  {
    const Unlocked unlocked;
    const auto scenario = read_simulation(given.open());
    doubts = doubts_of(scenario);
    done = simulate(scenario, output, progress);
    for (auto& doubt : doubts_of(scenario, *done)) doubts.push_back(std::move(doubt));
  }
  return report_of(doubts);
}

/// Sets what the caller chooses of a plan beside the scenario. @throws InputError for an instruction set that there is
/// not
template <class Plan>
void choose(Plan& plan, std::optional<unsigned> threads, const std::optional<std::string>& set) {
  if (threads) plan.threads = *threads;
  if (set) plan.set = instruction_set("instruction_set", *set);
}

py::dict run_sweep(const Given& given, const std::string& output, const py::object& report_progress,
                   std::optional<unsigned> threads, const std::optional<std::string>& set, bool resume) {
  const auto progress = progress_of(report_progress);
  std::vector<std::string> doubts;
  std::optional<SweepReport> done;
  {
    const Unlocked unlocked;
    auto plan = read_sweep(given.open());
    choose(plan, threads, set);
    doubts = doubts_of(plan.scenario);
    done = sweep(plan, output, progress, resume ? OutputTarget::Left::resumed : OutputTarget::Left::replaced);
    if (done->failure) std::rethrow_exception(done->failure);
    for (auto& doubt : doubts_of(plan, *done)) doubts.push_back(std::move(doubt));
  }
  if (done->failed() > 0)
    doubts.push_back(fmt::format("{} of {} trajectories failed (see status); the first is trajectory {}: {}",
                                 done->failed(), done->trajectories, done->first_failed, done->first_failure));
  return report_of(doubts);
}

std::vector<std::string> doubts_of(const TrainingPlan& plan) {
  auto doubts = plan.notes;
  if (plan.network.kind == NetworkKind::crossbar)
    for (auto& warning : warnings(plan.network.crossbar.device)) doubts.push_back(std::move(warning));
  return doubts;
}

py::dict run_training(const Given& given, const std::string& output, const py::object& report_progress,
                      std::optional<unsigned> threads, const std::optional<std::string>& set, bool resume) {
  const auto progress = progress_of(report_progress);
  std::optional<TrainingResult> done;
  std::vector<std::string> doubts;
  {
    const Unlocked unlocked;
    auto plan = read_training(given.open());
    choose(plan, threads, set);
    doubts = doubts_of(plan);
    OutputTarget target(output, resume ? OutputTarget::Left::resumed : OutputTarget::Left::replaced);
    require_trainable(plan, target.part());
    ResultFile file(std::move(target), {plan.title, plan.text, plan.seed, true, inputs_of(plan)});
    done = train(plan, progress, &file);
    write_training(file, plan, *done);
    if (done->failure) std::rethrow_exception(done->failure);
  }
  return report_of(doubts);
}

/// The outputs of a trained network. @param inputs row x input @returns row x output
py::array_t<double> run_prediction(const Given& given, const std::vector<double>& weights,
                                   const py::array_t<double, py::array::c_style | py::array::forcecast>& inputs) {
  const auto rows = inputs.ndim() == 2 ? inputs.shape(0) : py::ssize_t{1};
  const std::vector<double> all(inputs.data(), inputs.data() + inputs.size());
  std::vector<double> outputs;
  {
    const Unlocked unlocked;
    outputs = predict(read_training(given.open()), weights, all);
  }
  const auto count = rows > 0 ? static_cast<py::ssize_t>(outputs.size()) / rows : 0;
  return array_of(std::move(outputs), {rows, count});
}

/// One task of a study, with one value of the number. @param value of it, or the kind of training
py::dict row_of(const py::object& value, const std::string& task, const StudiedTask& found) {
  py::dict row;
  row["value"] = value;
  row["gate"] = task;
  for (const auto& [name, share] : {std::pair{"success", &found.succeeded}, {"predicted", &found.predicted}})
    for (const auto& [end, number] : {std::pair{"share", share->share}, {"low", share->low}, {"high", share->high}})
      row[fmt::format("{}_{}", name, end).c_str()] = number;
  row["divergence"] = found.divergence;
  row["epochs"] = found.epochs;
  return row;
}

py::dict run_study(TomlSection scenario, const std::string& output, const Progress& progress,
                   std::optional<unsigned> threads, const std::optional<std::string>& set) {
  std::optional<RuleStudyPlan> plan;
  std::optional<RuleStudyResult> done;
  {
    const Unlocked unlocked;
    plan = read_rule_study(std::move(scenario));
    for_each_training(*plan, [&](TrainingPlan& one) { choose(one, threads, set); });
    done = study_rule(*plan, output, progress);
  }
  py::list rows;
  for (std::size_t task = 0; task < plan->rule.tasks.size(); ++task) {
    const std::string& name = plan->rule.tasks[task].name;
    rows.append(row_of(py::str("rule"), name, done->rule[task]));
    rows.append(row_of(py::str("reference"), name, done->reference[task]));
    for (std::size_t v = 0; v < plan->values.size(); ++v)
      rows.append(row_of(py::float_(plan->values[v]), name, done->values[v][task]));
  }
  auto report = report_of(doubts_of(plan->rule));
  report["rules"] = rows;
  return report;
}

template <Tabulated run(const TablePlan&, const std::filesystem::path&, const Progress&)>
py::dict run_table(TomlSection scenario, const std::string& output, const Progress& progress,
                   std::optional<unsigned> threads) {
  std::vector<std::string> doubts;
  std::optional<Tabulated> done;
  {
    const Unlocked unlocked;
    auto plan = read_table(std::move(scenario));
    if (threads) plan.sweep.threads = *threads;
    doubts = warnings(plan.sweep.scenario.device);
    done = run(plan, output, progress);
    for (auto& doubt : doubts_of(plan)) doubts.push_back(std::move(doubt));
  }
  auto report = report_of(doubts);
  py::list rules;
  for (const RuleReport& rule : done->rules) {
    py::dict one;
    one["rule"] = rule.name;
    one["formula"] = rule.formula;
    for (std::size_t i = 0; i < rule.parameters.size(); ++i)
      for (const auto polarity : {PulseTable::up, PulseTable::down}) {
        const std::string key = rule.parameters[i] + (polarity == PulseTable::up ? "_up" : "_down");
        one[key.c_str()] = rule.values[polarity][i];
        one[(key + "_deviation").c_str()] = rule.deviations[polarity][i];
      }
    one["largest"] = rule.largest;
    one["rms"] = rule.rms;
    one["after_100"] = std::abs(rule.after_100);
    one["after_10000"] = std::abs(rule.after_10000);
    for (const auto& order : rule.orders) one[("largest_" + order.name).c_str()] = order.largest;
    rules.append(one);
  }
  report["rules"] = rules;
  return report;
}

/// Draws result files as `memdyn plot` does. @param log the axes that are logarithmic: "", "x", "y" or "xy"
void draw(const std::vector<std::string>& files, const std::string& picture, const std::string& view,
          PlotOptions options, const std::string& log, const py::object& report_progress) {
  const auto* found = std::ranges::find(view_names, view);
  if (found == std::end(view_names))
    throw InputError("plot", "view", view, fmt::format("must be one of {}", fmt::join(view_names, ", ")));
  if (log.find_first_not_of("xy") != std::string::npos)
    throw InputError("plot", "log", log, "must be the names of axes: x, y or xy");
  options.view = static_cast<View>(found - std::begin(view_names));
  options.log_x = log.find('x') != std::string::npos;
  options.log_y = log.find('y') != std::string::npos;
  const auto progress = progress_of(report_progress);
  const Unlocked unlocked;
  plot(std::vector<std::filesystem::path>(files.begin(), files.end()), picture, options, progress);
}

}  // namespace

std::vector<std::string> doubts_of(const Scenario& scenario) {
  auto all = warnings(scenario.device);
  all.insert(all.end(), scenario.notes.begin(), scenario.notes.end());
  if (const auto start = start_warning(scenario.device, scenario.gamma); !start.empty()) all.push_back(start);
  return all;
}

void add_runs(py::module_& module) {
  using namespace py::literals;
  module.def("simulate", run_simulation, "given"_a, "output"_a, "progress"_a);
  module.def("sweep", run_sweep, "given"_a, "output"_a, "progress"_a, "threads"_a, "instruction_set"_a, "resume"_a);
  module.def("train", run_training, "given"_a, "output"_a, "progress"_a, "threads"_a, "instruction_set"_a, "resume"_a);
  module.def(
      "table",
      [](const Given& given, const std::string& output, const py::object& progress, std::optional<unsigned> threads) {
        return run_table<tabulate>(given.open(), output, progress_of(progress), threads);
      },
      "given"_a, "output"_a, "progress"_a, "threads"_a);
  module.def(
      "validate",
      [](const Given& given, const std::string& output, const py::object& progress, std::optional<unsigned> threads,
         const std::optional<std::string>& set) {
        TomlSection scenario = given.open();
        if (set && !is_rule_study(scenario))
          throw InputError("validate", "instruction_set", *set,
                           "is for trainings ([study]); tables of pulses do without");
        return is_rule_study(scenario)
                   ? run_study(std::move(scenario), output, progress_of(progress), threads, set)
                   : run_table<validate>(std::move(scenario), output, progress_of(progress), threads);
      },
      "given"_a, "output"_a, "progress"_a, "threads"_a, "instruction_set"_a);
  module.def("predict", run_prediction, "given"_a, "weights"_a, "inputs"_a);
  py::class_<PlotOptions>(module, "PlotOptions")
      .def(py::init<>())
      .def_readwrite("quantity", &PlotOptions::quantity)
      .def_readwrite("variable", &PlotOptions::variable)
      .def_readwrite("part", &PlotOptions::part)
      .def_readwrite("x", &PlotOptions::x)
      .def_readwrite("y", &PlotOptions::y)
      .def_readwrite("start", &PlotOptions::from)
      .def_readwrite("end", &PlotOptions::to)
      .def_readwrite("at", &PlotOptions::at);
  module.def("plot", draw, "files"_a, "picture"_a, "view"_a, "options"_a, "log"_a, "progress"_a);
  module.def(
      "export_csv",
      [](const std::string& file, const std::string& dataset, const std::string& output) {
        const Unlocked unlocked;
        export_csv(file, dataset, output, [](double /*share*/) { stop_if_interrupted(); });
      },
      "file"_a, "dataset"_a, "output"_a);
  module.def(
      "export_rule",
      [](const std::string& file, const std::string& format, const std::string& folder) {
        const Unlocked unlocked;
        return export_rule(file, format, folder, [](double /*share*/) { stop_if_interrupted(); });
      },
      "file"_a, "format"_a, "folder"_a);
}

}  // namespace memdyn::python
