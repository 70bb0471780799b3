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

/// What a controller is doing.
enum class Phase : std::uint8_t { read, drive, restore, update };
inline constexpr std::string_view phase_names[] = {"read", "drive", "restore", "update"};

/// Receives every pulse of one realization after it was sent, in the order of time: each begins where the one before
/// ended, with the state that it left.
class PulseTap {
 public:
  struct Sent {
    double begin, end;  ///< [s] since the training began; the end of a pulse is the begin of the next, to the last bit
    double drive;       ///< [A], or [V] of a device that is driven by voltage
    double duration;    ///< [s]
    Phase phase;
    bool node;           ///< else a synapse
    std::size_t device;  ///< index of the device that is pulsed
    std::size_t first;   ///< of its variables among all of the learner's
    std::size_t count;
  };
  virtual ~PulseTap() = default;
  /// @param before all internal variables of the learner when the pulse begins
  /// @param after `sent.count` variables: those of the device that is pulsed, when the pulse ends
  virtual void pulse(std::span<const double> before, std::span<const double> after, const Sent& sent) = 0;
};

/// What a training has sent so far, in each lane of some packs, and who listens. Pulses of one kind are of one
/// duration.
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

  /// `pulses` in every lane.
  void count(Kind kind, std::size_t pulses) { everywhere_[kind] += static_cast<double>(pulses); }
  /// @param sends device x pack, 1 in the lanes where it gets a pulse
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
  /// [s] since the training began, after `more` pulses of one kind beyond those that are counted.
  [[nodiscard]] double time(std::size_t l, Kind next, std::size_t more) const {
    double sum = 0.0;
    for (const Kind kind : {read, synapse_update, node_update})
      sum += (sent(kind, l) + (kind == next ? static_cast<double>(more) : 0.0)) * duration[kind];
    return sum;
  }

 private:
  std::array<double, kinds> everywhere_{};
  std::array<std::vector<T>, kinds> some_;
};

/// Sends pulses to devices of one kind through an engine: PulseLanes, Integrator, or their twin ClosedForm.
template <class Engine>
class Pulser {
 public:
  using T = typename Engine::Scalar;
  Pulser(Engine engine, bool node) : engine_(std::move(engine)), node_(node) {}
  [[nodiscard]] const auto& device() const { return engine_.device(); }

  /// One pulse through each of some devices, all of one duration and kind, one device after another; counts them. A
  /// device keeps its state while others are pulsed, so that the engine may compute them side by side.
  /// @param gamma all variables x pack; those of the devices lie side by side
  /// @param first of their variables
  /// @param current [A], device x pack
  /// @param sends device x pack: 1 where there is a pulse, 0 elsewhere, where the current moves nothing; empty for 1
  /// @return whether some variable had a drift
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
  /// Hands the pulses in the tapped lane to the tap, each with the state that those before it left.
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
