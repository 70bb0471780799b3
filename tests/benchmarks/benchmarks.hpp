// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace memdyn::benchmarks {

/// One side of a comparison. `run` does the work once and keeps its answer; `error` is the distance of that answer from
/// the right one. What does not come within `tolerance` of it is not timed.
struct Side {
  std::string name;  ///< comparison/side
  std::function<void()> run;
  std::function<double()> error;
  double tolerance;
  double items;                                             ///< of work in one run: pulses, samples, trajectories ...
  std::function<std::map<std::string, double>()> counters;  ///< more that the last run has to tell; may be empty
  enum class Clock { processor, wall } clock = Clock::processor;
};
/// Registers it with Google Benchmark. Time is the processor's for the whole process, so that a neighbour on the
/// machine counts for little; wall time is for what runs on several threads.
benchmark::internal::Benchmark* add(Side side);

/// Each registers the sides of one comparison. `quick`: less work, for a smoke test.
void add_pulse(bool quick);
void add_figures(bool quick);
void add_ensemble(bool quick);
void add_million_pulses(bool quick);
void add_precision(bool quick);
void add_floor(bool quick);
void add_threads(bool quick);

/// The largest |a - b|.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = a.size() == b.size() ? 0.0 : std::nan("");
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (const double each = std::abs(a[i] - b[i]); !(each <= largest)) largest = each;  // a NaN stays
  return largest;
}

}  // namespace memdyn::benchmarks
