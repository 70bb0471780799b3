// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>
#include <hdf5_hl.h>

#include <string>
#include <utility>

#include "memdyn/core/error.hpp"

namespace memdyn::hdf5 {

/// Owns an HDF5 identifier.
class Handle {
 public:
  Handle() = default;
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const noexcept { return id_; }  // NOLINT(google-explicit-constructor): passed to the C API

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

/// Turns a failed call into an IoError that names the file and what was tried.
template <class Status>
Status require(Status status, const std::string& file, const std::string& what) {
  if (status < 0) throw IoError(file + ": cannot " + what + "; is the disk full, or the file open elsewhere?");
  return status;
}

inline Handle string_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

/// The library's own error printing is silenced once: errors reach the user as exceptions.
inline void silence() {
  static const bool done = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)done;
}

}  // namespace memdyn::hdf5
