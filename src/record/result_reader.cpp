// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <new>
#include <system_error>

#include "core/message.hpp"
#include "memdyn/record/result_file.hpp"
#include "record/handle.hpp"

namespace memdyn {

using hdf5::Handle;

namespace {

/// Why a file that HDF5 does not open cannot be read.
std::string complaint(const std::filesystem::path& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status)) return "cannot be read: there is no such file";
  if (!std::filesystem::is_regular_file(status)) return "cannot be read: it is not a regular file";
  errno = 0;
  if (!std::ifstream(path)) return "cannot be read: " + std::generic_category().message(errno);
  if (H5Fis_hdf5(path.c_str()) == 0)
    return "is not an HDF5 file; give a file written by memdyn simulate, sweep, train or reproduce";
  return "is an HDF5 file that cannot be opened: it is cut short or damaged, or another program is writing it";
}

std::string in_words(const std::vector<std::size_t>& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

}  // namespace

struct ResultReader::Handles {
  std::filesystem::path path;
  Handle file;

  /// An error about a dataset of the file.
  [[nodiscard]] IoError error(const std::string& name, const std::string& what) const {
    return IoError(in_message(path.string()) + ": " + in_message(name) + ": " + what);
  }
  [[nodiscard]] Handle open(const std::string& name) const {
    Handle dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (dataset < 0) throw error(name, "the file has no such array");
    return dataset;
  }
};

ResultReader::ResultReader(const std::filesystem::path& path) : handles_(std::make_unique<Handles>()) {
  hdf5::silence();
  handles_->path = path;
  std::error_code failed;
  if (std::filesystem::is_regular_file(path, failed))  // opening another kind of file can block
    handles_->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (handles_->file < 0) throw IoError(name() + ": " + complaint(path));
}
ResultReader::~ResultReader() = default;
ResultReader::ResultReader(ResultReader&&) noexcept = default;
ResultReader& ResultReader::operator=(ResultReader&&) noexcept = default;

std::string ResultReader::name() const { return in_message(handles_->path.string()); }

bool ResultReader::has(const std::string& name) const {
  for (auto slash = name.find('/', 1); slash != std::string::npos; slash = name.find('/', slash + 1))
    if (H5Lexists(handles_->file, name.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
  return H5Lexists(handles_->file, name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::size_t> ResultReader::shape(const std::string& name) const {
  const Handle dataset = handles_->open(name);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return {0};
  std::vector<hsize_t> size(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, size.data(), nullptr);
  return {size.begin(), size.end()};
}

std::size_t ResultReader::length(const std::string& name) const {
  const auto size = shape(name);
  if (size.size() != 1)
    throw handles_->error(name, fmt::format("has the shape {}, but an axis must have one dimension", in_words(size)));
  return size.front();
}

std::vector<std::string> ResultReader::axes(const std::string& name) const {
  const Handle dataset = handles_->open(name);
  std::vector<std::string> names;
  for (unsigned k = 0; k < shape(name).size(); ++k) {
    const auto note = [](hid_t /*dataset*/, unsigned /*axis*/, hid_t scale, void* into) -> herr_t {
      std::array<char, 256> text{};
      H5DSget_scale_name(scale, text.data(), text.size());
      static_cast<std::vector<std::string>*>(into)->emplace_back(text.data());
      return 1;
    };
    H5DSiterate_scales(dataset, k, nullptr, note, &names);
  }
  return names;
}

std::vector<double> ResultReader::numbers(const std::string& name) const { return numbers(name, shape(name)); }

std::vector<double> ResultReader::numbers(const std::string& name, const std::vector<std::size_t>& wanted) const {
  if (const auto found = shape(name); found != wanted)
    throw handles_->error(
        name, fmt::format("has the shape {}, but must have {}, as its axes do", in_words(found), in_words(wanted)));
  const Handle dataset = handles_->open(name);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  std::vector<double> values;
  try {
    values.resize(count < 0 ? values.max_size() : static_cast<std::size_t>(count));
  } catch (const std::exception&) {  // std::bad_alloc, std::length_error
    throw handles_->error(name, fmt::format("has the shape {}, which does not fit into memory", in_words(wanted)));
  }
  if (!values.empty() && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    throw handles_->error(name, "cannot be read as numbers; the file may be damaged");
  return values;
}

std::vector<std::string> ResultReader::strings(const std::string& name) const { return strings(name, length(name)); }

std::vector<std::string> ResultReader::strings(const std::string& name, std::size_t count) const {
  if (const auto found = shape(name); found != std::vector{count})
    throw handles_->error(
        name, fmt::format("has the shape {}, but must have ({}), as its axis does", in_words(found), count));
  const Handle dataset = handles_->open(name);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  auto values = hdf5::texts(type, space, [&](hid_t memory, void* into) {
    return H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, into);
  });
  if (!values) throw handles_->error(name, "cannot be read as text; the file may be damaged");
  return *std::move(values);
}

std::string ResultReader::text(const std::string& name, const std::string& attribute) const {
  if (H5Aexists_by_name(handles_->file, name.c_str(), attribute.c_str(), H5P_DEFAULT) <= 0) return {};
  auto value = hdf5::text_attribute(handles_->file, name.c_str(), attribute.c_str());
  if (!value) throw handles_->error(name, "the attribute " + in_message(attribute) + " must be a single text");
  return *std::move(value);
}

}  // namespace memdyn
