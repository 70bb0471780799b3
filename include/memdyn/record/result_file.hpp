// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "memdyn/core/input_text.hpp"
#include "memdyn/record/output_target.hpp"
#include "memdyn/record/result_reader.hpp"

namespace memdyn {

/// Stands in a file for a number that a run does not have.
inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// What a run depends on beside its scenario. The file keeps it in the group `inputs`, so that the run can be
/// explained, and repeated, from the file alone.
struct RunInputs {
  struct Parameter {
    std::string key, units;  ///< "device.parameters.R_on", "ohm"
    double value;
  };
  std::string command{};                ///< "simulate"; empty: the file has no such group
  std::string file{};                   ///< name of the scenario file
  std::vector<InputText> texts{};       ///< the files that the scenario names
  std::vector<Parameter> parameters{};  ///< of all devices
  std::vector<std::pair<std::string, std::variant<double, std::string>>> options{};  ///< as they were resolved
};

/// Provenance of a file, stored in its root attributes beside version, commit, build and date.
struct Provenance {
  std::string title;
  std::string scenario;  ///< text of the scenario, or the command
  std::optional<std::uint64_t> seed;
  bool resumable = false;  ///< the command can go on with the part of a run that ended early (--resume)
  RunInputs inputs{};
};

/// Attributes of a dataset: `units` in the notation of UDUNITS ("s", "A", "V", "ohm", "1"), and a descriptive name.
struct Caption {
  std::string units;
  std::string long_name;
};

/// A result file: HDF5 that netCDF4, and therefore xarray, can open directly. Every array has a dimension scale on each
/// axis; strings have variable length. README.md of this folder documents the format.
///
/// The file is written beside its target and replaces the target when it is concluded: see OutputTarget. A file that is
/// not concluded stays beside the target; it is a valid file whose attribute `complete` is "no".
///
/// A run that may be killed writes in three phases, so that recover() can read what it leaves:
/// 1. It creates every group, array, axis and attribute.
/// 2. Between begin_appending() and end_appending() it calls only append(), put() and flush() of arrays. HDF5's
///    single-writer mode then keeps the structure of the file valid at any moment. These three members may be called
///    from several threads. Values are safe after flush(); a mark that declares them valid (the axis of a table, the
///    status of a trajectory) must be written after that.
/// 3. It gives attributes that exist another value, and concludes the file. It must not create an attribute or remove
///    anything: HDF5 writes such a change in several places, and a run that is killed between them would lose all.
///
/// All members throw IoError naming the file. After a write has failed, for example because the disk is full, nothing
/// more is written, and the open file is abandoned: HDF5 would try to write again when it closes the file. For the same
/// reason HDF5's exit handler is turned off (H5dont_atexit) when the first file is opened.
class ResultFile {
 public:
  using AxisValues = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>>;

  /// @throws InputError, IoError as the constructor of OutputTarget
  ResultFile(const std::filesystem::path& path, const Provenance& provenance)
      : ResultFile(OutputTarget(path), provenance) {}
  ResultFile(OutputTarget target, const Provenance& provenance);
  ~ResultFile();
  ResultFile(ResultFile&&) noexcept;
  ResultFile& operator=(ResultFile&&) noexcept;

  /// Writes an axis. Names are paths ("trajectory/time"); groups are created as needed.
  void axis(const std::string& name, const AxisValues& values, const Caption& caption);
  /// Creates an axis to which values are appended.
  void growing_axis(const std::string& name, const Caption& caption);
  /// Writes one word per point of an axis.
  void words(const std::string& name, const std::vector<std::string>& values, const std::string& axis,
             const Caption& caption);
  enum class Kind { real, integer, code };
  /// Creates an array along a growing axis and at most one fixed axis.
  void growing_array(const std::string& name, Kind kind, const std::vector<std::string>& axes, const Caption& caption);
  /// Creates an array that put() fills part by part; elements that are not written have the value `fill`.
  void open_array(const std::string& name, Kind kind, const std::vector<std::string>& axes, const Caption& caption,
                  double fill);
  /// Writes consecutive elements of an open array, from element `first` in row-major order.
  void put(const std::string& name, std::uint64_t first, std::span<const double> values);
  /// The meanings of the values 0, 1, ... of an array (CF: flag_values, flag_meanings).
  void meanings(const std::string& name, std::span<const std::string_view> words);
  /// Appends whole rows to a growing axis or array.
  void append(const std::string& name, std::span<const double> values);
  /// Creates an array, of the name "provenance/checkpoint/NAME": what recover() needs beside the results. All elements
  /// have the value `fill` until put() writes them.
  void checkpoint_array(const std::string& name, Kind kind, const std::vector<std::size_t>& shape, double fill);
  [[nodiscard]] bool has(const std::string& name) const;
  /// What an earlier run with this output has left, if this run goes on with it (OutputTarget::Left::resumed); none if
  /// there is nothing. To be called when the attributes are written that say what is computed.
  /// @throws IoError if it was left by a run of another scenario, program or instruction set
  [[nodiscard]] std::optional<ResultReader> left() const;
  /// Puts this file in the place of what the earlier run has left. It must hold, flushed, all that is to be kept. In
  /// phase 2; no effect if nothing is left.
  void take_over();
  /// Phase 2 begins: from now on the file survives if the process is killed.
  void begin_appending();
  /// Phase 2 ends. No effect in the other phases.
  void end_appending();
  /// Writes everything that was appended or put to these arrays to the file.
  void flush(std::span<const std::string> names);
  /// Writes an attribute of the root, or of a group ("inputs/command"); not in phase 2, and in phase 3 only one that
  /// exists. @throws std::logic_error for a new attribute in phase 3
  void attribute(const std::string& name, double value);
  void attribute(const std::string& name, const std::string& value);
  /// Writes everything buffered so far to the file.
  void flush();
  /// Ends a run and closes the file; nothing can be written afterwards. If the run succeeded, the file replaces its
  /// target. If it failed, the file stays beside the target, and if the failure is an Error, a clause that names the
  /// file is appended to its message. For an InputError, which ends a run before it computes anything, and for a file
  /// that could not be created as a whole, the file is removed.
  /// @param failure why the run ended early; null if it succeeded
  void conclude(const std::exception_ptr& failure = {});
  /// False after a write has failed.
  [[nodiscard]] bool writable() const;
  /// The current path of the file: beside the target until conclude(), then the path that was given.
  [[nodiscard]] std::filesystem::path place() const;

  /// Rows per chunk: appending is cheapest in multiples of it.
  static constexpr std::size_t chunk = 4096;

 private:
  void write(const RunInputs& inputs);
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace memdyn
