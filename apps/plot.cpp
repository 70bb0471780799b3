// SPDX-License-Identifier: MIT
#include "memdyn/report/plot.hpp"

#include <cstdlib>
#include <filesystem>
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
  std::map<std::string, View> views;
  for (std::size_t i = 0; i < std::size(view_names); ++i) views.emplace(view_names[i], static_cast<View>(i));
  auto* command = program.add_subcommand("plot", "draw a result file as SVG or PNG (needs gnuplot)");
  auto given = std::make_shared<Arguments>();
  command->add_option("result", given->result, "result file (HDF5)")->required();
  command->add_option("-o,--output", given->picture, "picture to write (.svg or .png)")->required();
  command
      ->add_option("--view", given->options.view,
                   "overview (default); loop: the I-V loop of a simulation; parts: voltages and currents of "
                   "the parts of a circuit; transient: the first recorded update of a "
                   "training; prediction: target and answer of a regression")
      ->transform(CLI::CheckedTransformer(views).description(""))
      ->type_name("VIEW");
  command->add_option("--quantity", given->options.quantity, "sweeps: the dataset to draw")->type_name("NAME");
  command->add_option("--variable", given->options.variable, "sweeps: the internal variable to draw")
      ->type_name("NAME");
  command->add_option("--part", given->options.part, "sweeps: the part of a circuit to draw")->type_name("NAME");
  command
      ->add_option("--at", given->at, "sweeps: fix AXIS at its value nearest to VALUE; may be given once for each axis")
      ->type_name("AXIS=VALUE")
      ->allow_extra_args(false);
  add_examples(
      *command,
      "  memdyn plot hp.h5 -o hp.svg                                    a simulation over time\n"
      "  memdyn plot hp.h5 -o loop.svg --view loop                      its I-V loop\n"
      "  memdyn plot xor.h5 -o errors.svg                               the error of a training over its epochs\n"
      "  memdyn plot xor.h5 -o update.svg --view transient              the first update of a weight (needs [record])\n"
      "  memdyn plot sine.h5 -o sine.svg --view prediction              target and answer of a regression\n"
      "  memdyn plot loops.h5 -o area.png --quantity loop_area          a sweep: a map, a line or a histogram\n"
      "  memdyn plot loops.h5 -o cut.svg --quantity loop_area --at frequency=1   the same at one frequency");
  command->callback([given] {
    if (std::filesystem::path(given->result).extension() == ".toml")
      throw InputError("plot", "result", given->result,
                       "is a scenario, not a result file; run it first, with \"memdyn simulate\", \"sweep\" or "
                       "\"train\", and plot what that writes");
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
