// SPDX-License-Identifier: MIT
// Taylor series of devices, and the method `taylor`.
#include "memdyn/dynamics/taylor.hpp"

#include <boost/numeric/odeint/integrate/integrate_adaptive.hpp>
#include <boost/numeric/odeint/integrate/integrate_const.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <numbers>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "assess/typical.hpp"
#include "circuit/model_over.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/run/simulation.hpp"
#include "support/circuits.hpp"
#include "support/closed_forms.hpp"
#include "support/from_text.hpp"
#include "support/lane_jobs.hpp"
#include "support/run.hpp"

namespace memdyn::test_dynamics_taylor {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// The series of all variables of a device along the trajectory through a state, at a local time of a segment.
stepper::TaylorSeries<double> expanded(const DrivenDevice& device, const State& gamma, const Segment& segment, double s,
                                       double unit, std::size_t order) {
  std::vector<double> drive(order);
  expand(segment, s, unit, drive);
  Regime<double> regime;
  freeze_regime(device, gamma, value(segment, s), regime);
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < gamma.size(); ++i) all.push_back(i);
  stepper::TaylorSeries<double> series(order);
  device.expand(all, gamma, drive.data(), unit, regime, series);
  return series;
}

/// A row of reference/coefficients.csv; reference/coefficients.py explains the columns.
struct Reference {
  std::size_t segment;
  double time, unit;
  std::vector<std::vector<double>> coefficients;  ///< variable x order
};
std::map<std::string, Reference> read_references(const std::filesystem::path& path) {
  std::map<std::string, Reference> all;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::array<std::string, 7> cell;
    for (std::string& one : cell) std::getline(cells, one, ',');
    Reference& own = all[cell[0]];
    own.segment = std::stoul(cell[1]);
    own.time = std::stod(cell[2]);
    own.unit = std::stod(cell[3]);
    own.coefficients.resize(std::max(own.coefficients.size(), std::stoul(cell[4]) + 1));
    own.coefficients[std::stoul(cell[4])].push_back(std::stod(cell[6]));
  }
  return all;
}

