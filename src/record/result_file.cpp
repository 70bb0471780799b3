// SPDX-License-Identifier: MIT
#include "memdyn/record/result_file.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <ranges>

#include "memdyn/core/version.hpp"
#include "record/handle.hpp"

namespace memdyn {

using hdf5::Handle;
using hdf5::require;

struct ResultFile::Handles {
  explicit Handles(OutputTarget output) : target(std::move(output)), path(target.part().string()) {}
  OutputTarget target;  // the first member, so that the file is closed before its part is removed
  std::string path;     // path of the part
  Handle file;
  struct Dataset {
    Handle id;
    bool is_axis = false;
    bool grows = false;
    std::size_t width = 1;  // values per row
  };
  std::map<std::string, Dataset> datasets;

  void text_attribute(hid_t object, const char* name, const std::string& value) const {
    const Handle type = hdf5::string_type();
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const hid_t made = H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT)
                                                   : H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const Handle id(require(made, path, "write an attribute"), H5Aclose);
    const char* pointer = value.c_str();
    require(H5Awrite(id, type, &pointer), path, "write an attribute");
  }
  void number_attribute(hid_t object, const char* name, hid_t type, const void* value, hsize_t count) const {
    const Handle space(count == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Handle id(
        require(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), path, "write an attribute"), H5Aclose);
    require(H5Awrite(id, type, value), path, "write an attribute");
  }

  Dataset& create(const std::string& name, hid_t type, const std::vector<hsize_t>& size, bool grows,
                  const Caption& caption, std::optional<double> fill = {}) {
    const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    auto most = size;
    if (grows) {
      auto chunk = size;
      most[0] = H5S_UNLIMITED;
      chunk[0] = ResultFile::chunk;
      H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
      H5Pset_shuffle(properties);
      H5Pset_deflate(properties, 1);
    }
    const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    // a cache that holds a whole chunk, so that each chunk is compressed only once
    hsize_t row = 8;
    for (std::size_t k = 1; k < size.size(); ++k) row *= size[k];
    H5Pset_chunk_cache(access, 101, std::max<std::size_t>(1 << 20, grows ? 2 * ResultFile::chunk * row : 0), 1.0);
    if (fill) {
      H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &*fill);
      auto chunk = size;  // the last axes as a whole, as far as a chunk allows
      hsize_t room = ResultFile::chunk;
      for (hsize_t& length : std::views::reverse(chunk)) {
        length = std::clamp<hsize_t>(length, 1, room);
        room = std::max<hsize_t>(1, room / length);
      }
      H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
      H5Pset_shuffle(properties);
      H5Pset_deflate(properties, 1);
    }
    const Handle space(H5Screate_simple(static_cast<int>(size.size()), size.data(), most.data()), H5Sclose);
    Dataset dataset;
    dataset.id = Handle(require(H5Dcreate2(file, name.c_str(), type, space, links, properties, access), path,
                                "create the dataset " + name),
                        H5Dclose);
    dataset.grows = grows;
    for (std::size_t k = 1; k < size.size(); ++k) dataset.width *= size[k];
    text_attribute(dataset.id, "units", caption.units);
    text_attribute(dataset.id, "long_name", caption.long_name);
    return datasets.insert_or_assign(name, std::move(dataset)).first->second;
  }

  void make_axis(Dataset& dataset, const std::string& name) const {
    dataset.is_axis = true;
    const auto leaf = name.substr(name.rfind('/') + 1);
    require(H5DSset_scale(dataset.id, leaf.c_str()), path, "make an axis of " + name);
  }

  hsize_t length(const std::string& axis) const {
    const Handle space(H5Dget_space(datasets.at(axis).id), H5Sclose);
    hsize_t size = 0;
    H5Sget_simple_extent_dims(space, &size, nullptr);
    return size;
  }

  /// Completes the message of a run that ends early, and keeps or discards the part.
  void explain(Error& error) {
    const bool refused = dynamic_cast<const InputError*>(&error) != nullptr;
    target.keep_part(!refused);
    if (refused) return;
    if (target.has_part())
      error.add("; the rows written until then are in " + in_message(path) +
                ", which the next run with this output replaces");
    if (target.replaces()) error.add("; " + in_message(target.path().string()) + " is unchanged");
  }

  Dataset& create_on(const std::string& name, hid_t type, const std::vector<std::string>& axes, const Caption& caption,
                     std::optional<double> fill = {}) {
    std::vector<hsize_t> size;
    for (const auto& axis : axes) size.push_back(length(axis));
    const bool grows = datasets.at(axes.front()).grows;
    auto& dataset = create(name, type, size, grows, caption, fill);
    for (std::size_t k = 0; k < axes.size(); ++k)
      require(H5DSattach_scale(dataset.id, datasets.at(axes[k]).id, static_cast<unsigned>(k)), path,
              "attach the axis " + axes[k]);
    return dataset;
  }
};

