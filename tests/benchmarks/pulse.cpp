// SPDX-License-Identifier: MIT
// The update pulse of a threshold-windowed device with three weights: a rectangular current pulse of 0.1 s in one of
// its windows, as in Algorithm 1.
#include <memory>

#include "benchmarks.hpp"
#include "dynamics/pulse_lanes.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/device/models/threshold_window.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "peers.hpp"

namespace memdyn::benchmarks {
namespace {

constexpr std::size_t weights = 3;
constexpr double duration = 0.1;
constexpr Tolerance tolerance{1e-9, 1e-12};

/// One device per lane of some packs, as many as train in lockstep. All lanes get a pulse for the same weight, as in
/// training.
struct Work {
  std::vector<double> currents;  ///< pulse x lane
  std::vector<double> right;     ///< correct final states, weight x lane
};
constexpr std::size_t packs = 8;
constexpr std::size_t width = packs * lanes<Pack>;

/// Eq. 6, with branches.
struct Windows {
  double I_gamma[weights] = {20.0, 21.0, 22.0};
  double a = 0.5;
  double current = 0;
  [[nodiscard]] double drift(std::size_t i) const {
    const double size = std::abs(current);
    if (size <= I_gamma[i] || size > I_gamma[i] + a) return 0.0;
    return current - std::copysign(I_gamma[i], current);
  }
  template <class X, class Y>
  void operator()(const X& /*x*/, Y& dxdt, double /*t*/) const {
    for (std::size_t i = 0; i < weights; ++i) dxdt[i] = drift(i);
  }
};

Work made_work(std::size_t pulses) {
  Work work;
  work.right.assign(weights * width, 0.0);
  RandomStream random(1, 0, Purpose::samples);
  Windows windows;
  for (std::size_t k = 0; k < pulses; ++k)
    for (std::size_t l = 0; l < width; ++l) {
      const double u = random.uniform(-4.0 / 27, 4.0 / 27);  // the largest update of a logistic unit
      windows.current = u + std::copysign(windows.I_gamma[k % weights], u);
      work.currents.push_back(windows.current);
      for (std::size_t i = 0; i < weights; ++i) work.right[i * width + l] += windows.drift(i) * duration;
    }
  return work;
}

/// `send(gamma, current)` sends one pulse to one device.
template <class Send>
void add_scalar(const std::string& name, const std::shared_ptr<const Work>& work, Send send) {
  auto gamma = std::make_shared<std::vector<double>>();
  add({.name = "pulse/" + name,
       .run =
           [=, send = std::move(send)]() mutable {
             gamma->resize(weights * width);
             for (std::size_t l = 0; l < width; ++l) {
               std::array<double, weights> x{};
               for (std::size_t k = l; k < work->currents.size(); k += width) send(x, work->currents[k]);
               for (std::size_t i = 0; i < weights; ++i) (*gamma)[i * width + l] = x[i];
             }
           },
       .error = [=] { return distance(*gamma, work->right); },
       .tolerance = 1e-9,
       .items = static_cast<double>(work->currents.size()),
       .counters = {}});
}

}  // namespace

void add_pulse(bool quick) {
  namespace odeint = boost::numeric::odeint;
  const auto work = std::make_shared<const Work>(made_work(quick ? 300 : 3000));

  auto engine = std::make_shared<PulseLanes<ThresholdWindow, Pack>>(
      ThresholdWindow{}, IntegrationOptions{.relative = tolerance.relative, .absolute = tolerance.absolute},
      InstructionSet::baseline);
  auto gamma = std::make_shared<std::vector<double>>(weights * width);
  add({.name = "pulse/memdyn",
       .run =
           [=] {
             std::vector<Pack> x((weights + 1) * packs, Pack(0.0));  // + 1 for the learning rate
             std::vector<Pack> current(packs);
             for (std::size_t k = 0; k < work->currents.size(); k += width) {
               for (std::size_t g = 0; g < packs; ++g) current[g] = load<Pack>(&work->currents[k + g * lanes<Pack>]);
               engine->pulse(x, current, Pack(duration));
             }
             for (std::size_t g = 0; g < weights * packs; ++g) memdyn::store(&(*gamma)[g * lanes<Pack>], x[g]);
           },
       .error = [=] { return distance(*gamma, work->right); },
       .tolerance = 1e-9,
       .items = static_cast<double>(work->currents.size()),
       .counters = [] { return std::map<std::string, double>{{"lanes", width}}; }});

  using State = std::array<double, weights>;
  add_scalar("odeint", work, [windows = Windows{}](State& x, double current) mutable {
    windows.current = current;
    odeint::integrate_adaptive(
        odeint::make_controlled<odeint::runge_kutta_dopri5<State>>(tolerance.absolute, tolerance.relative),
        std::cref(windows), x, 0.0, duration, duration);
  });
  // a program that knows the weight of the pulse integrates only that one
  add_scalar("odeint-double", work, [windows = Windows{}](State& x, double current) mutable {
    windows.current = current;
    for (std::size_t i = 0; i < weights; ++i)
      if (windows.drift(i) != 0.0)
        odeint::integrate_adaptive(
            odeint::make_controlled<odeint::runge_kutta_dopri5<double>>(tolerance.absolute, tolerance.relative),
            [&](double /*x*/, double& dxdt, double /*t*/) { dxdt = windows.drift(i); }, x[i], 0.0, duration, duration);
  });
  auto cvode = std::make_shared<CvodePeer<Windows, weights, CV_ADAMS>>(Windows{}, tolerance);
  add_scalar("cvode", work, [=](State& x, double current) {
    cvode->system.current = current;
    cvode->advance(x, 0.0, duration, [](const State&) { return false; });
  });
  add_scalar("closed-form", work, [windows = Windows{}](State& x, double current) mutable {
    windows.current = current;
    for (std::size_t i = 0; i < weights; ++i) x[i] += windows.drift(i) * duration;
  });
}

}  // namespace memdyn::benchmarks
