// SPDX-License-Identifier: MIT
#include "memdyn/study/plot.hpp"

#include <memory>

#include "command.hpp"

namespace memdyn::app {

void add_plot(CLI::App& program) {
  struct Arguments {
    std::string result, picture, quantity;
    View view = View::overview;
  };
  auto* command = program.add_subcommand("plot", "draw a result file as SVG or PNG (needs gnuplot)");
  auto given = std::make_shared<Arguments>();
  command->add_option("result", given->result, "result file (HDF5)")->required();
  command->add_option("-o,--output", given->picture, "picture to write (.svg or .png)")->required();
  command
      ->add_option("--view", given->view,
                   "overview (default); loop: the I-V loop of a simulation; transient: an update inside of a training")
      ->transform(CLI::CheckedTransformer(std::map<std::string, View>{
          {"overview", View::overview}, {"loop", View::loop}, {"transient", View::transient}}));
  command->add_option("--quantity", given->quantity, "of a sweep: the dataset to draw");
  command->callback([given] { plot(given->result, given->picture, given->view, given->quantity); });
}

}  // namespace memdyn::app
