// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "memdyn/report/inspection.hpp"

namespace memdyn::app {

void add_diff(CLI::App& program) {
  struct Arguments {
    std::string a, b;
    bool json = false;
  };
  auto* command = program.add_subcommand("diff", "compare two result files, value by value");
  auto given = std::make_shared<Arguments>();
  command->add_option("first", given->a, "result file (HDF5)")->required();
  command->add_option("second", given->b, "another")->required();
  command->add_flag("--json", given->json, "print the differences as JSON");
  add_examples(
      *command,
      "  memdyn diff hp.h5 hp_again.h5              equal to the last bit, or what differs, where, by how much\n"
      "  memdyn diff loops.h5 loops.h5.part         the rows that an unfinished run has, with those of a whole one",
      "0 equal (but for version, commit, date and host), 1 different, 2 usage, 4 a file cannot be read");
  command->callback([given] {
    for (const auto& file : {given->a, given->b}) refuse_scenario("diff", file);
    const Comparison found =
        compare(given->a, given->b, progress_line("comparing"), given->json ? Form::json : Form::text);
    fmt::print("{}", found.report);
    if (!found.equal) throw CLI::RuntimeError(1);
  });
}

}  // namespace memdyn::app
