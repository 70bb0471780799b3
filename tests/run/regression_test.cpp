// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/training.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_run_regression {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// Two inputs and two targets, f and g, at the points of a 6 x 5 grid over [low, high] x [0, 1].
template <class F, class G>
Dataset table_of(double low, double high, const F& f, const G& g) {
  Dataset table{.n_in = 2, .n_out = 2, .inputs = {}, .targets = {}, .names = {"u", "v", "f", "g"}};
  for (int i = 0; i < 6; ++i)
    for (int k = 0; k < 5; ++k) {
      const double u = low + (high - low) * i / 5;
      const double v = k / 4.0;
      table.inputs.insert(table.inputs.end(), {u, v});
      table.targets.insert(table.targets.end(), {f(u, v), g(u, v)});
    }
  return table;
}

TrainingPlan plan_of(Dataset table) {
  TrainingPlan plan;
  plan.tasks.push_back({.name = "surfaces",
                        .table = std::move(table),
                        .draw = 0,
                        .learning_rate = 0.05,
                        .held_out = 0.2,
                        .regression = true});
  plan.network = paper_network(true, {});
  plan.network.layers = {2, 3, 2};
  plan.network.hidden = NodeActivation::rectified;
  plan.network.output = NodeActivation::linear;
  plan.realizations = 3;
  plan.epochs = 20;
  plan.grid = 4;
  return plan;
}

/// The outputs of a 2-3-2 network of rectified and linear nodes, by definition.
std::array<double, 2> outputs(std::span<const double> w, double kappa, double u, double v) {
  double hidden[3];
  for (int k = 0; k < 3; ++k) {
    const double net = w[2 * k] * u + w[2 * k + 1] * v + w[6 + k];
    hidden[k] = net > 0 ? kappa * net * net : 0;
  }
  std::array<double, 2> out{};
  for (int k = 0; k < 2; ++k) {
    out[k] = w[15 + k];
    for (int j = 0; j < 3; ++j) out[k] += w[9 + 3 * k + j] * hidden[j];
  }
  return out;
}
}  // namespace

TEST_CASE("errors and predictions of a regression are those of the network with its final weights") {
  auto plan = plan_of(table_of(
      -1, 1, [](double u, double v) { return u * v; }, [](double u, double v) { return std::sin(2 * u) - v; }));
  plan.evaluate_epochs = {10, 20};
  const auto result = train(plan, silent);
  const Dataset& table = plan.tasks[0].table;
  for (std::size_t r = 0; r < plan.realizations; ++r) {
    const auto w = std::span(result.weight_final).subspan(r * result.weights, result.weights);
    double squares[2] = {};
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto out = outputs(w, result.kappa, table.input(row)[0], table.input(row)[1]);
      for (int k = 0; k < 2; ++k) squares[k] += std::pow(table.target(row)[k] - out[k], 2);
    }
    double learnt = 0;
    for (int k = 0; k < 2; ++k) {  // 24 rows were learnt, 6 held out
      const double training = 24 * std::pow(result.regression.rms_training[r * 2 + k], 2);
      const double held_out = 6 * std::pow(result.regression.rms_held_out[r * 2 + k], 2);
      CHECK(held_out > 0);
      CHECK_THAT(training + held_out, WithinRel(squares[k], 1e-9));
      learnt += training;
    }
    CHECK_THAT(result.fixed_error[r * 2 + 1], WithinRel(0.5 * learnt, 1e-9));
    CHECK(result.fixed_error[r * 2] > result.fixed_error[r * 2 + 1]);  // it learns
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j) {
        const auto out = outputs(w, result.kappa, -1 + i * 2.0 / 3, j / 3.0);
        for (int k = 0; k < 2; ++k)
          CHECK_THAT(result.regression.prediction[((r * 2 + k) * 4 + i) * 4 + j], WithinAbs(out[k], 1e-9));
      }
  }
}

TEST_CASE("a linear network learns an affine function of any units, and answers in these units") {
  const auto f = [](double u, double v) { return 5000 + 0.3 * u - 70 * v; };
  const auto g = [](double u, double v) { return -2e-3 + 1e-6 * u + 4e-3 * v; };
  auto plan = plan_of(table_of(1000, 3000, f, g));
  plan.tasks[0].standardize = plan.tasks[0].standardize_targets = true;
  plan.network.hidden = NodeActivation::linear;
  plan.epochs = 3000;
  const auto result = train(plan, silent);
  for (std::size_t r = 0; r < plan.realizations; ++r)
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j) {
        const auto answer = [&](std::size_t k) { return result.regression.prediction[((r * 2 + k) * 4 + i) * 4 + j]; };
        CHECK_THAT(answer(0), WithinAbs(f(1000 + i * 2000.0 / 3, j / 3.0), 1e-6 * 600));
        CHECK_THAT(answer(1), WithinAbs(g(1000 + i * 2000.0 / 3, j / 3.0), 1e-6 * 6e-3));
      }
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(result.regression.rms_held_out[i] < (i % 2 == 0 ? 1e-6 * 600 : 1e-6 * 6e-3));
    CHECK(result.regression.rms_training[i] < (i % 2 == 0 ? 1e-6 * 600 : 1e-6 * 6e-3));
  }
  CHECK(result.calibration.thresholds_respected());
}