/// The numbers of one lane: those of a device, its state and the rate of that, and a drive and the rate of that.
struct LaneNumbers {
  std::vector<double> parameters;
  std::vector<std::array<double, 2>> state;
  std::array<double, 2> drive;
};
/// The coefficients in lane `own` of all drifts of a device with the numbers of each lane, as series of order 3; and
/// the values of the same drifts over plain numbers.
template <class T>
std::pair<std::vector<double>, std::vector<double>> drifts_of(const AnyDevice& device, const Source& source,
                                                              const std::vector<LaneNumbers>& in, std::size_t own) {
  constexpr std::size_t order = 3;
  const auto pack = [&](const auto& number_of) {
    double numbers[lanes<T>];
    for (std::size_t l = 0; l < lanes<T>; ++l) numbers[l] = number_of(in[l]);
    return load<T>(numbers);
  };
  Driven<T> plain(model_over<T>(device), source);
  Driven<Series<T>> over(model_over<Series<T>>(device), source);
  std::vector<T> parameters;
  for (std::size_t p = 0; p < in.front().parameters.size(); ++p)
    parameters.push_back(pack([&](const LaneNumbers& one) { return one.parameters[p]; }));
  plain.take(parameters.data());
  over.take(std::vector<Series<T>>(parameters.begin(), parameters.end()).data());
  std::vector<std::array<T, order + 1>> numbers(device.size() + 1);
  std::vector<T> state;
  std::vector<Series<T>> x;
  for (std::size_t i = 0; i <= device.size(); ++i) {
    numbers[i].fill(T(0.0));
    for (const std::size_t n : {0, 1})
      numbers[i][n] = pack([&](const LaneNumbers& one) { return i < device.size() ? one.state[i][n] : one.drive[n]; });
    if (i == device.size()) continue;
    state.push_back(numbers[i][0]);
    x.push_back(Series<T>::of(numbers[i].data()));
  }
  const T drive = numbers.back()[0];
  Regime<T> regime(plain.guards(), Mask<T>(false));
  const T begin = plain.input(state, drive, regime);
  for (std::size_t k = 0; k < regime.size(); ++k) regime[k] = plain.guard(k, state, begin) > T(0.0);
  const T input = plain.input(state, drive, regime);
  SeriesTape<T> tape(order);
  const typename SeriesTape<T>::InUse in_use(tape);
  const Series<T> u = over.input(x, Series<T>::of(numbers.back().data()), regime);
  std::vector<Series<T>> drifts;
  for (std::size_t i = 0; i < device.size(); ++i) drifts.push_back(over.drift(i, x, u, regime));
  for (std::size_t n = 1; n <= order; ++n) tape.run(n);
  std::vector<double> coefficients;
  std::vector<double> values;
  for (std::size_t i = 0; i < device.size(); ++i) {
    values.push_back(lane(T(plain.drift(i, state, input, regime)), own));
    for (std::size_t n = 0; n <= order; ++n) coefficients.push_back(lane(T(drifts[i][n]), own));
  }
  return {coefficients, values};
}
/// True if both are bit-identical, except that all NaN are equal and both zeros are equal.
bool same_numbers(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(
      a, b, [](double one, double other) { return one == other || (std::isnan(one) && std::isnan(other)); });
}
template <class T>
void series_are_of_their_lane(const AnyDevice& device, const Source& source, RandomStream& random) {
  const double amplitude = device.typical_input();
  const Typical usual = typical(device, native_source(device), amplitude);
  const bool native = source.quantity == device.control();
  const auto draw = [&](bool varied) {
    LaneNumbers one;
    for (const auto& number : device.numbers())
      one.parameters.push_back(number.value * (varied && random.below(2) == 0 ? random.uniform(0.97, 1.03) : 1.0));
    State gamma;
    for (std::size_t i = 0; i < device.size(); ++i) {
      gamma.push_back(random.uniform(usual.low[i], usual.high[i]));
      one.state.push_back({gamma.back(), random.uniform(-1, 1) * device.model().scale[i]});
    }
    double drive = amplitude * random.uniform(-1.5, 1.5);
    if (!native)
      drive = source.quantity == Quantity::voltage ? device.model().voltage(gamma.data(), drive)
                                                   : device.model().current(gamma.data(), drive);
    one.drive = {drive, random.below(2) == 0 ? 0.0 : random.uniform(-1, 1) * drive};
    return one;
  };
  const LaneNumbers own = draw(false);
  const std::size_t place = random.below(lanes<T>);
  const auto [alone, values] = drifts_of<T>(device, source, std::vector<LaneNumbers>(lanes<T>, own), place);
  std::vector<double> begins;
  for (std::size_t n = 0; n < alone.size(); n += alone.size() / values.size()) begins.push_back(alone[n]);
  CAPTURE(alone, values);
  CHECK(same_numbers(begins, values));
  if constexpr (lanes<T> > 1) {
    std::vector<LaneNumbers> neighbours;
    for (std::size_t l = 0; l < lanes<T>; ++l) neighbours.push_back(l == place ? own : draw(true));
    CHECK(same_numbers(drifts_of<T>(device, source, neighbours, place).first, alone));
  }
}

}  // namespace

TEST_CASE("the value of a series equals that of plain numbers, to the last bit, and depends on its own lane alone") {
  RandomStream random(9, static_cast<std::uint64_t>(GENERATE(range(0, 20))), Purpose::samples);
  std::vector<AnyDevice> devices{under_current(
      "[parameters]\np = 2.0\nq = 1.5\n[guards]\nabove = \"x - 0.5\"",
      {{"x", 0, 1, "when(above, i/q, (1.5 - i)^p)*x^p + sqrt(x)*(i*i)^q"}, {"y", -1, 1, "x^3/(2 + y) - y^p/3"}})};
  for_each_model([&]<class D>() {
    devices.emplace_back(D());
    if constexpr (requires { D::variants(); })
      for (const auto& variant : D::variants()) devices.emplace_back(D(variant));
  });
  for (const AnyDevice& device : devices)
    for (const Quantity quantity : {Quantity::current, Quantity::voltage}) {
      const Source source{quantity};
      if (!several_answers(device, source).empty()) continue;
      CAPTURE(device.name(), name_of(quantity));
      series_are_of_their_lane<double>(device, source, random);
      series_are_of_their_lane<Pack>(device, source, random);
    }
}

