// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/ensemble.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <numbers>

#include "dynamics/ensemble_lanes.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "support/closed_forms.hpp"
#include "support/lane_jobs.hpp"

namespace memdyn::test_dynamics_ensemble {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
constexpr double pi = std::numbers::pi;

namespace {

IntegrationOptions tight(Method method) {
  return method == Method::bogacki_shampine32 ? IntegrationOptions{method, 1e-9, 1e-10}
                                              : IntegrationOptions{method, 1e-12, 1e-14};
}
/// Largest admissible difference of two solutions at tight(), relative to the range of a variable.
double allowed(Method method) { return method == Method::bogacki_shampine32 ? 2e-6 : 1e-10; }

/// Segments of all kinds, up to `most` of them, below `height` [A] and of `length` [s] or less each.
Waveform random_drive(RandomStream& random, std::size_t most, double height, double length) {
  std::vector<Segment> all;
  const std::size_t count = 1 + random.below(most);
  const auto level = [&] { return random.uniform(-height, height); };
  for (std::size_t i = 0; i < count; ++i) {
    const double duration = length * random.uniform(0.1, 1);
    switch (random.below(4)) {
      case 0:
        all.emplace_back(Constant{duration, level()});
        break;
      case 1:
        all.emplace_back(Ramp{duration, level(), level()});
        break;
      case 2:
        all.emplace_back(
            Sine{duration, level(), random.uniform(0.5, 3) / duration, random.uniform(-pi, pi), 0.2 * level()});
        break;
      default:
        all.emplace_back(Exponential{duration, level(), level(), duration * random.uniform(0.2, 2)});
    }
  }
  return Waveform(std::move(all));
}

template <class D>
std::vector<Job> random_jobs(const D& device, std::size_t count, double height, double length, double low, double high,
                             std::uint64_t seed = 7) {
  std::vector<Job> jobs;
  for (std::size_t j = 0; j < count; ++j) {
    RandomStream random(seed, j, Purpose::samples);
    std::vector<double> gamma;
    for (std::size_t i = 0; i < device.size(); ++i) gamma.push_back(random.uniform(low, high));
    jobs.push_back({gamma, random_drive(random, 8, height, length)});
  }
  return jobs;
}

/// Compares jobs with the Integrator: final states and numbers of events. fehlberg78 is compared with dopri5; the low
/// order is compared with itself, because it can step over two crossings that are close together.
template <class D>
void agrees(const D& device, const std::vector<Job>& jobs, const IntegrationOptions& options,
            const std::vector<Done>& done) {
  double events = 0;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    CAPTURE(j, name_of(options.method));
    Integrator<D> integrator(device, tight(options.method));
    auto gamma = jobs[j].gamma;
    integrator.advance(gamma, jobs[j].drive);
    const Statistics& s = integrator.statistics();
    REQUIRE(done[j].outcome.failure == Failure::none);
    for (std::size_t i = 0; i < gamma.size(); ++i)
      CHECK_THAT(done[j].gamma[i], WithinAbs(gamma[i], allowed(options.method) * device.scale(i)));
    const auto expected = static_cast<double>(s.time_events + s.state_events + s.bounds_reached + s.bounds_released);
    CHECK(done[j].outcome.events == expected);
    events += expected;
    CHECK_THAT(done[j].outcome.time, WithinRel(jobs[j].drive.duration(), 1e-14));
  }
  CHECK(events > static_cast<double>(jobs.size()));  // the drives do cross thresholds and reach bounds
}

template <class D>
void agrees_in_every_set(const D& device, const std::vector<Job>& jobs) {
  for (const Method method : {Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78})
    for (const InstructionSet set : instruction_sets()) {
      CAPTURE(name_of(set));
      LaneJobs source(jobs, [&](const Job&) { return levels_of(device); });
      integrate_ensemble(set, device, {tight(method), false, {}}, source);
      CHECK(source.ended == jobs.size());
      agrees(device, jobs, tight(method), source.done);
    }
}

/// A device with more guards than a regime can store without allocating memory.
ThresholdWindow six_windows() {
  ThresholdWindow::Parameters p;
  p.I_gamma = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
  return ThresholdWindow(p);
}
/// TEAM scaled so that random drives move it across its range.
Team lively_team() {
  Team::Parameters p;
  p.k_off = 3e-7;
  p.k_on = -3e-7;
  p.x_on = 0.5e-9;
  return Team(p);
}
template <class D>
LaneJobs& run_lanes(LaneJobs& source, const D& device, const IntegrationOptions& options, bool packs) {
  if (packs) {
    source.lanes(lanes<Pack>);
    EnsembleLanes<Pack, 1, false>({model_of<Pack>(device), {}}, options).run(source);
  } else {
    EnsembleLanes<double, 1, false>({model_of<double>(device), {}}, options).run(source);
  }
  return source;
}

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  RandomStream(seed, 0, Purpose::order).shuffle(order);
  return order;
}

}  // namespace

