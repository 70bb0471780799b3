// SPDX-License-Identifier: MIT
#include "memdyn/report/gallery.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace memdyn::app {
namespace {

void gallery(const std::vector<std::string>& sets, const std::vector<std::string>& settings,
             const std::filesystem::path& folder, bool dry) {
  std::vector<AnyDevice> devices;
  for (const std::filesystem::path set : sets) devices.push_back(read_parameter_set(set, settings));
  if (dry) {
    fmt::print("{}: gallery.svg, gallery.png and fingerprints.md would be written; nothing was run\n",
               in_message(folder.string()));
    for (std::size_t k = 0; k < sets.size(); ++k)
      fmt::print("  {}: {}\n", in_message(sets[k]), in_message(devices[k].name()));
    return;
  }
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw IoError(in_message(folder.string()) + ": cannot be created: " + failed.message());
  const auto progress = progress_line("measuring");
  std::vector<Fingerprint> all;
  for (const AnyDevice& device : devices)
    all.push_back(fingerprint(std::filesystem::path(sets[all.size()]).stem().string(), device, [&](double share) {
      progress((static_cast<double>(all.size()) + share) / static_cast<double>(sets.size()));
    }));
  fmt::print("{}", fingerprint_table(all));
  write_fingerprints(all, folder / "fingerprints.md");
  for (const char* name : {"gallery.svg", "gallery.png"}) {
    draw_gallery(all, folder / name, progress_line("drawing"));
    fmt::print(stderr, "{}\n", in_message((folder / name).string()));
  }
}

}  // namespace

void add_gallery(CLI::App& program) {
  struct Arguments {
    std::vector<std::string> sets, settings;
    std::string output;
    bool dry = false;
  };
  auto* command = program.add_subcommand(
      "gallery", "draw the I-V loops of several devices side by side; measure loop areas and switching times");
  auto given = std::make_shared<Arguments>();
  command->add_option("set", given->sets, "device files (TOML)")->required();
  command->add_option("-o,--output", given->output, "folder to write gallery.svg, gallery.png and fingerprints.md into")
      ->required();
  add_settings(*command, given->settings);
  command->add_flag("--dry-run", given->dry, "read the devices, print what would be measured, and stop");
  add_examples(
      *command,
      "  memdyn gallery data/devices/*.toml -o gallery                                    every published set\n"
      "  memdyn gallery data/devices/strukov_2008.toml data/devices/text/hp.toml -o pair  two, side by side");
  command->callback([given] { gallery(given->sets, given->settings, given->output, given->dry); });
}

}  // namespace memdyn::app
