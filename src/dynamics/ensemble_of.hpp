// SPDX-License-Identifier: MIT
#pragma once

#include "circuit/model_over.hpp"
#include "dynamics/ensemble_lanes.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/scalar/series.hpp"

namespace memdyn {

/// Packs that are computed side by side as one: each uses the time in which the other waits for its own results.
inline constexpr std::size_t packs_in_flight = 2;

/// The model of a device in the coordinates that are integrated.
template <class T>
[[nodiscard]] std::shared_ptr<const Model<T>> integrated_over(const AnyDevice& device) {
  std::shared_ptr<const Model<T>> model = model_over<T>(device);
  auto own = model->integrated();
  return own != nullptr ? own : model;
}

template <class T, std::size_t N>
void ensemble_of_size(std::shared_ptr<const Model<T>> model, std::optional<Driven<Series<T>>> series,
                      const EnsembleOptions& options, LaneSource& source) {
  Driven<T, N> device(std::move(model), options.source);
  const auto run = [&]<bool Integrals>() {
    EnsembleLanes<T, N, Integrals>(std::move(device), options.integration, options.level, options.most_steps,
                                   std::move(series), options.extremes, options.transition, options.parts)
        .run(source);
  };
  options.integrals ? run.template operator()<true>() : run.template operator()<false>();
}

/// integrate_ensemble in the lanes of T.
template <class T>
void ensemble_of(const AnyDevice& device, const EnsembleOptions& options, LaneSource& source) {
  static_assert(lanes<T> <= most_lanes);
  auto model = integrated_over<T>(device);
  if (model->scale.empty()) {  // no method is needed without a state
    EnsembleOptions own = options;
    own.integration.method = Method::dopri5;
    return ensemble_of_size<T, 0>(std::move(model), std::nullopt, own, source);
  }
  std::optional<Driven<Series<T>>> series;
  if (exists_over<Series<T>>(device)) series.emplace(integrated_over<Series<T>>(device), options.source);
  switch (model->scale.size()) {
    case 1:
      return ensemble_of_size<T, 1>(std::move(model), std::move(series), options, source);
    default:
      return ensemble_of_size<T, 0>(std::move(model), std::move(series), options, source);
  }
}

}  // namespace memdyn
