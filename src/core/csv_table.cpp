// SPDX-License-Identifier: MIT
#include "core/csv_table.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string_view>

#include "core/message.hpp"
#include "core/spice_text.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {
namespace {

constexpr const char* blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// The lines of a text, one after another.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // byte order mark
  }
  /// The next line; nothing at the end of the text. @throws Interrupted
  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    if (++number_ % (1U << 12) == 0) stop_if_interrupted();
    const auto end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + (rest_.substr(end).starts_with("\r\n") ? 2 : 1), rest_.size()));
    return line;
  }
  /// The number of that line, from 1.
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

/// Divides a line into cells, without the blanks around them and the quotes.
class Cells {
 public:
  /// @returns false if a quote is not closed within its cell, or if there are too many cells
  bool split(std::string_view line, char delimiter) {
    used_ = 0;
    const bool by_blanks = delimiter == ' ';
    if (by_blanks) line = trimmed(line);
    for (bool more = true; more;) {
      if (too_many()) return false;
      const auto begin = line.find_first_not_of(delimiter == '\t' ? " " : blanks);
      std::string& cell = next();
      if (begin != std::string_view::npos && line[begin] == '"') {
        line.remove_prefix(begin + 1);
        if (!quoted(line, cell)) return false;
        const auto after = line.find_first_not_of(delimiter == '\t' ? " " : blanks);
        const auto gap = std::min(after, line.size());
        if (by_blanks ? gap == 0 && !line.empty() : gap < line.size() && line[gap] != delimiter) return false;
        more = gap < line.size();
        line.remove_prefix(by_blanks || !more ? gap : gap + 1);
      } else {
        const auto end = std::min(by_blanks ? line.find_first_of(blanks) : line.find(delimiter), line.size());
        cell = trimmed(line.substr(0, end));
        more = end < line.size();
        line.remove_prefix(by_blanks ? std::min(line.find_first_not_of(blanks, end), line.size())
                                     : std::min(end + 1, line.size()));
      }
    }
    return true;
  }
  [[nodiscard]] bool too_many() const { return used_ == CsvTable::most_cells; }
  [[nodiscard]] std::span<const std::string> all() const { return std::span(cells_).first(used_); }
  void drop_last_if_empty() {
    if (used_ > 1 && cells_[used_ - 1].empty()) --used_;
  }

 private:
  std::string& next() {
    if (used_ == cells_.size()) cells_.emplace_back();
    cells_[used_].clear();
    return cells_[used_++];
  }
  /// Reads a quoted cell up to its closing quote; two quotes are one.
  static bool quoted(std::string_view& line, std::string& cell) {
    for (;;) {
      const auto end = line.find('"');
      if (end == std::string_view::npos) return false;
      cell += line.substr(0, end);
      line.remove_prefix(end + 1);
      if (!line.starts_with('"')) return true;
      cell += '"';
      line.remove_prefix(1);
    }
  }

  std::vector<std::string> cells_;
  std::size_t used_ = 0;
};

constexpr std::string_view delimiters = "\t;, ";

/// The delimiter of a line: the first of `delimiters` that it has outside of quotes, and that is no decimal mark.
char delimiter_of(std::string_view line, char decimal) {
  std::string plain;
  bool inside = false;
  for (const char c : trimmed(line)) {
    if (c == '"') inside = !inside;
    if (!inside) plain += c;
  }
  for (const char one : delimiters)
    if (one != decimal && plain.find(one) != std::string::npos) return one;
  return decimal == ',' ? ' ' : ',';
}

std::string in_words(char delimiter) {
  return delimiter == '\t' ? "tabs" : delimiter == ';' ? "semicolons" : delimiter == ',' ? "commas" : "blanks";
}

class Reader {
 public:
  Reader(const std::string& text, const std::string& file, const CsvFormat& format)
      : lines_(text), file_(file), format_(format), decimal_(format.decimal.empty() ? '\0' : format.decimal.front()) {
    for (const CsvColumn& column : format.columns) by_name_ = by_name_ || column.index() == 0;
    by_name_ = by_name_ || (format.label && format.label->index() == 0);
  }

  CsvTable read() {
    if (format_.heading) {
      read_heading_at(*format_.heading);
    } else {
      for (std::size_t n = 0; n < format_.skip; ++n) (void)lines_.next();
      if (by_name_) find_heading();
    }
    while (const auto line = lines_.next()) {
      if (trimmed(*line).empty() || is_comment(*line)) continue;
      if (above_ && is_heading(*line)) continue;
      if (std::exchange(above_, false)) choose(cells_.all().size());
      row(*line);
    }
    if (above_ && !names_.empty()) choose(names_.size());
    finish();
    return std::move(table_);
  }

