// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/message.hpp"
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
  /// Closes the identifier. @returns the status of the library, negative on failure
  herr_t close() { return id_ >= 0 ? close_(std::exchange(id_, -1)) : 0; }
  /// Forgets the identifier without closing it.
  void abandon() { id_ = -1; }
  operator hid_t() const noexcept { return id_; }  // NOLINT(google-explicit-constructor): passed to the C API

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

/// The operating system's reason for the last failure of HDF5 in this thread; empty if it had another one.
inline std::string system_reason() {
  std::string reason;
  const auto note = [](unsigned /*depth*/, const H5E_error2_t* error, void* into) -> herr_t {
    constexpr std::string_view label = "error message = '";
    const std::string_view text = error->desc == nullptr ? "" : error->desc;
    if (const auto at = text.find(label); at != std::string_view::npos) {
      const auto words = text.substr(at + label.size());
      *static_cast<std::string*>(into) = words.substr(0, words.find('\''));
    }
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, note, &reason);
  return reason;
}

/// Checks the status of a call. @throws IoError naming the file and the failed action if the status is negative
template <class Status>
Status require(Status status, const std::string& file, const std::string& what) {
  if (status >= 0) return status;
  const auto reason = system_reason();
  throw IoError(in_message(file) + ": cannot " + what +
                (reason.empty() ? "; check for a full disk, or another program that has the file open"
                                : ": " + in_message(reason)));
}

inline Handle string_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

/// File access properties without HDF5's own file locking: over NFS it conflicts with the lock of the part.
inline Handle unlocked_access() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access, 0, 1);
  return access;
}

/// The same for a file that is written: HDF5's single-writer mode needs the format of HDF5 1.10.
inline Handle writing_access() {
  Handle access = unlocked_access();
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  return access;
}

/// A number attribute of the root; no value if it does not exist or is no single number.
inline std::optional<double> number_attribute(hid_t file, const char* name) {
  if (H5Aexists(file, name) <= 0) return {};
  const Handle id(H5Aopen(file, name, H5P_DEFAULT), H5Aclose);
  const Handle space(H5Aget_space(id), H5Sclose);
  double value = 0;
  if (H5Sget_simple_extent_npoints(space) != 1 || H5Aread(id, H5T_NATIVE_DOUBLE, &value) < 0) return {};
  return value;
}

/// Lets HDF5 open a file that its writer, which was killed, did not close: whatever its flags say, and whether or not
/// its end is written.
inline void accept_killed(hid_t access) {
  const hbool_t yes = 1;
  H5Pset(access, "clear_status_flags", &yes);
  H5Pset(access, "skip_eof_check", &yes);
}

/// Opens such a file for reading, without HDF5's locking. No run must be writing it.
inline Handle open_killed(const char* path) {
  const Handle access = unlocked_access();
  accept_killed(access);
  return {H5Fopen(path, H5F_ACC_RDONLY, access), H5Fclose};
}

/// The root attribute of a result file that becomes 1 when all its arrays exist: before that, a run that is killed has
/// saved nothing, and HDF5 can crash over what there is.
inline constexpr const char* all_arrays_exist = "all_arrays_exist";

/// The root attribute `format` of a result file.
inline constexpr std::string_view result_format = "memdyn result";

/// Texts of a dataset or an attribute, of variable or fixed length.
/// @param read reads into memory of a given type @returns no value if they cannot be read as text
template <class Read>
std::optional<std::vector<std::string>> texts(hid_t type, hid_t space, const Read& read) {
  if (H5Tget_class(type) != H5T_STRING) return {};
  const hssize_t points = H5Sget_simple_extent_npoints(space);
  if (points < 0) return {};
  const auto count = static_cast<std::size_t>(points);
  std::vector<std::string> values;
  if (count == 0) return values;
  const Handle memory(H5Tcopy(type), H5Tclose);
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> pointers(count, nullptr);
    if (read(memory, pointers.data()) < 0) return {};
    for (const char* pointer : pointers) values.emplace_back(pointer == nullptr ? "" : pointer);
    H5Dvlen_reclaim(memory, space, H5P_DEFAULT, pointers.data());
    return values;
  }
  const std::size_t length = H5Tget_size(type);
  if (length == 0 || count > std::numeric_limits<std::ptrdiff_t>::max() / length) return {};
  std::vector<char> bytes(count * length);
  if (read(memory, bytes.data()) < 0) return {};
  for (std::size_t i = 0; i < count; ++i) {
    std::string text(&bytes[i * length], length);
    text.resize(std::min(text.find('\0'), text.size()));
    values.push_back(std::move(text));
  }
  return values;
}

/// A text attribute of an object; empty if the attribute is empty; no value if it does not exist or is not a single
/// text.
inline std::optional<std::string> text_attribute(hid_t file, const char* object, const char* name) {
  if (H5Aexists_by_name(file, object, name, H5P_DEFAULT) <= 0) return {};
  const Handle id(H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(id), H5Tclose);
  const Handle space(H5Aget_space(id), H5Sclose);
  auto values = texts(type, space, [&](hid_t memory, void* into) { return H5Aread(id, memory, into); });
  if (!values || values->size() > 1) return {};
  return values->empty() ? "" : std::move(values->front());
}

/// Turns off HDF5's own error printing in this thread, because errors reach the user as exceptions, and its exit
/// handler, which would crash over a file that can no longer be written.
inline void silence() {
  static const bool without_handler = H5dont_atexit() >= 0;
  static thread_local const bool silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  (void)without_handler;
  (void)silent;
}

}  // namespace memdyn::hdf5
