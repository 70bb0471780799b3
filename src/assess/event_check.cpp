// SPDX-License-Identifier: MIT
#include "memdyn/assess/event_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "assess/careful.hpp"
#include "assess/random_drive.hpp"
#include "assess/trajectories.hpp"
#include "assess/typical.hpp"
#include "assess/worst.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/device/text/text_device.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"

namespace memdyn {
namespace {

using State = std::vector<double>;

struct Case {
  AnyDevice device;
  Source source;
  State start;
  Waveform drive;
  double longest, amplitude;  ///< longest duration of a segment [s], largest magnitude of its levels
  double tolerance;           ///< relative tolerance; the absolute one is a hundredth of it
};

/// A random guard as an expression of x, of y if there are two variables, and of the current i.
std::string random_guard(RandomStream& random, bool two, const std::string& last) {
  const auto number = [&](double low, double high) { return fmt::format("{:.4f}", random.uniform(low, high)); };
  const std::string v = two && random.below(2) == 0 ? "y" : "x";
  const std::string sign = random.below(2) == 0 ? "-1" : "1";
  const std::uint64_t kind = random.below(7);
  const std::string place = number(0.1, 0.9);
  const std::string other = number(0.1, 0.9);
  const std::string width = number(0.02, 0.3);
  const std::string factor = number(0.5, 2);
  const std::string small = random.below(2) == 0 ? "1e-6" : number(0, 0.01);
  const std::string level = number(-1.5, 1.5);
  switch (kind) {
    case 0:
      return fmt::format("{}*({} - {})", sign, v, place);
    case 1:
      return fmt::format("{}*{}*{} + {}*{} - {}/3", sign, factor, v, other, two ? "x" : "i", level);
    case 2:
      return fmt::format("{}*({} - {})*({} - {})", sign, v, place, v, other);
    case 3:
      return fmt::format("{}*({} - exp(-(({} - {})/{})^2))", sign, other, v, place, width);
    case 4:
      return fmt::format("{}*(i - {})", sign, level);
    case 5:
      return fmt::format("{}*({} - {})", sign, factor < "1" ? v : "(1 - " + v + ")", small);
    default:
      return last.empty() ? fmt::format("{} - {}", place, v) : fmt::format("{}*({})", factor, last);
  }
}

Case random_text(RandomStream& random) {
  TextDescription text;
  text.name = "random";
  const bool two = random.below(2) == 0;
  const auto number = [&](double low, double high) { return fmt::format("{:.4f}", random.uniform(low, high)); };
  const std::size_t guards = 1 + random.below(3);
  for (std::size_t k = 0; k < guards; ++k)
    text.guards.push_back(
        {fmt::format("g{}", k), random_guard(random, two, k > 0 ? text.guards.back().expression : "")});
  const auto guard = [&] { return text.guards[random.below(guards)].name; };
  for (const std::string name : {"x", "y"}) {
    if (name == "y" && !two) continue;
    const std::string by_input = number(0.3, 2);
    const std::string by_state = number(-2, 2);
    const std::string by_other = number(-2, 2);
    const std::string first = guard();
    const std::string faster = number(0.2, 2);
    const std::string slower = number(0.2, 2);
    std::string drift = fmt::format("{}*i + {}*(0.5 - {})", by_input, by_state, name);
    if (two) drift += fmt::format(" + {}*({} - 0.5)", by_other, name == "x" ? "y" : "x");
    drift = fmt::format("when({}, {}, {})*({})", first, faster, slower, drift);
    const std::string second = guard();
    const std::string above = number(-1, 1);
    const std::string below = number(-1, 1);
    if (random.below(2) == 0) drift += fmt::format(" + when({}, {}, {})", second, above, below);
    text.variables.push_back({.name = name, .unit = "", .lower = "0", .upper = "1", .scale = "", .drift = drift});
  }
  text.port_expression = random.below(2) == 0 ? "1" : "2 - x";
  Source source{.quantity = Quantity::current};
  if (random.below(2) == 0) source = {Quantity::voltage, random.uniform(0.2, 2)};
  if (random.below(3) == 0)
    for (double& limit : source.compliance) limit = random.uniform(0.3, 2);
  State start;
  for (std::size_t i = 0; i < text.variables.size(); ++i)
    start.push_back(random.below(5) == 0 ? 1.0 : random.uniform());
  constexpr double longest = 1.5;
  constexpr double amplitude = 2.5;
  return {AnyDevice(std::make_shared<TextDevice>(text)),
          source,
          start,
          random_drive(random, longest, amplitude),
          longest,
          amplitude,
          0.0};
}

Case random_model(RandomStream& random) {
  std::vector<AnyDevice> all;
  for (const CatalogueEntry& model : catalogue())
    if (!model.element) all.push_back(model.device());
  const AnyDevice device = all[random.below(all.size())];
  const Source native = native_source(device);
  const double amplitude = device.typical_input();
  const Typical usual = typical(device, native, amplitude);
  State start;
  for (std::size_t i = 0; i < device.size(); ++i) start.push_back(random.uniform(usual.low[i], usual.high[i]));
  Source source = native;
  if (random.below(2) == 0) {
    const double answer =
        std::abs(native.quantity == Quantity::voltage ? device.model().current(start.data(), amplitude)
                                                      : device.model().voltage(start.data(), amplitude));
    for (double& limit : source.compliance) limit = answer * random.uniform(0.1, 1.5);
    if (!(answer > 0 && std::isfinite(answer))) source = native;
    if (random.below(2) == 0) source.series_resistance = random.uniform(1, 1000);
  }
  const double most = 1.5 * amplitude;
  return {device, source, start, random_drive(random, usual.duration, most), usual.duration, most, 0.0};
}

Case random_case(std::uint64_t seed, std::uint64_t n) {
  RandomStream random(seed, n, Purpose::samples);
  Case one = n % 2 == 0 ? random_text(random) : random_model(random);
  one.tolerance = std::pow(10.0, random.uniform(-10, -4));
  return one;
}

/// The device file of a device made by random_text(); empty for another device.
std::string definition_of(const AnyDevice& device) {
  const auto* own = device.definition<TextDevice>();
  if (own == nullptr) return "";
  const TextDescription& text = own->description();
  std::string file = "control = \"current\"\n[guards]\n";
  for (const auto& one : text.guards) file += fmt::format("{} = \"{}\"\n", one.name, one.expression);
  for (const auto& one : text.variables)
    file += fmt::format("[[variable]]\nname = \"{}\"\nlower = {}\nupper = {}\ndrift = \"{}\"\n", one.name, one.lower,
                        one.upper, one.drift);
  return file + fmt::format("[port]\nmemristance = \"{}\"\n", text.port_expression);
}

/// The case as a scenario for `memdyn simulate`.
std::string scenario_of(const Case& one, Method method) {
  const Source& source = one.source;
  const bool text_device = one.device.definition<TextDevice>() != nullptr;
  std::string text = fmt::format(
      "[device]\n{} = \"{}\"\n\n[initial]\ngamma = [{:.17g}]\n\n[drive]\nquantity = \"{}\"\nseries_resistance = "
      "{:.17g}\n"
      "compliance = [{:.17g}, {:.17g}]\n\n[integrate]\nmethod = \"{}\"\nrelative = {:.17g}\nabsolute = {:.17g}\n",
      text_device ? "file" : "model", text_device ? "device.toml" : one.device.name(), fmt::join(one.start, ", "),
      name_of(source.quantity), source.series_resistance, source.compliance[0], source.compliance[1], name_of(method),
      one.tolerance, 1e-2 * one.tolerance);
  for (const Segment& segment : one.drive.segments()) {
    const auto part = [&](const char* kind, std::initializer_list<std::pair<const char*, double>> numbers) {
      text += fmt::format("\n[[waveform]]\nkind = \"{}\"\nduration = {:.17g}\n", kind, duration(segment));
      for (const auto& [key, number] : numbers) text += fmt::format("{} = {:.17g}\n", key, number);
    };
    if (const auto* c = std::get_if<Constant>(&segment)) part("constant", {{"value", c->value}});
    if (const auto* r = std::get_if<Ramp>(&segment)) part("ramp", {{"from", r->from}, {"to", r->to}});
    if (const auto* s = std::get_if<Sine>(&segment))
      part("sine", {{"amplitude", s->amplitude}, {"frequency", s->frequency}, {"phase", s->phase}});
    if (const auto* e = std::get_if<Exponential>(&segment))
      part("exponential", {{"from", e->from}, {"to", e->to}, {"tau", e->tau}});
  }
  return text;
}

class Check {
 public:
  explicit Check(std::uint64_t seed) : seed_(seed) {}

