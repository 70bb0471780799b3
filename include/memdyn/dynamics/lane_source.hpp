// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include "memdyn/core/failure.hpp"
#include "memdyn/drive/piece.hpp"
#include "memdyn/dynamics/driven_device.hpp"

namespace memdyn {

/// Integrals along a trajectory: ∫I dt [C], ∫V dt [Wb], ∫VI dt [J], and the loop area ∮V dI [W] over the positive and
/// over the negative drive, from rest to rest.
enum Integral : std::size_t { charge, flux, energy, area_positive, area_negative, integrals };

/// A level of a variable, given by its index, or of a quantity of the port. The time of its first passage is recorded.
struct Level {
  static constexpr int none = -2;
  static constexpr int memristance = -1, conductance = -3, current = -4, voltage = -5;
  static constexpr int least = voltage;  ///< the smallest of these numbers
  enum Direction { falling, rising, either };

  int variable = none;
  double value = 0.0;
  Direction direction = either;  ///< of the passages that are timed
  bool every = false;            ///< also count the later passages, and time the distances between them
  std::size_t timed = 0;         ///< with `every`: the number of passages whose times are recorded

  /// The quantity may change although no variable does.
  [[nodiscard]] constexpr bool of_port() const { return variable < 0 && variable != none; }
};

/// The passages of a level in one direction, and the mean and the variance of the times between them (Welford 1962).
class Passages {
 public:
  void add(double time) {
    if (++count_ > 1.0) {
      const double gap = time - last_;
      const double off = gap - mean_;
      mean_ += off / (count_ - 1);
      squares_ += off * (gap - mean_);
    }
    last_ = time;
  }
  [[nodiscard]] double count() const { return count_; }
  /// Mean time from one passage to the next [s]; NaN if there are fewer than two passages.
  [[nodiscard]] double period() const { return count_ > 1 ? mean_ : std::numeric_limits<double>::quiet_NaN(); }
  /// Standard deviation of a single one of these times [s]; NaN if there are fewer than three passages.
  [[nodiscard]] double deviation() const {
    return count_ > 2 ? std::sqrt(squares_ / (count_ - 2)) : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double count_ = 0.0, last_ = 0.0, mean_ = 0.0, squares_ = 0.0;
};

/// The time above a level, as a share of whole periods from one rising passage to the next.
class Duty {
 public:
  void add(Level::Direction direction, double time) {
    if (direction == Level::falling) {
      fell_ = time;
      return;
    }
    if (!std::isnan(rose_) && !std::isnan(fell_)) {
      above_ += fell_ - rose_;
      periods_ += time - rose_;
    }
    rose_ = time;
    fell_ = std::numeric_limits<double>::quiet_NaN();
  }
  /// NaN without a whole period.
  [[nodiscard]] double share() const {
    return periods_ > 0 ? above_ / periods_ : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double rose_ = std::numeric_limits<double>::quiet_NaN(), fell_ = std::numeric_limits<double>::quiet_NaN();
  double above_ = 0.0, periods_ = 0.0;
};

/// Two levels of one quantity between which its rise and its fall are timed.
struct Transition {
  int variable = Level::none;  ///< as in Level; `none`: nothing is timed
  double low = 0.0, high = 0.0;
};

/// Times the first rise of a quantity from the low to the high level of a transition, and its first fall.
class TransitionTimes {
 public:
  /// Takes passages of both levels, in order of time. @param high of the high level, else of the low one
  void add(bool high, Level::Direction direction, double time) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    const bool rises = direction == Level::rising;
    if (high == rises && std::isnan(rises ? rise_ : fall_))
      (rises ? rise_ : fall_) = time - (rises ? began_up_ : began_down_);
    if (high) {
      began_down_ = rises ? none : time;
    } else {
      began_up_ = rises ? time : none;
    }
  }
  /// From the last upward passage of the low level to the next one of the high level [s]; NaN if there is none.
  [[nodiscard]] double rise() const { return rise_; }
  /// From the last downward passage of the high level to the next one of the low level [s].
  [[nodiscard]] double fall() const { return fall_; }

