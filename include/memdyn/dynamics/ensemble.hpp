// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

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

/// The instruction set in whose lanes a device can run: `set`, or `scalar`, one trajectory at a time, for a model of
/// your own, for which no packs are compiled.
[[nodiscard]] InstructionSet set_for(const AnyDevice& device, InstructionSet set);

/// Integrates the trajectories of a source, side by side in the lanes of an instruction set; a lane whose trajectory
/// ends takes the next one. For one instruction set a trajectory does not depend on its lane, on its neighbours or on
/// the order of work, to the last bit. Runs in the calling thread: a source a thread.
/// @param device in every lane, unless the source has parameters of its own
/// @throws InputError for a bad tolerance, level or source, for a method that takes derivatives that the device does
/// not give, and what the source throws; a trajectory that fails is told to the source
void integrate_ensemble(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                        LaneSource& source);

}  // namespace memdyn
