// SPDX-License-Identifier: MIT
// Sweeps from scenario to result file.
#include "memdyn/run/sweep.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "memdyn/record/result_reader.hpp"
#include "support/scratch.hpp"

using namespace memdyn;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
const Progress silent = [](double) {};

ResultReader swept(const std::filesystem::path& scenario) {
  const SweepReport report = sweep(read_sweep(scenario), scratch("swept.h5"), silent);
  REQUIRE(report.of_status[0] == report.trajectories);
  return ResultReader(scratch("swept.h5"));
}
ResultReader simulated(const std::filesystem::path& scenario) {
  (void)simulate(read_simulation(scenario), scratch("simulated.h5"), silent);
  return ResultReader(scratch("simulated.h5"));
}
std::filesystem::path shipped(const char* name) { return std::filesystem::path(MEMDYN_DATA) / "scenarios" / name; }
}  // namespace

TEST_CASE("the port at the end of the drive is that of the last row of a simulation") {
  const std::string drive = GENERATE("quantity = \"voltage\"\nseries_resistance = 1e3\n", "quantity = \"current\"\n",
                                     "quantity = \"voltage\"\ncompliance = 1e-5\nseries_resistance = 1e3\n",
                                     "quantity = \"current\"\ncompliance = 0.3\n");
  CAPTURE(drive);
  const double last = drive.starts_with("quantity = \"voltage\"") ? 0.4 : 2e-5;
  const auto scenario = [&](const std::string& more) {
    return written("end.toml", fmt::format("[device]\nmodel = \"stanford-rram\"\n[initial]\ngamma = [1e-9]\n[drive]\n{}"
                                           "[[waveform]]\nkind = \"ramp\"\nduration = 1e-6\nfrom = 0\nto = {}\n{}",
                                           drive, last, more));
  };
  const auto one = simulated(scenario(""));
  const auto all =
      swept(scenario("[[sweep]]\nkey = \"initial.gamma[0]\"\nvalues = [1e-9]\n[reduce]\nquantities = "
                     "[\"current_final\", \"voltage_final\", \"memristance_final\", \"conductance_final\"]"
                     "\n"));
  const double current = one.numbers("current").back();
  const double voltage = one.numbers("voltage").back();
  REQUIRE(current != 0);
  CHECK_THAT(all.numbers("current_final").front(), WithinRel(current, 1e-8));
  CHECK_THAT(all.numbers("voltage_final").front(), WithinRel(voltage, 1e-8));
  CHECK_THAT(all.numbers("memristance_final").front(), WithinRel(voltage / current, 1e-8));
  CHECK_THAT(all.numbers("conductance_final").front(), WithinRel(current / voltage, 1e-8));
}

TEST_CASE("a state is read at the read voltage, whatever the drive is") {
  SECTION("after each number of pulses, in closed form") {
    const auto file = swept(shipped("sweep_potentiation.toml"));
    const auto amplitudes = file.numbers("amplitude");
    const auto pulses = file.numbers("pulses");
    const auto found = file.numbers("read_conductance");
    REQUIRE(found.size() == amplitudes.size() * pulses.size());
    for (std::size_t a = 0; a < amplitudes.size(); ++a)
      for (std::size_t n = 0; n < pulses.size(); ++n) {
        const double moved = pulses[n] * 1e-9 * 10 * std::pow(amplitudes[a] / -0.2 - 1, 3);
        const double w = std::max(0.0, 1 - moved / 3e-9);
        CHECK_THAT(found[a * pulses.size() + n], WithinRel(1 / (50 + 950 * w), 1e-9));
      }
  }
  SECTION("of a device controlled by current, and of one whose current is no multiple of its voltage") {
    const auto read = [&](const std::string& device, const std::string& gamma, double voltage) {
      const auto file = swept(written(
          "read.toml", fmt::format("[device]\n{}\n[initial]\ngamma = [{}]\n[[waveform]]\nkind = \"constant\"\n"
                                   "duration = 1e-9\nvalue = 0\n[[sweep]]\nkey = \"waveform.duration\"\nvalues = "
                                   "[1e-9]\n[reduce]\nread_voltage = {}\nquantities = [\"read_current\", "
                                   "\"read_conductance\"]\n",
                                   device, gamma, voltage)));
      CHECK(file.numbers("read_conductance").front() == file.numbers("read_current").front() / voltage);
      return file.numbers("read_current").front();
    };
    const std::string folder = std::filesystem::path(MEMDYN_DATA) / "devices";
    CHECK_THAT(read("file = \"" + folder + "/strukov_2008.toml\"", "2.5e-9", -0.2),
               WithinRel(-0.2 / (100 * 0.25 + 16e3 * 0.75), 1e-12));
    const double twice = read(fmt::format("series = [{{ file = \"{0}/strukov_2008.toml\" }}, {{ file = "
                                          "\"{0}/strukov_2008.toml\" }}]",
                                          folder),
                              "2.5e-9, 5e-9", 0.1);
    CHECK_THAT(twice, WithinRel(0.1 / (100 * 0.75 + 16e3 * 1.25), 1e-12));
    const std::string text =
        "control = \"voltage\"\n[[variable]]\nname = \"x\"\nlower = 0\nupper = 1\ndrift = \"v\"\n[port]\ncurrent = "
        "\"x*sinh(2*v)\"\n";
    CHECK_THAT(read("file = \"" + written("sinh.toml", text).string() + "\"", "0.5", 1.5),
               WithinRel(0.5 * std::sinh(3.0), 1e-12));
  }
}

TEST_CASE("what is recorded by default does not depend on new quantities, and keys add their own") {
  const std::string scenario =
      "[device]\nmodel = \"stanford-rram\"\n[initial]\ngamma = [1e-9]\n[[waveform]]\nkind = \"constant\"\nduration = "
      "1e-9\nvalue = 0.1\n[[sweep]]\nkey = \"waveform.value\"\nname = \"frequency\"\nvalues = [0.1]\n[reduce]\n";
  const auto quantities = [&](const std::string& keys) {
    return read_sweep(written("x.toml", scenario + keys)).quantities;
  };
  const std::vector<std::string> usual{"gamma_final",
                                       "gamma_lowest",
                                       "gamma_highest",
                                       "memristance_lowest",
                                       "memristance_highest",
                                       "charge",
                                       "flux",
                                       "energy",
                                       "loop_area_positive",
                                       "loop_area_negative",
                                       "loop_area",
                                       "steps_accepted",
                                       "steps_rejected",
                                       "events"};
  CHECK(quantities("") == usual);
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), usual.begin(), usual.end());
    std::ranges::sort(more);
    return more;
  };
  const auto sorted = [&](const std::string& keys) {
    auto all = quantities(keys);
    std::ranges::sort(all);
    return all;
  };
  CHECK(sorted("level = 1e4\n") == with({"switching_time"}));
  CHECK(sorted("level = 1e4\npassages = 3\n") == with({"switching_time", "passage_time"}));
  CHECK(sorted("read_voltage = 0.1\n") == with({"read_conductance"}));
}
