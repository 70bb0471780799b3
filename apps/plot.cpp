// SPDX-License-Identifier: MIT
#include "memdyn/report/plot.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "command.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn::app {

namespace {

struct Arguments {
  std::vector<std::filesystem::path> results;
  std::string picture, view{view_names[0]}, log;
  PlotOptions options;
  std::vector<std::string> at;
};

/// The result files that are drawn. @throws InputError for a scenario
void check(const Arguments& given) {
  for (const auto& result : given.results) refuse_scenario("plot", result);
}

void add_options(CLI::App& command, Arguments& given) {
  command.add_option("result", given.results, "result files (HDF5); several are drawn over one another")
      ->required()
      ->type_name("FILE");
  command.add_option("-o,--output", given.picture, "picture to write (.svg, .png or .pdf)")->required();
  command
      .add_option(
          "--view", given.view,
          "overview (default); loop: the I-V loop of a simulation; parts: voltages and currents of the parts of "
          "a circuit; transient: the first recorded update of a training; prediction: target and answer of a "
          "regression; map: errors of pulses in a file of validate, and their causes; orders: errors after pulses "
          "in several orders")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(view_names), std::end(view_names))))
      ->type_name("VIEW");
  command
      .add_option("--x", given.options.x,
                  "draw quantities along time against this one: time (default), drive, current, voltage, memristance, "
                  "conductance, power, an internal variable, any dataset along time, or DATASET[LABEL]")
      ->type_name("NAME");
  command.add_option("--y", given.options.y, "the quantities to draw; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->take_all();
  command.add_option("--log", given.log, "logarithmic axes, of magnitudes: x, y or xy")
      ->check(CLI::IsMember({"x", "y", "xy"}))
      ->type_name("AXES");
  command.add_option("--from", given.options.from, "draw from this time on [s]")->type_name("TIME");
  command.add_option("--to", given.options.to, "draw until this time [s]")->type_name("TIME");
  command.add_option("--quantity", given.options.quantity, "sweeps: the dataset to draw")->type_name("NAME");
  command.add_option("--variable", given.options.variable, "sweeps: the internal variable to draw")->type_name("NAME");
  command.add_option("--part", given.options.part, "sweeps: the part of a circuit to draw")->type_name("NAME");
  command
      .add_option("--at", given.at, "sweeps: fix AXIS at its value nearest to VALUE; may be given once for each axis")
      ->type_name("AXIS=VALUE")
      ->allow_extra_args(false)
      ->take_all();
}

/// "AXIS=VALUE" as name and number. @throws InputError
std::pair<std::string, double> axis_value(const std::string& one) {
  const auto equals = one.find('=');
  char* end = nullptr;
  const double value = equals == std::string::npos ? 0.0 : std::strtod(&one[equals + 1], &end);
  if (end == nullptr || end == &one[equals + 1] || *end != '\0')
    throw InputError("plot", "--at", one, "must be AXIS=NUMBER");
  return {one.substr(0, equals), value};
}

}  // namespace

void add_plot(CLI::App& program) {
  auto* command = program.add_subcommand("plot", "draw result files as SVG, PNG or PDF (needs gnuplot)");
  auto given = std::make_shared<Arguments>();
  add_options(*command, *given);
  add_examples(
      *command,
      "  memdyn plot hp.h5 -o hp.svg                                    a simulation over time\n"
      "  memdyn plot hp.h5 -o loop.svg --view loop                      its I-V loop\n"
      "  memdyn plot hp.h5 -o loop.pdf --view loop --log y              |current| on a logarithmic axis\n"
      "  memdyn plot hp.h5 -o g.svg --x gamma --y conductance --from 1  one quantity against another, from 1 s on\n"
      "  memdyn plot hp.h5 fast.h5 -o both.svg --view loop              two runs over one another, with a legend\n"
      "  memdyn plot xor.h5 -o errors.svg                               the error of a training over its epochs\n"
      "  memdyn plot xor.h5 -o update.svg --view transient              the first update of a weight (needs [record])\n"
      "  memdyn plot sine.h5 -o sine.svg --view prediction              target and answer of a regression\n"
      "  memdyn plot loops.h5 -o area.png --quantity loop_area          a sweep: a map, a line or a histogram\n"
      "  memdyn plot loops.h5 -o cut.svg --quantity loop_area --at frequency=1   the same at one frequency\n"
      "  memdyn plot loops.h5 -o runs.svg --x time --y gamma            its trajectories (needs record.interval)");
  command->callback([given] {
    check(*given);
    given->options.view = static_cast<View>(std::ranges::find(view_names, given->view) - std::begin(view_names));
    given->options.log_x = given->log.find('x') != std::string::npos;
    given->options.log_y = given->log.find('y') != std::string::npos;
    for (const auto& one : given->at) given->options.at.push_back(axis_value(one));
    plot(given->results, given->picture, given->options, progress_line("drawing"));
  });
}

}  // namespace memdyn::app
