// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace memdyn {

/// Where a run writes its result. Until the run is finished, its rows are in `part()`, a file of the target's name with
/// ".part" added; then `take_place()` renames that to the target. An older result is untouched until then.
///
/// The target is a new file, an empty one or a result file of Memdyn. What it replaces hands on its mode and, where
/// that is permitted, its owner. A symbolic link is written through, also where it leads to a file that does not exist
/// yet: the part is beside the file that the link leads to. Other hard links to an older result keep the older result.
///
/// The part is locked (advisory, `F_OFD_SETLK`) as long as the object lives. A part that exists is replaced only if
/// it is a regular file, no run holds its lock, and it is a result file of Memdyn.
class OutputTarget {
 public:
  /// Checks the target and claims the part; what is in a part that exists stays until make_part().
  /// @throws InputError for a name whose extension promises another format
  /// @throws IoError for a target or a part that must not be written, and where the folder admits no new file
  explicit OutputTarget(const std::filesystem::path& path);
  ~OutputTarget();  ///< removes a part that it made, unless keep_part() or take_place() was called
  OutputTarget(OutputTarget&& other) noexcept;
  OutputTarget& operator=(OutputTarget&&) = delete;

  /// As it was given.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& part() const { return part_; }
  /// The part is the file that this object claimed or made.
  [[nodiscard]] bool has_part() const { return descriptor_.is(part_); }
  /// There is an older result at the target.
  [[nodiscard]] bool replaces() const;

  /// Makes the part a file of this run's own, in place of one of an earlier run, with the mode of an older result; what
  /// is in it may be overwritten. @throws IoError
  void make_part();
  /// Whether the part stays if the run does not finish.
  void keep_part(bool keep) { kept_ = keep; }
  /// Renames the part, which is written and closed, to the target. @throws IoError; the part stays then
  void take_place();
  [[nodiscard]] bool placed() const { return placed_; }

 private:
  /// An open file, and the lock that is held through it.
  class Descriptor {
   public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool opened() const { return number_ >= 0; }
    /// The file that is open here is the one that the path names now.
    [[nodiscard]] bool is(const std::filesystem::path& path) const;
    /// @returns false if another process, or another object of this one, holds it
    [[nodiscard]] bool lock() const;

   private:
    int number_;
  };

  /// A new file at the part, locked; none if there is a file. @throws IoError if it cannot be created
  [[nodiscard]] Descriptor create_part() const;
  /// The part that an earlier run has left, locked; none if it is empty or has just gone.
  /// @throws IoError if it is in use, or not one of Memdyn
  [[nodiscard]] Descriptor take_left_part() const;
  /// Takes mode and owner of the older result, as far as they can be set.
  void adopt() const;

  std::filesystem::path path_, target_, part_;  ///< as given, behind symbolic links, beside that
  Descriptor descriptor_;                       ///< of the part
  bool made_ = false;                           ///< the part is a file that this object made
  bool kept_ = false;
  bool placed_ = false;
};

}  // namespace memdyn
