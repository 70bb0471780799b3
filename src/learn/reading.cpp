// SPDX-License-Identifier: MIT
#include "memdyn/learn/reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "memdyn/core/error.hpp"

namespace memdyn {

std::span<const Reading> readings() {
  using enum Reading::Output;
  static constexpr Reading all[] = {
      {},
      {.name = "eq6-printed",
       .meaning = "second term of Eq. 6 as printed",
       .multilayer = false,
       .printed_window = true},
      {.name = "algorithm1-sign",
       .meaning = "sign of the window from the error alone",
       .multilayer = false,
       .sign_of_error = true},
      {.name = "end-voltage",
       .meaning = "output is the voltage at the end of the drive",
       .single_layer = false,
       .output = end_voltage},
      {.name = "one-sided-node",
       .meaning = "node drifts for positive currents only",
       .single_layer = false,
       .one_sided_node = true},
      {.name = "slope-bias",
       .meaning = "end voltage, bias as a slope with its true gradient",
       .single_layer = false,
       .output = end_voltage,
       .slope_bias = true},
      {.name = "node-at-rest",
       .meaning = "no drift during the read: the node is linear",
       .single_layer = false,
       .output = at_rest,
       .slope_bias = true},
      {.name = "eq8-printed",
       .meaning = "Eq. 8 and 18 as printed: no drift for negative currents",
       .single_layer = false,
       .one_sided_node = true,
       .one_sided_synapse = true},
      {.name = "eq13-printed",
       .meaning = "Eq. 13 as printed, in SI units: a velocity added to a current",
       .single_layer = false,
       .printed_drive = true},
      {.name = "eq16-printed",
       .meaning = "Eq. 16 as printed: output -kappa I0^2",
       .single_layer = false,
       .output_sign = -1.0},
      {.name = "eq19-printed",
       .meaning = "Eq. 19a as printed: delta from the target",
       .single_layer = false,
       .printed_delta = true},
      {.name = "eq20-printed",
       .meaning = "Eq. 20 as printed, for a bias that is a slope",
       .single_layer = false,
       .output = end_voltage,
       .slope_bias = true,
       .printed_bias_rule = true},
  };
  return all;
}

const Reading& reading(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& one : readings()) {
    if (name == one.name) return one;
    names.emplace_back(one.name);
  }
  throw InputError("", "reading", '"' + name + '"', fmt::format("must be one of {}", fmt::join(names, ", ")));
}

}  // namespace memdyn
