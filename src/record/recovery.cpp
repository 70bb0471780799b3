// SPDX-License-Identifier: MIT
#include "memdyn/record/recovery.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <sstream>
#include <system_error>
#include <vector>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/record/output_target.hpp"
#include "memdyn/record/result_file.hpp"
#include "record/box.hpp"
#include "record/checkpoint.hpp"
#include "record/handle.hpp"
#include "record/replacement.hpp"

namespace memdyn {
namespace fs = std::filesystem;
using hdf5::Handle;
namespace {

[[noreturn]] void refuse(const fs::path& part, const std::string& why) {
  throw IoError(in_message(part.string()) + ": " + why);
}

/// An open part, locked for reading, so that no run can write it.
class LockedPart {
 public:
  explicit LockedPart(const fs::path& path) : number_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    if (number_ < 0) refuse(path, fmt::format("cannot be read: {}", std::strerror(errno)));
    struct stat status{};
    if (::fstat(number_, &status) != 0 || !S_ISREG(status.st_mode)) refuse(path, "is not a regular file");
    struct flock whole{.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    if (::fcntl(number_, F_OFD_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES))
      refuse(path, "is being written by a run; end that run, or wait for its end");
    if (status.st_size == 0 || is_claim(number_))
      refuse(path, "the run was killed before it wrote anything; delete this file");
    // the version of the superblock; before 3 the file does not survive a kill, and its numbers may be wrong
    constexpr off_t version_at = 8;
    constexpr char least_version = 3;
    char version = 0;
    if (H5Fis_hdf5(path.c_str()) <= 0 || ::pread(number_, &version, 1, version_at) != 1)
      refuse(path, "is not a file that a run of Memdyn left; give the file NAME.part that is beside the output NAME");
    if (version < least_version)
      refuse(path,
             "is an HDF5 file, but none that can be recovered: runs of this version of Memdyn write another kind");
  }
  ~LockedPart() { ::close(number_); }
  LockedPart(const LockedPart&) = delete;
  LockedPart& operator=(const LockedPart&) = delete;

  /// Writes its bytes over a file. @throws IoError
  void copy_to(const fs::path& path) const {
    constexpr std::size_t most_bytes = 1 << 20;  // in memory at a time
    const int copy = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    std::vector<char> buffer(most_bytes);
    bool good = copy >= 0;
    for (off_t at = 0; good;) {
      stop_if_interrupted();
      const ssize_t count = ::pread(number_, buffer.data(), buffer.size(), at);
      if (count == 0) break;
      const ssize_t written = count < 0 ? -1 : ::pwrite(copy, buffer.data(), static_cast<std::size_t>(count), at);
      good = written >= 0 || errno == EINTR;
      at += std::max<ssize_t>(0, written);
    }
    const int why = errno;
    if (copy >= 0) ::close(copy);
    if (!good) throw IoError(fmt::format("{}: cannot be written: {}", in_message(path.string()), std::strerror(why)));
  }

