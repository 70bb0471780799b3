// SPDX-License-Identifier: MIT
#include "memdyn/drive/segment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "drive/sum.hpp"
#include "memdyn/drive/piece.hpp"
#include "memdyn/scalar/root.hpp"

namespace memdyn {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

double at(const Constant& c, double /*s*/) { return c.value; }
// Each half is measured from its own end, so that both end values are exact.
double at(const Ramp& r, double s) {
  const double slope = (r.to - r.from) / r.duration;
  return s < r.duration / 2 ? r.from + slope * s : r.to - slope * (r.duration - s);
}
double at(const Sine& w, double s) {
  return w.offset + w.amplitude * std::sin(2 * std::numbers::pi * w.frequency * s + w.phase);
}
/// The phase [rad] of a chirp, its rate [rad/s], and half its second derivative [rad/s²].
double curve(const Chirp& c) { return std::numbers::pi * (c.final_frequency - c.frequency) / c.duration; }
double angle(const Chirp& c, double s) { return (2 * std::numbers::pi * c.frequency + curve(c) * s) * s + c.phase; }
double speed(const Chirp& c, double s) { return 2 * std::numbers::pi * c.frequency + 2 * curve(c) * s; }
/// The local time at which a chirp has this phase; NaN if it never has.
double time_of(const Chirp& c, double phase) {
  const double way = phase - c.phase;
  const double begin = speed(c, 0.0);
  return 2 * way / (begin + std::sqrt(begin * begin + 4 * curve(c) * way));
}
double at(const Chirp& c, double s) { return c.offset + c.amplitude * std::sin(angle(c, s)); }
double at(const Exponential& e, double s) { return e.to + (e.from - e.to) * std::exp(-s / e.tau); }
double at(const Sum& sum, double s) { return sum.offset + sum.factor * sum.terms->value(s); }

double slope(const Constant& /*c*/, double /*s*/) { return 0.0; }
double slope(const Ramp& r, double /*s*/) { return (r.to - r.from) / r.duration; }
double slope(const Sine& w, double s) {
  const double omega = 2 * std::numbers::pi * w.frequency;
  return w.amplitude * omega * std::cos(omega * s + w.phase);
}
double slope(const Chirp& c, double s) { return c.amplitude * speed(c, s) * std::cos(angle(c, s)); }
double slope(const Exponential& e, double s) { return (e.to - e.from) / e.tau * std::exp(-s / e.tau); }
double slope(const Sum& sum, double s) { return sum.factor * sum.terms->rate(s); }

// Each fills c with the Taylor coefficients of orders >= 1. T is double, or an interval.
template <class T>
void derive(const Constant& /*c*/, const T& /*s*/, double /*unit*/, std::span<T> c) {
  std::ranges::fill(c.subspan(1), T(0.0));
}
template <class T>
void derive(const Ramp& r, const T& /*s*/, double unit, std::span<T> c) {
  std::ranges::fill(c.subspan(1), T(0.0));
  if (c.size() > 1) c[1] = T(unit) * T((r.to - r.from) / r.duration);
}
template <class T>
void derive(const Sine& w, const T& s, double unit, std::span<T> c) {
  const double omega = 2 * std::numbers::pi * w.frequency;
  const T angle = T(omega) * s + T(w.phase);
  const T both[] = {sine(angle), cosine(angle)};
  T factor(w.amplitude);
  for (std::size_t k = 1; k < c.size(); ++k) {
    factor *= T(omega * unit / static_cast<double>(k));
    c[k] = (k / 2 % 2 == 0 ? factor : -factor) * both[k % 2];
  }
}
template <class T>
void derive(const Chirp& w, const T& s, double unit, std::span<T> c) {
  const T begin(2 * std::numbers::pi * w.frequency);
  const T first = (begin + T(2 * curve(w)) * s) * T(unit);
  const T second(2 * curve(w) * unit * unit);
  const T angle = (begin + T(curve(w)) * s) * s + T(w.phase);
  T sines[] = {T(0.0), sine(angle)};  // coefficients of the two orders before
  T cosines[] = {T(0.0), cosine(angle)};
  for (std::size_t k = 1; k < c.size(); ++k) {
    const T order(static_cast<double>(k));
    const T next_sine = (first * cosines[1] + second * cosines[0]) / order;
    const T next_cosine = -(first * sines[1] + second * sines[0]) / order;
    sines[0] = std::exchange(sines[1], next_sine);
    cosines[0] = std::exchange(cosines[1], next_cosine);
    c[k] = T(w.amplitude) * next_sine;
  }
}
template <class T>
void derive(const Exponential& e, const T& s, double unit, std::span<T> c) {
  T factor = T(e.from - e.to) * exponential(T(-s / T(e.tau)));
  for (std::size_t k = 1; k < c.size(); ++k) {
    factor *= T(-unit / e.tau / static_cast<double>(k));
    c[k] = factor;
  }
}
void derive(const Sum& sum, double s, double unit, std::span<double> c) {
  const double now = c[0];  // the value, with the offset
  sum.terms->expand(s, unit, c);
  for (double& one : c) one *= sum.factor;
  c[0] = now;
}

// The values over an interval of times.
Interval over(const Constant& c, const Interval& /*s*/) { return {c.value}; }
Interval over(const Ramp& r, const Interval& s) {
  return Interval(r.from) + Interval((r.to - r.from) / r.duration) * s;
}
Interval over(const Sine& w, const Interval& s) {
  return Interval(w.offset) +
         Interval(w.amplitude) * sin(Interval(2 * std::numbers::pi * w.frequency) * s + Interval(w.phase));
}
Interval over(const Chirp& c, const Interval& s) {
  const Interval angle =
      (Interval(2 * std::numbers::pi * c.frequency) + Interval(curve(c)) * s) * s + Interval(c.phase);
  return Interval(c.offset) + Interval(c.amplitude) * sin(angle);
}
Interval over(const Exponential& e, const Interval& s) {
  return Interval(e.to) + Interval(e.from - e.to) * exp(-s / Interval(e.tau));
}

double crossing(const Constant& /*c*/, double /*level*/, double /*after*/) { return never; }
double crossing(const Ramp& r, double level, double /*after*/) {
  return r.duration * ((level - r.from) / (r.to - r.from));
}
double crossing(const Sine& w, double level, double after) {
  const double height = (level - w.offset) / w.amplitude;
  if (!(std::abs(height) < 1)) return never;
  const double turn = 2 * std::numbers::pi;
  const double rising = std::asin(height);
  double first = never;
  for (const double angle : {rising, std::numbers::pi - rising}) {
    const double turns = std::floor((w.frequency * turn * after + w.phase - angle) / turn);
    for (double k = turns - 1; k <= turns + 2; ++k) {
      const double s = (angle - w.phase + turn * k) / (turn * w.frequency);
      if (s > after && s < first) first = s;
    }
  }
  return first;
}
double crossing(const Chirp& c, double level, double after) {
  const double height = (level - c.offset) / c.amplitude;
  if (!(std::abs(height) < 1)) return never;
  const double turn = 2 * std::numbers::pi;
  const double rising = std::asin(height);
  double first = never;
  for (const double phase : {rising, std::numbers::pi - rising}) {
    const double turns = std::floor((angle(c, after) - phase) / turn);
    for (double k = turns - 1; k <= turns + 2; ++k)
      if (const double s = time_of(c, phase + turn * k); s > after && s < first) first = s;
  }
  return first;
}
double crossing(const Exponential& e, double level, double /*after*/) {
  const double ratio = (level - e.to) / (e.from - e.to);
  return ratio > 0 ? -e.tau * std::log(ratio) : never;
}

/// Whether the drive is at a level at a time, within rounding of both.
bool is_at(const Sum& sum, double level, double s) {
  constexpr double digits = 4 * std::numeric_limits<double>::epsilon();
  const double size = std::abs(sum.factor) * sum.terms->largest() + std::abs(sum.offset) + std::abs(level);
  return std::abs(at(sum, s) - level) <= digits * (size + std::abs(slope(sum, s)) * s);
}
/// Where a sum crosses a level within a part of a stretch, in which it is monotone; never if it does not. A crossing
/// at the end of a stretch belongs to it, unless the sum has an extremum there, where it only touches the level.
double crossing_within(const Sum& sum, double level, double from, const Stretch& stretch) {
  const auto above = [&](double s) { return at(sum, s) - level; };
  const double first = above(from);
  if (is_at(sum, level, from)) return never;
  const double last = above(stretch.end);
  if (is_at(sum, level, stretch.end)) return stretch.turn ? never : stretch.end;
  if ((first < 0.0) == (last < 0.0)) return never;
  Bracket<double> bracket{from, first, stretch.end, last};
  narrow(bracket, true, above, std::numeric_limits<double>::min());
  return (bracket.fb < 0.0) == (last < 0.0) ? bracket.b : bracket.a;  // the level is behind
}
double crossing(const Sum& sum, double level, double after) {
  for (double s = after; s < sum.duration;) {
    const Stretch& stretch = sum.terms->stretch_after(s);
    if (const double found = crossing_within(sum, level, s, stretch); found < never) return found;
    s = stretch.end > s ? stretch.end : sum.duration;
  }
  return never;
}

/// The local time [s] at which an exponential has settled to within exp(-40) = 4e-18 of its change.
double settled(const Exponential& e) { return 40.0 * e.tau; }

double smooth_for(const Sine& w, double /*s*/) { return 0.125 / w.frequency; }
double smooth_for(const Chirp& c, double s) {
  const double turn = 2 * std::numbers::pi;
  const double half_period = 0.5 * turn / speed(c, s);  // an extremum or a zero cuts the piece before
  return 0.125 * turn / std::max(speed(c, s), speed(c, std::min(s + half_period, c.duration)));
}
double smooth_for(const Exponential& e, double s) { return s < settled(e) ? e.tau : never; }
double smooth_for(const Sum& sum, double s) { return sum.terms->stretch_after(s).longest; }
template <class Other>
double smooth_for(const Other& /*segment*/, double /*s*/) {
  return never;
}

}  // namespace

