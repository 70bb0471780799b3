// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <memory>

#include "benchmarks.hpp"
#include "memdyn/device/models/team.hpp"
#include "memdyn/drive/segment.hpp"
#include "memdyn/dynamics/ensemble.hpp"

namespace memdyn::benchmarks {

struct Trajectory {
  double start;
  std::vector<Constant> pulses;  ///< including the rests between them
};

/// The mixed work, and its final states from the reference integrator at a much tighter tolerance.
struct Ensemble {
  explicit Ensemble(std::size_t count);
  Team device;
  std::vector<Trajectory> trajectories;
  std::vector<double> right;
};

/// Supplies the trajectories to lanes, and keeps the results.
class EnsembleSource final : public LaneSource {
 public:
  explicit EnsembleSource(const Ensemble& ensemble)
      : final_states(ensemble.trajectories.size()), ensemble_(&ensemble) {}
  bool begin(std::size_t lane, double* gamma) override;
  const Piece* next_piece(std::size_t lane) override;
  void sample(std::size_t /*lane*/, const double* /*gamma*/) override {}
  void end(std::size_t lane, const LaneOutcome& outcome) override;
  [[nodiscard]] const double* parameters() const override { return nullptr; }

  std::vector<double> final_states;
  double accepted = 0, steps = 0, events = 0;  ///< steps: accepted and rejected

 private:
  struct Place {
    std::size_t trajectory, pulse;
    double time;
    Piece piece;
  };
  const Ensemble* ensemble_;
  std::size_t next_ = 0;
  std::array<Place, most_lanes> at_{};
};

/// The side that uses integrate_ensemble, in the lanes of `set`, on one thread.
[[nodiscard]] Side ensemble_side(const std::string& name, const std::shared_ptr<const Ensemble>& ensemble,
                                 InstructionSet set, const IntegrationOptions& options);

}  // namespace memdyn::benchmarks
