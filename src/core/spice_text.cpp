// SPDX-License-Identifier: MIT
#include "core/spice_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text) {
  std::string small;
  for (const char c : text) small += lower(c);
  return small;
}

struct Prefix {
  double value;
  std::string_view rest;
};
/// The number with which a text begins.
std::optional<Prefix> number_before(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0.0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument) return std::nullopt;
  return Prefix{error == std::errc() ? value : std::numeric_limits<double>::infinity(),
                text.substr(static_cast<std::size_t>(stop - text.data()))};
}

/// A suffix: numbers are divided by `below` or multiplied by `times`, whole numbers that doubles hold exactly.
struct Suffix {
  std::string_view text;
  double times, below;
};
constexpr Suffix suffixes[] = {{"meg", 1e6, 1},      {"mil", 254, 1e7}, {"t", 1e12, 1}, {"g", 1e9, 1},
                               {"k", 1e3, 1},        {"m", 1, 1e3},     {"u", 1, 1e6},  {"\xc2\xb5", 1, 1e6},
                               {"\xce\xbc", 1, 1e6}, {"n", 1, 1e9},     {"p", 1, 1e12}, {"f", 1, 1e15}};
constexpr std::string_view units[] = {"", "s", "sec", "v", "volt", "volts", "a", "amp", "amps"};

bool is_unit(std::string_view text) { return std::ranges::find(units, text) != std::end(units); }

}  // namespace

std::optional<double> plain_number(std::string_view text) {
  const auto number = number_before(text);
  return number && number->rest.empty() ? std::optional(number->value) : std::nullopt;
}

std::optional<double> spice_number(std::string_view text, SpiceText where) {
  const auto number = number_before(text);
  if (!number) return std::nullopt;
  const std::string rest = lower(number->rest);
  if (rest != "a" && is_unit(rest)) return number->value;
  for (const Suffix& suffix : suffixes) {
    if (!rest.starts_with(suffix.text) || !is_unit(std::string_view(rest).substr(suffix.text.size()))) continue;
    if (where == SpiceText::table && suffix.text == "m" && number->rest.front() == 'M') return std::nullopt;
    return number->value * suffix.times / suffix.below;
  }
  return std::nullopt;
}

namespace {

/// The place of the first character after the word PWL in a line; npos if it does not have the word.
std::size_t after_pwl(std::string_view line) {
  const std::string small = lower(line);
  const auto part_of_word = [&](std::size_t at) {
    return at < small.size() && (std::isalnum(static_cast<unsigned char>(small[at])) != 0 || small[at] == '_');
  };
  for (auto at = small.find("pwl"); at != std::string::npos; at = small.find("pwl", at + 1))
    if ((at == 0 || !part_of_word(at - 1)) && !part_of_word(at + 3)) return at + 3;
  return std::string::npos;
}

/// Reads PWL text, token by token.
class Pwl {
 public:
  Pwl(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::vector<SpicePoint> read() {
    while (is_comment()) next_line();
    at_ += after_pwl(rest_of_line());
    std::vector<SpicePoint> points;
    std::vector<double> pair;
    while (const auto token = next()) {
      pair.push_back(number(*token, pair.empty()));
      if (pair.size() < 2) continue;
      if (points.empty() && pair[0] > 0) points.push_back({0.0, pair[1], token_line_});
      points.push_back({pair[0], pair[1], token_line_});
      pair.clear();
    }
    if (!pair.empty()) refuse("PWL", "a time without a value", "must have pairs: PWL(t0 v0 t1 v1 ...)");
    if (depth_ > 0) refuse("PWL", "(", "lacks its closing parenthesis");
    return points;
  }

 private:
  [[nodiscard]] std::string where() const {
    return fmt::format("{}:{}:{}", in_message(file_), token_line_, token_column_);
  }
  [[noreturn]] void refuse(const char* what, std::string_view value, const std::string& remedy) const {
    throw InputError(where(), what, std::string(value), remedy);
  }
  [[nodiscard]] std::string_view rest_of_line() const {
    return text_.substr(at_, std::min(text_.find_first_of("\r\n", at_), text_.size()) - at_);
  }
  /// The line at its start is blank or a comment.
  [[nodiscard]] bool is_comment() const {
    const auto line = rest_of_line();
    const auto begin = line.find_first_not_of(" \t");
    return at_ < text_.size() && (begin == std::string_view::npos || line[begin] == '*' || line[begin] == ';');
  }
  void next_line() {
    at_ += rest_of_line().size();
    at_ += text_.substr(std::min(at_, text_.size())).starts_with("\r\n") ? 2 : 1;
    at_ = std::min(at_, text_.size());
    line_begin_ = at_;
    ++line_;
  }
  /// The next token; nothing after the last.
  std::optional<std::string_view> next() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      token_line_ = line_;
      token_column_ = at_ - line_begin_ + 1;
      if (c == '\n' || c == '\r' || c == ';') {  // a semicolon begins a comment
        next_line();
        while (is_comment()) next_line();
        if (text_.substr(at_).starts_with('+')) ++at_;  // the line goes on
        --at_;
      } else if (c == '(' && !closed_) {
        ++depth_;
      } else if (c == ')' && depth_ > 0) {
        closed_ = --depth_ == 0;
      } else if (c != ' ' && c != '\t' && c != ',') {
        break;
      }
    }
    if (at_ >= text_.size()) return std::nullopt;
    if (closed_)
      refuse("PWL", "text after it", "must be the only source of the file, without options; remove the rest");
    const auto end = std::min(text_.find_first_of(" \t,()\r\n;", at_), text_.size());
    if (end == at_) refuse("PWL", ")", "closes no parenthesis");
    const auto token = text_.substr(at_, end - at_);
    at_ = end;
    if (++tokens_ % (1U << 12) == 0) stop_if_interrupted();
    return token;
  }
  double number(std::string_view token, bool is_time) const {
    if (is_time && token.starts_with('+'))
      refuse("time", "+...", "is an increment in LTspice and a time in ngspice; write the time without the sign");
    const auto value = spice_number(token, SpiceText::netlist);
    if (!value || !std::isfinite(*value))
      refuse(is_time ? "time" : "value", "(no number)",
             "must be a number, with a suffix of SPICE if need be (f p n u m k meg g t); repetitions and other options "
             "are keys of [[waveform]] and of its group");
    if (is_time && *value < 0) refuse("time", token, "must not be negative");
    return *value;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0, line_ = 1, line_begin_ = 0, token_line_ = 1, token_column_ = 1, tokens_ = 0;
  int depth_ = 0;
  bool closed_ = false;
};

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // byte order mark
  return text;
}

}  // namespace

bool is_pwl(std::string_view text) {
  text = without_mark(text);
  while (!text.empty()) {
    const auto line = text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
    const auto begin = line.find_first_not_of(" \t");
    if (begin != std::string_view::npos && line[begin] != '*' && line[begin] != ';')
      return after_pwl(line) != std::string::npos;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return false;
}

std::vector<SpicePoint> read_pwl(std::string_view text, const std::string& file) {
  return Pwl(without_mark(text), file).read();
}

}  // namespace memdyn
