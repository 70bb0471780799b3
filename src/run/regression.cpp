// SPDX-License-Identifier: MIT
#include "run/regression.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace memdyn {

std::vector<std::vector<double>> outputs_of(Learner& learner, std::span<const std::vector<double>> inputs,
                                            std::size_t n_in, std::size_t n_out) {
  const std::size_t lanes = inputs.size();
  const std::size_t values = inputs[0].size();
  const std::size_t rows = values / n_in;
  const std::size_t numbers = learner.state_count();
  std::vector<double> states(numbers * lanes), row_inputs(n_in * lanes), row_outputs(n_out * lanes);
  for (std::size_t l = 0; l < lanes; ++l) learner.get_state(l, &states[l * numbers]);
  std::vector<std::vector<double>> outputs(lanes, std::vector<double>(rows * n_out));
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t l = 0; l < lanes; ++l)
      for (std::size_t i = 0; i < n_in; ++i) row_inputs[i * lanes + l] = inputs[l][row * n_in + i];
    learner.predict(row_inputs.data(), 1, row_outputs.data());
    for (std::size_t l = 0; l < lanes; ++l) {
      for (std::size_t i = 0; i < n_out; ++i) outputs[l][row * n_out + i] = row_outputs[i * lanes + l];
      learner.put_back(l, &states[l * numbers]);
    }
  }
  return outputs;
}

double total_error_of(std::span<const double> outputs, std::span<const double> targets) {
  double sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) sum += 0.5 * (targets[i] - outputs[i]) * (targets[i] - outputs[i]);
  return sum;
}

std::vector<double> rms_of(std::span<const double> outputs, std::span<const double> targets, std::size_t n_out,
                           const Scaling& scaling) {
  const std::size_t rows = targets.size() / n_out;
  std::vector<double> rms(n_out, 0.0);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::size_t k = i % n_out;
    rms[k] +=
        std::pow(scaling.original(targets[i], k) - scaling.original(outputs[i], k), 2) / static_cast<double>(rows);
  }
  for (double& one : rms) one = std::sqrt(one);
  return rms;
}

std::vector<std::vector<double>> grid_axes(const Dataset& table, std::size_t points) {
  std::vector<std::vector<double>> axes;
  for (std::size_t i = 0; i < table.n_in; ++i) {
    double low = table.input(0)[i];
    double high = low;
    for (std::size_t row = 1; row < table.rows(); ++row) {
      low = std::min(low, table.input(row)[i]);
      high = std::max(high, table.input(row)[i]);
    }
    auto& axis = axes.emplace_back(points);
    for (std::size_t k = 0; k < points; ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(points - 1);
      axis[k] = (1 - share) * low + share * high;
    }
  }
  return axes;
}

std::vector<double> grid_rows(const std::vector<std::vector<double>>& axes) {
  std::size_t count = 1;
  for (const auto& axis : axes) count *= axis.size();
  std::vector<double> rows(count * axes.size());
  for (std::size_t point = 0; point < count; ++point) {
    std::size_t rest = point;
    for (std::size_t i = axes.size(); i-- > 0; rest /= axes[i].size())
      rows[point * axes.size() + i] = axes[i][rest % axes[i].size()];
  }
  return rows;
}

void create_regression(ResultFile& file, const TrainingPlan& plan) {
  const Dataset& table = plan.tasks[0].table;
  std::vector<std::string> names = table.names;
  for (std::size_t i = names.size(); i < table.n_in; ++i) names.push_back(fmt::format("input {}", i + 1));
  for (std::size_t k = names.size() - table.n_in; k < table.n_out; ++k)
    names.push_back(fmt::format("target {}", k + 1));
  const auto first_output = names.begin() + static_cast<std::ptrdiff_t>(table.n_in);
  file.axis("input", std::vector<std::string>(names.begin(), first_output), {"1", "input"});
  file.axis("output", std::vector<std::string>(first_output, names.end()), {"1", "output"});
  std::vector<std::int64_t> numbers(table.rows());
  std::iota(numbers.begin(), numbers.end(), 0);
  file.axis("row", numbers, {"1", "row of the data"});
  const auto open = [&](const char* name, const std::vector<std::string>& axes, const char* long_name) {
    file.open_array(name, ResultFile::Kind::real, axes, {"1", long_name}, std::nan(""));
  };
  open("row_input", {"row", "input"}, "inputs of the data");
  open("row_target", {"row", "output"}, "targets of the data");
  file.put("row_input", 0, table.inputs);
  file.put("row_target", 0, table.targets);
  open("rms_training", {"realization", "output"}, "root mean square error on the rows that were learnt");
  open("rms_held_out", {"realization", "output"}, "root mean square error on the rows that were held out");
  if (plan.grid == 0) return;
  std::vector<std::string> axes{"realization", "output"};
  for (const auto& values : grid_axes(table, plan.grid)) {
    axes.push_back(fmt::format("grid_{}", axes.size() - 1));
    file.axis(axes.back(), values, {"1", names[axes.size() - 3]});
  }
  open("prediction", axes, "output of the trained network");
}

}  // namespace memdyn
