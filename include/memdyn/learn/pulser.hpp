// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/learn/programmer.hpp"

namespace memdyn {

/// What a controller is doing.
enum class Phase : std::uint8_t { read, drive, restore, update };
inline constexpr std::string_view phase_names[] = {"read", "drive", "restore", "update"};

/// One moment of a training, for a recording.
struct TrainingSample {
  double time;     ///< [s] since the training began
  double current;  ///< [A] through the device that is pulsed
  double voltage;  ///< [V] across it
  Phase phase;
  std::size_t device;  ///< index of the device that is pulsed
};
using TrainingTap = std::function<void(const TrainingSample&)>;

/// Sends pulses to devices of one kind through an engine (the Integrator, or its ClosedForm twin), and hands every
/// moment to a tap if there is one.
template <class Engine>
class Pulser {
 public:
  explicit Pulser(Engine engine) : engine_(std::move(engine)) {}
  [[nodiscard]] const auto& device() const { return engine_.device(); }
  [[nodiscard]] const Engine& engine() const { return engine_; }

  /// The voltage at the start of a pulse through the device with state `gamma`, which the pulse then advances.
  double read(std::span<double> gamma, const Pulse& pulse, Phase phase, std::size_t index, double& time,
              const TrainingTap& tap) {
    const double voltage = device().voltage(gamma, pulse.current);
    send(gamma, pulse, phase, index, time, tap);
    return voltage;
  }

  void send(std::span<double> gamma, const Pulse& pulse, Phase phase, std::size_t index, double& time,
            const TrainingTap& tap) {
    if (!tap) {
      engine_.pulse(gamma, pulse.current, pulse.duration);
    } else if constexpr (requires(Recording r) { engine_.advance(gamma, Constant{}, 0.0, &r); }) {
      Recording recording{[&](const Sample& sample) {
        tap({sample.time, sample.current, device().voltage(sample.gamma, sample.current), phase, index});
      }};
      engine_.advance(gamma, Constant{pulse.duration, pulse.current}, time, &recording);
    } else {
      const auto moment = [&](double at) {
        tap({at, pulse.current, device().voltage(gamma, pulse.current), phase, index});
      };
      moment(time);
      engine_.pulse(gamma, pulse.current, pulse.duration);
      moment(time + pulse.duration);
    }
    time += pulse.duration;
  }

 private:
  Engine engine_;
};

}  // namespace memdyn
