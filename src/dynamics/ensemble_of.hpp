// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/model_over.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/ensemble_lanes.hpp"

namespace memdyn {

/// Packs that are integrated side by side, as one: two hide most of each other's waiting.
inline constexpr std::size_t packs_in_flight = 2;

template <class T, std::size_t N>
void ensemble_of_size(std::shared_ptr<const Model<T>> model, const EnsembleOptions& options, LaneSource& source) {
  Driven<T, N> device(std::move(model), options.source);
  if (options.integrals) {
    EnsembleLanes<T, N, true>(std::move(device), options.integration, options.level, options.most_steps).run(source);
  } else {
    EnsembleLanes<T, N, false>(std::move(device), options.integration, options.level, options.most_steps).run(source);
  }
}

/// integrate_ensemble in the lanes of T.
template <class T>
void ensemble_of(const AnyDevice& device, const EnsembleOptions& options, LaneSource& source) {
  static_assert(lanes<T> <= most_lanes);
  std::shared_ptr<const Model<T>> model = model_over<T>(device);
  if (auto integrated = model->integrated()) model = std::move(integrated);
  switch (model->scale.size()) {
    case 1:
      return ensemble_of_size<T, 1>(std::move(model), options, source);
    default:
      return ensemble_of_size<T, 0>(std::move(model), options, source);
  }
}

}  // namespace memdyn
