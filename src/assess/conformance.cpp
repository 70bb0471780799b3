// SPDX-License-Identifier: MIT
#include "memdyn/assess/conformance.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assess/random_drive.hpp"
#include "assess/trajectories.hpp"
#include "assess/typical.hpp"
#include "assess/worst.hpp"
#include "circuit/model_over.hpp"
#include "memdyn/assess/event_check.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"

namespace memdyn {
namespace {

using Outcome = Verdict::Outcome;
using State = std::vector<double>;
constexpr int trials = 24;                   ///< number of waveforms
constexpr int most_waveforms = 10 * trials;  ///< including those that are skipped
/// Largest error amplification along a trajectory. A larger one is skipped: it would leave too few correct digits at a
/// tolerance of 1e-9.
constexpr double most_growth = 1e4;
constexpr const char* lose_digits =
    "amplify errors by more than 1e4 (absorbing bound, or diverging states) and are skipped";

/// Searches for a jump of the derivative of order `k` of f in [low, high]. The difference of order k + 1 is maximized
/// over its position, and again with half the width near that position, as long as rounding permits. The difference of
/// a smooth function decreases with the width, that of a jump does not.
/// @returns the jump relative to the derivative; 0 if there is none
/// @param at output: position of the largest difference
template <class Function>
double jump_of_derivative(const Function& f, int k, double low, double high, double width, double& at) {
  double size = 0;
  const auto difference = [&](int order, double centre, double w) {
    double sum = 0;
    double binomial = 1;
    for (int j = 0; j <= order; ++j) {
      const double value = f(centre + (j - 0.5 * order) * w);
      size = std::max(size, std::abs(value));
      sum += (j % 2 == 0 ? binomial : -binomial) * value;
      binomial *= static_cast<double>(order - j) / (j + 1);
    }
    return std::abs(sum);
  };
  const auto inside = [&](double centre, double w) {
    return centre - 0.5 * (k + 1) * w >= low && centre + 0.5 * (k + 1) * w <= high;
  };
  const auto largest = [&](double from, double step, int steps, double w) {
    double most = -1;
    for (int n = 0; n <= steps; ++n)
      if (const double centre = from + n * step; inside(centre, w))
        if (const double one = difference(k + 1, centre, w); one > most) {
          most = one;
          at = centre;
        }
    return most;
  };
  double derivative = 0;  // largest derivative of order k
  for (double centre = low + 0.5 * k * width; centre + 0.5 * k * width <= high; centre += width)
    derivative = std::max(derivative, difference(k, centre, width) / std::pow(width, k));
  std::vector<double> jumps{largest(low, width, static_cast<int>((high - low) / width), width) / std::pow(width, k)};
  while (1e-15 * size < 1e-7 * derivative * std::pow(0.5 * width, k)) {
    width *= 0.5;
    const double found = largest(at - 0.5 * (k + 1) * width, 0.5 * width, 2 * (k + 1), width);
    jumps.push_back(found / std::pow(width, k));
    derivative = std::max(derivative, difference(k, at, width) / std::pow(width, k));
  }
  constexpr std::size_t last = 3;  // over 3 halvings a jump keeps its size, a smooth function falls to 1/8
  if (jumps.size() <= last || jumps.back() < 0.5 * jumps[jumps.size() - 1 - last]) return 0.0;
  return jumps.back() / derivative;
}

class Suite {
 public:
  Suite(const AnyDevice& device, const Progress& progress) : device_(device), progress_(progress) {
    properties_ = device.properties();
    model_ = device.shared_model();
    native_ = native_source(device);
    other_ = {native_.quantity == Quantity::current ? Quantity::voltage : Quantity::current, 0.0};
    amplitude_ = device.typical_input();
    if (size() == 0) return;
    Typical typical = memdyn::typical(device, native_, amplitude_);
    low_ = std::move(typical.low);
    high_ = std::move(typical.high);
    duration_ = typical.duration;
  }

  std::vector<Verdict> run() {
    std::vector<void (Suite::*)()> tests{&Suite::port,  &Suite::rest,      &Suite::smooth,  &Suite::jacobian,
                                         &Suite::grows, &Suite::inverse,   &Suite::bounds,  &Suite::leaves,
                                         &Suite::time,  &Suite::tolerance, &Suite::honesty, &Suite::in_lanes};
    if (!model_->fixes_current)  // else no source can prescribe or limit its current
      tests.insert(tests.end(), {&Suite::driven_otherwise, &Suite::limited});
    return run(tests);
  }
  /// The tests of a device without an internal variable: there is nothing to integrate.
  std::vector<Verdict> run_port() {
    std::vector<void (Suite::*)()> tests{&Suite::port, &Suite::slope, &Suite::grows};
    const bool fixes = model_->fixes_voltage || model_->fixes_current;
    if (properties_.grows.holds && !fixes) tests.push_back(&Suite::inverse);
    return run(tests);
  }

