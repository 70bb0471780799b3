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
             const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw IoError(in_message(folder.string()) + ": cannot be created: " + failed.message());
  const auto progress = progress_line("measuring");
  std::vector<Fingerprint> all;
  for (const std::filesystem::path set : sets)
    all.push_back(fingerprint(set.stem().string(), read_parameter_set(set, settings), [&](double share) {
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
  };
  auto* command = program.add_subcommand(
      "gallery", "draw the I-V loops of several devices side by side; measure loop areas and switching times");
  auto given = std::make_shared<Arguments>();
  command->add_option("set", given->sets, "device files (TOML)")->required();
  command->add_option("-o,--output", given->output, "folder to write gallery.svg, gallery.png and fingerprints.md into")
      ->required();
  add_settings(*command, given->settings);
  add_examples(
      *command,
      "  memdyn gallery data/devices/*.toml -o gallery                                    every published set\n"
      "  memdyn gallery data/devices/strukov_2008.toml data/devices/text/hp.toml -o pair  two, side by side");
  command->callback([given] { gallery(given->sets, given->settings, given->output); });
}

}  // namespace memdyn::app