double duration(const Segment& segment) {
  return std::visit([](const auto& s) { return s.duration; }, segment);
}
double value(const Segment& segment, double s) {
  return std::visit([s](const auto& one) { return at(one, s); }, segment);
}

double rate(const Segment& segment, double s) {
  return std::visit([s](const auto& part) { return slope(part, s); }, segment);
}
void expand(const Segment& segment, double s, double unit, std::span<double> c) {
  c[0] = value(segment, s);
  std::visit([&](const auto& one) { derive(one, s, unit, c); }, segment);
}
double next_crossing(const Segment& segment, double level, double after) {
  const double s = std::visit([=](const auto& one) { return crossing(one, level, after); }, segment);
  return s > after && s > 0 && s < duration(segment) ? s : never;
}
double next_turn(const Segment& segment, double after) {
  if (const auto* sum = std::get_if<Sum>(&segment)) {
    for (double s = after; s < sum->duration;) {
      const Stretch& stretch = sum->terms->stretch_after(s);
      if (stretch.turn) return stretch.end;
      s = stretch.end > s ? stretch.end : sum->duration;
    }
    return never;
  }
  if (const auto* chirp = std::get_if<Chirp>(&segment)) {
    const auto turn = [&](double k) { return time_of(*chirp, std::numbers::pi * (k + 0.5)); };
    double k = std::ceil(angle(*chirp, after) / std::numbers::pi - 0.5);
    while (turn(k) - after <= 1e-12 / chirp->frequency) ++k;  // skip `after` itself, within rounding
    return turn(k) < chirp->duration ? turn(k) : never;
  }
  const auto* sine = std::get_if<Sine>(&segment);
  if (sine == nullptr) return never;
  const double omega = 2 * std::numbers::pi * sine->frequency;
  const auto turn = [&](double k) { return (std::numbers::pi * (k + 0.5) - sine->phase) / omega; };
  double k = std::ceil((omega * after + sine->phase) / std::numbers::pi - 0.5);
  while (turn(k) - after <= 1e-12 / sine->frequency) ++k;  // skip `after` itself, within rounding
  return turn(k) < sine->duration ? turn(k) : never;
}
namespace {
/// Where a stretch ends for another reason than a crossing or the end of the segment; +infinity if it does not.
double next_cut(const Segment& segment, double after, bool turns) {
  if (std::holds_alternative<Chirp>(segment))
    return std::min(next_turn(segment, after), next_crossing(segment, 0.0, after));
  const auto* exponential = std::get_if<Exponential>(&segment);
  if (exponential == nullptr) return turns ? next_turn(segment, after) : never;
  const double end = settled(*exponential);
  return end > after && end < exponential->duration ? end : never;
}
StretchEnd end_in_sum(const Sum& sum, std::span<const double> levels, double after) {
  const Stretch& stretch = sum.terms->stretch_after(after);
  // the duration can differ from that of the terms by rounding
  const double end = stretch.end > after ? std::min(stretch.end, sum.duration) : sum.duration;
  StretchEnd found{end, false, stretch.longest};
  const auto look = [&](double level, bool of_guard) {
    const double s = crossing_within(sum, level, after, stretch);
    if (s < sum.duration && s > after && (s < found.end || (of_guard && s == found.end))) {
      found.end = s;
      found.crossing = of_guard;
    }
  };
  look(0.0, false);
  for (const double level : levels)
    if (level == level) look(level, true);
  return found;
}
}  // namespace

