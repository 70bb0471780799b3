// SPDX-License-Identifier: MIT
#include <cstdio>
#include <memdyn/memdyn.hpp>

int main() {
  using namespace memdyn;
  Integrator<HpDrift> integrator{HpDrift{}};
  std::vector<double> gamma{0.0};
  integrator.advance(gamma, triangle_sweep(14.0, 0.1, 2));
  std::printf("gamma after two sweeps: %.3e, %lu time events\n", gamma[0],
              static_cast<unsigned long>(integrator.statistics().time_events));
  return gamma[0] < 1e-9 ? 0 : 1;
}