TEST_CASE("the Taylor coefficients of every model agree with those of another program, to order 20") {
  const std::filesystem::path folder = MEMDYN_REFERENCE;
  std::set<std::string> models;
  for (const auto& [name, reference] : read_references(folder / "coefficients.csv")) {
    const auto simulation = read_simulation(folder / (name + ".toml"));
    models.insert(std::string(simulation.device.name()));
    const auto series =
        expanded(driven(simulation.device, simulation.source), simulation.gamma,
                 simulation.drive->segments().at(reference.segment), reference.time, reference.unit, 20);
    for (std::size_t i = 0; i < simulation.gamma.size(); ++i) {
      const auto& expected = reference.coefficients.at(i);
      REQUIRE(expected.size() == 21);
      for (std::size_t k = 0; k < expected.size(); ++k) {
        CAPTURE(name, i, k, expected[k]);
        // the terms that cancel in a coefficient are as large as the neighbouring coefficients
        const double around = std::max(std::abs(expected[k]), std::abs(expected[k > 0 ? k - 1 : 0]));
        CHECK_THAT(series.coefficients(i)[k],
                   WithinAbs(expected[k], 1e-9 * around + 1e-15 * simulation.device.model().scale[i]));
      }
    }
  }
  std::size_t listed = 0;
  for_each_model([&]<class D>() { ++listed; });
  CHECK(models.size() == listed);
}

TEST_CASE("the series of any device under any source is a solution of its equations") {
  RandomStream random(3, static_cast<std::uint64_t>(GENERATE(range(0, 12))), Purpose::samples);
  std::vector<AnyDevice> devices{
      series({part(resistor(200.0)), part(parallel({part(strukov()), part(capacitor(1e-12))}))}),
      series({part(Yakopcic{}), part(PershinDiVentra{}, true)}), parallel({part(Vteam{}), part(Team{})})};
  for_each_model([&]<class D>() { devices.emplace_back(D()); });
  std::size_t compared = 0;
  for (const AnyDevice& device : devices) {
    const double amplitude = device.typical_input();
    const Typical usual = typical(device, native_source(device), amplitude);
    State gamma;
    for (std::size_t i = 0; i < device.size(); ++i) gamma.push_back(random.uniform(usual.low[i], usual.high[i]));
    Source source = native_source(device);
    double answer = amplitude;
    if (random.below(2) == 0) {  // the quantity for which the input is solved
      const bool by_voltage = source.quantity == Quantity::current;
      source.quantity = by_voltage ? Quantity::voltage : Quantity::current;
      if (!several_answers(device, source).empty()) continue;
      answer = by_voltage ? device.model().voltage(gamma.data(), amplitude)
                          : device.model().current(gamma.data(), amplitude);
    }
    source.series_resistance = random.below(2) == 0 ? random.uniform(1, 1000) : 0.0;
    if (!several_answers(device, source).empty()) continue;
    const Segment segment = Sine{usual.duration, answer, 0.2 / usual.duration, random.uniform(0.8, 1.2)};
    const double s = 0.3 * usual.duration;
    const DrivenDevice driven_device = driven(device, source);
    if (std::isnan(driven_device.input(gamma, value(segment, s)))) continue;
    auto series = expanded(driven_device, gamma, segment, s, 1e-2 * usual.duration, 16);
    double sigma = 1.0;
    for (std::size_t i = 0; i < gamma.size(); ++i)
      sigma = std::min(sigma, series.reach(i, 1e-12 * device.model().scale[i]));
    CAPTURE(device.name(), name_of(source.quantity), source.series_resistance, sigma);
    REQUIRE(sigma > 0);
    Regime<double> regime;
    freeze_regime(driven_device, gamma, value(segment, s), regime);
    for (const double share : {0.25, 0.5, 0.75, 1.0}) {
      State there;
      for (std::size_t i = 0; i < gamma.size(); ++i) there.push_back(series.value(i, share * sigma));
      const double u = driven_device.input(there, value(segment, s + share * sigma * series.unit()), regime);
      for (std::size_t i = 0; i < gamma.size(); ++i) {
        const double slope = sigma * series.unit() * driven_device.drift(i, there, u, regime);
        Polynomial<double> curve;
        series.curve(i, sigma, curve);
        CHECK_THAT(slope_at(curve, share), WithinAbs(slope, 1e-10 * device.model().scale[i] + 1e-11 * std::abs(slope)));
        ++compared;
      }
    }
  }
  CHECK(compared > 20);
}