TEST_CASE("lanes agree with the integrator of one device: threshold-window") {
  agrees_in_every_set(ThresholdWindow{}, random_jobs(ThresholdWindow{}, 13, 25, 1, -1, 1));
  agrees_in_every_set(six_windows(), random_jobs(six_windows(), 13, 8, 1, -1, 1));
}
TEST_CASE("lanes agree with the integrator of one device: hp-drift") {
  agrees_in_every_set(HpDrift{}, random_jobs(HpDrift{}, 23, 14, 1, -0.5, 0.5));
}
TEST_CASE("lanes agree with the integrator of one device: synaptic-drift") {
  agrees_in_every_set(SynapticDrift{}, random_jobs(SynapticDrift{}, 23, 14, 1, -0.5, 0.5));
}
TEST_CASE("lanes agree with the integrator of one device: team") {
  agrees_in_every_set(lively_team(), random_jobs(lively_team(), 23, 5e-4, 1e-3, 0.5e-9, 3e-9));
}
TEST_CASE("lanes agree with the integrator of one device: a threshold in the state") {
  const StateThreshold device;
  const auto jobs = random_jobs(device, 23, 4, 0.5, 0.1, 10);
  for (const Method method : {Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78})
    for (const bool packs : {false, true}) {
      CAPTURE(packs);
      LaneJobs source(jobs, [&](const Job&) { return levels_of(device); });
      run_lanes(source, device, tight(method), packs);
      agrees(device, jobs, tight(method), source.done);
    }
}

TEST_CASE("whether a piece moves a device depends on its own parameters, in any order") {
  // rectangular pulses around different thresholds, one device after another in each lane
  std::vector<Job> jobs;
  RandomStream random(5, 0, Purpose::samples);
  const Vteam::Parameters given;
  for (int j = 0; j < 60; ++j) {
    auto p = given;
    p.V_off *= random.uniform(0.5, 1.5);
    Job job{{1e-9}, Waveform({Constant{1e-9, 0.0}, Constant{1e-7, given.V_off}, Constant{1e-9, 0.0}})};
    for_each_number(p, [&](double number) { job.parameters.push_back(number); });
    jobs.push_back(std::move(job));
  }
  const auto device_of = [&](const Job& job) {
    auto p = given;
    auto next = job.parameters.begin();
    for_each_number(p, [&](double& number) { number = *next++; });
    return Vteam(p);
  };
  for (const InstructionSet set : instruction_sets())
    for (const std::uint64_t order : {0, 1, 2}) {
      LaneJobs source(jobs, [&](const Job& job) { return levels_of(device_of(job)); }, shuffled(jobs.size(), order));
      source.lanes(lane_count(set));
      integrate_ensemble(set, Vteam(given), {.integration = {}, .level = {}, .source = {Quantity::voltage}}, source);
      int moved = 0;
      for (std::size_t j = 0; j < jobs.size(); ++j) {
        CAPTURE(name_of(set), order, j);
        const bool above = device_of(jobs[j]).parameters().V_off < given.V_off;
        CHECK((source.done[j].gamma[0] > 1e-9) == above);
        moved += above ? 1 : 0;
      }
      CHECK(moved > 10);
      CHECK(moved < 50);
    }
}