TEST_CASE("what a regression computes at the end changes nothing of its training, for any number of threads") {
  auto plan =
      plan_of(table_of(-1, 1, [](double u, double v) { return u * v; }, [](double u, double v) { return u - v; }));
  plan.realizations = 20;
  plan.threads = 1;
  const auto one = train(plan, silent);
  plan.threads = 3;
  const auto three = train(plan, silent);
  CHECK(one.regression.prediction == three.regression.prediction);
  CHECK(one.regression.rms_held_out == three.regression.rms_held_out);
  plan.tasks[0].regression = false;
  const auto classes = train(plan, silent);
  CHECK(classes.total_error == one.total_error);
  CHECK(classes.regression.prediction.empty());
}

TEST_CASE("reads after a training change neither its weights nor its counts, nor each other") {
  // edges, an offset and errors of the generator make reads and restores move devices
  auto plan =
      plan_of(table_of(-1, 1, [](double u, double v) { return u * v; }, [](double u, double v) { return u - v; }));
  plan.network.generator.rise = 3e-4;
  plan.network.generator.fall = 2e-4;
  plan.network.generator.offset = 1e-2;
  plan.record_weights = true;
  plan.evaluate_epochs = {5, 20};
  const bool twin = GENERATE(false, true);
  plan.twin = twin;
  const auto large = train(plan, silent);
  for (std::size_t r = 0; r < plan.realizations; ++r)
    for (std::size_t i = 0; i < large.weights; ++i)
      CHECK(large.weight_final[r * large.weights + i] ==
            large.records[0].values[((r + 1) * plan.epochs - 1) * large.weights + i]);
  plan.grid = 2;
  plan.evaluate_epochs.clear();
  plan.tasks[0].regression = false;
  const auto none = train(plan, silent);
  CHECK(none.weight_final == large.weight_final);
  CHECK(none.total_error == large.total_error);
  CHECK(none.pulses == large.pulses);
  // equal points have equal answers
  plan.tasks[0].regression = true;
  for (std::size_t row = 0; row < plan.tasks[0].table.rows(); ++row)
    for (int i = 0; i < 2; ++i) plan.tasks[0].table.inputs[row * 2 + i] = 0.5;
  plan.grid = 4;
  const auto same = train(plan, silent);
  for (std::size_t k = 0; k < 2 * plan.realizations; ++k)
    for (std::size_t point = 0; point < 16; ++point)
      CHECK(same.regression.prediction[k * 16 + point] == same.regression.prediction[k * 16]);
}

TEST_CASE("weights are recorded after every epoch, with the learning rate of a single layer") {
  const auto file = written("weights.toml",
                            "[network]\nkind = \"single-layer\"\n[data]\ngate = \"OR\"\nlearning_rate = 0.1\n[run]\n"
                            "realizations = 2\nepochs = 5\n[record]\nweights = true\n");
  const auto whole = train(read_training(file), silent);
  REQUIRE(whole.records.size() == 2);
  for (const auto& record : whole.records) REQUIRE(record.width == 4);
  for (std::size_t epochs = 1; epochs <= 5; ++epochs) {
    const auto shorter = train(read_training(file, {fmt::format("run.epochs={}", epochs)}), silent);
    for (const auto& record : whole.records)
      for (std::size_t r = 0; r < 2; ++r) {
        const double* found = &record.values[(r * 5 + epochs - 1) * 4];
        for (std::size_t i = 0; i < 3; ++i) CHECK(found[i] == shorter.weight_final[r * 3 + i]);
        CHECK(found[3] == 0.1);
      }
  }
}

TEST_CASE("a column of equal numbers is shifted to 0, and not scaled") {
  for (const double constant : {0.1, 0.3, 0.7, 1e300}) {
    std::vector<double> values;
    for (int row = 0; row < 40; ++row) values.insert(values.end(), {std::sin(row), constant});
    const Scaling scaling(values, 2);
    std::vector<double> other{0, constant, 0, constant + 0.5};
    scaling.apply(other);
    CHECK(other[1] == 0);
    CHECK(other[3] == constant + 0.5 - constant);
  }
}

TEST_CASE("the file of a regression holds its data, its errors and its predictions, with the names of the columns") {
  auto plan =
      plan_of(table_of(-1, 1, [](double u, double v) { return u * v; }, [](double u, double v) { return u - v; }));
  const auto path = scratch("regression.h5");
  ResultFile created(path, {"regression", "", {}});
  const auto result = train(plan, silent, &created);
  write_training(created, plan, result);
  const ResultReader file(path);
  CHECK(file.strings("input") == std::vector<std::string>{"u", "v"});
  CHECK(file.strings("output") == std::vector<std::string>{"f", "g"});
  CHECK(file.axes("prediction") == std::vector<std::string>{"realization", "output", "grid_1", "grid_2"});
  CHECK(file.numbers("prediction") == result.regression.prediction);
  CHECK(file.axes("rms_training") == std::vector<std::string>{"realization", "output"});
  CHECK(file.numbers("rms_training") == result.regression.rms_training);
  CHECK(file.numbers("rms_held_out") == result.regression.rms_held_out);
  CHECK(file.numbers("row_input") == plan.tasks[0].table.inputs);
  CHECK(file.numbers("row_target") == plan.tasks[0].table.targets);
  CHECK(file.numbers("grid_2") == std::vector<double>{0, 1.0 / 3, 2.0 / 3, 1});
  CHECK(file.text("grid_2", "long_name") == "v");
}

TEST_CASE("a regression is a plan of one task") {
  auto plan =
      plan_of(table_of(-1, 1, [](double u, double v) { return u * v; }, [](double u, double v) { return u - v; }));
  plan.tasks.push_back(plan.tasks[0]);
  CHECK_THROWS_WITH(train(plan, silent), ContainsSubstring("tasks = 2"));
}

}  // namespace memdyn::test_run_regression
