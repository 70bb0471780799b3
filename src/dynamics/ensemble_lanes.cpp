// SPDX-License-Identifier: MIT
// Compiled once for each instruction set, into the namespace MEMDYN_LANES.
#include "dynamics/ensemble_lanes.hpp"

#include "dynamics/ensemble_of.hpp"
#include "scalar/packs.hpp"

namespace memdyn::MEMDYN_LANES {

void integrate_ensemble(const AnyDevice& device, const EnsembleOptions& options, LaneSource& source) {
  ensemble_of<Packs<Pack, packs_in_flight>>(device, options, source);
}

}  // namespace memdyn::MEMDYN_LANES
