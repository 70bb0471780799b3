// SPDX-License-Identifier: MIT
#include "core/text_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "core/descriptor.hpp"
#include "core/machine.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device node";
}

std::string read_text(const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& why) { throw IoError(in_message(path.string()) + ": " + why); };
  // O_NONBLOCK: opening a FIFO would wait for a writer
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
    refuse(fmt::format("cannot be read: {}; check the name and the permissions", std::strerror(errno)));
  if (!S_ISREG(status.st_mode))
    refuse(fmt::format("is {}; only regular files are read: write its content to a file", kind_of(status.st_mode)));
  constexpr double share = 8;  // memory that text and numbers take while they are read, in sizes of the file
  if (const double need = share * static_cast<double>(status.st_size), free = available_memory(); need > free)
    refuse(fmt::format("is too large: reading it takes about {} of memory, and {} are available", bytes_in_words(need),
                       bytes_in_words(free)));
  constexpr std::size_t block = 1 << 20;
  std::string text;
  for (ssize_t count = 1; count != 0;) {
    stop_if_interrupted();
    const std::size_t size = text.size();
    text.resize(size + block);
    count = ::read(file.number(), text.data() + size, block);
    if (count < 0 && errno != EINTR) refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  if (text.find('\0') != std::string::npos) refuse("is not a text file: it has bytes that are zero");
  return text;
}

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr const char* blanks = " \t\r";
  const auto begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::vector<std::string_view> cells_of(std::string_view row) {
  std::vector<std::string_view> cells;
  for (std::size_t at = 0; at <= row.size();) {
    const auto end = std::min(row.find(',', at), row.size());
    cells.push_back(trimmed(row.substr(at, end - at)));
    at = end + 1;
  }
  return cells;
}

/// Parses a whole cell as a number: infinity if it is out of the range of a double, nothing if it is not a number.
std::optional<double> number_of(std::string_view cell) {
  if (cell.starts_with('+')) cell.remove_prefix(1);
  double value = 0.0;
  const auto [stop, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (cell.empty() || stop != cell.data() + cell.size()) return std::nullopt;
  return error == std::errc() ? value : std::numeric_limits<double>::infinity();
}
bool is_number(std::string_view cell) { return number_of(cell).has_value(); }

/// The rows of a text that is read line by line, without blank lines and comments.
class Rows {
 public:
  explicit Rows(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // byte order mark
  }
  /// The next row, trimmed; nothing at the end of the text. @throws Interrupted
  std::optional<std::string_view> next() {
    while (!rest_.empty()) {
      if (++line_ % (1U << 12) == 0) stop_if_interrupted();
      const auto end = std::min(rest_.find('\n'), rest_.size());
      const auto row = trimmed(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      if (!row.empty() && row.front() != '#') return row;
    }
    return std::nullopt;
  }
  /// The line number of the row, from 1.
  [[nodiscard]] std::size_t line() const { return line_; }

 private:
  std::string_view rest_;
  std::size_t line_ = 0;
};

}  // namespace

CsvTable read_csv(const std::string& text, const std::string& file, CsvHeading heading, std::size_t columns) {
  CsvTable table{.columns = columns, .heading = {}, .values = {}, .lines = {}};
  Rows rows(text);
  bool first = true;
  while (const auto row = rows.next()) {
    const auto cells = cells_of(*row);
    const auto where = [&] { return fmt::format("{}:{}", in_message(file), rows.line()); };
    const bool heads = first && std::ranges::none_of(cells, is_number);
    if (first && !heads && heading == CsvHeading::required)
      throw InputError(where() +
                       ": the first row must be a heading, without numbers; insert a row of column names above it");
    if (first && table.columns == 0) table.columns = cells.size();
    first = false;
    if (heads) {
      table.heading.assign(cells.begin(), cells.end());
      continue;
    }
    if (cells.size() != table.columns)
      throw InputError(where(), "row", fmt::format("{} values", cells.size()),
                       fmt::format("must have {}", table.columns));
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const auto value = number_of(cells[column]);
      if (!value || !(std::abs(*value) <= CsvTable::largest))
        throw InputError(where(), fmt::format("column {}", column + 1),
                         value ? std::string(cells[column]) : "(no number)",
                         fmt::format("must be a finite number of magnitude at most {:g}", CsvTable::largest));
      table.values.push_back(*value);
    }
    table.lines.push_back(rows.line());
  }
  return table;
}

}  // namespace memdyn