  void check(std::uint64_t n) {
    const Case one = random_case(seed_, n);
    const DrivenDevice device = driven(one.device, one.source);
    slides_ = false;
    if (!refer(one, device)) {
      if (slides_) check_sliding(n, one, device);
      return;
    }
    ++report_.compared;
    for (const Method method : {Method::automatic, Method::dopri5, Method::bogacki_shampine32, Method::fehlberg78,
                                Method::rosenbrock4, Method::taylor}) {
      if (is_slow(one, method)) continue;
      integrate(n, one, device, method);
      for (const InstructionSet set : instruction_sets()) integrate_in_lanes(n, one, device, method, set);
    }
  }
  [[nodiscard]] EventReport report() const {
    EventReport all = report_;
    all.worst = worst_.size();
    all.where = worst_.where();
    all.apart = apart_.size();
    all.slid = slid_.size();
    return all;
  }

 private:
  [[nodiscard]] static double distance(const DrivenDevice& device, const State& a, const State& b) {
    Worst most;
    for (std::size_t i = 0; i < a.size(); ++i) most.look(std::abs(a[i] - b[i]) / (device.scale(i) + std::abs(b[i])));
    return most.size();
  }

  /// The state with every variable changed by the fraction `change` of its scale, within its bounds.
  [[nodiscard]] static State changed(State gamma, const DrivenDevice& device, double change) {
    for (std::size_t i = 0; i < gamma.size(); ++i) {
      const double size = change * device.scale(i);
      const double moved = gamma[i] + size;
      gamma[i] += device.lower(i) <= moved && moved <= device.upper(i) ? size : -size;
      gamma[i] = std::clamp(gamma[i], device.lower(i), device.upper(i));
    }
    return gamma;
  }
  /// Computes growth_: the largest amplification, from any time to the end of each segment, of small changes of the
  /// state, which are made part by part. @returns false if an integration ends early
  bool find_growth(const Case& one, const DrivenDevice& device) {
    constexpr int halvings = 3;  // each segment is cut into 2^3 parts
    const double change = 1e-2 * one.tolerance;
    growth_.clear();
    State gamma = one.start;
    double most = 1.0;
    for (const Segment& segment : one.drive.segments()) {
      std::vector<Segment> parts{segment};
      for (int n = 0; n < halvings; ++n) parts = halved(parts);
      for (const Segment& part : parts) {
        std::vector<State> end, end_near;
        const Waveform drive({part});
        Careful careful(device, steps >> halvings);
        if (careful.run(gamma, drive, 0, end) != Careful::End::done ||
            careful.run(changed(gamma, device, change), drive, 0, end_near) != Careful::End::done)
          return false;
        most = std::max(1.0, most * distance(device, end.front(), end_near.front()) / change);
        gamma = end.front();
      }
      growth_.push_back(most);
    }
    return true;
  }

