// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/integrator.hpp"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <numbers>

#include "memdyn/core/random.hpp"
#include "memdyn/device/models/models.hpp"
#include "support/closed_forms.hpp"

namespace memdyn::test_dynamics_integrator {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
constexpr double pi = std::numbers::pi;

namespace {

IntegrationOptions tight(Method method = Method::dopri5) { return {method, 1e-13, 1e-15}; }

/// Integrates on both paths: each variable alone, and all jointly with a recording.
template <class D>
std::vector<double> final_state(const D& device, std::vector<double> gamma, const Waveform& drive,
                                const IntegrationOptions& options, bool recorded, Statistics* statistics = nullptr) {
  Integrator<D> integrator(device, options);
  Recording recording{[](const Sample&) {}};
  integrator.advance(gamma, drive, 0, recorded ? &recording : nullptr);
  if (statistics != nullptr) *statistics = integrator.statistics();
  return gamma;
}

}  // namespace

TEST_CASE("a microsecond pulse in a thousand seconds is not missed") {
  const bool recorded = GENERATE(false, true);
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  const Waveform drive =
      pulse({.amplitude = 20.3, .width = 1e-6, .base = 0}).shift(700).then(Waveform({Constant{300, 0}}));
  const auto gamma = final_state(ThresholdWindow{}, {0, 0, 0, 0.1}, drive, tight(method), recorded);
  CHECK_THAT(gamma[0], WithinRel(0.3e-6, 1e-9));
  CHECK(gamma[1] == 0.0);
}

TEST_CASE("a ramp through the windows drifts each variable by a^2 / (2 slope)") {
  const bool recorded = GENERATE(false, true);
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  const auto gamma =
      final_state(ThresholdWindow{}, {0, 0, 0, 0.1}, Waveform({Ramp{2.0, 0, 40}}), tight(method), recorded);
  for (int i : {0, 1, 2}) CHECK_THAT(gamma[i], WithinRel(0.25 / 40, 1e-12));
  const auto back = final_state(ThresholdWindow{}, gamma, Waveform({Ramp{2.0, 0, -40}}), tight(method), recorded);
  for (int i : {0, 1, 2}) CHECK_THAT(back[i], WithinAbs(0.0, 1e-14));
}

TEST_CASE("a sine through a window drifts it by the closed form") {
  const bool recorded = GENERATE(false, true);
  ThresholdWindow::Parameters p;
  p.I_gamma = {1.0};
  p.a = 0.5;
  const double omega = 2 * pi * 3;
  // up through [1, 1.5] and down again: the integral above 1, minus the integral above 1.5 with its offset
  const double t1 = std::asin(1 / 2.0) / omega;
  const double t2 = std::asin(1.5 / 2.0) / omega;
  const double half = 2 * (std::cos(omega * t1) - std::cos(omega * t2)) / omega - (t2 - t1);
  const auto gamma = final_state(ThresholdWindow(p), {0, 0.1}, Waveform({Sine{0.5 / 3, 2.0, 3.0}}), tight(), recorded);
  CHECK_THAT(gamma[0], WithinRel(2 * half, 1e-12));
}

TEST_CASE("an exponential decay through the HP threshold drifts by the closed form") {
  HpDrift::Parameters p;
  p.I_gamma = 1;
  p.R_off = 1e3;
  p.D = 10;
  p.mu_v = 10;
  const double s = std::log(3.0);  // 3 exp(-s) = 1
  const auto gamma =
      final_state(HpDrift(p), {0.0}, Waveform({Exponential{5, 3, 0, 1}}), tight(), GENERATE(false, true));
  CHECK_THAT(gamma[0], WithinRel(2.0 - s, 1e-12));
}

TEST_CASE("HP drift under a sine follows the closed form through pinning and release") {
  const bool recorded = GENERATE(false, true);
  const HpDrift device = strukov();
  const double D = device.parameters().D;
  const double c = device.rate();
  const double omega = 2 * pi;
  const double amplitude = 1.2 * D * omega / (2 * c);  // a half wave moves 1.2 D
  Statistics statistics;
  // from 0.1 D: it reaches D in the first half wave, is released at the end of that, reaches 0 in the second, ...
  const auto gamma =
      final_state(device, {0.1 * D}, Waveform({Sine{1.75, amplitude, 1.0}}), tight(), recorded, &statistics);
  // the last half wave begins at 0 and adds 1.2 D: pinned at D; then a quarter period subtracts 0.6 D
  CHECK_THAT(gamma[0] / D, WithinRel(0.4, 1e-10));
  CHECK(statistics.bounds_reached == 3);
  const auto before = final_state(device, {0.1 * D}, Waveform({Sine{0.25, amplitude, 1.0}}), tight(), recorded);
  CHECK_THAT(before[0] / D, WithinRel(0.7, 1e-10));
  const auto pinned = final_state(device, {0.1 * D}, Waveform({Sine{0.5, amplitude, 1.0}}), tight(), recorded);
  CHECK(pinned[0] == D);
}

TEST_CASE("a threshold in the state is located: the drift begins where R I reaches V_t") {
  // I = t: no drift until t = V_t / R0 = 2; then Ṙ = R t - 2
  const bool recorded = GENERATE(false, true);
  StateThreshold device;
  device.high = 1e3;
  Statistics statistics;
  const auto gamma = final_state(device, {1.0}, Waveform({Ramp{3, 0, 3}}), tight(), recorded, &statistics);
  // R(3) = e^{(9-4)/2} (1 - 2 ∫_2^3 e^{-(t²-4)/2} dt)
  const double integral = std::sqrt(pi / 2) * (std::erf(3 / std::sqrt(2.0)) - std::erf(2 / std::sqrt(2.0)));
  const double exact = std::exp(4.5) * (std::exp(-2.0) - 2 * integral);
  CHECK_THAT(gamma[0], WithinRel(exact, 1e-11));
  CHECK(statistics.state_events == 1);
}

TEST_CASE("a state-dependent drift that reaches a bound is pinned there, with every method") {
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  StateThreshold device;
  device.high = 3;
  std::vector<double> gamma{2.5};
  Integrator<StateThreshold> integrator(device, {method, 1e-10, 1e-12});
  double reached = -1;
  Recording recording{[&](const Sample& sample) {
    if (sample.event == Event::bound_reached) reached = sample.time;
  }};
  integrator.advance(gamma, Constant{1.0, 1.0}, 5.0, &recording);
  CHECK(gamma[0] == 3.0);
  CHECK_THAT(reached, WithinAbs(5 + std::log(2.0), 1e-8));  // R - 2 doubles from 0.5 to 1
}

TEST_CASE(
    "TEAM under a constant current beyond its threshold is linear in time, and reaches the bound at the exact time") {
  // its window is 1 far from the ends: x = x0 + k_off (I/I_off - 1)^alpha_off t
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  Team::Parameters p;
  p.a_off = 1e-6;
  p.a_on = -1e-6;
  p.alpha_off = 2.5;
  const double start = 0.2 * p.x_off;
  const double current = 3.5 * p.I_off;
  const double speed = p.k_off * std::pow(2.5, p.alpha_off);
  const double hit = (p.x_off - start) / speed;
  const double origin = GENERATE(0.0, 3.0);
  CAPTURE(static_cast<int>(method), origin);
  Integrator<Team> integrator(Team(p), {method, 1e-10, 1e-12});
  double reached = -1;
  double largest_error = 0;
  Recording recording{[&](const Sample& sample) {
    if (sample.event == Event::bound_reached) reached = sample.time - origin;
    const double exact = std::min(start + speed * (sample.time - origin), p.x_off);
    largest_error = std::max(largest_error, std::abs(sample.gamma[0] - exact) / p.x_off);
  }};
  std::vector<double> gamma{start};
  integrator.advance(gamma, Constant{2 * hit, current}, origin, &recording);
  CHECK(gamma[0] == p.x_off);
  CHECK_THAT(reached, WithinAbs(hit, 1e-12 * hit + 4.5e-16 * origin));
  CHECK(largest_error <= 1e-12 + 4.5e-16 * origin / hit);
}

TEST_CASE("random drives through thresholds and bounds: both methods, both paths and a midpoint sum agree") {
  HpDrift::Parameters p;
  p.I_gamma = 0.5;
  const HpDrift device(p);
  RandomStream random(7, 0, Purpose::samples);
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<Segment> parts;
    double last = 0;
    for (int k = 0; k < 6; ++k) {
      const double T = random.uniform(0.05, 1.0);
      const double level =
          std::round(random.uniform(-6, 6)) / 2;  // levels that equal thresholds, sines that touch them
      switch (random.below(4)) {
        case 0:
          parts.emplace_back(Constant{T, level});
          break;
        case 1:
          parts.emplace_back(Ramp{T, last, level});
          break;
        case 2:
          parts.emplace_back(Sine{T, level == 0 ? 1 : level, random.uniform(1, 4), random.uniform(-3, 3),
                                  std::round(random.uniform(-2, 2)) / 2});
          break;
        default:
          parts.emplace_back(Exponential{T, last, level, 0.3});
      }
      last = level;
    }
    const Waveform drive(parts);
    std::vector<double> one{0.1};
    std::vector<double> joint{0.1};
    Integrator<HpDrift>(device, {Method::dopri5, 1e-12, 1e-14}).advance(one, drive);
    Recording recording{[](const Sample&) {}, true, 0.01};
    Integrator<HpDrift>(device, {Method::fehlberg78, 1e-12, 1e-14}).advance(joint, drive, 0, &recording);
    double x = 0.1;
    for (const Segment& part : parts) {
      constexpr int n = 4000;
      const double h = duration(part) / n;
      for (int k = 0; k < n; ++k) {
        const double I = value(part, (k + 0.5) * h);
        x = std::clamp(x + h * (I > 0.5 ? I - 0.5 : I < -0.5 ? I + 0.5 : 0.0), -0.5, 0.5);
      }
    }
    CAPTURE(trial);
    CHECK_THAT(one[0], WithinAbs(joint[0], 1e-10));
    CHECK_THAT(one[0], WithinAbs(x, 1e-5));
  }
}

