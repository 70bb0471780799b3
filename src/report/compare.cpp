// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/report/inspection.hpp"
#include "report/isolated.hpp"
#include "report/json.hpp"
#include "report/line_differences.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

using Json = nlohmann::ordered_json;
using Type = ResultReader::Type;

/// The differences of two arrays of numbers, as far as both go.
struct ArrayDifference {
  std::uint64_t compared = 0;
  std::uint64_t differing = 0;   ///< values with other bits
  std::uint64_t one_is_nan = 0;  ///< values that are NaN, or infinite, in one file only
  double largest = 0;            ///< largest absolute difference of finite values
  std::uint64_t at = 0;          ///< where it is, or where the first value differs
  double left = 0, right = 0;    ///< the values there
  Range range;                   ///< of the first file

  void add(std::uint64_t first, std::span<const double> a, std::span<const double> b) {
    range.add(a);
    for (std::size_t k = 0; k < a.size(); ++k) {
      ++compared;
      if (std::bit_cast<std::uint64_t>(a[k]) == std::bit_cast<std::uint64_t>(b[k])) continue;
      if (!std::isfinite(a[k]) || !std::isfinite(b[k])) ++one_is_nan;
      const double distance = std::abs(a[k] - b[k]);
      const double difference = std::isfinite(distance) ? distance : 0;
      if (differing++ > 0 && difference <= largest) continue;
      largest = difference;
      at = first + k;
      left = a[k];
      right = b[k];
    }
  }
};

std::string shape_in_words(const std::vector<std::size_t>& shape) {
  return shape.empty() ? "1 value" : fmt::format("{}", fmt::join(shape, " x "));
}

/// A unit behind a number; nothing for a pure number.
std::string behind(const std::string& units) {
  return units == "1" || units.empty() ? std::string() : fmt::format(" {}", in_message(units));
}

/// Where a value of an array is: "time = 0.5 s, variable = x".
std::string place(const ResultReader& file, const std::string& name, std::uint64_t at) {
  const auto shape = file.shape(name);
  const auto axes = file.axes(name);
  std::string text;
  for (std::size_t k = shape.size(); k-- > 0; at /= shape[k]) {
    const std::size_t index = at % shape[k];
    std::string one = fmt::format("[{}]", index);
    const auto path = k < axes.size() ? file.path_of_axis(name, axes[k]) : name;
    if (path != name && file.has(path) && file.shape(path) == std::vector{shape[k]}) {
      const auto units = file.text(path, "units");
      if (file.type(path) == Type::text) {
        one = fmt::format("{} = {}", in_message(axes[k]), in_message(file.strings(path)[index]));
      } else if (ResultReader::is_number(file.type(path)) && shape[k] <= ResultReader::most_at_once) {
        one = fmt::format("{} = {:.9g}{}", in_message(axes[k]), file.numbers(path)[index], behind(units));
      }
    }
    text = text.empty() ? one : fmt::format("{}, {}", one, text);
  }
  return text.empty() ? "its only value" : text;
}

/// Compares two files, and writes the report.
class Comparer {
 public:
  Comparer(const ResultReader& a, const ResultReader& b, const Progress& progress)
      : a_(a), b_(b), progress_(progress), in_a_(a.datasets()), in_b_(b.datasets()) {}

  Comparison run(Form form) {
    std::uint64_t values = 0;
    for (const auto& name : in_a_) values += values_of(a_, name);
    ReadProgress reading(values, progress_);
    const auto both = common(in_a_, in_b_, "dataset");
    attributes("/");
    for (const auto& group : common(a_.groups(), b_.groups(), "group")) attributes(group);
    for (const auto& name : both) {
      attributes(name);
      dataset(name, reading);
    }
    const auto scenario = line_differences(a_.text("/", "scenario"), b_.text("/", "scenario"));
    const bool equal = differences_.empty() && scenario.empty();
    return {equal, form == Form::json ? json_text(equal, scenario) : plain_text(equal, scenario, both.size())};
  }

 private:
  /// What differs, and how much if it is an array of numbers.
  struct Difference {
    std::string object, attribute, what;
    std::optional<ArrayDifference> numbers{};
    std::string place{};
  };

