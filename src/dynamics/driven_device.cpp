// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/driven_device.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <vector>

#include "memdyn/core/scalar.hpp"
#include "memdyn/device/model_over.hpp"

namespace memdyn {

struct DrivenDevice::Linear {
  Driven<Dual<1>> device;
};

void DrivenDevice::differentiate(std::span<const std::size_t> active, std::span<const double> gamma, double drive,
                                 double drive_rate, const Regime<double>& regime, double* jacobian,
                                 double* by_time) const {
  using Number = Dual<1>;
  const auto number = [](double value, double derivative) {
    return Number(value, Number::DerType::Constant(derivative));
  };
  if (!linear_) linear_ = std::make_shared<const Linear>(Linear{{model_over<Number>(device_), source_}});
  const Driven<Number>& device = linear_->device;
  std::vector<Number> state;
  for (const double one : gamma) state.push_back(number(one, 0.0));
  const std::size_t n = active.size();
  for (std::size_t j = 0; j <= n; ++j) {
    if (j < n) state[active[j]].derivatives()(0) = 1.0;
    const Number u = device.input(state, number(drive, j == n ? drive_rate : 0.0), regime);
    for (std::size_t i = 0; i < n; ++i) {
      const double derivative = device.drift(active[i], state, u, regime).derivatives()(0);
      (j < n ? jacobian[i * n + j] : by_time[i]) = derivative;
    }
    if (j < n) state[active[j]].derivatives()(0) = 0.0;
  }
}

double DrivenDevice::fastest_decay(std::span<const std::size_t> active, std::span<const double> gamma, double drive,
                                   const Regime<double>& regime) const {
  if (active.empty()) return 0.0;
  const auto n = static_cast<Eigen::Index>(active.size());
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> jacobian(n, n);
  Eigen::VectorXd by_time(n);
  differentiate(active, gamma, drive, 0.0, regime, jacobian.data(), by_time.data());
  if (!jacobian.allFinite()) return 0.0;
  double fastest = 0.0;
  for (const auto& eigenvalue : jacobian.eigenvalues())
    if (eigenvalue.real() < 0.0) fastest = std::max(fastest, std::abs(eigenvalue));
  return fastest;
}

DrivenDevice driven(const AnyDevice& device, const Source& source) { return {device, source}; }

Source native_source(const AnyDevice& device) { return {device.control(), 0.0}; }

}  // namespace memdyn
