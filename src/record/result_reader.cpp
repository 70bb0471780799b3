// SPDX-License-Identifier: MIT
#include "memdyn/record/result_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <new>
#include <set>
#include <system_error>

#include "core/message.hpp"
#include "record/box.hpp"
#include "record/checkpoint.hpp"
#include "record/handle.hpp"
#include "record/replacement.hpp"

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

std::string shape_text(const std::vector<std::size_t>& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

/// Opens a file that a run writes, or left behind when it was killed, as a reader beside a writer (SWMR).
Handle open_left(const std::filesystem::path& path) {
  // Such a reader repeats a read whose checksum is wrong, since a writer may be at work. HDF5 begins with a pause of
  // 1 ns and doubles it each time: by default, 100 times, a damaged file would never be refused.
  constexpr unsigned attempts = 26;  // 0.1 s
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_metadata_read_attempts(access, attempts);
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access), H5Fclose);
  if (file >= 0) return file;
  // a run that was killed when it closed the file has left it without the flag of such a writer
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const bool killed = descriptor >= 0 && is_left_open(descriptor);
  if (descriptor >= 0) ::close(descriptor);
  return killed ? hdf5::open_killed(path.c_str()) : Handle();
}

/// Product of sizes; no value if it is above `most`.
template <class Sizes>
std::optional<std::uint64_t> product(const Sizes& sizes, std::uint64_t most) {
  if (std::ranges::find(sizes, 0U) != sizes.end()) return 0;
  std::uint64_t all = 1;
  for (const std::uint64_t size : sizes) {
    if (size > most / all) return {};
    all *= size;
  }
  return all;
}

bool own_filter(H5Z_filter_t filter) {
  return filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_FLETCHER32;
}

/// Attributes by which HDF5 and netCDF4 link datasets and axes.
bool of_scales(std::string_view name) {
  constexpr std::string_view own[] = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST"};
  return std::ranges::find(own, name) != std::end(own) || name.starts_with("_Netcdf4") || name.starts_with("_NC");
}

}  // namespace

struct ResultReader::Handles {
  std::filesystem::path path;
  Handle file;
  bool left_open = false;  ///< a run writes it, or was killed while it did

  /// An error about an object of the file.
  [[nodiscard]] IoError error(const std::string& name, const std::string& what) const {
    return IoError(in_message(path.string()) + ": " + in_message(name) + ": " + what);
  }

  /// Refuses a name that soft or external links lead to: they can name objects of other files.
  void require_plain_links(const std::string& name) const {
    for (auto end = name.find('/', 1);; end = name.find('/', end + 1)) {
      const std::string part = name.substr(0, end);
      H5L_info_t info{};
      if (part.empty() || part == "/" || H5Lget_info(file, part.c_str(), &info, H5P_DEFAULT) < 0) return;
      if (info.type != H5L_TYPE_HARD)
        throw error(part, "is a soft or external link, which is not followed; copy the data into this file");
      if (end == std::string::npos) return;
    }
  }

  /// Refuses storage that leads out of the file, runs code that is not HDF5's own, or needs much memory for a chunk.
  [[nodiscard]] std::uint64_t checked_chunk(const std::string& name, hid_t dataset) const {
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    if (H5Pget_layout(properties) == H5D_VIRTUAL || H5Pget_external_count(properties) != 0)
      throw error(name, "its values are in other files, which are not read; copy them into this file");
    for (int k = 0; k < H5Pget_nfilters(properties); ++k) {
      std::size_t parameters = 0;
      unsigned flags = 0;
      const auto filter =
          H5Pget_filter2(properties, static_cast<unsigned>(k), &flags, &parameters, nullptr, 0, nullptr, nullptr);
      if (!own_filter(filter))
        throw error(name, fmt::format("is stored with the filter {}, which is not read; only deflate, shuffle and "
                                      "fletcher32 are: write it anew with one of them",
                                      filter));
    }
    if (H5Pget_layout(properties) != H5D_CHUNKED) return 0;
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    const int rank = H5Pget_chunk(properties, H5S_MAX_RANK, chunk.data());
    const Handle type(H5Dget_type(dataset), H5Tclose);
    std::vector<std::uint64_t> sizes(chunk.begin(), chunk.begin() + std::max(rank, 0));
    sizes.push_back(H5Tget_size(type));
    const auto bytes = product(sizes, largest_chunk);
    if (!bytes)
      throw error(name, fmt::format("has chunks of more than {} MiB, which are not read; write it anew with smaller "
                                    "chunks (h5repack -l)",
                                    largest_chunk >> 20));
    return *bytes;
  }

