// SPDX-License-Identifier: MIT
#include "memdyn/core/error.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

#include "core/message.hpp"

namespace memdyn {
namespace {

/// A number that rounding has made long ("0.30000000000000004") as a person writes it ("0.3"); else the same text.
std::string as_written(std::string_view text) {
  constexpr int digits = 15;        // that every double has
  constexpr std::size_t saved = 3;  // so many characters less: 17 digits of their own stay as they are
  if (text.find('.') == std::string_view::npos) return std::string(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::string(text);
  const std::string rounded = fmt::format("{:.{}g}", number, digits);
  return rounded.size() + saved <= text.size() ? rounded : std::string(text);
}

/// The same for all numbers in a message that stand by themselves, and are no part of a name.
std::string with_numbers_as_written(const std::string& message) {
  constexpr std::string_view before = " (=[,";
  const auto of_number = [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0 || std::string_view("+-.eE").find(c) != std::string::npos;
  };
  std::string result;
  for (std::size_t at = 0; at < message.size();) {
    std::size_t end = at;
    while (end < message.size() && of_number(message[end])) ++end;
    const bool alone = end > at && (at == 0 || before.find(message[at - 1]) != std::string::npos) &&
                       (end == message.size() || std::string_view(" ),:;]").find(message[end]) != std::string::npos);
    end = std::max(end, at + 1);
    const std::string_view token = std::string_view(message).substr(at, end - at);
    result += alone ? as_written(token) : std::string(token);
    at = end;
  }
  return result;
}

}  // namespace

Error::Error(const std::string& message) : std::runtime_error(in_message(message, longest_message)) {}

void Error::add(const std::string& more) {
  std::runtime_error::operator=(std::runtime_error(in_message(what() + more, longest_message)));
}

InputError::InputError(const std::string& where, const std::string& key, const std::string& value,
                       const std::string& remedy)
    : Error((where.empty() ? "" : where + ": ") +
            with_numbers_as_written(in_message(key) + " = " + in_message(value) + ": " + remedy)),
      subject_{where, key, value} {}

NumericalError::NumericalError(const std::string& device, double time, const std::string& regime, Failure failure,
                               const std::string& what)
    : Error(fmt::format("{} (device {}, t = {} s, regime {})", what.empty() ? text_of(failure) : what,
                        in_message(device), time, in_message(regime))),
      device_(device),
      regime_(regime),
      time_(time),
      failure_(failure) {}

}  // namespace memdyn
