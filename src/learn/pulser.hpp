// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "memdyn/learn/programmer.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// Phase of a controller.
enum class Phase : std::uint8_t { read, drive, restore, update };
inline constexpr std::string_view phase_names[] = {"read", "drive", "restore", "update"};

/// Receives every pulse of one realization after it was sent, in order of time. Each pulse begins when the previous one
/// ended, with the state at that time.
class PulseTap {
 public:
  struct Sent {
    double begin, end;  ///< [s] since the training began; the end of a pulse equals the begin of the next exactly
    double drive;       ///< [A], or [V] for a device that is driven by voltage
    double duration;    ///< [s]
    Phase phase;
    bool node;           ///< the device is a node, else a synapse
    std::size_t device;  ///< index of the pulsed device
    std::size_t first;   ///< index of its first variable among all variables of the learner
    std::size_t count;   ///< number of its variables
  };
  virtual ~PulseTap() = default;
  /// @param before all internal variables of the learner when the pulse begins
  /// @param after the `sent.count` variables of the pulsed device when the pulse ends
  virtual void pulse(std::span<const double> before, std::span<const double> after, const Sent& sent) = 0;
};

/// Counts the pulses that a training has sent in each lane of some packs, and holds the tap that receives them. All
/// pulses of one kind have the same duration.
template <class T>
class PulseLog {
 public:
  enum Kind : std::size_t { read, synapse_update, node_update, kinds };

  std::array<double, kinds> duration{};  ///< [s]
  PulseTap* tap = nullptr;
  std::size_t tapped_lane = 0;

  explicit PulseLog(std::size_t packs) {
    for (auto& each : some_) each.assign(packs, T(0.0));
  }
  [[nodiscard]] std::size_t packs() const { return some_[0].size(); }

  /// Counts `pulses` in every lane.
  void count(Kind kind, std::size_t pulses) { everywhere_[kind] += static_cast<double>(pulses); }
  /// Counts pulses lane by lane. @param sends device x pack, 1 in the lanes in which the device gets a pulse
  void count(Kind kind, std::span<const T> sends) {
    for (std::size_t g = 0; g < packs(); ++g) {
      T sum = some_[kind][g];
      for (std::size_t d = g; d < sends.size(); d += packs()) sum += sends[d];
      some_[kind][g] = sum;
    }
  }
  [[nodiscard]] double sent(Kind kind, std::size_t l) const {
    return everywhere_[kind] + lane(some_[kind][l / lanes<T>], l % lanes<T>);
  }
  [[nodiscard]] double updates(std::size_t l) const { return sent(synapse_update, l) + sent(node_update, l); }
  [[nodiscard]] double pulses(std::size_t l) const { return sent(read, l) + updates(l); }
  /// Time since the training began [s], after `more` pulses of kind `next` beyond those counted.
  [[nodiscard]] double time(std::size_t l, Kind next, std::size_t more) const {
    double sum = 0.0;
    for (const Kind kind : {read, synapse_update, node_update})
      sum += (sent(kind, l) + (kind == next ? static_cast<double>(more) : 0.0)) * duration[kind];
    return sum;
  }
  /// Calls `use` for the counts of a pack.
  template <class Use>
  void each_number(std::size_t pack, const Use& use) {
    for (double& each : everywhere_) use(each);
    for (auto& each : some_) use(each[pack]);
  }

 private:
  std::array<double, kinds> everywhere_{};
  std::array<std::vector<T>, kinds> some_;
};

/// Sends pulses to devices of one kind through an engine: PulseLanes, Integrator, or ClosedForm for a discrete twin.
template <class Engine>
class Pulser {
 public:
  using T = typename Engine::Scalar;
  Pulser(Engine engine, bool node) : engine_(std::move(engine)), node_(node) {}
  [[nodiscard]] const auto& device() const { return engine_.device(); }

  /// Sends one pulse through each of some devices, one device after another, and counts the pulses. They have the same
  /// duration and kind. A device keeps its state while others are pulsed, so the engine may compute them in parallel.
  /// @param gamma all variables x pack; the variables of the pulsed devices are contiguous
  /// @param first index of the first variable of the pulsed devices
  /// @param current [A], device x pack
  /// @param sends device x pack: 1 where there is a pulse, 0 elsewhere (the current must then move nothing); empty: 1
  /// everywhere
  /// @return whether some variable had a nonzero drift
  bool send(std::span<T> gamma, std::size_t first, std::span<const T> current, std::span<const T> sends, Phase phase,
            typename PulseLog<T>::Kind kind, PulseLog<T>& log) {
    std::vector<double> before;
    if (log.tap != nullptr) [[unlikely]]
      before = tapped(gamma, log);
    const bool moved =
        pulse(gamma.subspan(first * log.packs(), device().size() * current.size()), current, T(log.duration[kind]));
    if (log.tap != nullptr) [[unlikely]]
      report(std::move(before), gamma, first, current, sends, phase, kind, log);
    if (sends.empty()) {
      log.count(kind, current.size() / log.packs());
    } else {
      log.count(kind, sends);
    }
    return moved;
  }

 private:
  bool pulse(std::span<T> states, std::span<const T> current, const T& duration) {
    if constexpr (requires { engine_.pulse(states, current, duration); }) {
      return engine_.pulse(states, current, duration);
    } else {
      bool moved = false;
      std::vector<T> own(device().size());
      for (std::size_t d = 0; d < current.size(); ++d) {
        for (std::size_t i = 0; i < own.size(); ++i) own[i] = states[i * current.size() + d];
        moved = engine_.pulse(own, current[d], duration) || moved;
        for (std::size_t i = 0; i < own.size(); ++i) states[i * current.size() + d] = own[i];
      }
      return moved;
    }
  }

  /// All variables in the tapped lane.
  [[gnu::noinline]] static std::vector<double> tapped(std::span<const T> gamma, const PulseLog<T>& log) {
    std::vector<double> all;
    for (std::size_t i = log.tapped_lane / lanes<T>; i < gamma.size(); i += log.packs())
      all.push_back(lane(gamma[i], log.tapped_lane % lanes<T>));
    return all;
  }
  /// Passes the pulses in the tapped lane to the tap, each with the state that the previous pulses left.
  [[gnu::noinline]] void report(std::vector<double> state, std::span<const T> gamma, std::size_t first,
                                std::span<const T> current, std::span<const T> sends, Phase phase,
                                typename PulseLog<T>::Kind kind, const PulseLog<T>& log) const {
    const std::size_t packs = log.packs();
    const std::size_t g = log.tapped_lane / lanes<T>;
    const std::size_t l = log.tapped_lane % lanes<T>;
    const std::vector<double> all_after = tapped(gamma, log);
    std::size_t sent = 0;
    for (std::size_t d = 0; d * packs < current.size(); ++d) {
      if (!sends.empty() && lane(sends[d * packs + g], l) == 0.0) continue;
      const std::size_t own = first + d * device().size();
      const auto after = std::span(all_after).subspan(own, device().size());
      log.tap->pulse(state, after,
                     {log.time(log.tapped_lane, kind, sent), log.time(log.tapped_lane, kind, sent + 1),
                      lane(current[d * packs + g], l), log.duration[kind], phase, node_, first + d, own, after.size()});
      std::ranges::copy(after, state.begin() + static_cast<std::ptrdiff_t>(own));
      ++sent;
    }
  }

  Engine engine_;
  bool node_;
};

}  // namespace memdyn
