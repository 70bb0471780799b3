// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "memdyn/circuit/composite_model.hpp"
#include "memdyn/device/any_device.hpp"

namespace memdyn {

/// Devices coupled in series or in parallel, as one device: an equivalent memristor. A part may itself be a composite.
/// CompositeModel documents the equations. Variables, guards and parameters are named "label.x".
class Composite final : public AnyDevice::Definition {
 public:
  static constexpr std::string_view own_kind = "composite";
  struct Part {
    AnyDevice device;
    std::string label;      ///< letters, digits and underscores; if empty: part_1, part_2, ...
    bool reversed = false;  ///< connected with its terminals exchanged
  };

  /// @throws InputError if there is no part, a label is not valid or is given twice, or more than one part fixes the
  /// quantity that all parts share: the voltage of a parallel coupling, the current of a series
  Composite(Coupling coupling, std::vector<Part> parts);
  [[nodiscard]] Coupling coupling() const { return coupling_; }
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  /// The labels of all parts, in the order of Model::ports(): each part is followed by those within it, as "cell.left".
  [[nodiscard]] std::vector<std::string> part_names() const;

  [[nodiscard]] std::string_view kind() const override { return own_kind; }
  [[nodiscard]] std::string_view name() const override { return name_of(coupling_); }
  [[nodiscard]] std::vector<std::string> variable_names() const override;
  [[nodiscard]] std::vector<std::string> variable_units() const override;
  [[nodiscard]] std::vector<std::string> guard_names() const override;
  [[nodiscard]] Properties properties() const override;
  [[nodiscard]] double typical_input() const override;
  [[nodiscard]] std::vector<AnyDevice::Number> numbers() const override;
  [[nodiscard]] AnyDevice with(const std::vector<double>& numbers) const override;

 private:
  Coupling coupling_;
  std::vector<Part> parts_;
};

/// The names of all parts of a composite; empty for other devices.
[[nodiscard]] std::vector<std::string> part_names(const AnyDevice& device);
/// A composite of `parts` as a device. @throws InputError as the constructor of Composite
[[nodiscard]] AnyDevice couple(Coupling coupling, std::vector<Composite::Part> parts);

}  // namespace memdyn
