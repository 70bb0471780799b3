// SPDX-License-Identifier: MIT
#include "memdyn/record/result_file.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <cmath>
#include <map>
#include <mutex>
#include <ranges>
#include <stdexcept>

#include "core/long_vectors.hpp"
#include "memdyn/core/version.hpp"
#include "record/box.hpp"
#include "record/checkpoint.hpp"
#include "record/handle.hpp"

namespace memdyn {

using hdf5::Handle;

namespace {
hid_t hdf5_type(ResultFile::Kind kind) {
  const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_INT64, H5T_NATIVE_UINT8};
  return types[static_cast<int>(kind)];
}

/// Properties of the file: the attributes of the root in its header, since HDF5 would move more than eight of them to a
/// heap of its own.
Handle creation_properties() {
  constexpr unsigned most_attributes = 512, least_in_heap = 256;  // far more than any result has
  Handle properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_attr_phase_change(properties, most_attributes, least_in_heap);
  return properties;
}

/// The name of this computer; empty if it has none.
std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : std::string();
}

/// The time in UTC: "2026-01-31T12:00:00Z".
std::string time_now() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}
}  // namespace

struct ResultFile::Handles {
  explicit Handles(OutputTarget output) : target(std::move(output)), path(target.part().string()) {}
  ~Handles() {
    if (broken) abandon();
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;

  OutputTarget target;  // the first member, so that the file is closed before its part is removed
  std::string path;     // path of the part
  Handle file;
  struct Dataset {
    Handle access;  // properties with which it is opened
    Handle id;
    bool is_axis = false;
    bool grows = false;
    bool chunked = false;
    std::size_t width = 1;  // values per row
  };
  std::map<std::string, Dataset> datasets;
  enum class Phase { making, appending, ending } phase = Phase::making;
  bool resumable = false;
  std::vector<std::string> input_texts;  // of the files that the scenario names
  bool broken = false;                   // a write has failed
  std::string failure;                   // the message of that
  std::mutex mutex;                      // of append(), put() and flush()

  /// @throws IoError if the status of a write is negative, or an earlier write has failed
  template <class Status>
  Status require(Status status, const std::string& what) {
    if (status >= 0) return status;
    broken = true;
    try {
      return hdf5::require(status, path, what);
    } catch (Error& error) {
      failure = error.what();
      if (phase == Phase::making) discard(error);
      throw;
    }
  }
  /// A file that could not be created as a whole holds no results.
  void discard(Error& error) {
    target.keep_part(false);
    if (target.replaces()) error.add("; " + in_message(target.path().string()) + " is unchanged");
  }
  /// To be called first in each thread that writes.
  void require_writable() const {
    hdf5::silence();
    if (broken) throw IoError(failure);
  }

  void close() {
    require_writable();
    for (auto& [name, dataset] : datasets) require(dataset.id.close(), "write " + name);
    require(file.close(), "close the file");
  }
  void reopen(unsigned flags) {
    close();
    file = Handle(H5Fopen(path.c_str(), flags, hdf5::writing_access()), H5Fclose);
    require<hid_t>(file, "open the file again");
  }
  void abandon() {
    for (auto& [name, dataset] : datasets) dataset.id.abandon();
    file.abandon();
  }

  /// The group to which an attribute belongs, which is created if need be, and the name of the attribute there.
  std::pair<Handle, std::string> place_of(const std::string& attribute) {
    const auto slash = attribute.rfind('/');
    const std::string group = slash == std::string::npos ? "/" : attribute.substr(0, slash);
    const bool exists = group == "/" || H5Lexists(file, group.c_str(), H5P_DEFAULT) > 0;
    const hid_t id = exists ? H5Gopen2(file, group.c_str(), H5P_DEFAULT)
                            : H5Gcreate2(file, group.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    return {Handle(require(id, "write the group " + group), H5Gclose), attribute.substr(slash + 1)};
  }

  void text_attribute(hid_t object, const char* name, const std::string& value) {
    const Handle type = hdf5::string_type();
    const char* pointer = value.c_str();
    write_attribute(object, name, type, Handle(H5Screate(H5S_SCALAR), H5Sclose), static_cast<const void*>(&pointer));
  }
  void number_attribute(hid_t object, const char* name, hid_t type, const void* value, hsize_t count) {
    write_attribute(object, name, type,
                    Handle(count == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr), H5Sclose), value);
  }
  void write_attribute(hid_t object, const char* name, hid_t type, const Handle& space, const void* value) {
    const bool exists = H5Aexists(object, name) > 0;
    if (!exists && phase != Phase::making)
      throw std::logic_error(fmt::format("the attribute {} must be made before rows are appended", name));
    const hid_t made =
        exists ? H5Aopen(object, name, H5P_DEFAULT) : H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const Handle id(require(made, "write an attribute"), H5Aclose);
    require(H5Awrite(id, type, value), "write an attribute");
  }

  /// Properties of a chunked dataset. Chunks are not compressed: a compressed chunk that is written again moves, and a
  /// run that is killed then would leave wrong numbers.
  static Handle chunked(std::vector<hsize_t> chunk, bool grows, std::optional<double> fill) {
    Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (grows) {
      chunk[0] = ResultFile::chunk;
    } else {  // the last axes as a whole, as far as a chunk allows
      hsize_t room = ResultFile::chunk;
      for (hsize_t& length : std::views::reverse(chunk)) {
        length = std::clamp<hsize_t>(length, 1, room);
        room = std::max<hsize_t>(1, room / length);
      }
    }
    if (fill) H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &*fill);
    H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
    return properties;
  }

