// SPDX-License-Identifier: MIT
// Mixed work: TEAM devices, each under its own train of rectangular pulses (number, amplitudes, signs and widths
// differ). Every side cuts the drive at its edges, skips pulses below the threshold, and stops a state at its bound.
#include "ensemble.hpp"

#include <memory>

#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "peers.hpp"

namespace memdyn::benchmarks {
namespace {

constexpr Tolerance relative_tolerance{1e-9, 1e-12};  // absolute: relative to the variable's range

/// TEAM as a user of a solver would write it. `Factored`: the factor that depends on the current alone is computed once
/// per pulse.
template <bool Factored>
struct TeamRates {
  Team::Parameters p;
  double current = 0, factor = 0;
  void drive(double given) {
    current = given;
    factor = given > p.I_off  ? p.k_off * std::pow(given / p.I_off - 1, p.alpha_off)
             : given < p.I_on ? p.k_on * std::pow(given / p.I_on - 1, p.alpha_on)
                              : 0.0;
  }
  template <class X, class Y>
  void operator()(const X& x, Y& dxdt, double /*t*/) const {
    if (current > p.I_off) {
      const double speed = Factored ? factor : p.k_off * std::pow(current / p.I_off - 1, p.alpha_off);
      dxdt[0] = speed * std::exp(-std::exp((x[0] - p.a_off) / p.w_c));
    } else if (current < p.I_on) {
      const double speed = Factored ? factor : p.k_on * std::pow(current / p.I_on - 1, p.alpha_on);
      dxdt[0] = speed * std::exp(-std::exp((p.a_on - x[0]) / p.w_c));
    } else {
      dxdt[0] = 0.0;
    }
  }
};

template <class Peer>
void add_peer(const std::string& name, const std::shared_ptr<const Ensemble>& ensemble,
              const std::shared_ptr<Peer>& peer) {
  const auto final_states = std::make_shared<std::vector<double>>();
  add({.name = "ensemble/" + name,
       .run =
           [=] {
             const auto& p = ensemble->device.parameters();
             peer->steps = 0;
             final_states->clear();
             for (const Trajectory& trajectory : ensemble->trajectories) {
               std::array<double, 1> x{trajectory.start};
               double t = 0;
               for (const Constant& pulse : trajectory.pulses) {
                 const double up = pulse.value > p.I_off ? 1.0 : pulse.value < p.I_on ? -1.0 : 0.0;
                 const double bound = up > 0 ? p.x_off : p.x_on;
                 const auto left = [&](const std::array<double, 1>& now) { return up * (now[0] - bound) >= 0; };
                 if (up != 0 && !left(x)) {
                   peer->system.drive(pulse.value);
                   peer->advance(x, t, t + pulse.duration, left);
                   if (left(x)) x[0] = bound;
                 }
                 t += pulse.duration;
               }
               final_states->push_back(x[0]);
             }
           },
       .error = [=] { return distance(*final_states, ensemble->right) / ensemble->device.scale(0); },
       .tolerance = 1e-6,
       .items = static_cast<double>(ensemble->trajectories.size()),
       .counters = [=] { return std::map<std::string, double>{{"steps", peer->steps}}; }});
}

}  // namespace

Ensemble::Ensemble(std::size_t count) {
  Team::Parameters p;
  p.w_c = 0.5e-9;  // so that a bound can be reached
  device = Team(p);
  RandomStream random(1, 0, Purpose::samples);
  Integrator<Team> integrator(device, {.relative = 1e-13, .absolute = 1e-15});
  for (std::size_t k = 0; k < count; ++k) {
    Trajectory& trajectory = trajectories.emplace_back();
    trajectory.start = random.uniform(0.1, 0.9) * p.x_off;
    for (auto pulses = 1 + random.below(12); pulses > 0; --pulses) {
      const double size = random.uniform(1.4, 2.6) * p.I_off;
      trajectory.pulses.push_back({random.uniform(0.2e-6, 3e-6), random.below(2) == 0 ? size : -size});
      trajectory.pulses.push_back({random.uniform(0.5e-6, 2e-6), 0.0});
    }
    std::vector<double> gamma{trajectory.start};
    for (const Constant& pulse : trajectory.pulses) integrator.advance(gamma, pulse);
    right.push_back(gamma[0]);
  }
}

bool EnsembleSource::begin(std::size_t lane, double* gamma) {
  if (next_ == ensemble_->trajectories.size()) return false;
  at_[lane] = {next_++, 0, 0.0, {}};
  *gamma = ensemble_->trajectories[at_[lane].trajectory].start;
  return true;
}
const Piece* EnsembleSource::next_piece(std::size_t lane) {
  Place& place = at_[lane];
  const auto& pulses = ensemble_->trajectories[place.trajectory].pulses;
  if (place.pulse == pulses.size()) return nullptr;
  place.piece = piece_of(pulses[place.pulse], place.time);
  place.time += pulses[place.pulse++].duration;
  return &place.piece;
}
void EnsembleSource::end(std::size_t lane, const LaneOutcome& outcome) {
  if (outcome.failure != Failure::none)
    throw NumericalError(std::string(Team::name), outcome.time, "of a lane", outcome.failure);
  final_states[at_[lane].trajectory] = outcome.gamma[0];
  steps += outcome.accepted + outcome.rejected;
  accepted += outcome.accepted;
  events += outcome.events;
}

Side ensemble_side(const std::string& name, const std::shared_ptr<const Ensemble>& ensemble, InstructionSet set,
                   const IntegrationOptions& options) {
  const auto source = std::make_shared<EnsembleSource>(*ensemble);
  return {.name = name,
          .run =
              [=] {
                *source = EnsembleSource(*ensemble);
                integrate_ensemble(set, ensemble->device, {.integration = options, .level = {}}, *source);
              },
          .error = [=] { return distance(source->final_states, ensemble->right) / ensemble->device.scale(0); },
          .tolerance = 1e-6,
          .items = static_cast<double>(ensemble->trajectories.size()),
          .counters =
              [=] {
                return std::map<std::string, double>{
                    {"steps", source->accepted}, {"lane_steps", source->steps}, {"events", source->events}};
              }};
}

void add_ensemble(bool quick) {
  const auto ensemble = std::make_shared<const Ensemble>(quick ? 200 : 2000);
  const Tolerance tolerance{relative_tolerance.relative, relative_tolerance.absolute * ensemble->device.scale(0)};
  const Tolerance tight{1e-12, 1e-15 * ensemble->device.scale(0)};
  const auto add_memdyn = [&](const std::string& side, InstructionSet set, Method method, double relative) {
    add(ensemble_side("ensemble/memdyn-" + side, ensemble, set, {method, relative, 1e-3 * relative}));
  };
  const InstructionSet widest = default_instruction_set();
  const std::string name(name_of(widest));
  add_memdyn(name, widest, Method::automatic, tolerance.relative);
  if (widest != InstructionSet::baseline)
    add_memdyn("baseline", InstructionSet::baseline, Method::automatic, tolerance.relative);
  add_memdyn("taylor", widest, Method::taylor, tolerance.relative);
  add_memdyn("tight", widest, Method::automatic, tight.relative);
  add_memdyn("taylor-tight", widest, Method::taylor, tight.relative);

  using Plain = TeamRates<false>;
  using Factored = TeamRates<true>;
  const Plain plain{ensemble->device.parameters()};
  const Factored factored{ensemble->device.parameters()};
  add_peer("odeint", ensemble, std::make_shared<OdeintPeer<Plain, 1>>(plain, tolerance));
  add_peer("odeint-tight", ensemble, std::make_shared<OdeintPeer<Plain, 1>>(plain, tight));
  add_peer("odeint-factored", ensemble, std::make_shared<OdeintPeer<Factored, 1>>(factored, tolerance));
  add_peer("cvode", ensemble, std::make_shared<CvodePeer<Plain, 1, CV_ADAMS>>(plain, tolerance));
  add_peer("erkstep", ensemble, std::make_shared<ErkPeer<Plain, 1>>(plain, tolerance));
}

}  // namespace memdyn::benchmarks
