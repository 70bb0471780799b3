// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"

namespace memdyn {

/// The kinds of result files. A training that has not finished may hold its recorded trajectories alone.
enum class ResultKind { simulation, sweep, training, universality, table, study, unknown };
[[nodiscard]] ResultKind kind_of(const ResultReader& file);
[[nodiscard]] std::string_view name_of(ResultKind kind);

/// True for an attribute, or an object, that differs between equal runs: commit, date, and the group `provenance`.
[[nodiscard]] bool is_volatile(const std::string& object, const std::string& attribute = {});

/// Reports the share of all values of a file that have been read.
class ReadProgress {
 public:
  ReadProgress(std::uint64_t values, const Progress& progress) : values_(values), progress_(progress) {}
  void add(std::uint64_t count) {
    done_ += count;
    progress_(values_ > 0 ? static_cast<double>(done_) / static_cast<double>(values_) : 1.0);
  }

 private:
  std::uint64_t values_;
  std::uint64_t done_ = 0;
  const Progress& progress_;
};

/// Values that are read from a stream at a time.
inline constexpr std::size_t block_of_values = std::size_t{1} << 18;

/// Goes through all values of an array, block by block.
void scan(const ResultReader& file, const std::string& name, ReadProgress& reading,
          const std::function<void(std::uint64_t first, std::span<const double>)>& visit);

/// The number of points of an axis of a picture. @throws IoError if there is none
[[nodiscard]] std::size_t points_of(const ResultReader& file, const std::string& axis);

/// Number of values of an array; 0 for texts.
[[nodiscard]] std::uint64_t values_of(const ResultReader& file, const std::string& name);

/// The extremes of numbers.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  std::uint64_t numbers = 0, nans = 0;

  void add(std::span<const double> values);
  [[nodiscard]] double width() const { return numbers > 0 ? high - low : 0; }
};

/// Codes and their meanings (CF: flag_values, flag_meanings); empty if the dataset has none, or they do not match.
[[nodiscard]] std::vector<std::pair<double, std::string>> meanings_of(const ResultReader& file,
                                                                      const std::string& name);

/// A dataset without its values.
struct DatasetInfo {
  std::string name, units, long_name;
  ResultReader::Type type = ResultReader::Type::real;
  bool is_axis = false;
  std::vector<std::string> axes;
  std::vector<std::size_t> shape;
  Range range{};
  std::vector<std::pair<std::string, std::uint64_t>> codes{};  ///< how often each meaning occurs
  std::vector<std::string> words{};                            ///< of a text axis or array, the first ones
  double sum = 0;                                              ///< of the numbers
};

/// An attribute of the root or of a group ("provenance/host").
struct AttributeInfo {
  std::string name;
  AttributeValue value;
};

/// What a result file holds.
struct ResultInfo {
  ResultKind kind = ResultKind::unknown;
  std::string title, complete, scenario;
  std::vector<AttributeInfo> provenance{}, attributes{};
  std::vector<DatasetInfo> datasets{};
};
[[nodiscard]] ResultInfo inspect(const ResultReader& file, const Progress& progress);

/// A value of an attribute in words, escaped for messages.
[[nodiscard]] std::string in_words(const AttributeValue& value);

}  // namespace memdyn
