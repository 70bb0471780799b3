// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/device/catalogue.hpp"
#include "record/whole_file.hpp"
#include "report/new_scenario.hpp"

namespace memdyn::app {
namespace {

void write_scenario(const std::string& device, const std::filesystem::path& output) {
  if (output.extension() != ".toml") throw InputError("new", "--output", output.string(), "must end in .toml");
  if (std::filesystem::exists(std::filesystem::symlink_status(output)))
    throw IoError(in_message(output.string()) + ": exists, and is not replaced; choose another name");
  if (find_model(device) == nullptr && !std::filesystem::exists(device)) {
    std::set<std::string> models;
    for (const CatalogueEntry& model : catalogue())
      if (!model.element) models.emplace(model.name);
    refuse_device("new", device, models);
  }
  write_whole(output, new_scenario(device, output, progress_line("measuring the device")));
  fmt::print("{0}: run it with \"memdyn simulate {0} -o {1}\"\n", in_message(output.string()),
             in_message(std::filesystem::path(output).replace_extension(".h5").string()));
}

}  // namespace

void add_new(CLI::App& program) {
  struct Arguments {
    std::string device, output;
  };
  auto* command =
      program.add_subcommand("new", "write a commented scenario to start from, for a device of your choice");
  auto given = std::make_shared<Arguments>();
  command->add_option("device", given->device, "a model, or a device file (TOML)")->required()->type_name("DEVICE");
  command->add_option("-o,--output", given->output, "scenario to write (.toml); a file that exists is not replaced")
      ->required();
  add_examples(*command,
               "  memdyn new vteam -o my.toml                                 a built-in model with its defaults\n"
               "  memdyn new data/devices/strukov_2008.toml -o hp.toml        a published parameter set\n"
               "  memdyn simulate hp.toml -o hp.h5\n"
               "The drive is a sine of the amplitude and frequency that \"memdyn gallery\" measures for the device.");
  command->callback([given] { write_scenario(given->device, given->output); });
}

}  // namespace memdyn::app
