// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "record/handle.hpp"

namespace memdyn::hdf5 {

/// Lengths of the axes of a dataspace.
inline std::vector<hsize_t> lengths(hid_t space) {
  std::vector<hsize_t> size(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, size.data(), nullptr);
  return size;
}

/// A part of an array: `count` elements from `start` on, along each axis.
struct Box {
  std::vector<hsize_t> start, count;
};

/// Selects, one after another, the boxes that together are `total` consecutive elements of an array, from element
/// `first` in row-major order. Calls `use(memory, box, taken)` for each: the dataspace of the values in memory, the
/// box, and its number of elements. Each box is as large as possible.
template <class Use>
void for_each_box(hid_t space, hsize_t first, hsize_t total, const Use& use) {
  const std::vector<hsize_t> size = lengths(space);
  while (total > 0) {
    hsize_t stride = 1;
    std::size_t axis = size.size() - 1;
    while (axis > 0 && first % (stride * size[axis]) == 0 && total >= stride * size[axis]) stride *= size[axis--];
    Box box{std::vector<hsize_t>(size.size(), 0), std::vector<hsize_t>(size.size(), 1)};
    hsize_t rest = first / stride;
    for (std::size_t k = axis + 1; k-- > 0; rest /= size[k]) box.start[k] = rest % size[k];
    for (std::size_t k = axis + 1; k < size.size(); ++k) box.count[k] = size[k];
    box.count[axis] = std::min<hsize_t>(total / stride, size[axis] - box.start[axis]);
    const hsize_t taken = box.count[axis] * stride;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, box.start.data(), nullptr, box.count.data(), nullptr);
    const Handle memory(H5Screate_simple(1, &taken, nullptr), H5Sclose);
    use(memory, box, taken);
    first += taken;
    total -= taken;
  }
}

/// Whether the file, of `bytes` bytes, holds every chunk of a box that was written. A file whose writer was killed may
/// have been cut short, for example by a copy that was interrupted; HDF5 reads zeros beyond its end.
inline bool is_stored(hid_t dataset, const Box& box, std::uint64_t bytes) {
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_layout(properties) != H5D_CHUNKED) {
    const haddr_t begin = H5Dget_offset(dataset);
    return begin == HADDR_UNDEF || begin + H5Dget_storage_size(dataset) <= bytes;
  }
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  H5Pget_chunk(properties, H5S_MAX_RANK, chunk.data());
  const std::size_t rank = box.start.size();
  std::vector<hsize_t> first(rank);
  for (std::size_t k = 0; k < rank; ++k) first[k] = box.start[k] / chunk[k] * chunk[k];
  for (auto at = first;;) {
    unsigned mask = 0;
    haddr_t begin = HADDR_UNDEF;
    hsize_t size = 0;
    if (H5Dget_chunk_info_by_coord(dataset, at.data(), &mask, &begin, &size) < 0) return false;
    if (begin != HADDR_UNDEF && begin + size > bytes) return false;
    std::size_t axis = rank;  // the next chunk in row-major order
    while (axis > 0 && (at[axis - 1] += chunk[axis - 1]) >= box.start[axis - 1] + box.count[axis - 1]) {
      --axis;
      at[axis] = first[axis];
    }
    if (axis == 0) return true;
  }
}

}  // namespace memdyn::hdf5
