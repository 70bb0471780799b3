// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <functional>

#include "memdyn/core/error.hpp"

namespace memdyn {

/// Calls `work` while this thread holds the lock of HDF5, which is recursive. The only way to hold it is a callback of
/// HDF5: here that of a walk over a stack with one entry.
///
/// A process is started with the lock held until it shares no open file with this one. Otherwise a file that another
/// thread closes and opens again would be taken for one that is still being written, because its lock (flock) belongs
/// to the copies, too.
/// @param work throws nothing @throws IoError if HDF5 has no memory for its stack
inline void with_hdf5_locked(const std::function<void()>& work) {
  const hid_t stack = H5Ecreate_stack();
  H5Epush2(stack, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_NONE_MAJOR, H5E_NONE_MINOR, "no error");
  const auto call = [](unsigned /*index*/, const H5E_error2_t* /*entry*/, void* given) -> herr_t {
    (*static_cast<std::function<void()>*>(given))();
    return 0;
  };
  bool called = false;
  std::function<void()> own = [&] {
    called = true;
    work();
  };
  H5Ewalk2(stack, H5E_WALK_UPWARD, call, &own);
  H5Eclose_stack(stack);
  if (!called) throw IoError("the HDF5 library cannot be locked");
}

}  // namespace memdyn