TEST_CASE("each method keeps its order across a state event") {
  struct Case {
    Method method;
    int order, coarse;
  };
  const auto [method, order, coarse] =
      GENERATE(Case{Method::dopri5, 5, 64}, Case{Method::bogacki_shampine32, 3, 64}, Case{Method::fehlberg78, 8, 8});
  // a ramp, because the drift would be linear under a constant current. Fixed steps: short pieces with a loose
  // tolerance
  StateThreshold device;
  device.high = 1e3;
  const double integral = std::sqrt(pi / 2) * (std::erf(3 / std::sqrt(2.0)) - std::erf(2 / std::sqrt(2.0)));
  const double exact = std::exp(4.5) * (std::exp(-2.0) - 2 * integral);
  const auto error = [&](int steps) {
    std::vector<Segment> parts;
    for (int k = 0; k < steps; ++k) parts.emplace_back(Ramp{3.0 / steps, 3.0 * k / steps, 3.0 * (k + 1) / steps});
    const auto gamma = final_state(device, {1.0}, Waveform(parts), {method, 0.5, 0.5}, true);
    return std::abs(gamma[0] - exact);
  };
  const double measured = std::log2(error(coarse) / error(4 * coarse)) / 2;
  CAPTURE(coarse, error(coarse), error(4 * coarse));
  CHECK(measured > order - 0.4);
  CHECK(measured < order + 1.0);
}

