// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace memdyn {

/// The file to which a run writes its result. During the run its rows are in `part()`, a file whose name is that of the
/// target plus ".part"; at the end `take_place()` renames the part to the target. An older result is untouched until
/// then.
///
/// The target must be a new file, an empty file or a result file of Memdyn. The new file keeps the mode of the file
/// that it replaces and, if permitted, its owner. Symbolic links are followed, even to a file that does not exist yet;
/// the part is then beside the file at the end of the link. Other hard links to an older result keep the older result.
///
/// The part is locked (advisory, `F_OFD_SETLK`) during the lifetime of the object. An existing part is replaced only if
/// it is a regular file, no run holds its lock, and it is a result file of Memdyn that its run closed. The part of a
/// killed run is kept for recover(), or for a run that goes on with it.
///
/// A run that goes on with a part keeps that part, locked, and writes a file of the name of the target plus
/// ".part.resumed" until this holds everything that was saved; then take_over() puts it in the place of the part.
class OutputTarget {
 public:
  /// What becomes of the part of an earlier run.
  enum class Left { replaced, resumed };
  /// Checks the target and locks the part; the content of an existing part is kept until make_part(), or take_over().
  /// @throws InputError if the extension of the name belongs to another format
  /// @throws IoError if the target or the part must not be written, or no file can be created in the folder
  explicit OutputTarget(const std::filesystem::path& path, Left left = Left::replaced);
  ~OutputTarget();  ///< removes a part that it created, unless keep_part() or take_place() was called
  OutputTarget(OutputTarget&& other) noexcept;
  OutputTarget& operator=(OutputTarget&&) = delete;

  /// The path that was passed to the constructor.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& part() const { return part_; }
  /// True if the file at part() is the one that this object locked or created.
  [[nodiscard]] bool has_part() const { return descriptor_.is(part_); }
  /// True if there is an older result at the target.
  [[nodiscard]] bool replaces() const;

  /// The part of the earlier run that is to be resumed; empty if there is none, and after take_over().
  [[nodiscard]] const std::filesystem::path& left() const { return left_path_; }

  /// Creates the part of this run, with the mode of an older result; it replaces the part of an earlier run. Its
  /// content may be overwritten from then on. @throws IoError
  void make_part();
  /// Renames the part to left(), which it replaces. No effect if that is empty. @throws IoError
  void take_over();
  /// Sets whether the part is kept if the run does not finish.
  void keep_part(bool keep) { kept_ = keep; }
  /// Renames the part, which must be closed, to the target. @throws IoError; the part is then kept
  void take_place();
  [[nodiscard]] bool placed() const { return placed_; }

 private:
  /// An open file, and the lock held through it.
  class Descriptor {
   public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool opened() const { return number_ >= 0; }
    /// True if the open file is the one at the path now.
    [[nodiscard]] bool is(const std::filesystem::path& path) const;
    /// Locks the file. @returns false if another process, or another object in this process, holds the lock
    [[nodiscard]] bool lock() const;

   private:
    int number_;
  };

  /// Creates and locks a new part; returns a closed Descriptor if the file exists. @throws IoError if it cannot be
  /// created
  [[nodiscard]] Descriptor create_part() const;
  /// Locks the part that is to be resumed. @returns false if there is none, or it holds nothing
  /// @throws IoError if it is in use, or is not a file of Memdyn
  [[nodiscard]] bool lock_left();
  /// Opens and locks an existing part; returns a closed Descriptor if it is empty or has just been removed.
  /// @throws IoError if the part is in use, or cannot be opened
  [[nodiscard]] Descriptor lock_existing() const;
  /// Locks the part that an earlier run left; returns a closed Descriptor if that is empty or has just been removed.
  /// @throws IoError if the part is in use, is not a file of Memdyn, or was left by a run that was killed
  [[nodiscard]] Descriptor take_left_part() const;
  /// Synchronizes the part with the disk and renames it. @throws IoError
  void rename_part(const std::filesystem::path& name) const;
  /// Sets mode and owner of the part to those of the older result, as far as permitted.
  void adopt() const;

  std::filesystem::path path_, target_, part_;  ///< as given; with symbolic links resolved; target_ + ".part"
  Descriptor descriptor_;                       ///< descriptor of the part
  std::filesystem::path left_path_;
  Descriptor left_;    ///< descriptor of left()
  bool made_ = false;  ///< this object created the part
  bool kept_ = false;
  bool placed_ = false;
};

}  // namespace memdyn
