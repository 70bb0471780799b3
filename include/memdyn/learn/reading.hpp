// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>

namespace memdyn {

/// One interpretation ("reading") of the equations of Silva et al. 2020; README.md of this folder explains each. The
/// default is the canonical one.
struct Reading {
  const char* name = "canonical";
  const char* meaning = "mirrored drift, difference of probes, additive bias";
  bool single_layer = true;  ///< differs from the canonical reading in the single-layer perceptron
  bool multilayer = true;    ///< differs from it in the multilayer perceptron

  bool printed_window = false;  ///< Eq. 6 as printed (the device's option)
  bool sign_of_error = false;   ///< Algorithm 1: the sign of Δ, not that of the update, selects the sign of the window

  enum class Output { difference, end_voltage, at_rest } output = Output::difference;
  double output_sign = 1.0;        ///< -1: Eq. 16 as printed
  bool one_sided_node = false;     ///< Eq. 8 as printed
  bool one_sided_synapse = false;  ///< Eq. 18 as printed
  bool slope_bias = false;         ///< the bias is the memristance at rest, not added to the drive
  bool printed_bias_rule = false;  ///< Eq. 20 for a bias that is a slope
  bool printed_delta = false;      ///< Eq. 19a as printed, with the target in place of the error
  bool printed_drive = false;      ///< Eq. 13: I_γ added to a current as if c were 1
};

/// Every reading, canonical first.
[[nodiscard]] std::span<const Reading> readings();
/// The reading with this name. @throws InputError listing the names
[[nodiscard]] const Reading& reading(const std::string& name);

}  // namespace memdyn
