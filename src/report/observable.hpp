// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/simulation.hpp"
#include "report/time_rows.hpp"

namespace memdyn {

/// A quantity along time: one column of a dataset, or a quotient or product of two.
struct Observable {
  enum class Form : std::uint8_t { value, quotient, product };
  struct Column {
    std::string dataset;
    std::size_t at = 0;  ///< the value in a row of the dataset
  };
  std::string name, unit;
  Form form = Form::value;
  std::array<Column, 2> columns{};  ///< the second only of a quotient or product
};

/// The trajectories of a result file: of a simulation one, of a sweep those of its grid and samples, of a training the
/// recorded rows.
class RecordedTrajectories {
 public:
  /// @throws IoError if the file holds nothing along time
  explicit RecordedTrajectories(const ResultReader& file);

  /// A quantity by its name: a dataset along time; `memristance`, `conductance` or `power`, which follow from current
  /// and voltage; `DATASET[LABEL]` for a dataset with one more axis, or its label alone.
  /// @param option the option that gives the name, for messages @throws InputError listing the names
  [[nodiscard]] Observable quantity(const std::string& option, const std::string& name) const;
  /// Whether there is a quantity of that name.
  [[nodiscard]] bool has(const std::string& name) const;
  /// The internal variables, by the names that quantity() takes.
  [[nodiscard]] std::vector<std::string> variables() const;

  [[nodiscard]] std::size_t rows() const { return rows_; }  ///< of one trajectory
  /// A trajectory that was chosen.
  struct One {
    std::uint64_t number = 0;
    std::string label;  ///< the values on the axes that are not fixed; empty if there is none
    double value = 0;   ///< on the only axis that is not fixed, else the number
  };
  /// The trajectories at the fixed values of some axes, each at its value nearest to the given number.
  /// @param[out] fixed axes and their values in words; empty if none is fixed
  /// @param[out] axis name and unit of the only axis that is not fixed; else "trajectory" and "1"
  /// @throws InputError for an axis that there is not, or more trajectories than a picture can show
  [[nodiscard]] std::vector<One> chosen(const std::vector<std::pair<std::string, double>>& at, std::string& fixed,
                                        std::pair<std::string, std::string>& axis) const;

  /// Receives the number of a trajectory in `chosen`, the values of some quantities, and whether a line leads to this
  /// row from the one before. The first value is the time.
  using Visit = std::function<void(std::size_t, std::span<const double>, bool)>;
  /// Goes through all rows of some trajectories that lie within a span of time.
  void go_through(const std::vector<Observable>& quantities, const std::vector<One>& chosen, const TimeSpan& span,
                  const Progress& progress, const Visit& visit) const;

 private:
  /// A dataset along time, and the labels on the axis that it has beside time.
  struct Along {
    std::string name;  ///< without the group
    std::string path, units;
    std::size_t width = 1;
    bool of_each = false;  ///< there is one for each trajectory
    bool has_axis = false;
    std::vector<std::string> labels{}, label_units{};
  };
  struct Reader;
  void add(const std::string& path);
  [[nodiscard]] const Along* find(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool resolve(const std::string& name, Observable& found) const;
  [[nodiscard]] bool resolve_label(const std::string& name, Observable& found) const;

  const ResultReader& file_;
  std::string time_;  ///< path of the axis
  std::size_t rows_ = 0;
  std::vector<std::string> axes_;            ///< of the trajectories
  std::vector<std::vector<double>> values_;  ///< on each of these axes
  std::vector<Along> all_;
};

}  // namespace memdyn