 private:
  std::vector<Verdict> run(const std::vector<void (Suite::*)()>& tests) {
    for (std::size_t t = 0; t < tests.size(); ++t) {
      progress_(static_cast<double>(t) / static_cast<double>(tests.size()));
      try {
        (this->*tests[t])();
      } catch (const NumericalError& error) {
        verdicts_.push_back({"can be integrated", Outcome::fails, error.what()});
      }
    }
    return std::move(verdicts_);
  }
  [[nodiscard]] std::size_t size() const { return model_->scale.size(); }
  RandomStream random(std::uint64_t which) { return {1, which, Purpose::samples}; }
  State state(RandomStream& random) const {
    State gamma(std::max<std::size_t>(size(), 1));  // never empty: Driven takes the address of its first value
    for (std::size_t i = 0; i < size(); ++i) gamma[i] = random.uniform(low_[i], high_[i]);
    return gamma;
  }
  [[nodiscard]] std::string place(const State& gamma, double u) const {
    const std::string where = size() == 0 ? "at" : fmt::format("at gamma = [{:.6g}],", fmt::join(gamma, ", "));
    return fmt::format("{} input = {:.6g} {}", where, u, unit_of(model_->control));
  }
  [[nodiscard]] Regime<double> regime(const State& gamma, double u) const {
    Regime<double> signs;
    evaluate_regime(Driven<double>(model_, native_), gamma, u, signs);
    return signs;
  }
  double drift(std::size_t i, const State& gamma, double u, const Regime<double>& signs) const {
    stop_if_interrupted();
    return model_->drift(i, gamma.data(), u, {signs.data(), signs.size()});
  }
  /// Adds a verdict. For a property that is not claimed the measurement is reported too: it may hold in the tested
  /// states.
  void add(std::string test, const Property& property, const Worst& worst, double bound, const std::string& what) {
    Verdict verdict = worst.verdict(std::move(test), bound, what);
    if (!property.holds)
      verdict = {std::move(verdict.test), Outcome::not_claimed, fmt::format("{}; {}", property.why, verdict.detail)};
    verdicts_.push_back(std::move(verdict));
  }

  /// Adds a verdict on a quantity measured along all probes.
  void judge(const Worst& worst, std::string test, double bound, const std::string& what) {
    Verdict verdict = worst.verdict(std::move(test), bound, what);
    if (lost_ > 0)
      verdict.detail += fmt::format("; {} of {} waveforms {}", lost_, lost_ + probes().size(), lose_digits);
    if (probes().size() < trials / 2) verdict.outcome = Outcome::fails;
    verdicts_.push_back(std::move(verdict));
  }

  /// @throws NumericalError
  State final_state(const State& start, const Waveform& drive, const IntegrationOptions& options, const Source& source,
                    double t0 = 0, Recording* recording = nullptr) const {
    State gamma = start;
    Recording none{.emit = [](const Sample& /*sample*/) {}, .steps = false};
    Recording& rows = recording != nullptr ? *recording : none;
    rows.under_way = [](double /*time*/) { stop_if_interrupted(); };
    Integrator<DrivenDevice>(driven(device_, source), options).advance(gamma, drive, t0, &rows);
    return gamma;
  }
  State final_state(const State& start, const Waveform& drive, double relative) const {
    return final_state(start, drive, {Method::dopri5, relative, 1e-3 * relative}, native_);
  }
  /// Largest difference of a variable, relative to its scale.
  [[nodiscard]] double distance(const State& a, const State& b) const {
    Worst most;
    for (std::size_t i = 0; i < size(); ++i) most.look(std::abs(a[i] - b[i]) / model_->scale[i]);
    return most.size();
  }
  /// Largest factor by which a trajectory amplifies a small change of its state from any time to its end; at least 1. A
  /// change at the start alone would not do, because a bound can remove it. The trajectory is perturbed part by part,
  /// so that the change stays small.
  [[nodiscard]] double growth(const State& start, const Waveform& drive, const IntegrationOptions& options,
                              const Source& source) const {
    std::vector<Segment> parts = drive.segments();
    for (int n = 0; n < 4; ++n) parts = halved(parts);
    double most = 1.0;
    State gamma = start;
    for (const Segment& part : parts) {
      State near = gamma;
      for (std::size_t i = 0; i < size(); ++i) {
        const double room = std::min(gamma[i] - model_->lower[i], model_->upper[i] - gamma[i]);
        const double inward = 0.5 * (low_[i] + high_[i]) - gamma[i];
        near[i] += std::copysign(std::min(1e-8 * std::abs(inward), room > 0 ? 1e-2 * room : infinity), inward);
      }
      const double before = distance(gamma, near);
      gamma = final_state(gamma, Waveform({part}), options, source);
      most = std::max(1.0, most * distance(final_state(near, Waveform({part}), options, source), gamma) / before);
    }
    return most;
  }
  /// A trajectory, and its error amplification.
  struct Probe {
    State start;
    Waveform drive;
    State end;
    double growth;
  };
  const std::vector<Probe>& probes() {
    if (probes_.empty())
      for (std::uint64_t n = 0; probes_.size() < trials && n < most_waveforms; ++n) {
        RandomStream numbers = random(n < trials ? 100 + n : 1000 + n);
        State start = state(numbers);
        Waveform drive = random_drive(numbers, duration_, 1.5 * amplitude_);
        const IntegrationOptions options{Method::dopri5, 1e-11, 1e-14};
        State end = final_state(start, drive, options, native_);
        const double grown = growth(start, drive, options, native_);
        if (grown > most_growth) {
          ++lost_;
        } else {
          probes_.push_back({std::move(start), std::move(drive), std::move(end), grown});
        }
      }
    return probes_;
  }

