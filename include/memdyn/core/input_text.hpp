// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace memdyn {

/// A file that a scenario names (a device, a data set, a waveform), as it was read. The result keeps it, so that the
/// run can be repeated from the result alone.
struct InputText {
  std::string name;  ///< as seen from the folder of the scenario
  std::string text;
};

}  // namespace memdyn
