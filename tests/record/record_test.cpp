// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include "memdyn/circuit/composite.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/record/recovery.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/report/plot.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/run/training.hpp"
#include "memdyn/scenario/table_plan.hpp"
#include "record/table.hpp"
#include "scenario/rule_study_plan.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_record_record {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {
fs::path scenario(const std::string& text) { return written("scenario.toml", text); }
}  // namespace

TEST_CASE("rows that are written are read back, across chunks") {
  const auto path = scratch("table.h5");
  const std::size_t rows = 2 * ResultFile::chunk + 17;
  {
    ResultFile file(path, {"a title", "the text", 7});
    file.axis("g/variable", std::vector<std::string>{"a", "bc"}, {"1", "variable"});
    GrowingTable table(file, "g/",
                       {{"time", ResultFile::Kind::real, {"s", "time"}},
                        {"gamma", ResultFile::Kind::real, {"m", "state"}, "variable", 2},
                        {"code", ResultFile::Kind::code, {"1", "code"}}});
    for (std::size_t i = 0; i < rows; ++i) {
      const auto x = static_cast<double>(i);
      table.put(0.5 * x);
      table.put_all(std::vector{x, -x});
      table.put(static_cast<double>(i % 7));
      table.end_row();
    }
    table.flush();
    CHECK(file.place() == scratch("table.h5.part"));
    file.conclude();
    CHECK(file.place() == path);
  }
  CHECK_FALSE(fs::exists(scratch("table.h5.part")));
  const ResultReader file(path);
  CHECK(file.shape("g/gamma") == std::vector<std::size_t>{rows, 2});
  const auto gamma = file.numbers("g/gamma");
  CHECK(gamma[2 * 8000 + 1] == -8000.0);
  CHECK(file.numbers("g/time").back() == 0.5 * static_cast<double>(rows - 1));
  CHECK(file.numbers("g/code")[13] == 6.0);
  CHECK(file.strings("g/variable", 2) == std::vector<std::string>{"a", "bc"});
  CHECK(file.text("/", "title") == "a title");
  CHECK(file.text("g/gamma", "units") == "m");
  CHECK_FALSE(file.has("g/nothing"));
  CHECK_THROWS_AS(file.numbers("nothing"), IoError);
  fs::remove(path);
  CHECK_THROWS_AS(ResultReader(path), IoError);
  CHECK_THROWS_AS(ResultFile("/nowhere/x.h5", {}), IoError);
  std::ofstream(path) << "mine";
  CHECK_THROWS_WITH(ResultFile(path, {}), ContainsSubstring("not replaced"));
  fs::remove(path);
}

TEST_CASE("rows of one moment get neighbouring times, of which the last keeps it, also if the run is resumed") {
  const std::vector<double> moments{0, 0, 0.5, 1, 1, 1, 2, 2, 0, 0, 3, 3, 4};  // a next realization begins at 0 again
  const std::size_t ended = 7;                                                 // a run can be resumed after these rows
  const auto before = [](double time) { return std::nextafter(time, -1.0); };
  const double least = std::numeric_limits<double>::denorm_min();
  const std::vector<double> wanted{
      0, least, 0.5, before(before(1)), before(1), 1, 2, std::nextafter(2.0, 3.0), 0, least, before(3), 3, 4};
  const std::vector<Column> columns{{"time", ResultFile::Kind::real, {"s", "time"}}};
  const auto first = scratch("first.h5"), whole = scratch("whole.h5"), resumed = scratch("resumed.h5");
  const auto write = [&](const fs::path& path, std::size_t rows, const ResultReader* left) {
    ResultFile file(path, {});
    {
      GrowingTable table(file, "", columns);
      if (left != nullptr) table.copy(*left, ended);
      for (std::size_t row = left != nullptr ? ended : 0; row < rows; ++row) {
        table.put(moments[row]);
        table.end_row();
        if (row + 1 == ended) table.end_group();
      }
    }
    file.conclude();
  };
  write(whole, moments.size(), nullptr);
  CHECK(ResultReader(whole).numbers("time") == wanted);
  write(first, ended, nullptr);
  const ResultReader left(first);
  write(resumed, moments.size(), &left);
  CHECK(ResultReader(resumed).numbers("time") == wanted);
  for (const auto& path : {first, whole, resumed}) fs::remove(path);
}

