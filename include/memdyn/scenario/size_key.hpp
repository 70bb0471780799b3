// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace memdyn {

/// A number of a scenario, or an argument, that sets the size of a run. Before a run starts, its size is estimated; if
/// that is too large, the message names the key with the largest factor.
struct SizeKey {
  std::string where;     ///< "file:line"; empty for an argument
  std::string key;       ///< "record.interval"
  std::string value;     ///< in words
  double factor;         ///< by which it multiplies the size
  bool divides = false;  ///< a smaller value makes a larger run
};

}  // namespace memdyn
