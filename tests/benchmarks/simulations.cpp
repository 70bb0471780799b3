// SPDX-License-Identifier: MIT
// Many small simulations of one scenario, each with its own amplitude and with its rows in memory. python_speed.py does
// the same from Python.
#include <algorithm>
#include <memory>
#include <numbers>
#include <string_view>

#include "benchmarks.hpp"
#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace memdyn::benchmarks {
namespace {

/// The rows of a simulation.
struct Rows {
  std::vector<double> time, drive, current, voltage, gamma;
  std::vector<std::uint8_t> event;

  void add(const Sample& sample) {
    time.push_back(sample.time);
    drive.push_back(sample.drive);
    current.push_back(sample.current);
    voltage.push_back(sample.voltage);
    gamma.insert(gamma.end(), sample.gamma.begin(), sample.gamma.end());
    event.push_back(static_cast<std::uint8_t>(sample.event));
  }
};

}  // namespace

void add_simulations(bool quick) {
  const std::size_t count = quick ? 100 : 10000;
  const auto scenario = std::make_shared<const Scenario>(read_simulation(MEMDYN_DATA "/scenarios/hp_sine.toml"));
  constexpr double frequency = 1.0, cycles = 2.0, lowest = 1e-4, highest = 2e-4;
  const auto amplitude = [=](std::size_t k) {
    return lowest + (highest - lowest) * static_cast<double>(k) / static_cast<double>(count);
  };
  const auto highest_states = std::make_shared<std::vector<double>>(count);
  const auto rows = std::make_shared<double>(0);
  add({.name = "simulations/memdyn",
       .run =
           [=] {
             *rows = 0;
             for (std::size_t k = 0; k < count; ++k) {
               Integrator<DrivenDevice> integrator(driven(scenario->device, scenario->source), scenario->options);
               Rows all;
               Recording recording = scenario->recording;
               recording.emit = [&all](const Sample& sample) { all.add(sample); };
               std::vector<double> gamma = scenario->gamma;
               integrator.advance(gamma, sine_burst(amplitude(k), frequency, cycles), 0, &recording);
               *rows += static_cast<double>(all.time.size());
               (*highest_states)[k] = std::ranges::max(all.gamma);
             }
           },
       .error =
           [=] {
             // dγ/dt = c I, c = μ_V R_on/D: half a period moves γ by c A/(π f), and the other half moves it back
             const auto numbers = scenario->device.numbers();
             const auto number = [&](std::string_view key) {
               return std::ranges::find(numbers, key, &AnyDevice::Number::key)->value;
             };
             const double rate = number("mu_v") * number("R_on") / number("D");
             std::vector<double> expected;
             for (std::size_t k = 0; k < count; ++k)
               expected.push_back(scenario->gamma[0] + rate * amplitude(k) / (std::numbers::pi * frequency));
             return distance(*highest_states, expected) / number("D");
           },
       .tolerance = 1e-7,
       .items = static_cast<double>(count),
       .counters =
           [=] { return std::map<std::string, double>{{"rows", *rows}, {"lowest", lowest}, {"highest", highest}}; }});
}

}  // namespace memdyn::benchmarks
