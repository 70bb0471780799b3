// SPDX-License-Identifier: MIT
// Compiled once for each instruction set, into the namespace MEMDYN_LANES.
#include "dynamics/device_lanes.hpp"
#include "dynamics/pulse_lanes.hpp"
#include "learn/learner_of.hpp"

namespace memdyn::MEMDYN_LANES {

std::unique_ptr<Learner> make_learner(const Network& network, double learning_rate, const IntegrationOptions& options,
                                      bool twin, LanesHold hold, std::size_t packs) {
  const auto lanes_of = [&]<class D>(const D& device) {
    return PulseLanes<D, Pack>(device, options, InstructionSet::MEMDYN_LANES);
  };
  if (hold == LanesHold::devices && network.kind == NetworkKind::multilayer) {
    if (twin)
      return learner_of(network, learning_rate, packs, []<class D>(const D& device) { return ClosedForm<D>(device); });
    return learner_of(network, learning_rate, packs,
                      [&]<class D>(const D& device) { return DeviceLanes(lanes_of(device)); });
  }
  if (twin)
    return learner_of(network, learning_rate, packs,
                      []<class D>(const D& device) { return ClosedForm<D, Pack>(device); });
  return learner_of(network, learning_rate, packs, lanes_of);
}

}  // namespace memdyn::MEMDYN_LANES
