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

/// Any device under any source: what the integrator runs where the model is not known before. It knows the exact
/// derivatives of its drift, by dual numbers through whatever is solved for.
class DrivenDevice : public Driven<double> {
 public:
  DrivenDevice(AnyDevice device, const Source& source)
      : Driven<double>(device.shared_model(), source), device_(std::move(device)), source_(source) {}

  /// The same in the coordinates that integrators take.
  [[nodiscard]] DrivenDevice integrated() const;
  /// The method that integrates it where `method` is asked for: "auto" is dopri5 where a model that is not of the list
  /// gives no derivatives. @throws InputError for rosenbrock4 and taylor there, and for taylor where the device says
  /// that its drift has kinks
  [[nodiscard]] Method admitted(Method method) const;
  /// The model is of the list: it tells its derivatives.
  [[nodiscard]] bool has_derivatives() const;
  /// Its drift has Taylor series: the model is of the list, and smooth inside of every regime.
  [[nodiscard]] bool has_series() const;
  /// One a guard, in the order of a regime: those of the device, then those of the source, "compliance (negative)" and
  /// "compliance (positive)", where it has them.
  [[nodiscard]] std::vector<std::string> guard_names() const;

  /// The derivatives of the drift of the variables `active`, n of them, with respect to one another, and to time where
  /// the drive changes at `drive_rate` [A/s] or [V/s].
  /// @param gamma the whole state
  /// @param jacobian n x n, row by row [1/s, in the units of the variables]
  /// @param by_time n numbers
  void differentiate(std::span<const std::size_t> active, std::span<const double> gamma, double drive,
                     double drive_rate, const Regime<double>& regime, double* jacobian, double* by_time) const;

  /// The Taylor series of the variables `active` along the trajectory that begins at `gamma`.
  /// @param gamma the whole state
  /// @param drive the coefficients of the drive in the series' unit of time, as many as the series' order
  /// @param unit of time [s]
  void expand(std::span<const std::size_t> active, std::span<const double> gamma, const double* drive, double unit,
              const Regime<double>& regime, stepper::TaylorSeries<double>& series) const;

  /// How fast guard k changes [its unit / s] while the state moves and the drive changes. Guards of the source follow
  /// those of the model.
  /// @param velocity of all variables [unit of the variable / s]
  /// @param drive_rate [A/s] or [V/s]
  [[nodiscard]] double guard_rate(std::size_t k, std::span<const double> gamma, std::span<const double> velocity,
                                  double drive, double drive_rate, const Regime<double>& regime) const;

 private:
  /// It over another scalar than double.
  struct Linear;
  struct Expanded;
  const Linear& linear() const;
  const Expanded& expanded() const;
  AnyDevice device_;
  Source source_;
  bool in_coordinates_ = false;
  mutable std::shared_ptr<const Linear> linear_;      ///< made when it is first asked for, by one thread
  mutable std::shared_ptr<const Expanded> expanded_;  ///< likewise
};

/// @throws InputError for a resistance or a compliance that is none
[[nodiscard]] DrivenDevice driven(const AnyDevice& device, const Source& source);
/// Why a source cannot drive a device: the device gives several answers to the quantity that is not its own input.
/// Empty where it can.
[[nodiscard]] std::string several_answers(const AnyDevice& device, const Source& source);
/// A current or a voltage as the model has it, with nothing in series.
[[nodiscard]] Source native_source(const AnyDevice& device);

}  // namespace memdyn
