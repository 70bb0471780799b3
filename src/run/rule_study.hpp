// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"
#include "scenario/rule_study_plan.hpp"

// Twin trainings: up to where does an update rule predict what trainings of integrated devices come to?
namespace memdyn {

/// A share of trainings, with its interval of 95 % confidence (Wilson 1927).
struct Share {
  double share = 0, low = 0, high = 0;
};
/// @param all > 0
[[nodiscard]] Share share_of(std::size_t count, std::size_t all);

/// The last of the studied values up to which, in their order, the rule predicts enough outcomes. An index is empty if
/// not even the first value is such.
struct RuleLimit {
  std::optional<std::size_t> last;      ///< measured
  std::optional<std::size_t> certain;   ///< with 95 % confidence
  std::optional<std::size_t> violated;  ///< the first value at which it does not, with 95 % confidence
};

/// How trainings with one value of the number compare with those by the rule, for one task.
struct StudiedTask {
  Share succeeded;
  Share predicted;        ///< outcomes, success or not, that are those of the rule for the same data and weights
  double divergence = 0;  ///< rms difference of the final weights from the rule's, over the rms change by the rule
  double epochs = 0;      ///< median of the epochs up to the first success, over trainings that succeed; NaN for none
};

struct RuleStudyResult {
  std::vector<StudiedTask> rule;                 ///< by task; its divergence is 0, and its outcomes are predicted
  std::vector<StudiedTask> reference;            ///< integrated with the rule's own value
  std::vector<std::vector<StudiedTask>> values;  ///< value x task
  std::vector<RuleLimit> limits;                 ///< by task
  double pulses = 0;
  double seconds = 0;  ///< wall time [s]
};

/// Checks all trainings of a study before the first begins. @param part where it would be written; empty: nowhere
/// @throws InputError if it needs more than there is, or if a training is refused, naming the value
void require_studyable(const RuleStudyPlan& plan, const std::filesystem::path& part);
/// Trains by the rule, then for the rule's own value and for each of the others by integration, always with the same
/// data and initial weights, and writes a file (include/memdyn/record/README.md). What has been trained when the study
/// ends early is kept.
/// @throws InputError as require_studyable(); IoError, NumericalError, whatever `progress` throws
[[nodiscard]] RuleStudyResult study_rule(const RuleStudyPlan& plan, const std::filesystem::path& output,
                                         const Progress& progress);

}  // namespace memdyn
