// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <unsupported/Eigen/AutoDiff>

#include "memdyn/scalar/lanes.hpp"

namespace memdyn {

/// A dual number with derivatives in N directions. Devices are instantiated with it, as with `double` and Pack.
template <int N>
using Dual = Eigen::AutoDiffScalar<Eigen::Matrix<double, N, 1>>;
/// The dual number of exact derivatives; one evaluation differentiates along so many directions.
inline constexpr int directions = 4;
using Derivatives = Dual<directions>;

}  // namespace memdyn