  Dataset& create_plain(const std::string& name, hid_t type, const std::vector<hsize_t>& size, bool grows,
                        std::optional<double> fill) {
    const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    Dataset dataset;
    dataset.grows = grows;
    dataset.chunked = grows || fill;
    for (std::size_t k = 1; k < size.size(); ++k) dataset.width *= size[k];
    const Handle properties =
        dataset.chunked ? chunked(size, grows, fill) : Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    // a cache that holds whole chunks, so that each is written at once
    constexpr std::size_t slots = 101, least = 1 << 20;
    dataset.access = Handle(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    H5Pset_chunk_cache(dataset.access, slots, std::max(least, grows ? 16 * ResultFile::chunk * dataset.width : 0), 1.0);
    auto most = size;
    if (grows) most[0] = H5S_UNLIMITED;
    const Handle space(H5Screate_simple(static_cast<int>(size.size()), size.data(), most.data()), H5Sclose);
    dataset.id = Handle(require(H5Dcreate2(file, name.c_str(), type, space, links, properties, dataset.access),
                                "create the dataset " + name),
                        H5Dclose);
    return datasets.insert_or_assign(name, std::move(dataset)).first->second;
  }

  Dataset& create(const std::string& name, hid_t type, const std::vector<hsize_t>& size, bool grows,
                  const Caption& caption, std::optional<double> fill = {}) {
    auto& dataset = create_plain(name, type, size, grows, fill);
    text_attribute(dataset.id, "units", caption.units);
    text_attribute(dataset.id, "long_name", caption.long_name);
    return dataset;
  }

  void make_axis(Dataset& dataset, const std::string& name) {
    dataset.is_axis = true;
    const auto leaf = name.substr(name.rfind('/') + 1);
    require(H5DSset_scale(dataset.id, leaf.c_str()), "make an axis of " + name);
  }

  hsize_t length(const std::string& axis) const {
    const Handle space(H5Dget_space(datasets.at(axis).id), H5Sclose);
    hsize_t size = 0;
    H5Sget_simple_extent_dims(space, &size, nullptr);
    return size;
  }

  /// Ends a run that failed: closes the file if it can still be written.
  void leave(ResultFile& result) noexcept {
    try {
      if (broken) return;
      result.end_appending();
      close();
    } catch (const Error&) {
      return;  // the part is as a killed run leaves it
    }
  }

  /// Completes the message of a run that ends early, and keeps or discards the part.
  void explain(Error& error) {
    const bool refused = dynamic_cast<const InputError*>(&error) != nullptr;
    const bool discarded = (broken && phase == Phase::making) || !target.left().empty();
    target.keep_part(!refused && !discarded);
    if (!target.left().empty()) error.add("; " + in_message(target.left().string()) + " is unchanged");
    if (refused || discarded) return;
    if (target.has_part() && broken) {
      const auto name = in_message(path);
      error.add("; what was saved until then is in " + name + ": write it to a file of its own with \"memdyn recover " +
                name + " -o FILE\", or delete it");
    } else if (target.has_part()) {
      error.add("; the rows written until then are in " + in_message(path) +
                ", which the next run with this output replaces" +
                (resumable ? ", except if it goes on with them: add --resume" : ""));
    }
    if (target.replaces()) error.add("; " + in_message(target.path().string()) + " is unchanged");
  }

  Dataset& create_on(const std::string& name, hid_t type, const std::vector<std::string>& axes, const Caption& caption,
                     std::optional<double> fill = {}) {
    std::vector<hsize_t> size;
    for (const auto& axis : axes) size.push_back(length(axis));
    const bool grows = datasets.at(axes.front()).grows;
    auto& dataset = create(name, type, size, grows, caption, fill);
    for (std::size_t k = 0; k < axes.size(); ++k)
      require(H5DSattach_scale(dataset.id, datasets.at(axes[k]).id, static_cast<unsigned>(k)),
              "attach the axis " + axes[k]);
    return dataset;
  }
};

ResultFile::ResultFile(OutputTarget target, const Provenance& provenance)
    : handles_(std::make_unique<Handles>(std::move(target))) {
  hdf5::silence();
  handles_->resumable = provenance.resumable;
  handles_->target.make_part();
  handles_->file =
      Handle(H5Fcreate(handles_->path.c_str(), H5F_ACC_TRUNC, creation_properties(), hdf5::writing_access()), H5Fclose);
  handles_->require<hid_t>(handles_->file, "create the file");
  attribute("title", provenance.title);
  attribute("format", std::string(hdf5::result_format));
  attribute("format_version", "2.0");
  attribute("complete", "no");
  attribute(hdf5::all_arrays_exist, 0.0);
  attribute("software", std::string("memdyn ") + version());
  attribute("commit", std::string(commit()));
  attribute("scenario", provenance.scenario);
  attribute("build", build());
  attribute("provenance/created", time_now());
  attribute("provenance/finished", std::string());
  attribute("provenance/host", host_name());
  write(provenance.inputs);
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
          handles_->require(H5Dwrite(dataset.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()),
                            "write " + name);
          handles_->make_axis(dataset, name);
        } else {
          const hid_t type = std::is_same_v<T, double> ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
          auto& dataset = handles_->create(name, type, size, false, caption);
          const Handle target(H5Dget_space(dataset.id), H5Sclose);
          in_blocks(all.size(), [&](hsize_t first, hsize_t last) {
            const hsize_t count = last - first;
            H5Sselect_hyperslab(target, H5S_SELECT_SET, &first, nullptr, &count, nullptr);
            const Handle memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
            handles_->require(H5Dwrite(dataset.id, type, memory, target, H5P_DEFAULT, &all[first]), "write " + name);
          });
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
  handles_->require(H5Dwrite(dataset.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), "write " + name);
}

void ResultFile::growing_axis(const std::string& name, const Caption& caption) {
  handles_->make_axis(handles_->create(name, H5T_NATIVE_DOUBLE, {0}, true, caption), name);
}

void ResultFile::growing_array(const std::string& name, Kind kind, const std::vector<std::string>& axes,
                               const Caption& caption) {
  handles_->create_on(name, hdf5_type(kind), axes, caption);
}

void ResultFile::open_array(const std::string& name, Kind kind, const std::vector<std::string>& axes,
                            const Caption& caption, double fill) {
  handles_->create_on(name, hdf5_type(kind), axes, caption, fill);
}

void ResultFile::checkpoint_array(const std::string& name, Kind kind, const std::vector<std::size_t>& shape,
                                  double fill) {
  handles_->create_plain(checkpoint::path(name), hdf5_type(kind), {shape.begin(), shape.end()}, false, fill);
}

bool ResultFile::has(const std::string& name) const { return handles_->datasets.contains(name); }
bool ResultFile::writable() const { return !handles_->broken; }

void ResultFile::begin_appending() {
  flush();
  attribute(hdf5::all_arrays_exist, 1.0);
  handles_->reopen(H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE);
  for (auto& [name, dataset] : handles_->datasets)
    if (dataset.chunked)
      dataset.id =
          Handle(handles_->require(H5Dopen2(handles_->file, name.c_str(), dataset.access), "open " + name), H5Dclose);
  handles_->phase = Handles::Phase::appending;
}

void ResultFile::end_appending() {
  if (handles_->phase != Handles::Phase::appending) return;
  handles_->reopen(H5F_ACC_RDWR);
  handles_->phase = Handles::Phase::ending;
}

std::optional<ResultReader> ResultFile::left() const {
  const auto& path = handles_->target.left();
  if (path.empty()) return {};
  ResultReader left(path);
  // attributes that say what is computed, and why a run with others cannot be resumed
  constexpr std::pair<const char*, const char*> same[] = {
      {"scenario", "it was left by a run of another scenario: give that scenario"},
      {"software", "it was left by another version of the program, which may round differently: use that version"},
      {"commit", "it was left by another build of the program, which may round differently: use that build"},
      {"build", "it was left by another build of the program, which may round differently: use that build"},
      {"instruction_set",
       "it was left by a run with another instruction set, which rounds differently: choose that "
       "with --instruction-set"}};
  for (const auto& [name, why] : same)
    if (const auto there = left.text("/", name); there != hdf5::text_attribute(handles_->file, "/", name).value_or(""))
      throw IoError(fmt::format(
          "{}: cannot be resumed, because {}; or write what it holds to a file of its own with \"memdyn recover\" "
          "(the attribute {} is \"{}\")",
          in_message(path.string()), why, name, in_message(there.substr(0, there.find('\n')))));
  const auto texts = left.has("inputs/text") ? left.strings("inputs/text") : std::vector<std::string>();
  if (texts != handles_->input_texts)
    throw IoError(in_message(path.string()) +
                  ": cannot be resumed, because the files that the scenario names have changed since; restore them, or "
                  "write what it holds to a file of its own with \"memdyn recover\"");
  return left;
}

void ResultFile::take_over() {
  handles_->target.take_over();
  handles_->path = handles_->target.part().string();
}

void ResultFile::flush(std::span<const std::string> names) {
  const std::lock_guard lock(handles_->mutex);
  handles_->require_writable();
  for (const auto& name : names) handles_->require(H5Dflush(handles_->datasets.at(name).id), "write " + name);
}

void ResultFile::put(const std::string& name, std::uint64_t first, std::span<const double> values) {
  const std::lock_guard lock(handles_->mutex);
  handles_->require_writable();
  const auto& dataset = handles_->datasets.at(name);
  const Handle target(H5Dget_space(dataset.id), H5Sclose);
  const double* from = values.data();
  hdf5::for_each_box(target, first, values.size(), [&](hid_t memory, hsize_t taken) {
    handles_->require(H5Dwrite(dataset.id, H5T_NATIVE_DOUBLE, memory, target, H5P_DEFAULT, from), "write " + name);
    from += taken;
  });
}

void ResultFile::meanings(const std::string& name, std::span<const std::string_view> words) {
  const auto& dataset = handles_->datasets.at(name);
  std::vector<std::uint8_t> values(words.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i);
  handles_->number_attribute(dataset.id, "flag_values", H5T_NATIVE_UINT8, values.data(), values.size());
  handles_->text_attribute(dataset.id, "flag_meanings", fmt::format("{}", fmt::join(words, " ")));
}

void ResultFile::append(const std::string& name, std::span<const double> values) {
  const std::lock_guard lock(handles_->mutex);
  handles_->require_writable();
  const auto& dataset = handles_->datasets.at(name);
  std::array<hsize_t, 2> size{};
  const int rank = [&] {
    const Handle space(H5Dget_space(dataset.id), H5Sclose);
    return H5Sget_simple_extent_dims(space, size.data(), nullptr);
  }();
  std::array<hsize_t, 2> start{size[0], 0};
  std::array<hsize_t, 2> count{values.size() / dataset.width, size[1]};
  size[0] += count[0];
  handles_->require(H5Dset_extent(dataset.id, size.data()), "extend " + name);
  const Handle target(H5Dget_space(dataset.id), H5Sclose);
  H5Sselect_hyperslab(target, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  const Handle memory(H5Screate_simple(rank, count.data(), nullptr), H5Sclose);
  handles_->require(H5Dwrite(dataset.id, H5T_NATIVE_DOUBLE, memory, target, H5P_DEFAULT, values.data()),
                    "write " + name);
}

void ResultFile::attribute(const std::string& name, double value) {
  const auto [group, leaf] = handles_->place_of(name);
  handles_->number_attribute(group, leaf.c_str(), H5T_NATIVE_DOUBLE, &value, 0);
}
void ResultFile::attribute(const std::string& name, const std::string& value) {
  const auto [group, leaf] = handles_->place_of(name);
  handles_->text_attribute(group, leaf.c_str(), value);
}

void ResultFile::write(const RunInputs& inputs) {
  if (inputs.command.empty()) return;
  attribute("inputs/command", inputs.command);
  attribute("inputs/scenario_file", inputs.file);
  for (const auto& [name, value] : inputs.options)
    std::visit([&](const auto& held) { attribute("inputs/" + name, held); }, value);
  std::vector<std::string> names, texts;
  for (const auto& [name, text] : inputs.texts) {
    names.push_back(name);
    texts.push_back(text);
  }
  if (!names.empty()) {
    handles_->input_texts = texts;
    axis("inputs/file", names, {"1", "file that the scenario names"});
    words("inputs/text", texts, "inputs/file", {"1", "text of the file"});
  }
  if (inputs.parameters.empty()) return;
  std::vector<std::string> keys, units;
  std::vector<double> values;
  for (const auto& [key, unit, value] : inputs.parameters) {
    keys.push_back(key);
    units.push_back(unit);
    values.push_back(value);
  }
  axis("inputs/parameter", keys, {"1", "parameter of a device"});
  words("inputs/parameter_unit", units, "inputs/parameter", {"1", "unit of the parameter"});
  open_array("inputs/parameter_value", Kind::real, {"inputs/parameter"}, {"1", "value of the parameter"}, std::nan(""));
  put("inputs/parameter_value", 0, values);
}
void ResultFile::flush() {
  handles_->require_writable();
  handles_->require(H5Fflush(handles_->file, H5F_SCOPE_LOCAL), "write");
}

void ResultFile::conclude(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
    end_appending();
    attribute("provenance/finished", time_now());
    if (handles_->phase == Handles::Phase::making) {
      flush();
      attribute(hdf5::all_arrays_exist, 1.0);
    }
    flush();                       // reports a full disk as an error; closing a dataset does not
    attribute("complete", "yes");  // after everything else is in the file
    flush();
    handles_->close();
    handles_->target.take_place();
  } catch (Error& error) {
    handles_->leave(*this);
    handles_->explain(error);
    if (!failure) throw;
  } catch (...) {
    handles_->leave(*this);
    if (!failure) throw;
  }
}

std::filesystem::path ResultFile::place() const {
  return handles_->target.placed() ? handles_->target.path() : handles_->target.part();
}

}  // namespace memdyn
