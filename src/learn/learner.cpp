// SPDX-License-Identifier: MIT
#include "learn/learner.hpp"

#include "dynamics/pulse_lanes.hpp"
#include "learn/crossbar.hpp"
#include "learn/learner_of.hpp"
#include "learn/own_devices.hpp"
#include "memdyn/dynamics/integrator.hpp"

namespace memdyn {

using MakeLearner = std::unique_ptr<Learner>(const Network&, double, const IntegrationOptions&, bool, LanesHold,
                                             std::size_t);
namespace baseline {
MakeLearner make_learner;
}  // namespace baseline
namespace avx2 {
MakeLearner make_learner;
}  // namespace avx2
namespace avx512 {
MakeLearner make_learner;
}  // namespace avx512

namespace {

/// Makes the learner whose devices have parameters of their own.
std::unique_ptr<Learner> make_differing(InstructionSet set, const Network& network, double learning_rate,
                                        const IntegrationOptions& options, bool twin, std::size_t packs) {
  const auto learner = [&](const auto& engine) {
    return learner_of(network, learning_rate, packs, [engine]<class D>(const D& device) {
      return OwnDevices<decltype(engine(device))>(device, engine);
    });
  };
  if (twin) return learner([]<class D>(const D& device) { return ClosedForm<D>(device); });
  if (set == InstructionSet::scalar)
    return learner([options]<class D>(const D& device) { return Integrator<D>(device, options); });
  return learner(
      [options]<class D>(const D& device) { return PulseLanes<D, double>(device, options, InstructionSet::baseline); });
}

}  // namespace

std::size_t lane_count(InstructionSet set, const Network& network, LanesHold hold) {
  const bool one = network.kind == NetworkKind::multilayer && hold == LanesHold::devices;
  return one || network.kind == NetworkKind::crossbar || network.devices_vary ? 1 : pack_lanes(set);
}

std::unique_ptr<Learner> make_learner(InstructionSet set, const Network& network, double learning_rate,
                                      const IntegrationOptions& options, bool twin, LanesHold hold, std::size_t packs) {
  network.validate_generator(twin);
  if (network.kind == NetworkKind::crossbar) {
    if (twin && network.crossbar.update == Update::programmed)
      throw InputError("", "twin", "true", std::string(no_crossbar_twin));
    return std::make_unique<Crossbar>(network, learning_rate, options, packs, twin);
  }
  if (network.kind == NetworkKind::multilayer) network.validate_activations();
  if (network.devices_vary) return make_differing(set, network, learning_rate, options, twin, packs);
  switch (set) {
#ifdef MEMDYN_WIDE_LANES
    case InstructionSet::avx512:
      return avx512::make_learner(network, learning_rate, options, twin, hold, packs);
    case InstructionSet::avx2:
      return avx2::make_learner(network, learning_rate, options, twin, hold, packs);
#endif
    case InstructionSet::scalar:
      if (twin)
        return learner_of(network, learning_rate, packs,
                          []<class D>(const D& device) { return ClosedForm<D>(device); });
      return learner_of(network, learning_rate, packs,
                        [&]<class D>(const D& device) { return Integrator<D>(device, options); });
    default:
      return baseline::make_learner(network, learning_rate, options, twin, hold, packs);
  }
}

}  // namespace memdyn
