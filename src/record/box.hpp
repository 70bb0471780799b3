// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace memdyn::hdf5 {

/// Lengths of the axes of a dataspace.
inline std::vector<hsize_t> lengths(hid_t space) {
  std::vector<hsize_t> size(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, size.data(), nullptr);
  return size;
}

/// Calls `use(start, count, taken)` for the boxes that together are `total` consecutive elements of an array, from
/// element `first` in row-major order; each box has `taken` elements and is as large as possible.
template <class Use>
void for_each_box(const std::vector<hsize_t>& size, hsize_t first, hsize_t total, const Use& use) {
  while (total > 0) {
    hsize_t stride = 1;
    std::size_t axis = size.size() - 1;
    while (axis > 0 && first % (stride * size[axis]) == 0 && total >= stride * size[axis]) stride *= size[axis--];
    std::vector<hsize_t> start(size.size(), 0);
    hsize_t rest = first / stride;
    for (std::size_t k = axis + 1; k-- > 0; rest /= size[k]) start[k] = rest % size[k];
    std::vector<hsize_t> count(size.size(), 1);
    for (std::size_t k = axis + 1; k < size.size(); ++k) count[k] = size[k];
    count[axis] = std::min<hsize_t>(total / stride, size[axis] - start[axis]);
    const hsize_t taken = count[axis] * stride;
    use(start, count, taken);
    first += taken;
    total -= taken;
  }
}

}  // namespace memdyn::hdf5
