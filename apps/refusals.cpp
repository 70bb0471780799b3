// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>

#include "command.hpp"
#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"
#include "scenario/toml_section.hpp"

namespace memdyn::app {
namespace {

/// The command that a scenario is for, by its tables.
std::string command_of(const TomlSection& scenario) {
  if (scenario.has("network")) return "train";
  if (scenario.has("table")) return "table";
  return scenario.has("sweep") || scenario.has("vary") ? "sweep" : "simulate";
}

}  // namespace

void refuse_device(const std::string& command, const std::string& name, const std::set<std::string>& models) {
  throw InputError(command, "device", name,
                   "is neither a model (\"memdyn devices\" lists them) nor a file" + suggestion(name, models));
}

void refuse_scenario(const std::string& command, const std::filesystem::path& file) {
  if (file.extension() != ".toml") return;
  std::string remedy = "is a scenario, not a result file";
  try {
    const TomlSection scenario(file);
    if (scenario.has("waveform") || scenario.has("network") || scenario.has("table"))
      remedy += fmt::format("; run it with \"memdyn {} {} -o NAME.h5\", and give NAME.h5 to \"memdyn {}\"",
                            command_of(scenario), in_message(file.string()), command);
    else
      remedy = fmt::format("describes a device, and is not a result file; \"memdyn devices {}\" shows it",
                           in_message(file.string()));
  } catch (const Error&) {  // what is wrong with it is not the matter here
  }
  throw InputError(command, "result", file.string(), remedy);
}

}  // namespace memdyn::app