  void port() {
    RandomStream numbers = random(1);
    Worst power;
    Worst zero;
    for (int n = 0; n < 2000; ++n) {
      const State gamma = state(numbers);
      const double u = amplitude_ * numbers.uniform(-2, 2);
      const double v = model_->voltage(gamma.data(), u);
      const double i = model_->current(gamma.data(), u);
      power.look(v * i >= 0 ? 0.0 : std::isfinite(v * i) ? -v * i : INFINITY, [&] { return place(gamma, u); });
      const bool by_current = model_->control == Quantity::current;
      const double at_rest = by_current ? model_->voltage(gamma.data(), 0.0) : model_->current(gamma.data(), 0.0);
      zero.look(std::abs(at_rest), [&] { return place(gamma, 0); });
      if (!by_current) zero.look(i == 0.0 ? std::abs(v) : 0.0, [&] { return place(gamma, u) + ", where I = 0"; });
    }
    add("passive: V I >= 0", properties_.passive, power, 0.0, "power delivered [W]");
    add("pinched: V = 0 where I = 0", properties_.pinched, zero, 0.0, "value at rest [V or A]");
  }

  void rest() {
    RandomStream numbers = random(2);
    Worst moves;
    for (int n = 0; n < 500; ++n) {
      const State gamma = state(numbers);
      const auto signs = regime(gamma, 0.0);
      for (std::size_t i = 0; i < size(); ++i)
        moves.look(std::abs(drift(i, gamma, 0.0, signs)) / model_->scale[i], [&] { return place(gamma, 0.0); });
    }
    if (!properties_.fades) {
      verdicts_.push_back(moves.verdict("rests at zero input", 0.0, "drift [ranges/s]"));
    } else {
      verdicts_.push_back({"volatile: moves at rest", moves.size() > 0 ? Outcome::holds : Outcome::fails,
                           fmt::format("drift {:.1e} ranges/s", moves.size())});
    }
  }

