// SPDX-License-Identifier: MIT
#include "memdyn/device/any_device.hpp"

namespace memdyn {

std::vector<std::string> AnyDevice::Definition::guard_names() const {
  std::vector<double> state;  // any state: a guard with a drive level depends on the input alone
  for (std::size_t i = 0; i < model->scale.size(); ++i)
    state.push_back(std::isfinite(model->lower[i])   ? model->lower[i]
                    : std::isfinite(model->upper[i]) ? model->upper[i]
                                                     : 0.0);
  std::vector<std::string> names;
  for (std::size_t k = 0; k < model->levels.size(); ++k) {
    auto& name = names.emplace_back(fmt::format("guard {}", k));
    const double level = model->levels[k];
    if (!std::isfinite(level)) continue;
    const double above = level == 0.0 ? 1.0 : level + std::abs(level);
    name += fmt::format(": {} {} {:.6g} {}", name_of(model->control),
                        model->guard(k, state.data(), above) > 0.0 ? '>' : '<', level + 0.0, unit_of(model->control));
  }
  return names;
}

}  // namespace memdyn
