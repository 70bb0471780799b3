// SPDX-License-Identifier: MIT
#include "scenario/csv_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/message.hpp"
#include "device/text/units.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {

constexpr std::uint64_t most_columns = 1'000'000;
constexpr std::uint64_t most_lines = 1'000'000'000;

std::vector<CsvColumn> read_columns(TomlSection& section) {
  std::vector<CsvColumn> columns;
  if (section.is_list_of_texts("columns")) {
    for (const auto& name : section.texts("columns")) {
      if (name.empty()) section.refuse("columns", "has an empty name");
      columns.emplace_back(name);
    }
  } else {
    for (const auto number : section.counts("columns")) {
      if (number == 0 || number > most_columns) section.refuse("columns", "are numbered from 1");
      columns.emplace_back(static_cast<std::size_t>(number));
    }
  }
  if (columns.empty()) section.refuse("columns", "must not be empty");
  return columns;
}

/// A number of lines.
std::size_t read_lines(TomlSection& section, const std::string& key) {
  const auto lines = section.count(key, 0);
  if (lines > most_lines) section.refuse(key, "must be at most 1e9");
  return static_cast<std::size_t>(lines);
}

/// The factor that converts numbers of the file to `unit`: that of a unit, or a number.
double read_factor(TomlSection& section, const std::string& unit_key, const std::string& scale_key,
                   const std::string& unit) {
  if (section.has(unit_key) && section.has(scale_key))
    section.refuse(scale_key, "is given together with " + unit_key + "; give one of them");
  double factor = section.number(scale_key, 1.0);
  if (section.has(unit_key)) {
    const auto text = section.text(unit_key);
    try {
      factor = Unit(text).in(Unit(unit));
    } catch (const InputError& error) {
      section.refuse(unit_key, error.what());
    }
    if (!(std::abs(factor) > 0)) section.refuse(unit_key, "must be a unit that converts to " + unit);
  }
  if (factor == 0.0 || !(std::abs(factor) <= CsvTable::largest))
    section.refuse(section.has(unit_key) ? unit_key : scale_key, "must not be 0, and at most 1e15 in magnitude");
  return factor;
}

/// The text in brackets in a heading, as in "Time (ms)"; empty if there is none.
std::string in_brackets(const std::string& heading) {
  const auto begin = heading.find_first_of("([");
  const auto end = heading.find_first_of(")]", begin == std::string::npos ? 0 : begin);
  return begin == std::string::npos || end == std::string::npos ? "" : heading.substr(begin + 1, end - begin - 1);
}

/// Notes a unit in the heading that is not the one in which the numbers are read.
void note_units_of_heading(const TomlSection& section, const std::string& file, const CsvTable& table,
                           const std::string& unit, std::vector<std::string>& notes) {
  constexpr std::pair<const char*, const char*> keys[] = {{"time_unit", "scale_time"}, {"value_unit", "scale_value"}};
  for (std::size_t k = 0; k < std::min<std::size_t>(2, table.heading.size()); ++k) {
    const std::string own = k == 0 ? "s" : unit;
    const std::string there = in_brackets(table.heading[k]);
    if (there.empty() || there == own || section.has(keys[k].first) || section.has(keys[k].second)) continue;
    notes.push_back(
        fmt::format("{}: the heading has \"{}\", but the numbers are read in {}: give {} if they are in another unit",
                    file, in_message(table.heading[k]), own, keys[k].first));
  }
}

}  // namespace

const TomlSection::Keys& csv_keys() {
  static const TomlSection::Keys keys{"columns", "delimiter", "decimal", "comment", "skip_rows", "heading_row"};
  return keys;
}

CsvFormat read_csv_format(TomlSection& section) {
  CsvFormat format;
  if (section.has("columns")) format.columns = read_columns(section);
  format.delimiter = section.text("delimiter", "");
  if (section.has("delimiter") && format.delimiter != "," && format.delimiter != ";" && format.delimiter != "\t" &&
      format.delimiter != " ")
    section.refuse("delimiter", R"(must be ",", ";", "\t" (tabs) or " " (any blanks))");
  format.decimal = section.text("decimal", "");
  if (section.has("decimal") && format.decimal != "." && format.decimal != ",")
    section.refuse("decimal", R"(must be "." or ",")");
  if (format.decimal == "," && format.delimiter == ",")
    section.refuse("decimal", "is the delimiter, too; give another delimiter");
  format.comment = section.text("comment", "");
  if (section.has("comment") && format.comment.empty())
    section.refuse("comment", "must be the characters with which a comment begins, as \"#\"");
  format.skip = read_lines(section, "skip_rows");
  if (section.has("heading_row")) {
    if (section.has("skip_rows"))
      section.refuse("heading_row", "is given together with skip_rows; nothing above the heading is read");
    format.heading = read_lines(section, "heading_row");
    for (const auto& column : format.columns)
      if (*format.heading == 0 && column.index() == 0)
        section.refuse("heading_row", "is 0, for none, but columns are given by name; give their numbers");
  }
  return format;
}

const TomlSection::Keys& time_series_keys() {
  static const TomlSection::Keys keys = [] {
    TomlSection::Keys all = csv_keys();
    all.insert(all.end(), {"file", "time_unit", "value_unit", "scale_time", "scale_value"});
    return all;
  }();
  return keys;
}

CsvTable read_time_series(TomlSection& section, const std::string& unit, std::vector<std::string>& notes) {
  CsvFormat format = read_csv_format(section);
  if (!format.columns.empty() && format.columns.size() != 2) section.refuse("columns", "must be two: time and value");
  if (format.columns.size() == 2 && format.columns[0] == format.columns[1])
    section.refuse("columns", "must be two different columns: time and value");
  format.count = 2;
  format.spice = true;
  format.factors = {read_factor(section, "time_unit", "scale_time", "s"),
                    read_factor(section, "value_unit", "scale_value", unit)};
  if (format.factors[0] < 0) section.refuse("scale_time", "must be above 0");
  const auto file = section.file("file");
  CsvTable table = read_csv(file.text, file.shown, format);
  if (!table.note.empty()) notes.push_back(table.note);
  note_units_of_heading(section, file.shown, table, unit, notes);
  return table;
}

}  // namespace memdyn
