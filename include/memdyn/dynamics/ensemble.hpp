// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <span>

#include "memdyn/core/instruction_set.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/dynamics/lane_source.hpp"
#include "memdyn/dynamics/options.hpp"

namespace memdyn {

/// What is asked of every trajectory of an ensemble.
struct EnsembleOptions {
  IntegrationOptions integration{};
  bool integrals = false;                                       ///< charge, flux, energy and loop area beside the state
  Level level{};                                                ///< whose first passage is timed
  Source source{};                                              ///< whose drive the pieces are
  double most_steps = std::numeric_limits<double>::infinity();  ///< accepted and rejected, of one trajectory
};

/// How many trajectories go side by side: the lanes of two packs, or one.
[[nodiscard]] std::size_t lane_count(InstructionSet set);

/// Integrates the trajectories of a source, side by side in the lanes of an instruction set; a lane whose trajectory
/// ends takes the next one. For one instruction set a trajectory does not depend on its lane, on its neighbours or on
/// the order of work, to the last bit. Runs in the calling thread: a source a thread.
/// @param device in every lane, unless the source has parameters of its own
/// @param options "auto" is dopri5 until stability limits it; then the source is asked for the trajectory to be
/// integrated alone
/// @throws InputError for a bad tolerance, level or source, for rosenbrock4, which takes one trajectory at a time, for
/// taylor where the device has no series, and
/// what the source throws; a trajectory that fails is told to the source
void integrate_ensemble(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                        LaneSource& source);

/// Integrates the trajectory that a source has begun anew in a lane by itself, as `auto` does a single one: where
/// stability limits the steps of dopri5, rosenbrock4 takes over.
/// @param options of which the source is that of the device
/// @param gamma its initial state
/// @throws what the source throws
void integrate_alone(const DrivenDevice& device, const EnsembleOptions& options, std::span<const double> gamma,
                     std::size_t lane, LaneSource& source);

}  // namespace memdyn
