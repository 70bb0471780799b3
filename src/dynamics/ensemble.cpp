// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/ensemble.hpp"

#include "dynamics/ensemble_of.hpp"

namespace memdyn {

using IntegrateEnsemble = void(const AnyDevice&, const EnsembleOptions&, LaneSource&);
namespace baseline {
IntegrateEnsemble integrate_ensemble;
}
namespace avx2 {
IntegrateEnsemble integrate_ensemble;
}
namespace avx512 {
IntegrateEnsemble integrate_ensemble;
}

std::size_t lane_count(InstructionSet set) {
  return set == InstructionSet::scalar ? 1 : packs_in_flight * pack_lanes(set);
}

void integrate_ensemble(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                        LaneSource& source) {
  options.integration.validate();
  options.integration.require_explicit("ensemble");
  (void)driven(device, options.source);  // or says what is wrong with the source
  if (const int variable = options.level.variable;
      variable < Level::none || variable >= static_cast<int>(device.size()))
    throw InputError("ensemble", "level.variable", fmt::format("{}", variable),
                     fmt::format("must be a variable, 0 to {}, or memristance, or none", device.size() - 1));
  switch (set) {
#ifdef MEMDYN_WIDE_LANES
    case InstructionSet::avx512:
      return avx512::integrate_ensemble(device, options, source);
    case InstructionSet::avx2:
      return avx2::integrate_ensemble(device, options, source);
#endif
    case InstructionSet::scalar:
      return ensemble_of<double>(device, options, source);
    default:
      return baseline::integrate_ensemble(device, options, source);
  }
}

}  // namespace memdyn