TEST_CASE("a trajectory does not depend on order, lane, neighbours or refill, to the last bit") {
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  const bool integrals = GENERATE(false, true);
  const EnsembleOptions options{{method, 1e-7, 1e-9}, integrals, {Level::memristance, 300.0}};
  // with devices that differ
  std::vector<Job> jobs = random_jobs(lively_team(), 21, 5e-4, 1e-3, 0.5e-9, 3e-9);
  RandomStream random(3, 0, Purpose::samples);
  for (Job& job : jobs) {
    auto p = lively_team().parameters();
    p.k_off *= random.uniform(0.5, 2);
    p.alpha_on = random.uniform(2, 4);
    p.I_off *= random.uniform(0.5, 2);
    for_each_number(p, [&](double number) { job.parameters.push_back(number); });
  }
  const auto levels = [](const Job& job) {
    auto p = lively_team().parameters();
    auto next = job.parameters.begin();
    for_each_number(p, [&](double& number) { number = *next++; });
    return levels_of(Team(p));
  };
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    std::vector<Done> alone(jobs.size());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      LaneJobs source(jobs, levels, {j}, 3e-4, integrals);
      source.lanes(lane_count(set));
      integrate_ensemble(set, lively_team(), options, source);
      alone[j] = source.done[j];
    }
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      LaneJobs source(jobs, levels, shuffled(jobs.size(), seed), 3e-4, integrals);
      source.lanes(lane_count(set));
      integrate_ensemble(set, lively_team(), options, source);
      for (std::size_t j = 0; j < jobs.size(); ++j) {
        CAPTURE(seed, j);
        CHECK(same_bits(source.done[j].numbers, alone[j].numbers));
        CHECK(source.done[j].samples.size() == static_cast<std::size_t>(jobs[j].drive.duration() / 3e-4));
      }
    }
  }
}

TEST_CASE("state events do not depend on neighbours either") {
  const StateThreshold device;
  const auto jobs = random_jobs(device, 17, 4, 0.5, 0.1, 10, 11);
  const auto levels = [&](const Job&) { return levels_of(device); };
  LaneJobs first(jobs, levels, {}, 0.05);
  run_lanes(first, device, {Method::dopri5, 1e-7, 1e-9}, true);
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    LaneJobs again(jobs, levels, shuffled(jobs.size(), seed), 0.05);
    run_lanes(again, device, {Method::dopri5, 1e-7, 1e-9}, true);
    for (std::size_t j = 0; j < jobs.size(); ++j) CHECK(same_bits(again.done[j].numbers, first.done[j].numbers));
  }
}

TEST_CASE("charge, flux, energy, loop area and extremes of Strukov's device under a sine") {
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  const HpDrift device = strukov();
  const auto& p = device.parameters();
  const double within = method == Method::bogacki_shampine32 ? 1e-6 : 1e-10;
  std::vector<Job> jobs;
  for (double frequency : {1.0, 2.0, 5.0, 7.0, 11.0}) jobs.push_back({{2e-9}, sine_burst(1e-4, frequency, 1)});
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set), name_of(method));
    LaneJobs source(jobs, [&](const Job&) { return levels_of(device); }, {}, 0, true);
    integrate_ensemble(set, device, {tight(method), true, {}}, source);
    std::size_t j = 0;
    for (const double frequency : {1.0, 2.0, 5.0, 7.0, 11.0}) {
      CAPTURE(frequency);
      const Done& done = source.done[j++];
      const double A = 1e-4;
      const double omega = 2 * pi * frequency;
      const double start = p.R_on * 0.2 + p.R_off * 0.8;          // memristance
      const double k = (p.R_off - p.R_on) / p.D * device.rate();  // decrease of the memristance per coulomb
      const double q = 2 * A / omega;                             // charge after the half wave
      CHECK_THAT(done.gamma[0], WithinAbs(2e-9, within * p.D));
      CHECK_THAT(done.integrals[charge], WithinAbs(0, within * q));
      CHECK_THAT(done.integrals[flux], WithinAbs(0, within * q * start));
      CHECK_THAT(done.integrals[energy], WithinRel(A * A / (2 * frequency) * (start - k * A / omega), within));
      CHECK_THAT(done.integrals[area_positive], WithinRel(2.0 / 3 * k * A * A * A / omega, within));
      CHECK_THAT(done.integrals[area_negative], WithinRel(-2.0 / 3 * k * A * A * A / omega, within));
      CHECK_THAT(done.highest[0], WithinAbs(2e-9 + device.rate() * q, within * p.D));
      CHECK_THAT(done.lowest[0], WithinAbs(2e-9, within * p.D));
      CHECK_THAT(done.outcome.memristance_low, WithinRel(start - k * q, within));
      CHECK_THAT(done.outcome.memristance_high, WithinRel(start, 1e-6));
    }
  }
}

