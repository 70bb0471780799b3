// SPDX-License-Identifier: MIT
// Work-precision diagrams: four problems with one variable and three stiff circuits with two, each at several
// tolerances. Memdyn locates the events; the peers get the right-hand side with its branches, and a longest step so
// that they do not step over an event.
#include <memory>
#include <numbers>
#include <string_view>

#include "benchmarks.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "peers.hpp"

namespace memdyn::benchmarks {
namespace {

/// A volatile device: γ̇ = (I / 1 A - γ) / τ, without guards or bounds. Stiff under a drive that is slow compared to τ.
struct Relaxing {
  static constexpr std::string_view name = "relaxing";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false;
  static constexpr bool drift_depends_on_state = true;
  double tau = 1e-4;  ///< [s]
  [[nodiscard]] static std::size_t size() { return 1; }
  [[nodiscard]] static std::size_t guards() { return 0; }
  [[nodiscard]] static double lower(std::size_t /*i*/) { return -infinity; }
  [[nodiscard]] static double upper(std::size_t /*i*/) { return infinity; }
  [[nodiscard]] static double scale(std::size_t /*i*/) { return 1.0; }
  [[nodiscard]] static double drive_level(std::size_t /*k*/) { return std::nan(""); }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t /*k*/, const Gamma& /*gamma*/, const T& current) const {
    return current;
  }
  template <class Gamma, class T>
  [[nodiscard]] T voltage(const Gamma& gamma, const T& current) const {
    return (1.0 + gamma[0]) * current;
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& gamma, const T& current, const R& /*regime*/) const {
    return (current - gamma[0]) / tau;
  }
  template <class R>
  [[nodiscard]] bool moves(std::size_t /*i*/, const R& /*regime*/) const {
    return true;
  }
};

constexpr double pi = std::numbers::pi;

template <class Rates>
struct OneVariable {
  Rates rates;
  template <class X, class Y>
  void operator()(const X& x, Y& dxdt, double t) const {
    dxdt[0] = rates(x[0], t);
  }
};

/// @param rates the same right-hand side for a peer: rates(γ, t)
/// @param longest longest step of a peer [s]
template <class D, class Rates>
void add_problem(const std::string& name, bool quick, const D& device, double start, const Segment& drive,
                 const Rates& rates, double longest, double right) {
  const double scale = std::isfinite(device.scale(0)) ? device.scale(0) : 1.0;
  const double end = duration(drive);
  const auto final_state = std::make_shared<double>();
  const auto add_side = [&](const std::string& side, double tolerance, const auto& solve) {
    add({.name = "precision/" + name + ':' + side + ':' + fmt::format("{:.0e}", tolerance),
         .run = [=] { *final_state = solve(); },
         .error = [=] { return std::abs(*final_state - right) / scale; },
         .tolerance = 0.1,  // only excludes wrong results: the error is what is measured
         .items = 1,
         .counters = {}});
  };
  using System = OneVariable<Rates>;
  const auto stay = [](const std::array<double, 1>&) { return false; };
  for (double tolerance = 1e-4; tolerance > 1e-13; tolerance *= quick ? 1e-4 : 1e-2) {
    for (const Method method : {Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78}) {
      if (method == Method::bogacki_shampine32 && tolerance < 1e-11) continue;
      const auto integrator = std::make_shared<Integrator<D>>(
          device, IntegrationOptions{.method = method, .relative = tolerance, .absolute = tolerance});
      add_side(fmt::format("memdyn {}", name_of(method)), tolerance, [=] {
        std::vector<double> gamma(device.size(), 0.0);
        gamma[0] = start;
        integrator->advance(gamma, drive);
        return gamma[0];
      });
    }
    const Tolerance given{tolerance, tolerance * scale, longest};
    const auto add_peer = [&](const std::string& side, const auto& peer) {
      add_side(side, tolerance, [=] {
        std::array<double, 1> x{start};
        peer->advance(x, 0.0, end, stay);
        return x[0];
      });
    };
    add_peer("odeint dopri5", std::make_shared<OdeintPeer<System, 1>>(System{rates}, given));
    add_peer("CVODE Adams", std::make_shared<CvodePeer<System, 1, CV_ADAMS>>(System{rates}, given));
    add_peer("CVODE BDF", std::make_shared<CvodePeer<System, 1, CV_BDF>>(System{rates}, given));
  }
}

/// TEAM beyond its threshold under a current that decays exponentially.
void add_smooth(bool quick) {
  Team::Parameters p;
  p.w_c = 0.5e-9;
  const Exponential drive{4e-6, 2.2e-4, 1.3e-4, 1e-6};
  const auto rates = [=]<class T>(const T& x, const T& t) -> T {
    using std::exp;
    using std::pow;
    const T current = drive.to + (drive.from - drive.to) * exp(-t / drive.tau);
    return p.k_off * pow(current / p.I_off - 1, T(p.alpha_off)) * exp(-exp((x - p.a_off) / p.w_c));
  };
  const double start = 0.1 * p.x_off;
  // the reference: long double, fixed steps of order 8
  boost::numeric::odeint::runge_kutta_fehlberg78<long double> stepper;
  long double x = start;
  boost::numeric::odeint::integrate_n_steps(
      stepper, [&](const long double& now, long double& dxdt, long double t) { dxdt = rates(now, t); }, x, 0.0L,
      static_cast<long double>(drive.duration) / 4000, 4000);
  add_problem("smooth", quick, Team(p), start, drive, rates, infinity, static_cast<double>(x));
}

/// A weight; the current sweeps through its window, up and down.
void add_windowed(bool quick) {
  ThresholdWindow::Parameters p;
  p.I_gamma = {20.0};
  const Sine drive{2.4, 22.0, 1.0};
  const auto rates = [=](double /*x*/, double t) {
    const double current = drive.amplitude * std::sin(2 * pi * drive.frequency * t);
    const double size = std::abs(current);
    if (size <= p.I_gamma[0] || size > p.I_gamma[0] + p.a) return 0.0;
    return current - std::copysign(p.I_gamma[0], current);
  };
  // whole periods cancel; the last part passes twice through the positive window
  const double omega = 2 * pi * drive.frequency;
  const double in = std::asin(p.I_gamma[0] / drive.amplitude) / omega;
  const double out = std::asin((p.I_gamma[0] + p.a) / drive.amplitude) / omega;
  const double right =
      2 * (drive.amplitude / omega * (std::cos(omega * in) - std::cos(omega * out)) - p.I_gamma[0] * (out - in));
  add_problem("windowed", quick, ThresholdWindow(p), 0.0, drive, rates, 0.25 * (out - in), right);
}

/// An HP device that a sine drives into both bounds; at the end it moves away from the lower one.
void add_bounded(bool quick) {
  HpDrift::Parameters p;
  p.I_gamma = 0.0;
  const HpDrift device(p);
  const Sine drive{0.6, 14.0, 2.0};
  const double omega = 2 * pi * drive.frequency;
  const auto rates = [=, low = device.lower(0), high = device.upper(0), c = device.rate()](double x, double t) {
    const double drift = c * drive.amplitude * std::sin(omega * t);
    return (x >= high && drift > 0) || (x <= low && drift < 0) ? 0.0 : drift;
  };
  const double right =
      device.lower(0) + device.rate() * drive.amplitude / omega * (1 - std::cos(omega * (drive.duration - 0.5)));
  add_problem("bounded", quick, device, 0.0, drive, rates, 0.05 / drive.frequency, right);
}

/// A device with one variable in parallel with a capacitance, behind a line, under a voltage source: the line charges
/// within nanoseconds or less. CVODE gets the same equations with the device's functions inlined.
template <class D>
void add_loaded(const std::string& name, bool quick, const D& device, double line, double capacitance, double start,
                const Segment& drive) {
  constexpr std::size_t variables = 2;
  using State = std::array<double, variables>;
  const AnyDevice circuit =
      couple(Coupling::series,
             {{Resistor({.R = line}), "line", false},
              {couple(Coupling::parallel, {{device, "cell", false}, {Capacitor({.C = capacitance}), "store", false}}),
               "end", false}});
  const State begin{start, 0.0};
  const auto by_memdyn = [=](Method method, double tolerance) {
    Integrator<DrivenDevice> integrator(driven(circuit, {Quantity::voltage, 0.0}), {method, tolerance, tolerance});
    std::vector<double> gamma(begin.begin(), begin.end());
    integrator.advance(gamma, drive);
    return State{gamma[0], gamma[1]};
  };
  const State right = by_memdyn(Method::fehlberg78, 1e-13);
  const auto rates = [=](const double* x, double* dxdt, double t) {
    double current = 0.0;
    double input = x[1];
    if constexpr (requires { device.memristance(x); }) {
      input = current = x[1] / device.memristance(x);
    } else {
      current = device.current(x, x[1]);
    }
    std::array<bool, 3> regime{};
    for (std::size_t k = 0; k < device.guards(); ++k) regime[k] = device.guard(k, x, input) > 0.0;
    dxdt[0] = device.drift(0, x, input, regime);
    dxdt[1] = ((value(drive, t) - x[1]) / line - current) / capacitance;
  };
  const auto final_state = std::make_shared<State>();
  const auto add_side = [&](const std::string& side, double tolerance, const auto& solve) {
    add({.name = "precision/" + name + ':' + side + ':' + fmt::format("{:.0e}", tolerance),
         .run = [=] { *final_state = solve(); },
         .error =
             [=] {
               return std::max(std::abs((*final_state)[0] - right[0]) / device.scale(0),
                               std::abs((*final_state)[1] - right[1]));
             },
         .tolerance = 0.1,
         .items = 1,
         .counters = {}});
  };
  struct System {
    decltype(rates) of;
    void operator()(const double* x, double* dxdt, double t) const { of(x, dxdt, t); }
  };
  for (double tolerance = 1e-4; tolerance > 1e-11; tolerance *= quick ? 1e-4 : 1e-2) {
    for (const Method method : {Method::dopri5, Method::rosenbrock4, Method::automatic})
      add_side(fmt::format("memdyn {}", name_of(method)), tolerance, [=] { return by_memdyn(method, tolerance); });
    const auto peer = std::make_shared<CvodePeer<System, variables, CV_BDF>>(
        System{rates}, Tolerance{tolerance, tolerance, longest_step(drive)});
    add_side("CVODE BDF", tolerance, [=] {
      State x = begin;
      peer->advance(x, 0.0, duration(drive), [](const State&) { return false; });
      return x;
    });
  }
}

/// A volatile device that relaxes 10^4 times in one period of its drive.
void add_stiff(bool quick) {
  const Relaxing device;
  const Sine drive{1.2, 1.0, 1.0};
  const double omega = 2 * pi * drive.frequency;
  const auto rates = [=](double x, double t) { return (std::sin(omega * t) - x) / device.tau; };
  const double lag = omega * device.tau;
  const double right = (std::sin(omega * drive.duration) - lag * std::cos(omega * drive.duration)) / (1 + lag * lag);
  add_problem("stiff", quick, device, 0.0, drive, rates, infinity, right);
}

}  // namespace

void add_precision(bool quick) {
  add_smooth(quick);
  add_windowed(quick);
  add_bounded(quick);
  add_stiff(quick);
  const HpDrift strukov({.R_on = 100.0, .R_off = 16e3, .D = 1e-8, .mu_v = 1e-14, .I_gamma = 0.0, .shifted = false});
  add_loaded("loaded", quick, strukov, 200.0, 1e-12, 3e-9, Sine{1e-5, 1.0, 1e5});
  add_loaded("loaded-tunnel", quick, SimmonsTunnel(), 215.0, 1e-12, 1.15e-9, Ramp{1e-5, 0.0, 1.0});
  add_loaded("loaded-filament", quick, StanfordRram(), 1e4, 1e-13, 1.6e-9, Ramp{1e-5, 0.0, 2.0});
}

}  // namespace memdyn::benchmarks