  /// Searches for jumps and kinks of the drift, and jumps of its second and third derivative, along random lines in
  /// (γ, u) as far as no guard changes its sign. The search halves intervals: a jump persists as the interval shrinks.
  void smooth() {
    RandomStream numbers = random(3);
    Worst jumps;
    Worst kinks;
    Worst derivatives;
    const int order = std::min(properties_.smoothness, 3);
    for (int n = 0; n < 1000; ++n) {
      const State from = state(numbers);
      const State to = state(numbers);
      const double u0 = amplitude_ * numbers.uniform(-2, 2);
      const double u1 = n % 2 == 0 ? u0 : amplitude_ * numbers.uniform(-2, 2);
      const auto signs = regime(from, u0);
      const std::size_t i = numbers.below(size());
      const auto at = [&](double share) {
        State gamma = from;
        for (std::size_t j = 0; j < size(); ++j) gamma[j] += share * (to[j] - from[j]);
        return std::pair(gamma, u0 + share * (u1 - u0));
      };
      const auto f = [&](double share) {
        const auto [gamma, u] = at(share);
        return drift(i, gamma, u, signs);
      };
      double reach = 0;
      constexpr int points = 64;
      std::vector<double> values{f(0.0)};
      for (int p = 1; p <= points; ++p) {
        const auto [gamma, u] = at(static_cast<double>(p) / points);
        if (!std::ranges::equal(regime(gamma, u), signs)) break;
        reach = static_cast<double>(p) / points;
        values.push_back(f(reach));
      }
      if (values.size() < 3) continue;
      const double size = std::abs(*std::ranges::max_element(values, {}, [](double v) { return std::abs(v); }));
      if (!(size > 0)) continue;
      const auto where = [&](double share) {
        const auto [gamma, u] = at(share);
        return place(gamma, u);
      };
      std::size_t steepest = 0;
      for (std::size_t p = 0; p + 1 < values.size(); ++p)
        if (std::abs(values[p + 1] - values[p]) > std::abs(values[steepest + 1] - values[steepest])) steepest = p;
      double a = static_cast<double>(steepest) / points;
      double b = a + 1.0 / points;
      for (int halving = 0; halving < 30; ++halving) {
        const double middle = 0.5 * (a + b);
        (std::abs(f(middle) - f(a)) > std::abs(f(b) - f(middle)) ? b : a) = middle;
      }
      jumps.look(std::abs(f(b) - f(a)) / size, [&] { return where(a); });
      // the second difference divided by the interval is f'' times the interval if f is smooth, and the change of slope
      // at a kink
      std::size_t bent = 1;
      const auto bend = [&](std::size_t p) { return std::abs(values[p - 1] - 2 * values[p] + values[p + 1]); };
      for (std::size_t p = 1; p + 1 < values.size(); ++p)
        if (bend(p) > bend(bent)) bent = p;
      double centre = static_cast<double>(bent) / points;
      double width = 1.0 / points;
      const auto second = [&](double c, double w) { return std::abs(f(c - w) - 2 * f(c) + f(c + w)); };
      for (int halving = 0; halving < 12; ++halving) {
        width *= 0.5;
        double best = centre;
        for (const double shift : {-width, width})
          if (centre + shift - width >= 0 && centre + shift + width <= reach &&
              second(centre + shift, width) > second(best, width))
            best = centre + shift;
        centre = best;
      }
      double slope = 0;
      for (std::size_t p = 0; p + 1 < values.size(); ++p)
        slope = std::max(slope, std::abs(values[p + 1] - values[p]) * points);
      slope = std::max(slope, std::abs(f(centre + width) - f(centre - width)) / (2 * width));
      if (slope > 1e-6 * size) kinks.look(second(centre, width) / width / slope, [&] { return where(centre); });
      // keep one interval away from guards, where the drift can be a power of the distance to the guard
      for (int k = 2; k <= order && reach > 8.0 / points; ++k) {
        double found = 0;
        const double jump = jump_of_derivative(f, k, 1.0 / points, reach - 1.0 / points, 1.0 / points, found);
        derivatives.look(jump, [&] { return fmt::format("order {} {}", k, where(found)); });
      }
    }
    verdicts_.push_back(
        jumps.verdict("no jump of the drift within a regime", 1e-4, "largest jump, relative to the drift"));
    if (properties_.smoothness >= 1)
      verdicts_.push_back(kinks.verdict("no kink of the drift within a regime", 2e-2,
                                        "largest change of slope, relative to the slope"));
    if (order >= 2)
      verdicts_.push_back(derivatives.verdict(
          order == 2 ? "its second derivative does not jump" : "its second and third derivative do not jump", 2e-2,
          "largest jump, relative to the derivative"));
  }