TEST_CASE("jumps of the drive contribute to the loop area") {
  const HpDrift device = strukov();
  const double current = 1e-4;
  const std::vector<Job> jobs{{{2e-9}, pulse({.amplitude = current, .width = 0.1})},
                              {{2e-9}, pulse({.amplitude = current, .width = 0.1}).scale(-0.5)}};
  LaneJobs source(jobs, [&](const Job&) { return levels_of(device); }, {}, 0, true);
  integrate_ensemble(InstructionSet::scalar, device, {tight(Method::dopri5), true, {}}, source);
  const auto memristance = [&](double x) { return device.parameters().R_on * x + device.parameters().R_off * (1 - x); };
  const double before = memristance(0.2);
  CHECK_THAT(source.done[0].integrals[area_positive],
             WithinRel((before - memristance(source.done[0].gamma[0] / 1e-8)) * current * current / 2, 1e-10));
  CHECK(source.done[0].integrals[area_negative] == 0);
  CHECK_THAT(source.done[1].integrals[area_negative],
             WithinRel((before - memristance(source.done[1].gamma[0] / 1e-8)) * current * current / 8, 1e-10));
  CHECK_THAT(source.done[1].integrals[charge], WithinRel(-current / 2 * 0.1, 1e-12));
}

TEST_CASE("the first passage of a level is timed") {
  const auto method = GENERATE(Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78);
  const double within = method == Method::bogacki_shampine32 ? 1e-6 : 1e-10;
  const HpDrift device = strukov();
  const double A = 1e-4;
  const double frequency = 1;
  std::vector<Job> jobs{{{1e-9}, Waveform({Constant{0.5, A}})},
                        {{1e-9}, sine_burst(A, frequency, 2)},
                        {{1e-9}, Waveform({Constant{0.3, 0.0}, Constant{0.5, A}})},
                        {{1e-9}, Waveform({Constant{0.3, 0.0}, Constant{0.01, A}})}};
  const double level = 3e-9;
  const double rate = device.rate() * A;
  const double passes = 2e-9 / rate;
  const double sine = std::acos(1 - 2e-9 / rate * 2 * pi * frequency) / (2 * pi * frequency);
  for (const InstructionSet set : instruction_sets())
    for (const bool integrals : {false, true})
      for (const bool of_memristance : {false, true}) {
        CAPTURE(name_of(set), integrals, of_memristance);
        const Level what = of_memristance ? Level{Level::memristance, 100 * 0.3 + 16e3 * 0.7} : Level{0, level};
        LaneJobs source(jobs, [&](const Job&) { return levels_of(device); }, {}, 0, integrals);
        integrate_ensemble(set, device, {tight(method), integrals, what}, source);
        CHECK_THAT(source.done[0].outcome.switched, WithinRel(passes, within));
        CHECK_THAT(source.done[1].outcome.switched, WithinRel(sine, within));
        CHECK_THAT(source.done[2].outcome.switched, WithinRel(0.3 + passes, within));
        CHECK(std::isnan(source.done[3].outcome.switched));
      }
}

