// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/record/recovery.hpp"
#include "runs.hpp"

namespace memdyn::app {

void add_recover(CLI::App& program) {
  struct Arguments {
    std::string part, output;
    bool keep = false;
  };
  auto* command = program.add_subcommand("recover", "write a result file from what a killed run has saved");
  auto given = std::make_shared<Arguments>();
  command->add_option("part", given->part, "file that the killed run left: its output with .part appended")->required();
  command->add_option("-o,--output", given->output, "result file to write (HDF5)")->required();
  add_keep(*command, given->keep);
  add_examples(*command,
               "  memdyn recover hp.h5.part -o saved.h5    the run that was to write hp.h5 was killed\n"
               "The part is only read; delete it when the new file has what you need. The new file has the attribute\n"
               "complete = \"no\" (include/memdyn/record/README.md).");
  command->callback([given] {
    refuse_to_replace(given->output, given->keep);
    const auto saved = recover(given->part, given->output);
    fmt::print("{}: {}\n", in_message(given->output), saved);
  });
}

}  // namespace memdyn::app
