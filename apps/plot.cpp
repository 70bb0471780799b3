// SPDX-License-Identifier: MIT
#include "memdyn/study/plot.hpp"

#include <cstdlib>
#include <memory>

#include "command.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn::app {

void add_plot(CLI::App& program) {
  struct Arguments {
    std::string result, picture;
    PlotOptions options;
    std::vector<std::string> at;
  };
  auto* command = program.add_subcommand("plot", "draw a result file as SVG or PNG (needs gnuplot)");
  auto given = std::make_shared<Arguments>();
  command->add_option("result", given->result, "result file (HDF5)")->required();
  command->add_option("-o,--output", given->picture, "picture to write (.svg or .png)")->required();
  command
      ->add_option("--view", given->options.view,
                   "overview (default); loop: the I-V loop of a simulation; transient: an update inside of a training")
      ->transform(CLI::CheckedTransformer(std::map<std::string, View>{
          {"overview", View::overview}, {"loop", View::loop}, {"transient", View::transient}}));
  command->add_option("--quantity", given->options.quantity, "of a sweep: the dataset to draw");
  command->add_option("--variable", given->options.variable, "of a sweep: which internal variable of the quantity");
  command->add_option("--at", given->at, "of a sweep, AXIS=VALUE: cut an axis at the nearest of its values; repeatable")
      ->allow_extra_args(false);
  command->callback([given] {
    for (const auto& one : given->at) {
      const auto equals = one.find('=');
      char* end = nullptr;
      const double value = equals == std::string::npos ? 0.0 : std::strtod(&one[equals + 1], &end);
      if (end == nullptr || end == &one[equals + 1] || *end != '\0')
        throw InputError("plot", "--at", one, "must be AXIS=NUMBER");
      given->options.at.emplace_back(one.substr(0, equals), value);
    }
    plot(given->result, given->picture, given->options, progress_line("drawing"));
  });
}

}  // namespace memdyn::app
