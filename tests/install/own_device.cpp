// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdio>
#include <memdyn/memdyn.hpp>

#include "leaky.hpp"

int main(int /*argc*/, char** argv) {
  using namespace memdyn;
  add_model<Leaky>();  // from here on "leaky" is a model as any other

  const AnyDevice device = AnyDevice(Leaky{}).with({1e-3, 0.5, 2.0, 1e-6, 1e-3});  // tau = 2 s
  std::vector<double> gamma{1e-3};
  Integrator<DrivenDevice>(driven(device, native_source(device))).advance(gamma, Waveform({Constant{1.0, 0.0}}));
  std::printf("G = %.6e S after 1 s at 0 V, in closed form %.6e S\n", gamma[0], 1e-3 * std::exp(-0.5));

  const SweepReport report = sweep(read_sweep(argv[1]), argv[2], [](double /*done*/) {});
  if (report.failure) std::rethrow_exception(report.failure);
  std::printf("%lu trajectories, %lu failed\n", static_cast<unsigned long>(report.trajectories),
              static_cast<unsigned long>(report.failed()));
}
