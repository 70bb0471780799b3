// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// Result of one test of the conformance suite.
struct Verdict {
  enum class Outcome {
    holds,
    fails,
    not_claimed  ///< the model declares that it lacks the property
  };
  std::string test;
  Outcome outcome;
  std::string detail;  ///< the largest deviation and where it was found, or why the property is lacking
};

/// Tests the properties that a device claims and those that every device must have, on random states and waveforms (the
/// same for every run):
///  - passive: V I >= 0; pinched: V = 0 where I = 0; at rest the drift vanishes, unless the model is volatile
///  - the drift is smooth within every frozen regime, to the declared order or the third derivative
///  - its Jacobian by dual numbers agrees with finite differences
///  - under a source of the quantity that is not its input, it recovers its input to 1e-12 times the condition number
///  - a source with a compliance holds its limits
///  - states stay within their bounds, and leave a bound at once when the drive is reversed
///  - shifting a waveform in time, or cutting it into more segments, does not change the result
///  - the error decreases with the tolerance, methods agree, lanes of every instruction set agree with one lane
/// Of a device without an internal variable only the port is tested: these claims, and the slope by dual numbers.
/// Errors are divided by their amplification along the trajectory; a trajectory that amplifies them by more than 1e4 is
/// replaced by another one.
/// @throws whatever `progress` throws
[[nodiscard]] std::vector<Verdict> conformance(const AnyDevice& device, const Progress& progress);

}  // namespace memdyn
