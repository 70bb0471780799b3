// SPDX-License-Identifier: MIT
#include "command_tree.hpp"

#include <algorithm>

#include "memdyn/device/catalogue.hpp"

namespace memdyn::app {
namespace {

/// The words of "{overview,loop}", as CLI::IsMember describes them.
std::vector<std::string> words_of(CLI::Option& option) {
  std::vector<std::string> words;
  const std::string type = option.get_type_name();
  const auto begin = type.find('{');
  const auto end = type.rfind('}');
  if (begin == std::string::npos || end == std::string::npos) return words;
  for (auto at = begin + 1; at < end;) {
    const auto next = std::min(type.find(',', at), end);
    words.push_back(type.substr(at, next - at));
    at = next + 1;
  }
  return words;
}

OptionInfo describe(CLI::Option& option) {
  OptionInfo info;
  info.positional = option.get_positional();
  if (info.positional) info.names.push_back(option.get_name(true));
  for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
  info.description = option.get_description();
  info.required = option.get_required();
  info.repeated = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() == 0) return info;
  const std::string type = option.get_type_name();
  info.value = type.substr(0, type.find(':'));
  info.words = words_of(option);
  // texts whose value has no name of its own are names of files
  info.file = info.words.empty() && (info.value == "TEXT" || info.value == "FILE");
  if (info.value == "TEXT") info.value = "FILE";
  if (info.value == "DEVICE") {
    for (const CatalogueEntry& model : catalogue())
      if (!model.element) info.words.emplace_back(model.name);
    info.file = true;
  }
  return info;
}

}  // namespace

CommandInfo describe(CLI::App& program) {
  CommandInfo info{.name = program.get_name(), .description = program.get_description()};
  info.footer = program.get_footer();
  for (CLI::Option* option : program.get_options([](const CLI::Option*) { return true; }))
    info.options.push_back(describe(*option));
  for (CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
    info.commands.push_back(describe(*command));
  return info;
}

}  // namespace memdyn::app