TEST_CASE("a table is recovered from what is on disk at any moment, with the rows that its axis declares valid") {
  const auto path = scratch("live.h5");
  const auto part = scratch("live.h5.part");
  const auto left = scratch("left.h5.part");
  const auto saved = scratch("saved.h5");
  ResultFile file(path, {"live", "", {}});
  file.axis("variable", std::vector<std::string>{"a", "b"}, {"1", "variable"});
  file.attribute("pulses", missing);
  GrowingTable table(file, "",
                     {{"time", ResultFile::Kind::real, {"s", "time"}},
                      {"gamma", ResultFile::Kind::real, {"m", "state"}, "variable", 2},
                      {"code", ResultFile::Kind::code, {"1", "code"}}});
  file.begin_appending();
  std::size_t rows = 0;
  const auto add = [&](std::size_t count) {
    for (; count > 0; --count, ++rows) {
      const auto x = static_cast<double>(rows);
      table.put(0.5 * x);
      table.put_all(std::vector{x, -x});
      table.put(static_cast<double>(rows % 7));
      table.end_row();
    }
  };
  const auto recovered = [&](std::size_t wanted) {  // a copy is what a killed process would leave
    fs::copy_file(part, left, fs::copy_options::overwrite_existing);
    CHECK(recover(left, saved) == fmt::format("{} rows", wanted));
    const ResultReader reader(saved);
    CHECK(reader.text("/", "complete") == "no");
    CHECK(reader.shape("code") == std::vector{wanted});
    CHECK(reader.axes("gamma") == std::vector<std::string>{"time", "variable"});
    const auto time = reader.numbers("time");
    const auto gamma = reader.numbers("gamma", {wanted, 2});
    for (std::size_t i = 0; i < wanted; ++i) REQUIRE((time[i] == 0.5 * double(i) && gamma[2 * i + 1] == -double(i)));
  };
  recovered(0);
  add(10);
  recovered(0);
  table.flush();
  recovered(10);
  add(2 * ResultFile::chunk);  // whole chunks are written, but not declared valid yet
  CHECK_THROWS_WITH(recover(part, saved), ContainsSubstring("is being written by a run"));
  recovered(10);
  table.flush();
  recovered(rows);
  fs::copy_file(left, scratch("again.h5.part"), fs::copy_options::overwrite_existing);
  CHECK_THROWS_WITH(OutputTarget(scratch("again.h5")), ContainsSubstring("was left by a run that was killed"));
  file.end_appending();
  recovered(rows);
  file.attribute("pulses", 1.0);
  file.flush();
  recovered(rows);
  CHECK_THROWS_AS(file.attribute("late", 1.0), std::logic_error);
  file.conclude();
  const ResultReader reader(path);
  CHECK(reader.shape("time") == std::vector{rows});
  CHECK(std::get<std::vector<double>>(reader.attribute("/", "pulses")) == std::vector{1.0});
  for (const auto& name : {path, left, saved, scratch("again.h5.part")}) fs::remove(name);
}

TEST_CASE("of an incomplete copy of a part, recover and readers give the right numbers or refuse it") {
  const auto part = scratch("copied.h5.part"), left = scratch("copy.h5.part"), saved = scratch("from_copy.h5");
  ResultFile file(scratch("copied.h5"), {"copied", "", {}});
  GrowingTable table(
      file, "",
      {{"time", ResultFile::Kind::real, {"s", "time"}}, {"current", ResultFile::Kind::real, {"A", "current"}}});
  file.begin_appending();
  const std::size_t rows = 5 * ResultFile::chunk + 3;
  for (std::size_t i = 0; i < rows; ++i) {
    table.put(double(i));
    table.put(1.0 + double(i));
    table.end_row();
  }
  table.flush();
  const auto right = [&](const fs::path& copy) {
    const ResultReader reader(copy);
    const auto time = reader.numbers("time"), current = reader.numbers("current");
    REQUIRE(time.size() == rows);
    for (std::size_t i = 0; i < rows; ++i) REQUIRE((time[i] == double(i) && current[i] == 1.0 + double(i)));
  };
  int refused = 0;
  const auto whole = fs::file_size(part);
  for (std::uintmax_t size = whole; size > 0; size -= std::min<std::uintmax_t>(size, whole / 30)) {
    CAPTURE(size, whole);
    fs::copy_file(part, left, fs::copy_options::overwrite_existing);
    fs::resize_file(left, size);
    try {
      right(left);
    } catch (const IoError&) {
      ++refused;
    }
    try {
      (void)recover(left, saved);
      right(saved);
    } catch (const IoError&) {
      ++refused;
    }
    CHECK((size == whole) == (refused == 0));
  }
  table.flush();
  file.end_appending();
}

