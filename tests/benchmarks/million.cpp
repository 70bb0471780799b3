// SPDX-License-Identifier: MIT
// One HP device under a long train of pulses with edges, alternately up and down, so that it stays within its bounds.
// The counters are the numbers of the netlist: compare.py runs the same train in ngspice.
#include <memory>

#include "benchmarks.hpp"
#include "memdyn/device/models/hp_drift.hpp"
#include "memdyn/dynamics/integrator.hpp"

namespace memdyn::benchmarks {

void add_million_pulses(bool quick) {
  const double periods = quick ? 5e3 : 5e5;  // periods of two pulses each
  const HpDrift device;
  const auto& p = device.parameters();
  const double threshold = device.threshold_current();
  constexpr double up = 14.0, down = 12.0, edge = 1e-3, width = 1e-2, rest = 1e-2, start = -0.1, net = 4e-7;
  // the edges move γ by c (A - threshold)² edge / A, the plateau by c (A - threshold) width
  const auto by_edges = [&](double peak) {
    return device.rate() * (peak - threshold) * (peak - threshold) * edge / peak;
  };
  const double rise = by_edges(up) + device.rate() * (up - threshold) * width;
  const double width_down = (rise - net - by_edges(down)) / (device.rate() * (down - threshold));
  const Waveform period({Ramp{edge, 0, up}, Constant{width, up}, Ramp{edge, up, 0}, Constant{rest, 0},
                         Ramp{edge, 0, -down}, Constant{width_down, -down}, Ramp{edge, -down, 0}, Constant{rest, 0}});

  const auto gamma = std::make_shared<std::vector<double>>();
  add({.name = "million/memdyn",
       .run =
           [=] {
             Integrator<HpDrift> integrator(device);
             gamma->assign(1, start);
             for (double k = 0; k < periods; ++k) integrator.advance(*gamma, period, k * period.duration());
           },
       .error = [=] { return std::abs((*gamma)[0] - (start + periods * net)); },
       .tolerance = 1e-9,
       .items = 2 * periods,
       .counters =
           [=] {
             return std::map<std::string, double>{{"up", up},
                                                  {"down", down},
                                                  {"edge", edge},
                                                  {"width", width},
                                                  {"rest", rest},
                                                  {"start", start},
                                                  {"net", net},
                                                  {"width_down", width_down},
                                                  {"R_on", p.R_on},
                                                  {"D", p.D},
                                                  {"threshold", threshold},
                                                  {"rate", device.rate()},
                                                  {"R_off", p.R_off}};
           }});
}

}  // namespace memdyn::benchmarks
