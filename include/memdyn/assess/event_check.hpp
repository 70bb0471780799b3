// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// Result of check_events().
struct EventReport {
  std::uint64_t compared = 0;   ///< number of cases compared with the reference integration
  std::uint64_t switches = 0;   ///< state events, and bounds reached and left, in these cases
  std::uint64_t sensitive = 0;  ///< skipped: a small perturbation grows too much, as when a guard is only grazed
  std::uint64_t sliding = 0;    ///< compared only between one trajectory and lanes: the reference does not slide
  std::uint64_t undefined = 0;  ///< skipped: the state diverges, or it admits no input, or it would slide where
                                ///< several guards meet or the port is discontinuous
  std::uint64_t unclear = 0;    ///< skipped: two reference integrations differ
  double worst = 0.0;           ///< largest error / (tolerance x amplification)
  std::string where;            ///< method or instruction set, and case, of the largest error
  double apart = 0.0;  ///< largest difference of the integrator of single trajectories and one lane, scaled as `worst`
  double slid = 0.0;   ///< largest difference of sliding states, alone and in lanes, from those at a finer tolerance
  struct Failure {
    std::string what;      ///< description in one line
    std::string device;    ///< content of the file device.toml that the scenario needs; empty if it needs none
    std::string scenario;  ///< content of a scenario with which `memdyn simulate` reproduces the failure
  };
  std::vector<Failure> failures;  ///< cases above `most_error` or `most_apart`, or whose integration ended early
};

/// Largest admissible error / (tolerance x amplification), where the amplification is that of a small change of the
/// state along the trajectory.
inline constexpr double most_error = 50.0;
/// The integrator of single trajectories and that of lanes follow the same rules: most often they agree to the last
/// bit. An explicit method at the edge of its stability wavers about an equilibrium by the tolerance, and rounding
/// decides the side: two such results are each within one tolerance, and at most two apart.
inline constexpr double most_apart = 2.0;

/// Integrates random devices under random sources and waveforms by every method (methods of low order only for
/// tolerances of 1e-8 or more), as single trajectories and in the lanes of every instruction set. Compares them with a
/// fixed-step integration that detects events only by sign changes, and each lane bit by bit with the same trajectory
/// among other neighbours. Half of the devices are models of the list, with or without a compliance. The others are
/// written as text with one to three guards: polynomials of state and input, dips, levels, bounds, simultaneous events.
/// @param first number of the first case, from 0; case n of a seed is always the same
/// @throws whatever `progress` throws
[[nodiscard]] EventReport check_events(std::uint64_t cases, std::uint64_t seed, std::uint64_t first,
                                       const Progress& progress);

}  // namespace memdyn
