// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "command.hpp"
#include "memdyn/report/inspection.hpp"

namespace memdyn::app {

void add_export(CLI::App& program) {
  struct Arguments {
    std::string file, format = "csv", dataset, output;
  };
  auto* command = program.add_subcommand(
      "export", "write the table of a result file as CSV, or a device as a training simulator reads it");
  auto given = std::make_shared<Arguments>();
  command->add_option("file", given->file, "result file (HDF5)")->required();
  command
      ->add_option("--format", given->format,
                   fmt::format("csv (default); of a file of \"memdyn table\" also {}", fmt::join(rule_formats(), ", ")))
      ->type_name("FORMAT");
  command
      ->add_option("--dataset", given->dataset,
                   "a dataset, or the group trajectory; default: rows of a simulation, trajectories of a sweep, "
                   "errors of a training")
      ->type_name("NAME");
  command->add_option("-o,--output", given->output, "file to write (.csv); for the other formats a folder")->required();
  add_examples(
      *command,
      "  memdyn export hp.h5 -o hp.csv                              one line for each recorded row\n"
      "  memdyn export loops.h5 -o loops.csv                        one line for each trajectory of a sweep\n"
      "  memdyn export team.h5 --dataset gamma -o gamma.csv         the trajectories themselves, if recorded\n"
      "  memdyn export xor.h5 -o errors.csv                         total_error by epoch\n"
      "  memdyn export xor.h5 --dataset trajectory -o pulses.csv    the recorded pulses of a training\n"
      "  memdyn export vteam_table.h5 --format aihwkit -o vteam     the folder vteam: device.json and load.py");
  command->callback([given] {
    refuse_scenario("export", given->file);
    if (given->format == "csv") {
      export_csv(given->file, given->dataset, given->output, progress_line("exporting"));
      return;
    }
    if (!given->dataset.empty())
      throw InputError("export", "--dataset", given->dataset, "applies to the format csv only");
    fmt::print("{}", export_rule(given->file, given->format, given->output, progress_line("exporting")));
  });
}

}  // namespace memdyn::app
