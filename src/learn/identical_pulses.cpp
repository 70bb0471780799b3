// SPDX-License-Identifier: MIT
#include "learn/identical_pulses.hpp"

#include <algorithm>
#include <cmath>

#include "dynamics/trapezoids.hpp"

namespace memdyn {

IdenticalPulses::IdenticalPulses(const CrossbarSynapse& synapse, const Generator& generator, const DrivenDevice& device,
                                 const IntegrationOptions& options, double middle, bool twin)
    : width_(synapse.pulses.width), lower_(device.lower(0)), upper_(device.upper(0)) {
  Integrator<DrivenDevice> integrator(device, options);
  for (const double drive : {synapse.amplitude, -synapse.negative_amplitude()}) {
    double state = middle;
    integrator.pulse({&state, 1}, drive, width_);
    const std::size_t up = state > middle ? 1 : 0;
    if (state == middle || steps_[up] != 0)
      throw InputError(std::string(device.name()), "pulse_width", fmt::format("{} s", width_),
                       fmt::format("a pulse of {} {} {}, but pulses of either polarity must move the weight 0, in "
                                   "opposite directions: give another amplitude or width",
                                   drive, unit_of(device.quantity()),
                                   state == middle ? "moves nothing" : "moves it the same way as the other polarity"));
    drives_[up] = drive;
    steps_[up] = std::abs(state - middle);
  }
  if (!twin) return;
  if (synapse.device.properties().fades)
    throw InputError(std::string(device.name()), "twin", "true",
                     "must be false for a volatile device: a table of pulses does not hold what it forgets in between");
  if (!std::isfinite(lower_))
    throw InputError(std::string(device.name()), "twin", "true",
                     "needs a device with bounds, between which the changes by a pulse can be tabulated");
  for (const bool up : {false, true}) changes_[up ? 1 : 0] = changes(integrator, generator, up);
}

std::vector<double> IdenticalPulses::changes(Integrator<DrivenDevice>& integrator, const Generator& generator,
                                             bool up) const {
  const Trapezoid pulse{drive(up) + generator.offset, width_, generator.rise, generator.fall};
  std::vector<double> all(nodes);
  std::vector<bool> cut(nodes);
  for (std::size_t k = 0; k < nodes; ++k) {
    const double before = std::lerp(lower_, upper_, static_cast<double>(k) / (nodes - 1));
    double state = before;
    send(integrator, {&state, 1}, pulse);
    all[k] = state - before;
    // at the bound towards which the pulse drives it, a state that would go on is indistinguishable from one at rest:
    // there the change of the neighbour is as good
    cut[k] = state == (up ? upper_ : lower_);
  }
  // the nodes that a bound cuts are the last ones in the direction of the pulse
  for (std::size_t n = 1; n < nodes; ++n) {
    const std::size_t k = up ? n : nodes - 1 - n;
    const std::size_t previous = up ? k - 1 : k + 1;
    if (cut[k]) all[k] = all[previous];
  }
  return all;
}

std::uint64_t IdenticalPulses::count(double change, std::uint64_t most) const { return count(change, most, 0.5); }

std::uint64_t IdenticalPulses::count(double change, std::uint64_t most, double random) const {
  const double pulses = std::abs(change) / steps_[change > 0 ? 1 : 0];
  return static_cast<std::uint64_t>(std::min(std::floor(pulses + random), static_cast<double>(most)));
}

double IdenticalPulses::after(double state, bool up) const {
  const auto& all = changes_[up ? 1 : 0];
  const double place = (state - lower_) / (upper_ - lower_) * static_cast<double>(nodes - 1);
  const auto k = std::min(static_cast<std::size_t>(place), nodes - 2);
  return std::clamp(state + std::lerp(all[k], all[k + 1], place - static_cast<double>(k)), lower_, upper_);
}

}  // namespace memdyn
