// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/learn/dataset.hpp"
#include "memdyn/learn/node_activation.hpp"

namespace memdyn {

/// The least ½ Σ (T - O)² over the rows of a data set of one target that any polynomial p of a degree in the inputs
/// reaches, by least squares. A network whose hidden nodes are `square`, with L hidden layers of any width, computes
/// such a polynomial of degree 2^L at the net input of its output node. With a linear output node O = p; with one that
/// squares O = p² (κ is a part of p), of which the best of many local minima is taken; with a rectified one O = p²
/// where p > 0, for which this is not computed: NaN.
[[nodiscard]] double polynomial_floor(const Dataset& data, unsigned degree, NodeActivation output);

}  // namespace memdyn
