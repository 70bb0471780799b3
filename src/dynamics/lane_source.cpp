// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/lane_source.hpp"

#include <string>

#include "memdyn/core/error.hpp"

namespace memdyn {

void throw_numerical_error(std::string_view device, double time, LaneFailure failure) {
  const char* what = failure == LaneFailure::tolerance    ? "the tolerance cannot be reached"
                     : failure == LaneFailure::not_finite ? "the drift is not a finite number"
                     : failure == LaneFailure::runs_away  ? "the state runs away, faster than time has digits for"
                     : failure == LaneFailure::step_limit ? "it takes more steps than it is given"
                     : failure == LaneFailure::no_solution
                         ? "in this state nothing gives the current or voltage that is asked for"
                         : "switches back and forth without advancing: several guards meet here, and no single state "
                           "follows; write them "
                           "as one guard, or make the switches gradual";
  throw NumericalError(std::string(device), time, "of a lane", what);
}

}  // namespace memdyn
