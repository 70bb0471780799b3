// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/record/result_file.hpp"
#include "memdyn/run/table.hpp"

namespace memdyn {

/// A sequence of pulses, integrated.
struct PulseSequence {
  double start = 0;                 ///< conductance before it [S]
  std::vector<double> polarity;     ///< +1 for a pulse up, -1 for one down
  std::vector<double> conductance;  ///< after each pulse [S]
};

/// Fits the rules of training simulators to a table, and writes what they predict. @throws InputError, IoError
std::vector<RuleReport> write_rules(ResultFile& file, const PulseTable& table, const PulseSequence& sequence);

}  // namespace memdyn