  [[nodiscard]] std::string plain_text(bool equal, const std::vector<std::string>& scenario,
                                       std::size_t datasets) const {
    std::string report = equal ? fmt::format("equal to the last bit: {} datasets with {} values, {} attributes\n",
                                             datasets, compared_, attributes_)
                               : fmt::format("{} and {} differ ({} | {}):\n", a_.name(), b_.name(), "first", "second");
    const auto line = [](const Difference& one) {
      const std::string where = one.object == "/" ? "" : in_message(one.object) + (one.attribute.empty() ? "" : ".");
      return fmt::format("  {}{}: {}\n", where, in_message(one.attribute), one.what);
    };
    for (const auto& one : differences_) report += line(one);
    if (!scenario.empty()) report += "scenario (- first, + second):\n";
    for (const auto& text : scenario) report += "  " + in_message(text) + '\n';
    if (!provenance_.empty()) report += "provenance, which is not compared:\n";
    for (const auto& one : provenance_) report += line(one);
    return report;
  }

  [[nodiscard]] std::string json_text(bool equal, const std::vector<std::string>& scenario) const {
    const auto list = [](const std::vector<Difference>& differences) {
      Json all = Json::array();
      for (const auto& one : differences) {
        Json entry{{"object", one.object}, {"attribute", one.attribute}, {"what", one.what}};
        if (one.numbers) {
          entry["differing"] = one.numbers->differing;
          entry["compared"] = one.numbers->compared;
          entry["not_finite_in_one"] = one.numbers->one_is_nan;
          entry["largest"] = json_number(one.numbers->largest);
          entry["range"] = json_number(one.numbers->range.width());
          entry["place"] = one.place;
          entry["values"] = {json_number(one.numbers->left), json_number(one.numbers->right)};
        }
        all.push_back(std::move(entry));
      }
      return all;
    };
    const Json all{{"first", a_.name()},
                   {"second", b_.name()},
                   {"equal", equal},
                   {"values_compared", compared_},
                   {"differences", list(differences_)},
                   {"scenario", scenario},
                   {"provenance", list(provenance_)}};
    return all.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
  }

  void note(const std::string& object, const std::string& what, const std::string& attribute = {}) {
    (is_volatile(object, attribute) ? provenance_ : differences_).push_back({object, attribute, what});
  }

  /// The names in both lists; those of one list only are differences.
  std::vector<std::string> common(const std::vector<std::string>& a, const std::vector<std::string>& b,
                                  const std::string& what) {
    std::vector<std::string> both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    for (const auto& name : a)
      if (!std::ranges::binary_search(both, name)) note(name, fmt::format("this {} is in the first file only", what));
    for (const auto& name : b)
      if (!std::ranges::binary_search(both, name)) note(name, fmt::format("this {} is in the second file only", what));
    return both;
  }

  void attributes(const std::string& object) {
    const auto a = a_.attributes(object);
    const auto b = b_.attributes(object);
    std::set<std::string> all(a.begin(), a.end());
    all.insert(b.begin(), b.end());
    if (object == "/") all.erase("scenario");  // compared line by line
    for (const auto& name : all) {
      const bool left = std::ranges::binary_search(a, name);
      const bool right = std::ranges::binary_search(b, name);
      ++attributes_;
      if (left != right) {
        note(object, fmt::format("this attribute is in the {} file only", left ? "first" : "second"), name);
        continue;
      }
      const auto value = a_.attribute(object, name);
      const auto other = b_.attribute(object, name);
      if (value != other && !both_nan(value, other))
        note(object, fmt::format("{} | {}", in_words(value), in_words(other)), name);
    }
  }

  static bool both_nan(const AttributeValue& a, const AttributeValue& b) {
    const auto* left = std::get_if<std::vector<double>>(&a);
    const auto* right = std::get_if<std::vector<double>>(&b);
    return left != nullptr && right != nullptr && std::ranges::equal(*left, *right, [](double x, double y) {
             return x == y || (std::isnan(x) && std::isnan(y));
           });
  }

