// SPDX-License-Identifier: MIT
// The keys of tables of numbers in scenarios.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_scenario_csv {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

Scenario scenario(const std::string& keys, const std::string& drive = "quantity = \"voltage\"") {
  return read_simulation(written("csv.toml", "[device]\nmodel = \"vteam\"\n[initial]\ngamma = [1e-9]\n[drive]\n" +
                                                 drive + "\n[[waveform]]\nkind = \"csv\"\nfile = \"points.csv\"\n" +
                                                 keys));
}
TrainingPlan training(const std::string& keys, const std::string& layers) {
  return read_training(written("data.toml", "[network]\nkind = \"multilayer\"\nlayers = " + layers +
                                                "\n[data]\nfile = \"points.csv\"\n" + keys + "\n[run]\nepochs = 1\n"));
}
template <class Read>
std::string answer(const Read& read) {
  try {
    (void)read();
  } catch (const InputError& error) {
    const std::string text = error.what();
    const auto folder = scratch("").string();
    return text.starts_with(folder) ? text.substr(folder.size()) : text;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a waveform from a measured file: columns, units, jumps") {
  (void)written("points.csv", "Model;2450\nt;U;I\n0;0;1\n5;1500;2\n5;-0,5;3\n10;-250;4\n");
  const Scenario read = scenario("columns = [\"t\", \"U\"]\ntime_unit = \"us\"\nvalue_unit = \"mV\"\n");
  const Waveform& drive = *read.drive;
  REQUIRE(drive.segments().size() == 2);
  CHECK(std::get<Ramp>(drive.segments()[0]).duration == 5e-6);
  CHECK(std::get<Ramp>(drive.segments()[0]).to == 1.5);
  CHECK(std::get<Ramp>(drive.segments()[1]).from == -0.0005);
  CHECK(std::get<Ramp>(drive.segments()[1]).to == -0.25);
  REQUIRE(read.notes.size() == 1);
  CHECK_THAT(read.notes[0], ContainsSubstring("points.csv: the lines above line 2 are not read; cells are separated by "
                                              "semicolons; numbers have decimal commas"));
  const Scenario scaled = scenario("skip_rows = 2\ncolumns = [1, 3]\nscale_time = 2\nscale_value = -1\nscale = 10\n");
  CHECK(scaled.drive->duration() == 20);
  CHECK(scaled.drive->value(0) == -10);
  CHECK(scaled.drive->value(20) == -40);
}

TEST_CASE("a waveform from the netlist of a SPICE program") {
  (void)written("points.csv", "* step\nV1 in 0 PWL(0 0 1u 0 1u 2 3u 2)\n");
  const Scenario read = scenario("");
  REQUIRE(read.drive->segments().size() == 2);
  CHECK(read.drive->value(0.5e-6) == 0);
  CHECK(read.drive->value(1.5e-6) == 2);
  CHECK(read.drive->duration() == 3e-6);
}

TEST_CASE("a unit in the heading that is not the one of the numbers is noted") {
  (void)written("points.csv", "Time (ms),U [V]\n0,1\n2,3\n");
  const auto notes = scenario("columns = [1, 2]").notes;
  const auto noted = [](const auto& all, const std::string& text) {
    return std::ranges::any_of(all, [&](const std::string& one) { return one.find(text) != std::string::npos; });
  };
  CHECK(noted(notes, "the heading has \"Time (ms)\", but the numbers are read in s: give time_unit"));
  CHECK_FALSE(noted(notes, "U [V]"));  // the unit of the drive
  CHECK_FALSE(noted(scenario("columns = [1, 2]\ntime_unit = \"ms\"").notes, "Time (ms)\", but"));
}

TEST_CASE("keys of a table of numbers that make no sense are refused") {
  (void)written("points.csv", "t,U,I\n0,0,1\n5,1500,2\n6,1,1\n6,2,2\n6,3,3\n7,3,3\n");
  struct Wrong {
    const char *keys, *message;
  };
  const Wrong one = GENERATE(values<Wrong>(
      {{"", "points.csv:2: row = 3 values: must have 2; choose columns of a wider table by columns = [...]"},
       {"columns = [\"t\"]", "csv.toml:10: waveform.columns = [ 't' ]: must be two: time and value"},
       {"columns = [0, 1]", "csv.toml:10: waveform.columns = [ 0, 1 ]: are numbered from 1"},
       {"columns = [1, \"t\"]", "csv.toml:10: waveform.columns"},
       {"columns = [1, 4]", "points.csv:2: column = 4: the row has 3 cells only"},
       {"columns = [1, 2]\ndelimiter = \"|\"", "csv.toml:11: waveform.delimiter = '|': must be \",\""},
       {"columns = [1, 2]\ndecimal = \",\"\ndelimiter = \",\"",
        "csv.toml:11: waveform.decimal = ',': is the delimiter"},
       {"columns = [1, 2]\ncomment = \"\"", "csv.toml:11: waveform.comment"},
       {"columns = [\"t\", \"U\"]\nheading_row = 0", "csv.toml:11: waveform.heading_row = 0: is 0, for none, but"},
       {"columns = [1, 2]\nheading_row = 1\nskip_rows = 1", "csv.toml:11: waveform.heading_row = 1: is given together"},
       {"columns = [1, 2]\ntime_unit = \"V\"",
        "csv.toml:11: waveform.time_unit = 'V': must be a unit that converts to s"},
       {"columns = [1, 2]\nvalue_unit = \"mA\"",
        "csv.toml:11: waveform.value_unit = 'mA': must be a unit that converts"},
       {"columns = [1, 2]\nvalue_unit = \"wolt\"", "csv.toml:11: waveform.value_unit = 'wolt': is no unit of UDUNITS"},
       {"columns = [1, 2]\nscale_time = 2\ntime_unit = \"s\"",
        "csv.toml:11: waveform.scale_time = 2: is given together"},
       {"columns = [1, 2]\nscale_time = 0", "csv.toml:11: waveform.scale_time = 0: must not be 0"},
       {"columns = [1, 2]\nscale_time = -1", "csv.toml:11: waveform.scale_time = -1: must be above 0"},
       {"columns = [1, 2]",
        "points.csv:6: time = 6 s: must be later than 6 s, the time in the row above (two values "}}));
  CAPTURE(one.keys);
  CHECK_THAT(answer([&] { return scenario(one.keys); }), StartsWith(one.message));
}

TEST_CASE("classes by name become targets in alphabetical order") {
  (void)written("points.csv", "a;species;b\n1,5;virginica;2\n3;setosa;4\n5;virginica;6\n");
  const Dataset table = training("label = \"species\"", "[2, 2]").tasks[0].table;
  CHECK(table.inputs == std::vector<double>{1.5, 2, 3, 4, 5, 6});
  CHECK(table.targets == std::vector<double>{0, 1, 1, 0, 0, 1});
  CHECK(table.classes == std::vector<std::string>{"setosa", "virginica"});
  CHECK(table.names == std::vector<std::string>{"a", "b", "setosa", "virginica"});
  const Dataset chosen = training("label = 2\ncolumns = [\"b\"]", "[1, 2]").tasks[0].table;
  CHECK(chosen.inputs == std::vector<double>{2, 4, 6});
  struct Wrong {
    const char *keys, *message;
  };
  const Wrong one = GENERATE(values<Wrong>(
      {{"label = \"kind\"", "points.csv: no line has the columns \"kind\""},
       {"label = 0", "data.toml:6: data.label = 0: must be the name of a column"},
       {"label = \"species\"\ntargets = 1", "data.toml:7: data.targets = 1: is given together with label"},
       {"label = \"species\"\ncolumns = [\"species\", \"b\"]", "data.toml:7: data.columns"},
       {"label = \"species\"\ntask = \"regression\"", "data.toml:6: data.label"},
       {"label = \"species\"\ncolumns = [\"a\"]", "points.csv: columns = 1 inputs, 2 targets: the network has 2"}}));
  CAPTURE(one.keys);
  CHECK_THAT(answer([&] { return training(one.keys, "[2, 2]"); }), StartsWith(one.message));
  (void)written("points.csv", "a,species,b\n1,x,2\n3,x,4\n");
  CHECK_THAT(answer([&] { return training("label = \"species\"", "[2, 2]"); }),
             StartsWith("points.csv: label = one text only: must be the names of at least 2 classes"));
}

}  // namespace memdyn::test_scenario_csv
