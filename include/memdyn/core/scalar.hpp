// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <unsupported/Eigen/AutoDiff>
#include <xsimd/xsimd.hpp>

namespace memdyn {

/// The scalars that a device is instantiated with: `double`, a SIMD pack of doubles, and a dual number that
/// carries the derivatives with respect to N directions.
using Pack = xsimd::batch<double>;
template <int N>
using Dual = Eigen::AutoDiffScalar<Eigen::Matrix<double, N, 1>>;

template <class T>
struct MaskOf {
  using type = bool;
};
template <class A>
struct MaskOf<xsimd::batch<double, A>> {
  using type = xsimd::batch_bool<double, A>;
};
/// One truth value for a scalar, one a lane for a pack.
template <class T>
using Mask = typename MaskOf<T>::type;

/// `yes` where the mask holds, `no` elsewhere; never a branch on a pack.
template <class T>
T select(bool mask, const T& yes, const T& no) {
  return mask ? yes : no;
}
template <class A>
xsimd::batch<double, A> select(const xsimd::batch_bool<double, A>& mask, const xsimd::batch<double, A>& yes,
                               const xsimd::batch<double, A>& no) {
  return xsimd::select(mask, yes, no);
}

}  // namespace memdyn
