// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/dynamics/taylor.hpp"

namespace memdyn {

/// Any device under any source: the integrator runs it if the model is not known at compile time. The derivatives of
/// its drift are exact: dual numbers, also through equations that are solved for the input.
class DrivenDevice : public Driven<double> {
 public:
  DrivenDevice(AnyDevice device, const Source& source)
      : Driven<double>(device.shared_model(), source), device_(std::move(device)), source_(source) {}

  /// The same device under another source. @throws InputError as driven()
  [[nodiscard]] DrivenDevice under(const Source& source) const;
  /// The same device in the coordinates that are integrated.
  [[nodiscard]] DrivenDevice integrated() const;
  /// The method that integrates the device if `method` is requested: dopri5 for "auto" if the device has no
  /// derivatives, else `method`.
  /// @throws InputError for rosenbrock4 or taylor if the device has no derivatives, and for taylor if the device
  /// declares kinks in its drift
  [[nodiscard]] Method admitted(Method method) const;
  /// True if the device has derivatives: each of its models is in the catalogue or given as text.
  [[nodiscard]] bool has_derivatives() const;
  /// True if its drift has Taylor series: it has derivatives, and is smooth within every regime.
  [[nodiscard]] bool has_series() const;
  /// One name per guard, in the order of a regime: the guards of the device, then those of the source, "compliance
  /// (negative)" and "compliance (positive)", if it has these limits.
  [[nodiscard]] std::vector<std::string> guard_names() const;

  /// Computes the derivatives of the drifts of the n variables `active`, with respect to these variables and to time.
  /// @param gamma the whole state
  /// @param drive_rate rate of the drive [A/s] or [V/s]
  /// @param jacobian n x n, row by row [1/s, in the units of the variables]
  /// @param by_time n numbers
  void differentiate(std::span<const std::size_t> active, std::span<const double> gamma, double drive,
                     double drive_rate, const Regime<double>& regime, double* jacobian, double* by_time) const;

  /// Computes the Taylor series of the variables `active` along the trajectory that starts at `gamma`.
  /// @param gamma the whole state
  /// @param drive the coefficients of the drive per `unit` of time; their number is the order of the series
  /// @param unit unit of time [s]
  void expand(std::span<const std::size_t> active, std::span<const double> gamma, const double* drive, double unit,
              const Regime<double>& regime, stepper::TaylorSeries<double>& series) const;

  /// The rate of guard k [its unit / s] while the state moves and the drive changes. Guards of the source follow those
  /// of the model.
  /// @param velocity rate of each variable of the state [unit of the variable / s]
  /// @param drive_rate [A/s] or [V/s]
  [[nodiscard]] double guard_rate(std::size_t k, std::span<const double> gamma, std::span<const double> velocity,
                                  double drive, double drive_rate, const Regime<double>& regime) const;

 private:
  /// The same device over dual numbers, and over series.
  struct Linear;
  struct Expanded;
  const Linear& linear() const;
  const Expanded& expanded() const;
  AnyDevice device_;
  Source source_;
  bool in_coordinates_ = false;
  mutable std::shared_ptr<const Linear> linear_;      ///< created at first use; not thread-safe
  mutable std::shared_ptr<const Expanded> expanded_;  ///< likewise
};

/// Couples a device to a source. @throws InputError for a negative or infinite resistance, or a limit not above 0
[[nodiscard]] DrivenDevice driven(const AnyDevice& device, const Source& source);
/// Explains why a source cannot drive a device: for one value of the prescribed quantity, which is not the input of the
/// model, the device has several values of the other. Empty if the source can drive the device.
[[nodiscard]] std::string several_answers(const AnyDevice& device, const Source& source);
/// A source that prescribes the input of the model, current or voltage, without a series resistance.
[[nodiscard]] Source native_source(const AnyDevice& device);

}  // namespace memdyn
