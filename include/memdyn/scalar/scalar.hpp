// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <unsupported/Eigen/AutoDiff>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// A dual number, beside `double` and Pack what a device is instantiated with: it carries the derivatives with respect
/// to N directions.
template <int N>
using Dual = Eigen::AutoDiffScalar<Eigen::Matrix<double, N, 1>>;

}  // namespace memdyn
