// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include "memdyn/core/failure.hpp"
#include "memdyn/drive/piece.hpp"
#include "memdyn/dynamics/driven_device.hpp"

namespace memdyn {

/// Integrals along a trajectory, beside its state: ∫I dt [C], ∫V dt [Wb], ∫VI dt [J], and ∮V dI [W] over the positive
/// and over the negative drive, from rest to rest.
enum Integral : std::size_t { charge, flux, energy, area_positive, area_negative, integrals };

/// A level whose first passage is timed: of a variable, by its index, or of the memristance.
struct Level {
  static constexpr int none = -2;
  static constexpr int memristance = -1;
  int variable = none;
  double value = 0.0;
};

/// What has become of a trajectory. Pointers are good until the call that gave them returns.
struct LaneOutcome {
  Failure failure = Failure::none;
  double time = 0.0;               ///< at which it ended [s]
  const double* gamma = nullptr;   ///< final state, one number a variable
  const double* lowest = nullptr;  ///< of each variable, at the ends of steps and where it turns
  const double* highest = nullptr;
  const double* integrals = nullptr;  ///< by Integral, if they were asked for
  double memristance_low = 0.0;       ///< [Ohm], where I is not 0, in steps as well as at their ends
  double memristance_high = 0.0;
  double switched = 0.0;  ///< when the level was passed first [s], NaN if never
  double absorbed = 0.0;  ///< when a bound was first seen to have absorbed a variable [s], NaN if never
  double accepted = 0.0, rejected = 0.0, events = 0.0;
};

/// Lanes are numbered from 0, and there are no more than this.
inline constexpr std::size_t most_lanes = 16;

/// Where lanes get their trajectories from, and bring them to. Called by one thread.
class LaneSource {
 public:
  virtual ~LaneSource() = default;
  /// Begins the next trajectory in a lane: writes its initial state; false if there is none left.
  virtual bool begin(std::size_t lane, double* gamma) = 0;
  /// The next piece of the trajectory in a lane; null at its end. Good until the next call for that lane.
  virtual const Piece* next_piece(std::size_t lane) = 0;
  /// Of the common time grid [s]: its points are the multiples, the first of them `interval`; 0 for none.
  [[nodiscard]] virtual double interval() const { return 0.0; }
  /// The state at a point of the common time grid.
  virtual void sample(std::size_t lane, const double* gamma) = 0;
  virtual void end(std::size_t lane, const LaneOutcome& outcome) = 0;
  /// Whether the trajectories that are under way are to be left where they are; asked for now and then.
  [[nodiscard]] virtual bool stopping() const { return false; }
  /// The parameters of the devices in all lanes (parameter x lane, in the order of Parameters::fields), or null if all
  /// lanes have those that the integrator was made with.
  [[nodiscard]] virtual const double* parameters() const = 0;
  /// Of the sources in all lanes (number x lane), as Driven::take_source wants them, or null likewise.
  [[nodiscard]] virtual const double* sources() const { return nullptr; }
};

}  // namespace memdyn
