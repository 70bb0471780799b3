// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/ensemble.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "dynamics/ensemble_of.hpp"
#include "memdyn/dynamics/coordinates.hpp"

namespace memdyn {

namespace {
/// Wraps a source: converts initial states to the coordinates that are integrated, and results back to states.
class Transformed final : public LaneSource {
 public:
  /// @param model the model in its coordinates
  Transformed(LaneSource& source, std::shared_ptr<const Model<double>> model, std::size_t lanes)
      : source_(source), lanes_(lanes), model_(std::move(model)), lane_(lanes) {}

  bool begin(std::size_t lane, double* gamma) override {
    if (!source_.begin(lane, gamma)) return false;
    Lane& l = lane_[lane];
    l.model = model_;
    if (const double* numbers = source_.parameters()) {
      std::vector<double> own(model_->numbers);
      for (std::size_t p = 0; p < own.size(); ++p) own[p] = numbers[p * lanes_ + lane];
      l.model = model_->with(own.data());
    }
    l.coordinates.enter(*l.model, {gamma, size()});
    return true;
  }
  const Piece* next_piece(std::size_t lane) override { return source_.next_piece(lane); }
  void sample(std::size_t lane, const double* gamma) override { source_.sample(lane, state(lane, gamma).data()); }
  void end(std::size_t lane, const LaneOutcome& outcome) override {
    LaneOutcome shown = outcome;
    const State gamma = state(lane, outcome.gamma);
    const State lowest = state(lane, outcome.lowest);
    const State highest = state(lane, outcome.highest);
    shown.gamma = gamma.data();
    shown.lowest = lowest.data();
    shown.highest = highest.data();
    source_.end(lane, shown);
  }
  [[nodiscard]] bool stopping() const override { return source_.stopping(); }
  [[nodiscard]] const double* parameters() const override { return source_.parameters(); }
  [[nodiscard]] const double* sources() const override { return source_.sources(); }
  [[nodiscard]] double next_sample(std::size_t lane) const override { return source_.next_sample(lane); }

 private:
  using State = std::vector<double>;
  struct Lane {
    std::shared_ptr<const Model<double>> model;
    Coordinates coordinates;
  };
  [[nodiscard]] std::size_t size() const { return model_->scale.size(); }
  [[nodiscard]] State state(std::size_t lane, const double* gamma) const {
    State all(gamma, gamma + size());
    lane_[lane].coordinates.leave(*lane_[lane].model, all);
    return all;
  }

  LaneSource& source_;
  std::size_t lanes_;
  std::shared_ptr<const Model<double>> model_;
  std::vector<Lane> lane_;
};

void integrate_in_coordinates(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                              LaneSource& source);
}  // namespace

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

InstructionSet set_for(const AnyDevice& device, InstructionSet set) {
  return exists_over<Pack>(device) ? set : InstructionSet::scalar;
}

std::size_t lane_count(InstructionSet set) {
  return set == InstructionSet::scalar ? 1 : packs_in_flight * pack_lanes(set);
}

void integrate_ensemble(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                        LaneSource& source) {
  options.integration.validate();
  (void)driven(device, options.source).admitted(options.integration.method);  // throws if source or method is invalid
  for (const auto& [key, variable] :
       {std::pair{"level.variable", options.level.variable}, {"transition.variable", options.transition.variable}})
    if (variable < Level::least || variable >= static_cast<int>(device.size()))
      throw InputError("ensemble", key, fmt::format("{}", variable),
                       fmt::format("must be the index of a variable, below {}, or a constant of Level", device.size()));
  if (auto model = device.model().integrated()) {
    Transformed transformed(source, std::move(model), lane_count(set));
    return integrate_in_coordinates(set, device, options, transformed);
  }
  integrate_in_coordinates(set, device, options, source);
}

namespace {
void integrate_in_coordinates(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                              LaneSource& source) {
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
}  // namespace

}  // namespace memdyn
