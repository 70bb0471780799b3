// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memdyn/record/result_reader.hpp"

namespace memdyn::rules {

enum Polarity : std::size_t { up, down };

/// What a table file (include/memdyn/record/README.md) says of a device; conductances in siemens.
struct Measured {
  std::string title;
  bool forgets = false;
  std::vector<double> conductance;            ///< of the nodes, equidistant and rising
  std::array<std::vector<double>, 2> change;  ///< by one pulse, from each node, by polarity
  std::array<std::vector<bool>, 2> cut;       ///< a bound of the state cuts the change
  std::array<std::vector<double>, 2> series;  ///< before and after each of some pulses up, then down
  double sequence_start = 0;                  ///< before the sequence
  std::vector<bool> sequence_up;              ///< polarity of each pulse of the sequence
  std::vector<double> sequence;               ///< after each of them, integrated
  std::size_t samples = 0;                    ///< devices that were drawn
  std::vector<double> sample_conductance;     ///< sample x node; NaN if the device was refused
  std::vector<double> sample_change;          ///< sample x polarity x node

  [[nodiscard]] double lowest() const { return conductance.front(); }
  [[nodiscard]] double range() const { return conductance.back() - conductance.front(); }
  /// The change from a node, or where a bound cuts it, that from the nearest node where none does: a change that is
  /// cut says nothing about its length, and whoever uses the rule cuts it again.
  /// @throws InputError if a bound cuts every change
  [[nodiscard]] double uncut(Polarity polarity, std::size_t node) const;
};

/// @throws IoError if the file is no table, or a damaged one
[[nodiscard]] Measured read_measured(const ResultReader& file);

/// A file of an export.
struct Exported {
  std::string name, text;
};

/// How the consumer of a format applies one pulse, according to what was written.
class Rule {
 public:
  virtual ~Rule() = default;
  virtual void start(double conductance) = 0;
  virtual void pulse(Polarity polarity) = 0;
  [[nodiscard]] virtual double conductance() const = 0;  ///< [S]
};

/// A format that one simulator reads.
struct Format {
  std::string_view name;
  std::string_view consumer;
  /// The files of a device. `notes` receives what the format loses.
  /// @throws InputError if the format cannot hold the device
  std::vector<Exported> (*write)(const Measured& device, std::vector<std::string>& notes);
  /// The consumer's rule, as it reads these files; null if it has no rule for a pulse.
  std::unique_ptr<Rule> (*read)(const std::vector<Exported>& files);
};
[[nodiscard]] const std::vector<Format>& formats();

/// The formats; each in a file of its own.
extern const Format aihwkit, aihwkit_csv, crosssim_2, crosssim_3, xbtorch, neurosim;

/// Numbers separated by commas or white space, line by line.
[[nodiscard]] std::vector<std::vector<double>> rows_of(std::string_view text);
/// The text of a file of an export.
[[nodiscard]] const std::string& text_of(const std::vector<Exported>& files, std::string_view name);
/// @throws InputError saying why a format cannot hold a device
[[noreturn]] void cannot_hold(std::string_view format, const std::string& why);

/// The series of equal pulses, each as far as every pulse changes the conductance in its direction; behind the pulse
/// that ends at a bound nothing changes. @throws InputError if fewer than three pulses are left
[[nodiscard]] std::array<std::vector<double>, 2> monotone_series(const Measured& device, std::string_view format);
/// The changes that the drawn devices make at a node's conductance, one per device, ascending: of a device that has
/// other nodes, by straight lines between these. Those of a device that does not reach that conductance are left out.
/// @returns the change of the device itself if none was drawn
[[nodiscard]] std::vector<double> changes_at(const Measured& device, Polarity polarity, std::size_t node);

/// A rule along two measured curves: a pulse moves by one pulse along the curve of its polarity, from the place where
/// the curve has the conductance, with straight lines between its points.
class AlongCurves final : public Rule {
 public:
  /// @param curves conductance after 0, 1, ... pulses, up: rising, down: falling
  explicit AlongCurves(std::array<std::vector<double>, 2> curves) : curves_(std::move(curves)) {}
  void start(double conductance) override { conductance_ = conductance; }
  void pulse(Polarity polarity) override;
  [[nodiscard]] double conductance() const override { return conductance_; }

 private:
  std::array<std::vector<double>, 2> curves_;
  double conductance_ = 0;
};

}  // namespace memdyn::rules
