// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "learn/pulser.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "record/table.hpp"
#include "run/drawn_devices.hpp"

namespace memdyn {

/// Names of the internal variables of all devices of a network.
[[nodiscard]] std::vector<std::string> variable_names(const Network& network);
/// The unit of these variables.
[[nodiscard]] std::string variable_unit(const Network& network);

/// Writes the trajectories of the pulses of a training. Each pulse is integrated a second time from its initial state,
/// with every step recorded, so that recording does not change the training. The last row of a pulse is the state that
/// the training itself reached, from which the next pulse begins. It differs from the end of the second integration
/// only by rounding, and it makes γ(t) exactly continuous. Rows stream to the file.
class TrajectoryRecorder final : public PulseTap {
 public:
  /// Creates the table. @throws IoError
  TrajectoryRecorder(ResultFile& file, const TrainingPlan& plan);
  /// Takes over the rows of the epochs that an earlier run has saved. @param epochs number of those, task x realization
  void resume(const ResultReader& left, const std::vector<double>& epochs);
  void flush() { table_->flush(); }
  void keep_up() { table_->keep_up(); }
  void at(std::size_t task, std::size_t realization, std::size_t epoch) {
    table_->end_group();  // a run that is resumed can begin here
    where_ = {task, realization, epoch};
    next_sample_ = 0;
  }

  void pulse(std::span<const double> before, std::span<const double> after, const Sent& sent) override;

 private:
  /// A time, and the drive at it.
  struct Moment {
    double time, drive;
  };
  /// The variables of the pulsed device among all variables.
  template <class Gamma>
  static auto own(Gamma& all, const Sent& sent) {
    return std::span(all).subspan(sent.first, sent.count);
  }
  void rest_until(double time, const Sent& sent);
  void reach(std::span<const double> after, const Sent& sent);
  void row(const Sent& sent, double time, double current, double voltage, std::span<const double> state,
           const Regime<double>& regime);
  template <class D>
  void end_row(const D& device, const Sent& sent, const Moment& at, std::span<const double> state);
  template <class D>
  void advance_with_rest(const D& device, const Sent& sent, Recording& recording) const;
  template <class D>
  void integrate(const D& device, std::span<const double> after, const Sent& sent);
  template <class D>
  void jump(const D& device, std::span<const double> after, const Sent& sent);
  template <class D>
  void sample(const D& device, const Sent& sent);
  template <class D>
  void repeat(const D& device, std::span<const double> after, const Sent& sent);

  const TrainingPlan& plan_;
  DrawnDevices devices_;
  std::optional<GrowingTable> table_;
  std::array<std::size_t, 3> where_{};  ///< task, realization, epoch
  std::uint64_t next_sample_ = 0;       ///< of the uniform grid: the first point of this epoch without a row
  std::vector<double> gamma_, signs_;
  double rested_ = 0;  ///< time of the states in `gamma_` of the devices that are not pulsed [s]
};

}  // namespace memdyn