TEST_CASE("a simulation writes what the device does; memristance is not a number where I = 0") {
  const auto input = scenario(
      "[device]\nmodel = \"hp-drift\"\n[initial]\ngamma = [0.0]\n"
      "[[waveform]]\nkind = \"constant\"\nduration = 1.0\nvalue = 0.0\n"
      "[[waveform]]\nkind = \"constant\"\nduration = 0.1\nvalue = 12.0\n");
  const auto output = scratch("simulation.h5");
  simulate(read_simulation(input), output, [](double) {});
  {
    const ResultReader file(output);
    const auto memristance = file.numbers("memristance");
    CHECK(std::isnan(memristance.front()));
    CHECK(std::abs(memristance.back() - (101 - 100 * 0.7)) < 1e-9);  // x = 1/2 + 2 * 0.1
    CHECK(file.strings("variable", 1) == std::vector<std::string>{"gamma"});
  }
  CHECK_THROWS_WITH(plot(output, scratch("picture.eps")), ContainsSubstring(".svg, .png or .pdf"));
  const auto rows = ResultReader(output).shape("time")[0];
  CHECK_THROWS_AS(simulate(read_simulation(input), output, [](double) { throw Interrupted(); }), Interrupted);
  CHECK(ResultReader(output).shape("time")[0] == rows);
  const auto part = scratch("simulation.h5.part");
  CHECK(ResultReader(part).shape("time")[0] >= 1);  // the rows until then are there
  CHECK(ResultReader(part).text("/", "complete") == "no");
  fs::remove(part);
  fs::remove(output);
  fs::remove(input);
}

TEST_CASE("an output is locked by one object at a time, and unchanged by an object that is not used") {
  const auto path = scratch("claimed.h5");
  const auto part = scratch("claimed.h5.part");
  fs::remove(path);
  fs::remove(part);
  {
    const OutputTarget target(path);
    CHECK(fs::exists(part));
    CHECK_FALSE(target.replaces());
    CHECK_THROWS_WITH(OutputTarget(path), ContainsSubstring("is being written by another run"));
    CHECK_THROWS_AS(ResultFile(path, {}), IoError);
  }
  CHECK_FALSE(fs::exists(part));
  {
    ResultFile file(path, {"unfinished", "", {}});
    CHECK_THROWS_WITH(OutputTarget(path), ContainsSubstring("is being written by another run"));
  }
  CHECK(ResultReader(part).text("/", "title") == "unfinished");
  {
    const OutputTarget unused(path);
  }
  CHECK(ResultReader(part).text("/", "title") == "unfinished");
  {
    OutputTarget target(path);
    OutputTarget moved(std::move(target));
    ResultFile file(std::move(moved), {"finished", "", {}});
    CHECK_THROWS_WITH(OutputTarget(path), ContainsSubstring("is being written by another run"));
    file.conclude();
    CHECK(ResultReader(path).text("/", "complete") == "yes");
  }
  CHECK_FALSE(fs::exists(part));
  CHECK_THROWS_AS(OutputTarget(scratch("claimed.csv")), InputError);
  fs::remove(path);
}

TEST_CASE("a run does not replace a file that appeared at its output during the run") {
  const auto path = scratch("meanwhile.h5");
  const auto part = scratch("meanwhile.h5.part");
  fs::remove(path);
  {
    ResultFile file(path, {"late", "", {}});
    std::ofstream(path) << "my own";
    CHECK_THROWS_WITH(file.conclude(), ContainsSubstring("is not a result file") &&
                                           ContainsSubstring("the rows written until then are in " + part.string()) &&
                                           ContainsSubstring("meanwhile.h5 is unchanged"));
  }
  CHECK(fs::file_size(path) == 6);
  CHECK(ResultReader(part).text("/", "title") == "late");
  fs::remove(path);
  {
    ResultFile file(path, {"lost", "", {}});
    fs::remove(part);
    std::ofstream(part) << "my own";
    CHECK_THROWS_WITH(file.conclude(), ContainsSubstring("was removed or replaced"));
  }
  CHECK(fs::file_size(part) == 6);
  CHECK_FALSE(fs::exists(path));
  fs::remove(part);
}