  void jacobian() {
    RandomStream numbers = random(4);
    Worst worst;
    const DrivenDevice native = driven(device_, native_);
    std::vector<std::size_t> all(size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<double> by_state(size() * size());
    std::vector<double> by_input(size());
    for (int n = 0; n < 300; ++n) {
      const State gamma = state(numbers);
      const double u = amplitude_ * numbers.uniform(-2, 2);
      const auto signs = regime(gamma, u);
      const std::size_t i = numbers.below(size());
      const std::size_t j = numbers.below(size() + 1);  // size() stands for the input
      native.differentiate(all, gamma, u, 1.0, signs, by_state.data(), by_input.data());
      const double exact = j < size() ? by_state[i * size() + j] : by_input[i];
      const double h = (j < size() ? model_->scale[j] : amplitude_) * 1e-3;
      const auto central = [&](double step) {
        const auto f = [&](double by) {
          State moved = gamma;
          if (j < size()) moved[j] += by;
          return drift(i, moved, j < size() ? u : u + by, signs);
        };
        return (f(step) - f(-step)) / (2 * step);
      };
      const double coarse = (4 * central(h / 2) - central(h)) / 3;
      const double fine = (4 * central(h / 4) - central(h / 2)) / 3;
      const double noise = 1e-14 * std::abs(drift(i, gamma, u, signs)) / h;
      const double error = std::abs(exact - fine) - 2 * std::abs(fine - coarse) - 100 * noise;
      worst.look(error <= 0 ? 0.0 : error / std::max(std::abs(exact), std::abs(fine)), [&] { return place(gamma, u); });
    }
    verdicts_.push_back(worst.verdict("Jacobian against finite differences", 1e-6, "relative difference"));
  }

  /// Compares the slope of the port, by dual numbers, with finite differences on the same side of every guard.
  void slope() {
    RandomStream numbers = random(14);
    Worst worst;
    const auto dual = model_over<Derivatives>(device_);
    const std::vector<Derivatives> none(1);
    const State gamma = state(numbers);
    const auto answer = [&](const auto& model, const auto* state, const auto& u) {
      return model.control == Quantity::voltage ? model.current(state, u) : model.voltage(state, u);
    };
    for (int n = 0; n < 300; ++n) {
      const double u = amplitude_ * numbers.uniform(-2, 2);
      const double h = 1e-3 * amplitude_;
      if (regime(gamma, u - h) != regime(gamma, u + h)) continue;
      const Derivatives at(u, static_cast<int>(directions), 0);
      const double exact = answer(*dual, none.data(), at).derivatives()(0);
      const auto central = [&](double step) {
        return (answer(*model_, gamma.data(), u + step) - answer(*model_, gamma.data(), u - step)) / (2 * step);
      };
      const double coarse = (4 * central(h / 2) - central(h)) / 3;
      const double fine = (4 * central(h / 4) - central(h / 2)) / 3;
      const double noise = 1e-14 * std::abs(answer(*model_, gamma.data(), u)) / h;
      const double error = std::abs(exact - fine) - 2 * std::abs(fine - coarse) - 100 * noise;
      worst.look(error <= 0 ? 0.0 : error / std::max(std::abs(exact), std::abs(fine)), [&] { return place(gamma, u); });
    }
    verdicts_.push_back(worst.verdict("slope of the port against finite differences", 1e-6, "relative difference"));
  }

  void grows() {
    const std::string test = "V grows with I";
    if (!properties_.grows.holds) {
      verdicts_.push_back({test, Outcome::not_claimed, properties_.grows.why});
      return;
    }
    if (model_->ohmic) return;  // V and I determine each other in closed form
    RandomStream numbers = random(13);
    Worst worst;
    const bool of_voltage = native_.quantity == Quantity::voltage;
    for (int n = 0; n < 300; ++n) {
      const State gamma = state(numbers);
      const double reach = 2.0 * amplitude_ * std::pow(10.0, numbers.uniform(-2, 1));
      const auto answer = [&](double u) {
        return of_voltage ? model_->current(gamma.data(), u) : model_->voltage(gamma.data(), u);
      };
      constexpr int points = 50;
      double last = answer(-reach);
      double size = std::abs(last);
      for (int k = 1; k <= points; ++k) {
        const double u = reach * (2.0 * k / points - 1.0);
        const double now = answer(u);
        size = std::max(size, std::abs(now));
        if (std::isfinite(now) && std::isfinite(last) && !model_->fixes_voltage)
          worst.look((last - now) / size, [&] { return place(gamma, u); });
        last = now;
      }
    }
    verdicts_.push_back(worst.verdict(test, 1e-12, "largest relative decrease of one as the other increases"));
  }

  /// Records a test as not claimed if the device does not determine its input by the other quantity, because then the
  /// program refuses the sources that need it. @returns whether it did
  bool undetermined(const std::string& test, const Source& source) {
    const std::string why = several_answers(device_, source);
    if (!why.empty()) verdicts_.push_back({test, Outcome::not_claimed, why});
    return !why.empty();
  }

  void inverse() {
    const std::string test =
        fmt::format("its {} determines its {}", name_of(other_.quantity), name_of(native_.quantity));
    if (undetermined(test, other_)) return;
    RandomStream numbers = random(5);
    const Driven<double> otherwise(model_, other_);
    Worst worst;
    int skipped = 0;
    const auto output = [&](const State& gamma, double u) {
      return other_.quantity == Quantity::voltage ? model_->voltage(gamma.data(), u) : model_->current(gamma.data(), u);
    };
    for (int n = 0; n < 1000; ++n) {
      const State gamma = state(numbers);
      const double u = amplitude_ * numbers.uniform(-2, 2);
      const double y = output(gamma, u);
      const double h = 1e-5 * amplitude_;
      const double slope = (output(gamma, u + h) - output(gamma, u - h)) / (2 * h);
      const double condition = std::max(1.0, std::abs(y / (u * slope)));
      if (!std::isfinite(condition) || condition > 1e9) {  // the other quantity does not determine the input
        ++skipped;
        continue;
      }
      worst.look(std::abs(otherwise.input(gamma, y) - u) / std::abs(u) / condition, [&] { return place(gamma, u); });
    }
    auto verdict = worst.verdict(test, 1e-12, "relative difference over the condition number");
    if (skipped > 0) verdict.detail += fmt::format("; {} of 1000 states skipped as ill-conditioned", skipped);
    verdicts_.push_back(std::move(verdict));
  }

  void bounds() {
    Worst worst;
    for (const Probe& probe : probes()) {
      Recording recording{[&](const Sample& sample) {
        for (std::size_t i = 0; i < size(); ++i) {
          const double beyond = std::max(model_->lower[i] - sample.gamma[i], sample.gamma[i] - model_->upper[i]);
          worst.look(std::max(0.0, beyond) / model_->scale[i], [&] { return fmt::format("t = {} s", sample.time); });
        }
      }};
      (void)final_state(probe.start, probe.drive, {}, native_, 0, &recording);
    }
    verdicts_.push_back(worst.verdict("states stay within their bounds", 0.0, "largest excess, relative to the range"));
  }

  void leaves() {
    const std::string test = "leaves a bound at once when the drive is reversed";
    if (!properties_.leaves_bounds.holds) {
      verdicts_.push_back({test, Outcome::not_claimed, properties_.leaves_bounds.why});
      return;
    }
    Worst stuck;
    bool some = false;
    RandomStream numbers = random(6);
    for (std::size_t i = 0; i < size(); ++i)
      for (const bool upper : {false, true}) {
        const double bound = upper ? model_->upper[i] : model_->lower[i];
        if (!std::isfinite(bound)) continue;
        some = true;
        double left = 0;  // how far a drive moves the variable after a drive of the other sign has held it at the bound
        // several states of the other variables, because these can drive it
        for (std::size_t draw = 0; draw < (size() > 1 ? 16 : 2); ++draw) {
          const double drive = (draw % 2 == 0 ? 1.5 : -1.5) * amplitude_;
          State start = state(numbers);
          start[i] = bound;
          const auto push = [&](const State& from, double by) {
            return final_state(from, Waveform({Constant{1e-3 * duration_, by}}), 1e-9);
          };
          const State held = push(start, -drive);
          left = std::max(left, std::abs(held[i] - bound) > 1e-3 * model_->scale[i]
                                    ? infinity  // the first drive does not hold it at the bound
                                    : std::abs(push(held, drive)[i] - held[i]));
        }
        stuck.look(left > 0 ? 0.0 : 1.0, [&] { return fmt::format("at gamma[{}] = {}", i, bound); });
      }
    if (some) verdicts_.push_back(stuck.verdict(test, 0.0, "absorbing bounds"));
  }

  void time() {
    Worst shifted;
    Worst cut;
    std::uint64_t n = 0;
    for (const Probe& probe : probes()) {
      const IntegrationOptions options{Method::dopri5, 1e-11, 1e-14};
      shifted.look(distance(final_state(probe.start, probe.drive, options, native_, 1e3 * duration_), probe.end));
      RandomStream numbers = random(200 + n++);
      std::vector<Segment> parts;
      for (const Segment& segment : probe.drive.segments()) {
        const double s = duration(segment) * numbers.uniform(0.1, 0.9);
        parts.push_back(part_of(segment, 0.0, s));
        parts.push_back(part_of(segment, s, duration(segment)));
      }
      cut.look(distance(final_state(probe.start, Waveform(parts), 1e-11), probe.end) / probe.growth);
    }
    judge(shifted, "shifting a waveform changes nothing", 1e-13, "difference / range");
    judge(cut, "cutting a waveform into segments changes nothing", 1e-8, "difference / (range x amplification)");
  }

  void tolerance() {
    Worst worst_coarse;
    Worst worst_fine;
    Worst methods;
    for (const Probe& probe : probes()) {
      const auto error = [&](double relative) {
        return distance(final_state(probe.start, probe.drive, relative), probe.end) / probe.growth;
      };
      worst_coarse.look(error(1e-5));
      worst_fine.look(error(1e-8));
      const auto by = [&](Method method, double relative) {
        return distance(final_state(probe.start, probe.drive, {method, relative, 1e-3 * relative}, native_),
                        probe.end) /
               probe.growth;
      };
      methods.look(by(Method::fehlberg78, 1e-10));
      methods.look(1e-2 * by(Method::bogacki_shampine32, 1e-8));
      methods.look(1e-2 * by(Method::rosenbrock4, 1e-8));
      if (driven(device_, native_).has_series()) methods.look(by(Method::taylor, 1e-10));
    }
    Worst slow;
    slow.look(worst_fine.size() <= 1e-9 ? 0.0 : worst_fine.size() / worst_coarse.size());
    judge(slow, "the error decreases with the tolerance", 0.1, "error at tolerance 1e-8 / error at 1e-5");
    judge(methods, "methods agree", 1e-7, "difference / (range x amplification)");
  }

  /// Compares errors with tolerances from 1e-4 to 1e-12; for methods of order 4 or less down to 1e-8.
  void honesty() {
    constexpr int tolerances = 20;
    const bool has_series = driven(device_, native_).has_series();
    Worst worst;
    for (const Probe& probe : probes()) {
      const State end = final_state(probe.start, probe.drive, {Method::fehlberg78, 1e-13, 1e-16}, native_);
      for (int k = 0; k < tolerances; ++k) {
        const double relative = std::pow(10.0, -4.0 - 8.0 * k / (tolerances - 1));
        for (const Method method : {Method::automatic, Method::dopri5, Method::fehlberg78, Method::taylor,
                                    Method::bogacki_shampine32, Method::rosenbrock4}) {
          const bool low = method == Method::bogacki_shampine32 || method == Method::rosenbrock4;
          if ((low && relative < 1e-8) || (method == Method::taylor && !has_series)) continue;
          const State found = final_state(probe.start, probe.drive, {method, relative, 1e-3 * relative}, native_);
          Worst error;
          for (std::size_t i = 0; i < size(); ++i)
            error.look(std::abs(found[i] - end[i]) / (model_->scale[i] + std::abs(end[i])));
          worst.look(error.size() / relative / probe.growth, [&] {
            return fmt::format("by {} at {:.2e}, waveform {}", name_of(method), relative, &probe - probes().data());
          });
        }
      }
    }
    judge(worst, "the error is of the order of the tolerance", most_error, "error / (tolerance x amplification)");
  }

  void in_lanes() {
    std::vector<State> starts;
    std::vector<Waveform> drives;
    for (const Probe& probe : probes()) {
      starts.push_back(probe.start);
      drives.push_back(probe.drive);
    }
    Worst worst;
    for (const InstructionSet set : instruction_sets()) {
      Trajectories source(driven(device_, native_), starts, drives);
      integrate_ensemble(set, device_, {.integration = {Method::dopri5, 1e-11, 1e-14}, .level = {}, .source = native_},
                         source);
      for (std::size_t p = 0; p < starts.size(); ++p)
        worst.look(source.failures[p] == Failure::none
                       ? distance(source.finals[p], probes()[p].end) / probes()[p].growth
                       : INFINITY,
                   [&] { return std::string(name_of(set)); });
    }
    judge(worst, "lanes of every instruction set agree with one lane", 1e-8, "difference / (range x amplification)");
  }

  /// Compares two methods under waveforms of the quantity that is not the input, with and without a resistance in
  /// series. States without a solution, or that diverge, must be reported as such.
  void driven_otherwise() {
    const std::string test = fmt::format("driven by {}, methods agree", name_of(other_.quantity));
    if (undetermined(test, other_)) return;
    Comparison comparison;
    for (std::uint64_t n = 0; comparison.wanted(n); ++n) {
      RandomStream numbers = random(n < trials ? 300 + n : 2000 + n);
      const State start = state(numbers);
      const double answer = typical_answer(start);
      const Waveform drive = random_drive(numbers, duration_, answer);
      const Source source{other_.quantity, n % 2 == 0 ? 0.0 : 100.0};
      compare(comparison, start, drive, source, [&](const Sample& sample) {
        const double drop = source.series_resistance * sample.current;
        const double held = source.quantity == Quantity::current ? sample.current : sample.voltage + drop;
        const double size = source.quantity == Quantity::current ? 0.0 : std::abs(sample.voltage) + std::abs(drop);
        comparison.excess.look(std::abs(held - sample.drive) / (size + std::abs(sample.drive) + answer));
      });
    }
    verdicts_.push_back(
        comparison.excess.verdict("the source holds its drive at the terminals", 1e-9, "largest relative difference"));
    conclude(comparison, test);
  }

  /// Tests sources of both quantities with a compliance: they must hold their limits, and two methods must agree.
  void limited() {
    const std::string test = "under a source with a compliance, methods agree";
    if (undetermined(test, other_)) return;
    Comparison comparison;
    for (std::uint64_t n = 0; comparison.wanted(n); ++n) {
      RandomStream numbers = random(n < trials ? 400 + n : 3000 + n);
      const State start = state(numbers);
      const double answer = typical_answer(start);
      Source source{n % 2 == 0 ? native_.quantity : other_.quantity, n % 4 < 2 ? 0.0 : 100.0};
      for (double& limit : source.compliance) limit = numbers.uniform(0.1, 1.0) * (n % 2 == 0 ? answer : amplitude_);
      const Waveform drive = random_drive(numbers, duration_, n % 2 == 0 ? 1.5 * amplitude_ : answer);
      compare(comparison, start, drive, source, [&](const Sample& sample) {
        const bool of_current = source.quantity == Quantity::voltage;
        const double held = of_current ? sample.current : sample.voltage + source.series_resistance * sample.current;
        const double limit = source.compliance[held > 0 ? 1 : 0];
        comparison.excess.look((std::abs(held) - limit) / limit, [&] {
          return fmt::format("at t = {} s of waveform {}, limit {:.6g} {}, {} Ohm in series", sample.time, n, limit,
                             unit_of(of_current ? Quantity::current : Quantity::voltage), source.series_resistance);
        });
      });
    }
    verdicts_.push_back(comparison.excess.verdict("a source with a compliance holds its limit", 1e-9,
                                                  "largest excess, relative to the limit"));
    conclude(comparison, test);
  }

  /// Magnitude of the other port quantity at the typical input.
  [[nodiscard]] double typical_answer(const State& gamma) const {
    const double answer = std::abs(other_.quantity == Quantity::voltage ? model_->voltage(gamma.data(), amplitude_)
                                                                        : model_->current(gamma.data(), amplitude_));
    return std::isfinite(answer) && answer > 0 ? answer : amplitude_;
  }
  struct Comparison {
    Worst worst, excess;
    int compared = 0, unsolved = 0, run_away = 0, lost = 0;

    /// Whether to draw another waveform; each one skipped for its error amplification is replaced.
    [[nodiscard]] bool wanted(std::uint64_t drawn) const {
      return drawn < static_cast<std::uint64_t>(std::min(trials + lost, most_waveforms));
    }
  };
  template <class Look>
  void compare(Comparison& so_far, const State& start, const Waveform& drive, const Source& source, const Look& look) {
    try {
      Recording recording{[&](const Sample& sample) { look(sample); }};
      const IntegrationOptions fine{Method::dopri5, 1e-9, 1e-12};
      const State one = final_state(start, drive, fine, source, 0, &recording);
      const double grown = growth(start, drive, fine, source);
      if (grown > most_growth) {
        ++so_far.lost;
        return;
      }
      const State two = final_state(start, drive, {Method::fehlberg78, 1e-10, 1e-13}, source);
      so_far.worst.look(distance(one, two) / grown);
      ++so_far.compared;
    } catch (const NumericalError& error) {
      if (error.failure() == Failure::no_solution) {
        ++so_far.unsolved;
      } else if (error.failure() == Failure::runs_away) {
        ++so_far.run_away;
      } else {
        so_far.worst.look(INFINITY, [&] { return error.what(); });
      }
    }
  }
  void conclude(Comparison& all, std::string test) {
    if (all.compared + all.unsolved + all.run_away < trials / 2 || all.compared < 2)
      all.worst.look(INFINITY, [] { return std::string("too few waveforms could be compared"); });
    auto verdict = all.worst.verdict(std::move(test), 1e-6, "difference / (range x amplification)");
    if (all.compared < trials) verdict.detail += fmt::format("; {} of {} waveforms compared", all.compared, trials);
    if (all.lost > 0) verdict.detail += fmt::format("; {} more {}", all.lost, lose_digits);
    if (all.unsolved > 0) verdict.detail += fmt::format("; {} have no solution, reported as such", all.unsolved);
    if (all.run_away > 0)
      verdict.detail += fmt::format("; under {} the state diverges, reported as such", all.run_away);
    verdicts_.push_back(std::move(verdict));
  }

  const AnyDevice& device_;
  const Progress& progress_;
  Properties properties_;
  std::shared_ptr<const Model<double>> model_;
  Source native_, other_;
  double amplitude_ = 1.0;  ///< typical input [A] or [V]
  double duration_ = 1.0;   ///< time scale of the device [s]
  State low_, high_;        ///< range of random states
  std::vector<Probe> probes_;
  std::size_t lost_ = 0;  ///< waveforms that were skipped, because they amplify errors by more than `most_growth`
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::vector<Verdict> conformance(const AnyDevice& device, const Progress& progress) {
  Suite suite(device, progress);
  return device.size() == 0 ? suite.run_port() : suite.run();
}

}  // namespace memdyn