 private:
  int number_;
};

/// Where a heap of texts begins that the end of a file cuts; none if there is no such heap. HDF5 would read zeros for
/// the rest of it, and would not come to an end of them.
std::optional<off_t> cut_heap(int file, off_t size) {
  constexpr std::string_view signature("GCOL\1\0\0\0", 8);
  constexpr off_t most_bytes = 1 << 26;    // of a heap, which holds whole texts: a scenario, a data set
  constexpr std::size_t least_bytes = 16;  // of its own header: signature and length
  const off_t from = std::max<off_t>(0, size - most_bytes);
  std::string end(static_cast<std::size_t>(size - from), '\0');
  if (::pread(file, end.data(), end.size(), from) != std::ssize(end)) return {};
  const auto at = end.rfind(signature);
  if (at == std::string::npos) return {};
  std::uint64_t length = 0;  // little-endian
  if (at + least_bytes <= end.size())
    for (std::size_t byte = at + least_bytes; byte-- > at + signature.size();)
      length = length << 8U | static_cast<unsigned char>(end[byte]);
  if (length >= least_bytes && length <= end.size() - at) return {};
  return from + static_cast<off_t>(at);
}

/// Makes such a heap unreadable, so that its texts are missing.
void spoil_cut_heap(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return;
  struct stat status{};
  if (::fstat(file, &status) == 0)
    if (const auto at = cut_heap(file, status.st_size)) {
      constexpr std::string_view no_signature = "cut!";
      [[maybe_unused]] const ssize_t written = ::pwrite(file, no_signature.data(), no_signature.size(), *at);
    }
  ::close(file);
}

/// Opens a copy of a part for writing. HDF5 refuses a file whose writer was killed, for its flags and for the length
/// that its superblock states; the tool h5clear corrects both by the same properties of HDF5.
Handle open_left(const fs::path& path) {
  spoil_cut_heap(path);
  const Handle access = hdf5::writing_access();
  hdf5::accept_killed(access);
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, access), H5Fclose);
  // A full disk can have cut the last heap of texts, which has 4096 bytes. HDF5 writes it again as a whole, and refuses
  // to write beyond what it takes for the end of the file: so that is moved behind the rest of the heap.
  constexpr hsize_t most_cut = 4096;
  if (file >= 0 && H5Fincrement_filesize(file, most_cut) < 0) return Handle();
  return file;
}

/// A result file that is being repaired.
class Repair {
 public:
  /// @param file the open copy at `copy` of the file `part`
  Repair(Handle file, fs::path part, fs::path copy)
      : file_(std::move(file)), part_(std::move(part)), copy_(std::move(copy)) {}
  ~Repair() { file_.abandon(); }  // after a failed write closing it would only try to write again
  Repair(const Repair&) = delete;
  Repair& operator=(const Repair&) = delete;

  /// @returns what was saved, in words; empty if there is nothing
  std::string run() {
    auto saved = put_in_order();
    require(file_.close(), "close the file");
    return saved;
  }

