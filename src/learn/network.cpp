// SPDX-License-Identifier: MIT
#include "memdyn/learn/network.hpp"

#include <fmt/format.h>

#include <cmath>

#include "memdyn/core/error.hpp"
#include "memdyn/drive/waveform.hpp"

namespace memdyn {

void Network::validate_activations() const {
  for (const auto& [key, activation] : {std::pair{"hidden", hidden}, std::pair{"output", output}}) {
    const auto refuse = [&](const std::string& remedy) {
      throw InputError("", key, fmt::format("\"{}\"", name_of(activation)), remedy);
    };
    if (activation != NodeActivation::square && std::string_view(reading.name) != Reading{}.name)
      refuse(fmt::format("the reading \"{}\" determines the output of a node: leave {} out, or the reading",
                         reading.name, key));
    if (activation == NodeActivation::linear && node.parameters().approximate)
      refuse("divides by the memristance of a node, which is 0 at a bound if node.parameters.approximate = true");
  }
}

void Generator::validate() const {
  const auto check = [](const char* key, double value, bool good, const char* range) {
    if (!(good && std::isfinite(value))) throw InputError("", key, fmt::format("{}", value), range);
  };
  for (const auto& [key, time] :
       {std::pair{"rise", rise}, {"fall", fall}, {"rest", rest}, {"width_jitter", width_jitter}})
    check(key, time, time >= 0.0 && time <= Waveform::largest, "must be in [0, 1e15] s");
  check("offset", offset, std::abs(offset) <= Waveform::largest, "must be in [-1e15, 1e15]");
  check("amplitude_error", amplitude_error, amplitude_error >= 0.0 && amplitude_error <= 1.0,
        "is a relative standard deviation, in [0, 1]");
}

void Network::validate_generator(bool twin) const {
  generator.validate();
  if (!twin || kind != NetworkKind::crossbar || !generator.is_random()) return;
  const bool amplitude = generator.amplitude_error > 0.0;
  throw InputError("", amplitude ? "amplitude_error" : "width_jitter",
                   fmt::format("{}", amplitude ? generator.amplitude_error : generator.width_jitter),
                   "must be 0 for the twin of a crossbar: its table holds the changes by pulses that are all equal");
}

Network paper_network(bool multilayer, const Reading& reading) {
  Network network;
  network.kind = multilayer ? NetworkKind::multilayer : NetworkKind::single_layer;
  network.reading = reading;
  if (!multilayer) {
    ThresholdWindow::Parameters window;
    window.printed = reading.printed_window;
    network.window = ThresholdWindow(window);
    return network;
  }
  SynapticDrift::Parameters synapse;
  HpDrift::Parameters node;
  network.t_read = 0.0015;
  if (reading.output != Reading::Output::difference) {
    // R = 1 Ohm at rest, so that the voltage itself can be the output, and a film so thick that reads do not reach its
    // bounds; c = 1, kappa = 0.15
    node.R_off = 1.99;
    node.R_on = 0.01;
    node.D = synapse.D = 160.0;
    node.mu_v = 16000.0;
    synapse.mu_v = 160.0;
    synapse.B = 0.1;
    node.I_gamma = synapse.I_gamma = 100.0;
    network.t_read = 0.15 * 160.0 / 1.98;
  } else if (reading.printed_drive) {
    node.D = synapse.D = 1e-8;
    node.mu_v = synapse.mu_v = 1e-14;
    node.I_gamma = synapse.I_gamma = 1e-5;
    synapse.B = 1.6e9;
    network.t_read = 15e-6;
  }
  node.mirrored = !reading.one_sided_node;
  synapse.mirrored = !reading.one_sided_synapse;
  network.node = HpDrift(node);
  network.synapse = SynapticDrift(synapse);
  return network;
}

}  // namespace memdyn
