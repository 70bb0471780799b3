// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "command_tree.hpp"

namespace memdyn::app {
namespace {

/// A text in single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// The same for fish, in whose single quotes \ and ' are escaped.
std::string quoted_for_fish(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  return result + "'";
}

/// The first words of a description, up to a semicolon.
std::string short_of(const std::string& description) { return description.substr(0, description.find(';')); }

std::vector<std::string> names_of(const CommandInfo& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options)
    if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

std::vector<std::string> names_of_commands(const CommandInfo& program) {
  std::vector<std::string> names;
  for (const auto& command : program.commands) names.push_back(command.name);
  return names;
}

/// The words that the arguments of a command may be.
std::vector<std::string> words_of_arguments(const CommandInfo& command) {
  std::vector<std::string> words;
  for (const auto& option : command.options)
    if (option.positional) words.insert(words.end(), option.words.begin(), option.words.end());
  return words;
}

/// A text within brackets or after a colon of zsh's _arguments.
std::string escaped_for_zsh(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

/// ":FILE:_files", or ":VIEW:(overview loop)" with the words of an option.
std::string value_for_zsh(const OptionInfo& option) {
  const std::string words = fmt::format("{}", fmt::join(option.words, " "));
  const std::string action = option.words.empty() ? (option.file ? "_files" : " ")
                             : option.file        ? fmt::format("{{compadd {}; _files}}", words)
                                                  : fmt::format("({})", words);
  return fmt::format(":{}:{}", escaped_for_zsh(option.positional ? option.name() : option.value), action);
}

}  // namespace

std::string bash_completion(const CommandInfo& program) {
  std::string text = fmt::format(
      "# bash completion of {0}; written by \"{0} completion bash\"\n"
      "_{0}() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= word options= words=\n"
      "  COMPREPLY=()\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case $word in -*) ;; *) command=$word; break ;; esac\n"
      "  done\n"
      "  case $command in\n"
      "    '') words={1} ;;\n",
      program.name,
      quoted(fmt::format("{} {}", fmt::join(names_of_commands(program), " "), fmt::join(names_of(program), " "))));
  for (const auto& command : program.commands) {
    text += fmt::format("    {})\n      case $prev in\n", command.name);
    for (const auto& option : command.options) {
      if (option.positional || option.value.empty()) continue;
      text += fmt::format("        {}) ", fmt::join(option.names, "|"));
      if (!option.words.empty())
        text += fmt::format("COMPREPLY=($(compgen -W {} -- \"$cur\")); return ;;\n",
                            quoted(fmt::format("{}", fmt::join(option.words, " "))));
      else
        text += option.file ? "return ;;\n" : "compopt +o default; return ;;\n";  // without words, bash offers files
    }
    text += fmt::format("      esac\n      options={}\n      words={} ;;\n",
                        quoted(fmt::format("{}", fmt::join(names_of(command), " "))),
                        quoted(fmt::format("{}", fmt::join(words_of_arguments(command), " "))));
  }
  return text + fmt::format(
                    "  esac\n"
                    "  [[ $cur == -* && -n $options ]] && words=$options\n"
                    "  [[ -n $words ]] && COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                    "}}\n"
                    "complete -o default -F _{0} {0}\n",
                    program.name);
}

std::string zsh_completion(const CommandInfo& program) {
  std::string text = fmt::format(
      "#compdef {0}\n# zsh completion; written by \"{0} completion zsh\"\n"
      "_{0}() {{\n  local line state\n  local -a commands\n  commands=(\n",
      program.name);
  for (const auto& command : program.commands)
    text += fmt::format("    {}\n", quoted(command.name + ":" + escaped_for_zsh(short_of(command.description))));
  text += "  )\n  _arguments -C";
  for (const auto& option : program.options)
    text += fmt::format(" {}", quoted(option.name() + "[" + escaped_for_zsh(short_of(option.description)) + "]"));
  text +=
      " '1:command:->command' '*::argument:->argument'\n  case $state in\n    command) _describe command commands ;;\n"
      "    argument)\n      case $line[1] in\n";
  for (const auto& command : program.commands) {
    text += fmt::format("        {})\n          _arguments", command.name);
    for (const auto& option : command.options) {
      const std::string value = option.value.empty() ? "" : value_for_zsh(option);
      if (option.positional) {
        text += " \\\n            " + quoted((option.repeated ? "*" : "") + (value.empty() ? ":" : value));
        continue;
      }
      for (const auto& name : option.names)
        text += " \\\n            " + quoted(fmt::format("{}{}[{}]{}", option.repeated ? "*" : "", name,
                                                         escaped_for_zsh(short_of(option.description)), value));
    }
    text += "\n          ;;\n";
  }
  return text + fmt::format("      esac\n      ;;\n  esac\n}}\n_{} \"$@\"\n", program.name);
}

std::string fish_completion(const CommandInfo& program) {
  std::string text = fmt::format("# fish completion; written by \"{0} completion fish\"\n", program.name);
  const auto add = [&](const std::string& condition, const OptionInfo& option) {
    text += fmt::format("complete -c {} -n {}", program.name, quoted_for_fish(condition));
    for (const auto& name : option.names)
      text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (!option.words.empty())
      text += fmt::format(" -x -a {}", quoted_for_fish(fmt::format("{}", fmt::join(option.words, " "))));
    else if (!option.value.empty())
      text += option.file ? " -r -F" : " -x";
    text += fmt::format(" -d {}\n", quoted_for_fish(short_of(option.description)));
  };
  for (const auto& option : program.options) add("__fish_use_subcommand", option);
  for (const auto& command : program.commands) {
    text += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d {}\n", program.name, command.name,
                        quoted_for_fish(short_of(command.description)));
    const std::string within = "__fish_seen_subcommand_from " + command.name;
    for (const auto& option : command.options)
      if (!option.positional) add(within, option);
    if (const auto words = words_of_arguments(command); !words.empty())
      text += fmt::format("complete -c {} -n {} -a {}\n", program.name, quoted_for_fish(within),
                          quoted_for_fish(fmt::format("{}", fmt::join(words, " "))));
  }
  return text;
}

}  // namespace memdyn::app
