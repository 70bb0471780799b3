// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/record/result_file.hpp"
#include "memdyn/run/table.hpp"
#include "run/pulse_history.hpp"

namespace memdyn {

/// Fits the rules of training simulators to a table, and writes what they, and given rules, predict.
/// @param histories at least one; the first is the sequence of the table @throws InputError, IoError
std::vector<RuleReport> write_rules(ResultFile& file, const PulseTable& table,
                                    const std::vector<PulseHistory>& histories, const std::vector<GivenRule>& given);

}  // namespace memdyn