  /// Computes states_ and growth_: the reference states at the ends of the segments, and the error amplification until
  /// then. @returns false if the case cannot be compared
  bool refer(const Case& one, const DrivenDevice& device) {
    constexpr double most_growth = 1e4;
    states_.clear();
    const auto ends = Careful(device, steps).run(one.start, one.drive, 0, states_);
    if (ends != Careful::End::done) {
      slides_ = ends == Careful::End::slides;
      if (!slides_) ++report_.undefined;
      return false;
    }
    std::vector<State> again;
    if (Careful(device, steps * 7 / 5).run(one.start, one.drive, 0, again) != Careful::End::done) {
      ++report_.unclear;
      return false;
    }
    for (std::size_t n = 0; n < states_.size(); ++n)
      if (!(distance(device, again[n], states_[n]) <= 0.1 * one.tolerance)) {
        ++report_.unclear;
        return false;
      }
    if (!find_growth(one, device)) {
      ++report_.sensitive;
      return false;
    }
    // perturb the state by the largest admissible error: an error can cause or prevent the same events
    for (const double change : {most_error * one.tolerance, -most_error * one.tolerance})
      for (std::size_t first = 0; first < states_.size(); ++first) {
        const State near = changed(first == 0 ? one.start : states_[first - 1], device, change);
        std::vector<State> ends_near;
        if (Careful(device, steps).run(near, one.drive, first, ends_near) != Careful::End::done) {
          ++report_.sensitive;
          return false;
        }
        for (std::size_t n = first; n < states_.size(); ++n)
          growth_[n] = std::max(growth_[n], distance(device, ends_near[n - first], states_[n]) / std::abs(change));
      }
    for (std::size_t n = 1; n < growth_.size(); ++n) growth_[n] = std::max(growth_[n], growth_[n - 1]);
    if (growth_.back() <= std::min(most_growth, 0.02 / one.tolerance)) return true;
    ++report_.sensitive;
    return false;
  }

