// SPDX-License-Identifier: MIT
#include "memdyn/run/prediction.hpp"

#include <fmt/format.h>

#include <cmath>

#include "learn/learner.hpp"
#include "memdyn/core/error.hpp"
#include "run/drawn_devices.hpp"
#include "run/regression.hpp"

namespace memdyn {

std::vector<double> predict(const TrainingPlan& plan, std::span<const double> weights,
                            const std::vector<double>& inputs, std::uint64_t realization) {
  const auto sizes = plan.network.sizes();
  const auto learner = make_learner(InstructionSet::scalar, plan.network, plan.tasks.front().learning_rate,
                                    plan.options, plan.twin, LanesHold::perceptrons, 1);
  if (weights.size() != learner->weight_count())
    throw InputError("predict", "weights", fmt::format("{} of them", weights.size()),
                     fmt::format("must be {}, those of the network", learner->weight_count()));
  const auto require_finite = [](const char* key, std::span<const double> numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (!std::isfinite(numbers[i]))
        throw InputError("predict", fmt::format("{}[{}]", key, i), fmt::format("{}", numbers[i]),
                         "must be a finite number");
  };
  require_finite("weights", weights);
  require_finite("inputs", inputs);
  if (inputs.size() % sizes.front() != 0)
    throw InputError("predict", "inputs", fmt::format("{} numbers", inputs.size()),
                     fmt::format("must be rows of {}", sizes.front()));
  learner->set_realization(0, plan.seed, realization);
  DrawnDevices(plan).give(*learner, 0, realization);
  learner->set_weights(weights.data());
  return outputs_of(*learner, std::span(&inputs, 1), sizes.front(), sizes.back()).front();
}

}  // namespace memdyn