TEST_CASE("recording adds the uniform grid, at the order of the method") {
  const HpDrift device = strukov();
  std::vector<double> gamma{1e-9};
  Integrator<HpDrift> integrator(device, tight());
  std::vector<double> times, worst;
  Recording recording{[&](const Sample& sample) {
                        times.push_back(sample.time);
                        const double exact =
                            1e-9 + device.rate() * 1e-4 * (1 - std::cos(2 * pi * sample.time)) / (2 * pi);
                        worst.push_back(std::abs(sample.gamma[0] / exact - 1));
                      },
                      false, 0.01};
  integrator.advance(gamma, Waveform({Sine{0.3, 1e-4, 1.0}, Sine{0.7, 1e-4, 1.0, 0.6 * pi}}), 0, &recording);
  REQUIRE(times.size() == 101);
  CHECK(times[37] == 37 * 0.01);
  CHECK(*std::max_element(worst.begin(), worst.end()) < 1e-12);
}

namespace {
struct NotANumber : StateThreshold {
  static constexpr std::string_view name = "not-a-number";
  template <class Gamma, class T, class R>
  T drift(std::size_t, const Gamma&, const T&, const R&) const {
    return T(std::nan(""));
  }
};
struct Blowup : StateThreshold {
  static constexpr std::string_view name = "blow-up";
  double scale(std::size_t) const { return 1.0; }
  template <class Gamma, class T, class R>
  T drift(std::size_t, const Gamma& gamma, const T&, const R&) const {
    return T(gamma[0] * gamma[0]);
  }
};
struct Singular : Blowup {
  static constexpr std::string_view name = "singular";
  template <class Gamma, class T, class R>
  T drift(std::size_t, const Gamma& gamma, const T&, const R&) const {
    return T(T(-1.0) / gamma[0]);
  }
};
}  // namespace