  void judge(std::uint64_t n, const Case& one, Method method, const std::string& by, double error) {
    const double size = error / one.tolerance;
    worst_.look(size, [&] { return fmt::format("{}, case {}", by, n); });
    if (!(size <= most_error))
      fail(n, one, method, by, fmt::format("error of {:.3g} x tolerance {:.2g} x amplification", size, one.tolerance));
  }
  void fail(std::uint64_t n, const Case& one, Method method, const std::string& by, const std::string& what) {
    report_.failures.push_back({fmt::format("case {} of seed {}, {} by {}: {}", n, seed_, one.device.name(), by, what),
                                definition_of(one.device), scenario_of(one, method)});
  }

  [[nodiscard]] static IntegrationOptions options_of(const Case& one, Method method) {
    return {.method = method, .relative = one.tolerance, .absolute = 1e-2 * one.tolerance};
  }
  void integrate(std::uint64_t n, const Case& one, const DrivenDevice& device, Method method) {
    State gamma = one.start;
    Worst worst;
    single_.clear();
    Integrator<DrivenDevice> integrator(device, options_of(one, method));
    try {
      for (std::size_t part = 0; part < states_.size(); ++part) {
        integrator.advance(gamma, one.drive.segments()[part], one.drive.starts()[part]);
        worst.look(distance(device, gamma, states_[part]) / growth_[part]);
      }
    } catch (const NumericalError& error) {
      return fail(n, one, method, std::string(name_of(method)), error.what());
    }
    single_ = gamma;
    const Statistics& took = integrator.statistics();
    if (method == Method::automatic) report_.switches += took.state_events + took.bounds_reached + took.bounds_released;
    judge(n, one, method, std::string(name_of(method)), worst.size());
  }
  struct Ended {
    State gamma;
    std::array<double, 3> counts;
    bool operator==(const Ended&) const = default;
  };
  [[nodiscard]] static std::vector<double> nominal_of(const Case& one) {
    std::vector<double> numbers;
    for (const auto& number : one.device.numbers()) numbers.push_back(number.value);
    return numbers;
  }
  /// True if a method of low order would take millions of steps.
  [[nodiscard]] static bool is_slow(const Case& one, Method method) {
    return (method == Method::bogacki_shampine32 || method == Method::rosenbrock4) && one.tolerance < 1e-8;
  }
  [[nodiscard]] static std::string by_lanes(Method method, InstructionSet set) {
    return fmt::format("{} in lanes ({})", name_of(method), name_of(set));
  }
  /// Compares single trajectories and lanes with a single trajectory at a finer tolerance, because the reference
  /// integration cannot slide.
  void check_sliding(std::uint64_t n, const Case& one, const DrivenDevice& device) {
    const auto alone = [&](Method method, double finer) {
      IntegrationOptions options = options_of(one, method);
      options.relative /= finer;
      options.absolute /= finer;
      State gamma = one.start;
      Integrator<DrivenDevice>(device, options).advance(gamma, one.drive);
      return gamma;
    };
    constexpr double finer = 100.0;
    State end;
    try {
      end = alone(Method::dopri5, finer);
    } catch (const NumericalError&) {  // several guards meet, or the port is discontinuous
      ++report_.undefined;
      return;
    }
    ++report_.sliding;
    for (const Method method : {Method::automatic, Method::taylor, Method::rosenbrock4}) {
      if (is_slow(one, method)) continue;
      const auto compare = [&](const std::string& by, const State& found) {
        const double size = distance(device, found, end) / one.tolerance;
        slid_.look(size);
        if (!(size <= most_error))
          fail(n, one, method, by, fmt::format("slides, with an error of {:.3g} x tolerance", size));
      };
      try {
        compare(std::string(name_of(method)), alone(method, 1.0));
      } catch (const NumericalError& error) {
        fail(n, one, method, std::string(name_of(method)), error.what());
      }
      for (const InstructionSet set : instruction_sets())
        if (const auto ended = end_in_lanes(n, one, device, method, set)) compare(by_lanes(method, set), *ended);
    }
  }
  void integrate_in_lanes(std::uint64_t n, const Case& one, const DrivenDevice& device, Method method,
                          InstructionSet set) {
    const std::string by = by_lanes(method, set);
    const auto ended = end_in_lanes(n, one, device, method, set);
    if (!ended) return;
    const State& end = *ended;
    judge(n, one, method, by, distance(device, end, states_.back()) / growth_.back());
    if (set != InstructionSet::scalar || single_.empty()) return;
    const double apart = distance(device, end, single_) / growth_.back() / one.tolerance;
    apart_.look(apart);
    if (!(apart <= most_apart))
      fail(n, one, method, by,
           fmt::format("differs by {:.3g} x tolerance x amplification from the single trajectory", apart));
  }

