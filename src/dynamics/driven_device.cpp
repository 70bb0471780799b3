// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/driven_device.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cmath>

#include "circuit/model_over.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "memdyn/scalar/series.hpp"

namespace memdyn {

namespace {
using Number = Derivatives;
}

struct DrivenDevice::Linear {
  Driven<Number> device;
};
struct DrivenDevice::Expanded {
  Driven<Series<double>> device;
};
const DrivenDevice::Linear& DrivenDevice::linear() const {
  if (!linear_) {
    const Driven<Number> device(model_over<Number>(device_), source_);
    linear_ = std::make_shared<const Linear>(Linear{in_coordinates_ ? device.integrated() : device});
  }
  return *linear_;
}
const DrivenDevice::Expanded& DrivenDevice::expanded() const {
  if (!expanded_) {
    const Driven<Series<double>> device(model_over<Series<double>>(device_), source_);
    expanded_ = std::make_shared<const Expanded>(Expanded{in_coordinates_ ? device.integrated() : device});
  }
  return *expanded_;
}

void DrivenDevice::expand(std::span<const std::size_t> active, std::span<const double> gamma, const double* drive,
                          double unit, const Regime<double>& regime, stepper::TaylorSeries<double>& series) const {
  const Driven<Series<double>>& device = expanded().device;
  std::vector<Series<double>> state(gamma.begin(), gamma.end());
  std::vector<double> begin;
  for (const std::size_t i : active) begin.push_back(gamma[i]);
  const auto rates = [&](const auto& x, const Series<double>& /*t*/, auto& dxdt) {
    for (std::size_t j = 0; j < active.size(); ++j) state[active[j]] = x[j];
    const Series<double> u = device.input(state, Series<double>::of(drive), regime);
    for (std::size_t j = 0; j < active.size(); ++j) dxdt[j] = device.drift(active[j], state, u, regime);
  };
  series.expand(rates, begin, 0.0, unit);
}

double DrivenDevice::guard_rate(std::size_t k, std::span<const double> gamma, std::span<const double> velocity,
                                double drive, double drive_rate, const Regime<double>& regime) const {
  const Driven<Number>& device = linear().device;
  boost::container::small_vector<Number, 8, std::allocator<Number>> state;  // heeds alignment
  const auto along = [](double value, double rate) {                        // along the first direction
    Number number(value, Number::DerType::Zero());
    number.derivatives()(0) = rate;
    return number;
  };
  for (std::size_t i = 0; i < gamma.size(); ++i) state.push_back(along(gamma[i], velocity[i]));
  const Number now = along(drive, drive_rate);
  const Number guard = k < device.guards() ? device.guard(k, state, device.input(state, now, regime))
                                           : device.source_guard(k - device.guards(), state, now);
  return guard.derivatives()(0);
}

void DrivenDevice::differentiate(std::span<const std::size_t> active, std::span<const double> gamma, double drive,
                                 double drive_rate, const Regime<double>& regime, double* jacobian,
                                 double* by_time) const {
  const auto number = [](double value) { return Number(value, Number::DerType::Zero()); };
  const Driven<Number>& device = linear().device;
  boost::container::small_vector<Number, 8, std::allocator<Number>> state;  // heeds alignment
  const std::size_t n = active.size();
  for (std::size_t first = 0; first <= n; first += directions) {
    state.clear();
    for (const double one : gamma) state.push_back(number(one));
    Number u = number(drive);
    const std::size_t beyond = std::min(n + 1, first + directions);
    for (std::size_t j = first; j < beyond; ++j)
      (j < n ? state[active[j]] : u).derivatives()(static_cast<Eigen::Index>(j - first)) = j < n ? 1.0 : drive_rate;
    u = device.input(state, u, regime);
    for (std::size_t i = 0; i < n; ++i) {
      const Number drift = device.drift(active[i], state, u, regime);
      for (std::size_t j = first; j < beyond; ++j)
        (j < n ? jacobian[i * n + j] : by_time[i]) = drift.derivatives()(static_cast<Eigen::Index>(j - first));
    }
  }
}

DrivenDevice DrivenDevice::under(const Source& source) const { return driven(device_, source); }

DrivenDevice DrivenDevice::integrated() const {
  DrivenDevice own = *this;
  static_cast<Driven<double>&>(own) = Driven<double>::integrated();
  own.in_coordinates_ = true;
  own.linear_ = nullptr;
  own.expanded_ = nullptr;
  return own;
}

bool DrivenDevice::has_derivatives() const { return exists_over<Derivatives>(device_); }
bool DrivenDevice::has_series() const {
  return device_.properties().smoothness == Properties::smooth && has_derivatives();
}

Method DrivenDevice::admitted(Method method) const {
  if (method == Method::taylor && device_.properties().smoothness < Properties::smooth)
    throw InputError(std::string(name()), "method", std::string(name_of(method)),
                     fmt::format("needs a drift that is smooth within every regime, but this drift has {} continuous "
                                 "derivatives; use an explicit pair",
                                 device_.properties().smoothness));
  if (has_derivatives()) return method;
  if (method == Method::rosenbrock4 || method == Method::taylor)
    throw InputError(std::string(name()), "method", std::string(name_of(method)),
                     "needs derivatives, which this device does not have; add its model to the catalogue with "
                     "add_model(), or use an explicit pair");
  return method == Method::automatic ? Method::dopri5 : method;
}

std::vector<std::string> DrivenDevice::guard_names() const {
  auto names = device_.guard_names();
  for (const std::size_t side : {0, 1})
    if (std::isfinite(source_.compliance[side]))
      names.emplace_back(side == 0 ? "compliance (negative)" : "compliance (positive)");
  return names;
}

DrivenDevice driven(const AnyDevice& device, const Source& source) {
  const auto refuse = [&](const char* key, double value, const char* remedy) {
    throw InputError(std::string(device.name()), key, fmt::format("{}", value), remedy);
  };
  if (!(source.series_resistance >= 0.0 && std::isfinite(source.series_resistance)))
    refuse("series_resistance", source.series_resistance, "must be finite and 0 Ohm or more");
  for (const double limit : source.compliance)
    if (!(limit > 0.0)) refuse("compliance", limit, "must be above 0: a magnitude, without a sign");
  return {device, source};
}

std::string several_answers(const AnyDevice& device, const Source& source) {
  const Property grows = device.properties().grows;
  if (grows.holds || device.model().ohmic || device.model().fixes_current || driven(device, source).native()) return "";
  const bool voltage = device.control() == Quantity::current;
  return fmt::format("{} has several {} for one {} ({})", device.name(), voltage ? "currents" : "voltages",
                     voltage ? "voltage" : "current", grows.why);
}

Source native_source(const AnyDevice& device) { return {device.control(), 0.0}; }

}  // namespace memdyn
