// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>

namespace memdyn {

/// One way to read the paper's equations; README.md of this folder says what each does. The default is canonical.
struct Reading {
  const char* name = "canonical";
  const char* meaning = "mirrored drift, difference of probes, additive bias";
  bool single_layer = true;  ///< differs from the canonical one in the single-layer perceptron
  bool multilayer = true;

  bool printed_window = false;  ///< Eq. 6 as printed (the device's option)
  bool sign_of_error = false;   ///< Algorithm 1: the sign of the window from Δ, not from the update

  enum class Output { difference, end_voltage, at_rest } output = Output::difference;
  double output_sign = 1.0;        ///< -1: Eq. 16 as printed
  bool one_sided_node = false;     ///< Eq. 8 as printed
  bool one_sided_synapse = false;  ///< Eq. 18 as printed
  bool slope_bias = false;         ///< the bias is the memristance at rest, not added to the drive
  bool printed_bias_rule = false;  ///< Eq. 20 for a bias that is a slope
  bool printed_delta = false;      ///< Eq. 19a with the target
  bool printed_drive = false;      ///< Eq. 13: I_γ added to a current as if c were 1
};

/// Every reading, canonical first.
[[nodiscard]] std::span<const Reading> readings();
/// @throws InputError naming the nearest
[[nodiscard]] const Reading& reading(const std::string& name);

}  // namespace memdyn
