// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>

#include "memdyn/device/device.hpp"

namespace memdyn {

/// Stands in for the Integrator in a discrete twin: for devices whose drift does not depend on the state, a rectangular
/// pulse moves γ by drift × duration, up to the bound. Exact, and the rule that others train with.
template <class D>
class ClosedForm {
  static_assert(!D::drift_depends_on_state, "only a drift in the current alone has this closed form");

 public:
  explicit ClosedForm(D device) : device_(std::move(device)) {}
  [[nodiscard]] const D& device() const noexcept { return device_; }

  void pulse(std::span<double> gamma, double current, double duration) {
    evaluate_regime(device_, gamma, current, regime_);
    for (std::size_t i = 0; i < device_.size(); ++i)
      if (device_.moves(i, regime_))
        gamma[i] = std::clamp(gamma[i] + device_.drift(i, gamma, current, regime_) * duration, device_.lower(i),
                              device_.upper(i));
  }

 private:
  D device_;
  Regime<double> regime_;
};

}  // namespace memdyn
