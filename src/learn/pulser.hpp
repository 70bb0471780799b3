// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dynamics/trapezoids.hpp"
#include "learn/pulse_generator.hpp"
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
    double begin;     ///< [s] since the training began
    double end;       ///< of the rest after the pulse [s]; it equals the begin of the next pulse exactly
    Trapezoid shape;  ///< in [A], or [V] for a device that is driven by voltage
    double rest;      ///< zero drive after the pulse [s]
    Phase phase;
    bool node;           ///< the device is a node, else a synapse
    std::size_t device;  ///< index of the pulsed device
    std::size_t first;   ///< index of its first variable among all variables of the learner
    std::size_t count;   ///< number of its variables
  };
  virtual ~PulseTap() = default;
  /// @param before all internal variables of the learner at the time `sent.begin`
  /// @param after the same at the time `sent.end`
  virtual void pulse(std::span<const double> before, std::span<const double> after, const Sent& sent) = 0;
};

/// Counts the pulses that a training has sent in each lane of some packs, and holds the generator that makes them and
/// the tap that receives them. All pulses of one kind are wanted with the same duration.
template <class T>
class PulseLog {
 public:
  enum Kind : std::size_t { read, synapse_update, node_update, kinds };

  std::array<double, kinds> duration{};  ///< of the flat top that is wanted [s]
  PulseGenerator<T> generator;
  PulseTap* tap = nullptr;
  std::size_t tapped_lane = 0;

  explicit PulseLog(std::size_t packs, const Generator& of_pulses = {})
      : generator(of_pulses, packs), deviation_(packs, T(0.0)) {
    for (auto& each : some_) each.assign(packs, T(0.0));
  }
  [[nodiscard]] std::size_t packs() const { return some_[0].size(); }

  /// Replaces the amplitudes of wanted pulses by those that the generator sends: 0 where there is no pulse.
  /// @param sends see Pulser::send
  void shape(std::span<T> current, std::span<const T> sends, Kind kind) {
    generator.shape(current, sends, duration[kind], [this](std::size_t l) { return pulses(l); });
  }
  /// Counts the pulses that were shaped last. @param devices their number in a pack
  /// @param sends device x pack, 1 in the lanes in which the device gets a pulse; empty: all get one
  void count(Kind kind, std::size_t devices, std::span<const T> sends) {
    const auto widths = generator.widths();
    const bool deviates = generator.generator().width_jitter > 0.0;
    for (std::size_t d = 0; deviates && d < widths.size(); ++d)
      deviation_[d % packs()] += deviation(kind, widths[d], sends.empty() ? T(1.0) : sends[d]);
    if (sends.empty()) {
      everywhere_[kind] += static_cast<double>(devices);
      return;
    }
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
  /// The amount by which the widths of all pulses so far differ from the wanted ones [s].
  [[nodiscard]] double deviation(std::size_t l) const { return lane(deviation_[l / lanes<T>], l % lanes<T>); }
  /// That of one pulse.
  [[nodiscard]] T deviation(Kind kind, const T& width, const T& sends) const {
    return select(sends != T(0.0), width - T(duration[kind]), T(0.0));
  }
  /// Time since the training began [s], after `more` pulses of kind `next` beyond those counted.
  /// @param deviation of all these pulses
  [[nodiscard]] double time(std::size_t l, Kind next, std::size_t more, double deviation) const {
    const Generator& shape = generator.generator();
    double sum = 0.0;
    for (const Kind kind : {read, synapse_update, node_update})
      sum += (sent(kind, l) + (kind == next ? static_cast<double>(more) : 0.0)) *
             (shape.rise + duration[kind] + shape.fall + shape.rest);
    return sum + deviation;
  }
  /// Calls `use` for the counts of a pack.
  template <class Use>
  void each_number(std::size_t pack, const Use& use) {
    for (double& each : everywhere_) use(each);
    for (auto& each : some_) use(each[pack]);
    use(deviation_[pack]);
  }

 private:
  std::array<double, kinds> everywhere_{};
  std::array<std::vector<T>, kinds> some_;
  std::vector<T> deviation_;  ///< one per pack
};

/// Sends pulses to devices of one kind through an engine: PulseLanes, Integrator, or ClosedForm for a discrete twin; or
/// OwnDevices of one of these.
template <class Engine>
class Pulser {
 public:
  using T = typename Engine::Scalar;
  using Device = std::remove_cvref_t<decltype(std::declval<const Engine&>().device())>;
  static constexpr bool devices_differ = requires(Engine engine) { engine.engine(0); };

  Pulser(Engine engine, bool node) : engine_(std::move(engine)), node_(node) {}
  /// The device for which pulses are computed.
  [[nodiscard]] const Device& device() const { return engine_.device(); }
  /// A pulsed device. @param index among all devices x pack
  [[nodiscard]] const Device& device([[maybe_unused]] std::size_t index) const {
    if constexpr (devices_differ) {
      return engine_.device(index);
    } else {
      return engine_.device();
    }
  }
  void set_device(std::size_t index, const Device& device)
    requires devices_differ
  {
    engine_.set(index, device);
  }

