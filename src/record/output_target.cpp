// SPDX-License-Identifier: MIT
#include "memdyn/record/output_target.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "core/message.hpp"
#include "core/text_file.hpp"
#include "memdyn/core/error.hpp"
#include "record/handle.hpp"
#include "record/replacement.hpp"

namespace memdyn {
namespace fs = std::filesystem;
namespace {

/// Usual extensions of HDF5 and netCDF-4 files.
constexpr std::string_view admissible[] = {".h5", ".hdf5", ".hdf", ".he5", ".nc", ".nc4"};

void check_extension(const fs::path& path) {
  std::string own = path.extension().string();
  for (char& c : own) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (own.empty() || std::ranges::find(admissible, own) != std::end(admissible)) return;
  throw InputError("", "output", path.string(),
                   fmt::format("the result is an HDF5 file, and {} is not an extension of HDF5 files: write {}, or no "
                               "extension",
                               own, fmt::join(admissible, ", ")));
}

/// Whether a file is a result file of Memdyn: HDF5 with the root attribute `format` of result files.
bool is_result_file(const fs::path& path) {
  hdf5::silence();
  // without locking: a result file is recognized even while another program has locked it; a file that this process has
  // open is opened again only with the locking that it was opened with
  const auto is_result = [&](hid_t access) {
    const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
    return file >= 0 && hdf5::text_attribute(file, "/", "format") == hdf5::result_format;
  };
  return is_result(hdf5::unlocked_access()) || is_result(H5P_DEFAULT);
}

/// Whether a file that a killed program left open can be read as far as to see that it is no result file of Memdyn.
bool is_foreign(const fs::path& path) {
  hdf5::silence();
  const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, hdf5::unlocked_access()), H5Fclose);
  return file >= 0 && hdf5::text_attribute(file, "/", "format") != hdf5::result_format;
}

/// Whether a killed run had not made all arrays of its file, so that the file holds no results.
bool holds_nothing(const fs::path& path) {
  hdf5::silence();
  const hdf5::Handle file = hdf5::open_killed(path.c_str());
  return file >= 0 && hdf5::text_attribute(file, "/", "format") == hdf5::result_format &&
         hdf5::number_attribute(file, hdf5::all_arrays_exist) == 0.0;
}

/// Status of the file that a result would replace, if there is one. @throws IoError if it must not be replaced
std::optional<struct stat> older_result_at(const fs::path& path) {
  const auto older = older_at(path);
  if (older && older->st_size > 0 && !is_result_file(path))
    throw IoError(in_message(path.string()) +
                  ": exists and is not a result file of Memdyn, so it is not replaced; choose another name");
  return older;
}

[[noreturn]] void in_use(const fs::path& part) {
  throw IoError(in_message(part.string()) +
                ": is being written by another run; wait until that ends, or choose another output");
}

[[noreturn]] void left_by_killed_run(const fs::path& part) {
  const auto name = in_message(part.string());
  throw IoError(
      fmt::format("{}: was left by a run that was killed, and is not replaced; write what it saved to a file of its "
                  "own with \"memdyn recover {} -o FILE\", then delete it; or choose another output; or go on with it "
                  "(\"--resume\" of sweep, train and reproduce)",
                  name, name));
}

[[noreturn]] void in_the_way(const fs::path& part, const std::string& what) {
  throw IoError(
      fmt::format("{}: {}, so it is not replaced, but the run must write its rows there; remove it, or choose another "
                  "output",
                  in_message(part.string()), what));
}

}  // namespace

OutputTarget::Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
OutputTarget::Descriptor& OutputTarget::Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}
OutputTarget::Descriptor::~Descriptor() {
  if (opened()) ::close(number_);
}

bool OutputTarget::Descriptor::is(const fs::path& path) const {
  struct stat own{}, named{};
  return ::fstat(number_, &own) == 0 && ::lstat(path.c_str(), &named) == 0 && own.st_dev == named.st_dev &&
         own.st_ino == named.st_ino;
}