StretchEnd end_of_stretch(const Segment& segment, std::span<const double> levels, double after, bool turns) {
  if (const auto* sum = std::get_if<Sum>(&segment)) return end_in_sum(*sum, levels, after);
  double end = duration(segment);
  for (const double level : levels)
    if (level == level) end = std::min(end, next_crossing(segment, level, after));
  const double cut = next_cut(segment, after, turns);
  return {std::min(end, cut), end < duration(segment) && !(cut < end), longest_step(segment, after)};
}

double longest_step(const Segment& segment, double s) {
  return std::visit([s](const auto& one) { return smooth_for(one, s); }, segment);
}

Segment part_of(const Segment& segment, double begin, double end) {
  struct Cut {
    double begin, end;
    Segment operator()(Constant c) const {
      c.duration = end - begin;
      return c;
    }
    Segment operator()(const Ramp& r) const { return Ramp{end - begin, at(r, begin), at(r, end)}; }
    Segment operator()(Sine w) const {
      w.phase += 2 * std::numbers::pi * w.frequency * begin;
      w.duration = end - begin;
      return w;
    }
    Segment operator()(Exponential e) const {
      if (begin > 0.0) e.from = at(e, begin);
      e.duration = end - begin;
      return e;
    }
    Segment operator()(const Chirp& c) const {
      const auto frequency = [&](double s) { return c.frequency + (c.final_frequency - c.frequency) * s / c.duration; };
      const double last = end == c.duration ? c.final_frequency : frequency(end);
      return Chirp{end - begin, c.amplitude, frequency(begin), last, angle(c, begin), c.offset};
    }
    Segment operator()(Sum sum) const {
      sum.terms = sum.terms->part(begin, end);
      sum.duration = end - begin;
      return sum;
    }
  };
  return std::visit(Cut{begin, end}, segment);
}

