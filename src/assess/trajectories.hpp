// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "drive/cutter.hpp"
#include "memdyn/dynamics/lane_source.hpp"

namespace memdyn {

/// A list of trajectories as a LaneSource. They share a device, except for its numeric parameters.
class Trajectories final : public LaneSource {
 public:
  Trajectories(const DrivenDevice& device, const std::vector<std::vector<double>>& starts,
               const std::vector<Waveform>& drives)
      : finals(starts),
        failures(starts.size()),
        counts(starts.size()),
        starts_(starts),
        drives_(drives),
        levels_(starts.size(), levels_of(device)),
        turns_(looks_at_state(device)) {}
  /// Gives each trajectory its own numeric parameters and drive levels.
  /// @param lanes number of lanes that integrate them
  void vary(std::vector<std::vector<double>> numbers, std::vector<std::vector<double>> levels, std::size_t lanes) {
    numbers_ = std::move(numbers);
    levels_ = std::move(levels);
    lanes_ = lanes;
    in_lanes_.resize(numbers_.front().size() * lanes);
  }
  bool begin(std::size_t lane, double* gamma) override {
    if (next_ == starts_.size()) return false;
    std::ranges::copy(starts_[next_], gamma);
    cutters_[lane].emplace(std::make_shared<const Waveform>(drives_[next_]), levels_[next_], turns_);
    for (std::size_t p = 0; p * lanes_ < in_lanes_.size(); ++p) in_lanes_[p * lanes_ + lane] = numbers_[next_][p];
    at_[lane] = next_++;
    return true;
  }
  const Piece* next_piece(std::size_t lane) override { return cutters_[lane]->next(); }
  void sample(std::size_t /*lane*/, const double* /*gamma*/) override {}
  void end(std::size_t lane, const LaneOutcome& outcome) override {
    finals[at_[lane]].assign(outcome.gamma, outcome.gamma + starts_[at_[lane]].size());
    failures[at_[lane]] = outcome.failure;
    counts[at_[lane]] = {outcome.accepted, outcome.rejected, outcome.events};
  }
  [[nodiscard]] const double* parameters() const override { return in_lanes_.empty() ? nullptr : in_lanes_.data(); }

  std::vector<std::vector<double>> finals;
  std::vector<Failure> failures;
  std::vector<std::array<double, 3>> counts;  ///< numbers of accepted steps, rejected steps and events

 private:
  const std::vector<std::vector<double>>& starts_;
  const std::vector<Waveform>& drives_;
  std::vector<std::vector<double>> numbers_, levels_;
  std::vector<double> in_lanes_;  ///< number x lane
  std::size_t lanes_ = 1;
  bool turns_;
  std::array<std::size_t, most_lanes> at_{};
  std::array<std::optional<Cutter>, most_lanes> cutters_;
  std::size_t next_ = 0;
};

}  // namespace memdyn
