// SPDX-License-Identifier: MIT
#include "memdyn/drive/segment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "memdyn/drive/piece.hpp"

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

double slope(const Constant& /*c*/, double /*s*/) { return 0.0; }
double slope(const Ramp& r, double /*s*/) { return (r.to - r.from) / r.duration; }
double slope(const Sine& w, double s) {
  const double omega = 2 * std::numbers::pi * w.frequency;
  return w.amplitude * omega * std::cos(omega * s + w.phase);
}
double slope(const Chirp& c, double s) { return c.amplitude * speed(c, s) * std::cos(angle(c, s)); }
double slope(const Exponential& e, double s) { return (e.to - e.from) / e.tau * std::exp(-s / e.tau); }

// Fills c with the Taylor coefficients of orders >= 1.
void derive(const Constant& /*c*/, double /*s*/, double /*unit*/, std::span<double> c) {
  std::ranges::fill(c.subspan(1), 0.0);
}
void derive(const Ramp& r, double s, double unit, std::span<double> c) {
  std::ranges::fill(c.subspan(1), 0.0);
  if (c.size() > 1) c[1] = unit * slope(r, s);
}
void derive(const Sine& w, double s, double unit, std::span<double> c) {
  const double omega = 2 * std::numbers::pi * w.frequency;
  const double angle = omega * s + w.phase;
  double factor = w.amplitude;
  for (std::size_t k = 1; k < c.size(); ++k) {
    factor *= omega * unit / static_cast<double>(k);
    c[k] = (k / 2 % 2 == 0 ? factor : -factor) * (k % 2 == 0 ? std::sin(angle) : std::cos(angle));
  }
}
void derive(const Chirp& w, double s, double unit, std::span<double> c) {
  const double first = speed(w, s) * unit;
  const double second = 2 * curve(w) * unit * unit;
  double sine[] = {0.0, std::sin(angle(w, s))};  // coefficients of the two orders before
  double cosine[] = {0.0, std::cos(angle(w, s))};
  for (std::size_t k = 1; k < c.size(); ++k) {
    const auto order = static_cast<double>(k);
    const double next_sine = (first * cosine[1] + second * cosine[0]) / order;
    const double next_cosine = -(first * sine[1] + second * sine[0]) / order;
    sine[0] = std::exchange(sine[1], next_sine);
    cosine[0] = std::exchange(cosine[1], next_cosine);
    c[k] = w.amplitude * next_sine;
  }
}
void derive(const Exponential& e, double s, double unit, std::span<double> c) {
  double factor = (e.from - e.to) * std::exp(-s / e.tau);
  for (std::size_t k = 1; k < c.size(); ++k) {
    factor *= -unit / e.tau / static_cast<double>(k);
    c[k] = factor;
  }
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

/// The local time [s] at which an exponential has settled to within exp(-40) = 4e-18 of its change.
double settled(const Exponential& e) { return 40.0 * e.tau; }

double smooth_for(const Sine& w, double /*s*/) { return 0.125 / w.frequency; }
double smooth_for(const Chirp& c, double s) {
  const double turn = 2 * std::numbers::pi;
  const double half_period = 0.5 * turn / speed(c, s);  // an extremum or a zero cuts the piece before
  return 0.125 * turn / std::max(speed(c, s), speed(c, std::min(s + half_period, c.duration)));
}
double smooth_for(const Exponential& e, double s) { return s < settled(e) ? e.tau : never; }
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
double next_cut(const Segment& segment, double after, bool turns) {
  if (std::holds_alternative<Chirp>(segment))
    return std::min(next_turn(segment, after), next_crossing(segment, 0.0, after));
  const auto* exponential = std::get_if<Exponential>(&segment);
  if (exponential == nullptr) return turns ? next_turn(segment, after) : never;
  const double end = settled(*exponential);
  return end > after && end < exponential->duration ? end : never;
}
double longest_step(const Segment& segment, double s) {
  return std::visit([s](const auto& one) { return smooth_for(one, s); }, segment);
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
  }
  const double zero = next_crossing(segment, 0.0, 0.0);
  if (const auto* sine = std::get_if<Sine>(&segment); sine != nullptr && zero < never) {
    piece.period = 1 / sine->frequency;
    piece.zero_a = zero;
    piece.zero_b = std::min(next_crossing(segment, 0.0, zero), zero + piece.period);
  } else {
    piece.period = 8 * piece.duration;
    piece.zero_a = piece.zero_b = std::min(zero, 3 * piece.duration);  // the zeros of a chirp cut it
  }
  return piece;
}

}  // namespace memdyn
