// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "command_tree.hpp"
#include "memdyn/core/version.hpp"

namespace memdyn::app {
namespace {

/// A line of text for troff: no character begins a request or an escape, and a hyphen stays one.
std::string plain(const std::string& line) {
  std::string result;
  for (const char c : line) result += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  return (line.starts_with('.') || line.starts_with('\'') ? "\\&" : "") + result;
}

/// Text of several lines, each for itself.
std::string lines_of(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    result += plain(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return result;
}

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string synopsis(const std::string& program, const CommandInfo& command) {
  std::string text = fmt::format("\\fB{} {}\\fR", program, command.name);
  for (const auto& option : command.options) {
    std::string shown = option.positional ? "\\fI" + in_capitals(option.name()) + "\\fR" : "";
    if (!option.positional && option.required)
      shown = fmt::format("\\fB{}\\fR \\fI{}\\fR", plain(option.names.front()), option.value);
    if (shown.empty()) continue;
    text += option.required ? " " + shown : " [" + shown + "]";
    if (option.positional && option.repeated) text += "...";
  }
  return text + " [\\fIoptions\\fR]\n";
}

std::string options_of(const CommandInfo& command) {
  std::string text;
  for (const auto& option : command.options) {
    std::vector<std::string> names;
    for (const auto& name : option.names)
      names.push_back(option.positional ? "\\fI" + in_capitals(name) + "\\fR" : "\\fB" + plain(name) + "\\fR");
    text += fmt::format(".TP\n{}", fmt::join(names, ", "));
    if (!option.positional && !option.value.empty()) text += fmt::format(" \\fI{}\\fR", plain(option.value));
    text += "\n" + plain(option.description);
    if (!option.words.empty() && !option.file) text += plain(fmt::format(" ({})", fmt::join(option.words, ", ")));
    text += "\n";
  }
  return text;
}

}  // namespace

std::string manual_page(const CommandInfo& program) {
  std::string text = fmt::format(
      ".\\\" written by \"{0} manual\"\n.TH {1} 1 \"\" \"{0} {2}\" \"User Commands\"\n.SH NAME\n{0} \\- {3}\n"
      ".SH SYNOPSIS\n",
      program.name, in_capitals(program.name), version(),
      plain(program.description.substr(program.description.find(':') + 2)));
  for (const auto& command : program.commands) text += synopsis(program.name, command) + ".br\n";
  text += ".SH OPTIONS\n" + options_of(program);
  text += ".SH COMMANDS\n";
  for (const auto& command : program.commands) {
    text += fmt::format(".SS {} {}\n{}\n{}", program.name, command.name, plain(command.description + "."),
                        options_of(command));
    if (!command.footer.empty()) text += ".PP\n.nf\n" + lines_of(command.footer) + ".fi\n";
  }
  text += ".SH EXAMPLES\n.nf\n" + lines_of(program.footer) + ".fi\n";
  return text;
}

}  // namespace memdyn::app
