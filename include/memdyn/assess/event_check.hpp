// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// What a check of switches found.
struct EventReport {
  std::uint64_t compared = 0;   ///< cases
  std::uint64_t switches = 0;   ///< state events, and bounds reached and left, in them
  std::uint64_t sensitive = 0;  ///< passed over: a small change makes a large one later, as where a guard is grazed
  std::uint64_t sliding = 0;    ///< compared alone and in lanes, as that integration does not slide
  std::uint64_t undefined = 0;  ///< passed over: it runs away, or the source asks for what it cannot give, or a state
                                ///< would slide where several guards meet or the port jumps
  std::uint64_t unclear = 0;    ///< passed over: two plain integrations differ
  double worst = 0.0;           ///< error over tolerance and growth
  std::string where;            ///< of that: method, or instruction set, and case
  double apart = 0.0;  ///< the most by which the integrator of single trajectories and one lane differ, likewise
  double slid = 0.0;  ///< the most by which states that slide differ, alone and in lanes, from one of a finer tolerance
  struct Failure {
    std::string what;      ///< in one line
    std::string device;    ///< the file device.toml that the scenario needs; empty where it needs none
    std::string scenario;  ///< a file for `memdyn simulate` that shows it
  };
  std::vector<Failure> failures;  ///< of more than `most_error` or `most_apart`, or of an integration that ended early
};

/// So many times the tolerance, times what a trajectory makes of a small change of its state, an error may be.
inline constexpr double most_error = 50.0;
/// The integrator of single trajectories and that of lanes follow the same rules: most often they agree to the last
/// bit. An explicit method at the edge of its stability wavers about an equilibrium by the tolerance, and rounding
/// decides the side: two such results are each within one tolerance, and at most two apart.
inline constexpr double most_apart = 2.0;

/// Integrates devices drawn at random, under sources and waveforms drawn at random, by every method (those of low order
/// where the tolerance is at least 1e-8), alone and in the lanes of every instruction set. Compares
/// with a plain integration in fixed steps that looks for switches by signs alone, and a lane with the same among
/// neighbours, to the last bit. Half of the devices are models of
/// the list, with a compliance or without; the others are written as text, with one to three guards each: polynomials
/// of state and input, dips, levels, bounds, several that switch at once.
/// @param first number of the first case, from 0; case n of a seed is always the same
/// @throws whatever `progress` throws
[[nodiscard]] EventReport check_events(std::uint64_t cases, std::uint64_t seed, std::uint64_t first,
                                       const Progress& progress);

}  // namespace memdyn
