// SPDX-License-Identifier: MIT
#include <cstdio>
#include <memdyn/memdyn.hpp>

int main(int /*argc*/, char** argv) {
  using namespace memdyn;
  SweepPlan plan = read_sweep(argv[1]);
  for (SweepAxis& axis : plan.axes) axis.values.resize(3);  // the first three values of each axis
  const SweepReport report = sweep(plan, argv[2], [](double done) { std::fprintf(stderr, "\r%3.0f %%", 100 * done); });
  if (report.failure) std::rethrow_exception(report.failure);
  std::printf("%lu trajectories in %.2g s, %lu failed\n", static_cast<unsigned long>(report.trajectories),
              report.seconds, static_cast<unsigned long>(report.failed()));
}
