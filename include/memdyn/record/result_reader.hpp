// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace memdyn {

/// The value of an attribute, by the type that it has in the file.
using AttributeValue =
    std::variant<std::string, std::vector<double>, std::vector<std::int64_t>, std::vector<std::uint64_t>>;

/// Reads from a result file, and trusts nothing in it. Objects are reached by plain links within the file; other links,
/// values in other files, virtual datasets, and filters that are not HDF5's own compression are refused. Sizes are
/// compared with the limits below before memory is taken. A file that is being
/// written, or was when its writer was killed, can be read if it was opened for readers beside the writer (SWMR).
///
/// libhdf5 itself may crash, or loop, on a damaged file: isolated() of src/report reads in a child process.
///
/// All members throw IoError naming the file.
class ResultReader {
 public:
  explicit ResultReader(const std::filesystem::path& path);
  ~ResultReader();
  ResultReader(ResultReader&&) noexcept;
  ResultReader& operator=(ResultReader&&) noexcept;

  enum class Type { real, integer, text, other };
  [[nodiscard]] static bool is_number(Type type) { return type == Type::real || type == Type::integer; }

  /// The name of the file, escaped for messages.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] bool has(const std::string& name) const;
  /// The paths of all datasets ("trajectory/time"), sorted, without those of a checkpoint, which are no result.
  [[nodiscard]] std::vector<std::string> datasets() const;
  /// The paths of all groups except the root and that of a checkpoint, sorted.
  [[nodiscard]] std::vector<std::string> groups() const;
  [[nodiscard]] Type type(const std::string& name) const;
  [[nodiscard]] std::vector<std::size_t> shape(const std::string& name) const;
  /// The length of a one-dimensional dataset.
  [[nodiscard]] std::size_t length(const std::string& name) const;
  /// The names of the axes of a dataset, without groups; empty for an axis that has none.
  [[nodiscard]] std::vector<std::string> axes(const std::string& name) const;
  /// True if the dataset is an axis (a dimension scale).
  [[nodiscard]] bool is_axis(const std::string& name) const;
  /// The path of an axis of a dataset: in the group of the dataset, else in the groups around it.
  [[nodiscard]] std::string path_of_axis(const std::string& dataset, const std::string& axis) const;
  /// The values in row-major order. If `shape` is given, the dataset must have that shape.
  [[nodiscard]] std::vector<double> numbers(const std::string& name) const;
  [[nodiscard]] std::vector<double> numbers(const std::string& name, const std::vector<std::size_t>& shape) const;
  /// The first `rows` rows along the first axis, or all if there are fewer.
  [[nodiscard]] std::vector<double> first_rows(const std::string& name, std::size_t rows) const;
  /// The strings of a one-dimensional dataset. If `count` is given, the dataset must have that length.
  [[nodiscard]] std::vector<std::string> strings(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> strings(const std::string& name, std::size_t count) const;
  /// A text attribute of a dataset, or of the root for name "/"; empty if there is none.
  [[nodiscard]] std::string text(const std::string& name, const std::string& attribute) const;
  /// The names of the attributes that hold texts or numbers, sorted, without those of HDF5's dimension scales.
  [[nodiscard]] std::vector<std::string> attributes(const std::string& name) const;
  [[nodiscard]] AttributeValue attribute(const std::string& name, const std::string& attribute) const;

  /// Reads the values of an array one after another, in row-major order, so that the memory does not depend on its
  /// size.
  class Stream {
   public:
    ~Stream();
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    [[nodiscard]] std::uint64_t size() const;  ///< number of values in all
    /// The next values: `most`, or what is left; none at the end. Valid until the next call.
    const std::vector<double>& next(std::size_t most);

   private:
    friend class ResultReader;
    struct State;
    explicit Stream(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };
  [[nodiscard]] Stream stream(const std::string& name) const;

  /// Most values that are read at once (1 GiB of numbers); a stream has no such limit.
  static constexpr std::uint64_t most_at_once = std::uint64_t{1} << 27;
  /// Most values of an array: a larger one would take longer than an hour to go through.
  static constexpr std::uint64_t most_values = 1'000'000'000'000;
  /// Most bytes of a chunk, which is decompressed as a whole.
  static constexpr std::uint64_t largest_chunk = std::uint64_t{1} << 28;
  /// Most bytes of an attribute.
  static constexpr std::uint64_t largest_attribute = std::uint64_t{1} << 26;
  /// Most objects in a file, and most groups within each other.
  static constexpr std::size_t most_objects = 100'000, deepest_group = 16;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace memdyn
