// SPDX-License-Identifier: MIT
#include <cstdio>
#include <memdyn/memdyn.hpp>

int main(int /*argc*/, char** argv) {
  using namespace memdyn;
  TrainingPlan plan = read_training(argv[1]);
  plan.realizations = 2;
  plan.epochs = 50;
  plan.record_realizations = {};  // no trajectories of updates
  plan.record_epochs = {};
  const TrainingResult result = train(plan, [](double /*done*/) {});
  if (result.failure) std::rethrow_exception(result.failure);
  std::printf("error of the first epoch %.3g, of the last %.3g\n", result.total_error.front(),
              result.total_error[plan.epochs - 1]);
}