bool OutputTarget::Descriptor::lock() const {
  // Lock the open file description, not the process: HDF5 calls flock() on a descriptor of its own, and closing that
  // descriptor would release a lock of the process.
  struct flock whole{.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
  if (::fcntl(number_, F_OFD_SETLK, &whole) == 0) return true;
  return errno != EAGAIN && errno != EACCES;  // other errors: the file system has no locks; write anyway
}

OutputTarget::OutputTarget(const fs::path& path, Left left) : path_(path) {
  check_extension(path);
  if (!path.has_filename() || path.filename() == "." || path.filename() == "..")
    throw IoError(fmt::format("\"{}\": names no file; add a file name such as result.h5", in_message(path.string())));
  (void)older_result_at(path);  // before followed(): links in /proc cannot be followed by name
  target_ = followed(path);
  part_ = target_;
  part_ += ".part";
  if (left == Left::resumed && lock_left()) {
    left_path_ = part_;
    part_ += ".resumed";
  }
  // Another process may just have created an empty part and not locked it yet: wait for it.
  for (int attempt = 0; attempt < 10 && !descriptor_.opened(); ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    descriptor_ = create_part();
    made_ = descriptor_.opened();
    if (!made_) descriptor_ = take_left_part();
  }
  if (!descriptor_.opened()) in_the_way(part_, "exists and is empty");
  if (made_ && ::write(descriptor_.number(), claim.data(), claim.size()) != std::ssize(claim)) {
    const int why = errno;
    ::unlink(part_.c_str());
    cannot_create(part_, why);
  }
}

OutputTarget::OutputTarget(OutputTarget&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      part_(std::move(other.part_)),
      descriptor_(std::move(other.descriptor_)),
      left_path_(std::move(other.left_path_)),
      left_(std::move(other.left_)),
      made_(std::exchange(other.made_, false)),
      kept_(other.kept_),
      placed_(other.placed_) {}

OutputTarget::~OutputTarget() {
  if (made_ && !kept_ && !placed_ && has_part()) ::unlink(part_.c_str());
}

bool OutputTarget::replaces() const {
  struct stat status{};
  return ::stat(target_.c_str(), &status) == 0 && status.st_size > 0;
}

OutputTarget::Descriptor OutputTarget::create_part() const {
  constexpr mode_t for_all = 0666;  // the umask is applied
  Descriptor made(::open(part_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, for_all));
  if (!made.opened() && errno != EEXIST) cannot_create(part_, errno);
  if (made.opened() && !made.lock()) in_use(part_);
  return made;
}

OutputTarget::Descriptor OutputTarget::lock_existing() const {
  struct stat named{};
  if (::lstat(part_.c_str(), &named) != 0) return Descriptor();
  if (!S_ISREG(named.st_mode)) in_the_way(part_, fmt::format("is {}", kind_of(named.st_mode)));
  if (named.st_size == 0) return Descriptor();
  Descriptor left(::open(part_.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!left.opened()) {
    if (errno == ENOENT) return Descriptor();
    in_the_way(part_, fmt::format("exists and cannot be opened: {}", std::strerror(errno)));
  }
  if (!left.lock()) in_use(part_);
  if (!left.is(part_)) return Descriptor();  // the run that wrote it has just finished
  return left;
}

bool OutputTarget::lock_left() {
  Descriptor left = lock_existing();
  if (!left.opened() || is_claim(left.number())) return false;
  if (is_left_open(left.number()) ? is_foreign(part_) : !is_result_file(part_))
    in_the_way(part_, "exists and cannot be read as a result file of Memdyn");
  if (is_left_open(left.number()) && holds_nothing(part_)) return false;
  left_ = std::move(left);
  return true;
}

OutputTarget::Descriptor OutputTarget::take_left_part() const {
  Descriptor left = lock_existing();
  if (!left.opened() || is_claim(left.number())) return left;
  const bool killed = is_left_open(left.number()) && !is_foreign(part_);
  if (killed && left_path_.empty() && !holds_nothing(part_)) left_by_killed_run(part_);
  if (!killed && !is_result_file(part_))
    in_the_way(part_, "exists and cannot be read as a result file of Memdyn (a killed run can leave one)");
  return left;
}

void OutputTarget::adopt() const {
  if (const auto older = older_result_at(target_)) memdyn::adopt(descriptor_.number(), *older);
}

void OutputTarget::make_part() {
  if (!made_) {  // a new file, not the old one truncated: programs and links that refer to that keep its content
    if (::unlink(part_.c_str()) != 0)
      in_the_way(part_, fmt::format("exists and cannot be removed: {}", std::strerror(errno)));
    Descriptor made = create_part();
    if (!made.opened()) in_use(part_);
    descriptor_ = std::move(made);
    made_ = true;
  }
  adopt();
}

void OutputTarget::take_over() {
  if (left_path_.empty()) return;
  if (!left_.is(left_path_)) throw IoError(in_message(left_path_.string()) + ": was removed or replaced meanwhile");
  rename_part(left_path_);
  part_ = std::exchange(left_path_, {});
  left_ = Descriptor();
}

void OutputTarget::take_place() {
  if (!has_part())
    throw IoError(in_message(part_.string()) +
                  ": was removed or replaced while the run was writing it, so the result is lost");
  adopt();
  rename_part(target_);
  placed_ = true;
}

void OutputTarget::rename_part(const fs::path& name) const {
  if (const int why = sync_to_disk(descriptor_.number()))
    throw IoError(fmt::format("{}: cannot be written to the disk: {}", in_message(part_.string()), std::strerror(why)));
  if (std::rename(part_.c_str(), name.c_str()) != 0)
    throw IoError(fmt::format("{}: cannot be renamed to {}: {}", in_message(part_.string()), in_message(name.string()),
                              std::strerror(errno)));
  sync_folder_of(name);
}

}  // namespace memdyn