 private:
  std::string put_in_order() {
    for (const char* group : {"/", "trajectory"})
      if (has(group)) require_stored(group);
    if (has(checkpoint::group))
      for (std::size_t slot = 0; slot < checkpoint::slots; ++slot)
        require_stored(checkpoint::path(fmt::format("{}", slot)));
    if (hdf5::text_attribute(file_, "/", "complete") == "yes") return "a whole result";
    for (const char* group : {"/", "provenance"})
      if (has(group)) empty_unwritten_texts(group);
    replace_text("/", "complete", "no");
    std::string saved;
    if (has("total_error")) saved = "the results of a training";
    if (has("rule_total_error")) saved = "the trainings of a study that had ended";
    if (has("time") && grows("time")) saved = fmt::format("{} rows", cut_rows("/", "time"));
    if (has("status")) saved = blank_what_was_not_run();
    if (has(checkpoint::group)) saved = restore_training();
    if (has("trajectory") && has("trajectory/time"))
      saved += fmt::format(", {} rows of trajectories", cut_rows("trajectory", "trajectory/time"));
    return saved;
  }
  template <class Status>
  Status require(Status status, const std::string& what) const {
    return hdf5::require(status, copy_.string(), what);
  }
  [[nodiscard]] bool has(const std::string& name) const { return H5Lexists(file_, name.c_str(), H5P_DEFAULT) > 0; }
  [[nodiscard]] Handle open(const std::string& name) const {
    const hid_t dataset = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
    if (dataset < 0) refuse(part_, in_message(name) + " cannot be read: the file is damaged");
    return Handle(dataset, H5Dclose);
  }
  /// Refuses a part that is shorter than its datasets say.
  void require_stored(const std::string& group) const {
    const auto bytes = fs::file_size(part_);
    for (const auto& name : datasets(group)) {
      const Handle dataset = open(name);
      if (elements(dataset) > 0 && !hdf5::is_stored(dataset, bytes))
        refuse(part_, "is cut short: " + in_message(name) +
                          " goes on beyond its end. It may be an incomplete copy: copy the part of the run again");
    }
  }
  [[nodiscard]] static std::vector<hsize_t> shape(hid_t dataset) {
    const Handle space(H5Dget_space(dataset), H5Sclose);
    return hdf5::lengths(space);
  }
  [[nodiscard]] static hsize_t elements(hid_t dataset) {
    hsize_t count = 1;
    for (const hsize_t length : shape(dataset)) count *= length;
    return count;
  }
  [[nodiscard]] bool grows(const std::string& name) const {
    const Handle dataset = open(name);
    const Handle space(H5Dget_space(dataset), H5Sclose);
    std::vector<hsize_t> size(hdf5::lengths(space).size()), most(size.size());
    H5Sget_simple_extent_dims(space, size.data(), most.data());
    return !most.empty() && most.front() == H5S_UNLIMITED;
  }
  /// The paths of the datasets of a group.
  [[nodiscard]] std::vector<std::string> datasets(const std::string& group) const {
    const Handle id(require(H5Gopen2(file_, group.c_str(), H5P_DEFAULT), "read " + group), H5Gclose);
    std::vector<std::string> names;
    const auto note = [](hid_t /*group*/, const char* name, const H5L_info_t*, void* into) -> herr_t {
      static_cast<std::vector<std::string>*>(into)->emplace_back(name);
      return 0;
    };
    require(H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names), "read " + group);
    std::erase_if(names, [&](const std::string& name) {
      H5O_info_t info;
      return H5Oget_info_by_name(id, name.c_str(), &info, H5P_DEFAULT) < 0 || info.type != H5O_TYPE_DATASET;
    });
    if (group != "/")
      for (auto& name : names) name.insert(0, group + "/");
    return names;
  }

  /// Reads (or writes) consecutive elements, in row-major order.
  std::vector<double> read(hid_t dataset, hsize_t first, hsize_t count) const {
    std::vector<double> values(count);
    double* into = values.data();
    const Handle space(H5Dget_space(dataset), H5Sclose);
    hdf5::for_each_box(space, first, count, [&](hid_t memory, hsize_t taken) {
      if (H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, into) < 0)
        refuse(part_, "some numbers cannot be read: the file is damaged");
      into += taken;
    });
    return values;
  }
  void write(hid_t dataset, hsize_t first, const std::vector<double>& values) const {
    const double* from = values.data();
    const Handle space(H5Dget_space(dataset), H5Sclose);
    hdf5::for_each_box(space, first, values.size(), [&](hid_t memory, hsize_t taken) {
      require(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, from), "write what was saved");
      from += taken;
    });
  }
  [[nodiscard]] std::vector<double> read(const std::string& name) const {
    const Handle dataset = open(name);
    return read(dataset, 0, elements(dataset));
  }
  void write(const std::string& name, const std::vector<double>& values) const { write(open(name), 0, values); }

  /// Empties text attributes that cannot be read. When a run ends it gives some of them another text, and HDF5 may have
  /// written where the new text is to be found, and not yet the text.
  void empty_unwritten_texts(const char* group) {
    std::vector<std::string> names;
    const auto note = [](hid_t /*object*/, const char* name, const H5A_info_t*, void* into) -> herr_t {
      static_cast<std::vector<std::string>*>(into)->emplace_back(name);
      return 0;
    };
    require(H5Aiterate_by_name(file_, group, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names, H5P_DEFAULT),
            "read the attributes");
    for (const auto& name : names) {
      const Handle id(require(H5Aopen_by_name(file_, group, name.c_str(), H5P_DEFAULT, H5P_DEFAULT), "read " + name),
                      H5Aclose);
      const Handle type(H5Aget_type(id), H5Tclose);
      if (H5Tget_class(type) == H5T_STRING && !hdf5::text_attribute(file_, group, name.c_str()))
        replace_text(group, name, "");
    }
  }
  void replace_text(const char* group, const std::string& name, const char* text) const {
    const Handle object(require(H5Oopen(file_, group, H5P_DEFAULT), std::string("open ") + group), H5Oclose);
    require(H5Adelete(object, name.c_str()), "replace " + name);
    describe(object, name.c_str(), text);
  }

  /// Cuts the columns of a table to the rows that its axis declares valid. @returns their number
  hsize_t cut_rows(const std::string& group, const std::string& axis) {
    std::vector<std::string> columns;
    for (const auto& name : datasets(group))
      if (grows(name)) columns.push_back(name);
    const hsize_t rows = shape(open(axis)).front();
    for (const auto& name : columns) {
      const Handle dataset = open(name);
      auto size = shape(dataset);
      if (size.front() < rows) refuse(part_, in_message(name) + " has fewer rows than its axis: the file is damaged");
      if (size.front() == rows) continue;
      size.front() = rows;
      require(H5Dset_extent(dataset, size.data()), "cut " + name);
    }
    return rows;
  }

  /// The value of a flag with a given meaning.
  [[nodiscard]] std::optional<double> flag(const std::string& name, const std::string& meaning) const {
    std::istringstream words(hdf5::text_attribute(file_, name.c_str(), "flag_meanings").value_or(""));
    std::string word;
    for (double value = 0; words >> word; ++value)
      if (word == meaning) return value;
    return {};
  }
  /// The value of elements that are not written; none if the array has no such value.
  [[nodiscard]] static std::optional<double> fill_of(hid_t dataset) {
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    H5D_fill_value_t defined = H5D_FILL_VALUE_ERROR;
    double fill = missing;
    if (H5Pfill_value_defined(properties, &defined) < 0 || defined != H5D_FILL_VALUE_USER_DEFINED ||
        H5Pget_fill_value(properties, H5T_NATIVE_DOUBLE, &fill) < 0)
      return {};
    return fill;
  }

  /// Removes the values of trajectories of a sweep whose status was not saved.
  std::string blank_what_was_not_run() {
    const auto not_run = flag("status", "not_run");
    if (!not_run) refuse(part_, "the status has no value for \"not_run\": the file is damaged");
    const auto status = read("status");
    for (const auto& name : datasets("/")) {
      const Handle dataset = open(name);
      const auto fill = fill_of(dataset);
      if (name != "status" && fill) blank(dataset, *fill, status, *not_run);
    }
    const auto missing = std::ranges::count(status, *not_run);
    return fmt::format("{} of {} trajectories", std::ssize(status) - missing, status.size());
  }
  void blank(hid_t dataset, double fill, const std::vector<double>& status, double not_run) const {
    constexpr hsize_t most_numbers = 1 << 19;  // in memory at a time
    const hsize_t width = elements(dataset) / status.size();
    const hsize_t block = std::max<hsize_t>(1, most_numbers / std::max<hsize_t>(1, width));
    for (hsize_t first = 0; first < status.size(); first += block) {
      stop_if_interrupted();
      const hsize_t count = std::min<hsize_t>(block, status.size() - first);
      auto values = read(dataset, first * width, count * width);
      bool changed = false;
      for (hsize_t i = 0; i < count * width; ++i) {
        if (status[first + i / width] != not_run) continue;
        changed = changed || std::bit_cast<std::uint64_t>(values[i]) != std::bit_cast<std::uint64_t>(fill);
        values[i] = fill;
      }
      if (changed) write(dataset, first * width, values);
    }
  }

  /// Puts the last whole checkpoint of a training in its place.
  std::string restore_training() {
    const double marked = read(checkpoint::path(checkpoint::mark)).front();
    const bool saved = marked < checkpoint::slots;  // else the run was killed before its first checkpoint
    const auto in_slot = [&](const char* name) {
      return checkpoint::path(checkpoint::in_slot(saved ? static_cast<std::size_t>(marked) : 0, name));
    };
    auto epochs = read(in_slot("epochs"));
    auto accuracy = read(in_slot("accuracy"));
    auto weights = read(in_slot("weight"));
    if (!saved) std::ranges::fill(epochs, -1.0);
    auto errors = read("total_error");
    auto initial = read("weight_initial");
    const std::size_t runs = std::max<std::size_t>(1, epochs.size());
    const std::size_t each = weights.size() / runs, most = errors.size() / runs;
    const auto possible = [&](double count) { return count >= -1 && count <= static_cast<double>(most); };
    if (epochs.empty() || accuracy.size() != runs || weights.size() != runs * each ||
        initial.size() != weights.size() || errors.size() != runs * most || !std::ranges::all_of(epochs, possible))
      refuse(part_, "its checkpoint does not fit its results: the file is damaged");
    auto last = weights;
    std::size_t begun = 0, whole = 0;
    for (std::size_t run = 0; run < runs; ++run) {
      const bool finished = epochs[run] >= static_cast<double>(most);
      const auto part = [&](std::vector<double>& all) { return std::span(all).subspan(run * each, each); };
      if (epochs[run] < 0) {
        std::ranges::fill(part(initial), missing);
        std::ranges::fill(part(weights), missing);
      }
      if (!finished) {
        std::ranges::fill(part(last), missing);
        accuracy[run] = missing;
      }
      epochs[run] = std::max(0.0, epochs[run]);
      std::ranges::fill(std::span(errors).subspan(run * most, most).subspan(static_cast<std::size_t>(epochs[run])),
                        missing);
      begun += epochs[run] > 0 ? 1 : 0;
      whole += finished ? 1 : 0;
    }
    write("total_error", errors);
    write("weight_initial", initial);
    write("weight_final", last);
    write("accuracy", accuracy);
    write(in_slot("epochs"), epochs);
    write(in_slot("weight"), weights);
    move(in_slot("epochs"), "epochs_finished", {"gate", "realization"}, "epochs that were finished and saved");
    move(in_slot("weight"), "weight_latest", {"gate", "realization", "weight"}, "weight after these epochs");
    require(H5Ldelete(file_, checkpoint::group, H5P_DEFAULT), "remove the checkpoint");
    return fmt::format("{} of {} realizations, {} of them as far as their last epoch", begun, runs, whole);
  }
  void move(const std::string& from, const char* to, const std::vector<std::string>& axes, const char* long_name) {
    require(H5Lmove(file_, from.c_str(), file_, to, H5P_DEFAULT, H5P_DEFAULT), "move " + from);
    const Handle dataset = open(to);
    for (std::size_t k = 0; k < axes.size(); ++k)
      require(H5DSattach_scale(dataset, open(axes[k]), static_cast<unsigned>(k)), "attach the axis " + axes[k]);
    describe(dataset, "units", "1");
    describe(dataset, "long_name", long_name);
  }
  void describe(hid_t dataset, const char* name, const char* text) const {
    const Handle type = hdf5::string_type();
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle id(require(H5Acreate2(dataset, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "write an attribute"),
                    H5Aclose);
    require(H5Awrite(id, type, &text), "write an attribute");
  }

  Handle file_;
  fs::path part_, copy_;
};

