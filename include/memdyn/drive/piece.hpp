// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include "memdyn/drive/segment.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// A stretch of a segment between two time events. For every kind of segment but a sum the drive is
///   u(s) = ramp(s) + amplitude sin(omega s + curve s² + phase) + fall exp(-decay s)  [A] or [V]
/// where the ramp runs from `from` (s = 0) to `to` (s = duration); each half is measured from its own end. A sum is
/// evaluated as a segment, one lane after another; its `from` and `to` are bounds of the drive.
struct Piece {
  double begin, end;    ///< local time [s]
  double origin;        ///< absolute time of the local time 0 [s]
  double longest;       ///< longest step [s]; see longest_step()
  double duration;      ///< duration of the segment [s]
  double from, to;      ///< [A] or [V]
  double amplitude;     ///< [A] or [V]
  double omega, phase;  ///< [rad/s], [rad]
  double curve;         ///< [rad/s²]
  double fall, decay;   ///< [A] or [V], [1/s]
  double zero_a;        ///< local times at which the drive crosses 0, repeated every `period` [s]; beyond the end of
  double zero_b;        ///< the segment if it does not, or if it is a chirp or a sum, which each zero cuts
  double period;        ///< [s]
  bool crossing;        ///< the begin is a time event: the drive crosses the level of a guard
  std::shared_ptr<const Segment> sum;  ///< the segment if it is a sum, else null
};
/// The whole segment as one piece that begins at the absolute time `origin` [s].
[[nodiscard]] Piece piece_of(const Segment& segment, double origin);

/// One piece per lane.
template <class T>
struct PieceLanes {
  T begin = T(0.0), end = T(0.0), origin = T(0.0), longest = T(0.0), duration = T(0.0), from = T(0.0), to = T(0.0),
    amplitude = T(0.0), omega = T(0.0), phase = T(0.0), curve = T(0.0), fall = T(0.0), decay = T(0.0), zero_a = T(0.0),
    zero_b = T(0.0), period = T(1.0);
  T slope = T(0.0);
  T largest = T(0.0);   ///< upper bound of |drive| [A] or [V]
  bool steady = true;   ///< the drive is constant in all lanes
  bool sines = false;   ///< some lane has a sine or a chirp
  bool chirps = false;  ///< some lane has a chirp
  bool decays = false;  ///< some lane has an exponential
  bool sums = false;    ///< some lane has a sum
  std::array<std::shared_ptr<const Segment>, lanes<T>> sum;

  /// Puts pieces[l] into each lane l, unless it is null.
  void put(const Piece* const* pieces) {
    static constexpr double Piece::* numbers[] = {&Piece::begin,    &Piece::end,    &Piece::origin, &Piece::longest,
                                                  &Piece::duration, &Piece::from,   &Piece::to,     &Piece::amplitude,
                                                  &Piece::omega,    &Piece::phase,  &Piece::curve,  &Piece::fall,
                                                  &Piece::decay,    &Piece::zero_a, &Piece::zero_b, &Piece::period};
    T* packs[] = {&begin, &end,   &origin, &longest, &duration, &from,   &to,     &amplitude,
                  &omega, &phase, &curve,  &fall,    &decay,    &zero_a, &zero_b, &period};
    for (std::size_t l = 0; l < lanes<T>; ++l)
      if (pieces[l] != nullptr) {
        for (std::size_t k = 0; k < std::size(packs); ++k) set_lane(*packs[k], l, pieces[l]->*numbers[k]);
        sum[l] = pieces[l]->sum;
      }
    slope = select(duration > T(0.0), (to - from) / duration, T(0.0));
    using std::abs;
    using std::max;
    largest = max(abs(from), abs(to)) + abs(amplitude) + abs(fall);
    sines = any(amplitude != T(0.0));
    chirps = any(curve != T(0.0));
    decays = any(fall != T(0.0));
    steady = !sines && !decays && all(slope == T(0.0));
    sums = std::ranges::any_of(sum, [](const auto& one) { return one != nullptr; });
  }

