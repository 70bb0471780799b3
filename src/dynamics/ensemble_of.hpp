// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/ensemble_lanes.hpp"

namespace memdyn {

/// integrate_ensemble in the lanes of T.
template <class T>
void ensemble_of(const AnyDevice& device, const EnsembleOptions& options, LaneSource& source) {
  std::visit(
      [&]<class D>(const D& one) {
        using Wide = typename D::template With<T>;
        const Wide wide(spread<typename Wide::Parameters>(one.parameters()));
        if (options.integrals) {
          EnsembleLanes<Wide, T, true>(wide, options.integration, options.level).run(source);
        } else {
          EnsembleLanes<Wide, T, false>(wide, options.integration, options.level).run(source);
        }
      },
      device);
}

}  // namespace memdyn
