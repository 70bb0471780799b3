// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>
#include <hdf5_hl.h>

#include <optional>
#include <string>
#include <string_view>
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
  /// Closes it now. @returns what the library returns, negative where it failed
  herr_t close() { return id_ >= 0 ? close_(std::exchange(id_, -1)) : 0; }
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

/// Opens a file without the library's own lock.
inline Handle unlocked_access() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, 0, 1);
  return access;
}

/// The root attribute `format` of a result file.
inline constexpr std::string_view result_format = "memdyn result";

/// A text attribute of an object; none if there is no such attribute, or if it is not a single text of variable length.
inline std::optional<std::string> text_attribute(hid_t file, const char* object, const char* name) {
  if (H5Aexists_by_name(file, object, name, H5P_DEFAULT) <= 0) return {};
  const Handle id(H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  const Handle space(H5Aget_space(id), H5Sclose);
  const Handle stored(H5Aget_type(id), H5Tclose);
  if (H5Sget_simple_extent_type(space) != H5S_SCALAR || H5Tis_variable_str(stored) <= 0) return {};
  const Handle type = string_type();
  char* pointer = nullptr;
  if (H5Aread(id, type, &pointer) < 0 || pointer == nullptr) return {};
  std::string text = pointer;
  H5free_memory(pointer);
  return text;
}

/// The library's own error printing is silenced once: errors reach the user as exceptions.
inline void silence() {
  static const bool done = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)done;
}

}  // namespace memdyn::hdf5
