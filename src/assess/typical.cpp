// SPDX-License-Identifier: MIT
#include "assess/typical.hpp"

#include <algorithm>
#include <cmath>

#include "memdyn/core/random.hpp"
#include "memdyn/dynamics/ensemble.hpp"

namespace memdyn {

Typical typical(const AnyDevice& device, const Source& source, double amplitude) {
  const DrivenDevice model = driven(device, source);
  Typical typical;
  for (std::size_t i = 0; i < model.size(); ++i) {
    typical.low.push_back(std::isfinite(model.lower(i)) ? model.lower(i) : -model.scale(i));
    typical.high.push_back(std::isfinite(model.upper(i)) ? model.upper(i) : model.scale(i));
  }
  RandomStream random(1, 0, Purpose::samples);
  std::vector<double> gamma(model.size());
  Regime<double> regime;
  std::vector<double> rates;
  for (int n = 0; n < 200; ++n) {
    for (std::size_t i = 0; i < gamma.size(); ++i) gamma[i] = random.uniform(typical.low[i], typical.high[i]);
    const double u = model.input(gamma, amplitude * (n % 2 == 0 ? 1 : -1));
    evaluate_regime(model, gamma, u, regime);
    for (std::size_t i = 0; i < gamma.size(); ++i)
      if (const double rate = std::abs(model.drift(i, gamma, u, regime)) / model.scale(i);
          rate > 0 && std::isfinite(rate))
        rates.push_back(rate);
  }
  std::ranges::sort(rates);
  if (!rates.empty()) typical.duration = 1.0 / rates[rates.size() / 2];
  return typical;
}

}  // namespace memdyn
