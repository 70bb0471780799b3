// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/report/inspection.hpp"

namespace memdyn::app {
namespace {

void check_format(const std::string& file) {
  const auto found = violations(file, progress_line("checking"));
  for (const auto& one : found) fmt::print("{}\n", one);
  if (!found.empty())
    throw IoError(
        fmt::format("{}: {} of the rules of the file format do not hold (listed on stdout); run the scenario "
                    "again, or take the file as it is with care",
                    in_message(file), found.size()));
  fmt::print("{}: the file format holds\n", in_message(file));
}

}  // namespace

void add_info(CLI::App& program) {
  struct Arguments {
    std::string file;
    bool json = false, check = false;
  };
  auto* command = program.add_subcommand("info", "show what a result file holds, or check its format");
  auto given = std::make_shared<Arguments>();
  command->add_option("file", given->file, "result file (HDF5); also the .part of an interrupted run")->required();
  auto* json = command->add_flag("--json", given->json,
                                 "the same for programs; NaN is null, infinite numbers are \"inf\" and \"-inf\"");
  command
      ->add_flag("--check", given->check,
                 "check the rules of the file format, list what does not hold, and end with status 4 if any does not")
      ->excludes(json);
  add_examples(*command,
               "  memdyn info hp.h5                          kind, provenance, datasets with units and ranges\n"
               "  memdyn info hp.h5 --json                   the same, and the scenario, as JSON\n"
               "  memdyn info loops.h5.part                  what an interrupted run has written\n"
               "  memdyn info hp.h5 --check                  is this file as the format demands?");
  command->callback([given] {
    refuse_scenario("info", given->file);
    if (given->check) return check_format(given->file);
    fmt::print("{}", describe(given->file, given->json ? Form::json : Form::text, progress_line("reading")));
  });
}

}  // namespace memdyn::app