TEST_CASE("the series of a drive reproduces the drive") {
  const Segment all[] = {Constant{2.0, 0.7}, Ramp{2.0, -1.0, 3.0}, Sine{2.0, 1.5, 0.3, 0.4, -0.2},
                         Exponential{2.0, 2.0, -1.0, 0.8}};
  for (const Segment& segment : all) {
    std::vector<double> c(20);
    expand(segment, 0.6, 0.5, c);
    for (const double sigma : {-0.5, 0.3, 1.0}) {
      double sum = 0.0;
      for (std::size_t k = c.size(); k-- > 0;) sum = sum * sigma + c[k];
      CHECK_THAT(sum, WithinRel(value(segment, 0.6 + 0.5 * sigma), 1e-13));
    }
  }
}

TEST_CASE("taylor integrates to its tolerance, and its steps hardly depend on the tolerance") {
  // dx/dt = x (1 - x) cos t: the logistic function of sin t
  const auto device = under_current("", {{"x", 0.0, 1.0, "x * (1 - x) * i"}});
  const double end = 20.0;
  const Waveform drive({Sine{end, 1.0, 1 / (2 * std::numbers::pi), std::numbers::pi / 2}});
  const double exact = 1 / (1 + 3 * std::exp(-std::sin(end)));
  std::uint64_t coarse = 0;
  for (const double relative : {1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-13}) {
    Statistics took;
    const State found =
        run(driven(device, by_current), {0.25}, drive, {Method::taylor, relative, 1e-3 * relative}, &took);
    CAPTURE(relative, took.accepted);
    CHECK_THAT(found[0], WithinAbs(exact, 5 * relative));
    CHECK(took.series == took.accepted);
    CHECK(took.rejected <= took.accepted / 10);
    if (coarse == 0) coarse = took.accepted;
    CHECK(took.accepted <= 2 * coarse);
  }
}

TEST_CASE("dopri5 makes the step where the drift has no series") {
  // dx/dt = √x stays at 0 from 0, and grows as (t/2)² from slightly above
  const auto device = under_current("", {{"x", 0.0, 1e3, "i * sqrt(x)"}});
  Statistics took;
  const IntegrationOptions options{Method::taylor, 1e-10, 1e-13};
  CHECK(run(driven(device, by_current), {0.0}, Waveform({Constant{1.0, 1.0}}), options, &took)[0] == 0.0);
  CHECK(took.series == 0);
  const double from = 1e-6;
  const double exact = std::pow(std::sqrt(from) + 5.0, 2);
  CHECK_THAT(run(driven(device, by_current), {from}, Waveform({Constant{10.0, 1.0}}), options, &took)[0],
             WithinRel(exact, 1e-9));
  CHECK(took.series == took.accepted);
  // a fractional power of the time after a threshold, whose base is 0 there
  const auto beyond = under_current("[guards]\non = \"i - 1\"\n", {{"x", -1e3, 1e3, "when(on, (i - 1)^2.5, 0)"}});
  CHECK_THAT(run(driven(beyond, by_current), {0.0}, Waveform({Ramp{2.0, 0.0, 2.0}}), options, &took)[0],
             WithinRel(1 / 3.5, 1e-9));
  CHECK(took.series < took.accepted);
  CHECK(2 * took.series > took.accepted);
}