  /// The lanes in which the drive is constant.
  [[nodiscard]] Mask<T> constant() const { return slope == T(0.0) && amplitude == T(0.0) && fall == T(0.0); }
  [[nodiscard]] T operator()(const T& s) const {
    if (steady) return from;
    T current = select(s < T(0.5) * duration, from + slope * s, to - slope * (duration - s));
    if (sines) current = select(amplitude != T(0.0), current + amplitude * sine(angle(s)), current);
    if (decays) current = select(fall != T(0.0), current + fall * exponential(T(-decay * s)), current);
    if (sums) [[unlikely]]
      put_sums(s, current, [](const Segment& one, double at) { return value(one, at); });
    return current;
  }
  /// du/ds [A/s] or [V/s]
  [[nodiscard]] T rate(const T& s) const {
    T change = slope;
    if (sines) change = select(amplitude != T(0.0), amplitude * speed(s) * cosine(angle(s)), change);
    if (decays) change = select(fall != T(0.0), -decay * fall * exponential(T(-decay * s)), change);
    if (sums) [[unlikely]]
      put_sums(s, change, [](const Segment& one, double at) { return memdyn::rate(one, at); });
    return change;
  }
  /// Fills c with the Taylor coefficients of the drive at local time s; see expand() of a segment.
  void expand(const T& s, const T& unit, std::span<T> c) const {
    std::ranges::fill(c, T(0.0));
    c[0] = (*this)(s);
    if (steady || c.size() < 2) return;
    c[1] = unit * slope;
    const T at = angle(s);
    T wave = sines ? amplitude : T(0.0);
    T tail = decays ? T(fall * exponential(T(-decay * s))) : T(0.0);
    const T sines_of[] = {sines ? sine(at) : T(0.0), sines ? cosine(at) : T(0.0)};
    for (std::size_t k = 1; k < c.size(); ++k) {
      const T share = unit * T(1.0 / static_cast<double>(k));
      wave *= omega * share;
      tail *= -decay * share;
      if (sines) c[k] += select(amplitude != T(0.0), T(k / 2 % 2 == 0 ? wave : -wave) * sines_of[k % 2], T(0.0));
      if (decays) c[k] += select(fall != T(0.0), tail, T(0.0));
    }
    if (chirps) expand_chirp(s, unit, sines_of[0], sines_of[1], c);
    if (sums) expand_sums(s, unit, c);
  }
  /// The first local time after `s` at which the drive crosses 0 [s]; beyond the end of the segment if there is none.
  [[nodiscard]] T next_zero(const T& s) const {
    using std::min;
    const auto next = [&](const T& zero) {
      const T nearest = zero + (((s - zero) / period + T(to_whole)) - T(to_whole)) * period;
      return T(select(nearest > s, nearest, nearest + period));
    };
    return min(next(zero_a), next(zero_b));
  }

 private:
  static constexpr double to_whole = 0x1.8p52;  ///< adding it rounds to an integer

  /// The phase of a sine or a chirp [rad], and its rate [rad/s].
  [[nodiscard]] T angle(const T& s) const {
    const T uniform = omega * s + phase;
    return chirps ? T(select(curve != T(0.0), (omega + curve * s) * s + phase, uniform)) : uniform;
  }
  [[nodiscard]] T speed(const T& s) const { return chirps ? T(omega + T(2.0) * curve * s) : omega; }
  /// Sets the lanes with a sum to of(sum, s).
  template <class Of>
  [[gnu::noinline]] void put_sums(const T& s, T& result, const Of& of) const {
    for (std::size_t l = 0; l < lanes<T>; ++l)
      if (sum[l] != nullptr) set_lane(result, l, of(*sum[l], lane(s, l)));
  }
  [[gnu::noinline]] void expand_sums(const T& s, const T& unit, std::span<T> c) const {
    std::vector<double> own(c.size());
    for (std::size_t l = 0; l < lanes<T>; ++l) {
      if (sum[l] == nullptr) continue;
      memdyn::expand(*sum[l], lane(s, l), lane(unit, l), own);
      for (std::size_t k = 0; k < c.size(); ++k) set_lane(c[k], l, own[k]);
    }
  }
  /// Sets the coefficients of order 1 and higher in lanes with a chirp, by the recurrence of sine and cosine.
  /// @param sine_now, cosine_now of the phase at s
  void expand_chirp(const T& s, const T& unit, const T& sine_now, const T& cosine_now, std::span<T> c) const {
    const T first = speed(s) * unit;
    const T second = T(2.0) * curve * unit * unit;
    T sine_before(0.0), cosine_before(0.0), sine_last = sine_now, cosine_last = cosine_now;
    for (std::size_t k = 1; k < c.size(); ++k) {
      const T share(1.0 / static_cast<double>(k));
      const T sine_next = (first * cosine_last + second * cosine_before) * share;
      const T cosine_next = T(0.0) - (first * sine_last + second * sine_before) * share;
      sine_before = sine_last;
      cosine_before = cosine_last;
      sine_last = sine_next;
      cosine_last = cosine_next;
      c[k] = select(curve != T(0.0), T(amplitude * sine_next), c[k]);
    }
  }
};

}  // namespace memdyn