  [[nodiscard]] Handle open(const std::string& name) const {
    require_plain_links(name);
    Handle dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (dataset < 0) throw error(name, "the file has no such array");
    const std::uint64_t chunk = checked_chunk(name, dataset);
    constexpr std::size_t usual_cache = std::size_t{1} << 20;
    if (chunk <= usual_cache) return dataset;
    const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);  // so that a chunk is decompressed only once
    H5Pset_chunk_cache(access, 101, 2 * chunk, 1.0);
    return {H5Dopen2(file, name.c_str(), access), H5Dclose};
  }

  /// Opens any object.
  [[nodiscard]] Handle object(const std::string& name) const {
    require_plain_links(name);
    Handle id(H5Oopen(file, name.c_str(), H5P_DEFAULT), H5Oclose);
    if (id < 0) throw error(name, "the file has no such object, or is damaged");
    return id;
  }

  /// The number of values of an array.
  [[nodiscard]] std::uint64_t points(const std::string& name, hid_t dataset, hid_t space) const {
    constexpr std::uint64_t few = 1'000'000'000;  // values that are read in seconds, wherever they come from
    constexpr std::uint64_t most_of_byte = 200;   // deflate makes at most 129 values of a byte
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    const auto points = static_cast<std::uint64_t>(count);
    if (count < 0 || points > most_values)
      throw error(name, fmt::format("has more than {:.0e} values, which are not read; the file may be damaged",
                                    static_cast<double>(most_values)));
    if (const std::uint64_t stored = H5Dget_storage_size(dataset); points > few && points / most_of_byte > stored)
      throw error(name,
                  fmt::format("has {} values, but only {} bytes hold them: hardly any was written, or the file is "
                              "damaged; read parts of it (h5py, xarray)",
                              points, stored));
    return points;
  }

  /// Throws if so many values are too many to be held in memory.
  void require_few(const std::string& name, std::uint64_t count) const {
    if (count > most_at_once)
      throw error(name, fmt::format("has {} values, which does not fit into memory: at most {} are read at once; read "
                                    "parts of it (h5py, xarray), or \"memdyn export\"",
                                    count, most_at_once));
  }

  void require_numbers(const std::string& name, hid_t dataset) const {
    constexpr std::size_t widest = 16;  // bytes of a long double
    const Handle type(H5Dget_type(dataset), H5Tclose);
    const auto kind = H5Tget_class(type);
    if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || H5Tget_size(type) > widest)
      throw error(name, "cannot be read as numbers; the file may be damaged");
  }

  void walk(const std::string& group, std::size_t depth, std::vector<std::string>& groups,
            std::vector<std::string>& datasets) const;
};

namespace {

/// The names of the links of a group; stops after `most_objects`.
std::vector<std::string> links_of(hid_t group) {
  std::vector<std::string> names;
  const auto note = [](hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* into) -> herr_t {
    auto& all = *static_cast<std::vector<std::string>*>(into);
    all.emplace_back(name);
    return all.size() > ResultReader::most_objects ? 1 : 0;
  };
  H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names);
  return names;
}

std::vector<std::size_t> shape_of(hid_t space) {
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return {0};
  std::vector<hsize_t> size(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, size.data(), nullptr);
  return {size.begin(), size.end()};
}

}  // namespace

void ResultReader::Handles::walk(const std::string& group, std::size_t depth, std::vector<std::string>& groups,
                                 std::vector<std::string>& datasets) const {
  if (depth > deepest_group)
    throw error(group, fmt::format("groups are nested deeper than {}; the file may be damaged", deepest_group));
  const Handle id = group.empty() ? object("/") : object(group);
  for (const auto& link : links_of(id)) {
    const std::string name = group.empty() ? link : fmt::format("{}/{}", group, link);
    if (name == checkpoint::group) continue;  // no result
    const Handle child = object(name);
    const auto kind = H5Iget_type(child);
    if (kind == H5I_DATASET) datasets.push_back(name);
    if (kind == H5I_GROUP) groups.push_back(name);
    if (groups.size() + datasets.size() > most_objects)
      throw error(group, fmt::format("has more than {} objects, which are not read", most_objects));
    if (kind == H5I_GROUP) walk(name, depth + 1, groups, datasets);
  }
}

ResultReader::ResultReader(const std::filesystem::path& path) : handles_(std::make_unique<Handles>()) {
  hdf5::silence();
  H5PLset_loading_state(0);  // a file must not select code that is loaded from the file system
  handles_->path = path;
  std::error_code failed;
  if (std::filesystem::is_regular_file(path, failed))  // opening another kind of file can block
    handles_->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (handles_->file < 0 && std::filesystem::is_regular_file(path, failed)) {
    handles_->left_open = true;
    handles_->file = open_left(path);
  }
  if (handles_->file < 0) throw IoError(name() + ": " + complaint(path));
}
ResultReader::~ResultReader() = default;
ResultReader::ResultReader(ResultReader&&) noexcept = default;
ResultReader& ResultReader::operator=(ResultReader&&) noexcept = default;

