// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "memdyn/core/random.hpp"

namespace memdyn {

/// Rows of inputs and targets, row-major: rows x n_in and rows x n_out, dimensionless.
struct Dataset {
  std::size_t n_in = 0;
  std::size_t n_out = 0;
  std::vector<double> inputs;
  std::vector<double> targets;
  std::vector<std::string> names{};    ///< of the columns, inputs first; empty if they have no names
  std::vector<std::string> classes{};  ///< one per target if the targets stand for classes given by name; else empty

  [[nodiscard]] std::size_t rows() const { return n_in == 0 ? 0 : inputs.size() / n_in; }
  [[nodiscard]] std::span<const double> input(std::size_t row) const { return {&inputs[row * n_in], n_in}; }
  [[nodiscard]] std::span<const double> target(std::size_t row) const { return {&targets[row * n_out], n_out}; }
  /// The given rows, in that order, without names. @throws Interrupted
  [[nodiscard]] Dataset select(std::span<const std::size_t> rows) const;
};

/// The truth table of "OR", "AND" or "XOR": four rows. @throws InputError for another name
[[nodiscard]] Dataset gate(const std::string& name);
/// `count` rows drawn with replacement, as Silva et al. 2020 generate their training data.
[[nodiscard]] Dataset draw(const Dataset& table, std::size_t count, RandomStream& random);
/// Reads a CSV file. The first row must be a heading, without numbers; the last `n_out` columns are the targets; blank
/// lines and lines that begin with # are skipped.
/// @throws IoError, InputError naming file, line and value
[[nodiscard]] Dataset dataset_from_csv(const std::filesystem::path& path, std::size_t n_out);
/// The same from the text of such a file. @param name of the file in messages
[[nodiscard]] Dataset dataset_from_csv(const std::string& text, const std::string& name, std::size_t n_out);

/// Scales columns to mean 0 and standard deviation 1. Constructor and apply() throw Interrupted.
class Scaling {
 public:
  Scaling() = default;  ///< leaves numbers as they are
  /// The scaling of these values, row-major.
  Scaling(std::span<const double> values, std::size_t columns);
  void apply(std::vector<double>& values) const;
  /// A scaled value of a column in its own unit.
  [[nodiscard]] double original(double value, std::size_t column) const {
    return mean_.empty() ? value : mean_[column] + deviation_[column] * value;
  }

 private:
  std::vector<double> mean_, deviation_;
};

}  // namespace memdyn
