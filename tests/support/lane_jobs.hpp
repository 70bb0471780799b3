// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include "drive/cutter.hpp"
#include "memdyn/device/device.hpp"
#include "memdyn/dynamics/lane_source.hpp"

/// One trajectory to integrate, with its own parameters if there are any.
struct Job {
  std::vector<double> gamma;
  memdyn::Waveform drive;
  std::vector<double> parameters = {};
};

/// The result of a job.
struct Done {
  memdyn::LaneOutcome outcome;
  std::vector<double> numbers;  ///< all numbers of the outcome in one list
  std::vector<double> gamma, lowest, highest, integrals, samples, lowest_time, highest_time, passage_times;
};

/// Assigns jobs to lanes in a given order, and keeps the results by the number of the job.
class LaneJobs final : public memdyn::LaneSource {
 public:
  /// @param levels levels(job) returns the drive levels of the guards of the job's device
  template <class Levels>
  LaneJobs(const std::vector<Job>& jobs, const Levels& levels, std::vector<std::size_t> order = {},
           double interval = 0.0, bool integrals = false)
      : done(jobs.size()), jobs_(jobs), order_(std::move(order)), interval_(interval), integrals_(integrals) {
    for (const Job& job : jobs) levels_.push_back(levels(job));
    if (order_.empty()) {
      order_.resize(jobs.size());
      std::iota(order_.begin(), order_.end(), 0);
    }
    parameters_.assign(jobs.empty() ? 0 : jobs[0].parameters.size() * memdyn::most_lanes, 1.0);
  }
  void lanes(std::size_t count) { lanes_ = count; }

  bool begin(std::size_t lane, double* gamma) override {
    if (next_ == order_.size()) return false;
    job_[lane] = order_[next_++];
    samples_[lane] = 1;
    const Job& job = jobs_[job_[lane]];
    std::copy(job.gamma.begin(), job.gamma.end(), gamma);
    for (std::size_t p = 0; p < job.parameters.size(); ++p) {
      if (next_ == 1)  // lanes without a job need valid parameters, too
        for (std::size_t l = 0; l < lanes_; ++l) parameters_[p * lanes_ + l] = job.parameters[p];
      parameters_[p * lanes_ + lane] = job.parameters[p];
    }
    cutter_[lane].emplace(std::make_shared<const memdyn::Waveform>(job.drive), levels_[job_[lane]], true);
    return true;
  }
  [[nodiscard]] double next_sample(std::size_t lane) const override {
    return interval_ > 0 ? static_cast<double>(samples_[lane]) * interval_ : std::numeric_limits<double>::infinity();
  }
  const memdyn::Piece* next_piece(std::size_t lane) override { return cutter_[lane]->next(); }
  void sample(std::size_t lane, const double* gamma) override {
    ++samples_[lane];
    auto& samples = done[job_[lane]].samples;
    samples.insert(samples.end(), gamma, gamma + jobs_[job_[lane]].gamma.size());
  }
  void end(std::size_t lane, const memdyn::LaneOutcome& o) override {
    Done& d = done[job_[lane]];
    const std::size_t n = jobs_[job_[lane]].gamma.size();
    d.outcome = o;
    d.gamma.assign(o.gamma, o.gamma + n);
    d.lowest.assign(o.lowest, o.lowest + n);
    d.highest.assign(o.highest, o.highest + n);
    if (integrals_) d.integrals.assign(o.integrals, o.integrals + memdyn::integrals);
    if (o.lowest_time != nullptr) {
      d.lowest_time.assign(o.lowest_time, o.lowest_time + n);
      d.highest_time.assign(o.highest_time, o.highest_time + n);
    }
    d.passage_times.assign(o.passage_times.begin(), o.passage_times.end());
    for (const auto* list :
         {&d.gamma, &d.lowest, &d.highest, &d.integrals, &d.samples, &d.lowest_time, &d.highest_time, &d.passage_times})
      d.numbers.insert(d.numbers.end(), list->begin(), list->end());
    for (double number : {o.time, o.memristance_low, o.memristance_high, o.switched, o.accepted, o.rejected, o.events})
      d.numbers.push_back(number);
    for (const auto& one : o.passages) d.numbers.insert(d.numbers.end(), {one.count(), one.period(), one.deviation()});
    for (double number : {o.duty.share(), o.transition.rise(), o.transition.fall()}) d.numbers.push_back(number);
    for (const auto& one : o.port) d.numbers.insert(d.numbers.end(), {one.low, one.high, one.low_time, one.high_time});
    ++ended;
  }
  [[nodiscard]] const double* parameters() const override { return parameters_.empty() ? nullptr : parameters_.data(); }

  std::vector<Done> done;
  std::size_t ended = 0;

 private:
  const std::vector<Job>& jobs_;
  std::vector<std::vector<double>> levels_;
  std::vector<std::size_t> order_;
  double interval_;
  bool integrals_;
  std::size_t lanes_ = 1, next_ = 0;
  std::size_t job_[memdyn::most_lanes] = {}, samples_[memdyn::most_lanes] = {};
  std::optional<memdyn::Cutter> cutter_[memdyn::most_lanes];
  std::vector<double> parameters_;
};

/// True if both are bit-identical, NaN included.
inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  return true;
}