std::string ResultReader::name() const { return in_message(handles_->path.string()); }

bool ResultReader::has(const std::string& name) const {
  for (auto slash = name.find('/', 1); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const std::string group = name.substr(0, slash);
    if (H5Lexists(handles_->file, group.c_str(), H5P_DEFAULT) <= 0) return false;
    handles_->require_plain_links(group);
  }
  return H5Lexists(handles_->file, name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> ResultReader::datasets() const {
  std::vector<std::string> groups;
  std::vector<std::string> datasets;
  handles_->walk("", 0, groups, datasets);
  std::ranges::sort(datasets);
  return datasets;
}

std::vector<std::string> ResultReader::groups() const {
  std::vector<std::string> groups;
  std::vector<std::string> datasets;
  handles_->walk("", 0, groups, datasets);
  std::ranges::sort(groups);
  return groups;
}

ResultReader::Type ResultReader::type(const std::string& name) const {
  const Handle dataset = handles_->open(name);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return Type::real;
    case H5T_INTEGER:
      return Type::integer;
    case H5T_STRING:
      return Type::text;
    default:
      return Type::other;
  }
}

std::vector<std::size_t> ResultReader::shape(const std::string& name) const {
  const Handle dataset = handles_->open(name);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  return shape_of(space);
}

std::size_t ResultReader::length(const std::string& name) const {
  const auto size = shape(name);
  if (size.size() != 1)
    throw handles_->error(name, fmt::format("has the shape {}, but an axis must have one dimension", shape_text(size)));
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

bool ResultReader::is_axis(const std::string& name) const { return H5DSis_scale(handles_->open(name)) > 0; }

std::string ResultReader::path_of_axis(const std::string& dataset, const std::string& axis) const {
  for (auto slash = dataset.rfind('/'); slash != std::string::npos && slash > 0;
       slash = dataset.rfind('/', slash - 1)) {
    const auto beside = dataset.substr(0, slash + 1) + axis;
    if (has(beside)) return beside;
  }
  return axis;
}

std::vector<double> ResultReader::numbers(const std::string& name) const { return numbers(name, shape(name)); }

std::vector<double> ResultReader::numbers(const std::string& name, const std::vector<std::size_t>& wanted) const {
  if (const auto found = shape(name); found != wanted)
    throw handles_->error(
        name, fmt::format("has the shape {}, but must have {}, as its axes do", shape_text(found), shape_text(wanted)));
  auto values = stream(name);
  handles_->require_few(name, values.size());
  return values.next(values.size());
}

std::vector<double> ResultReader::first_rows(const std::string& name, std::size_t rows) const {
  auto size = shape(name);
  if (size.empty()) return numbers(name, size);
  size.front() = std::min(size.front(), rows);
  const auto count = product(size, most_values).value_or(most_values);
  handles_->require_few(name, count);
  return stream(name).next(count);
}

std::vector<std::string> ResultReader::strings(const std::string& name) const { return strings(name, length(name)); }

std::vector<std::string> ResultReader::strings(const std::string& name, std::size_t count) const {
  if (const auto found = shape(name); found != std::vector{count})
    throw handles_->error(
        name, fmt::format("has the shape {}, but must have ({}), as its axis does", shape_text(found), count));
  const Handle dataset = handles_->open(name);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  handles_->require_few(
      name, product(std::array<std::uint64_t, 2>{count, H5Tget_size(type)}, most_values).value_or(most_values));
  auto values = hdf5::texts(type, space, [&](hid_t memory, void* into) {
    return H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, into);
  });
  if (!values) throw handles_->error(name, "cannot be read as text; the file may be damaged");
  return *std::move(values);
}

std::string ResultReader::text(const std::string& name, const std::string& attribute) const {
  handles_->require_plain_links(name);
  if (H5Aexists_by_name(handles_->file, name.c_str(), attribute.c_str(), H5P_DEFAULT) <= 0) return {};
  const Handle id(H5Aopen_by_name(handles_->file, name.c_str(), attribute.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (H5Aget_storage_size(id) > largest_attribute)
    throw handles_->error(name, fmt::format("the attribute {} has more than {} MiB, which is not read",
                                            in_message(attribute), largest_attribute >> 20));
  auto value = hdf5::text_attribute(handles_->file, name.c_str(), attribute.c_str());
  if (!value) throw handles_->error(name, "the attribute " + in_message(attribute) + " must be a single text");
  return *std::move(value);
}

std::vector<std::string> ResultReader::attributes(const std::string& name) const {
  const Handle object = handles_->object(name);
  std::vector<std::string> names;
  const auto note = [](hid_t /*object*/, const char* attribute, const H5A_info_t* /*info*/, void* into) -> herr_t {
    auto& all = *static_cast<std::vector<std::string>*>(into);
    if (!of_scales(attribute)) all.emplace_back(attribute);
    return all.size() > most_objects ? 1 : 0;
  };
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names);
  std::erase_if(names, [&](const std::string& attribute) {
    const Handle id(H5Aopen(object, attribute.c_str(), H5P_DEFAULT), H5Aclose);
    const Handle type(H5Aget_type(id), H5Tclose);
    const auto kind = H5Tget_class(type);
    return kind != H5T_STRING && kind != H5T_FLOAT && kind != H5T_INTEGER;
  });
  std::ranges::sort(names);
  return names;
}

AttributeValue ResultReader::attribute(const std::string& name, const std::string& attribute) const {
  const Handle object = handles_->object(name);
  const Handle id(H5Aopen(object, attribute.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(id), H5Tclose);
  if (H5Tget_class(type) == H5T_STRING) return text(name, attribute);
  const Handle space(H5Aget_space(id), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  const auto read = [&]<class T>(hid_t memory, std::vector<T> values) -> AttributeValue {
    if (count < 0 || static_cast<std::uint64_t>(count) > largest_attribute / sizeof(T))
      throw handles_->error(
          name, fmt::format("the attribute {} has {} values, which are not read", in_message(attribute), count));
    values.resize(static_cast<std::size_t>(count));
    if (!values.empty() && H5Aread(id, memory, values.data()) < 0)
      throw handles_->error(name, "the attribute " + in_message(attribute) + " cannot be read as numbers");
    return values;
  };
  if (H5Tget_class(type) == H5T_FLOAT) return read(H5T_NATIVE_DOUBLE, std::vector<double>());
  if (H5Tget_sign(type) == H5T_SGN_NONE) return read(H5T_NATIVE_UINT64, std::vector<std::uint64_t>());
  return read(H5T_NATIVE_INT64, std::vector<std::int64_t>());
}

struct ResultReader::Stream::State {
  const Handles* handles;
  std::string name;
  Handle dataset, space;
  bool scalar = false;
  std::uint64_t count = 0, at = 0;
  std::vector<double> values;

  /// Reads the next values into `values`, which has room for them.
  void read() {
    double* into = values.data();
    const auto take = [&](hid_t memory, hsize_t taken) {
      if (H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, into) < 0)
        throw handles->error(name, "cannot be read as numbers; the file may be damaged");
      into += taken;
    };
    if (scalar) {
      if (!values.empty()) take(H5S_ALL, 1);
    } else {
      hdf5::for_each_box(space, at, values.size(), take);
    }
    at += values.size();
  }
};

ResultReader::Stream::Stream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ResultReader::Stream::~Stream() = default;
ResultReader::Stream::Stream(Stream&&) noexcept = default;
ResultReader::Stream& ResultReader::Stream::operator=(Stream&&) noexcept = default;

std::uint64_t ResultReader::Stream::size() const { return state_->count; }

const std::vector<double>& ResultReader::Stream::next(std::size_t most) {
  State& s = *state_;
  const std::uint64_t wanted = std::min<std::uint64_t>(most, s.count - s.at);
  try {
    s.values.resize(wanted);
  } catch (const std::exception&) {  // std::bad_alloc, std::length_error
    throw s.handles->error(s.name, fmt::format("{} values do not fit into memory", wanted));
  }
  s.read();
  return s.values;
}

ResultReader::Stream ResultReader::stream(const std::string& name) const {
  auto state = std::make_unique<Stream::State>();
  state->handles = handles_.get();
  state->name = name;
  state->dataset = handles_->open(name);
  handles_->require_numbers(name, state->dataset);
  state->space = Handle(H5Dget_space(state->dataset), H5Sclose);
  state->scalar = shape_of(state->space).empty();
  state->count = handles_->points(name, state->dataset, state->space);
  if (handles_->left_open && state->count > 0 &&
      !hdf5::is_stored(state->dataset, std::filesystem::file_size(handles_->path)))
    throw handles_->error(name, "goes on beyond the end of the file, which is cut short: copy it again");
  return Stream(std::move(state));
}

}  // namespace memdyn
