// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "drive/interval.hpp"
#include "memdyn/drive/segment.hpp"

namespace memdyn {

/// A function of time, with bounds of its Taylor coefficients over intervals.
class SmoothFunction {
 public:
  SmoothFunction() = default;
  SmoothFunction(const SmoothFunction&) = delete;
  SmoothFunction& operator=(const SmoothFunction&) = delete;
  SmoothFunction(SmoothFunction&&) = delete;
  SmoothFunction& operator=(SmoothFunction&&) = delete;
  virtual ~SmoothFunction() = default;

  [[nodiscard]] virtual double value(double t) const = 0;
  /// Fills c with the Taylor coefficients at t: the value at t + σ unit is Σ c_k σ^k. c[0] is value(t).
  virtual void expand(double t, double unit, std::span<double> c) const = 0;
  /// Fills c with intervals that hold the coefficients at every time of t; they are not finite where there is no bound.
  virtual void enclose(const Interval& t, double unit, std::span<Interval> c) const = 0;
};

/// The Taylor coefficients of a segment that is not a sum, over an interval of local times.
void enclose(const Segment& segment, const Interval& s, double unit, std::span<Interval> c);

/// A stretch of a sum, in which the sum is monotone.
struct Stretch {
  double end;      ///< local time [s]
  bool turn;       ///< it ends at an extremum: a level that is reached there is touched, not crossed
  double longest;  ///< longest step in it [s]; see longest_step()
};

/// Segments and functions of time that are added. Its stretches are known from the start: a stretch ends at each
/// extremum, and where the bounds of the Taylor series, of order 8 around the middle, no longer show that there is at
/// most one extremum. A change below 16 epsilon of the largest value counts as rounding, and has no extremum.
class SumOfTerms {
 public:
  /// factor f(start + s)
  struct Function {
    std::shared_ptr<const SmoothFunction> of;
    double start = 0.0;  ///< [s]
    double factor = 1.0;
  };
  /// Largest number of stretches, which are kept in memory.
  static constexpr std::size_t most_stretches = 1'000'000;

  /// @param segments of this duration, none of them a sum
  /// @throws InputError naming the time where the sum or its rate is not finite, or where it changes faster than
  /// doubles resolve; or if it has too many stretches; Interrupted
  SumOfTerms(double duration, std::vector<Segment> segments, std::vector<Function> functions);

  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] const std::vector<Function>& functions() const { return functions_; }
  [[nodiscard]] double value(double s) const;
  [[nodiscard]] double rate(double s) const;
  void expand(double s, double unit, std::span<double> c) const;
  [[nodiscard]] const std::vector<Stretch>& stretches() const { return stretches_; }
  /// The stretch that holds the local times just after s; the last one if there is none.
  [[nodiscard]] const Stretch& stretch_after(double s) const;
  /// Upper bound of the magnitude.
  [[nodiscard]] double largest() const { return largest_; }
  [[nodiscard]] std::shared_ptr<const SumOfTerms> part(double begin, double end) const;

 private:
  void enclose(const Interval& s, double unit, std::span<Interval> c) const;
  void find_stretches();
  /// Adds the stretches from one time to another, if the bounds show that there is at most one extremum between them.
  bool add_stretches(double from, double to);
  /// The sign of the rate at a time: 0 if it is 0 within rounding of the time and of the rate.
  [[nodiscard]] int direction(double s) const;
  [[noreturn]] void refuse(double s, const char* what) const;

  double duration_;
  std::vector<Segment> segments_;
  std::vector<Function> functions_;
  std::vector<Stretch> stretches_;
  double scale_ = 0.0;  ///< of its magnitude: what is below its last digits is rounding
  double largest_ = 0.0;
};

}  // namespace memdyn
