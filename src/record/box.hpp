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
    std::vector<hsize_t> start(size.size(), 0);
    std::vector<hsize_t> count(size.size(), 1);
    hsize_t rest = first / stride;
    for (std::size_t k = axis + 1; k-- > 0; rest /= size[k]) start[k] = rest % size[k];
    for (std::size_t k = axis + 1; k < size.size(); ++k) count[k] = size[k];
    count[axis] = std::min<hsize_t>(total / stride, size[axis] - start[axis]);
    const hsize_t taken = count[axis] * stride;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    const Handle memory(H5Screate_simple(1, &taken, nullptr), H5Sclose);
    use(memory, taken);
    first += taken;
    total -= taken;
  }
}

/// Whether the file, of `bytes` bytes, holds the chunks of an array that were written. A file whose writer was killed
/// may have been cut short, for example by a copy that was interrupted; HDF5 reads zeros beyond its end. HDF5 1.10 goes
/// through the index of chunks for each question, so that of many chunks only some are asked for, evenly spaced, among
/// them the last.
inline bool is_stored(hid_t dataset, std::uint64_t bytes) {
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_layout(properties) != H5D_CHUNKED) {
    const haddr_t begin = H5Dget_offset(dataset);
    return begin == HADDR_UNDEF || begin + H5Dget_storage_size(dataset) <= bytes;
  }
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const std::vector<hsize_t> size = lengths(space);
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  H5Pget_chunk(properties, H5S_MAX_RANK, chunk.data());
  std::vector<hsize_t> count(size.size());
  hsize_t all = 1;
  for (std::size_t k = 0; k < size.size(); ++k) {
    count[k] = (size[k] + chunk[k] - 1) / chunk[k];
    all *= count[k];
  }
  constexpr hsize_t most_steps = 50'000'000, least_questions = 16;  // through the index, a second or two
  const hsize_t questions = std::max(least_questions, most_steps / std::max<hsize_t>(1, all));
  const hsize_t stride = std::max<hsize_t>(1, all / questions);
  for (hsize_t n = all; n > 0; n -= std::min(n, stride)) {
    std::vector<hsize_t> at(size.size());
    hsize_t rest = n - 1;
    for (std::size_t k = size.size(); k-- > 0; rest /= count[k]) at[k] = rest % count[k] * chunk[k];
    unsigned mask = 0;
    haddr_t begin = HADDR_UNDEF;
    hsize_t length = 0;
    if (H5Dget_chunk_info_by_coord(dataset, at.data(), &mask, &begin, &length) < 0) return false;
    if (begin != HADDR_UNDEF && begin + length > bytes) return false;
  }
  return true;
}

}  // namespace memdyn::hdf5