/// Refuses a file that can be read as far as to see that it is not of Memdyn, before it is copied.
void check_kind(const fs::path& part) {
  for (const unsigned how : {0U, H5F_ACC_SWMR_READ}) {
    const Handle file(H5Fopen(part.c_str(), H5F_ACC_RDONLY | how, hdf5::unlocked_access()), H5Fclose);
    if (file >= 0 && hdf5::text_attribute(file, "/", "format") != hdf5::result_format)
      refuse(part, "is an HDF5 file, but not one of Memdyn");
  }
}

}  // namespace

std::string recover(const fs::path& part, const fs::path& output) {
  hdf5::silence();
  const LockedPart locked(part);
  check_kind(part);
  auto beside = followed(output);
  beside += ".part";
  std::error_code absent;
  if (fs::equivalent(part, beside, absent) || fs::equivalent(part, output, absent))
    throw InputError("", "output", output.string(), "is where the killed run was writing to; choose another name");
  OutputTarget target(output);
  target.make_part();
  locked.copy_to(target.part());
  Handle file = open_left(target.part());
  if (file < 0 || hdf5::text_attribute(file, "/", "format") != hdf5::result_format)
    refuse(part, "holds no results: the run was killed before it had made the file, or the file is damaged");
  if (hdf5::number_attribute(file, hdf5::all_arrays_exist) == 0.0) {
    file.abandon();
    refuse(part, "holds no results: the run was killed before it had made the file; delete this file");
  }
  auto saved = Repair(std::move(file), part, target.part()).run();
  if (saved.empty()) refuse(part, "holds no results: the run was killed before it had made the file");
  target.take_place();
  return saved;
}

}  // namespace memdyn
