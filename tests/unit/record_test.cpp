// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "memdyn/core/error.hpp"
#include "memdyn/record/table.hpp"
#include "memdyn/study/plot.hpp"
#include "memdyn/study/simulation.hpp"
#include "memdyn/study/sweep.hpp"
#include "memdyn/study/training.hpp"

using namespace memdyn;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {
fs::path scratch(const std::string& name) { return fs::temp_directory_path() / ("memdyn_record_test_" + name); }
fs::path scenario(const std::string& text) {
  const auto path = scratch("scenario.toml");
  std::ofstream(path) << text;
  return path;
}
}  // namespace

TEST_CASE("what is written in rows is read back, across chunks") {
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
  }
  const ResultReader file(path);
  CHECK(file.shape("g/gamma") == std::vector<std::size_t>{rows, 2});
  const auto gamma = file.numbers("g/gamma");
  CHECK(gamma[2 * 8000 + 1] == -8000.0);
  CHECK(file.numbers("g/time").back() == 0.5 * static_cast<double>(rows - 1));
  CHECK(file.numbers("g/code")[13] == 6.0);
  CHECK(file.strings("g/variable") == std::vector<std::string>{"a", "bc"});
  CHECK(file.text("/", "title") == "a title");
  CHECK(file.text("g/gamma", "units") == "m");
  CHECK_FALSE(file.has("g/nothing"));
  CHECK_THROWS_AS(file.numbers("nothing"), IoError);
  fs::remove(path);
  CHECK_THROWS_AS(ResultReader(path), IoError);
  CHECK_THROWS_AS(ResultFile("/nowhere/x.h5", {}), IoError);
  CHECK_THROWS_WITH(ResultFile(scenario("title = \"mine\""), {}), ContainsSubstring("not replaced"));
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
    CHECK(file.strings("variable") == std::vector<std::string>{"gamma"});
  }
  CHECK_THROWS_WITH(plot(output, scratch("picture.pdf")), ContainsSubstring(".svg or .png"));
  CHECK_THROWS_AS(simulate(read_simulation(input), output, [](double) { throw Interrupted(); }), Interrupted);
  CHECK(ResultReader(output).shape("time")[0] >= 1);  // what was done is there
  fs::remove(output);
  fs::remove(input);
}

TEST_CASE("scenarios that cannot be used are refused with file, line, key and remedy") {
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

TEST_CASE("every scenario and parameter set that is shipped can be read") {
  for (const auto& entry : fs::directory_iterator(MEMDYN_DATA "/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    CAPTURE(entry.path());
    const std::string text = [&] {
      std::ifstream in(entry.path());
      return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    if (text.find("[network]") != std::string::npos) {
      CHECK_NOTHROW(read_training(entry.path()));
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
