// SPDX-License-Identifier: MIT
#include "run/run_inputs.hpp"

#include <fmt/ranges.h>

#include "scenario/sweep_numbers.hpp"

namespace memdyn {
namespace {

void add(RunInputs& inputs, const std::string& role, const AnyDevice& device) {
  for (const auto& number : device.numbers())
    inputs.parameters.push_back({fmt::format("{}.parameters.{}", role, number.key), units_of(number), number.value});
}

void add(RunInputs& inputs, const IntegrationOptions& options) {
  inputs.options.emplace_back("method", std::string(name_of(options.method)));
  inputs.options.emplace_back("relative", options.relative);
  inputs.options.emplace_back("absolute", options.absolute);
}

void add(RunInputs& inputs, const Network& network) {
  inputs.options.emplace_back("network", std::string(network_kind_names[static_cast<std::size_t>(network.kind)]));
  inputs.options.emplace_back("layers", fmt::format("{}", fmt::join(network.sizes(), ", ")));
  inputs.options.emplace_back("t_read", network.t_read);
  const Generator& generator = network.generator;
  for (const auto& [key, value] : {std::pair{"rise", generator.rise},
                                   {"fall", generator.fall},
                                   {"rest", generator.rest},
                                   {"offset", generator.offset},
                                   {"amplitude_error", generator.amplitude_error},
                                   {"width_jitter", generator.width_jitter}})
    inputs.options.emplace_back(key, value);
  if (network.kind == NetworkKind::crossbar) {
    add(inputs, "synapse", network.crossbar.device);
    inputs.options.emplace_back("weight_range", network.crossbar.weight_range);
    inputs.options.emplace_back("update_amplitude", network.crossbar.amplitude);
    inputs.options.emplace_back("read_amplitude", network.crossbar.read_amplitude);
    return;
  }
  inputs.options.emplace_back("reading", std::string(network.reading.name));
  inputs.options.emplace_back("coding", std::string(network.coding == Coding::width ? "width" : "amplitude"));
  if (network.kind == NetworkKind::single_layer) {
    add(inputs, "device", network.window);
  } else {
    add(inputs, "synapse", network.synapse);
    add(inputs, "node", network.node);
    inputs.options.emplace_back("hidden", std::string(name_of(network.hidden)));
    inputs.options.emplace_back("output", std::string(name_of(network.output)));
  }
}

}  // namespace

RunInputs inputs_of(const Scenario& simulation) {
  RunInputs inputs{.command = "simulate", .file = simulation.file, .texts = simulation.inputs};
  add(inputs, "device", simulation.device);
  add(inputs, simulation.options);
  return inputs;
}

RunInputs inputs_of(const SweepPlan& plan) {
  RunInputs inputs = inputs_of(plan.scenario);
  inputs.command = "sweep";
  inputs.options.emplace_back("instruction_set", std::string(name_of(plan.set)));
  inputs.options.emplace_back("samples", static_cast<double>(plan.samples));
  inputs.options.emplace_back("most_steps", plan.most_steps);
  return inputs;
}

RunInputs inputs_of(const TablePlan& plan, const std::string& command) {
  RunInputs inputs = inputs_of(plan.sweep.scenario);
  inputs.command = command;
  inputs.options.emplace_back("samples", static_cast<double>(plan.sweep.samples));
  return inputs;
}

RunInputs inputs_of(const TrainingPlan& plan) {
  RunInputs inputs{.command = "train", .file = plan.file, .texts = plan.inputs};
  add(inputs, plan.network);
  add(inputs, plan.options);
  inputs.options.emplace_back("instruction_set", std::string(name_of(plan.set)));
  inputs.options.emplace_back("realizations", static_cast<double>(plan.realizations));
  inputs.options.emplace_back("epochs", static_cast<double>(plan.epochs));
  inputs.options.emplace_back("twin", std::string(plan.twin ? "yes" : "no"));
  return inputs;
}

}  // namespace memdyn