namespace {
/// γ̇ = I / γ: the solution ends at γ = 0, where no step is small enough.
struct Singular {
  static constexpr std::string_view name = "singular";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static std::size_t size() { return 1; }
  static Properties properties() { return {}; }
  template <class Gamma, class T>
  T voltage(const Gamma& gamma, const T& current) const {
    return gamma[0] * current;
  }
  template <class Gamma, class T, class R>
  T drift(std::size_t, const Gamma& gamma, const T& current, const R&) const {
    return T(current / gamma[0]);
  }
  template <class R>
  auto moves(std::size_t, const R&) const -> typename R::value_type {
    return typename R::value_type(true);
  }
  static std::size_t guards() { return 0; }
  template <class Gamma, class T>
  T guard(std::size_t, const Gamma&, const T&) const {
    return T(1.0);
  }
  static double drive_level(std::size_t) { return std::nan(""); }
  static double lower(std::size_t) { return -infinity; }
  static double upper(std::size_t) { return infinity; }
  static double scale(std::size_t) { return 1.0; }
};
/// γ̇ = I for γ < 1, NaN beyond.
struct Undefined : Singular {
  template <class Gamma, class T, class R>
  T drift(std::size_t, const Gamma& gamma, const T& current, const R&) const {
    return select<>(gamma[0] < T(1.0), current, T(std::nan("")));
  }
};

template <class D>
void fails_alone(double current, double at, Failure failure) {
  std::vector<Job> jobs;
  for (int j = 0; j < 9; ++j)
    jobs.push_back({{0.5}, Waveform({Constant{0.25, 0.0}, Constant{1.0, j % 4 == 1 ? current : 0.1}})});
  const auto levels = [](const Job&) { return std::vector<double>{}; };
  for (const bool packs : {false, true}) {
    LaneJobs source(jobs, levels);
    run_lanes(source, D{}, {Method::dopri5, 1e-9, 1e-12}, packs);
    REQUIRE(source.ended == jobs.size());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      CAPTURE(j, packs);
      LaneJobs alone(jobs, levels, {j});
      run_lanes(alone, D{}, {Method::dopri5, 1e-9, 1e-12}, packs);
      CHECK(same_bits(source.done[j].numbers, alone.done[j].numbers));
      CHECK(source.done[j].outcome.failure == (j % 4 == 1 ? failure : Failure::none));
      CHECK_THAT(source.done[j].outcome.time, WithinAbs(j % 4 == 1 ? 0.25 + at : 1.25, 1e-6));
    }
  }
}
}  // namespace

TEST_CASE("a failing trajectory reports its time, and does not affect others") {
  fails_alone<Undefined>(1.0, 0.5, Failure::not_finite);
  fails_alone<Singular>(-0.2, 0.25 / (2 * 0.2), Failure::tolerance);
}

namespace {
/// R = 2 + cos γ [Ohm], which is lowest and highest within a trajectory.
struct Wavy : Singular {
  template <class Gamma, class T>
  T voltage(const Gamma& gamma, const T& current) const {
    return (T(2.0) + cosine(T(gamma[0]))) * current;
  }
  template <class Gamma, class T, class R>
  T drift(std::size_t, const Gamma& gamma, const T& current, const R&) const {
    return current * (T(1.0) + T(0.5) * sine(T(gamma[0])));
  }
};
template <class T>
std::vector<Done> wavy(const std::vector<Job>& jobs, double most_steps) {
  LaneJobs source(jobs, [](const Job&) { return std::vector<double>{}; }, {}, 0, true);
  EnsembleLanes<T, 1, true>({model_of<T>(Wavy{}), {}}, {Method::dopri5, 1e-6, 1e-9}, {}, most_steps).run(source);
  return source.done;
}
}  // namespace