TEST_CASE("taylor is refused for devices without series") {
  const IntegrationOptions series{Method::taylor};
  const auto kinked = device_from(
      "control = \"current\"\n[[variable]]\nname = \"x\"\nlower = 0\nupper = 1\ndrift = \"i\"\n"
      "[port]\nmemristance = \"1\"\n[properties]\nsmoothness = 1\n");
  CHECK_THROWS_WITH(Integrator<DrivenDevice>(driven(kinked, by_current), series),
                    ContainsSubstring("taylor") && ContainsSubstring("1 continuous") && ContainsSubstring("explicit"));
  CHECK_THROWS_WITH(Integrator<HpDrift>(strukov(), series), ContainsSubstring("taylor") && ContainsSubstring("auto"));
  const std::vector<Job> none;
  LaneJobs jobs(none, [](const Job&) { return std::vector<double>(); });
  CHECK_THROWS_WITH(integrate_ensemble(InstructionSet::scalar, kinked,
                                       {.integration = series, .level = {}, .source = by_current}, jobs),
                    ContainsSubstring("taylor") && ContainsSubstring("1 continuous"));
}

namespace {
/// A pendulum, x'' = -sin x, over numbers or series.
struct Pendulum {
  template <class X, class T>
  void operator()(const X& x, X& dxdt, const T& /*t*/) const {
    dxdt[0] = x[1];
    dxdt[1] = -sine(x[0]);
  }
};
/// A rotation by the angle t²/2.
struct ChirpRates {
  template <class X, class T>
  void operator()(const X& x, X& dxdt, const T& t) const {
    dxdt[0] = x[1] * t;
    dxdt[1] = -x[0] * t;
  }
};
}  // namespace

TEST_CASE("odeint's integrate functions accept the stepper") {
  namespace odeint = boost::numeric::odeint;
  State x{1.0, 0.0};
  std::size_t seen = 0;
  const std::size_t steps = odeint::integrate_adaptive(stepper::Taylor(1e-13, 1e-12), ChirpRates{}, x, 0.0, 6.0, 0.1,
                                                       [&](const State&, double) { ++seen; });
  CHECK_THAT(x[0], WithinAbs(std::cos(18.0), 1e-10));
  CHECK_THAT(x[1], WithinAbs(-std::sin(18.0), 1e-10));
  CHECK(seen == steps + 1);
  // on a grid, and backwards
  State there{1.0, 0.0};
  odeint::integrate_const(
      stepper::Taylor(1e-13, 1e-12), ChirpRates{}, there, 0.0, 2.0, 0.125,
      [](const State& at, double t) { CHECK_THAT(at[0], WithinAbs(std::cos(0.5 * t * t), 1e-10)); });
  odeint::integrate_adaptive(stepper::Taylor(1e-13, 1e-12), ChirpRates{}, x, 6.0, 0.0, -0.1);
  CHECK_THAT(x[0], WithinAbs(1.0, 1e-9));
  // the energy is conserved over many periods
  State pendulum{2.0, 0.0};
  odeint::integrate_adaptive(stepper::Taylor(1e-14, 1e-13), Pendulum{}, pendulum, 0.0, 200.0, 0.1);
  CHECK_THAT(0.5 * pendulum[1] * pendulum[1] - std::cos(pendulum[0]), WithinAbs(-std::cos(2.0), 1e-10));
}

namespace {
/// A device of one variable under a voltage, without bounds.
AnyDevice under_voltage(const std::string& guards, const std::string& drift) {
  return device_from("control = \"voltage\"\n" + guards + "[[variable]]\nname = \"x\"\nscale = 1\ndrift = \"" + drift +
                     "\"\n[port]\nmemristance = \"1e3\"\n[properties]\nfades = true\n");
}
}  // namespace

TEST_CASE("a step along a series does not skip features that the series does not contain") {
  struct Case {
    const char* drift;
    Waveform drive;
    double right;
  };
  const Waveform ramp({Ramp{1.0, 0.0, 1.0}});
  const double pi = std::numbers::pi;
  const Case all[] = {{"0.5*(tanh(50*(v - 0.4)) - tanh(50*(v - 0.7)))", ramp, 0.3},
                      {"v^13*(1 - v)", ramp, 1.0 / 210},
                      {"v^16*(1 - v)", ramp, 1.0 / 306},
                      {"0.5*exp(-((v - 0.5)/0.06)^2)", triangle_sweep(1.0, 4.0, 2), 0.12 * std::sqrt(pi)},
                      {"exp(-((v - 0.35)/0.1)^2)", ramp, 0.05 * std::sqrt(pi) * (std::erf(6.5) + std::erf(3.5))}};
  for (const auto& [drift, drive, right] : all)
    for (const double relative : {1e-6, 1e-9, 1e-12}) {
      CAPTURE(drift, relative);
      const IntegrationOptions options{Method::taylor, relative, 1e-3 * relative};
      const AnyDevice device = under_voltage("", drift);
      CHECK_THAT(run(driven(device, by_voltage), {0.0}, drive, options)[0], WithinAbs(right, 20 * relative + 1e-13));
      for (const InstructionSet set : instruction_sets()) {
        const std::vector<Job> jobs(5, Job{{0.0}, drive});
        LaneJobs lanes(jobs, [&](const Job&) { return levels_of(driven(device, by_voltage)); });
        lanes.lanes(lane_count(set));
        integrate_ensemble(set, device, {.integration = options, .level = {}, .source = by_voltage}, lanes);
        for (const Done& done : lanes.done) CHECK_THAT(done.gamma[0], WithinAbs(right, 20 * relative + 1e-13));
      }
    }
}

