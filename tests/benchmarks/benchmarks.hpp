// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace memdyn::benchmarks {

/// One side of a comparison. `run` does the work once and keeps its result; `error` returns the distance of that result
/// from the correct one. A side with an error above `tolerance` is not timed.
struct Side {
  std::string name;  ///< comparison/side
  std::function<void()> run;
  std::function<double()> error;
  double tolerance;
  double items;  ///< amount of work in one run: pulses, samples, trajectories ...
  std::function<std::map<std::string, double>()> counters;  ///< further results of the last run; may be empty
  enum class Clock { processor, wall } clock = Clock::processor;
};
/// Registers a side with Google Benchmark. It measures the CPU time of the process, which other load on the machine
/// affects little; for work on several threads it measures wall time.
benchmark::internal::Benchmark* add(Side side);

// Each function registers the sides of one comparison. `quick`: less work, for a smoke test.
void add_pulse(bool quick);
void add_figures(bool quick);
void add_ensemble(bool quick);
void add_million_pulses(bool quick);
void add_precision(bool quick);
void add_floor(bool quick);
void add_threads(bool quick);
void add_simulations(bool quick);

/// The largest |a - b|.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = a.size() == b.size() ? 0.0 : std::nan("");
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (const double each = std::abs(a[i] - b[i]); !(each <= largest)) largest = each;  // a NaN is kept
  return largest;
}

}  // namespace memdyn::benchmarks