 private:
  double began_up_ = std::numeric_limits<double>::quiet_NaN(), began_down_ = began_up_, rise_ = began_up_,
         fall_ = began_up_;
};

/// The lowest and the highest value of a quantity, and when each is first reached [s].
struct Extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double low_time = std::numeric_limits<double>::quiet_NaN();
  double high_time = std::numeric_limits<double>::quiet_NaN();
};
/// The quantities of the port whose extremes are found on request.
enum PortQuantity : std::size_t { port_current, port_voltage, port_power, port_quantities };

/// What a part of a composite did along a trajectory, in the direction of the whole device.
struct PartOutcome {
  double energy = 0.0;                           ///< ∫VI dt [J]
  std::array<Extremes, port_quantities> port{};  ///< by PortQuantity
};

/// The outcome of a trajectory. Pointers are valid until the call that passes the outcome returns.
struct LaneOutcome {
  Failure failure = Failure::none;
  double time = 0.0;                  ///< when it ended [s]
  const double* gamma = nullptr;      ///< final state, one value per variable
  const double* lowest = nullptr;     ///< minimum of each variable, at ends of steps and where it turns
  const double* highest = nullptr;    ///< maximum, likewise
  const double* integrals = nullptr;  ///< by Integral, if requested
  double largest_current = 0.0;       ///< largest |I| [A], if integrals are requested
  double largest_power = 0.0;         ///< largest |V I| [W], likewise
  double memristance_low = 0.0;       ///< [Ohm], where I is not 0, within steps and at their ends
  double memristance_high = 0.0;
  double switched = 0.0;                    ///< when the level was first passed in its direction [s], NaN if never
  std::array<Passages, 2> passages{};       ///< by Level::Direction, if every passage was requested
  std::span<const double> passage_times{};  ///< of the first passages in the direction of the level [s]
  Duty duty{};                              ///< of the level, if every passage was requested
  TransitionTimes transition{};             ///< if requested
  const double* lowest_time = nullptr;      ///< when each variable was lowest [s], if requested
  const double* highest_time = nullptr;
  std::array<Extremes, port_quantities> port{};  ///< by PortQuantity, if requested together with the integrals
  std::span<const PartOutcome> parts{};          ///< in the order of Model::ports(), if requested with the integrals
  double absorbed = 0.0;  ///< when a bound was first found to have absorbed a variable [s], NaN if never
  double accepted = 0.0, rejected = 0.0, events = 0.0;
};

/// The largest number of lanes. Lanes are numbered from 0.
inline constexpr std::size_t most_lanes = 16;

/// Provides trajectories for the lanes and receives their results. Called by one thread.
class LaneSource {
 public:
  virtual ~LaneSource() = default;
  /// Starts the next trajectory in a lane and writes its initial state. @returns false if none is left
  virtual bool begin(std::size_t lane, double* gamma) = 0;
  /// The next piece of the trajectory in a lane; null at its end. The pointer is valid until the next call for that
  /// lane.
  virtual const Piece* next_piece(std::size_t lane) = 0;
  /// The next time [s] at which the state in a lane is requested, above 0 and above that of the last sample(); infinite
  /// if there is none.
  [[nodiscard]] virtual double next_sample(std::size_t /*lane*/) const {
    return std::numeric_limits<double>::infinity();
  }
  /// Receives the state at next_sample(), which must be a later time afterwards.
  virtual void sample(std::size_t lane, const double* gamma) = 0;
  /// Receives the outcome of the trajectory in a lane.
  virtual void end(std::size_t lane, const LaneOutcome& outcome) = 0;
  /// True if the integration is to stop and leave its trajectories unfinished; called from time to time.
  [[nodiscard]] virtual bool stopping() const { return false; }
  /// The parameters of the devices in all lanes (parameter x lane, in the order of Parameters::fields), or null if all
  /// lanes have the parameters of the given device.
  [[nodiscard]] virtual const double* parameters() const = 0;
  /// The numbers of the sources in all lanes (number x lane, in the order of Driven::take_source()), or null if all
  /// lanes have those of the given source.
  [[nodiscard]] virtual const double* sources() const { return nullptr; }
};

}  // namespace memdyn
