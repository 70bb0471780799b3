// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <span>

#include "memdyn/drive/segment.hpp"
#include "memdyn/dynamics/integrator.hpp"

namespace memdyn {

/// One pulse for each of some devices: linear edges from 0 and back to 0, which all share, and a flat top. T is a
/// double, or a pack with one pulse per lane.
template <class T>
struct Trapezoids {
  std::span<const T> peak;   ///< [A] or [V], one per device
  std::span<const T> width;  ///< of the flat top [s], one per device
  double rise, fall;         ///< [s]
};

/// A single such pulse.
struct Trapezoid {
  double peak;   ///< [A] or [V]
  double width;  ///< of the flat top [s]
  double rise, fall;
};

/// Integrates a pulse through one device, segment by segment.
template <class D>
void advance(Integrator<D>& integrator, std::span<double> gamma, const Trapezoid& pulse, double t0 = 0.0,
             Recording* recording = nullptr) {
  double begin = t0;
  for (const Segment& segment : std::initializer_list<Segment>{
           Ramp{pulse.rise, 0.0, pulse.peak}, Constant{pulse.width, pulse.peak}, Ramp{pulse.fall, pulse.peak, 0.0}}) {
    if (!(duration(segment) > 0.0)) continue;
    integrator.advance(gamma, segment, begin, recording);
    begin += duration(segment);
  }
}

/// The same without a record, as one piece if the pulse has no edges.
template <class D>
void send(Integrator<D>& integrator, std::span<double> gamma, const Trapezoid& pulse) {
  if (pulse.rise > 0.0 || pulse.fall > 0.0) return advance(integrator, gamma, pulse);
  if (pulse.width > 0.0) integrator.pulse(gamma, pulse.peak, pulse.width);
}

}  // namespace memdyn
