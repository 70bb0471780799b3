// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "memdyn/record/output_target.hpp"

namespace memdyn {

/// What a file says of its own making, beside version, commit and date: its root attributes.
struct Provenance {
  std::string title;
  std::string scenario;  ///< the scenario's text, or the command
  std::optional<std::uint64_t> seed;
};

/// What a dataset says of itself: `units` as UDUNITS writes them ("s", "A", "V", "ohm", "1"), and a name to read.
struct Caption {
  std::string units;
  std::string long_name;
};

/// A result file: HDF5 that netCDF4, and so xarray, opens as it is. Every array has a dimension scale on each of its
/// axes; strings are of variable length. See README.md of this folder for the format.
///
/// It is written beside its target, and takes the place of that when it is concluded: see OutputTarget. One that is not
/// concluded stays beside it, as a whole file whose attribute `complete` is "no".
///
/// All members throw IoError naming the file.
class ResultFile {
 public:
  using AxisValues = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>>;

  /// @throws InputError, IoError where OutputTarget refuses the path
  ResultFile(const std::filesystem::path& path, const Provenance& provenance)
      : ResultFile(OutputTarget(path), provenance) {}
  ResultFile(OutputTarget target, const Provenance& provenance);
  ~ResultFile();
  ResultFile(ResultFile&&) noexcept;
  ResultFile& operator=(ResultFile&&) noexcept;

  /// Names are paths; groups in them are made as needed ("trajectory/time").
  void axis(const std::string& name, const AxisValues& values, const Caption& caption);
  /// An axis that grows; its values are appended.
  void growing_axis(const std::string& name, const Caption& caption);
  /// A word for each point of an axis.
  void words(const std::string& name, const std::vector<std::string>& values, const std::string& axis,
             const Caption& caption);
  /// Row-major; the product of the axes' lengths is the size.
  void array(const std::string& name, std::span<const double> values, const std::vector<std::string>& axes,
             const Caption& caption);
  /// Along a growing axis, and at most one fixed one.
  enum class Kind { real, integer, code };
  void growing_array(const std::string& name, Kind kind, const std::vector<std::string>& axes, const Caption& caption);
  /// An array that is filled in runs; what is not written is `fill`.
  void open_array(const std::string& name, Kind kind, const std::vector<std::string>& axes, const Caption& caption,
                  double fill);
  /// Writes a run of an open array, from its element `first` in row-major order.
  void put(const std::string& name, std::uint64_t first, std::span<const double> values);
  /// The meanings of the values 0, 1, ... of an array (CF: flag_values, flag_meanings).
  void meanings(const std::string& name, std::span<const std::string_view> words);
  /// Appends whole rows to a growing axis or array.
  void append(const std::string& name, std::span<const double> values);
  /// A number as an attribute of the root.
  void attribute(const std::string& name, double value);
  void attribute(const std::string& name, const std::string& value);
  /// Everything written so far is in the file.
  void flush();
  /// Ends a run. If it succeeded, the file is closed and takes the place of its target; nothing can be written any
  /// more. If it failed, the file stays beside the target, and the failure, if it is an Error, is given a sentence that
  /// names the file; for an InputError, which ends a run before it computes anything, the file is removed.
  /// @param failure why the run ended early; null if it succeeded
  void conclude(const std::exception_ptr& failure = {});
  /// Where the content is: beside the target until it has taken its place, then the path that was given.
  [[nodiscard]] std::filesystem::path place() const;

  /// Rows of a chunk: what is appended costs least in multiples of it.
  static constexpr std::size_t chunk = 4096;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

/// Reads from a result file. All members throw IoError naming the file.
class ResultReader {
 public:
  explicit ResultReader(const std::filesystem::path& path);
  ~ResultReader();
  ResultReader(ResultReader&&) noexcept;
  ResultReader& operator=(ResultReader&&) noexcept;

  /// The name of the file, as messages show it.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] std::vector<std::size_t> shape(const std::string& name) const;
  /// The length of a dataset of one dimension.
  [[nodiscard]] std::size_t length(const std::string& name) const;
  /// The names of the axes of a dataset.
  [[nodiscard]] std::vector<std::string> axes(const std::string& name) const;
  /// Row-major. With a shape: one that the dataset must have, as where its axes say so.
  [[nodiscard]] std::vector<double> numbers(const std::string& name) const;
  [[nodiscard]] std::vector<double> numbers(const std::string& name, const std::vector<std::size_t>& shape) const;
  /// Along one axis; with a count: of so many points.
  [[nodiscard]] std::vector<std::string> strings(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> strings(const std::string& name, std::size_t count) const;
  /// A text that is an attribute of a dataset, or of the root for name "/"; empty where there is none.
  [[nodiscard]] std::string text(const std::string& name, const std::string& attribute) const;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace memdyn