  /// The final state of the trajectory in lanes, if it is not a failure. Also compares it bit by bit with that of the
  /// same trajectory among neighbours.
  std::optional<State> end_in_lanes(std::uint64_t n, const Case& one, const DrivenDevice& device, Method method,
                                    InstructionSet set) {
    const std::vector<State> starts{one.start};
    const std::vector<Waveform> drives{one.drive};
    Trajectories source(device, starts, drives);
    source.vary({nominal_of(one)}, {levels_of(device)}, lane_count(set));  // as in among_neighbours()
    integrate_ensemble(set, one.device, {.integration = options_of(one, method), .level = {}, .source = one.source},
                       source);
    const std::string by = by_lanes(method, set);
    if (const Failure failure = source.failures.front(); failure != Failure::none) {
      try {
        throw NumericalError(std::string(one.device.name()), 0.0, "of a lane", failure);
      } catch (const NumericalError& error) {
        fail(n, one, method, by, error.what());
        return {};
      }
    }
    const Ended alone{source.finals.front(), source.counts.front()};
    if (lane_count(set) > 1)
      if (const Ended among = among_neighbours(n, one, device, method, set); among != alone)
        fail(
            n, one, method, by,
            fmt::format("ends at [{:.17g}] alone and at [{:.17g}] among neighbours; accepted steps, rejected steps and "
                        "events: [{:g}] and [{:g}]",
                        fmt::join(alone.gamma, ", "), fmt::join(among.gamma, ", "), fmt::join(alone.counts, ", "),
                        fmt::join(among.counts, ", ")));
    return alone.gamma;
  }

  /// The end of the trajectory among neighbours, which have other numbers, states and drives.
  Ended among_neighbours(std::uint64_t n, const Case& one, const DrivenDevice& device, Method method,
                         InstructionSet set) const {
    RandomStream random(seed_, n, Purpose::variation);
    const std::size_t lanes = lane_count(set);
    const std::size_t own = random.below(2 * lanes);  // the lane may have held another trajectory before
    const std::vector<double> nominal = nominal_of(one);
    std::vector<State> starts;
    std::vector<Waveform> drives;
    std::vector<std::vector<double>> numbers;
    std::vector<std::vector<double>> levels;
    for (std::size_t k = 0; k < 2 * lanes; ++k) {
      const bool neighbour = k != own;
      State start = one.start;
      std::vector<double> varied = nominal;
      if (neighbour) {
        start = changed(start, device, random.uniform(-0.5, 0.5));
        for (double& number : varied)
          if (random.below(2) == 0) number *= random.uniform(0.95, 1.05);
      }
      std::optional<AnyDevice> other;
      try {
        other = one.device.with(varied);
      } catch (const InputError&) {  // the varied numbers are not a valid device
        other = one.device.with(varied = nominal);
      }
      starts.push_back(start);
      drives.push_back(neighbour ? random_drive(random, one.longest, one.amplitude) : one.drive);
      numbers.push_back(varied);
      levels.push_back(levels_of(driven(*other, one.source)));
    }
    Trajectories source(device, starts, drives);
    source.vary(numbers, levels, lanes);
    constexpr double most_steps = 1e6;  // some neighbours may never end
    integrate_ensemble(
        set, one.device,
        {.integration = options_of(one, method), .level = {}, .source = one.source, .most_steps = most_steps}, source);
    return {source.finals[own], source.counts[own]};
  }

  static constexpr int steps = 1600;  ///< steps per segment of the reference integration

  std::uint64_t seed_;
  EventReport report_;   ///< without the members that worst_, apart_ and slid_ hold
  bool slides_ = false;  ///< the last reference integration did not end, because the state slides
  Worst worst_, apart_, slid_;
  std::vector<State> states_;
  std::vector<double> growth_;
  State single_;  ///< final state of the single trajectory by the current method; empty if it failed
};

}  // namespace

EventReport check_events(std::uint64_t cases, std::uint64_t seed, std::uint64_t first, const Progress& progress) {
  Check check(seed);
  for (std::uint64_t n = 0; n < cases; ++n) {
    progress(static_cast<double>(n) / static_cast<double>(cases));
    check.check(first + n);
  }
  return check.report();
}

}  // namespace memdyn