void enclose(const Segment& segment, const Interval& s, double unit, std::span<Interval> c) {
  std::visit(
      [&]<class S>(const S& one) {
        if constexpr (!std::is_same_v<S, Sum>) {  // a sum has no sums as terms
          c[0] = over(one, s);
          derive<Interval>(one, s, unit, c);
        }
      },
      segment);
}

Piece piece_of(const Segment& segment, double origin) {
  Piece piece{};
  piece.origin = origin;
  piece.end = piece.duration = duration(segment);
  piece.longest = std::min(longest_step(segment), piece.duration);
  const auto level = [&](double from, double to) {
    piece.from = from;
    piece.to = to;
  };
  if (const auto* constant = std::get_if<Constant>(&segment)) {
    level(constant->value, constant->value);
  } else if (const auto* ramp = std::get_if<Ramp>(&segment)) {
    level(ramp->from, ramp->to);
  } else if (const auto* sine = std::get_if<Sine>(&segment)) {
    level(sine->offset, sine->offset);
    piece.amplitude = sine->amplitude;
    piece.omega = 2 * std::numbers::pi * sine->frequency;
    piece.phase = sine->phase;
  } else if (const auto* chirp = std::get_if<Chirp>(&segment)) {
    level(chirp->offset, chirp->offset);
    piece.amplitude = chirp->amplitude;
    piece.omega = speed(*chirp, 0.0);
    piece.phase = chirp->phase;
    piece.curve = curve(*chirp);
  } else if (const auto* exponential = std::get_if<Exponential>(&segment)) {
    level(exponential->to, exponential->to);
    piece.fall = exponential->from - exponential->to;
    piece.decay = 1 / exponential->tau;
  } else if (const auto* sum = std::get_if<Sum>(&segment)) {
    const double bound = std::abs(sum->offset) + std::abs(sum->factor) * sum->terms->largest();
    level(-bound, bound);
    piece.sum = std::make_shared<const Segment>(segment);
  }
  const double zero = piece.sum != nullptr ? never : next_crossing(segment, 0.0, 0.0);
  if (const auto* sine = std::get_if<Sine>(&segment); sine != nullptr && zero < never) {
    piece.period = 1 / sine->frequency;
    piece.zero_a = zero;
    piece.zero_b = std::min(next_crossing(segment, 0.0, zero), zero + piece.period);
  } else {
    piece.period = 8 * piece.duration;
    piece.zero_a = piece.zero_b = std::min(zero, 3 * piece.duration);  // the zeros of a chirp or a sum cut it
  }
  return piece;
}

}  // namespace memdyn