  void dataset(const std::string& name, ReadProgress& reading) {
    if (a_.type(name) != b_.type(name)) return note(name, "the types of its values differ");
    if (a_.axes(name) != b_.axes(name))
      note(name, fmt::format("axes {} | {}", in_message(fmt::format("{}", fmt::join(a_.axes(name), ", "))),
                             in_message(fmt::format("{}", fmt::join(b_.axes(name), ", ")))));
    auto shape = a_.shape(name);
    auto other = b_.shape(name);
    if (shape != other) note(name, fmt::format("{} | {}", shape_in_words(shape), shape_in_words(other)));
    if (a_.type(name) == Type::text) return texts(name, shape, other);
    if (!ResultReader::is_number(a_.type(name)) || shape.size() != other.size()) return;
    if (!shape.empty()) shape.front() = other.front() = std::min(shape.front(), other.front());
    if (shape == other) numbers(name, shape, reading);
  }

  void texts(const std::string& name, const std::vector<std::size_t>& shape, const std::vector<std::size_t>& other) {
    if (shape.size() != 1 || other.size() != 1) return;
    const auto a = a_.strings(name);
    const auto b = b_.strings(name);
    const auto [left, right] = std::ranges::mismatch(a, b);
    compared_ += std::min(a.size(), b.size());
    if (name == "inputs/text") return lines_of_files(a, b);
    if (left != a.end() && right != b.end())
      note(name, fmt::format("[{}]: \"{}\" | \"{}\"", left - a.begin(), in_message(*left), in_message(*right)));
  }

  /// Notes the lines that differ in the files that the scenario names.
  void lines_of_files(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const auto names = a_.strings("inputs/file", a.size());
    for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
      const auto lines = line_differences(a[k], b[k]);
      for (const auto& line : lines) note("inputs/text", fmt::format("{}: {}", in_message(names[k]), in_message(line)));
      if (lines.empty() && a[k] != b[k])
        note("inputs/text", fmt::format("{}: the ends of lines differ", in_message(names[k])));
    }
  }

  /// Compares the leading rows that both have, so that a run that did not finish can be compared with a whole one.
  void numbers(const std::string& name, const std::vector<std::size_t>& shape, ReadProgress& reading) {
    std::uint64_t count = 1;
    for (const std::size_t size : shape) count *= size;
    auto left = a_.stream(name);
    auto right = b_.stream(name);
    ArrayDifference found;
    for (std::uint64_t at = 0; at < count;) {
      const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(block_of_values, count - at));
      const auto& values = left.next(most);
      found.add(at, values, right.next(most));
      at += values.size();
      reading.add(values.size());
    }
    compared_ += found.compared;
    if (found.differing == 0) return;
    note(name, in_words(name, found));
    auto& noted = (is_volatile(name) ? provenance_ : differences_).back();
    noted.numbers = found;
    noted.place = place(a_, name, found.at);
  }

  std::string in_words(const std::string& name, const ArrayDifference& found) const {
    const auto units = a_.text(name, "units");
    std::string text = fmt::format("{} of {} values differ", found.differing, found.compared);
    if (found.one_is_nan > 0) text += fmt::format(", {} of them not finite in one file", found.one_is_nan);
    if (found.largest > 0) {
      text += fmt::format("; largest difference {:.3g}{}", found.largest, behind(units));
      if (found.range.width() > 0) text += fmt::format(", {:.2g} of the range", found.largest / found.range.width());
    }
    return text + fmt::format(", at {}: {:.17g} | {:.17g}", place(a_, name, found.at), found.left, found.right);
  }
  static std::string in_words(const AttributeValue& value) { return memdyn::in_words(value); }

  const ResultReader& a_;
  const ResultReader& b_;
  const Progress& progress_;
  std::vector<std::string> in_a_, in_b_;
  std::vector<Difference> differences_, provenance_;
  std::uint64_t compared_ = 0;
  std::size_t attributes_ = 0;
};

}  // namespace

Comparison compare(const std::filesystem::path& a, const std::filesystem::path& b, const Progress& progress,
                   Form form) {
  std::string sent = isolated(
      in_message(a.string()) + ", " + in_message(b.string()),
      [&](const Progress& alive) {
        const ResultReader left(a);
        const ResultReader right(b);
        const Comparison found = Comparer(left, right, alive).run(form);
        return (found.equal ? '=' : '!') + found.report;
      },
      progress);
  const bool equal = sent.starts_with('=');
  return {equal, sent.erase(0, 1)};
}

}  // namespace memdyn
