// SPDX-License-Identifier: MIT
#include "learn/characteristic.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>

namespace memdyn {

double Characteristic::drift(double gamma, double drive) const {
  const double u = device_.input(&gamma, drive);
  Regime<double> regime;
  evaluate_regime(device_, &gamma, u, regime);
  return device_.drift(0, &gamma, u, regime);
}

std::optional<Characteristic::Pulse> Characteristic::pulse(double from, double to) const {
  for (const double drive : {amplitude_, -amplitude_}) {
    const auto slowness = [&](double gamma) {
      const double rate = to > from ? drift(gamma, drive) : -drift(gamma, drive);
      return rate > 0.0 ? 1.0 / rate : std::nan("");
    };
    const double duration =
        boost::math::quadrature::gauss<double, 10>::integrate(slowness, std::min(from, to), std::max(from, to));
    if (duration > 0.0 && std::isfinite(duration)) return Pulse{drive, duration};
  }
  return {};
}

double Characteristic::threshold() const {
  const double rest = std::clamp(0.0, device_.lower(0), device_.upper(0));
  Regime<double> regime;
  evaluate_regime(device_, &rest, device_.input(&rest, 0.0), regime);
  if (device_.moves(0, regime)) return 0.0;
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < device_.guards(); ++k)
    if (const double level = std::abs(device_.drive_level(k)); level < lowest) lowest = level;
  return lowest;
}

}  // namespace memdyn
