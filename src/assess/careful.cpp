// SPDX-License-Identifier: MIT
#include "assess/careful.hpp"

#include <algorithm>
#include <cmath>

#include "memdyn/core/interruption.hpp"

namespace memdyn {

double Careful::guard(std::size_t k, const State& gamma, double drive) const {
  if (k >= device_.guards()) return device_.source_guard(k - device_.guards(), gamma, drive);
  return device_.guard(k, gamma, device_.input(gamma, drive, regime_));
}

Careful::State Careful::rates(const State& gamma, double drive) const {
  const double u = device_.input(gamma, drive, regime_);
  State all(gamma.size(), u - u);  // NaN if there is no input
  for (std::size_t i = 0; i < all.size(); ++i)
    if (device_.moves(i, regime_)) all[i] += device_.drift(i, gamma, u, regime_);
  return all;
}

Careful::State Careful::step(const State& gamma, const Segment& segment, double s, double h) {
  State out = gamma;
  const auto system = [&](const State& now, State& dxdt, double at) {
    dxdt = rates(now, value(segment, at));
    for (std::size_t i = 0; i < dxdt.size(); ++i)
      if (pinned_[i] != 0.0) dxdt[i] = 0.0;
  };
  stepper_.do_step(system, gamma, s, out, h);
  return out;
}

bool Careful::switches(State& gamma, double drive, bool apply) {
  bool some = false;
  const auto found = [&](auto&& make) {
    some = true;
    if (apply) make();
  };
  const State velocity = rates(gamma, drive);
  std::vector<std::size_t> flipped;
  for (std::size_t k = 0; k < regime_.size(); ++k)
    if ((guard(k, gamma, drive) > 0) != regime_[k]) found([&] { flipped.push_back(k); });
  for (std::size_t i = 0; i < gamma.size(); ++i) {
    if (pinned_[i] != 0.0) {
      if (pinned_[i] * velocity[i] < 0) found([&] { pinned_[i] = 0.0; });
    } else if (gamma[i] > device_.upper(i) || gamma[i] < device_.lower(i)) {
      found([&] {
        pinned_[i] = gamma[i] > device_.upper(i) ? 1.0 : -1.0;
        gamma[i] = std::clamp(gamma[i], device_.lower(i), device_.upper(i));
      });
    }
  }
  for (const std::size_t k : flipped) regime_[k] = !regime_[k];
  return some;
}

void Careful::begin(const State& gamma, const Segment& segment) {
  constexpr double soon = 1e-9;  // fraction of the segment after which signs are evaluated
  const double s = soon * duration(segment);
  const auto take_signs = [&](const State& at, double drive) {
    device_.freeze_source(at, drive, regime_);
    const double u = device_.input(at, drive, regime_);
    for (std::size_t k = 0; k < device_.guards(); ++k) regime_[k] = device_.guard(k, at, u) > 0;
  };
  take_signs(gamma, value(segment, s));
  const State velocity = rates(gamma, value(segment, s));
  State ahead = gamma;
  for (std::size_t i = 0; i < gamma.size(); ++i) {
    const double side = gamma[i] >= device_.upper(i) ? 1.0 : gamma[i] <= device_.lower(i) ? -1.0 : 0.0;
    pinned_[i] = side * velocity[i] >= 0 ? side : 0.0;
    if (pinned_[i] == 0.0) ahead[i] += s * velocity[i];
  }
  take_signs(ahead, value(segment, s));
}

bool Careful::moves_far(const State& from, const State& to) const {
  constexpr double far = 0.02;  // fraction of the range; the result of a longer step may be meaningless
  bool moves = false;
  for (std::size_t i = 0; i < from.size(); ++i) moves = moves || !(std::abs(to[i] - from[i]) <= far * device_.scale(i));
  return moves;
}

Careful::End Careful::advance(State& gamma, const Segment& segment) {
  constexpr int most_switches = 30;  // per step
  constexpr int halvings = 60;
  constexpr double shortest = 1e-9;  // fraction of the segment
  const double whole = duration(segment);
  begin(gamma, segment);
  for (int n = 0; n < steps_; ++n) {
    stop_if_interrupted();
    double from = whole * n / steps_;
    const double step_ends = whole * (n + 1) / steps_;
    double to = step_ends;
    for (int switched = 0; from < step_ends;) {
      if (switched > most_switches) return End::slides;
      const auto at = [&](double share) { return step(gamma, segment, from, share * (to - from)); };
      const auto drive_at = [&](double share) { return value(segment, from + share * (to - from)); };
      State end = at(1.0);
      if (to - from > shortest * whole && moves_far(gamma, end)) {
        to = from + 0.5 * (to - from);
        continue;
      }
      if (!std::ranges::all_of(end, [](double x) { return std::isfinite(x); })) return End::undefined;
      double high = 1.0;
      if (switches(end, drive_at(1.0), false)) {
        double low = 0.0;
        for (int halving = 0; halving < halvings; ++halving) {
          const double middle = 0.5 * (low + high);
          State there = at(middle);
          (switches(there, drive_at(middle), false) ? high : low) = middle;
        }
        end = at(high);
        switches(end, drive_at(high), true);
        ++switched;
      }
      gamma = end;
      from = high == 1.0 ? to : from + high * (to - from);
      to = step_ends;
    }
  }
  return End::done;
}

Careful::End Careful::run(State gamma, const Waveform& drive, std::size_t first, std::vector<State>& states) {
  for (std::size_t n = first; n < drive.segments().size(); ++n) {
    if (const End end = advance(gamma, drive.segments()[n]); end != End::done) return end;
    states.push_back(gamma);
  }
  return End::done;
}

}  // namespace memdyn