ResultFile::ResultFile(OutputTarget target, const Provenance& provenance)
    : handles_(std::make_unique<Handles>(std::move(target))) {
  hdf5::silence();
  handles_->target.make_part();
  const auto create = [&](hid_t access) {
    return Handle(H5Fcreate(handles_->path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose);
  };
  handles_->file = create(H5P_DEFAULT);
  // over NFS the lock of the part conflicts with HDF5's own lock
  if (handles_->file < 0) handles_->file = create(hdf5::unlocked_access());
  require<hid_t>(handles_->file, handles_->path, "create the file");
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  attribute("title", provenance.title);
  attribute("format", std::string(hdf5::result_format));
  attribute("format_version", "1.2");
  attribute("complete", "no");
  attribute("software", std::string("memdyn ") + version());
  attribute("commit", std::string(commit()));
  attribute("created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now)));
  attribute("scenario", provenance.scenario);
  if (provenance.seed) {
    const std::uint64_t seed = *provenance.seed;
    handles_->number_attribute(handles_->file, "seed", H5T_NATIVE_UINT64, &seed, 0);
  }
  flush();  // so that the part is recognized as a result file, however the run ends
  handles_->target.keep_part(true);
}
ResultFile::~ResultFile() = default;
ResultFile::ResultFile(ResultFile&&) noexcept = default;
ResultFile& ResultFile::operator=(ResultFile&&) noexcept = default;

void ResultFile::axis(const std::string& name, const AxisValues& values, const Caption& caption) {
  std::visit(
      [&]<class T>(const std::vector<T>& all) {
        const std::vector<hsize_t> size{all.size()};
        if constexpr (std::is_same_v<T, std::string>) {
          const Handle type = hdf5::string_type();
          auto& dataset = handles_->create(name, type, size, false, caption);
          std::vector<const char*> pointers;
          for (const auto& text : all) pointers.push_back(text.c_str());
          require(H5Dwrite(dataset.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), handles_->path,
                  "write " + name);
          handles_->make_axis(dataset, name);
        } else {
          const hid_t type = std::is_same_v<T, double> ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
          auto& dataset = handles_->create(name, type, size, false, caption);
          require(H5Dwrite(dataset.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data()), handles_->path,
                  "write " + name);
          handles_->make_axis(dataset, name);
        }
      },
      values);
}

void ResultFile::words(const std::string& name, const std::vector<std::string>& values, const std::string& axis,
                       const Caption& caption) {
  const Handle type = hdf5::string_type();
  const auto& dataset = handles_->create_on(name, type, {axis}, caption);
  std::vector<const char*> pointers;
  for (const auto& text : values) pointers.push_back(text.c_str());
  require(H5Dwrite(dataset.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), handles_->path, "write " + name);
}

void ResultFile::growing_axis(const std::string& name, const Caption& caption) {
  handles_->make_axis(handles_->create(name, H5T_NATIVE_DOUBLE, {0}, true, caption), name);
}

void ResultFile::array(const std::string& name, std::span<const double> values, const std::vector<std::string>& axes,
                       const Caption& caption) {
  const auto& dataset = handles_->create_on(name, H5T_NATIVE_DOUBLE, axes, caption);
  require(H5Dwrite(dataset.id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), handles_->path,
          "write " + name);
}

namespace {
hid_t hdf5_type(ResultFile::Kind kind) {
  const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_INT64, H5T_NATIVE_UINT8};
  return types[static_cast<int>(kind)];
}
}  // namespace

void ResultFile::growing_array(const std::string& name, Kind kind, const std::vector<std::string>& axes,
                               const Caption& caption) {
  handles_->create_on(name, hdf5_type(kind), axes, caption);
}

void ResultFile::open_array(const std::string& name, Kind kind, const std::vector<std::string>& axes,
                            const Caption& caption, double fill) {
  handles_->create_on(name, hdf5_type(kind), axes, caption, fill);
}

void ResultFile::put(const std::string& name, std::uint64_t first, std::span<const double> values) {
  const auto& dataset = handles_->datasets.at(name);
  const Handle target(H5Dget_space(dataset.id), H5Sclose);
  std::vector<hsize_t> size(static_cast<std::size_t>(H5Sget_simple_extent_ndims(target)));
  H5Sget_simple_extent_dims(target, size.data(), nullptr);
  while (!values.empty()) {  // write the largest box that fits, then the rest
    hsize_t stride = 1;
    std::size_t axis = size.size() - 1;
    while (axis > 0 && first % (stride * size[axis]) == 0 && values.size() >= stride * size[axis])
      stride *= size[axis--];
    std::vector<hsize_t> start(size.size(), 0);
    hsize_t rest = first / stride;
    for (std::size_t k = axis + 1; k-- > 0; rest /= size[k]) start[k] = rest % size[k];
    std::vector<hsize_t> count(size.size(), 1);
    for (std::size_t k = axis + 1; k < size.size(); ++k) count[k] = size[k];
    count[axis] = std::min<hsize_t>(values.size() / stride, size[axis] - start[axis]);
    const hsize_t taken = count[axis] * stride;
    H5Sselect_hyperslab(target, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    const Handle memory(H5Screate_simple(1, &taken, nullptr), H5Sclose);
    require(H5Dwrite(dataset.id, H5T_NATIVE_DOUBLE, memory, target, H5P_DEFAULT, values.data()), handles_->path,
            "write " + name);
    first += taken;
    values = values.subspan(taken);
  }
}

void ResultFile::meanings(const std::string& name, std::span<const std::string_view> words) {
  const auto& dataset = handles_->datasets.at(name);
  std::vector<std::uint8_t> values(words.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i);
  handles_->number_attribute(dataset.id, "flag_values", H5T_NATIVE_UINT8, values.data(), values.size());
  handles_->text_attribute(dataset.id, "flag_meanings", fmt::format("{}", fmt::join(words, " ")));
}

void ResultFile::append(const std::string& name, std::span<const double> values) {
  const auto& dataset = handles_->datasets.at(name);
  std::array<hsize_t, 2> size{};
  const int rank = [&] {
    const Handle space(H5Dget_space(dataset.id), H5Sclose);
    return H5Sget_simple_extent_dims(space, size.data(), nullptr);
  }();
  std::array<hsize_t, 2> start{size[0], 0};
  std::array<hsize_t, 2> count{values.size() / dataset.width, size[1]};
  size[0] += count[0];
  require(H5Dset_extent(dataset.id, size.data()), handles_->path, "extend " + name);
  const Handle target(H5Dget_space(dataset.id), H5Sclose);
  H5Sselect_hyperslab(target, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  const Handle memory(H5Screate_simple(rank, count.data(), nullptr), H5Sclose);
  require(H5Dwrite(dataset.id, H5T_NATIVE_DOUBLE, memory, target, H5P_DEFAULT, values.data()), handles_->path,
          "write " + name);
}

void ResultFile::attribute(const std::string& name, double value) {
  handles_->number_attribute(handles_->file, name.c_str(), H5T_NATIVE_DOUBLE, &value, 0);
}
void ResultFile::attribute(const std::string& name, const std::string& value) {
  handles_->text_attribute(handles_->file, name.c_str(), value);
}
void ResultFile::flush() { require(H5Fflush(handles_->file, H5F_SCOPE_LOCAL), handles_->path, "flush"); }

void ResultFile::conclude(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
    attribute("complete", "yes");
    flush();  // reports a full disk as an error; closing a dataset does not
    handles_->datasets.clear();
    require(handles_->file.close(), handles_->path, "close the file");
    handles_->target.take_place();
  } catch (Error& error) {
    handles_->explain(error);
    if (!failure) throw;
  } catch (...) {
    if (!failure) throw;
  }
}

std::filesystem::path ResultFile::place() const {
  return handles_->target.placed() ? handles_->target.path() : handles_->target.part();
}

}  // namespace memdyn