 private:
  [[nodiscard]] std::string where() const { return fmt::format("{}:{}", in_message(file_), lines_.number()); }
  void add_note(const std::string& words) { notes_.push_back(words); }

  /// The text of a comment without its mark; nothing for another line.
  [[nodiscard]] std::optional<std::string_view> comment(std::string_view line) const {
    line = trimmed(line);
    if (!format_.comment.empty()) {
      if (!line.starts_with(format_.comment)) return std::nullopt;
      return trimmed(line.substr(format_.comment.size()));
    }
    if (line.starts_with('#')) return trimmed(line.substr(1));
    const std::size_t mark = line.starts_with("//") ? 2 : 1;
    if (!above_ || line.empty() || (mark == 1 && std::string_view("%!*").find(line.front()) == std::string_view::npos))
      return std::nullopt;
    const auto rest = line.substr(mark);  // instruments mark rows of numbers by such characters, too
    const bool flag = !rest.empty() && std::string_view(",;\t").find(rest.front()) != std::string_view::npos;
    return flag || is_row(trimmed(rest)) ? std::nullopt : std::optional(trimmed(rest));
  }
  /// A line of numbers alone.
  [[nodiscard]] bool is_row(std::string_view line) const {
    Cells cells;
    return !line.empty() && cells.split(line, delimiter_in(line)) &&
           std::ranges::all_of(cells.all(), [&](const std::string& cell) { return is_number(cell); });
  }
  [[nodiscard]] bool is_comment(std::string_view line) const { return comment(line).has_value(); }

  [[nodiscard]] char delimiter_in(std::string_view line) const {
    return format_.delimiter.empty() ? delimiter_of(line, decimal_) : format_.delimiter.front();
  }
  void split(std::string_view line, char delimiter) {
    const bool good = cells_.split(line, delimiter);
    if (!good && cells_.too_many())
      throw InputError(where(), "row", fmt::format("more than {} cells", CsvTable::most_cells), "has too many");
    if (!good)
      throw InputError(where(), "quotes", "\"", "are not closed within the line, or text follows the closing quote");
    if (!format_.columns.empty()) cells_.drop_last_if_empty();
  }
  [[nodiscard]] bool is_number(const std::string& cell) const {
    if (number_in(cell).has_value()) return true;
    std::string other = cell;
    std::ranges::replace(other, ',', '.');
    return delimiter_ != ',' && number_in(other).has_value();
  }
  [[nodiscard]] std::optional<double> number_in(std::string_view cell) const {
    return format_.spice ? spice_number(cell, SpiceText::table) : plain_number(cell);
  }

  void take_heading(std::string_view line) {
    if (const auto bare = comment(line)) line = *bare;
    split(line, delimiter_in(line));
    const auto cells = cells_.all();
    names_.assign(cells.begin(), cells.end());
    heading_line_ = lines_.number();
  }
  void read_heading_at(std::size_t number) {
    std::optional<std::string_view> line;
    while (lines_.number() < number)
      if (line = lines_.next(); !line)
        throw InputError(in_message(file_), "heading_row", fmt::format("{}", number),
                         fmt::format("the file has {} lines only", lines_.number()));
    if (line) take_heading(*line);
  }
  /// Finds the line with the names of all columns that are given by name.
  void find_heading() {
    const std::size_t above = lines_.number();
    while (const auto line = lines_.next()) {
      const auto bare = comment(*line);
      for (const char one : format_.delimiter.empty() ? delimiters : std::string_view(format_.delimiter)) {
        if (!cells_.split(bare.value_or(*line), one)) continue;
        const auto cells = cells_.all();
        const auto has = [&](const CsvColumn& column) {
          const auto* name = std::get_if<std::string>(&column);
          return name == nullptr || std::ranges::count(cells, *name) > 0;
        };
        if (!std::ranges::all_of(format_.columns, has) || (format_.label && !has(*format_.label))) continue;
        names_.assign(cells.begin(), cells.end());
        if (!format_.columns.empty() && names_.size() > 1 && names_.back().empty()) names_.pop_back();
        heading_line_ = lines_.number();
        if (heading_line_ > above + 1) add_note(fmt::format("the lines above line {} are not read", heading_line_));
        return;
      }
    }
    std::vector<std::string> wanted;
    const auto add = [&](const CsvColumn& column) {
      if (const auto* name = std::get_if<std::string>(&column)) wanted.push_back('"' + in_message(*name) + '"');
    };
    for (const auto& column : format_.columns) add(column);
    if (format_.label) add(*format_.label);
    throw InputError(
        fmt::format("{}: no line has the columns {}; write the names as in the file, or the numbers of "
                    "the columns, from 1",
                    in_message(file_), fmt::join(wanted, ", ")));
  }

