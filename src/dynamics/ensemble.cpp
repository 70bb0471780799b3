// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/ensemble.hpp"

#include <algorithm>
#include <cmath>

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

DrivenDevice driven(const AnyDevice& device, const Source& source) {
  return {std::visit([](const auto& one) { return model_of<double>(one); }, device), source};
}

double typical_input(const AnyDevice& device) {
  return std::visit(
      []<class D>(const D& one) {
        if constexpr (requires { one.typical_input(); }) return one.typical_input();
        double farthest = 0.0;
        for (std::size_t k = 0; k < one.guards(); ++k)
          if (const double level = one.drive_level(k); std::isfinite(level))
            farthest = std::max(farthest, std::abs(level));
        if (farthest > 0.0) return 1.5 * farthest;
        return D::control == Quantity::current ? 1e-4 : 1.0;
      },
      device);
}

Source native_source(const AnyDevice& device) {
  return std::visit([]<class D>(const D&) { return Source{D::control, 0.0}; }, device);
}

std::size_t lane_count(InstructionSet set) {
  constexpr std::size_t counts[] = {1, lanes<Pack>, 4, 8};
  return counts[static_cast<int>(set)];
}

void integrate_ensemble(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                        LaneSource& source) {
  options.integration.validate();
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