TEST_CASE("the error of a failed run names its partial file, unless the run was refused before it began") {
  const auto path = scratch("named.h5");
  const auto part = scratch("named.h5.part");
  fs::remove(path);
  const auto message = [&](const auto& failure) {
    const auto failed = std::make_exception_ptr(failure);
    ResultFile(path, {}).conclude(failed);
    try {
      std::rethrow_exception(failed);
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
  };
  CHECK_THAT(message(Interrupted()),
             ContainsSubstring("interrupted; the rows written until then are in " + part.string()));
  CHECK(fs::exists(part));
  CHECK(message(InputError("a refusal")) == "a refusal");
  CHECK_FALSE(fs::exists(part));
  CHECK(message(std::runtime_error("no memory")) == "no memory");
  CHECK(fs::exists(part));
  fs::remove(part);
}

TEST_CASE("guards have unique names") {
  CHECK(AnyDevice(Yakopcic{}).guard_names() ==
        std::vector<std::string>{"guard 0: voltage > 0.16 V", "guard 1: voltage < -0.15 V", "guard 2", "guard 3"});
  Source source{.quantity = Quantity::voltage, .compliance = {1.0, 1.0}};
  const auto cell = couple(Coupling::series,
                           {{.device = Vteam{}, .label = "left"}, {.device = Vteam{}, .label = {}, .reversed = true}});
  const auto names = driven(cell, source).guard_names();
  REQUIRE(names.size() == 6);
  CHECK(names[0].starts_with("left.guard 0: voltage > "));
  CHECK(names[3].starts_with("part_2.guard 1: voltage < "));
  CHECK(names[4] == "compliance (negative)");
  CHECK(names[5] == "compliance (positive)");
  source.compliance[0] = Source::none;
  CHECK(driven(cell, source).guard_names().back() == "compliance (positive)");
  CHECK(driven(cell, source).guard_names().size() == 5);
  for_each_model([]<class D>() {
    CAPTURE(D::name);
    const auto all = AnyDevice(D()).guard_names();
    CHECK(all.size() == D().guards());
    CHECK(std::set(all.begin(), all.end()).size() == all.size());
  });
}

TEST_CASE("invalid scenarios are refused with file, line, key and remedy") {
  const std::string drive = "[[waveform]]\nkind = \"constant\"\nduration = 1.0\nvalue = 1.0\n";
  const std::string head = "[device]\nmodel = \"hp-drift\"\n[initial]\ngamma = [0.0]\n";
  const auto refused = [](const std::string& text, const std::string& words) {
    CHECK_THROWS_WITH(read_simulation(scenario(text)), ContainsSubstring(words));
  };
  refused(head + drive + "[recrod]\n", "scenario.toml:9: unknown key recrod; did you mean \"record\"?");
  refused("[device]\nmodel = \"hp-drfit\"\n[initial]\ngamma = [0.0]\n" + drive, "did you mean \"hp-drift\"?");
  refused("[device]\nmodel = \"hp-drift\"\nparameters = {D = -1.0}\n[initial]\ngamma = [0.0]\n" + drive, "D = -1 m");
  refused("[device]\nmodel = \"hp-drift\"\nparameters = {DD = 1.0}\n[initial]\ngamma = [0.0]\n" + drive, "unknown key");
  refused("[device]\nmodel = \"hp-drift\"\n[initial]\ngamma = [3.0]\n" + drive, "gamma[0] = 3");
  refused("[device]\nmodel = \"hp-drift\"\n[initial]\ngamma = [0.0, 0.1]\n" + drive, "needs 1");
  refused(head + "[[waveform]]\nkind = \"constant\"\nduration = 0.0\nvalue = 1.0\n", "duration = 0");
  refused(head + "[[waveform]]\nkind = \"sinus\"\n", "did you mean \"sine\"?");
  refused(head + drive + "[integrate]\nmethod = \"dopri\"\n", "did you mean \"dopri5\"?");
  refused(head + drive + "[integrate]\nrelative = 0.0\n", "must be in (0, 1)");
  refused(head, "waveform is missing");
  refused("[device\n", "scenario.toml:1");
  CHECK_THROWS_AS(read_simulation("nowhere.toml"), IoError);
  CHECK_THROWS_WITH(read_training(scenario("[network]\nkind = \"multilayer\"\n[data]\ngate = \"NAND\"\n[run]\n")),
                    ContainsSubstring("OR, AND or XOR"));
  CHECK_THROWS_WITH(
      read_training(scenario("[network]\nkind = \"multilayer\"\nlayers = [3, 1]\n[data]\ngate = \"OR\"\n[run]\n")),
      ContainsSubstring("3 inputs"));
}

TEST_CASE("every scenario and parameter set in data can be read") {
  for (const auto& entry : fs::recursive_directory_iterator(MEMDYN_DATA "/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    CAPTURE(entry.path());
    const std::string text = [&] {
      std::ifstream in(entry.path());
      return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    if (text.find("[study]") != std::string::npos) {
      CHECK_NOTHROW(read_rule_study(TomlSection(entry.path())));
    } else if (text.find("[network]") != std::string::npos) {
      CHECK_NOTHROW(read_training(entry.path()));
    } else if (text.find("[table]") != std::string::npos) {
      CHECK_NOTHROW(read_table(entry.path()));
    } else if (text.find("[[sweep]]") != std::string::npos || text.find("[[vary]]") != std::string::npos) {
      CHECK_NOTHROW(read_sweep(entry.path()));
    } else {
      CHECK_NOTHROW(read_simulation(entry.path()));
    }
  }
  for (const auto& entry : fs::directory_iterator(MEMDYN_DATA "/devices")) {
    if (entry.path().extension() != ".toml") continue;
    CAPTURE(entry.path());
    CHECK_NOTHROW(read_parameter_set(entry.path()));
  }
}

}  // namespace memdyn::test_record_record
