// SPDX-License-Identifier: MIT
#include <cstdio>
#include <memdyn/memdyn.hpp>

int main(int /*argc*/, char** argv) {
  using namespace memdyn;
  const AnyDevice device = read_parameter_set(argv[1]);
  const Source source{.quantity = Quantity::voltage, .series_resistance = 50.0};
  const Waveform drive({Sine{.duration = 2.0, .amplitude = 1.0, .frequency = 1.0}});

  // into memory: the largest current, and the state at the end
  double largest = 0.0;
  Recording recording{[&](const Sample& sample) { largest = std::max(largest, std::abs(sample.current)); }};
  std::vector<double> gamma{1e-9};
  Integrator<DrivenDevice> integrator(driven(device, source));
  integrator.advance(gamma, drive, 0.0, &recording);
  std::printf("largest current %.3g A, state %.4g m, %lu steps\n", largest, gamma[0],
              static_cast<unsigned long>(integrator.statistics().accepted));

  // into a file, which "memdyn plot" draws and xarray opens
  const Scenario scenario{.title = "HP's device under a sine of 1 V",
                          .text = "",
                          .device = device,
                          .gamma = {1e-9},
                          .source = source,
                          .drive = drive,
                          .parts = {},
                          .options = {},
                          .recording = {}};
  simulate(scenario, argv[2], [](double /*done*/) {});
  plot(argv[2], argv[3], {.view = View::loop});
}