  /// Looks at the first row, or the first below the heading. @returns true if it is the heading
  bool is_heading(std::string_view line) {
    delimiter_ = delimiter_in(line);
    split(line, delimiter_);
    if (format_.heading || heading_line_ > 0) return false;
    const bool heads = std::ranges::none_of(cells_.all(), [&](const std::string& cell) { return is_number(cell); });
    if (!heads && format_.needs_heading)
      throw InputError(where() +
                       ": the first row must be a heading, without numbers; insert a row of column names above it");
    if (!heads) return false;
    take_heading(line);
    if (!format_.needs_heading) add_note(fmt::format("line {} is read as the heading", heading_line_));
    return true;
  }

  [[nodiscard]] std::size_t index_of(const CsvColumn& column, std::size_t count) const {
    if (const auto* name = std::get_if<std::string>(&column)) {
      const auto found = std::ranges::count(names_, *name);
      if (found != 1)
        throw InputError(fmt::format("{}:{}", in_message(file_), heading_line_), "column",
                         '"' + in_message(*name) + '"',
                         found == 0 ? "is not in the heading" : "is the name of several columns; give their numbers");
      return static_cast<std::size_t>(std::ranges::find(names_, *name) - names_.begin());
    }
    const std::size_t number = std::get<std::size_t>(column);
    if (number > count)
      throw InputError(where(), "column", fmt::format("{}", number), fmt::format("the row has {} cells only", count));
    return number - 1;
  }
  /// Finds the places of the columns in a row of `count` cells.
  void choose(std::size_t count) {
    cells_per_row_ = format_.columns.empty() && !format_.label && format_.count > 0 ? format_.count
                     : names_.empty()                                               ? count
                                                                                    : names_.size();
    if (format_.label) label_ = index_of(*format_.label, cells_per_row_);
    for (const auto& column : format_.columns) chosen_.push_back(index_of(column, cells_per_row_));
    for (std::size_t cell = 0; format_.columns.empty() && cell < cells_per_row_; ++cell)
      if (cell != label_) chosen_.push_back(cell);
    table_.columns = chosen_.size();
    for (const std::size_t cell : chosen_)
      if (cell < names_.size()) table_.heading.push_back(names_[cell]);
  }

  void row(std::string_view line) {
    split(line, delimiter_);
    const auto cells = cells_.all();
    if (cells.size() != cells_per_row_) {
      std::string remedy = fmt::format("must have {}", cells_per_row_);
      if (table_.values.empty() && format_.columns.empty() && format_.count > 0)
        remedy += cells.size() < cells_per_row_ ? "; name the character between them by delimiter = \"...\""
                                                : "; choose columns of a wider table by columns = [...]";
      throw InputError(where(), "row", fmt::format("{} values", cells.size()), remedy);
    }
    for (std::size_t n = 0; n < chosen_.size(); ++n) {
      const double factor = format_.factors.empty() ? 1.0 : format_.factors[n];
      table_.values.push_back(number(cells[chosen_[n]], chosen_[n], factor));
    }
    if (format_.label) {
      if (cells[label_].empty())
        throw InputError(where(), fmt::format("column {}", label_ + 1), "(empty)", "must be the name of a class");
      const auto next = static_cast<std::uint16_t>(classes_.size());
      table_.labels.push_back(classes_.try_emplace(cells[label_], next).first->second);
      if (classes_.size() > CsvTable::most_classes)
        throw InputError(where(), fmt::format("column {}", label_ + 1), "a text",
                         fmt::format("must be the name of a class; there are more than {} different ones above",
                                     CsvTable::most_classes));
    }
    table_.lines.push_back(lines_.number());
  }
  double number(const std::string& cell, std::size_t column, double factor) {
    std::optional<double> value;
    const auto comma = cell.find(',');
    if (decimal_ == '\0' && delimiter_ == ';' && cell.find_first_of(".,") != std::string::npos)
      decimal_ = comma != std::string::npos ? ',' : '.';
    if (decimal_ == ',') {
      std::string other = cell;
      if (comma != std::string::npos) other[comma] = '.';
      if (cell.find('.') == std::string::npos) value = number_in(other);
    } else {
      value = number_in(cell);
    }
    const double result = value ? times_factor(*value, factor) : 0.0;
    if (value && std::abs(result) <= CsvTable::largest) {
      suffixes_ = suffixes_ || (format_.spice && !plain_number(decimal_ == ',' ? "0" : cell));
      return result;
    }
    throw InputError(where(), fmt::format("column {}", column + 1), value ? cell : "(no number)",
                     fmt::format("must be a finite number of magnitude at most {:g}{}", CsvTable::largest,
                                 value ? std::string() : hint(cell)));
  }
  /// What a cell that is no number may be instead.
  [[nodiscard]] std::string hint(const std::string& cell) const {
    if (cell.find(',') != std::string::npos && decimal_ != ',' && delimiter_ != ',')
      return "; if its commas are decimal, write decimal = \",\"";
    if (decimal_ == ',' && cell.find('.') != std::string::npos) return "; decimal marks of this file are commas";
    if (format_.spice && !cell.empty() &&
        std::string_view("+-.0123456789").find(cell.front()) != std::string_view::npos)
      return "; suffixes are those of SPICE (f p n u m k meg g t), of which M and a alone can mean two things";
    if (!table_.lines.empty()) return "";
    return heading_line_ > 0 ? fmt::format(
                                   "; if this line is no row, write skip_rows = {}, and columns = [...] by "
                                   "their numbers",
                                   lines_.number())
                             : fmt::format("; if this line is the heading, write heading_row = {}", lines_.number());
  }

