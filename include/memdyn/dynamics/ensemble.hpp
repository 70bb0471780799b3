// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include "memdyn/core/instruction_set.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/dynamics/lane_source.hpp"
#include "memdyn/dynamics/options.hpp"

namespace memdyn {

/// Options that hold for every trajectory of an ensemble.
struct EnsembleOptions {
  IntegrationOptions integration{};
  bool integrals = false;                                       ///< also compute charge, flux, energy and loop area
  Level level{};                                                ///< record when it is passed
  Source source{};                                              ///< the pieces are its drive
  double most_steps = std::numeric_limits<double>::infinity();  ///< limit per trajectory: accepted plus rejected
  Transition transition{};                                      ///< record the rise and the fall between its levels
  bool extremes = false;  ///< record when variables are lowest and highest; with integrals, extremes of the port, too
  bool parts = false;     ///< with integrals: also the energy of each part of a composite, and its extremes
};

/// The number of trajectories that are integrated side by side: the lanes of two packs, or 1 for `scalar`.
[[nodiscard]] std::size_t lane_count(InstructionSet set);

/// The instruction set in whose lanes a device can be integrated: `set`; or `scalar`, one trajectory at a time, if the
/// device has a model that is not compiled for packs, as a model of your own.
[[nodiscard]] InstructionSet set_for(const AnyDevice& device, InstructionSet set);

/// Integrates the trajectories of a source, side by side in the lanes of an instruction set. A lane whose trajectory
/// ends takes the next one. For one instruction set, a trajectory is bit-identical in any lane, with any neighbours and
/// in any order of work. Runs in the calling thread; each thread needs a source of its own.
/// @param device device of every lane; its parameters can be replaced per lane by LaneSource::parameters()
/// @throws InputError for an invalid tolerance, level or source, or for a method that the device does not admit
/// @throws any exception of the source; a trajectory that fails does not throw, but is reported by LaneSource::end()
void integrate_ensemble(InstructionSet set, const AnyDevice& device, const EnsembleOptions& options,
                        LaneSource& source);

}  // namespace memdyn