TEST_CASE(
    "a drift that is NaN, a diverging state, and an unattainable tolerance end in an error that names the place") {
  std::vector<double> gamma{5.0};
  CHECK_THROWS_WITH(Integrator<NotANumber>({}).pulse(gamma, 1.0, 1.0), ContainsSubstring("not a finite number") &&
                                                                           ContainsSubstring("device not-a-number") &&
                                                                           ContainsSubstring("regime 10"));
  Blowup device;
  device.high = infinity;
  Integrator<Blowup> integrator(device, {Method::dopri5, 1e-9, 1e-300});
  CHECK_THROWS_WITH(integrator.advance(gamma, Constant{1.0, 1.0}, 100.0),
                    ContainsSubstring("runs away") && ContainsSubstring("t = 100.1"));
  gamma = {5.0};
  Singular singular;  // γ² = 25 - 2t
  singular.low = -infinity;
  singular.threshold = -1.0;
  CHECK_THROWS_WITH(
      Integrator<Singular>(singular, {Method::dopri5, 1e-9, 1e-300}).advance(gamma, Constant{20.0, 1.0}, 100.0),
      ContainsSubstring("cannot be reached") && ContainsSubstring("t = 112.5"));
  CHECK_THROWS_AS((Integrator<HpDrift>({}, {Method::dopri5, 0.0, 1e-12})), InputError);
  gamma = {std::nan("")};
  CHECK_THROWS_AS(Integrator<HpDrift>({}).advance(gamma, Constant{1.0, 1.0}), InputError);
}

TEST_CASE("a pulse costs one step") {
  std::vector<double> gamma{0, 0, 0, 0.1};
  Integrator<ThresholdWindow> integrator({});
  integrator.pulse(gamma, 21.25, 0.1);
  CHECK_THAT(gamma[1], WithinRel(0.025, 1e-14));
  CHECK(integrator.statistics().accepted == 1);
  integrator.pulse(gamma, 19.0, 0.1);
  CHECK(integrator.statistics().accepted == 1);
}

}  // namespace memdyn::test_dynamics_integrator