  void finish() {
    std::vector<std::uint16_t> sorted(classes_.size());  // by the order in which the classes appear
    for (const auto& [name, number] : classes_) {
      sorted[number] = static_cast<std::uint16_t>(table_.classes.size());
      table_.classes.push_back(name);
    }
    for (auto& label : table_.labels) label = sorted[label];
    if (delimiter_ != ',' && !table_.lines.empty() && format_.delimiter.empty() && cells_per_row_ > 1)
      add_note(fmt::format("cells are separated by {}", in_words(delimiter_)));
    if (decimal_ == ',' && format_.decimal.empty()) add_note("numbers have decimal commas");
    if (suffixes_) add_note("suffixes of numbers are those of SPICE (m = 1e-3, meg = 1e6)");
    if (!notes_.empty()) table_.note = fmt::format("{}: {}", file_, fmt::join(notes_, "; "));
  }

  Lines lines_;
  const std::string& file_;
  const CsvFormat& format_;
  char delimiter_ = ',', decimal_;
  bool by_name_ = false, suffixes_ = false;
  bool above_ = true;  ///< of the first row of numbers
  Cells cells_;
  std::vector<std::string> names_, notes_;
  std::map<std::string, std::uint16_t> classes_;  ///< with the order in which they appear
  std::size_t heading_line_ = 0, cells_per_row_ = 0, label_ = static_cast<std::size_t>(-1);
  std::vector<std::size_t> chosen_;  ///< places in a row
  CsvTable table_;
};

}  // namespace

CsvTable read_csv(const std::string& text, const std::string& file, const CsvFormat& format) {
  const bool as_table = !format.columns.empty() || format.heading || format.skip > 0 || !format.delimiter.empty() ||
                        !format.decimal.empty() || !format.comment.empty();
  if (format.spice && !as_table && is_pwl(text)) {
    CsvTable table{.columns = 2, .heading = {}, .values = {}, .lines = {}, .classes = {}, .labels = {}, .note = {}};
    for (const SpicePoint& point : read_pwl(text, file)) {
      const double factors[] = {format.factors.empty() ? 1.0 : format.factors[0],
                                format.factors.empty() ? 1.0 : format.factors[1]};
      const double numbers[] = {times_factor(point.time, factors[0]), times_factor(point.value, factors[1])};
      for (const double one : numbers)
        if (!(std::abs(one) <= CsvTable::largest))
          throw InputError(fmt::format("{}:{}", in_message(file), point.line), "PWL", fmt::format("{}", one),
                           fmt::format("must be a finite number of magnitude at most {:g}", CsvTable::largest));
      table.values.insert(table.values.end(), std::begin(numbers), std::end(numbers));
      table.lines.push_back(point.line);
    }
    table.note = file + ": is read as PWL text of SPICE";
    return table;
  }
  return Reader(text, file, format).read();
}

double times_factor(double number, double factor) {
  constexpr double rounding = 1e-12;
  const double over = std::round(1.0 / factor);
  if (std::abs(over * factor - 1.0) < rounding) return number / over;
  const double whole = std::round(factor);
  return number * (std::abs(whole - factor) < rounding * std::abs(factor) ? whole : factor);
}

}  // namespace memdyn