TEST_CASE("extremes of the memristance are found within steps, also close to a zero of the current") {
  const std::vector<Job> jobs{{{0.5}, Waveform({Constant{8.0, 1.0}})},
                              {{0.0}, Waveform({Ramp{1.0, 0.0, 1.0}})},
                              {{-0.4}, Waveform({Constant{1.0, -1.0}, Ramp{2.0, -1.0, 0.0}})}};
  for (const auto& done : {wavy<double>(jobs, infinity), wavy<Pack>(jobs, infinity)}) {
    CHECK(done[0].outcome.accepted < 60);  // half a step from an extreme the error of R would be some thousandths
    CHECK_THAT(done[0].outcome.memristance_low, WithinAbs(1.0, 2e-5));
    CHECK_THAT(done[0].outcome.memristance_high, WithinAbs(3.0, 2e-5));
    CHECK_THAT(done[1].outcome.memristance_high, WithinAbs(3.0, 1e-9));
    CHECK_THAT(done[2].outcome.memristance_low, WithinAbs(2.0 + std::cos(done[2].gamma[0]), 1e-9));
  }
}

TEST_CASE("extremes of the memristance do not depend on neighbours, to the last bit") {
  std::vector<Job> jobs;
  for (int j = 0; j < 60; ++j) {
    RandomStream random(13, static_cast<std::uint64_t>(j), Purpose::samples);
    jobs.push_back({{random.uniform(-3, 3)}, random_drive(random, 4, 2.0, 3.0)});
  }
  const auto run = [&](const std::vector<std::size_t>& order) {
    LaneJobs source(jobs, [](const Job&) { return std::vector<double>{}; }, order, 0, true);
    EnsembleLanes<Pack, 1, true>({model_of<Pack>(Wavy{}), {}}, {Method::dopri5, 1e-6, 1e-9}).run(source);
    return source.done;
  };
  const auto together = run({});
  for (const std::uint64_t seed : {1, 2}) {
    const auto mixed = run(shuffled(jobs.size(), seed));
    for (std::size_t j = 0; j < jobs.size(); ++j) CHECK(same_bits(together[j].numbers, mixed[j].numbers));
  }
  for (std::size_t j = 0; j < jobs.size(); ++j) CHECK(same_bits(together[j].numbers, run({j})[j].numbers));
}

TEST_CASE("rounding errors at a zero of the drive do not enter the extremes of the memristance") {
  MetastableSwitch::Parameters p;
  p.phi = 0.8;
  p.alpha_f = p.alpha_r = 8e-4;
  p.beta_f = p.beta_r = 4.0;
  const MetastableSwitch device(p);
  const std::vector<Job> jobs{{{0.3}, sine_burst(0.1, 1e9, 3)}};
  const auto at = [&](double voltage) {  // so fast that the state does not move
    return voltage / (0.8 * voltage * (0.3 / p.R_on + 0.7 / p.R_off) + 0.2 * 2 * 8e-4 * std::sinh(4 * voltage));
  };
  for (const InstructionSet set : instruction_sets()) {
    CAPTURE(name_of(set));
    LaneJobs source(jobs, [&](const Job&) { return levels_of(device); }, {}, 0, true);
    integrate_ensemble(set, device,
                       {.integration = {Method::dopri5, 1e-9, 1e-12},
                        .integrals = true,
                        .level = {Level::memristance, 1.5 * at(1e-6)},
                        .source = {Quantity::voltage}},
                       source);
    CHECK_THAT(source.done[0].outcome.memristance_low, WithinRel(at(0.1), 1e-6));
    CHECK_THAT(source.done[0].outcome.memristance_high, WithinRel(at(1e-6), 1e-6));
    CHECK(std::isnan(source.done[0].outcome.switched));
  }
}

TEST_CASE("a trajectory is stopped when it exceeds the limit of steps") {
  const std::vector<Job> jobs{{{0.5}, Waveform({Constant{1000.0, 1.0}})}, {{0.5}, Waveform({Constant{1.0, 1.0}})}};
  for (const auto& done : {wavy<double>(jobs, 100), wavy<Pack>(jobs, 100)}) {
    CHECK(done[0].outcome.failure == Failure::step_limit);
    CHECK(done[0].outcome.accepted + done[0].outcome.rejected == 101);
    CHECK(done[0].outcome.time < 1000.0);
    CHECK(done[1].outcome.failure == Failure::none);
  }
}

}  // namespace memdyn::test_dynamics_ensemble
