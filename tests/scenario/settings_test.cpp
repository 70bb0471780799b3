// SPDX-License-Identifier: MIT
// Keys of a scenario that are set from outside: `--set KEY=VALUE`.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "memdyn/scenario/training_plan.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_scenario_settings {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

const std::string base = R"toml(# ein Gerät
title = "before"  # the title
[device]
model = "threshold-window"
[device.parameters]
I_gamma = [2, 3]  # thresholds
[initial]
gamma = [
  0.25,  # first
  -0.5,
  0.5,
]
[integrate]
method = "dopri5"
[[waveform]]
kind = "sine"  # Ω
duration = 2
amplitude = 2.5
frequency = 1
[[waveform]]
kind = "constant"
duration = 1
value = 0.5
)toml";

std::vector<double> numbers_of(const Scenario& one) {
  std::vector<double> all = one.gamma;
  for (const auto& number : one.device.numbers()) all.push_back(number.value);
  for (const auto& part : one.parts) all.insert(all.end(), part.numbers.begin(), part.numbers.end());
  all.insert(all.end(), {one.source.series_resistance, one.source.compliance[0], one.options.relative,
                         static_cast<double>(one.options.method), one.recording.interval});
  return all;
}
std::string exchanged(std::string text, const std::string& piece, const std::string& by) {
  const auto at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return text.replace(at, piece.size(), by);
}
std::string answer(const std::vector<std::string>& settings) {
  try {
    (void)read_simulation(written("base.toml", base), settings);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a scenario with a key set is the scenario with that text, and its own text reads the same") {
  struct Case {
    const char *setting, *piece, *by;
  };
  const Case one =
      GENERATE(values<Case>({{"title=after", "\"before\"", "\"after\""},
                             {"title=\"a = [1] # b\"", "\"before\"", "\"a = [1] # b\""},
                             {"title=Gerät 2", "\"before\"", "\"Gerät 2\""},
                             {"waveform[0].amplitude=3", "amplitude = 2.5", "amplitude = 3"},
                             {"waveform[1].value=-0.25", "value = 0.5", "value = -0.25"},
                             {"waveform[0].phase=0.5", "frequency = 1", "frequency = 1\nphase = 0.5"},
                             {"initial.gamma[1]=0.75", "-0.5", "0.75"},
                             {"initial.gamma=[0.1, 0.2, 0.3]", "0.25,  # first\n  -0.5,\n  0.5,\n", "0.1, 0.2, 0.3"},
                             {"device.parameters.I_gamma[0]=1", "[2, 3]", "[1, 3]"},
                             {"integrate.method=rosenbrock4", "\"dopri5\"", "\"rosenbrock4\""},
                             {"integrate.relative=1e-7", "method = \"dopri5\"", "method = \"dopri5\"\nrelative = 1e-7"},
                             {"record.interval=0.125", "# ein Gerät", "record.interval = 0.125"},
                             {"drive.series_resistance=50", "# ein Gerät", "drive.series_resistance = 50"},
                             {"drive={compliance = 0.5}", "# ein Gerät", "drive = { compliance = 0.5 }"}}));
  CAPTURE(one.setting);
  const Scenario expected = read_simulation(written("by_hand.toml", exchanged(base, one.piece, one.by)));
  const Scenario found = read_simulation(written("base.toml", base), {one.setting});
  CHECK(found.title == expected.title);
  CHECK(numbers_of(found) == numbers_of(expected));
  CHECK_THAT(found.text, StartsWith(std::string("# --set ") + one.setting + "\n"));
  const Scenario again = read_simulation(written("base.toml", found.text));
  CHECK(again.title == expected.title);
  CHECK(numbers_of(again) == numbers_of(expected));
  CHECK_THAT(found.text, ContainsSubstring("# Ω"));  // only the value is exchanged
}

TEST_CASE("several keys can be set, of sweeps, trainings and devices, too") {
  const std::string swept =
      exchanged(base, "[initial]", "[[sweep]]\nkey = \"waveform[0].amplitude\"\nvalues = [1, 2]\n[initial]");
  const SweepPlan plan = read_sweep(written("swept.toml", swept), {"sweep.values=[3, 4, 5]", "run.threads=2"});
  CHECK(plan.axes.at(0).values == std::vector<double>{3, 4, 5});
  CHECK(plan.threads == 2);
  CHECK(read_sweep(written("swept.toml", plan.scenario.text)).axes.at(0).values == plan.axes.at(0).values);
  const auto training = written(
      "training.toml", "[network]\nkind = \"crossbar\"\n[synapse]\nmodel = \"vteam\"\n[data]\ngate = \"OR\"\n[run]\n");
  const TrainingPlan trained = read_training(training, {"run.epochs=7", "data.gate=AND"});
  CHECK(trained.epochs == 7);
  CHECK(trained.tasks.at(0).name == "AND");
  CHECK(read_training(written("training.toml", trained.text)).epochs == 7);
  const auto devices = devices_of(written("base.toml", base), {"device.parameters.I_gamma=[4, 6, 8]"});
  CHECK(devices.at(0).device.size() == 4);
  CHECK(read_simulation(written("base.toml", base), {}).text == base);
}

TEST_CASE("a key that cannot be set is refused with the reason") {
  const auto [setting, message] = GENERATE(table<std::string, std::string>(
      {{"title", "--set title: must have the form KEY=VALUE"},
       {"=1", "--set =1: must have the form KEY=VALUE"},
       {"title=", "--set title=: has no value"},
       {"title=[1", "--set title=[1:1: "},
       {"ti tle=1", "--set ti tle=1: must have a key of letters"},
       {"device..x=1", "--set device..x=1: must have a key of letters"},
       {"waveform[x].value=1", "--set waveform[x].value=1: has an index that is not a number"},
       {"waveform.value=1",
        "--set waveform.value=1: there are 2 of waveform; name one, from waveform[0] to waveform[1]"},
       {"waveform[2].value=1", "--set waveform[2].value=1: there is no waveform[2]; the list has 2"},
       {"title.x=1", "--set title.x=1: title is not a table"},
       {"title[0]=1", "--set title[0]=1: title is not a list"},
       {"nothing[0].x=1", "--set nothing[0].x=1: there is no nothing[0]"},
       {"title=a\nb", "--set title=a\\nb: must not contain control characters"},
       {"waveform[0].amplitud=1",
        "--set waveform[0].amplitud=1: unknown key waveform.amplitud; did you mean \"amplitude\"?"},
       {"integrate.method=dopri", "--set integrate.method=dopri: integrate.method = 'dopri': must be one of "},
       {"integrate.relative=7", "--set integrate.relative=7: tolerance: relative = 7: must be in (0, 1)"},
       {"initial.gamma[0]=x", "base.toml:8: initial.gamma = "},
       {"device.parameters.I_gamma=[3, -2]", "--set device.parameters.I_gamma=[3, -2]: threshold-window"}}));
  CAPTURE(setting);
  CHECK_THAT(answer({setting}), ContainsSubstring(message));
  CHECK_THAT(answer({"title=a", "title=b"}), StartsWith("--set title=b: sets a key that another --set sets"));
}

}  // namespace memdyn::test_scenario_settings