TEST_CASE("steps do not become arbitrarily short close to a point without a series") {
  const IntegrationOptions by_series{Method::taylor, 1e-9, 1e-12};
  const IntegrationOptions by_pair{Method::fehlberg78, 1e-11, 1e-14};
  const auto both = [&](const AnyDevice& device, const Source& source, double begin, const Waveform& drive,
                        std::uint64_t most_steps) {
    Statistics took;
    const double found = run(driven(device, source), {begin}, drive, by_series, &took)[0];
    const double right = run(driven(device, source), {begin}, drive, by_pair)[0];
    CHECK(took.accepted + took.rejected < most_steps);
    CHECK_THAT(found, WithinAbs(right, 1e-8 * device.model().scale[0]));
  };
  both(under_voltage("[guards]\ng = \"v - 0.4\"\n", "when(g, sqrt(v - 0.4), -x)"), by_voltage, 1.0,
       Waveform({Sine{20.0, 1.0, 1.0}}), 20000);
  Team::Parameters broken;
  broken.alpha_off = broken.alpha_on = 1.2;
  broken.k_off = 1e-7;
  broken.k_on = -1e-7;
  both(Team(broken), by_current, 1e-9, sine_burst(1.7e-4, 1e3, 40), 40000);
  // (1 - t/2)² until that is 0, then 0
  const auto falling = under_current("", {{"x", 0, 10, "-sqrt(x)"}});
  both(falling, by_current, 1.0, Waveform({Constant{4.0, 1.0}}), 2000);
}

TEST_CASE("an expression that is NaN at the end of a step is named") {
  const auto device = under_voltage("", "log(0.5 - v)");
  CHECK_THROWS_WITH(
      run(driven(device, by_voltage), {0.0}, Waveform({Ramp{1.0, 0.0, 1.0}}), {Method::taylor, 1e-9, 1e-12}),
      ContainsSubstring("log"));
}

TEST_CASE("if a factor of the drive has no series, a lane does not depend on the drives of its neighbours") {
  // at i = 0 the root has no series; if a lane is alone, all drives are constant
  const AnyDevice device = under_current("", {{"x", 0, 1, "(1 + sqrt(i))*(0.5 - x)*(1.1 + x*x)"}});
  std::vector<Job> jobs;
  for (int n = 0; n < 40; ++n)
    jobs.push_back({{0.01 * n}, Waveform({Ramp{1.0, 0.0, n % 3 == 0 ? 0.0 : 0.02 * n}, Constant{0.5, 0.1}})});
  for (const Method method : {Method::taylor, Method::rosenbrock4, Method::automatic})
    for (const InstructionSet set : instruction_sets()) {
      CAPTURE(name_of(method), name_of(set));
      const auto run = [&](std::vector<std::size_t> order) {
        LaneJobs source(jobs, [&](const Job&) { return levels_of(driven(device, {})); }, std::move(order));
        source.lanes(lane_count(set));
        integrate_ensemble(set, device, {.integration = {method, 1e-7, 1e-9}, .level = {}}, source);
        return source.done;
      };
      const auto all = run({});
      for (std::size_t j = 0; j < jobs.size(); ++j) CHECK(same_bits(run({j})[j].numbers, all[j].numbers));
    }
}

}  // namespace memdyn::test_dynamics_taylor
