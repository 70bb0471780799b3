// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// What one test of the conformance suite found.
struct Verdict {
  enum class Outcome {
    holds,
    fails,
    not_claimed  ///< the model says that it lacks the property
  };
  std::string test;
  Outcome outcome;
  std::string detail;  ///< the worst that was found and where, or why the property is lacking
};

/// Holds a device to what it promises, and to what every device must do, on states and waveforms drawn at random (the
/// same for every run):
///  - passive: V I >= 0; pinched: V = 0 where I = 0; at rest the drift vanishes, unless the model is volatile
///  - the drift is smooth inside of every frozen regime, to the declared order or the third derivative
///  - its Jacobian by dual numbers agrees with finite differences
///  - driven by the quantity that is not its input, it finds its input again, to 1e-12 times the condition number
///  - a source with a compliance holds its limits
///  - states stay within their bounds, and leave a bound at once when the drive is reversed
///  - a waveform that is shifted in time, or cut into more segments, gives the same
///  - the error falls with the tolerance, methods agree, lanes of every instruction set agree with one lane
/// Errors are counted over their growth along the trajectory; one on which they grow by more than 1e4 is passed over,
/// and another drawn.
/// @throws whatever `progress` throws
[[nodiscard]] std::vector<Verdict> conformance(const AnyDevice& device, const Progress& progress);

}  // namespace memdyn