  /// Sends one pulse through each of some devices, one device after another, and counts the pulses. They are of the
  /// same kind. A device keeps its state while others are pulsed, so the engine may compute them in parallel.
  /// @param gamma all variables x pack; the variables of the pulsed devices are contiguous
  /// @param first index of the first variable of the pulsed devices
  /// @param current [A], device x pack, after log.shape()
  /// @param sends device x pack: 1 where there is a pulse, 0 elsewhere (the current must then move nothing); empty: 1
  /// everywhere
  /// @return whether some variable had a nonzero drift
  bool send(std::span<T> gamma, std::size_t first, std::span<const T> current, std::span<const T> sends, Phase phase,
            typename PulseLog<T>::Kind kind, PulseLog<T>& log) {
    std::vector<double> before;
    if (log.tap != nullptr) [[unlikely]]
      before = tapped(gamma, log);
    const auto states = gamma.subspan(first * log.packs(), device().size() * current.size());
    const Generator& shape = log.generator.generator();
    const std::size_t index = first * log.packs();
    const bool moved = shape.is_rectangular()
                           ? pulse(index, states, current, T(log.duration[kind]))
                           : pulse(index, states, {current, log.generator.widths(), shape.rise, shape.fall});
    if (log.tap != nullptr) [[unlikely]]
      report(std::move(before), gamma, first, current, sends, phase, kind, log);
    log.count(kind, current.size() / log.packs(), sends);
    return moved;
  }

 private:
  // `index` is that of the first pulsed device, among all devices x pack
  bool pulse(std::size_t index, std::span<T> states, std::span<const T> current, const T& duration) {
    if constexpr (requires { engine_.pulse(states, current, duration); }) {
      return engine_.pulse(states, current, duration);
    } else {
      return one_by_one(states, current.size(), [&](std::span<T> own, std::size_t d) {
        auto& engine = engine_of(index + d);
        if constexpr (requires { engine.pulse(own, current, duration); }) {
          return engine.pulse(own, current.subspan(d, 1), duration);
        } else {
          return engine.pulse(own, current[d], duration);
        }
      });
    }
  }
  bool pulse(std::size_t index, std::span<T> states, const Trapezoids<T>& pulses) {
    if constexpr (requires { engine_.pulse(states, pulses); }) {
      return engine_.pulse(states, pulses);
    } else {
      return one_by_one(states, pulses.peak.size(), [&](std::span<T> own, std::size_t d) {
        auto& engine = engine_of(index + d);
        const auto& [peak, width, rise, fall] = pulses;
        if constexpr (requires { engine.pulse(own, pulses); }) {
          return engine.pulse(own, Trapezoids<T>{peak.subspan(d, 1), width.subspan(d, 1), rise, fall});
        } else {
          const std::vector<T> before(own.begin(), own.end());
          memdyn::send(engine, own, {peak[d], width[d], rise, fall});
          return !std::ranges::equal(before, own);
        }
      });
    }
  }
  auto& engine_of([[maybe_unused]] std::size_t index) {
    if constexpr (devices_differ) {
      return engine_.engine(index);
    } else {
      return engine_;
    }
  }
  /// Sends pulses one after another. @param pulse sends that of one device, and returns whether it has moved
  template <class Send>
  bool one_by_one(std::span<T> states, std::size_t devices, const Send& pulse) {
    bool moved = false;
    std::vector<T> own(device().size());
    for (std::size_t d = 0; d < devices; ++d) {
      for (std::size_t i = 0; i < own.size(); ++i) own[i] = states[i * devices + d];
      moved = pulse(std::span<T>(own), d) || moved;
      for (std::size_t i = 0; i < own.size(); ++i) states[i * devices + d] = own[i];
    }
    return moved;
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
    const auto widths = log.generator.widths();
    const Generator& shape = log.generator.generator();
    std::size_t sent = 0;
    double deviation = log.deviation(log.tapped_lane);
    for (std::size_t d = 0; d * packs < current.size(); ++d) {
      if (!sends.empty() && lane(sends[d * packs + g], l) == 0.0) continue;
      const std::size_t own = first + d * device().size();
      const double begin = log.time(log.tapped_lane, kind, sent, deviation);
      const double width = widths.empty() ? log.duration[kind] : lane(widths[d * packs + g], l);
      if (!widths.empty()) deviation += lane(log.deviation(kind, widths[d * packs + g], T(1.0)), l);
      const std::vector<double> before = state;
      std::copy_n(all_after.begin() + static_cast<std::ptrdiff_t>(own), device().size(),
                  state.begin() + static_cast<std::ptrdiff_t>(own));
      log.tap->pulse(before, state,
                     {begin,
                      log.time(log.tapped_lane, kind, sent + 1, deviation),
                      {lane(current[d * packs + g], l), width, shape.rise, shape.fall},
                      shape.rest,
                      phase,
                      node_,
                      first + d,
                      own,
                      device().size()});
      ++sent;
    }
  }

  Engine engine_;
  bool node_;
};

}  // namespace memdyn
